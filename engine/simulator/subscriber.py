"""One WebSocket connection as its market sees it: what it asked for and what is waiting to be written."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from engine.simulator.encode import text_frame

#: a client this far behind is dropped, as an exchange does
_BACKLOG_MOST = 64 * 1024 * 1024


class Connection(Protocol):
    """What is used of a websockets server connection."""

    transport: asyncio.Transport

    @property
    def state(self) -> Any: ...


class Subscriber:
    """category: '' on spot, else market, public, private or legacy; only '' and market get data.

    Frames are written to the transport whole, already framed, many at a time: encoding and framing happen once per
    event however many connections listen, and one write serves a slice of time.
    """

    def __init__(self, connection: Connection, category: str, *, combined: bool) -> None:
        self.connection = connection
        self.category = category
        self.combined = combined
        self.streams: dict[str, None] = {}
        self.out: list[bytes] = []

    @property
    def hears(self) -> bool:
        """Whether market streams flow on this path at all."""
        return self.category in ("", "market")

    def flush(self) -> None:
        """Write what is waiting."""
        if not self.out:
            return
        frames, self.out = self.out, []
        transport = self.connection.transport
        if transport.is_closing() or self.connection.state.name != "OPEN":
            return
        transport.write(b"".join(frames))
        if transport.get_write_buffer_size() > _BACKLOG_MOST:
            transport.abort()

    def send(self, payload: bytes) -> None:
        """One text message, now, after what was waiting."""
        self.out.append(text_frame(payload))
        self.flush()

    def waiting(self) -> int:
        """Bytes the client has not taken yet."""
        transport = self.connection.transport
        return 0 if transport.is_closing() else transport.get_write_buffer_size()
