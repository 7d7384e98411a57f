"""What a venue's protocol code gives and takes: bytes and time in, these messages out.

Prices are parsed once, here typed.
"""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from engine.contracts.instruments import Instrument


class Kline(msgspec.Struct, frozen=True, gc=False):
    """A 1-minute bar as streamed or fetched: ts open time ms; final = the venue says closed. ids -1 unknown."""

    symbol: str
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    n: int
    first_id: int
    last_id: int
    final: bool
    event_ms: int


class AggTrade(msgspec.Struct, frozen=True, gc=False):
    """Aggregate trade: `id` gapless by symbol; first_id..last_id its single trades; ts trade time ms."""

    symbol: str
    id: int
    first_id: int
    last_id: int
    price: float
    quantity: float
    ts: int
    buyer_is_maker: bool
    event_ms: int


class MiniTicker(msgspec.Struct, frozen=True, gc=False):
    """Rolling 24 h: open, high, low, last, base volume, quote volume."""

    symbol: str
    open: float
    high: float
    low: float
    last: float
    volume: float
    quote_volume: float
    event_ms: int


class Ack(msgspec.Struct, frozen=True, gc=False):
    """A control message was accepted. That is no proof that data will flow."""

    id: int
    result: Any = None


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """The venue refused a control message."""

    id: int | None
    code: int
    text: str


class ServerShutdown(msgspec.Struct, frozen=True, gc=False):
    """The server is about to go: open a new connection at once."""

    event_ms: int


class Malformed(msgspec.Struct, frozen=True, gc=False):
    """A frame that could not be understood; counted and kept for inspection, never fatal."""

    frame: bytes
    error: str


class Ignored(msgspec.Struct, frozen=True, gc=False):
    """A well-formed frame that is not for us (another product, an event type we do not use)."""

    what: str


Message = Kline | AggTrade | MiniTicker | Ack | Refusal | ServerShutdown | Malformed | Ignored


class RestRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A GET to make: path and query, and what it costs of the venue's budget."""

    path: str
    params: dict[str, str]
    weight: int


class RestFailure(msgspec.Struct, frozen=True, kw_only=True):
    """What a failed reply means. kind: 'rate' stop all for retry_after_s, 'banned' likewise and remember it,
    'bad_symbol', 'bad_request', 'blocked' (WAF, region), 'server' (outcome unknown, retry with back-off)."""

    kind: str
    status: int
    code: int
    text: str
    retry_after_s: float = 0.0


class VenueLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The documented limits that the feed paces itself by."""

    streams_per_connection: int
    control_messages_per_s: float
    connects_per_5_min: int
    ping_interval_s: float
    lifetime_s: float
    rest_weight_per_min: int
    klines_per_request: int


class VenueProtocol(Protocol):
    """The sans-I/O face of a venue: every folder of engine.venues offers an object with these. All pure."""

    limits: VenueLimits

    def stream_url(self, base: str) -> str:
        """The WebSocket URL to connect to (bare; streams are subscribed afterwards), for the host `base`."""
        ...

    def stream_names(self, symbols: list[str], *, trades: bool) -> list[str]:
        """The streams that feed 1-minute candles of these symbols."""
        ...

    def subscribe(self, streams: list[str], request_id: int) -> list[tuple[int, str]]:
        """Control frames (id, text) in chunks, to be paced by limits.control_messages_per_s."""
        ...

    def decode(self, frame: bytes | str) -> list[Message]:
        """Messages of one frame; never raises."""
        ...

    def instruments_request(self) -> RestRequest: ...
    def parse_instruments(self, body: bytes, market: str) -> tuple[list[Instrument], int]:
        """(tradable and known instruments, request weight per minute as the venue states it)."""
        ...

    def time_request(self) -> RestRequest: ...
    def parse_time(self, body: bytes) -> int: ...
    def klines_request(
        self, symbol: str, timeframe: str, *, from_ms: int | None, to_ms: int | None, limit: int
    ) -> RestRequest: ...
    def parse_klines(self, symbol: str, body: bytes, *, server_ms: int) -> list[Kline]:
        """Oldest first; final only where the close time is before server_ms."""
        ...

    def failure(self, status: int, body: bytes, headers: dict[str, str]) -> RestFailure: ...
    def used_weight(self, headers: dict[str, str]) -> int | None: ...
