"""[platforms.*] of kind dingtalk: what an administrator writes down, in one place for all that read it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.platforms.dingtalk_usage import ALLOWED


class DingTalkSettings(BaseModel):
    """`robot_code` is the app key unless given; secrets show in no error.

    `card_template_id` names a template of the card platform (see dingtalk_card); `card_route_key` the route that card
    callbacks were registered under, in mode http, where `card_secret` is the apiSecret of that registration.
    `monthly_api_calls` and `monthly_messages` are the organisation's quota (see dingtalk_usage); 0 is none.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["dingtalk"]
    mode: Literal["http", "stream"] = "http"
    app_key: str = Field(min_length=1)
    app_secret: SecretStr = Field(min_length=1)
    robot_code: str = ""
    card_template_id: str = ""
    card_route_key: str = ""
    card_secret: SecretStr = SecretStr("")
    monthly_api_calls: int = Field(ALLOWED["api"], ge=0)
    monthly_messages: int = Field(ALLOWED["message"], ge=0)
    api_base: str = Field("https://api.dingtalk.com", pattern=r"^https?://[^/\s]+/?$")
    oapi_base: str = Field("https://oapi.dingtalk.com", pattern=r"^https?://[^/\s]+/?$")
