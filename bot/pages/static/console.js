// The console: one person is played at a time, in one chat at a time; everything else keeps coming in.

import { get, listen, post } from "./api.js";
import { chips } from "./chips.js";
import { setNow, wireClock } from "./clock.js";
import { el } from "./dom.js";
import { drawLog, place } from "./log.js";
import { drawPeople, meet, people, person, setPeople, wireSearch } from "./people.js";
import { follow, pin, showOutbox, wireRows } from "./rows.js";
import { showTabs, wireTabs } from "./tabs.js";
import { startTour } from "./tour.js";

const $ = (id) => document.getElementById(id);
const state = { chats: [], bubbles: new Map(), unread: new Set(), me: null, chat: null, private: false };

const MOST_TABS = 8;
const AGAIN = 3000; // milliseconds until a page that could not be loaded is asked for again

const chatKey = (bubble) => (bubble.private ? `@${bubble.chat}` : bubble.chat);
const here = () => (state.private ? `@${state.me}` : state.chat);

function status(text, bad = false) {
  $("status").textContent = text;
  $("status").className = bad ? "bad" : "";
}

// --- people and chats ------------------------------------------------------------------------------------------

const drawList = () => drawPeople(state.me, state.unread, choose);

function choose(one) {
  state.me = one.account;
  const now = state.chats.find((chat) => chat.chat === state.chat);
  if (one.branch && now?.branch !== one.branch) {
    state.chat = (state.chats.find((chat) => chat.branch === one.branch) ?? state.chats[0]).chat;
  }
  drawer(false);
  drawAll();
}

function open(chat, alone) {
  state.private = alone;
  if (!alone) state.chat = chat;
  drawAll();
}

// All groups; where there are many, the one that is open, those of the person's own branch and where something new was said.
function nearChats() {
  if (state.chats.length <= MOST_TABS) return state.chats;
  const home = person(state.me).branch;
  const reasons = [(one) => one.chat === state.chat, (one) => home && one.branch === home, (one) => state.unread.has(one.chat)];
  const near = [...new Set(reasons.flatMap((reason) => state.chats.filter(reason)))].slice(0, MOST_TABS);
  return state.chats.filter((one) => near.includes(one));
}

function drawTabs() {
  const tabs = nearChats().map((chat) => ({ name: chat.name, key: chat.chat, go: () => open(chat.chat, false) }));
  tabs.push({ name: "私聊小助手", key: `@${state.me}`, go: () => open(state.chat, true) });
  showTabs(tabs, here(), state.unread);
}

function drawer(shown) {
  document.body.classList.toggle("drawer", shown);
  $("people-open").setAttribute("aria-expanded", String(shown));
  if (shown) $("search").focus();
}

// --- what is said ----------------------------------------------------------------------------------------------

// One after the other, so that nobody overtakes a message whose sender's name is still asked for.
let hearing = Promise.resolve();
const hear = (bubble) => (hearing = hearing.then(() => heard(bubble)).catch((error) => status(error.message, true)));

async function heard(bubble) {
  const known = state.bubbles.has(bubble.number);
  state.bubbles.set(bubble.number, bubble);
  await meet([bubble.sender, ...bubble.mention.slice(0, 8)]);
  if (chatKey(bubble) === here()) {
    place(bubble, look());
    if (!bubble.sender) follow(bubble.number);
  } else if (!known) {
    state.unread.add(chatKey(bubble));
    drawTabs();
    drawList();
  }
}

const look = () => ({ me: state.me, acts: { tap, look: (one) => pin(one.number) } });
const saidHere = () => [...state.bubbles.values()].filter((bubble) => chatKey(bubble) === here());

const newest = () => Math.max(0, ...saidHere().map((one) => one.number));

async function say(text) {
  return act("say", { as: state.me, chat: state.chat, private: state.private, text });
}

// A button that is disabled would lose the focus: it only says so while it works.
async function tap(bubble, button, node) {
  if (node.getAttribute("aria-disabled")) return;
  node.setAttribute("aria-disabled", "true");
  const data = { as: state.me, chat: bubble.chat, private: bubble.private, command: button.command, bubble: bubble.number };
  await act("tap", data);
  node.removeAttribute("aria-disabled");
}

// What the server said to it, null where it failed.
async function act(path, data) {
  status("");
  let done;
  try {
    done = await post(path, data);
  } catch (error) {
    status(error.message, true);
    return null;
  }
  if (done.answer === null) status("小助手没有作声：没看出这句话是要办什么事，也没有记录。");
  follow(done.answer ?? done.bubble);
  await refresh();
  return done;
}

// A message may have bound a group or linked an account.
async function refresh() {
  const data = await get(`state?after=${Number.MAX_SAFE_INTEGER}`).catch(() => null);
  if (!data) return;
  setNow(data.now);
  const before = JSON.stringify([people(), state.chats]);
  take(data);
  if (JSON.stringify([people(), state.chats]) !== before) drawAll();
}

function drawChips() {
  const bound = state.private || Boolean(state.chats.find((chat) => chat.chat === state.chat)?.branch);
  const home = state.chats.find((other) => other.branch)?.branch ?? "支部名称";
  $("chips").replaceChildren(
    ...chips(person(state.me), bound, home).map(([label, text, draft]) =>
      el("button", { type: "button", class: "chip quiet", title: text, onclick: () => (draft ? write(text) : say(text)) }, label),
    ),
  );
}

function write(text) {
  $("text").value = text;
  $("text").focus();
  grow();
}

function grow() {
  const box = $("text");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 160)}px`;
}

function drawAll() {
  state.unread.delete(here());
  const one = person(state.me);
  $("people-open").textContent = `${one.name} ▾`;
  $("people-open").setAttribute("aria-label", `扮演：${one.name}，换人`);
  $("as").textContent = `以 ${one.name}${one.duty ? `（${one.duty}）` : ""} 的身份发言`;
  $("at").hidden = state.private;
  drawList();
  drawTabs();
  drawChips();
  drawLog(saidHere(), look(), state.private ? "这里只有您和小助手。" : "这里还没有人说话。");
}

// --- the start -------------------------------------------------------------------------------------------------

function take(data) {
  setPeople(data);
  showOutbox(data.outbox);
  state.chats = data.chats;
  if (!person(state.me)) state.me = (people().find((one) => one.leads) ?? people()[0]).account;
  if (!state.chats.some((chat) => chat.chat === state.chat)) {
    const home = person(state.me).branch;
    state.chat = (state.chats.find((chat) => chat.branch && chat.branch === home) ?? state.chats[0]).chat;
  }
}

async function load() {
  const data = await get("state");
  status("");
  take(data);
  state.bubbles = new Map(data.bubbles.map((bubble) => [bubble.number, bubble]));
  setNow(data.now);
  $("moves").hidden = !data.movable;
  drawAll();
  listen(data.mark, hear, loaded);
  follow(newest());
}

// However often it takes: a program that is being restarted is back in a moment.
async function loaded() {
  try {
    await load();
  } catch (error) {
    status(error.message, true);
    await new Promise((done) => setTimeout(done, AGAIN));
    await loaded();
  }
}

async function start() {
  await loaded();
  startTour({ people, groups: () => state.chats, plays: tourPlays, says: tourSays, status });
}

// The tour plays somebody, in the group or alone with the bot.
function tourPlays(who, alone) {
  state.private = alone;
  choose(who);
}

// What the bot answers to what the tour says. Throws where that failed.
async function tourSays(text) {
  const done = await say(text);
  if (!done) throw new Error($("status").textContent);
  return done.heard;
}

async function send(event) {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  grow();
  if (!(await say(text)) && !$("text").value) write(text);
}

function wire() {
  $("form").addEventListener("submit", send);
  $("text").addEventListener("input", grow);
  $("text").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $("form").requestSubmit();
  });
  $("people-open").addEventListener("click", () => drawer(!document.body.classList.contains("drawer")));
  $("people-close").addEventListener("click", () => { drawer(false); $("people-open").focus(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") drawer(false); });
  wireSearch(drawList, status);
  wireTabs();
  wireRows(newest);
  wireClock(status, refresh);
  $("records").open = matchMedia("(min-width: 941px)").matches;
  // The token has become a cookie: it need not stay in the address.
  if (location.search) history.replaceState(null, "", location.pathname);
}

wire();
start();
