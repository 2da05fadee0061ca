// The people on the left, a page at a time: the server looks for them, so there may be ten thousand.

import { get } from "./api.js";
import { el } from "./dom.js";
import { personButton } from "./view.js";

const WAIT = 200; // milliseconds after the last key
const list = document.getElementById("list");
const search = document.getElementById("search");
const known = new Map(); // account -> person, everybody who was ever listed or spoke
let listed = [];
let more = false;
let asked = 0;

export const person = (account) => known.get(account);
export const people = () => listed;

function note(some) {
  some.forEach((one) => known.set(one.account, one));
}

// Takes the people of a fresh state, unless somebody is being looked for or paged through.
export function setPeople(data) {
  note([...data.others, ...data.people]);
  if (search.value.trim() || listed.length > data.people.length) return;
  [listed, more] = [data.people, data.more];
}

// Asks for the names of accounts that nobody has listed yet; true where there were any.
export async function meet(accounts) {
  const strangers = [...new Set(accounts)].filter((one) => one && !known.has(one));
  if (!strangers.length) return false;
  const { people: some } = await get(`people?of=${encodeURIComponent(strangers.join(","))}`).catch(() => ({ people: [] }));
  strangers.forEach((account) => known.set(account, { account, name: account, duty: "", department: "", branch: "" }));
  note(some);
  return true;
}

async function look(skip, done) {
  const turn = (asked += 1);
  const words = encodeURIComponent(search.value.trim());
  const data = await get(`people?find=${words}&skip=${skip}`).catch(() => null);
  if (!data || turn !== asked) return; // something newer was asked meanwhile
  note(data.people);
  listed = skip ? [...listed, ...data.people] : data.people;
  more = data.more;
  done();
}

export function drawPeople(me, unread, choose) {
  const focused = document.activeElement?.dataset?.account;
  const again = () => drawPeople(me, unread, choose);
  const times = new Map();
  listed.forEach((one) => times.set(one.name, (times.get(one.name) ?? 0) + 1));
  list.replaceChildren();
  let branch = null;
  for (const one of listed) {
    if (one.branch !== branch) list.append(el("h2", {}, (branch = one.branch) || "其他"));
    const same = times.get(one.name) > 1;
    list.append(personButton(one, same, one.account === me, unread.has(`@${one.account}`), () => choose(one)));
  }
  if (!listed.length) list.append(el("p", { class: "empty" }, "没有找到。"));
  if (more) list.append(el("button", { type: "button", class: "quiet more", onclick: () => look(listed.length, again) }, "再列一些"));
  if (focused) list.querySelector(`[data-account="${CSS.escape(focused)}"]`)?.focus();
}

// Looks while somebody types.
export function wireSearch(drawn) {
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look(0, drawn), WAIT);
  });
}
