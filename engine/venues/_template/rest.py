"""REST requests, their replies and what their failures mean."""

from __future__ import annotations

import msgspec

from engine.contracts.feed import Kline, RestFailure, RestRequest
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import timeframe_ms
from engine.venues import replies
from engine.venues._template import constants


class _Listed(msgspec.Struct):
    name: str
    base: str
    quote: str
    tick: float
    lot: float
    open: bool


_LISTED = msgspec.json.Decoder(list[_Listed])


def instruments_request() -> RestRequest:
    return RestRequest(path="/v1/symbols", params={}, weight=5)


def parse_instruments(body: bytes, market: str) -> tuple[list[Instrument], int]:
    listed = [
        Instrument(
            market=market, name=s.name, base=s.base, quote=s.quote, tick_size=s.tick, lot_size=s.lot,
            status="trading" if s.open else "closed",
        )
        for s in replies.read(_LISTED, body, "symbols")
    ]  # fmt: skip
    return listed, constants.LIMITS.rest_weight_per_min


def time_request() -> RestRequest:
    return RestRequest(path="/v1/time", params={}, weight=1)


def parse_time(body: bytes) -> int:
    return replies.server_time(body)


def klines_request(symbol: str, timeframe: str, from_ms: int | None, to_ms: int | None, limit: int) -> RestRequest:
    timeframe_ms(timeframe)
    params = {"symbol": symbol, "tf": timeframe, "n": str(min(max(limit, 1), constants.LIMITS.klines_per_request))}
    if from_ms is not None:
        params["from"] = str(from_ms)
    if to_ms is not None:
        params["to"] = str(to_ms)
    return RestRequest(path="/v1/bars", params=params, weight=1)


def parse_klines(symbol: str, body: bytes, server_ms: int) -> list[Kline]:
    return replies.klines(symbol, body, server_ms)


def failure(status: int, body: bytes, headers: dict[str, str]) -> RestFailure:
    return replies.failure(status, body, headers)


def used_weight(headers: dict[str, str]) -> int | None:
    return replies.used_weight(headers)
