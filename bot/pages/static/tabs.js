// The chats as tabs: one at a time has the focus, the arrows turn them.

import { el } from "./dom.js";

const list = document.getElementById("tabs");
const chosen = () => list.querySelector("[aria-selected=true]");

// Draws the tabs ({name, key, go}); `open` is the key of the one that is open, `unread` the keys where something new was said.
export function showTabs(tabs, open, unread) {
  const focused = document.activeElement?.getAttribute("role") === "tab";
  list.replaceChildren(
    ...tabs.map(({ name, key, go }) => {
      const dot = unread.has(key) ? el("span", { class: "dot" }, el("span", { class: "hidden" }, "有新消息")) : null;
      const looks = { type: "button", role: "tab", "aria-selected": String(key === open), "aria-controls": "log" };
      return el("button", { ...looks, tabindex: key === open ? "0" : "-1", onclick: go }, name, dot);
    }),
  );
  chosen()?.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (focused) chosen()?.focus();
}

function turn(event) {
  const tabs = [...list.children];
  const at = tabs.indexOf(chosen());
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  tabs.at(to % tabs.length).click();
}

export function wireTabs() {
  list.addEventListener("keydown", turn);
}
