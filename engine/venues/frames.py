"""Frames of a Binance connection to messages: a typed fast path, and a tolerant slow path for everything else.

The fast path takes combined and raw kline, aggTrade and miniTicker frames in one typed decode. What it refuses (control
replies, errors, arrays, shutdown notices, event types that are not ours, damage) goes through `_slow`, which names it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from engine.contracts.feed import Ack, Ignored, Message, Refusal, ServerShutdown
from engine.venues import wire

_COMBINED = msgspec.json.Decoder(wire.Combined, strict=False)
_RAW = msgspec.json.Decoder(wire.Event, strict=False)
_ANY = msgspec.json.Decoder()
_SHOWN = 120

#: 1-minute bars are the only klines used; higher bars are aggregated from them
INTERVAL = "1m"
Accept = Callable[[wire.Event], str | None]


def decode(frame: bytes | str, accept: Accept) -> list[Message]:
    """Messages of one frame; never raises. `accept(event)` gives why an event is not for us, or None."""
    try:
        if frame[:9] in (b'{"stream"', '{"stream"'):
            data = _COMBINED.decode(frame).data
            if isinstance(data, list):
                return [_guarded(event, accept, frame) for event in data]
            return [_message(data, accept)]
        if frame[:4] in (b'{"e"', '{"e"'):
            return [_message(_RAW.decode(frame), accept)]
    except wire.Unsound as error:
        return wire.malformed(frame, str(error))
    except Exception:  # whatever the typed path cannot read, the slow path names
        pass
    try:
        return _slow(frame, accept)
    except Exception as error:  # never raises on any bytes: deep nesting, lone surrogates, broken UTF-8
        return wire.malformed(frame, f"{type(error).__name__}: {error}"[:_SHOWN])


def _message(event: wire.Event, accept: Accept) -> Message:
    reason = accept(event)
    if reason is not None:
        return Ignored(reason)
    if isinstance(event, wire.KlineEvent):
        if event.k.i != INTERVAL:
            return Ignored(f"kline_{event.k.i}")
        return wire.kline(event)
    if isinstance(event, wire.AggTradeEvent):
        return wire.agg_trade(event)
    return wire.mini_ticker(event)


def _guarded(event: wire.Event, accept: Accept, frame: bytes | str) -> Message:
    try:
        return _message(event, accept)
    except wire.Unsound as error:
        return wire.malformed(msgspec.json.encode(event), str(error))[0]


def _slow(frame: bytes | str, accept: Accept) -> list[Message]:
    value = _ANY.decode(frame)
    stream = ""
    if isinstance(value, dict) and "stream" in value and "data" in value:
        stream, value = str(value["stream"]), value["data"]
    if isinstance(value, list):
        return [_from_object(item, stream, accept, frame) for item in value]
    return [_from_object(value, stream, accept, frame)]


def _from_object(value: Any, stream: str, accept: Accept, frame: bytes | str) -> Message:
    if not isinstance(value, dict):
        return wire.malformed(frame, f"a {type(value).__name__} where an event was expected")[0]
    if isinstance(value.get("event"), dict):
        value = value["event"]
    name = value.get("e")
    if isinstance(name, str):
        return _from_event(name, value, accept, frame)
    control = _from_control(value)
    if control is not None:
        return control
    if stream or ("u" in value and "s" in value) or "lastUpdateId" in value:
        return Ignored(stream.partition("@")[2][:_SHOWN] or "event without a type")
    return wire.malformed(frame, "neither an event nor a reply")[0]


def _from_event(name: str, value: dict[str, Any], accept: Accept, frame: bytes | str) -> Message:
    if name == "serverShutdown":
        stamp = value.get("E")
        return ServerShutdown(stamp if isinstance(stamp, int) else 0)
    kind = wire.EVENTS.get(name)
    if kind is None:
        return Ignored(name[:_SHOWN])
    try:
        return _message(msgspec.convert(value, kind, strict=False), accept)
    except (msgspec.ValidationError, wire.Unsound) as error:
        return wire.malformed(frame, str(error))[0]


def _from_control(value: dict[str, Any]) -> Message | None:
    """Ack or Refusal of a control reply, in both error shapes; None when it is neither."""
    request = value.get("id")
    known = request if isinstance(request, int) and not isinstance(request, bool) else None
    body = value.get("error") if isinstance(value.get("error"), dict) else value
    if isinstance(body, dict) and isinstance(body.get("code"), int) and "msg" in body:
        return Refusal(known, body["code"], str(body["msg"]))
    if "result" in value and "id" in value:
        return Ack(known, value["result"]) if known is not None else Ignored("reply to another program's request")
    return None
