"""Binance wire shapes, typed once for spot and futures, and their conversion to contract messages.

Sources: binance-spot-api-docs web-socket-streams.md, the USD-M websocket pages. Unknown fields are skipped, strings
become floats in the decoder (`strict=False`), ids are bounded to 64 bits so that they fit the tick arrays.
"""

from __future__ import annotations

from math import inf
from typing import Annotated

import msgspec

from engine.contracts.feed import AggTrade, Kline, Malformed, Message, MiniTicker

Id = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Stamp = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]

#: a time outside 2009..2099 in ms is no market time (pitfall 69: ms and us get mixed)
EARLIEST_MS, LATEST_MS = 1_230_768_000_000, 4_102_444_800_000


class KlineBody(msgspec.Struct, gc=False):
    """The `k` of a kline event."""

    t: Stamp
    i: str
    f: Id
    L: Id
    o: float
    c: float
    h: float
    l: float  # noqa: E741 - the venue's field name
    v: float
    n: Id
    x: bool


class KlineEvent(msgspec.Struct, tag_field="e", tag="kline", gc=False):
    E: Stamp
    s: Name
    k: KlineBody
    st: int = 1


class AggTradeEvent(msgspec.Struct, tag_field="e", tag="aggTrade", gc=False):
    E: Stamp
    s: Name
    a: Id
    p: float
    q: float
    f: Id
    l: Id  # noqa: E741 - the venue's field name
    T: Stamp
    m: bool
    st: int = 1


class MiniTickerEvent(msgspec.Struct, tag_field="e", tag="24hrMiniTicker", gc=False):
    E: Stamp
    s: Name
    c: float
    o: float
    h: float
    l: float  # noqa: E741 - the venue's field name
    v: float
    q: float
    st: int = 1


Event = KlineEvent | AggTradeEvent | MiniTickerEvent


class Combined(msgspec.Struct, gc=False):
    """{"stream": name, "data": event or array of mini tickers}."""

    stream: str
    data: KlineEvent | AggTradeEvent | MiniTickerEvent | list[MiniTickerEvent]


#: event name -> wire type, for the slow path
EVENTS: dict[str, type[KlineEvent] | type[AggTradeEvent] | type[MiniTickerEvent]] = {
    "kline": KlineEvent,
    "aggTrade": AggTradeEvent,
    "24hrMiniTicker": MiniTickerEvent,
}
USD_M = 1


class Unsound(ValueError):
    """A well-formed event whose values cannot be true."""


def to_ms(stamp: int) -> int:
    """Milliseconds of a stamp in ms or us (timeUnit=MICROSECOND); Unsound outside 2009..2099."""
    if EARLIEST_MS <= stamp < LATEST_MS:
        return stamp
    if EARLIEST_MS * 1000 <= stamp < LATEST_MS * 1000:
        return stamp // 1000
    raise Unsound(f"time {stamp} is not between 2009 and 2100")


def sound_bar(open_: float, high: float, low: float, close: float, volume: float) -> bool:
    """Whether the figures can be a bar: finite, positive, ordered; NaN fails every comparison."""
    return 0.0 < low <= open_ <= high and low <= close <= high and high < inf and 0.0 <= volume < inf


def kline(event: KlineEvent) -> Kline:
    k = event.k
    if not sound_bar(k.o, k.h, k.l, k.c, k.v):
        raise Unsound(f"kline of {event.s} has o {k.o} h {k.h} l {k.l} c {k.c} v {k.v}")
    ts, stamp = k.t, event.E
    if not (EARLIEST_MS <= ts < LATEST_MS and EARLIEST_MS <= stamp < LATEST_MS):
        ts, stamp = to_ms(ts), to_ms(stamp)
    return Kline(event.s, ts, k.o, k.h, k.l, k.c, k.v, k.n, k.f, k.L, k.x, stamp)


def agg_trade(event: AggTradeEvent) -> AggTrade:
    if not (0.0 < event.p < inf and 0.0 <= event.q < inf and event.f <= event.l):
        raise Unsound(f"aggTrade {event.a} of {event.s} has price {event.p} quantity {event.q}")
    ts, stamp = event.T, event.E
    if not (EARLIEST_MS <= ts < LATEST_MS and EARLIEST_MS <= stamp < LATEST_MS):
        ts, stamp = to_ms(ts), to_ms(stamp)
    return AggTrade(event.s, event.a, event.f, event.l, event.p, event.q, ts, event.m, stamp)


def mini_ticker(event: MiniTickerEvent) -> MiniTicker:
    if not (sound_bar(event.o, event.h, event.l, event.c, event.v) and 0.0 <= event.q < inf):
        raise Unsound(f"miniTicker of {event.s} has o {event.o} h {event.h} l {event.l} c {event.c} v {event.v}")
    return MiniTicker(event.s, event.o, event.h, event.l, event.c, event.v, event.q, to_ms(event.E))


def as_bytes(frame: bytes | str) -> bytes:
    """The frame as kept for inspection."""
    return frame.encode("utf-8", "surrogatepass") if isinstance(frame, str) else bytes(frame)


def malformed(frame: bytes | str, error: str) -> list[Message]:
    return [Malformed(as_bytes(frame), error)]
