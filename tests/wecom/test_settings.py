"""A wrong setting is named by its key, and no secret is shown."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.platforms.wecom import WeComSettings
from bot.platforms.wecom_webhook import WeComWebhookSettings
from tests.wecom.conftest import KEY, TOKEN

CALLBACK = {"kind": "wecom", "token": TOKEN, "encoding_aes_key": KEY}


def complaints(**given: object) -> set[str]:
    with pytest.raises(ValidationError) as caught:
        WeComSettings.model_validate({"kind": "wecom", **given})
    assert TOKEN not in str(caught.value)
    assert KEY[:-1] not in str(caught.value)
    return {str(error["loc"][0]) for error in caught.value.errors()}


def test_each_mode_names_what_it_lacks() -> None:
    assert complaints() == {"token", "encoding_aes_key"}
    assert complaints(token=TOKEN) == {"encoding_aes_key"}
    assert complaints(mode="long_connection") == {"bot_id", "secret"}
    assert complaints(mode="carrier_pigeon", token=TOKEN, encoding_aes_key=KEY) == {"mode"}


def test_unknown_keys_and_bad_addresses_are_errors() -> None:
    assert complaints(**CALLBACK, tokens="x") == {"tokens"}
    assert complaints(**CALLBACK, api_base="qyapi.weixin.qq.com") == {"api_base"}
    assert complaints(**CALLBACK, encoding_aes_key_="x") == {"encoding_aes_key_"}


def test_the_defaults_are_the_documented_ones() -> None:
    settings = WeComSettings.model_validate(CALLBACK)
    assert (settings.mode, settings.receive_id, settings.bot_id) == ("callback", "", "")
    assert settings.display_names == ["支部小助手"]
    webhook = WeComWebhookSettings.model_validate({"kind": "wecom_webhook"})
    assert settings.api_base == webhook.api_base == "https://qyapi.weixin.qq.com"
    assert TOKEN not in repr(settings)
    assert KEY not in repr(settings)
