"""Binance USD-M Futures REST requests and their replies."""

from __future__ import annotations

from engine.contracts.feed import RestRequest
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import timeframe_ms
from engine.venues import replies
from engine.venues.binance_futures import constants


def instruments_request() -> RestRequest:
    return RestRequest(path=constants.REST_BASE + "/exchangeInfo", params={}, weight=constants.EXCHANGE_INFO_WEIGHT)


def parse_instruments(body: bytes, market: str) -> tuple[list[Instrument], int]:
    """Perpetuals of any quote, whatever their status: a settling one is kept and shown as settling (pitfall 47)."""
    info = replies.exchange_info(body)
    listed = [
        replies.instrument(symbol, market, symbol.contractType.lower())
        for symbol in info.symbols
        if symbol.contractType in constants.CONTRACT_TYPES
    ]
    return listed, replies.weight_per_minute(info, constants.LIMITS.rest_weight_per_min)


def time_request() -> RestRequest:
    """Server time; the serverTime inside exchangeInfo is no clock here."""
    return RestRequest(path=constants.REST_BASE + "/time", params={}, weight=constants.TIME_WEIGHT)


def klines_request(symbol: str, timeframe: str, from_ms: int | None, to_ms: int | None, limit: int) -> RestRequest:
    """Rows from from_ms (oldest first) or up to to_ms (latest), both inclusive open times; limit held to 1..1500."""
    timeframe_ms(timeframe)
    rows = min(max(limit, 1), constants.LIMITS.klines_per_request)
    params = {"symbol": symbol, "interval": timeframe, "limit": str(rows)}
    if from_ms is not None:
        params["startTime"] = str(from_ms)
    if to_ms is not None:
        params["endTime"] = str(to_ms)
    return RestRequest(path=constants.REST_BASE + "/klines", params=params, weight=klines_weight(rows))


def klines_weight(rows: int) -> int:
    """Documented weight of a klines request by its limit."""
    return next((weight for most, weight in constants.KLINES_WEIGHTS if rows <= most), constants.KLINES_WEIGHT_ABOVE)
