"""A portfolio over what the stores hold."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine import __version__
from engine.backtest.portfolio import LaneInput, run_portfolio
from engine.clock import SYSTEM_CLOCK
from engine.contracts.backtests import BacktestSpec
from engine.contracts.markets import market, split_symbol
from engine.contracts.portfolios import Lane, PortfolioResult, PortfolioSpec
from engine.runtime.kept import Report, TaskContext
from engine.runtime.known import known_of
from engine.runtime.strategies import strategy
from engine.runtime.tasks_backtest import series_of, stream_of

Stopped = Callable[[], bool]


def portfolio(spec: PortfolioSpec, context: TaskContext, report: Report, stopped: Stopped) -> PortfolioResult:
    """All lanes, each on the bars that a single run of it would have."""
    lanes = [_input(lane, spec, context) for lane in spec.lanes]
    report(0.2)
    return run_portfolio(
        spec, lanes, code_version=__version__, clock=SYSTEM_CLOCK, progress=lambda f: report(0.2 + 0.8 * f),
        cancelled=stopped,
    )  # fmt: skip


def _input(lane: Lane, spec: PortfolioSpec, context: TaskContext) -> LaneInput:
    single = BacktestSpec(
        strategy=lane.strategy,
        symbol=lane.symbol,
        timeframe=lane.timeframe or strategy(lane.strategy).timeframe,
        from_ms=spec.from_ms,
        to_ms=spec.to_ms,
        params=lane.params,
        account=spec.account,
    )
    symbol, bound, data = series_of(single, context)
    instrument = context.instrument(symbol, data.bars)
    known = known_of(context, single, data, instrument)
    whole = msgspec.structs.replace(lane, symbol=symbol, timeframe=single.timeframe, params=dict(bound.params))
    return LaneInput(
        lane=whole,
        data=data,
        decisions=stream_of(bound, data, known),
        instrument=instrument,
        market=market(split_symbol(symbol)[0]),
        known=known,
        warmup=bound.warmup,
    )
