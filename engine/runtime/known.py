"""What the stores know of a symbol beside its candles: funding, bid and ask, the way to the account's currency."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.backtest.costs import Funding, funding_history
from engine.backtest.data import BarData
from engine.backtest.realism import Conversion, Known, Quotes, quotes_of
from engine.backtest.sizing import account_of
from engine.contracts.backtests import BacktestSpec
from engine.contracts.instruments import Instrument
from engine.contracts.markets import market, split_symbol, symbol_id
from engine.contracts.timeframes import timeframe_ms
from engine.runtime.kept import TaskContext, all_minutes
from engine.store.funding import import_funding, read_funding

_QUOTES = ("ts", "open", "bid_open", "ask_open")


def known_of(context: TaskContext, spec: BacktestSpec, data: BarData, instrument: Instrument) -> Known:
    """All that a run over these bars may use; what is not kept is None, and the run states what it takes instead."""
    return Known(
        funding=funding_of(context, instrument.symbol),
        quotes=_quotes(context, instrument.symbol, data),
        conversion=_conversion(context, spec, instrument),
    )


def bring_funding(context: TaskContext, file: Path, market_id: str, name: str = "") -> dict[str, int]:
    """The settlements of a file into the lake: symbol -> how many were new."""
    return import_funding(context.lake.root, file, market_id, name)


def funding_of(context: TaskContext, symbol: str) -> Funding | None:
    """The symbol's settlements; None without any."""
    ts, rate = read_funding(context.lake.root, symbol)
    return funding_history(ts, rate, symbol) if len(ts) else None


def _quotes(context: TaskContext, symbol: str, data: BarData) -> Quotes | None:
    if market(split_symbol(symbol)[0]).venue != "oanda":
        return None
    timeframe = "1m" if data.minute_length == 60_000 else data.timeframe
    columns = context.lake.read_columns(symbol, timeframe, _QUOTES)
    has = {name: bool(np.isfinite(columns[name]).any()) for name in ("bid_open", "ask_open")}
    if not any(has.values()):
        return None
    ts, minutes = columns["ts"], data.minutes
    at = np.minimum(np.searchsorted(ts, minutes["ts"]), len(ts) - 1)
    # a bar that came after the file's, or was restated, has none of its own
    same = (ts[at] == minutes["ts"]) & (columns["open"][at] == minutes["open"])
    sides = [np.where(same, columns[n][at], np.nan) if has[n] else None for n in ("bid_open", "ask_open")]
    return quotes_of(minutes["open"], sides[0], sides[1], symbol)


def _conversion(context: TaskContext, spec: BacktestSpec, instrument: Instrument) -> Conversion | None:
    account = account_of(spec, instrument)
    if account in (instrument.base, instrument.quote):
        return None
    stored: dict[str, list[str]] = {}
    for symbol, timeframe in context.lake.names():
        stored.setdefault(symbol, []).append(timeframe)
    own = instrument.market
    markets = [own, *sorted({split_symbol(s)[0] for s in stored} - {own})]
    for market_id in markets:
        for base, quote in ((instrument.quote, account), (account, instrument.quote)):
            for name in (f"{base}_{quote}", f"{base}{quote}"):
                symbol = symbol_id(market_id, name)
                if symbol in stored:
                    return _series(context, symbol, stored[symbol], base == account)
    return None


def _series(context: TaskContext, symbol: str, timeframes: list[str], inverse: bool) -> Conversion:
    timeframe = min(timeframes, key=timeframe_ms)
    bars = all_minutes(context, symbol) if timeframe == "1m" else context.lake.read(symbol, timeframe)
    close = bars["close"].astype(np.float64)
    return Conversion(
        ts=bars["ts"] + timeframe_ms(timeframe), rate=1.0 / close if inverse else close, symbol=f"{symbol} {timeframe}"
    )
