"""A tiny exchange on loopback (real WebSocket and HTTP servers) and the protocol that it speaks, for the feeds' tests.

Frames are JSON: {"sub": [streams], "id": n} -> {"ack": n} or {"refuse": n, "code": c, "text": t};
{"k": [symbol, ts, o, h, l, c, volume, n, first, last, final, event_ms]}, {"t": [symbol, id, first, last, p, q, ts, E]},
{"m": [symbol, o, h, l, last, v, qv, E]}, {"shutdown": event_ms}.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any

import aiohttp.web
from websockets.asyncio.server import Server, ServerConnection, serve

from engine.clock import SYSTEM_CLOCK, Clock, now_ms
from engine.contracts.feed import (
    Ack,
    AggTrade,
    Ignored,
    Kline,
    Malformed,
    Message,
    MiniTicker,
    Refusal,
    RestFailure,
    RestRequest,
    ServerShutdown,
    VenueLimits,
)
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import TIMEFRAME_MS

LIMITS = VenueLimits(
    streams_per_connection=200,
    control_messages_per_s=200.0,
    connects_per_5_min=300,
    ping_interval_s=20.0,
    lifetime_s=86400.0,
    rest_weight_per_min=1000,
    klines_per_request=100,
)
CHUNK = 4


class ToyProtocol:
    """engine.contracts.feed.VenueProtocol for the servers below."""

    def __init__(self, limits: VenueLimits = LIMITS) -> None:
        self.limits = limits

    def stream_url(self, base: str) -> str:
        return f"{base}/stream"

    def stream_names(self, symbols: list[str], *, trades: bool) -> list[str]:
        return [f"{s}@{kind}" for s in symbols for kind in (("kline", "trade") if trades else ("kline",))]

    def subscribe(self, streams: list[str], request_id: int) -> list[tuple[int, str]]:
        chunks = [streams[i : i + CHUNK] for i in range(0, len(streams), CHUNK)]
        return [(request_id + i, json.dumps({"sub": c, "id": request_id + i})) for i, c in enumerate(chunks)]

    def decode(self, frame: bytes | str) -> list[Message]:
        try:
            return [self._message(json.loads(frame))]
        except (ValueError, TypeError, KeyError) as error:
            return [Malformed(frame if isinstance(frame, bytes) else frame.encode(), str(error))]

    def _message(self, raw: dict[str, Any]) -> Message:
        if "k" in raw:
            return Kline(*raw["k"])
        if "t" in raw:
            symbol, number, first, last, price, quantity, ts, event_ms = raw["t"]
            return AggTrade(symbol, number, first, last, price, quantity, ts, False, event_ms)
        if "m" in raw:
            return MiniTicker(*raw["m"])
        if "ack" in raw:
            return Ack(raw["ack"])
        if "refuse" in raw:
            return Refusal(raw["refuse"], raw["code"], raw["text"])
        if "shutdown" in raw:
            return ServerShutdown(raw["shutdown"])
        return Ignored(next(iter(raw), ""))

    def instruments_request(self) -> RestRequest:
        return RestRequest(path="/instruments", params={}, weight=10)

    def parse_instruments(self, body: bytes, market: str) -> tuple[list[Instrument], int]:
        raw = json.loads(body)
        found = [
            Instrument(market=market, name=name, base=name[:-4], quote=name[-4:], tick_size=0.01, lot_size=0.001)
            for name in raw["symbols"]
        ]
        return found, raw["weight"]

    def time_request(self) -> RestRequest:
        return RestRequest(path="/time", params={}, weight=1)

    def parse_time(self, body: bytes) -> int:
        return int(json.loads(body)["time"])

    def klines_request(
        self, symbol: str, timeframe: str, *, from_ms: int | None, to_ms: int | None, limit: int
    ) -> RestRequest:
        params = {"symbol": symbol, "timeframe": timeframe, "limit": str(limit)}
        if from_ms is not None:
            params["from"] = str(from_ms)
        if to_ms is not None:
            params["to"] = str(to_ms)
        return RestRequest(path="/klines", params=params, weight=2)

    def parse_klines(self, symbol: str, body: bytes, *, server_ms: int) -> list[Kline]:
        return [
            Kline(symbol, ts, price, price, price, price, 1.0, 1, -1, -1, close_ms < server_ms, close_ms)
            for ts, price, close_ms in json.loads(body)
        ]

    def failure(self, status: int, body: bytes, headers: dict[str, str]) -> RestFailure:
        text = body.decode()
        kinds = {429: "rate", 418: "banned", 403: "blocked", 451: "blocked"}
        kind = kinds.get(status, "server" if status >= 500 else "bad_request")
        if text.startswith("bad symbol"):
            kind = "bad_symbol"
        return RestFailure(
            kind=kind, status=status, code=-1, text=text, retry_after_s=float(headers.get("Retry-After", 0))
        )

    def used_weight(self, headers: dict[str, str]) -> int | None:
        used = headers.get("X-Used")
        return int(used) if used is not None else None


class StreamServer:
    """Keeps its connections and what they subscribed; its attributes say what it does, before or while running."""

    def __init__(self) -> None:
        self.connections: list[ServerConnection] = []
        self.opened = 0
        self.requests: list[list[dict[str, Any]]] = []
        self.acknowledge = True
        self.refuse: str = ""
        #: sent right after a connection's subscriptions; None = nothing
        self.greet: Callable[[str], dict[str, Any] | None] = kline_frame
        #: abort a new connection instead of serving it
        self.reject = False
        self.base = ""
        self._server: Server | None = None

    async def __aenter__(self) -> StreamServer:
        self._server = await serve(self._serve, "127.0.0.1", 0, compression=None, close_timeout=0.2)
        self.base = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        for connection in self.connections:
            connection.transport.abort()
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, connection: ServerConnection) -> None:
        self.opened += 1
        if self.reject:
            connection.transport.abort()
            return
        self.connections.append(connection)
        log: list[dict[str, Any]] = []
        self.requests.append(log)
        try:
            async for text in connection:
                request = json.loads(text)
                log.append(request)
                if self.refuse:
                    await self._send(connection, {"refuse": request["id"], "code": 2, "text": self.refuse})
                elif self.acknowledge:
                    await self._send(connection, {"ack": request["id"]})
                for stream in request["sub"]:
                    frame = self.greet(stream)
                    if frame is not None:
                        await self._send(connection, frame)
        except Exception:
            pass
        finally:
            self.connections.remove(connection)

    async def send(self, frame: dict[str, Any] | str) -> None:
        """To every open connection."""
        for connection in list(self.connections):
            await self._send(connection, frame)

    def abort(self) -> None:
        """Cut every connection without a close frame."""
        for connection in list(self.connections):
            connection.transport.abort()

    @staticmethod
    async def _send(connection: ServerConnection, frame: dict[str, Any] | str) -> None:
        await connection.send(frame if isinstance(frame, str) else json.dumps(frame))


class RestServer:
    """/instruments, /time, /klines. `script` holds (status, text, headers) replies to be given before the true ones."""

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self.clock = clock
        self.script: list[tuple[int, str, dict[str, str]]] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.offset_ms = 0
        self.holes: set[int] = set()
        #: open times up to and including this are shown; None = all that have begun
        self.newest_ms: int | None = None
        self.headers: dict[str, str] = {}
        self.base = ""
        self._runner: aiohttp.web.AppRunner | None = None

    async def __aenter__(self) -> RestServer:
        app = aiohttp.web.Application()
        app.router.add_get("/{what}", self._answer)
        self._runner = aiohttp.web.AppRunner(app)
        await self._runner.setup()
        site = aiohttp.web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def now_ms(self) -> int:
        return now_ms(self.clock) + self.offset_ms

    async def _answer(self, request: aiohttp.web.Request) -> aiohttp.web.Response:
        what = request.match_info["what"]
        self.asked.append((what, dict(request.query)))
        if self.script and what != "time":
            status, text, headers = self.script.pop(0)
            return aiohttp.web.Response(status=status, text=text, headers=headers)
        body: Any
        if what == "time":
            body = {"time": self.now_ms()}
        elif what == "instruments":
            body = {"symbols": ["BTCUSDT", "币安人生USDT"], "weight": 1200}
        else:
            body = self._klines(request.query)
        return aiohttp.web.json_response(body, headers=self.headers)

    def _klines(self, query: Any) -> list[tuple[int, float, int]]:
        length = TIMEFRAME_MS[query["timeframe"]]
        newest = self.now_ms() if self.newest_ms is None else self.newest_ms
        first, last = int(query["from"]), min(int(query["to"]), newest)
        opens = range(first + -first % length, last + 1, length)
        shown = [ts for ts in opens if ts not in self.holes][: int(query["limit"])]
        return [(ts, price_at(ts), ts + length - 1) for ts in shown]


def price_at(ts: int) -> float:
    return 100.0 + ts // 60_000 % 1000


def kline_frame(stream: str) -> dict[str, Any] | None:
    """A running kline of the current minute for a `SYMBOL@kline` stream."""
    symbol, _, kind = stream.partition("@")
    if kind != "kline":
        return None
    now = now_ms(SYSTEM_CLOCK)
    return {"k": [symbol, now - now % 60_000, 1.0, 2.0, 0.5, 1.5, 10.0, 3, 1, 3, False, now]}


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for a condition; fails loudly when it does not come true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


def closed_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
