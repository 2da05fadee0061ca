"""Every setting in one model, so that a wrong key is found at the start and not in the middle of the night."""

from bot.config.dues import Dues
from bot.config.key import is_kept, renew, retired, secret_key, secret_keys, stamp
from bot.config.model import Config, load
from bot.config.problems import ConfigError
from bot.config.reports import Reports
from bot.config.sections import Bot, Meetings, PointRule, Points, Registers, Reminders, Retention, Web

__all__ = [
    "Bot",
    "Config",
    "ConfigError",
    "Dues",
    "Meetings",
    "PointRule",
    "Points",
    "Registers",
    "Reminders",
    "Reports",
    "Retention",
    "Web",
    "is_kept",
    "load",
    "renew",
    "retired",
    "secret_key",
    "secret_keys",
    "stamp",
]
