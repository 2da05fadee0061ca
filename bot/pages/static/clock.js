// The house's clock: it runs here between two answers, and moves only forward.

import { post } from "./api.js";

const $ = (id) => document.getElementById(id);
const DAY = 1440; // minutes
const DAYS = 30; // of a month that is played
const PACE = 2000; // milliseconds for a day: a month in a minute
let now = "";
let heardAt = 0;
let playing = false;
let wake = () => {}; // ends the pause between two days
let say = () => {};
let moved = () => {};

export function setNow(text) {
  now = text;
  heardAt = Date.now();
  draw();
}

// The house's wall clock, not the browser's: its digits are read as if they were UTC.
function wall() {
  return new Date(Date.parse(`${now.slice(0, 19)}Z`) + Date.now() - heardAt);
}

// The moment that a wall clock shows, as the server reads it.
const words = (then) => then.toISOString().slice(0, 16);

function draw() {
  if (!now) return;
  const then = wall();
  const week = "日一二三四五六"[then.getUTCDay()];
  const [day, time] = then.toISOString().split("T");
  const [year, month, date] = day.split("-").map(Number);
  $("now").textContent = `${year}年${month}月${date}日 周${week} ${time.slice(0, 5)}`;
  $("now").dateTime = `${day}T${time.slice(0, 5)}`;
  $("goto-when").min = words(then);
}

// Whether a moment is behind.
export const past = (moment) => moment <= words(wall());

// A day after today at an hour, as the server reads it.
export function dayAfter(days, hour) {
  const then = wall();
  return words(new Date(Date.UTC(then.getUTCFullYear(), then.getUTCMonth(), then.getUTCDate() + days, hour)));
}

function nextFifth() {
  const then = wall();
  const fifth = (month) => new Date(Date.UTC(then.getUTCFullYear(), month, 5, 9));
  const soon = fifth(then.getUTCMonth());
  return words(soon > then ? soon : fifth(then.getUTCMonth() + 1));
}

function disable(off, besides = null) {
  document.querySelectorAll("#moves button").forEach((one) => (one.disabled = off && one !== besides));
}

// Moves the clock as `data` says and tells how many reminders were said on the way. Throws what the server says.
export async function move(data) {
  const answer = await post("clock", data);
  setNow(answer.now);
  moved();
  return answer.said;
}

async function press(data, button) {
  disable(true);
  say("时间在走…");
  try {
    const said = await move(data);
    say(said ? `推送了 ${said} 条。` : "时间到了，没有要推送的（都已回复、没有欠交，就不打扰）。");
  } catch (error) {
    say(error.message, true);
  }
  disable(false);
  button.focus();
}

function pause(milliseconds) {
  return new Promise((done) => {
    wake = done;
    setTimeout(done, Math.max(0, milliseconds));
  });
}

// Plays a month in a minute; the same button, or Escape, stops it after the day at hand.
async function play() {
  if (playing) return stop();
  playing = true;
  disable(true, $("play"));
  $("play").textContent = "停";
  let said = 0;
  let day = 0;
  try {
    while (playing && day < DAYS) {
      const began = Date.now();
      said += await move({ minutes: DAY });
      day += 1;
      say(`第 ${day} 天，共 ${DAYS} 天，推送了 ${said} 条。`);
      if (day < DAYS) await pause(PACE - (Date.now() - began));
    }
    say(`${day < DAYS ? "停了" : "放完了"}：过了 ${day} 天，推送了 ${said} 条。`);
  } catch (error) {
    say(error.message, true);
  }
  playing = false;
  disable(false);
  $("play").textContent = "放一个月";
}

function stop() {
  playing = false;
  wake();
}

// Lets the buttons move the clock; `status` says how it went, `done` hears when it did.
export function wireClock(status, done) {
  [say, moved] = [status, done];
  document.querySelectorAll("#moves [data-minutes], #moves [data-to]").forEach((one) => {
    const data = one.dataset.to ? { to: one.dataset.to } : { minutes: Number(one.dataset.minutes) };
    one.addEventListener("click", () => press(data, one));
  });
  $("play").addEventListener("click", play);
  $("goto").addEventListener("toggle", () => {
    if ($("goto").open && !$("goto-when").value) $("goto-when").value = dayAfter(1, 9);
  });
  $("goto-fifth").addEventListener("click", () => press({ to: nextFifth() }, $("goto-fifth")));
  $("goto-form").addEventListener("submit", (event) => {
    event.preventDefault();
    press({ to: $("goto-when").value }, event.submitter ?? $("goto-when"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    stop();
    if (!$("goto").open) return;
    $("goto").open = false;
    $("goto").querySelector("summary").focus();
  });
  setInterval(draw, 10000);
}
