"""One reply to many people: twenty in a call of the quota, and what became of each, member by member.

Source: open.dingtalk.com, "batch send one-to-one": at most 20 userIds (its error text says 100; 20 is what the field's
own description says). An answer of 200 does not mean that everybody got it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.message import Retry, Trouble, Undeliverable
from bot.platforms.dingtalk_api import Api
from bot.platforms.dingtalk_body import STRANGER
from bot.platforms.dingtalk_wire import Heard, judge_api

BATCH = "/v1.0/robot/oToMessages/batchSend"
AT_ONCE = 20
FLOW_CONTROLLED = 60.0  # seconds; no document says how long
OUTSIDER = "somebody outside the organisation can't be written to"


async def tell(api: Api, accounts: Sequence[str], msg_key: str, msg_param: str) -> dict[str, Trouble]:
    """Says one message of the robot API to each account; {account: why it was not reached}, {} where all were."""
    failed: dict[str, Trouble] = {one: Undeliverable(OUTSIDER) for one in accounts if one.startswith(STRANGER)}
    known = [one for one in dict.fromkeys(accounts) if one not in failed]
    for at in range(0, len(known), AT_ONCE):
        some = known[at : at + AT_ONCE]
        message = {"robotCode": api.robot, "msgKey": msg_key, "msgParam": msg_param, "userIds": some}
        try:
            heard = await api.call(BATCH, message)
            judge_api(heard)
            failed |= {one: trouble for one in some if (trouble := _trouble(heard, one))}
        except Trouble as trouble:
            failed |= dict.fromkeys(some, trouble)
    return failed


def _trouble(heard: Heard, account: str) -> Trouble | None:
    """Why this one did not get it, though the answer is 200."""
    if account in (heard.says.get("invalidStaffIdList") or ()):
        return Undeliverable("this account is unknown or has left")
    if account in (heard.says.get("flowControlledStaffIdList") or ()):
        return Retry("this account gets too many messages", FLOW_CONTROLLED)
    return None
