"""The WebSocket side: paths, connection rules and limits of one market."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request, Response

from engine.clock import Clock
from engine.simulator import controls
from engine.simulator.config import CONNECTS_PER_5_MIN, STREAMS_PER_CONNECTION, SimulatorConfig
from engine.simulator.exchange import Exchange
from engine.simulator.subscriber import Subscriber

_CATEGORIES = ("market", "public", "private")
_FIVE_MINUTES_NS = 300 * 10**9
_SECOND_NS = 10**9
_COUNTED = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.PING, Opcode.PONG})


class _Place:
    """What a request's path and query ask for."""

    def __init__(self, path: str, *, categories: bool) -> None:
        split = urlsplit(path)
        parts = [unquote(part) for part in split.path.strip("/").split("/") if part]
        self.category = ""
        if categories:
            self.category = parts.pop(0) if parts and parts[0] in _CATEGORIES else "legacy"
        head = parts.pop(0) if parts else ""
        self.combined = head == "stream"
        query = parse_qs(split.query)
        self.streams = parts if head == "ws" else [s for s in query.get("streams", [""])[0].split("/") if s]
        self.microseconds = query.get("timeUnit", [""])[0].upper() == "MICROSECOND"
        self.known = head == "ws" or (head == "stream" and not parts)


class Connection(ServerConnection):
    """Counts what the client sends: control messages, pings and pongs all count against the limit."""

    arrivals: deque[int]
    most = 0
    clock: Clock

    def process_event(self, event: object) -> None:
        if isinstance(event, Frame) and event.opcode in _COUNTED and self.most:
            now = self.clock.monotonic_ns()
            self.arrivals.append(now)
            while now - self.arrivals[0] >= _SECOND_NS:
                self.arrivals.popleft()
            if len(self.arrivals) > self.most:
                self.protocol.fail(CloseCode.POLICY_VIOLATION, "Too many requests")
                self.send_data()
                return
        super().process_event(event)  # type: ignore[arg-type]


class Sockets:
    """The WebSocket server of one market."""

    def __init__(self, exchange: Exchange, config: SimulatorConfig, clock: Clock) -> None:
        self._exchange = exchange
        self._config = config
        self._clock = clock
        self._connects: deque[int] = deque()
        self._server: Server | None = None

    async def start(self, port: int) -> int:
        """Listen; the port that was bound."""
        every, within = self._config.ping_s or self._exchange.dialect.ping_s
        self._server = await serve(
            self._handle,
            self._config.host,
            port,
            process_request=self._admit,
            create_connection=Connection,
            compression=None,
            ping_interval=every,
            ping_timeout=within,
            close_timeout=1.0,
            max_size=64 * 1024,
            server_header=None,
        )
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self._config.enforce_limits:
            now = self._clock.monotonic_ns()
            while self._connects and now - self._connects[0] >= _FIVE_MINUTES_NS:
                self._connects.popleft()
            if len(self._connects) >= CONNECTS_PER_5_MIN:
                return connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "Too many connection attempts\n")
            self._connects.append(now)
        place = _Place(request.path, categories=self._exchange.dialect.categories)
        if not place.known:
            return connection.respond(HTTPStatus.NOT_FOUND, "Not found\n")
        if len(place.streams) > STREAMS_PER_CONNECTION or place.microseconds:
            return connection.respond(HTTPStatus.BAD_REQUEST, "Bad request\n")
        return None

    async def _handle(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        assert isinstance(connection, Connection)
        exchange = self._exchange
        place = _Place(connection.request.path, categories=exchange.dialect.categories)
        connection.clock, connection.arrivals = self._clock, deque()
        connection.most = exchange.dialect.inbound_per_s if self._config.enforce_limits else 0
        who = Subscriber(connection, place.category, combined=place.combined)
        exchange.subscribers.add(who)
        exchange.subscribe(who, place.streams)
        loop = asyncio.get_running_loop()
        end = loop.call_later(self._config.lifetime_s, connection.transport.close)
        try:
            async for message in connection:
                who.send(controls.answer(exchange, who, message))
        except ConnectionClosed:
            pass
        finally:
            end.cancel()
            exchange.leave(who)

    async def drop(self, *, abort: bool) -> None:
        """Cut every connection: aborted without a word, or closed with 1012 (service restart)."""
        for who in list(self._exchange.subscribers):
            connection = who.connection
            if abort:
                connection.transport.abort()
            elif isinstance(connection, ServerConnection):
                with contextlib.suppress(ConnectionClosed):
                    await connection.close(CloseCode.SERVICE_RESTART)
