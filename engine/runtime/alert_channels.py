"""The ways out of an engine: one message by webhook, mail or Telegram. Each raises SendError, whose words never hold a
secret."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Any, NamedTuple

import aiohttp

from engine.contracts.alerting import AlertChannels
from engine.runtime.secrets import variable

TIMEOUT_S = 10.0
#: Telegram's limit is 4096
LONGEST = 3_900


class SendError(Exception):
    """again: another try may help. after_s: the receiver asks to wait so long. fix: what the person can do."""

    def __init__(self, what: str, *, again: bool, fix: str = "", after_s: float = 0.0) -> None:
        super().__init__(what)
        self.what, self.again, self.fix, self.after_s = what, again, fix, after_s

    def __str__(self) -> str:
        return f"{self.what} {self.fix}".strip()


class Message(NamedTuple):
    """title: one line; lines: an alert each; facts: of the alerts, for programs that read the webhook."""

    title: str
    lines: list[str]
    facts: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


Send = Callable[[AlertChannels, str, Message], Awaitable[None]]


async def webhook(channels: AlertChannels, secret: str, message: Message) -> None:
    """POST JSON; `text` and `content` are what chat services show."""
    if not secret.startswith(("http://", "https://")):
        raise SendError("There is no webhook URL.", again=False, fix=_where("webhook", "Enter the URL, with https://"))
    body = {"source": "pyroquant", "text": message.text, "content": message.text[:1_900], "alerts": message.facts}
    await _post(secret, secret.rpartition("/")[2], body, "The webhook", "Check the URL and whether its service runs.")


async def telegram(channels: AlertChannels, secret: str, message: Message) -> None:
    if not secret or not channels.telegram_chat:
        what = "bot token" if not secret else "chat id"
        raise SendError(f"There is no Telegram {what}.", again=False, fix=_where("telegram", f"Enter the {what}"))
    url = f"{channels.telegram_api.rstrip('/')}/bot{secret}/sendMessage"
    text = message.text if len(message.text) <= LONGEST else message.text[:LONGEST] + " ..."
    body = {"chat_id": channels.telegram_chat, "text": text, "disable_web_page_preview": True}
    await _post(url, secret, body, "Telegram", "Check token and chat id; the chat must have written to the bot once.")


async def mail(channels: AlertChannels, secret: str, message: Message) -> None:
    if not channels.mail_host or not channels.mail_to:
        what = "mail server" if not channels.mail_host else "receiver"
        raise SendError(f"There is no {what} for mail.", again=False, fix=_where("mail", f"Enter the {what}"))
    await asyncio.to_thread(_mail, channels, secret, message)


async def _post(url: str, hidden: str, body: dict[str, Any], who: str, fix: str) -> None:
    """hidden: the part of the address that nobody may read, in an answer that repeats it."""
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.post(url, json=body) as reply:
            if reply.status < 300:
                return
            said = (await reply.text())[:200]
            after = _seconds(reply.headers.get("Retry-After", ""))
            again = reply.status in (408, 429) or reply.status >= 500
            words = f"{who} answered {reply.status} {reply.reason or ''}".strip()
            said = said.replace(url, "...").replace(hidden or url, "...").strip()
            raise SendError(f"{words}{': ' + said if said else ''}.", again=again, fix=fix, after_s=after)
    except TimeoutError:
        raise SendError(f"{who} did not answer within {TIMEOUT_S:g} s.", again=True, fix=fix) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # such errors may name the address, and the address may hold a key
        kind = type(error).__name__
        reason = error.os_error.strerror if isinstance(error, aiohttp.ClientConnectorError) else ""
        raise SendError(
            f"{who} cannot be reached ({reason or kind}).", again=not isinstance(error, aiohttp.InvalidURL), fix=fix
        ) from None


def _mail(channels: AlertChannels, password: str, message: Message) -> None:
    letter = EmailMessage()
    letter["Subject"] = message.title
    letter["From"] = channels.mail_from or channels.mail_user or channels.mail_to
    letter["To"] = channels.mail_to
    letter.set_content(message.text)
    fix = "Check server, port, security and password."
    kind = smtplib.SMTP_SSL if channels.mail_security == "tls" else smtplib.SMTP
    try:
        with kind(channels.mail_host, channels.mail_port, timeout=TIMEOUT_S) as server:
            if channels.mail_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if channels.mail_user and password:
                server.login(channels.mail_user, password)
            server.send_message(letter)
    except smtplib.SMTPAuthenticationError:
        raise SendError("The mail server refused user or password.", again=False, fix=fix) from None
    except smtplib.SMTPRecipientsRefused:
        raise SendError(f"The mail server refused {channels.mail_to}.", again=False, fix=fix) from None
    except smtplib.SMTPNotSupportedError as error:
        raise SendError(f"The mail server cannot do that: {error}", again=False, fix=fix) from None
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        again = 400 <= error.smtp_code < 500
        raise SendError(f"The mail server said {error.smtp_code} {said[:150]}.", again=again, fix=fix) from None
    except (smtplib.SMTPException, OSError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise SendError(f"The mail server cannot be reached ({reason}).", again=True, fix=fix) from None


def _seconds(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 300.0)
    except ValueError:
        return 0.0


def _where(channel: str, first: str) -> str:
    return f"{first} in the alerts dialog, or set {variable(channel)}."


SENDERS: dict[str, Send] = {"webhook": webhook, "mail": mail, "telegram": telegram}
