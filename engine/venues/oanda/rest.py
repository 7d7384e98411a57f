"""OANDA v20 REST requests, their replies and what their failures mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from engine.contracts.errors import BadInput
from engine.contracts.feed import RestFailure, RestRequest
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import timeframe_ms
from engine.venues import replies
from engine.venues.oanda import constants
from engine.venues.wire import sound_bar

_RETRY_S = 1.0


class _Account(msgspec.Struct):
    id: str
    mt4AccountID: int | None = None


class _Accounts(msgspec.Struct):
    accounts: list[_Account]


class _Listed(msgspec.Struct):
    name: str
    type: str = ""
    displayPrecision: int = 5
    tradeUnitsPrecision: int = 0


class _Instruments(msgspec.Struct):
    instruments: list[_Listed]


class Prices(msgspec.Struct, gc=False):
    """Open, high, low, close; strings on the wire."""

    o: float
    h: float
    l: float  # noqa: E741 - as on the wire
    c: float


class _Candle(msgspec.Struct, gc=False):
    time: str
    complete: bool
    volume: int = 0
    mid: Prices | None = None
    bid: Prices | None = None
    ask: Prices | None = None


class _Candles(msgspec.Struct):
    candles: list[_Candle]


class Bar(msgspec.Struct, frozen=True, gc=False):
    """A complete bar: ts open time ms, ticks = price updates."""

    ts: int
    ticks: int
    mid: Prices
    bid: Prices
    ask: Prices


class _Error(msgspec.Struct):
    errorMessage: str = ""
    errorCode: str = ""


_ACCOUNTS = msgspec.json.Decoder(_Accounts, strict=False)
_INSTRUMENTS = msgspec.json.Decoder(_Instruments, strict=False)
_CANDLES = msgspec.json.Decoder(_Candles, strict=False)
_ERROR = msgspec.json.Decoder(_Error)


def headers(token: str) -> dict[str, str]:
    """What every request carries."""
    return {"Authorization": f"Bearer {token}", "Accept-Datetime-Format": "RFC3339"}


def accounts_request() -> RestRequest:
    return RestRequest(path=constants.BASE + "/accounts", params={}, weight=1)


def parse_accounts(body: bytes) -> list[str]:
    """Ids of the accounts that v20 can use."""
    return [a.id for a in replies.read(_ACCOUNTS, body, "accounts").accounts if a.mt4AccountID is None]


def instruments_request(account: str) -> RestRequest:
    return RestRequest(path=f"{constants.BASE}/accounts/{account}/instruments", params={}, weight=1)


def parse_instruments(body: bytes, market: str) -> list[Instrument]:
    """The account's instruments that belong to oanda-forex or oanda-commodities."""
    listed = []
    for found in replies.read(_INSTRUMENTS, body, "instruments").instruments:
        base, _, quote = found.name.partition("_")
        kind = {"CURRENCY": "forex", "METAL": "metal"}.get(found.type, "cfd")
        commodity = kind == "metal" or base in constants.COMMODITY_CFDS
        if commodity != market.endswith("commodities") or (not commodity and kind != "forex"):
            continue
        listed.append(
            Instrument(
                market=market, name=found.name, base=base, quote=quote, tick_size=10.0**-found.displayPrecision,
                lot_size=10.0**-found.tradeUnitsPrecision, kind=kind,
            )
        )  # fmt: skip
    return listed


def candles_request(name: str, timeframe: str, from_ms: int, count: int) -> RestRequest:
    """Bars of mid, bid and ask, the `count` oldest from from_ms on. BadInput for a timeframe that OANDA lacks."""
    timeframe_ms(timeframe)
    granularity = constants.GRANULARITIES.get(timeframe)
    if granularity is None:
        raise BadInput(f"OANDA has no bars of {timeframe}.", fix=f"Use one of {', '.join(constants.GRANULARITIES)}.")
    params = {
        "price": "MBA",
        "granularity": granularity,
        "from": datetime.fromtimestamp(from_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "count": str(min(max(count, 1), constants.CANDLES_PER_REQUEST)),
    }
    return RestRequest(path=f"{constants.BASE}/instruments/{name}/candles", params=params, weight=1)


def parse_candles(body: bytes) -> tuple[list[Bar], int]:
    """(complete bars, oldest first; open time of the running bar that came with them, or -1). Bars that cannot be true
    are left out: to the caller they are minutes that OANDA does not have."""
    bars, running = [], -1
    for row in replies.read(_CANDLES, body, "candles").candles:
        ts = to_ms(row.time)
        if not row.complete:
            running = ts
            continue
        if row.mid is None or row.bid is None or row.ask is None:
            continue
        if all(sound_bar(p.o, p.h, p.l, p.c, row.volume) for p in (row.mid, row.bid, row.ask)):
            bars.append(Bar(ts, row.volume, row.mid, row.bid, row.ask))
    bars.sort(key=lambda bar: bar.ts)
    return bars, running


def to_ms(text: str) -> int:
    """ms of RFC 3339 with nanoseconds, or of seconds with decimals."""
    if text[4:5] == "-":
        moment = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
        return int(moment.timestamp()) * 1000
    return int(float(text) * 1000)


def failure(status: int, body: bytes, headers: Mapping[str, str]) -> RestFailure:
    """What a failed reply means; errorCode may be absent. Never raises."""
    try:
        text = _ERROR.decode(body).errorMessage
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = body[:200].decode("utf-8", "replace").strip()
    wait = 0.0
    if status == 429:
        kind, wait = "rate", _RETRY_S
    elif status >= 500 or status == 408:
        kind = "server"
    elif status in (401, 403):
        kind = "token"
    elif status == 404 or "instrument" in text.lower():
        kind = "bad_symbol"
    else:
        kind = "bad_request"
    return RestFailure(kind=kind, status=status, code=0, text=text, retry_after_s=wait)


def used_weight(headers: Mapping[str, str]) -> int | None:
    """OANDA does not say what was used."""
    return None
