"""One WebSocket connection, from the handshake to its end. The shard decides when to open and when to give up."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import random
from collections import deque
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from engine.clock import Clock
from engine.contracts.feed import (
    Ack,
    AggTrade,
    Kline,
    Malformed,
    Message,
    MiniTicker,
    Refusal,
    ServerShutdown,
    VenueProtocol,
)
from engine.feeds.backoff import Chance, Sleep
from engine.feeds.budget import ConnectBudget
from engine.feeds.coalesce import TickTable
from engine.feeds.meters import SAMPLE_EVERY, Meters
from engine.feeds.servertime import ServerClock
from engine.feeds.settings import FeedSettings, on_loopback

_log = logging.getLogger(__name__)

#: of a malformed frame this many bytes are kept
KEPT_BYTES = 4096


class Oddities:
    """The newest malformed frames and refusals of a shard, for inspection; bounded."""

    def __init__(self, kept: int) -> None:
        self.malformed: deque[Malformed] = deque(maxlen=kept)
        self.refusals: deque[Refusal] = deque(maxlen=kept)


@dataclasses.dataclass(frozen=True, slots=True)
class Wiring:
    """What all connections of a market share. url: where they connect to."""

    market: str
    url: str
    protocol: VenueProtocol
    table: TickTable
    settings: FeedSettings
    clock: Clock
    server_clock: ServerClock
    budget: ConnectBudget
    sleep: Sleep = asyncio.sleep
    chance: Chance = random.random


class Link:
    """One connection of one generation; `run` is its whole life and never raises but for cancellation.

    phase: waiting (for the connect budget), connecting, subscribing, live (all acknowledged), ended. `ended` says why,
    in words. Frames that arrive after `retire` are counted and dropped. on_change is called when something happened
    that the shard should look at.
    """

    def __init__(
        self,
        generation: int,
        streams: list[str],
        wiring: Wiring,
        meters: Meters,
        oddities: Oddities,
        on_change: Callable[[], None],
    ) -> None:
        self.generation = generation
        self.phase: Literal["waiting", "connecting", "subscribing", "live", "ended"] = "waiting"
        self.ended = ""
        self.retired = False
        self.shutdown_announced = False
        self.refused = ""
        #: monotonic ns; 0 = not yet
        self.opened_ns = 0
        self.subscribed_ns = 0
        self.first_data_ns = 0
        #: of the newest frame with a kline or trade: receipt (wall ns), and the latest event time seen
        self.last_frame_ns = 0
        self.last_event_ms = 0
        self._streams = streams
        self._wiring = wiring
        self._settings = wiring.settings
        self._meters = meters
        self._oddities = oddities
        self._on_change = on_change
        self._socket: ClientConnection | None = None
        self._closing: asyncio.Task[None] | None = None
        self._awaited: set[int] = set()
        self._all_sent = False

    @property
    def ready(self) -> bool:
        """Subscribed, acknowledged, and data has come."""
        return self.phase == "live" and self.first_data_ns > 0

    async def run(self) -> None:
        """Connect within the budget, subscribe at the venue's pace, read until the end."""
        try:
            await self._wiring.budget.acquire()
            self._enter("connecting")
            await self._open()
            assert self._socket is not None
            self._enter("subscribing")
            subscribing = asyncio.create_task(self._subscribe(self._socket), name="subscribe")
            try:
                await self._read(self._socket)
            finally:
                subscribing.cancel()
                with contextlib.suppress(asyncio.CancelledError, WebSocketException, OSError):
                    await subscribing
        except Exception as error:
            if not isinstance(error, OSError | WebSocketException):
                _log.exception("a connection ended by an error of our own")
            self.fail(describe(error, self._wiring.url, self._settings))
        finally:
            self.fail("closed")
            self.phase = "ended"
            await self._drop()
            self._on_change()

    def fail(self, why: str) -> None:
        """Give up: the first reason stays. The transport is cut at once, a dead peer is not waited for."""
        if not self.ended:
            self.ended = why
        if self._socket is not None and not self.retired:
            self._socket.transport.abort()

    def retire(self) -> None:
        """Another connection has taken over: drop what still comes, and close in good order within close_timeout_s."""
        self.retired = True
        if self._socket is not None and self._closing is None:
            self._closing = asyncio.create_task(self._socket.close(), name="close")

    async def _open(self) -> None:
        s = self._settings
        self._socket = await connect(
            self._wiring.url,
            compression=None,
            open_timeout=s.open_timeout_s,
            close_timeout=s.close_timeout_s,
            ping_interval=s.ping_interval_s,
            ping_timeout=s.ping_timeout_s,
            max_size=s.max_frame_bytes,
            max_queue=s.max_queued_frames,
            proxy=None if on_loopback(self._wiring.url) else s.proxy or True,
        )
        self.opened_ns = self._wiring.clock.monotonic_ns()

    async def _subscribe(self, socket: ClientConnection) -> None:
        pause = 1.0 / self._wiring.protocol.limits.control_messages_per_s
        try:
            requests = self._wiring.protocol.subscribe(self._streams, 1)
            self._awaited = {number for number, _ in requests}
            for i, (_, text) in enumerate(requests):
                if i:
                    await self._wiring.sleep(pause)
                await socket.send(text)
        except (OSError, WebSocketException):
            return  # the reader meets the same end and gives the reason
        except Exception as error:
            _log.exception("the subscription ended by an error of our own")
            self.fail(describe(error, self._wiring.url, self._settings))
            return
        self._all_sent = True
        self.subscribed_ns = self._wiring.clock.monotonic_ns()
        self._check_acknowledged()

    async def _read(self, socket: ClientConnection) -> None:
        """The hot path: receive, decode, coalesce. Nothing else belongs here."""
        recv, decode, now_ns = socket.recv, self._wiring.protocol.decode, self._wiring.clock.now_ns
        table = self._wiring.table
        table_kline, table_trade, table_ticker = table.kline, table.trade, table.ticker
        meters, server_clock = self._meters, self._wiring.server_clock
        while True:
            frame = await recv(decode=False)
            recv_ns = now_ns()
            if self.retired:
                meters.outdated += 1
                continue
            event_ms = 0
            for message in decode(frame):
                if type(message) is Kline:
                    table_kline(message, recv_ns)
                elif type(message) is AggTrade:
                    table_trade(message, recv_ns)
                else:
                    # a ticker is no sign of life: klines have been seen to die while tickers went on
                    if type(message) is MiniTicker:
                        table_ticker(message)
                    else:
                        self._control(message)
                    continue
                event_ms = message.event_ms
            meters.frames += 1
            meters.bytes += len(frame)
            if event_ms:
                if not meters.frames % SAMPLE_EVERY and self.last_frame_ns and server_clock.known:
                    meters.sample(server_clock.at_ms(recv_ns) - event_ms, (recv_ns - self.last_frame_ns) / 1e6)
                self.last_frame_ns = recv_ns
                if event_ms > self.last_event_ms:
                    self.last_event_ms = event_ms
                if not self.first_data_ns:
                    self.first_data_ns = self._wiring.clock.monotonic_ns()
                    self._on_change()

    def _control(self, message: Message) -> None:
        if isinstance(message, Ack):
            self._awaited.discard(message.id)
            self._check_acknowledged()
        elif isinstance(message, Refusal):
            self._meters.refusals += 1
            self._oddities.refusals.append(message)
            self.refused = f"subscription refused: {message.text} (code {message.code})"
            if message.id is not None:
                self._awaited.discard(message.id)
            self._check_acknowledged()
        elif isinstance(message, ServerShutdown):
            self.shutdown_announced = True
            self._on_change()
        elif isinstance(message, Malformed):
            self._meters.malformed += 1
            self._oddities.malformed.append(Malformed(message.frame[:KEPT_BYTES], message.error))
        else:
            self._meters.ignored += 1

    def _check_acknowledged(self) -> None:
        if self._all_sent and not self._awaited and self.phase == "subscribing":
            self._enter("live")

    def _enter(self, phase: Literal["connecting", "subscribing", "live"]) -> None:
        self.phase = phase
        self._on_change()

    async def _drop(self) -> None:
        if self._socket is None:
            return
        self._socket.transport.abort()
        with contextlib.suppress(OSError, WebSocketException):
            await self._socket.wait_closed()
            if self._closing is not None:
                await self._closing


def describe(error: BaseException, url: str, settings: FeedSettings) -> str:
    """Why a connection ended, in words for the health panel."""
    host = urlsplit(url).netloc
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        hint = {403: " (firewall or region)", 451: " (not offered in this region)", 429: " (too many attempts)"}
        return f"{host} refused the connection with HTTP {status}{hint.get(status, '')}"
    if isinstance(error, TimeoutError):
        return f"{host} did not answer within {settings.open_timeout_s:g} s"
    if isinstance(error, ConnectionClosed):
        if error.rcvd is not None:
            return f"closed by {host}: {error.rcvd.code} {error.rcvd.reason}".rstrip()
        if error.sent is not None and "ping" in error.sent.reason:
            return f"no pong within {settings.ping_timeout_s:g} s: the network is down, or this computer is overloaded"
        return f"the connection to {host} was lost"
    if isinstance(error, OSError):
        return f"cannot reach {host}: {error.strerror or error}"
    return f"{host}: {type(error).__name__}: {error}"
