// How people and bubbles look.

import { el } from "./dom.js";
import { file } from "./files.js";

const COLOURS = 6;

export function avatar(person) {
  if (!person) return el("span", { class: "avatar bot", "aria-hidden": "true" }, el("span", { class: "emblem" }));
  const letters = [...person.name];
  const colour = [...person.account].reduce((sum, one) => sum + one.codePointAt(0), 0) % COLOURS;
  return el("span", { class: `avatar c${colour}`, "aria-hidden": "true" }, letters.slice(-2).join(""));
}

export function personButton(person, same, chosen, unread, choose) {
  const tag = person.duty ? el("span", { class: person.leads ? "tag strong" : "tag" }, person.duty) : null;
  const place = [person.department, same ? person.account : ""].filter(Boolean).join(" · ");
  const words = el("span", { class: "words" }, el("b", {}, person.name), el("small", {}, place));
  const dot = unread ? el("span", { class: "dot" }, el("span", { class: "hidden" }, "有新私信")) : null;
  return el(
    "button",
    { type: "button", class: "person", "aria-pressed": String(chosen), "data-account": person.account, onclick: choose },
    avatar(person), words, dot, tag,
  );
}

// "@小李 好" -> text nodes and highlighted mentions.
function mentions(text) {
  return text.split(/(@[\p{L}\p{N}_]{1,20})/u).map((part, at) => (at % 2 ? el("span", { class: "at" }, part) : part));
}

function called(bubble, person, me) {
  if (!bubble.mention.length) return null;
  const mine = bubble.mention.filter((account) => account === me);
  const first = [...mine, ...bubble.mention.filter((account) => account !== me)].slice(0, 8);
  const tags = first.flatMap((account) => [
    el("span", { class: account === me ? "at me" : "at" }, `@${person(account)?.name ?? account}`), " ",
  ]);
  const more = bubble.mention.length > first.length ? `等 ${bubble.mention.length} 人` : "";
  return el("p", { class: "called" }, ...tags, more);
}

// What the text says beyond its card: a card repeats most of it.
function beyond(bubble) {
  const { title, lines } = bubble.card;
  const kept = [];
  for (const line of bubble.text.split("\n")) {
    const rest = line.replace(title, "").trim();
    if (rest && ![title, ...lines].some((one) => one.includes(rest))) kept.push(rest);
  }
  return kept.join("\n");
}

function cardOf(bubble, tap) {
  const { title, lines, buttons } = bubble.card;
  const parts = lines.map((line) => el("p", {}, ...mentions(line)));
  const row = buttons.map((button) =>
    el(
      "button",
      { type: "button", class: button.primary ? "" : "quiet", onclick: (event) => tap(bubble, button, event.target) },
      button.label,
    ),
  );
  return el("div", { class: "card" }, el("h3", {}, title), ...parts, row.length ? el("div", { class: "taps" }, ...row) : null);
}

function badge(bubble) {
  if (!bubble.pushed) return null;
  return el("span", { class: "badge tag warm" }, bubble.private ? "私信" : "定时推送");
}

// One bubble: own on the right, all others on the left. `acts` has what a tap on a button and on the message does.
export function message(bubble, person, me, acts) {
  const own = bubble.sender !== "" && bubble.sender === me;
  const sender = bubble.sender ? (person(bubble.sender) ?? { account: bubble.sender, name: bubble.sender }) : null;
  const side = own ? "own" : sender ? "other" : "bot";
  const name = sender ? sender.name : "支部小助手";
  const time = bubble.at.slice(11, 16);
  const label = `${name} ${time} 这条消息写下的记录`;
  const behind = el("button", { type: "button", class: "behind", "aria-label": label, onclick: () => acts.look(bubble) }, "记录");
  const meta = el("div", { class: "meta" }, el("b", {}, name), badge(bubble), el("time", {}, time), behind);
  const text = bubble.card ? beyond(bubble) : bubble.text;
  const to = sender && !bubble.private ? [el("span", { class: "at" }, "@支部小助手"), " "] : [];
  const inside = [];
  if (text) inside.push(el("p", { class: "said" }, ...to, ...mentions(text)));
  if (bubble.card) inside.push(cardOf(bubble, acts.tap));
  inside.push(...bubble.files.map((one, place) => file(`${bubble.number}/${place}`, one)));
  inside.push(called(bubble, person, me));
  const box = el("div", { class: "bubble" }, ...inside);
  // The button above does the same for the keyboard.
  box.addEventListener("click", (event) => {
    if (!event.target.closest("button, a, summary") && !getSelection().toString()) acts.look(bubble);
  });
  const calls = bubble.mention.includes(me) ? " calls" : "";
  const looks = { class: `msg ${side}${calls}`, "data-number": bubble.number };
  return el("article", looks, avatar(sender), el("div", { class: "side" }, meta, box));
}

export function dayLine(day) {
  const week = "日一二三四五六"[new Date(`${day}T00:00:00Z`).getUTCDay()];
  const [year, month, date] = day.split("-").map(Number);
  return el("p", { class: "day", "data-day": day }, `${year}年${month}月${date}日 周${week}`);
}
