// A robot made of Tencent's own SDK (@wecom/aibot-node-sdk), for the twin: it answers in every way there is.
const { WSClient } = require("@wecom/aibot-node-sdk");
const [wsUrl, botId, secret] = process.argv.slice(2);
const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const client = new WSClient({ botId, secret, wsUrl, heartbeatInterval: 50, reconnectInterval: 10, logger });
const card = (task_id) => ({
  card_type: "button_interaction", task_id, main_title: { title: "主题党日" },
  button_list: [{ text: "参加", style: 1, key: "参加 12" }],
});
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const guard = (work) => async (frame) => {
  try { tell((await work(frame)) ?? "done"); } catch (error) { tell({ error: error.errcode ?? String(error) }); }
};
client.on("authenticated", () => tell("authenticated"));
client.on("disconnected", (reason) => tell({ disconnected: String(reason) }));
client.on("error", (error) => tell({ trouble: String(error) }));
client.on("message.text", guard(async (frame) => {
  const said = frame.body.text.content;
  if (said.includes("卡片")) return void (await client.replyTemplateCard(frame, card("t1")));
  if (said.includes("文件")) {
    const media = await client.uploadMedia(Buffer.alloc(1300000, 7), { type: "file", filename: "台账.xlsx" });
    return void (await client.sendMediaMessage(frame.body.chatid, "file", media.media_id));
  }
  await client.replyStream(frame, "s1", "正在…", false);
  await client.replyStream(frame, "s1", `收到：${said}`, true);
}));
client.on("event.enter_chat", guard((frame) => client.replyWelcome(frame, { msgtype: "text", text: { content: "您好" } }).then(quiet)));
client.on("event.template_card_event", guard(async (frame) => {
  await client.updateTemplateCard(frame, card(frame.body.event.template_card_event.task_id), [frame.body.from.userid]);
  await client.sendMessage(frame.body.chatid, { msgtype: "markdown", markdown: { content: "已记" } });
}));
client.connect();
process.stdin.resume();
process.stdin.on("end", () => { client.disconnect(); process.exit(0); });
