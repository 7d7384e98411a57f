"""Binance Spot REST requests and their replies."""

from __future__ import annotations

from engine.contracts.feed import RestRequest
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import timeframe_ms
from engine.venues import replies
from engine.venues.binance_spot import constants


def instruments_request() -> RestRequest:
    """exchangeInfo without the permission sets, which are most of its size."""
    return RestRequest(
        path=constants.REST_BASE + "/exchangeInfo",
        params={"showPermissionSets": "false"},
        weight=constants.EXCHANGE_INFO_WEIGHT,
    )


def parse_instruments(body: bytes, market: str) -> tuple[list[Instrument], int]:
    """All listed symbols, whatever their status: a halted symbol is kept and shown as halted (pitfall 47)."""
    info = replies.exchange_info(body)
    listed = [replies.instrument(symbol, market, "spot") for symbol in info.symbols]
    return listed, replies.weight_per_minute(info, constants.LIMITS.rest_weight_per_min)


def time_request() -> RestRequest:
    return RestRequest(path=constants.REST_BASE + "/time", params={}, weight=constants.TIME_WEIGHT)


def klines_request(symbol: str, timeframe: str, from_ms: int | None, to_ms: int | None, limit: int) -> RestRequest:
    """Rows from from_ms (oldest first) or up to to_ms (latest), both inclusive open times; limit held to 1..1000."""
    timeframe_ms(timeframe)
    rows = min(max(limit, 1), constants.LIMITS.klines_per_request)
    params = {"symbol": symbol, "interval": timeframe, "limit": str(rows)}
    if from_ms is not None:
        params["startTime"] = str(from_ms)
    if to_ms is not None:
        params["endTime"] = str(to_ms)
    return RestRequest(path=constants.REST_BASE + "/klines", params=params, weight=constants.KLINES_WEIGHT)
