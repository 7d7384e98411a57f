"""Frames to messages.

{"bar": [symbol, open time, o, h, l, c, v, closed, stamp]}, {"ok": id} or {"no": [id, code, text]}.
"""

from __future__ import annotations

import msgspec

from engine.contracts.feed import Ack, Ignored, Kline, Message, Refusal
from engine.venues import wire


class _Bar(msgspec.Struct, array_like=True, gc=False):
    symbol: wire.Name
    ts: wire.Stamp
    open: float
    high: float
    low: float
    close: float
    volume: float
    closed: bool
    stamp: wire.Stamp


class _Frame(msgspec.Struct, gc=False):
    bar: _Bar | None = None
    ok: int | None = None
    no: tuple[int, int, str] | None = None


_DECODER = msgspec.json.Decoder(_Frame)


def decode(frame: bytes | str) -> list[Message]:
    """Messages of one frame; never raises."""
    try:
        return [_message(_DECODER.decode(frame))]
    except Exception as error:  # never raises on any bytes: whatever it was, it is kept and counted
        return wire.malformed(frame, str(error))


def _message(frame: _Frame) -> Message:
    if frame.bar is not None:
        b = frame.bar
        if not wire.sound_bar(b.open, b.high, b.low, b.close, b.volume):
            raise wire.Unsound(f"bar of {b.symbol} has o {b.open} h {b.high} l {b.low} c {b.close} v {b.volume}")
        return Kline(
            b.symbol, wire.to_ms(b.ts), b.open, b.high, b.low, b.close, b.volume, -1, -1, -1, b.closed,
            wire.to_ms(b.stamp),
        )  # fmt: skip
    if frame.ok is not None:
        return Ack(frame.ok)
    if frame.no is not None:
        return Refusal(*frame.no)
    return Ignored("event of a kind that is not used")
