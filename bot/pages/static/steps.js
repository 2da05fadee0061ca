// The seven steps of the tour: what a newcomer is told, and what is said and done to show it.
// `cast` has the leader, the members a, b, c, d, e, the meeting's number (as " #1") and the day after it.

const in_group = (who, text) => ({ who, text });
const alone = (who, text) => ({ who, text, alone: true });

export const STEPS = [
  {
    title: "书记开一个会",
    text: ({ leader }) => `${leader.name} 是书记。在群里说一句话，会就开好了：时间、地点、应到人数和按钮都在卡片上。`,
    acts: ({ leader }) => [in_group(leader, "/attendance open 主题党日 明天15:00 三楼会议室")],
    after: "卡片上是“应到 · 参加 · 请假 · 未回”。“写下的记录”里是这句话在数据库里写的几行。",
  },
  {
    title: "三位党员用自己的话回复",
    text: () => "不用学口令。参加、我能来、替同事说一声，都听得懂；没听懂的不猜，也不记。",
    acts: ({ a, b, c, e, number }) => [
      in_group(a, `参加${number}`), in_group(b, `我能来${number}`), in_group(c, `我和${e.name}都参加${number}`),
    ],
    after: "四个人记上了，每次都回“已记”和最新的人数。",
  },
  {
    title: "一位请假",
    text: ({ d }) => `${d.name} 要值夜班。群里只回“请假”，原因只有书记在私聊里看得到。`,
    acts: ({ d, number }) => [in_group(d, `值夜班，去不了${number}`)],
    after: "群里看不到原因；病假、产假也一样。",
  },
  {
    title: "到场签到",
    text: () => "书记说一声开始签到，到场的回“签到”。报名和实到分开记。",
    acts: ({ leader, a, b, number }) => [
      in_group(leader, `/attendance checkin on${number}`), in_group(a, `签到${number}`), in_group(b, `我到了${number}`),
    ],
    after: "状态行后面多了“实到”。",
  },
  {
    title: "会议记录",
    text: () => "主持人、记录人、议题说进来，时间、地点、人数和名单不用抄。会议记录只在私聊里说。",
    acts: ({ leader, b, number }) => [
      alone(leader, `/attendance record${number} 主持人 ${leader.name} 记录人 ${b.name} 议题 学习党章`),
    ],
    after: "“还缺”说的是还差什么。改过的也留着原来的。",
  },
  {
    title: "拨动时间，看提醒",
    text: () => "到时候系统自己提醒还没回的人，晚上不打扰，不提醒两遍。现在把时间拨到下一个提醒。",
    acts: ({ leader }) => [{ who: leader, clock: { to: "next" } }],
    after: "还可以“放一个月”：一分钟看完一个月的提醒，随时可停。",
  },
  {
    title: "一个数，和它背后的记录",
    text: () => "会开完了，结束登记。报表里的每个数都能追到是哪几条记录算出来的。",
    acts: ({ leader, number, nextDay }) => [
      { who: leader, clock: { to: nextDay } },
      in_group(leader, `/attendance close${number}`),
      alone(leader, "/report why 出勤率"),
    ],
    after: "实到几人、应到几人、是谁，一行一行都在。导览完了，随便试吧。",
  },
];
