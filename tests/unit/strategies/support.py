"""Shipped strategies on five real series: bars, entries and trades, for the tests and for authors (see report.py)."""

from __future__ import annotations

from collections import defaultdict
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
#: indicators that read the volume
VOLUME = {"VWMA", "MFI", "OBV", "AD", "CMF", "ADOSC", "VWAP", "FORCE", "VOLUME_Z", "EMV", "KLINGER", "NVI"}


class Series(NamedTuple):
    """minutes, hours: files of 1-minute and of 1-hour bars; hours are used from 1h on, else bars are made of minutes.
    volume: whether the minutes, and the hours, have any."""

    instrument: Instrument
    minutes: str
    hours: str = ""
    volume: tuple[bool, bool] = (False, False)

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

    def from_hours(self, timeframe: str) -> bool:
        return bool(self.hours) and timeframe_ms(timeframe) >= timeframe_ms("1h")

    def has_volume(self, timeframe: str) -> bool:
        return self.volume[self.from_hours(timeframe)]


def _series(
    venue: str, name: str, tick: float, minutes: str, hours: str = "", volume: tuple[bool, bool] = (False, False)
) -> Series:
    base, quote = name.split("_") if "_" in name else (name[:-4], name[-4:])
    lot = 1e-5 if quote == "USDT" else 1.0
    kind = "perpetual" if venue == "binance-futures" else "spot"
    instrument = Instrument(market=venue, name=name, base=base, quote=quote, tick_size=tick, lot_size=lot, kind=kind)
    return Series(instrument, f"candles/{minutes}" if minutes else "", f"candles/{hours}" if hours else "", volume)


SERIES = (
    _series("binance-spot", "BTCUSDT", 0.01, "binance-spot/BTCUSDT/1m.parquet", volume=(True, False)),
    _series("binance-futures", "BTCUSDT", 0.1, "binance-um/BTCUSDT/1m.parquet", volume=(True, False)),
    _series("oanda-commodities", "XAU_USD", 0.001, "histdata/XAU_USD/1m.parquet"),
    _series(
        "oanda-forex", "EUR_USD", 1e-5, "histdata/EUR_USD/1m.parquet", "oanda/EUR_USD/H1.parquet", volume=(False, True)
    ),
    _series(
        "oanda-forex", "AUD_USD", 1e-5, "histdata/AUD_USD/1m.parquet", "oanda/AUD_USD/H1.parquet", volume=(False, True)
    ),
)
#: in place of gold for strategies that read the volume
YEN = _series("oanda-forex", "USD_JPY", 0.001, "", "oanda/USD_JPY/H1.parquet", volume=(False, True))


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
def bars_of(series: Series, timeframe: str) -> BarData:
    """The last BARS of a series, with the minutes they are made of where there are any."""
    length = timeframe_ms(timeframe)
    if series.from_hours(timeframe):
        return bar_data(series.name, timeframe, aggregate(_read(series.hours, BARS * length // 3_600_000), timeframe))
    minutes = merge_minutes(_read(series.minutes, BARS * length // 60_000))
    bars = aggregate(minutes, timeframe)[-BARS:]
    minutes = minutes[minutes["ts"] >= bars["ts"][0]]
    return bar_data(series.name, timeframe, bars, minutes[minutes["ts"] < bars["ts"][-1] + length])


def decisions(chosen: Sequence[Strategy], series: Series, timeframe: str) -> list[Decisions]:
    """What each decides on the bars of a series, with its default parameters; all in one program."""
    bounds = [s.bind(timeframe=timeframe, day=series.day) for s in chosen]
    return decide(compile_strategies(bounds), bars_of(series, timeframe).bars, timeframe)


def runs_of(strategy: Strategy) -> list[tuple[Series, str]]:
    """Its five series and the timeframe on each: its own, or 1h where the volume that it reads is there only."""
    if not uses_volume(strategy):
        return [(series, strategy.timeframe) for series in SERIES]
    own = strategy.timeframe
    return [(s, own if s.has_volume(own) else "1h") for s in (*SERIES, YEN) if s.has_volume("1h")]


def trade_counts(chosen: Sequence[Strategy]) -> dict[str, list[int]]:
    """Trades of each on its five series, with the market's costs."""
    counts: dict[str, list[int]] = {s.id: [] for s in chosen}
    groups: dict[tuple[Series, str], list[Strategy]] = defaultdict(list)
    for strategy in chosen:
        for run in runs_of(strategy):
            groups[run].append(strategy)
    for series in (*SERIES, YEN):
        for (_, timeframe), group in [(run, group) for run, group in groups.items() if run[0] == series]:
            held = bars_of(series, timeframe)
            spec = BacktestSpec(strategy="all", symbol=series.name, timeframe=timeframe)
            terms, _ = fill_terms(spec, series.instrument, series.market.taker, 1e-4)
            for strategy, decided in zip(group, decisions(group, series, timeframe), strict=True):
                made = simulate(held, held.window(spec), decided, terms, spec.sizing.cash)
                counts[strategy.id].append(len(made.trades))
    return counts


def entries_on(chosen: Sequence[Strategy], series: Series, timeframe: str) -> np.ndarray:
    """bool[s, 2 n]: entry edges of the long side, then of the short side; none where there is no volume to read."""
    rows = np.array([d.masks[[0, 2]].astype(bool).ravel() for d in decisions(chosen, series, timeframe)])
    if not series.has_volume(timeframe):
        rows[[uses_volume(s) for s in chosen]] = False
    return rows


def distinct_results(strategy: Strategy, enough: int) -> int:
    """Different trade hashes of its grid on the first series, counted until there are enough."""
    series = SERIES[0]
    held = bars_of(series, strategy.timeframe)
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
