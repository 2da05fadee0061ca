// The house's clock: it runs here between two answers, and moves only forward.

import { post } from "./api.js";

const shown = document.getElementById("now");
const buttons = document.querySelectorAll(".moves button");
let now = "";
let heardAt = 0;

export function setNow(text) {
  now = text;
  heardAt = Date.now();
  draw();
}

function draw() {
  if (!now) return;
  // The house's wall clock, not the browser's: its digits are read as if they were UTC.
  const then = new Date(Date.parse(`${now.slice(0, 19)}Z`) + Date.now() - heardAt);
  const week = "日一二三四五六"[then.getUTCDay()];
  const [day, time] = then.toISOString().split("T");
  const [year, month, date] = day.split("-").map(Number);
  shown.textContent = `${year}年${month}月${date}日 周${week} ${time.slice(0, 5)}`;
  shown.dateTime = `${day}T${time.slice(0, 5)}`;
}

async function move(button, status) {
  const data = button.dataset.to ? { to: button.dataset.to } : { minutes: Number(button.dataset.minutes) };
  buttons.forEach((one) => (one.disabled = true));
  status("时间在走…");
  try {
    const answer = await post("clock", data);
    setNow(answer.now);
    status(answer.said ? `推送了 ${answer.said} 条。` : "时间到了，没有要推送的（都已回复、没有欠交，就不打扰）。");
  } catch (error) {
    status(error.message, true);
  }
  buttons.forEach((one) => (one.disabled = false));
  button.focus();
}

// Lets the buttons move the clock; `status` says how it went, `moved` hears when it did.
export function wireClock(status, moved) {
  buttons.forEach((one) => one.addEventListener("click", () => move(one, status).then(moved)));
  setInterval(draw, 10000);
}
