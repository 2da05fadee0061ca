// The tour for a newcomer: seven steps, each told in words and shown by the real bot. Where one is, is remembered.

import { dayAfter, move, past } from "./clock.js";
import { STEPS } from "./steps.js";

const $ = (id) => document.getElementById(id);
const KEPT = "zhibu-tour";
const BREATH = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 700; // milliseconds between two people
let chat = null; // what the tour may do: people(), groups(), plays(who, alone), says(text), status(text, bad)
let at = { step: 0, over: false, number: "", nextDay: "" }; // the meeting's number, and the evening after it
let shown = false; // what this step shows has been shown

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? {};
  } catch {
    return {}; // a browser that keeps nothing starts anew each time
  }
}

function remember() {
  try {
    localStorage.setItem(KEPT, JSON.stringify(at));
  } catch {
    return;
  }
}

// Who plays: a secretary of a branch with a group, and five of its members whose names nobody else has.
function cast() {
  const people = chat.people();
  const leader = people.find((one) => one.leads && chat.groups().some((group) => one.branch && group.branch === one.branch));
  if (!leader) return null;
  const same = people.filter((one) => one.branch === leader.branch && one.account !== leader.account);
  const single = same.filter((one) => people.filter((other) => other.name === one.name).length === 1);
  const [a, b, c, d, e] = single.sort((one, other) => Number(one.leads) - Number(other.leads));
  return e && { leader, a, b, c, d, e, number: at.number, nextDay: at.nextDay };
}

function draw(focus) {
  $("tour").hidden = at.over;
  $("tour-open").setAttribute("aria-expanded", String(!at.over));
  if (at.over) return;
  const step = STEPS[at.step];
  const who = cast();
  const last = at.step === STEPS.length - 1;
  $("tour-where").textContent = `导览 ${at.step + 1} / ${STEPS.length}`;
  $("tour-title").textContent = step.title;
  $("tour-text").textContent = who ? (shown ? step.after : step.text(who)) : "这里的人太少，导览要一位书记和五位党员。";
  $("tour-do").hidden = shown || !who;
  $("tour-next").textContent = last ? "完成" : "下一步";
  $("tour-next").classList.toggle("quiet", !shown);
  $("tour-skip").hidden = last && shown;
  if (focus) $("tour-title").focus();
}

async function act(one) {
  chat.plays(one.who, Boolean(one.alone));
  if (one.clock) return past(one.clock.to) ? null : move(one.clock);
  const answer = await chat.says(one.text);
  const opened = at.step === 0 && /#(\d+)/.exec(answer ?? "");
  if (opened) [at.number, at.nextDay] = [` #${opened[1]}`, dayAfter(1, 17)];
}

// Nobody goes on while people are still speaking.
function busy(on) {
  ["tour-do", "tour-next", "tour-skip", "tour-open"].forEach((id) => ($(id).disabled = on));
}

async function show() {
  busy(true);
  try {
    for (const [place, one] of STEPS[at.step].acts(cast()).entries()) {
      if (place) await new Promise((done) => setTimeout(done, BREATH));
      await act(one);
    }
    shown = true;
  } catch (error) {
    chat.status(error.message, true);
  }
  busy(false);
  remember();
  draw(false);
  if (shown) $("tour-next").focus();
}

function go(step) {
  shown = false;
  at.over = step >= STEPS.length;
  at.step = at.over ? 0 : step;
  remember();
  draw(true);
  if (at.over) $("tour-open").focus();
}

// Starts the tour where it was left; whoever skipped it or came to its end is not asked again.
export function startTour(doings) {
  chat = doings;
  at = { ...at, ...remembered() };
  if (!STEPS[at.step]) at.step = 0;
  $("tour-do").addEventListener("click", show);
  $("tour-next").addEventListener("click", () => go(at.step + 1));
  $("tour-skip").addEventListener("click", () => go(STEPS.length));
  $("tour-open").addEventListener("click", () => go(at.over ? 0 : at.step));
  draw(false);
}
