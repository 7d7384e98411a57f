"""Shipped strategies on five real series: bars, entries and trades, for the tests and for authors (see report.py)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from engine.backtest.data import BarData, bar_data
from engine.backtest.grid import trade_hashes
from engine.backtest.simulation import simulate
from engine.backtest.sizing import fill_terms
from engine.candles.minutes import aggregate, merge_minutes
from engine.contracts.backtests import BacktestSpec
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market, market
from engine.contracts.timeframes import timeframe_ms
from engine.rules.api import Strategy
from engine.rules.expressions import Expression, IndicatorCall, Price, children, is_scalar, walk
from engine.rules.strategy import compile_strategies
from engine.signals.history import Decisions, decide
from tests.shared import data

#: bars of a series that a strategy is run on, where there are as many
BARS = 25_000
GRID_BARS = 12_000
#: indicators that read the volume
VOLUME = {"VWMA", "MFI", "OBV", "AD", "CMF", "ADOSC", "VWAP", "FORCE", "VOLUME_Z", "EMV", "KLINGER", "NVI"}


class Series(NamedTuple):
    """minutes, hours: files of 1-minute and of 1-hour bars (hours: used from 1h on; else they are made of minutes).
    volume: timeframes on which volume is published; None = all."""

    instrument: Instrument
    minutes: str
    hours: str = ""
    volume: tuple[str, ...] | None = ()

    @property
    def name(self) -> str:
        return self.instrument.symbol

    @property
    def market(self) -> Market:
        return market(self.instrument.market)

    @property
    def day(self) -> str:
        """The calendar by which its trading day ends."""
        return "utc" if self.market.day_tz == "UTC" else "new_york"

    def has_volume(self, timeframe: str) -> bool:
        return self.volume is None or timeframe in self.volume


def _instrument(venue: str, name: str, base: str, quote: str, tick: float, lot: float, kind: str) -> Instrument:
    return Instrument(market=venue, name=name, base=base, quote=quote, tick_size=tick, lot_size=lot, kind=kind)


SERIES = (
    Series(
        _instrument("binance-spot", "BTCUSDT", "BTC", "USDT", 0.01, 1e-5, "spot"),
        "candles/binance-spot/BTCUSDT/1m.parquet",
        volume=None,
    ),
    Series(
        _instrument("binance-futures", "BTCUSDT", "BTC", "USDT", 0.1, 0.001, "perpetual"),
        "candles/binance-um/BTCUSDT/1m.parquet",
        volume=None,
    ),
    Series(
        _instrument("oanda-commodities", "XAU_USD", "XAU", "USD", 0.001, 1, "commodity"),
        "candles/histdata/XAU_USD/1m.parquet",
    ),
    Series(
        _instrument("oanda-forex", "EUR_USD", "EUR", "USD", 1e-5, 1, "forex"),
        "candles/histdata/EUR_USD/1m.parquet",
        "candles/oanda/EUR_USD/H1.parquet",
        ("1h", "2h", "4h"),
    ),
    Series(
        _instrument("oanda-forex", "AUD_USD", "AUD", "USD", 1e-5, 1, "forex"),
        "candles/histdata/AUD_USD/1m.parquet",
        "candles/oanda/AUD_USD/H1.parquet",
        ("1h", "2h", "4h"),
    ),
)


def _read(path: str, rows: int) -> np.ndarray:
    """The last rows of a file of bars."""
    file = pq.ParquetFile(data(path))
    groups, held = [], 0
    for group in reversed(range(file.num_row_groups)):
        groups.insert(0, group)
        held += file.metadata.row_group(group).num_rows
        if held >= rows:
            break
    table = file.read_row_groups(groups, columns=list(CANDLE_DTYPE.names))
    out = np.empty(table.num_rows, CANDLE_DTYPE)
    for name in CANDLE_DTYPE.names:
        out[name] = table[name].to_numpy()
    return out[-rows:]


@cache
def bars_of(series: Series, timeframe: str, most: int = BARS) -> BarData:
    """The last `most` bars of a series, with the minutes they are made of where there are any."""
    length = timeframe_ms(timeframe)
    if series.hours and length >= timeframe_ms("1h"):
        return bar_data(series.name, timeframe, aggregate(_read(series.hours, most * length // 3_600_000), timeframe))
    minutes = merge_minutes(_read(series.minutes, most * length // 60_000))
    bars = aggregate(minutes, timeframe)[-most:]
    minutes = minutes[minutes["ts"] >= bars["ts"][0]]
    return bar_data(series.name, timeframe, bars, minutes[minutes["ts"] < bars["ts"][-1] + length])


def decisions(chosen: Sequence[Strategy], series: Series, timeframe: str) -> list[Decisions]:
    """What each decides on the bars of a series, with its default parameters; all in one program."""
    bounds = [s.bind(timeframe=timeframe, day=series.day) for s in chosen]
    return decide(compile_strategies(bounds), bars_of(series, timeframe).bars, timeframe)


def trade_counts(chosen: Sequence[Strategy]) -> dict[tuple[str, str], int]:
    """Trades by (strategy, series), each on its own timeframe, with the market's costs."""
    counts = {}
    for timeframe in sorted({s.timeframe for s in chosen}):
        group = [s for s in chosen if s.timeframe == timeframe]
        for series in SERIES:
            held = bars_of(series, timeframe)
            spec = BacktestSpec(strategy="all", symbol=series.name, timeframe=timeframe)
            terms, _ = fill_terms(spec, series.instrument, series.market.taker, 1e-4)
            for strategy, decided in zip(group, decisions(group, series, timeframe), strict=True):
                made = simulate(held, held.window(spec), decided, terms, spec.sizing.cash)
                counts[strategy.id, series.name] = len(made.trades)
    return counts


def entries_on(chosen: Sequence[Strategy], series: Series, timeframe: str) -> np.ndarray:
    """bool[s, 2 n]: entry edges of the long side, then of the short side, of each strategy."""
    return np.array([d.masks[[0, 2]].astype(bool).ravel() for d in decisions(chosen, series, timeframe)])


def series_for(strategy: Strategy) -> list[Series]:
    """Those with the volume that it reads, if it reads any."""
    if not uses_volume(strategy):
        return list(SERIES)
    return [s for s in SERIES if s.has_volume(strategy.timeframe)]


def distinct_results(strategy: Strategy, enough: int) -> int:
    """Different trade hashes of its grid on the first series, counted until there are enough."""
    series = SERIES[0]
    held = bars_of(series, strategy.timeframe, GRID_BARS)
    sets, seen = strategy.param_sets(), set()
    for start in range(0, len(sets), enough):
        part = sets[start : start + enough]
        found = trade_hashes(strategy, held.bars, series.instrument, series.market, part, minutes=held.minutes)
        seen |= {one.hash for one in found}
        if len(seen) >= enough:
            break
    return len(seen)


def overlaps(rows: Sequence[np.ndarray]) -> np.ndarray:
    """float64[s, s]: entries that two strategies share over those that either has; 0 where neither has any."""
    true = np.array(rows, np.float32)
    shared = (true @ true.T).astype(np.float64)
    each = np.diag(shared)
    either = each[:, None] + each[None, :] - shared
    return np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)


def parts(strategy: Strategy) -> Iterator[Expression]:
    """Every expression of its rules."""
    for rule in strategy.rules.values():
        yield from walk(rule)


def uses_volume(strategy: Strategy) -> bool:
    return any(
        (isinstance(e, Price) and e.name == "volume") or (isinstance(e, IndicatorCall) and e.name in VOLUME)
        for e in parts(strategy)
    )


def uses_funding(strategy: Strategy) -> bool:
    return any(isinstance(e, Price) and e.name == "funding" for e in parts(strategy))


def shape(value: Expression) -> object:
    """The tree with one mark in place of every number, parameter and what is made of these only."""
    if is_scalar(value):
        return "#"
    words = tuple(str(getattr(value, name)) for name in ("name", "op", "output", "text") if name in vars(value))
    return (type(value).__name__, *words, *map(shape, children(value)))


def tree(strategy: Strategy) -> object:
    """The whole strategy up to constants."""
    return tuple((name, shape(rule)) for name, rule in strategy.rules.items() if name != "requires")
