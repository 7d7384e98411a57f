"""A single back-test over what the stores hold: the same for the window, the command line and tests."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from engine import __version__
from engine.backtest.costs import known_rates
from engine.backtest.data import BarData, bar_data
from engine.backtest.realism import Known
from engine.backtest.run import run_backtest
from engine.candles.minutes import aggregate
from engine.clock import SYSTEM_CLOCK, iso
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.errors import BadInput
from engine.contracts.markets import market, split_symbol
from engine.contracts.timeframes import timeframe_ms
from engine.rules.changes import with_rules
from engine.rules.strategy import Bound
from engine.runtime.compiling import told_of_compiling
from engine.runtime.kept import Report, TaskContext, all_minutes
from engine.runtime.known import known_of
from engine.runtime.strategies import day_of, strategy
from engine.signals.history import Stream
from engine.store.recent import history

Stopped = Callable[[], bool]


def backtest(spec: BacktestSpec, context: TaskContext, report: Report, stopped: Stopped) -> BacktestResult:
    """One run over what lake and state hold; indicators warm from all earlier bars.

    The same function serves the window, the command line and tests, so their trade hashes are equal.
    """
    with told_of_compiling(report, "computing") as tell:
        tell(0.0, "loading candles")
        symbol, bound, data = series_of(spec, context)
        tell(0.1)
        instrument = context.instrument(symbol, data.bars)
        known = known_of(context, spec, data, instrument)
        return run_backtest(
            msgspec.structs.replace(spec, symbol=symbol, params=dict(bound.params)),
            data=data,
            decisions=stream_of(bound, data, known),
            instrument=instrument,
            market=market(split_symbol(symbol)[0]),
            strategy_text=bound.strategy.text(),
            code_version=__version__,
            clock=SYSTEM_CLOCK,
            warmup=bound.warmup,
            known=known,
            progress=lambda f: tell(0.1 + 0.9 * f),
            cancelled=stopped,
        )


def stream_of(bound: Bound, data: BarData, known: Known) -> Stream:
    """The strategy's decisions; its rules read the same funding that positions pay."""
    if known.funding is None:
        return Stream(bound)
    return Stream(bound, known_rates(known.funding, data.bars, timeframe_ms(data.timeframe)))


def series_of(spec: BacktestSpec, context: TaskContext) -> tuple[str, Bound, BarData]:
    """(symbol, the strategy bound, all bars up to the end of the range with the minutes they are made of)."""
    if spec.from_ms is not None and spec.to_ms is not None and spec.from_ms >= spec.to_ms:
        raise BadInput(
            f"the range from {iso(spec.from_ms)} to {iso(spec.to_ms)} is empty.", fix="The end must be after the start."
        )
    bound = bound_of(spec, context.resolve(spec.symbol))
    symbol, data = data_of(spec, context)
    return symbol, bound, data


def data_of(spec: BacktestSpec, context: TaskContext) -> tuple[str, BarData]:
    """(symbol, all bars up to the end of the range with the minutes they are made of)."""
    symbol = context.resolve(spec.symbol)
    length = timeframe_ms(spec.timeframe)
    minutes = all_minutes(context, symbol)
    if not len(minutes):
        return symbol, _native(spec, symbol, context)
    # everything after the window's end is out of sight, down to the bar that would still be forming there
    if spec.to_ms is not None:
        first = int(minutes["ts"][0])
        minutes = minutes[: np.searchsorted(minutes["ts"], spec.to_ms)]
        if not len(minutes):
            raise BadInput(
                f"There are no candles before {iso(spec.to_ms)}.",
                where=symbol,
                fix=f"They begin at {iso(first)}: choose a later range, or import older ones.",
            )
    bars = aggregate(minutes, spec.timeframe)
    if length != 60_000 and len(bars):
        minutes = minutes[: np.searchsorted(minutes["ts"], int(bars["ts"][-1]) + length)]
    return symbol, bar_data(symbol, spec.timeframe, bars, minutes)


def bound_of(spec: BacktestSpec, symbol: str = "") -> Bound:
    """The strategy of a run with its rules and parameters, on its timeframe; BadInput where they do not fit.

    symbol: as MARKET:NAME, '' as the spec has it. A parameter that went with a rule is left out."""
    market_id = split_symbol(symbol or spec.symbol)[0]
    own = strategy(spec.strategy)
    changed = with_rules(own, spec.rules)
    params = {n: v for n, v in spec.params.items() if n in changed.params or n not in own.params}
    return changed.bind(params, spec.timeframe, day_of(market(market_id)) if market_id else "utc")


def _native(spec: BacktestSpec, symbol: str, context: TaskContext) -> BarData:
    """A symbol of which only higher bars were imported: stops are resolved on those, and the result says so."""
    bars = history(context.state, context.lake, symbol, spec.timeframe, to_ms=spec.to_ms)
    if not len(bars):
        have = sorted({t for s, t in context.lake.names() if s == symbol})
        raise BadInput(
            f"there are no 1-minute or {spec.timeframe} bars of {symbol}.",
            fix=f"It has {', '.join(have)}."
            if have
            else "Import some: pyroquant data import FILE --symbol MARKET:NAME",
        )
    return bar_data(symbol, spec.timeframe, bars, None)
