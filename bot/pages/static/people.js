// The people on the left, a page at a time: the server looks for them, so there may be ten thousand.

import { get } from "./api.js";
import { el } from "./dom.js";
import { personButton } from "./view.js";

const WAIT = 200; // milliseconds after the last key
const list = document.getElementById("list");
const search = document.getElementById("search");
const known = new Map(); // account -> person, everybody who was ever listed or spoke
let first = []; // the house's first page, whoever is being looked for
let listed = [];
let more = false;
let paged = false; // more than the first page is listed
let asked = 0;
let drawn = () => {}; // what to do when other people are listed
let failed = () => {}; // what to do where they could not be asked for

export const person = (account) => known.get(account);
export const people = () => first;

function note(some) {
  some.forEach((one) => known.set(one.account, one));
}

// Takes the people of a fresh state, unless somebody is being looked for or paged through.
export function setPeople(data) {
  note([...data.others, ...data.people]);
  first = data.people;
  if (search.value.trim() || paged) return;
  [listed, more] = [data.people, data.more];
}

// Asks for the names of accounts that nobody has listed yet.
export async function meet(accounts) {
  const strangers = [...new Set(accounts)].filter((one) => one && !known.has(one));
  if (!strangers.length) return;
  const data = await get(`people?of=${encodeURIComponent(strangers.join(","))}`).catch(() => null);
  if (!data) return; // their accounts stand for them until they are heard of again
  strangers.forEach((account) => known.set(account, { account, name: account, duty: "", department: "", branch: "" }));
  note(data.people);
}

async function look(skip) {
  const turn = (asked += 1);
  const words = encodeURIComponent(search.value.trim());
  let data;
  try {
    data = await get(`people?find=${words}&skip=${skip}`);
  } catch (error) {
    if (turn === asked) failed(error.message, true);
    return;
  }
  if (turn !== asked) return; // something newer was asked meanwhile
  note(data.people);
  listed = skip ? [...listed, ...data.people] : data.people;
  [more, paged] = [data.more, skip > 0];
  drawn();
}

export function drawPeople(me, unread, choose) {
  const focused = document.activeElement?.dataset?.account;
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
  if (more) list.append(el("button", { type: "button", class: "quiet more", onclick: () => look(listed.length) }, "再列一些"));
  if (focused) list.querySelector(`[data-account="${CSS.escape(focused)}"]`)?.focus();
}

// Looks while somebody types; `redraw` hears of other people, `status` of what went wrong.
export function wireSearch(redraw, status) {
  [drawn, failed] = [redraw, status];
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look(0), WAIT);
  });
}
