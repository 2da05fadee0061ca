// The side panel: what the last message wrote, read from the trail.

import { get } from "./api.js";
import { el } from "./view.js";

const STATES = { planned: "待发", claimed: "正在发", sent: "已发", failed: "没发出", unknown: "不确定" };
let newest = 0;

function row(one, fresh) {
  const when = one.at.slice(5, 16).replace("T", " ");
  const what = el("p", {}, el("b", {}, one.who), ` ${one.action} `, el("span", { class: "subject" }, one.subject));
  return el("li", { class: fresh ? "fresh" : "" }, el("small", {}, `${when} ${one.branch}`), what);
}

// Draws the panel if it is open; rows that came since the last time stand out.
export async function showRows(panel, outbox, list) {
  if (!panel.open) return;
  let data;
  try {
    data = await get("rows");
  } catch {
    return;
  }
  const seen = newest;
  const counts = Object.entries(data.outbox).map(([state, count]) => `${STATES[state] ?? state} ${count}`);
  outbox.textContent = counts.length ? `推送：${counts.join(" · ")}` : "还没有推送。";
  list.replaceChildren(...data.rows.map((one) => row(one, seen > 0 && one.id > seen)));
  newest = Math.max(newest, ...data.rows.map((one) => one.id));
}
