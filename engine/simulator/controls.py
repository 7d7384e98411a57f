"""Answers to SUBSCRIBE and its siblings, errors included, as documented (web-socket-streams.md)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from engine.simulator.config import STREAMS_PER_CONNECTION
from engine.simulator.exchange import Exchange
from engine.simulator.subscriber import Subscriber

_METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
#: documented as alphanumeric; the official connectors send hyphenated UUIDs
_TEXT_ID = re.compile(r"[A-Za-z0-9_-]{1,36}")


class _Refused(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def answer(exchange: Exchange, who: Subscriber, message: str | bytes) -> bytes:
    """The reply to one control message."""
    try:
        request = msgspec.json.decode(message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _error(3, "Invalid JSON: expected value at line 1 column 1", None)
    number = request.get("id") if isinstance(request, dict) else None
    try:
        if not isinstance(request, dict):
            raise _Refused(2, "Invalid request: expected a map at line 1 column 1")
        if not _is_id(number):
            number = None
            raise _Refused(2, "Invalid request: request ID must be an unsigned integer at line 1 column 1")
        result = _perform(exchange, who, request)
    except _Refused as refused:
        if refused.code == 4:  # seen nested, unlike the documented codes (unicorn-binance-websocket-api#17)
            return msgspec.json.encode({"error": {"code": 4, "msg": refused.text}, "id": number})
        return _error(refused.code, refused.text, number)
    return msgspec.json.encode({"result": result, "id": number})


def _perform(exchange: Exchange, who: Subscriber, request: dict[str, Any]) -> Any:
    if "method" not in request:
        raise _Refused(2, "Invalid request: missing field `method` at line 1 column 1")
    method, params = request["method"], request.get("params")
    if method not in _METHODS:
        expected = ", ".join(f"`{name}`" for name in _METHODS)
        raise _Refused(2, f"Invalid request: unknown variant `{method}`, expected one of {expected} at line 1 column 1")
    if method == "LIST_SUBSCRIPTIONS":
        return list(who.streams)
    if not isinstance(params, list):
        raise _Refused(2, "Invalid request: missing field `params` at line 1 column 1")
    if method in ("SUBSCRIBE", "UNSUBSCRIBE"):
        if not all(isinstance(name, str) for name in params):
            raise _Refused(2, "Invalid request: expected a string at line 1 column 1")
        if method == "UNSUBSCRIBE":
            exchange.unsubscribe(who, params)
            return None
        if len(who.streams) + len(set(params) - set(who.streams)) > STREAMS_PER_CONNECTION:
            raise _Refused(4, "Too many subscriptions")
        exchange.subscribe(who, params)
        return None
    return _property(who, method, params)


def _property(who: Subscriber, method: str, params: list[Any]) -> Any:
    if len(params) > (2 if method == "SET_PROPERTY" else 1):
        raise _Refused(2, "Invalid request: too many parameters at line 1 column 1")
    if not params or not isinstance(params[0], str):
        raise _Refused(2, "Invalid request: property name must be a string at line 1 column 1")
    if params[0] != "combined":
        raise _Refused(0, "Unknown property")
    if method == "GET_PROPERTY":
        return who.combined
    if len(params) < 2 or not isinstance(params[1], bool):
        raise _Refused(1, "Invalid value type: expected Boolean")
    who.combined = params[1]
    return None


def _is_id(value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, str):
        return _TEXT_ID.fullmatch(value) is not None
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _error(code: int, text: str, number: Any) -> bytes:
    body: dict[str, Any] = {"code": code, "msg": text}
    if number is not None:
        body["id"] = number
    return msgspec.json.encode(body)
