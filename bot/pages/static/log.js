// The messages of the chat that is open, oldest first, a line between two days.

import { el } from "./dom.js";
import { person } from "./people.js";
import { looksAt } from "./rows.js";
import { dayLine, message } from "./view.js";

const NEAR = 160; // pixels from the end: whoever reads there goes on reading there
const log = document.getElementById("log");

// Puts a message at the end, or in the place of what it was; `look` says who looks and what a tap does.
export function place(bubble, { me, acts }) {
  const near = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  const node = message(bubble, person, me, acts);
  node.classList.toggle("looked", looksAt(bubble.number));
  log.querySelector(".empty")?.remove();
  const old = log.querySelector(`[data-number="${bubble.number}"]`);
  if (old) replace(old, node);
  else append(bubble, node);
  if (near || bubble.sender === me) log.scrollTop = log.scrollHeight;
}

// Whoever has the focus on a button keeps it on the new one.
function replace(old, node) {
  const label = old.contains(document.activeElement) ? document.activeElement.textContent : "";
  old.replaceWith(node);
  if (label) [...node.querySelectorAll("button")].find((one) => one.textContent === label)?.focus();
}

function append(bubble, node) {
  const day = bubble.at.slice(0, 10);
  const last = [...log.querySelectorAll(".day")].at(-1);
  if (last?.dataset.day !== day) log.append(dayLine(day));
  log.append(node);
}

// Draws a chat anew. It is not read out from its beginning: the log is busy until it stands.
export function drawLog(said, look, whereNothing) {
  log.setAttribute("aria-busy", "true");
  log.replaceChildren();
  said.sort((one, other) => one.number - other.number).forEach((bubble) => place(bubble, look));
  if (!said.length) log.append(el("p", { class: "empty" }, `${whereNothing}可以从下面常用的话开始。`));
  log.scrollTop = log.scrollHeight;
  log.setAttribute("aria-busy", "false");
}
