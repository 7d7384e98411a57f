"""Alerts as the window sets them up: rules, the channels they are sent by, their secrets, and what was sent."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from engine.contracts.commands_base import Command, Ok

TELEGRAM_API = "https://api.telegram.org"
Channel = Literal["webhook", "mail", "telegram"]
#: secrets that the keyring holds (service pyroquant), or the environment as PYROQUANT_<NAME>: the URL of the webhook,
#: which often carries a key; the mail server's password; the Telegram bot's token
SECRETS: dict[str, str] = {"webhook": "webhook_url", "mail": "mail_password", "telegram": "telegram_token"}


class AlertChannels(msgspec.Struct, frozen=True, kw_only=True):
    """Where alerts are sent; secrets stand elsewhere. '' = not set up. security: of the mail server's connection."""

    telegram_chat: str = ""
    telegram_api: str = TELEGRAM_API
    mail_host: str = ""
    mail_port: int = 587
    mail_security: Literal["starttls", "tls", "none"] = "starttls"
    mail_user: str = ""
    mail_from: str = ""
    mail_to: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message, sent or given up. alerts: how many it carries. text: what was said or, where it failed, why and what
    to do. tries: attempts made."""

    ts: int
    channel: Channel
    ok: bool
    text: str
    alerts: int = 1
    tries: int = 1


class AlertSetup(msgspec.Struct, frozen=True, kw_only=True):
    """rules: as lines of text, those that were made here; fixed: those of the settings, which are in force too.
    secrets: which are known, by channel. log: newest last. waiting, dropped: alerts by channel."""

    rules: list[str]
    fixed: list[str]
    channels: AlertChannels
    secrets: dict[str, bool]
    log: list[Delivery] = []
    waiting: dict[str, int] = {}
    dropped: dict[str, int] = {}


class GetAlerts(Command, frozen=True, kw_only=True, tag="get_alerts"):
    reply: ClassVar[type] = AlertSetup


class SetAlertRules(Command, frozen=True, kw_only=True, tag="set_alert_rules"):
    """Use these rules, and these channels unless None, from now on; both are kept in the state."""

    reply: ClassVar[type] = AlertSetup
    rules: list[str]
    channels: AlertChannels | None = None


class KeepSecret(Command, frozen=True, kw_only=True, tag="keep_secret"):
    """Put a channel's secret into the keyring of the engine's computer; '' removes it."""

    reply: ClassVar[type] = Ok
    channel: Channel
    value: str

    def __repr__(self) -> str:
        return f"KeepSecret(channel={self.channel!r}, value=...)"


class TestAlert(Command, frozen=True, kw_only=True, tag="test_alert"):
    """Send one message by a channel now, without another try."""

    __test__: ClassVar[bool] = False
    reply: ClassVar[type] = Delivery
    channel: Channel


AnyAlertCommand = GetAlerts | SetAlertRules | KeepSecret | TestAlert
