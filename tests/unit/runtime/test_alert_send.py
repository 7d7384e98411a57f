"""Alerts on their way out: a local web server, a local mail server, a local stand-in for Telegram's bot interface."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from email import message_from_string

import msgspec
import pytest
from aiohttp import web

from engine.bus import wire
from engine.bus.hub import Hub, Outlet
from engine.clock import SYSTEM_CLOCK
from engine.contracts.alerting import AlertChannels, KeepSecret
from engine.contracts.events import Alert, Notice
from engine.contracts.signals import Signal
from engine.runtime import alert_send
from engine.runtime.alert_send import MOST_WAITING, AlertSender

KEY = "s3cr3t-k3y"


def alert(number: int = 0, **changes: object) -> Alert:
    s = Signal(
        strategy="rsi_a", version="v", params="n=14", symbol=f"binance-spot:S{number}USDT", timeframe="1h", bar_ts=0,
        side="long", action="entry", kind="confirmed", price=1.5, event_ms=0, received_ns=0, emitted_ns=0, strength=2.0,
    )  # fmt: skip
    return Alert(**{"signal": s, "rule": "side=long webhook", "name": "mine", **changes})


class Web:
    """Answers what it is told to, and remembers what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append((request.path, await request.json()))
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        return web.json_response({"ok": status < 300, "url": str(request.url)}, status=status, headers=headers)


@contextlib.asynccontextmanager
async def website() -> AsyncIterator[Web]:
    made = Web()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


class Mailbox:
    """A mail server that takes everything, or refuses the password or the receiver."""

    def __init__(self, refuse: str = "") -> None:
        self.letters: list[str] = []
        self.logins = 0
        self.refuse = refuse

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        say("220 sink")
        while line := (await reader.readline()).decode().strip():
            word = line.split()[0].upper()
            if word == "EHLO":
                say("250-sink")
                say("250 AUTH PLAIN")
            elif word == "AUTH":
                self.logins += 1
                say("535 no" if self.refuse == "password" else "235 yes")
            elif word == "RCPT" and self.refuse == "receiver":
                say("550 nobody here")
            elif word == "DATA":
                say("354 go on")
                letter = (await reader.readuntil(b"\r\n.\r\n")).decode()
                self.letters.append(letter)
                say("250 taken")
            elif word == "QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
        writer.close()


@contextlib.asynccontextmanager
async def mail_server(box: Mailbox) -> AsyncIterator[int]:
    server = await asyncio.start_server(box.talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


class Post:
    """A sender whose pauses take no time, and what it told the clients."""

    def __init__(self, channels: AlertChannels = AlertChannels(), secret: str = KEY) -> None:  # noqa: B008
        hub = Hub()
        self._outlet = Outlet("ear", lambda: None)
        hub.attach(self._outlet)
        hub.subscribe(self._outlet, frozenset({"notice"}))
        self.pauses: list[float] = []
        self.sender = AlertSender(hub, SYSTEM_CLOCK, channels, lambda _channel: secret, self._pause)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0.005)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[AlertSender]:
        task = asyncio.create_task(self.sender.run())
        try:
            yield self.sender
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def notices(self) -> list[Notice]:
        return [wire.from_server(bytes(frame[4:])).event for frame in self._outlet.take()[0]]


async def test_the_webhook_gets_words_and_facts():
    async with website() as site:
        post = Post(secret=f"{site.url}/hook/{KEY}")
        async with post.running() as sender:
            sender.send(alert(1, more=3), ("webhook",))
            await post.until(lambda: sender.log)
        path, body = site.got[0]
        assert path == f"/hook/{KEY}"
        assert body["text"] == "BUY binance-spot:S1USDT 1h rsi_a at 1.5 (mine), and 3 more of this rule"
        facts = body["alerts"][0]
        assert (facts["symbol"], facts["side"], facts["strategy"], facts["price"]) == (
            "binance-spot:S1USDT", "long", "rsi_a", 1.5,
        )  # fmt: skip
        assert sender.log[0].ok


async def test_telegram_gets_the_token_in_its_path_and_what_waits_goes_together():
    async with website() as site:
        post = Post(AlertChannels(telegram_chat="42", telegram_api=site.url))
        for number in range(30):
            post.sender.send(alert(number), ("telegram",))
        async with post.running() as sender:
            await post.until(lambda: len(sender.log) == 2)
        assert [path for path, _ in site.got] == [f"/bot{KEY}/sendMessage"] * 2
        assert site.got[0][1]["chat_id"] == "42"
        assert site.got[0][1]["text"].count("BUY") == 25
        assert "... and 5 more to come" in site.got[0][1]["text"]
        assert [d.alerts for d in sender.log] == [25, 5]


async def test_a_mail_arrives_with_subject_and_text():
    box = Mailbox()
    async with mail_server(box) as port:
        channels = AlertChannels(
            mail_host="127.0.0.1", mail_port=port, mail_security="none", mail_user="me", mail_to="you@example.org"
        )
        post = Post(channels)
        async with post.running() as sender:
            sender.send(alert(1, scan="RSI(14) < 30"), ("mail",))
            await post.until(lambda: sender.log)
    assert sender.log[0].ok, sender.log
    letter = message_from_string(box.letters[0])
    assert letter["To"] == "you@example.org"
    assert letter["Subject"] == "PyroQuant: MATCH binance-spot:S1USDT 1h: RSI(14) < 30 at 1.5 (mine)"
    assert box.logins == 1


@pytest.mark.parametrize(("refuse", "words"), [("password", "refused user or password"), ("receiver", "refused you@")])
async def test_what_a_mail_server_refuses_is_said_and_not_tried_again(refuse, words):
    box = Mailbox(refuse)
    async with mail_server(box) as port:
        channels = AlertChannels(
            mail_host="127.0.0.1", mail_port=port, mail_security="none", mail_user="me", mail_to="you@example.org"
        )
        done = await Post(channels).sender.test("mail")
    assert not done.ok
    assert words in done.text
    assert box.letters == []


async def test_failures_are_tried_again_with_growing_pauses_and_then_said_once():
    async with website() as site:
        site.answers = [(503, {}), (429, {"Retry-After": "7"}), (500, {}), (502, {}), (400, {})]
        post = Post(secret=f"{site.url}/{KEY}")
        async with post.running() as sender:
            sender.send(alert(1), ("webhook",))
            await post.until(lambda: sender.log)
            sender.send(alert(2), ("webhook",))
            await post.until(lambda: len(sender.log) == 2)
        assert post.pauses[:3] == [1.0, 7.0, 20.0]
        assert [(d.ok, d.tries) for d in sender.log] == [(False, 4), (False, 1)]
        assert "answered 502" in sender.log[0].text
        notices = post.notices()
        assert len(notices) == 1
        assert "could not be sent by the webhook after 4 tries" in notices[0].text
        assert "Check the URL" in notices[0].text


async def test_a_full_queue_drops_the_oldest_and_counts():
    post = Post()
    for number in range(MOST_WAITING + 7):
        post.sender.send(alert(number), ("telegram",))
    assert post.sender.dropped["telegram"] == 7
    assert post.sender.queue == (MOST_WAITING, MOST_WAITING, 7)


async def test_one_channel_that_hangs_does_not_hold_the_others():
    async with website() as site:
        post = Post(AlertChannels(telegram_chat="1", telegram_api="http://127.0.0.1:1"), f"{site.url}/{KEY}")
        async with post.running() as sender:
            sender.send(alert(1), ("telegram", "webhook"))
            await post.until(lambda: any(d.ok and d.channel == "webhook" for d in sender.log))
        assert len(site.got) == 1


@pytest.mark.parametrize("channel", ["webhook", "telegram", "mail"])
@pytest.mark.parametrize("secret", ["", KEY, f"http://127.0.0.1:1/{KEY}", f"http://[{KEY}"])
async def test_no_secret_is_ever_said(caplog, channel, secret):
    caplog.set_level(logging.DEBUG)
    channels = AlertChannels(
        telegram_chat="1", telegram_api="http://127.0.0.1:1", mail_host="127.0.0.1", mail_port=1, mail_to="a@b",
        mail_security="none", mail_user="u",
    )  # fmt: skip
    done = await Post(channels, secret).sender.test(channel)
    assert not done.ok
    assert KEY not in done.text
    assert KEY not in caplog.text
    assert len(done.text) > 20


async def test_an_answer_that_repeats_the_address_does_not_give_the_key_away():
    async with website() as site:
        site.answers = [(400, {})]
        done = await Post(secret=f"{site.url}/{KEY}").sender.test("webhook")
    assert "answered 400" in done.text
    assert KEY not in done.text


def test_a_command_with_a_secret_does_not_show_it():
    command = KeepSecret(channel="telegram", value=KEY)
    assert KEY not in repr(command)
    assert KEY not in f"{command}"
    assert msgspec.json.decode(msgspec.json.encode(command), type=KeepSecret).value == KEY


def test_messages_of_one_and_of_many():
    one = alert_send.message_of([alert(1)], 0)
    assert one.title == "PyroQuant: BUY binance-spot:S1USDT 1h rsi_a at 1.5 (mine)"
    many = alert_send.message_of([alert(1), alert(2)], 3)
    assert many.title == "PyroQuant: 2 alerts"
    assert many.lines[-1] == "... and 3 more to come"
