"""Sends alerts out of the house: a bounded queue a channel, what waits together goes together, failures are tried
again and then said."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from engine.bus.hub import Hub
from engine.clock import Clock, iso, now_ms
from engine.contracts.alerting import AlertChannels, Channel, Delivery
from engine.contracts.alerts import SENT
from engine.contracts.events import Alert, Notice
from engine.contracts.signals import ENTRY, LONG
from engine.runtime.alert_channels import SENDERS, Message, SendError
from engine.runtime.secrets import secret

log = logging.getLogger(__name__)
#: alerts that may wait for a channel; more are counted as dropped
MOST_WAITING = 500
#: alerts in one message
TOGETHER = 25
#: s before the second, third and fourth try
RETRY_S = (1.0, 5.0, 20.0)
#: s between two messages of a channel: Telegram takes one a second a chat, mail boxes like it slower
PACE_S: dict[str, float] = {"webhook": 0.25, "telegram": 1.1, "mail": 10.0}
#: s in which a channel's failures are said once
NOTICE_S = 60.0
KEPT = 200
TITLES = {"webhook": "the webhook", "mail": "mail", "telegram": "Telegram"}

Sleep = Callable[[float], Awaitable[Any]]


class AlertSender:
    """`send` belongs to the engine's loop; `run` sends until it is cancelled."""

    def __init__(
        self,
        hub: Hub,
        clock: Clock,
        channels: AlertChannels,
        secret_of: Callable[[str], str] = secret,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.channels = channels
        self.log: deque[Delivery] = deque(maxlen=KEPT)
        self.dropped: dict[str, int] = dict.fromkeys(SENT, 0)
        self._waiting: dict[str, deque[Alert]] = {channel: deque() for channel in SENT}
        self._news = {channel: asyncio.Event() for channel in SENT}
        self._hub, self._clock = hub, clock
        self._secret, self._sleep = secret_of, sleep
        self._said: dict[str, int] = {}

    @property
    def waiting(self) -> dict[str, int]:
        return {channel: len(queue) for channel, queue in self._waiting.items()}

    @property
    def queue(self) -> tuple[int, int, int]:
        """(fullest, limit, dropped) for the health panel."""
        return max(self.waiting.values()), MOST_WAITING, sum(self.dropped.values())

    def send(self, alert: Alert, channels: tuple[str, ...]) -> None:
        """Queue it; never waits."""
        for channel in channels:
            queue = self._waiting[channel]
            if len(queue) >= MOST_WAITING:
                queue.popleft()
                self.dropped[channel] += 1
            queue.append(alert)
            self._news[channel].set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for channel in SENT:
                group.create_task(self._channel(channel), name=f"alerts by {channel}")

    async def test(self, channel: Channel) -> Delivery:
        """One message now; its delivery is in the log too."""
        text = "A test from PyroQuant: alerts reach you here."
        facts = [{"test": True, "text": text, "time": iso(now_ms(self._clock))}]
        return await self._deliver(channel, Message("PyroQuant: test", [text], facts), alerts=0, tries=())

    async def _channel(self, channel: Any) -> None:
        queue, news = self._waiting[channel], self._news[channel]
        while True:
            await news.wait()
            news.clear()
            while queue:
                some = [queue.popleft() for _ in range(min(len(queue), TOGETHER))]
                message = message_of(some, len(queue))
                try:
                    done = await self._deliver(channel, message, alerts=len(some), tries=RETRY_S)
                except Exception:
                    log.exception("alerts by %s", channel)
                    continue
                if not done.ok:
                    self._say(channel, done)
                await self._sleep(PACE_S[channel])

    async def _deliver(self, channel: Channel, message: Message, *, alerts: int, tries: tuple[float, ...]) -> Delivery:
        made = 0
        while True:
            made += 1
            try:
                key = await asyncio.to_thread(self._secret, channel)
                await SENDERS[channel](self.channels, key, message)
            except SendError as error:
                if error.again and made <= len(tries):
                    await self._sleep(max(tries[made - 1], error.after_s))
                    continue
                return self._note(channel, False, str(error), alerts, made)
            return self._note(channel, True, message.lines[0], alerts, made)

    def _note(self, channel: Channel, ok: bool, text: str, alerts: int, tries: int) -> Delivery:
        made = Delivery(ts=now_ms(self._clock), channel=channel, ok=ok, text=text, alerts=alerts, tries=tries)
        self.log.append(made)
        (log.info if ok else log.warning)("alerts by %s: %s", channel, f"{alerts} sent" if ok else text)
        return made

    def _say(self, channel: str, failed: Delivery) -> None:
        now = self._clock.monotonic_ns()
        if channel in self._said and now - self._said[channel] < NOTICE_S * 1e9:
            return
        self._said[channel] = now
        count = f"{failed.alerts} alert{'s' if failed.alerts != 1 else ''}"
        text = f"{count} could not be sent by {TITLES[channel]} after {failed.tries} tries: {failed.text}"
        self._hub.publish(Notice(level="warning", code="alerts", text=text))


def message_of(alerts: list[Alert], left: int) -> Message:
    """One message of some alerts. left: how many more wait."""
    lines = [line_of(alert) for alert in alerts]
    title = f"PyroQuant: {lines[0]}" if len(alerts) == 1 else f"PyroQuant: {len(alerts)} alerts"
    if left:
        lines.append(f"... and {left} more to come")
    return Message(title, lines, [facts_of(alert) for alert in alerts])


def line_of(alert: Alert) -> str:
    """'BUY BTCUSDT 1h rsi_a at 64231.5 (my rule)'."""
    s = alert.signal
    side = ("BUY" if s.side == LONG else "SELL") if s.action == ENTRY else f"EXIT {s.side.upper()}"
    what = (
        f"MATCH {s.symbol} {s.timeframe}: {alert.scan}"
        if alert.scan
        else f"{side} {s.symbol} {s.timeframe} {s.strategy}"
    )
    text = f"{what} at {s.price:.10g}"
    text += f" ({alert.name})" if alert.name else ""
    return text + (f", and {alert.more} more of this rule" if alert.more else "")


def facts_of(alert: Alert) -> dict[str, Any]:
    """What the webhook gets of one alert."""
    s = alert.signal
    facts = {
        "rule": alert.name or alert.rule, "symbol": s.symbol, "timeframe": s.timeframe, "price": s.price,
        "bar_time": iso(s.bar_ts), "more": alert.more, "text": line_of(alert),
    }  # fmt: skip
    if alert.scan:
        return facts | {"scan": alert.scan}
    return facts | {
        "strategy": s.strategy, "params": s.params, "side": s.side, "action": s.action, "kind": s.kind,
        "strength": round(s.strength, 3),
    }  # fmt: skip
