"""The bus's client: asks commands, hears events. Light: it is the window's only line to the engine."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from engine.bus import wire
from engine.contracts.commands import Command
from engine.contracts.errors import PyroError
from engine.contracts.events import Event

log = logging.getLogger(__name__)
#: bytes that may wait to be read before the engine is slowed down
READ_AHEAD = 1 << 20
E = TypeVar("E", bound=Event)
_decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


class BusClient:
    """Made by `connect`. Handlers run on the loop that connected, one event at a time, in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.engine_pid = 0
        self._reader = reader
        self._writer = writer
        self._frames = wire.FrameReader()
        self._next_id = 1
        self._waiting: dict[int, tuple[Any, asyncio.Future[Any]]] = {}
        self._handlers: dict[type[Event], list[Callable[[Any], None]]] = {}
        self._on_close: list[Callable[[str], None]] = []
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def connect(cls, host: str, port: int, token: str, name: str, timeout_s: float = 5.0) -> BusClient:
        """Connect and authenticate; PyroError when nobody answers or the token is refused."""
        where = f"{host}:{port}"
        try:
            async with asyncio.timeout(timeout_s):
                reader, writer = await asyncio.open_connection(host, port, limit=READ_AHEAD)
        except (OSError, TimeoutError) as error:
            raise PyroError(
                "no engine answers here", where=where, fix="Start one with: pyroquant --headless"
            ) from error
        client = cls(reader, writer)
        try:
            async with asyncio.timeout(timeout_s):
                writer.write(wire.pack(wire.Auth(token, name)))
                rest = await client._welcome(where)
        except (OSError, TimeoutError) as error:
            writer.close()
            raise PyroError("the engine does not answer", where=where, fix="It may be starting: try again.") from error
        except PyroError:
            writer.close()
            raise
        client._task = asyncio.create_task(client._read(rest), name="bus-client")
        return client

    async def _welcome(self, where: str) -> list[bytes]:
        while data := await self._reader.read(4096):
            bodies = self._frames.feed(data)
            if not bodies:
                continue
            message = wire.from_server(bodies[0])
            if isinstance(message, wire.Welcome):
                self.engine_pid = message.pid
                return bodies[1:]
            if isinstance(message, wire.Failure):
                raise wire.as_error(message)
        raise PyroError("the engine closed the connection", where=where, fix="Is this port PyroQuant's?")

    async def ask(self, command: Command) -> Any:
        """The command's reply; PyroError when it fails or the engine goes away meanwhile."""
        if self._closing or self._writer.is_closing():
            raise PyroError("the engine is gone", fix="It is being restarted, or start it again.")
        request_id = self._next_id
        self._next_id += 1
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = (type(command).reply, future)
        try:
            self._writer.write(wire.pack(wire.Request(request_id, command)))  # type: ignore[arg-type]
            return await future
        finally:
            self._waiting.pop(request_id, None)

    def on(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call handler for each event of this type; returns a function that ends it."""
        handlers = self._handlers.setdefault(kind, [])
        handlers.append(handler)
        return lambda: handlers.remove(handler)

    def on_close(self, handler: Callable[[str], None]) -> None:
        """Called once, with the reason, when the engine's side is lost (not after `close`)."""
        self._on_close.append(handler)

    async def close(self) -> None:
        self._closing = True
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _read(self, bodies: list[bytes]) -> None:
        reason = "the engine closed the connection"
        try:
            self._dispatch(bodies)
            while data := await self._reader.read(1 << 18):
                self._dispatch(self._frames.feed(data))
        except (OSError, PyroError, msgspec.DecodeError) as error:
            reason = f"the connection to the engine broke ({error})"
        finally:
            self._fail_waiting(reason)
        self._writer.close()
        if not self._closing:
            self._closing = True
            for handler in self._on_close:
                handler(reason)

    def _fail_waiting(self, reason: str) -> None:
        for _, future in self._waiting.values():
            if not future.done():
                future.set_exception(PyroError(reason, fix="It is being restarted, or start it again."))

    def _dispatch(self, bodies: list[bytes]) -> None:
        for body in bodies:
            message = wire.from_server(body)
            if isinstance(message, wire.Publish):
                for handler in tuple(self._handlers.get(type(message.event), ())):
                    try:
                        handler(message.event)
                    except Exception:
                        log.exception("a handler of %s failed", type(message.event).__name__)
            elif isinstance(message, wire.Reply):
                self._resolve(message)
            elif isinstance(message, wire.Failure) and message.id in self._waiting:
                future = self._waiting[message.id][1]
                if not future.done():
                    future.set_exception(wire.as_error(message))

    def _resolve(self, message: wire.Reply) -> None:
        kind, future = self._waiting.get(message.id, (None, None))
        if future is None or future.done():
            return
        decoder = _decoders.get(kind)
        if decoder is None:
            decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind)
        try:
            future.set_result(decoder.decode(message.body))
        except msgspec.DecodeError as error:
            future.set_exception(
                PyroError(f"the engine's answer could not be read ({error})", fix="Update both sides.")
            )
