// What people often say, to be tapped: [what stands on it, what is said, whether it is only written into the line].

const MEMBER_CHIPS = ["参加", "请假 值班", "签到", "报名", "已交", "活动", "我的", "帮助"];
const LEADER_CHIPS = [
  ["开主题党日", "/attendance open 主题党日 明天15:00 三楼会议室", true],
  ["开始签到", "/attendance checkin on"],
  ["考勤", "/attendance"], ["党费", "/dues"], ["提醒", "/remind"], ["待办", "/todo"], ["报表", "/report"],
];

// Those of a person in a chat; `bound` says that the chat has a branch, `home` names one that it could have.
export function chips(one, bound, home) {
  const found = MEMBER_CHIPS.map((text) => [text, text]);
  if (one.leads) found.unshift(...LEADER_CHIPS);
  if (one.leads && !bound) found.unshift(["绑定这个群", `/branch bind ${home}`, true]);
  if (!one.branch && !one.leads) found.unshift(["我是…", "我是 ", true]);
  return found;
}
