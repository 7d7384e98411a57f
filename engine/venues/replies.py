"""REST replies of Binance: exchangeInfo, kline rows, server time, failures, used weight. Shared by spot and futures."""

from __future__ import annotations

from math import inf
from typing import TypeVar

import msgspec

from engine.contracts.errors import PyroError
from engine.contracts.feed import Kline, RestFailure
from engine.contracts.instruments import Instrument
from engine.venues.wire import Id, Stamp, Unsound, sound_bar, to_ms

T = TypeVar("T")

DEFAULT_RETRY_S = 60.0
#: the shortest ban that Binance gives
DEFAULT_BAN_S = 120.0
_BAD_SYMBOL = -1121
_RATE = -1003
#: outcome unknown: disconnected, unexpected response, timeout, busy, shutting down
_SERVER_CODES = frozenset({-1000, -1001, -1006, -1007, -1008, -1016})
_WEIGHT_HEADER = "x-mbx-used-weight-1m"


class Filter(msgspec.Struct):
    """One entry of `filters`; min notional is spelt minNotional on spot and notional on futures."""

    filterType: str = ""
    tickSize: float = 0.0
    stepSize: float = 0.0
    minNotional: float = 0.0
    notional: float = 0.0


class SymbolInfo(msgspec.Struct):
    symbol: str
    status: str = ""
    baseAsset: str = ""
    quoteAsset: str = ""
    contractType: str = ""
    onboardDate: int = 0
    filters: list[Filter] = []
    #: not Binance's: our simulator marks what it invented
    simulated: bool = False


class RateLimit(msgspec.Struct):
    rateLimitType: str = ""
    interval: str = ""
    intervalNum: int = 1
    limit: int = 0


class ExchangeInfo(msgspec.Struct):
    symbols: list[SymbolInfo]
    rateLimits: list[RateLimit] = []


class ServerTime(msgspec.Struct):
    serverTime: int


class ErrorBody(msgspec.Struct):
    code: int = 0
    msg: str = ""


class KlineRow(msgspec.Struct, array_like=True, gc=False):
    """[open time, o, h, l, c, base volume, close time, quote volume, trades, ...]."""

    ts: Stamp
    open: float
    high: float
    low: float
    close: float
    volume: float
    close_ts: Stamp
    quote: float
    n: Id


_INFO = msgspec.json.Decoder(ExchangeInfo, strict=False)
_TIME = msgspec.json.Decoder(ServerTime)
_ERROR = msgspec.json.Decoder(ErrorBody)
_ROWS = msgspec.json.Decoder(list[KlineRow], strict=False)


def exchange_info(body: bytes) -> ExchangeInfo:
    """The typed reply; PyroError when it is no exchangeInfo."""
    return read(_INFO, body, "exchangeInfo")


def instrument(info: SymbolInfo, market: str, kind: str) -> Instrument:
    """A record of the symbol table. Steps come from the filters; *Precision fields are not steps."""
    tick = lot = notional = 0.0
    for rule in info.filters:
        if rule.filterType == "PRICE_FILTER":
            tick = rule.tickSize
        elif rule.filterType == "LOT_SIZE":
            lot = rule.stepSize
        elif rule.filterType in ("MIN_NOTIONAL", "NOTIONAL"):
            notional = rule.minNotional or rule.notional
    return Instrument(
        market=market,
        name=info.symbol,
        base=info.baseAsset,
        quote=info.quoteAsset,
        tick_size=_step(tick),
        lot_size=_step(lot),
        min_notional=_step(notional),
        status=info.status.lower(),
        kind=kind,
        listed_ms=info.onboardDate,
        generated=info.simulated,
    )


def _step(value: float) -> float:
    """The value where it can be a step, else 0 = none."""
    return value if 0.0 < value < inf else 0.0


def weight_per_minute(info: ExchangeInfo, documented: int) -> int:
    """REQUEST_WEIGHT per minute as stated, else the documented value."""
    for rule in info.rateLimits:
        if rule.rateLimitType == "REQUEST_WEIGHT" and rule.interval == "MINUTE" and rule.intervalNum == 1:
            return rule.limit
    return documented


def server_time(body: bytes) -> int:
    """Server time, ms; PyroError when the reply holds none."""
    try:
        return to_ms(read(_TIME, body, "time").serverTime)
    except Unsound as error:
        raise PyroError(f"The venue's server time cannot be used: {error}.", where="time") from None


def klines(symbol: str, body: bytes, server_ms: int) -> list[Kline]:
    """Bars oldest first, final where the close time is before server_ms. Rows that cannot be true are left out: to
    the caller they are minutes the venue does not have."""
    bars = []
    for row in read(_ROWS, body, f"klines of {symbol}"):
        if not sound_bar(row.open, row.high, row.low, row.close, row.volume):
            continue
        try:
            ts, close_ts = to_ms(row.ts), to_ms(row.close_ts)
        except Unsound:
            continue
        bars.append(
            Kline(
                symbol, ts, row.open, row.high, row.low, row.close, row.volume, row.n, -1, -1, close_ts < server_ms,
                server_ms,
            )
        )  # fmt: skip
    bars.sort(key=lambda bar: bar.ts)
    return bars


def failure(status: int, body: bytes, headers: dict[str, str]) -> RestFailure:
    """What a failed reply means. Never raises; an unreadable body counts as no code."""
    code, text = _error(body)
    kind, wait = _kind(status, code), 0.0
    if kind in ("rate", "banned"):
        wait = _retry_after(headers, DEFAULT_BAN_S if kind == "banned" else DEFAULT_RETRY_S)
    return RestFailure(kind=kind, status=status, code=code, text=text, retry_after_s=wait)


def used_weight(headers: dict[str, str]) -> int | None:
    """Weight used in this clock minute, as every reply states it; header names in any case."""
    text = _header(headers, _WEIGHT_HEADER)
    return int(text) if text.isascii() and text.isdigit() else None


def _kind(status: int, code: int) -> str:
    if status == 418:
        return "banned"
    if status == 429 or code == _RATE:
        return "rate"
    if status in (403, 451):
        return "blocked"
    if status >= 500 or status == 408 or code in _SERVER_CODES:
        return "server"
    return "bad_symbol" if code == _BAD_SYMBOL else "bad_request"


def _error(body: bytes) -> tuple[int, str]:
    try:
        error = _ERROR.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0, body[:200].decode("utf-8", "replace").strip()
    return error.code, error.msg


def _retry_after(headers: dict[str, str], default: float) -> float:
    text = _header(headers, "retry-after").strip()
    return float(text) if text.isascii() and text.isdigit() else default


def _header(headers: dict[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def read(decoder: msgspec.json.Decoder[T], body: bytes, what: str) -> T:
    """The typed reply; PyroError says which reply was unreadable and why."""
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PyroError(
            f"The venue's reply to {what} cannot be read: {error}.", fix="It will be asked again later."
        ) from None
