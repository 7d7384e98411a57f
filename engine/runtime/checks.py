"""The detector over strategies: each on several timeframes of an invented market, or of a symbol's own candles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.clock import Clock, iso
from engine.contracts.checks import CheckReport, Leak, StrategyCheck
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.rules.strategy import Strategy
from engine.runtime.strategies import market_programs
from engine.signals.repaint import cut_points, decider, find_leaks, made_up_minutes
from engine.signals.types import SLOTS

TIMEFRAMES = ("1m", "5m", "15m", "1h")
BARS, CUTS = 3_000, 16


def check_strategies(
    strategies: Sequence[Strategy],
    clock: Clock,
    *,
    minutes: np.ndarray | None = None,
    timeframes: Sequence[str] = TIMEFRAMES,
    bars: int = BARS,
    cuts: int = CUTS,
    progress: Callable[[float], None] = lambda _: None,
) -> CheckReport:
    """Every strategy with its default parameters on all timeframes; minutes: None = an invented market for each."""
    started = clock.monotonic_ns()
    edges = {s.id: 0 for s in strategies}
    leaks: dict[str, str] = {}
    for done, timeframe in enumerate(timeframes):
        (program,) = market_programs(strategies, [timeframe], values=True)
        history = made_up_minutes(timeframe, bars) if minutes is None else minutes
        where = cut_points(len(history), timeframe_ms(timeframe) // MINUTE_MS, cuts)
        found, compared = find_leaks(decider(program, timeframe), history, where)
        for k, bound in enumerate(program.bounds):
            edges[bound.strategy.id] += int(compared[k * len(SLOTS) : (k + 1) * len(SLOTS)].sum())
        for leak in found:
            strategy = program.bounds[leak.output // len(SLOTS)].strategy.id
            leaks.setdefault(strategy, sentence(leak, timeframe))
        progress((done + 1) / len(timeframes))
    return CheckReport(
        checks=[
            StrategyCheck(strategy=s.id, version=s.version, edges=edges[s.id], leak=leaks.get(s.id, ""))
            for s in strategies
        ],
        timeframes=list(timeframes),
        cuts=cuts,
        bars=bars,
        seconds=(clock.monotonic_ns() - started) / 1e9,
    )


def sentence(leak: Leak, timeframe: str) -> str:
    """One leak in words."""
    side, action = SLOTS[leak.output % len(SLOTS)]
    was, became = ("given", "taken back") if leak.said else ("not given", "added")
    return (
        f"{timeframe}: the {side} {action} of the bar of {iso(leak.bar_ts)} was {was} while the history ended at "
        f"{iso(leak.cut_ms)} and is {became} when it goes on."
    )
