"""The windows of a walk-forward each as a run of its own: for terms that one pass does not cover, and to check it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from engine.backtest.data import Window
from engine.backtest.onepass_types import PassSpec, WindowSeries
from engine.backtest.run import daily_equity
from engine.backtest.simulation import Simulation, simulate
from engine.contracts.errors import Cancelled
from engine.rules.strategy import Bound, StrategyProgram, compile_strategies
from engine.signals.history import Decisions, decide

#: sets decided together; the masks of each take four bytes a bar while the windows run
_TOGETHER = 4


def run(
    spec: PassSpec,
    out: WindowSeries,
    progress: Callable[[float], None] | None,
    cancelled: Callable[[], bool] | None,
) -> None:
    """Fill `out` of all sets, in every window and over the whole series."""
    for number, decisions in _decided(spec.bounds, spec):
        for window in range(-1, len(spec.windows)):
            one(spec, out, number, window, decisions, cancelled)
        if progress is not None:
            progress((number + 1) / len(spec.bounds))


def some(
    spec: PassSpec, out: WindowSeries, wanted: list[tuple[int, int]], cancelled: Callable[[], bool] | None
) -> None:
    """The same of the (set, window) pairs `wanted` only, sorted; window -1 is the whole series."""
    numbers = sorted({number for number, _ in wanted})
    for at, decisions in _decided([spec.bounds[number] for number in numbers], spec):
        for number, window in wanted:
            if number == numbers[at]:
                one(spec, out, number, window, decisions, cancelled)


def one(
    spec: PassSpec,
    out: WindowSeries,
    number: int,
    window: int,
    decisions: Decisions,
    cancelled: Callable[[], bool] | None,
) -> None:
    """One set in one window (-1: over the whole series)."""
    data = spec.data
    first, stop = (0, len(data.bars)) if window < 0 else spec.windows[window].tolist()
    inside = Window(first, stop - 1)
    try:
        sim = simulate(
            data,
            inside,
            decisions,
            spec.terms,
            spec.cash,
            spec.funding,
            more=spec.more,
            width=stop - first,
            cancelled=cancelled,
        )
    except Cancelled as stopped:
        raise Cancelled("The walk-forward was stopped.", where=stopped.where) from None
    _, equity = daily_equity(data, inside, sim, spec.terms, spec.cash, spec.market)
    before = equity[:-1]
    returns = np.divide(equity[1:], before, out=np.full(len(before), np.nan), where=before > 0) - 1.0
    if window < 0:
        out.whole[number] = returns
        return
    out.of(window)[number] = returns
    out.trades[number, window] = len(sim.trades)
    out.sums[number, window] = _sums(sim, spec.cash)


def _sums(sim: Simulation, cash: float) -> list[float]:
    """In the order of onepass_types.GROSS_PROFIT ..."""
    share = sim.trades["pnl"] / cash
    won = share > 0
    held = float(sim.trades["bars"].sum())
    return [share[won].sum(), -share[share < 0].sum(), share.sum(), (share**2).sum(), won.sum(), held]


def _decided(bounds: Sequence[Bound], spec: PassSpec) -> Iterator[tuple[int, Decisions]]:
    """(index, its decisions over the whole series) of each, a few at a time."""
    for first in range(0, len(bounds), _TOGETHER):
        part = bounds[first : first + _TOGETHER]
        program: StrategyProgram = compile_strategies(part)
        for at, decisions in enumerate(decide(program, spec.data.bars, spec.data.timeframe, spec.rates)):
            yield first + at, decisions
