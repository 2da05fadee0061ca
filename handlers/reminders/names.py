"""What the calendar's jobs are called in chat, and to whom they speak: one table for `/remind` and for the jobs."""

from __future__ import annotations

from bot.message import Refused

NAMES: dict[str, str] = {
    "theme_day_notice": "主题党日",
    "series_notice": "重复会议",
    "meeting_notice": "会议",
    "deadline_notice": "报名截止",
    "checkin_notice": "签到",
    "duty_absence": "值班",
    "record_notice": "会议记录",
    "makeup_notice": "补学",
    "shift_notice": "志愿服务",
    "dues_notice": "党费",
    "dues_overdue": "党费欠交",
    "month_close": "党费封账",
    "dues_bases": "党费核定",
    "month_watch": "每月频次",
    "quarter_watch": "每季频次",
    "year_watch": "全年频次",
    "development_notice": "发展党员",
    "overdue_notice": "逾期事项",
    "contact_notice": "流动党员",
    "month_digest": "上月小结",
    "year_plan": "年度计划",
    "year_notice": "节假日",
}
AUDIENCES: dict[str, str] = {
    "branch": "群里",
    "members": "本人",
    "secretary": "书记",
    "collector": "党费收缴人",
    "committee": "支委",
}
EVERY = ("", "全部", "所有", "all")


def job_named(word: str) -> str:
    """The job that a word names, "" for all of them. Raises Refused."""
    if word.lower() in EVERY:
        return ""
    found = [name for name, chinese in NAMES.items() if word in (name, chinese)]
    if not found:
        raise Refused(f"没有叫“{word[:20]}”的提醒。可以写：{'、'.join(NAMES.values())}，或：全部")
    return found[0]
