// The panel beside the chat: the rows that a message wrote, by table. It follows the newest message until one is tapped.

import { get } from "./api.js";
import { el } from "./dom.js";

const STATES = { planned: "待发", claimed: "正在发", sent: "已发", failed: "没发出", unknown: "不确定", merged: "并入别条" };
const MACHINE = ["trail", "seen", "outbox", "questions", "files", "jobs"];
const $ = (id) => document.getElementById(id);
let shown = 0;
let pinned = false;

function cell(one, did) {
  const name = el("span", { class: "column", title: one.column }, one.called);
  if (did !== "改" || one.before === one.after) return el("li", {}, name, ` ${one.after || one.before}`);
  return el("li", {}, name, " ", el("del", {}, one.before || "空"), " → ", el("ins", {}, one.after || "空"));
}

function row(one) {
  const looks = { 加: "tag done", 改: "tag warm", 删: "tag strong" };
  return el("div", { class: "row" }, el("span", { class: looks[one.did] }, one.did), el("ul", {}, ...one.cells.map((it) => cell(it, one.did))));
}

function table(one) {
  const count = one.rows.length + one.more;
  const more = one.more ? el("p", { class: "note" }, `另有 ${one.more} 行。`) : null;
  const head = el("summary", {}, `${one.called} `, el("code", {}, one.table), ` ${count} 行`);
  return el("details", { class: "table", open: !MACHINE.includes(one.table) }, head, ...one.rows.map(row), more);
}

function entry(one) {
  const kept = one.tables.some((it) => it.table !== "seen");
  const nothing = kept ? null : el("p", { class: "note" }, "没有改动任何记录，只记下收到过这条消息。");
  const said = el("blockquote", {}, one.text.length > 80 ? `${one.text.slice(0, 80)}…` : one.text);
  return el("section", {}, el("h3", {}, one.who), said, nothing, ...one.tables.map(table));
}

async function draw(number) {
  if (!$("records").open || !number) return;
  let entries;
  try {
    ({ entries } = await get(`rows/${number}`));
  } catch (error) {
    if (number === shown) $("rows").replaceChildren(el("p", { class: "note" }, error.message));
    return;
  }
  if (number !== shown) return;
  const none = el("p", { class: "note" }, "这条消息没有写下什么，或者它已经太早。");
  $("rows").replaceChildren(...(entries.length ? entries.map(entry) : [none]));
}

// Whether a message was tapped and is being looked at.
export const looksAt = (number) => pinned && number === shown;

function mark() {
  document.querySelectorAll(".msg.looked").forEach((one) => one.classList.remove("looked"));
  if (pinned) document.querySelector(`.msg[data-number="${shown}"]`)?.classList.add("looked");
  $("follow").hidden = !pinned;
}

// Shows the rows of a message that was tapped, until "back to the newest".
export function pin(number) {
  [shown, pinned] = [number, true];
  $("records").open = true;
  mark();
  return draw(number);
}

// The newest message: shown unless another one is being looked at, or the same one got more rows.
export function follow(number) {
  if (pinned && number !== shown) return;
  shown = number;
  draw(number);
}

export function showOutbox(states) {
  const counts = Object.entries(states).map(([state, count]) => `${STATES[state] ?? state} ${count}`);
  $("outbox").textContent = counts.length ? `推送：${counts.join(" · ")}` : "还没有推送。";
}

export function wireRows(newest) {
  $("rows").append(el("p", { class: "note" }, "点一条消息，看它在数据库里写了哪几行。"));
  $("records").addEventListener("toggle", () => draw(shown));
  $("follow").addEventListener("click", () => {
    pinned = false;
    mark();
    follow(newest());
    $("rows").focus();
  });
}
