// Files in a bubble: a picture is seen, a sheet or a paper is opened, everything can be taken along.

import { get } from "./api.js";
import { el } from "./dom.js";

const PICTURE = /\.(png|jpe?g)$/i;
const READABLE = /\.(xlsx|docx|csv|txt|json)$/i;

function table(part) {
  const wide = part.lines.some((line) => line.length > 1);
  const lines = part.lines.map((line) =>
    wide ? el("tr", {}, ...line.map((cell) => el("td", {}, cell))) : el("p", {}, line[0] ?? ""),
  );
  const body = wide ? el("table", {}, el("tbody", {}, ...lines)) : el("div", {}, ...lines);
  const name = part.name ? el("h4", {}, part.name) : null;
  const rest = part.more ? el("p", { class: "note" }, "后面还有，请下载看。") : null;
  return el("section", {}, name, body, rest);
}

async function open(place, button) {
  const shown = button.parentElement.parentElement.querySelector(".inside");
  const opens = shown.hidden;
  if (opens && !shown.querySelector("section")) {
    try {
      const { parts } = await get(`look/${place}`);
      shown.replaceChildren(...parts.map(table));
    } catch (error) {
      shown.replaceChildren(el("p", { class: "note" }, error.message));
    }
  }
  shown.hidden = !opens;
  button.setAttribute("aria-expanded", String(opens));
  button.textContent = opens ? "收起" : "打开";
}

// The file at a place ("bubble/number") as it stands in its bubble.
export function file(place, name) {
  const address = `/console/file/${place}`;
  if (PICTURE.test(name)) {
    const picture = el("img", { src: address, alt: `图片：${name}`, loading: "lazy" });
    return el("a", { class: "picture", href: address, target: "_blank", rel: "noopener" }, picture);
  }
  const look = el("button", { type: "button", class: "quiet", "aria-expanded": "false", "aria-label": `打开 ${name}` }, "打开");
  look.addEventListener("click", () => open(place, look));
  const take = el("a", { href: address, download: name, "aria-label": `下载 ${name}` }, "下载");
  const row = el("div", { class: "actions" }, el("b", {}, name), READABLE.test(name) ? look : null, take);
  const inside = el("div", { class: "inside wide", hidden: true, tabindex: "0", role: "region", "aria-label": name });
  return el("div", { class: "file" }, row, inside);
}
