"""One channel is one file here and one line in PLATFORMS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from bot.message import Platform
from bot.platforms.dingtalk import DingTalkSettings
from bot.platforms.dingtalk_stream import make_dingtalk
from bot.platforms.dingtalk_webhook import DingTalkWebhook, DingTalkWebhookSettings
from bot.platforms.wecom import WeComSettings
from bot.platforms.wecom_app import WeComApp, WeComAppSettings
from bot.platforms.wecom_socket import robot
from bot.platforms.wecom_webhook import WeComWebhook, WeComWebhookSettings

# kind -> (its settings, how it is made: (name, settings, token keeper) -> Platform)
PLATFORMS: dict[str, tuple[type[BaseModel], Callable[..., Platform]]] = {
    "wecom": (WeComSettings, robot),
    "wecom_webhook": (WeComWebhookSettings, WeComWebhook),
    "wecom_app": (WeComAppSettings, WeComApp),
    "dingtalk": (DingTalkSettings, make_dingtalk),
    "dingtalk_webhook": (DingTalkWebhookSettings, DingTalkWebhook),
}
KINDS: dict[str, Any] = {kind: settings for kind, (settings, _) in PLATFORMS.items()}
