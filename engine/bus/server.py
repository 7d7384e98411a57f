"""The bus's server: accepts clients on loopback, checks their token, answers commands, writes what the hub holds."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from engine.bus import wire
from engine.bus.hub import Hub, Outlet
from engine.contracts.commands import AnyCommand, Ok, Subscribe
from engine.contracts.errors import BadInput, PyroError, did_you_mean
from engine.contracts.events import TOPICS

log = logging.getLogger(__name__)
#: s; a connection that has not shown its token by then is closed
AUTH_TIMEOUT = 5.0

Handler = Callable[[AnyCommand, "Peer"], Awaitable[Any]]


class Peer:
    """One connected client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.name = ""
        self.reader = reader
        self.writer = writer
        self.wake = asyncio.Event()
        self.outlet = Outlet("", self.wake.set)
        self.requests: set[asyncio.Task[None]] = set()

    def send(self, message: object) -> None:
        if not self.writer.is_closing():
            self.writer.write(wire.pack(message))


class BusServer:
    """handle: answers a command or raises PyroError. on_leave: told when a client has gone, with how many remain."""

    def __init__(
        self, hub: Hub, token: str, handle: Handler, *, on_leave: Callable[[Peer, int], None] | None = None
    ) -> None:
        self.hub = hub
        self.port = 0
        self.token = token
        self._handle = handle
        self._on_leave = on_leave
        self._server: asyncio.Server | None = None
        self._peers: dict[Peer, asyncio.Task[None]] = {}

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port. PyroError when the port is taken."""
        try:
            self._server = await asyncio.start_server(self._accept, host, port)
        except OSError as error:
            raise PyroError(
                f"the bus cannot listen on this port ({error.strerror or error})",
                where=f"{host}:{port}",
                fix="Choose another in bus.address, or 0 for any free one.",
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    @property
    def clients(self) -> int:
        return len(self._peers)

    def drop_clients(self) -> None:
        """Close every connection; clients that want to go on attach anew and hear what is new."""
        for task in self._peers.values():
            task.cancel()

    async def close(self) -> None:
        """Stop listening, let replies that are under way go out, close every client."""
        if self._server:
            self._server.close()
        for task in list(self._peers.values()):
            task.cancel()
        await asyncio.gather(*self._peers.values(), return_exceptions=True)
        if self._server:
            await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._peers[peer] = task
        try:
            await self._serve(peer)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, asyncio.CancelledError):
            pass
        except PyroError as error:
            log.warning("bus: closed %s: %s", peer.name or "a stranger", error)
        finally:
            del self._peers[peer]
            for request in peer.requests:
                request.cancel()
            writer.close()
            if self._on_leave and peer.name:
                self._on_leave(peer, len(self._peers))

    async def _serve(self, peer: Peer) -> None:
        frames = wire.FrameReader(wire.MAX_AUTH_FRAME)
        async with asyncio.timeout(AUTH_TIMEOUT):
            first = await self._first(peer, frames)
        if first is None:
            return
        peer.name = peer.outlet.name = first.client
        peer.send(wire.Welcome(os.getpid()))
        frames.limit = wire.MAX_FRAME
        self.hub.attach(peer.outlet)
        writer = asyncio.create_task(self._write(peer), name=f"bus-write-{peer.name}")
        try:
            while data := await peer.reader.read(1 << 16):
                for body in frames.feed(data):
                    self._receive(peer, body)
        finally:
            self.hub.detach(peer.outlet)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _first(self, peer: Peer, frames: wire.FrameReader) -> wire.Auth | None:
        while data := await peer.reader.read(4096):
            for body in frames.feed(data):
                try:
                    auth = wire.from_client(body)
                except msgspec.DecodeError:
                    return None
                if isinstance(auth, wire.Auth) and hmac.compare_digest(auth.token.encode(), self.token.encode()):
                    return auth
                error = PyroError("the token was not accepted", fix="Read it anew from the engine's data folder.")
                peer.send(wire.failure(0, error))
                await peer.writer.drain()
                return None
        return None

    def _receive(self, peer: Peer, body: bytes) -> None:
        try:
            message = wire.from_client(body)
        except msgspec.DecodeError as error:
            raise PyroError(f"a frame could not be understood ({error})") from error
        if isinstance(message, wire.Request):
            task = asyncio.create_task(self._answer(peer, message))
            peer.requests.add(task)
            task.add_done_callback(peer.requests.discard)

    async def _answer(self, peer: Peer, request: wire.Request) -> None:
        try:
            if isinstance(request.command, Subscribe):
                reply: Any = self._subscribe(peer, request.command)
            else:
                reply = await self._handle(request.command, peer)
            peer.send(wire.Reply(request.id, wire.encode_body(reply)))
        except PyroError as error:
            peer.send(wire.failure(request.id, error))
        except Exception as error:
            log.exception("bus: %s failed", type(request.command).__name__)
            peer.send(wire.failure(request.id, PyroError(f"internal error: {error!r}", fix="See the log.")))

    def _subscribe(self, peer: Peer, command: Subscribe) -> Ok:
        for topic in command.topics:
            if topic not in TOPICS:
                raise BadInput(
                    f'"{topic}" is not a topic.{did_you_mean(topic, TOPICS)}', fix=f"Use {', '.join(TOPICS)}."
                )
        self.hub.subscribe(peer.outlet, frozenset(command.topics))
        return Ok()

    async def _write(self, peer: Peer) -> None:
        while True:
            await peer.wake.wait()
            peer.wake.clear()
            frames, gaps = peer.outlet.take()
            frames += self.hub.fill_gaps(peer.outlet, gaps)
            if frames:
                peer.writer.write(frames[0] if len(frames) == 1 else b"".join(frames))
                await peer.writer.drain()
