"""A back-test that follows a hand: the run of RunBacktest without what is only kept, on bars that stay warm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from engine.backtest.conventions import CONVENTIONS, Curve
from engine.backtest.data import BarData, Window
from engine.backtest.hash import trade_hash
from engine.backtest.metrics_trades import trade_figures
from engine.backtest.paid import entry_values
from engine.backtest.run import conditions, daily_equity
from engine.backtest.simulation import Decided, Simulation, simulate
from engine.clock import SYSTEM_CLOCK
from engine.contracts.backtests import BacktestSpec
from engine.contracts.dtypes import EXIT_END
from engine.contracts.markets import market, split_symbol
from engine.contracts.studio import Anchor, Followed, WhatIf
from engine.rules.strategy import Bound
from engine.runtime.kept import TaskContext
from engine.runtime.study_bars import Warm, WarmBars
from engine.runtime.study_knobs import knobs
from engine.runtime.tasks_backtest import bound_of, stream_of
from engine.signals.history import Block
from engine.signals.types import Orders

#: trades that one answer carries
MOST_TRADES = 3_000


class Heard:
    """Decisions that are written down while a simulation reads them."""

    def __init__(self, stream: Decided) -> None:
        self._stream = stream
        self._events: list[np.ndarray] = []
        self._edges: list[np.ndarray] = []

    @property
    def orders(self) -> Orders:
        return self._stream.orders

    def blocks(self, bars: np.ndarray, timeframe: str) -> Iterator[Block]:
        for block in self._stream.blocks(bars, timeframe):
            self._events.append(block.found.events.copy())
            self._edges.append(block.found.edges.copy())
            yield block

    @property
    def found(self) -> tuple[np.ndarray, np.ndarray]:
        """(bars with an edge int64, edges uint8), in order."""
        if not self._events:
            return np.empty(0, np.int64), np.empty(0, np.uint8)
        return np.concatenate(self._events), np.concatenate(self._edges)


class Outcome(NamedTuple):
    """What one run came to."""

    sim: Simulation
    window: Window
    figures: dict[str, float]


def run(
    spec: BacktestSpec,
    warm: Warm,
    data: BarData,
    bound: Bound,
    decided: Decided | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Outcome:
    """A run over the bars given, the newest of `warm` or all; decided: decisions, None = the strategy's own."""
    venue = market(split_symbol(warm.symbol)[0])
    window = data.window(spec, 0)
    decisions = decided or stream_of(bound, data, warm.known)
    made = conditions(spec, data, window, decisions, warm.instrument, venue, warm.known)
    cash = float(spec.sizing.cash)
    sim = simulate(data, window, decisions, made.terms, cash, made.events, more=made.more, cancelled=cancelled)
    ends, equity = daily_equity(data, window, sim, made.terms, cash, venue)
    last = window.minutes(data)[1]
    first_ms = int(data.bars[window.first]["ts"])
    curve = Curve(
        equity=equity,
        span_days=(int(data.minutes[last]["ts"]) + data.minute_length - first_ms) / 86_400_000,
        pnl=sim.trades["pnl"].astype(np.float64),
        days_per_year=venue.days_per_year,
        ends=ends,
    )
    values = entry_values(sim, made.terms)
    figures = trade_figures(sim.trades, cash, float(equity.mean()), curve.span_days, values)
    figures |= CONVENTIONS["pyroquant"].figures(curve)
    figures["total_return"] = curve.growth - 1
    figures["net_profit"] = float(equity[-1] - equity[0])
    figures["max_drawdown_bar"] = float(sim.drawdown.max())
    bars = window.last - window.first + 1
    figures["exposure"] = min(float(sim.trades["bars"].sum()) / bars, 1.0)
    return Outcome(sim, window, {name: float(value) for name, value in figures.items()})


def what_if(ask: WhatIf, context: TaskContext, bars: WarmBars, stopped: Callable[[], bool]) -> Followed:
    """BadInput as RunBacktest gives it."""
    began = SYSTEM_CLOCK.monotonic_ns()
    spec = ask.spec
    warm = bars.of(spec, context, moving=not ask.knobs)
    data = warm.data
    bound = bound_of(spec, warm.symbol)
    data.window(spec, bound.warmup)
    sim, window, figures = run(spec, warm, data, bound, cancelled=stopped)
    anchor = anchor_of(sim)
    trades, cut = in_view(sim.trades, ask.from_ms, ask.to_ms)
    keep = thinned(len(sim.index), ask.points)
    return Followed(
        figures=figures,
        trade_hash=trade_hash(sim.trades, warm.instrument.tick_size, warm.instrument.lot_size),
        equity_ts=data.bars["ts"][sim.index[keep]].tobytes(),
        equity=np.ascontiguousarray(sim.equity[keep]).tobytes(),
        trades=trades.tobytes(),
        cut=cut,
        bars=window.last - window.first + 1,
        first_ms=int(data.bars[window.first]["ts"]),
        last_ms=int(data.bars[window.last]["ts"]),
        knobs=knobs(bound, data, anchor) if ask.knobs else [],
        anchor=anchor,
        strategy_text=bound.strategy.text() if ask.knobs else "",
        ms=(SYSTEM_CLOCK.monotonic_ns() - began) / 1e6,
    )


def anchor_of(sim: Simulation) -> Anchor | None:
    """The newest trade."""
    if not len(sim.trades):
        return None
    row = sim.trades[-1]
    return Anchor(
        entry_ts=int(row["entry_ts"]),
        exit_ts=int(row["exit_ts"]),
        side=int(row["side"]),
        entry_price=float(row["entry_price"]),
        open=int(row["reason"]) == EXIT_END,
    )


def in_view(trades: np.ndarray, from_ms: int | None, to_ms: int | None) -> tuple[np.ndarray, bool]:
    """(the newest trades that touch the range, whether there are older ones in it)."""
    if from_ms is None and to_ms is None:
        return trades[:0], False
    chosen = np.ones(len(trades), np.bool_)
    if from_ms is not None:
        chosen &= trades["exit_ts"] >= from_ms
    if to_ms is not None:
        chosen &= trades["entry_ts"] <= to_ms
    found = np.flatnonzero(chosen)
    return trades[found[-MOST_TRADES:]], len(found) > MOST_TRADES


def thinned(count: int, points: int) -> np.ndarray:
    """Indices of at most `points` of so many, the first and the last among them."""
    if count <= max(points, 2):
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, max(points, 2)).astype(np.int64))
