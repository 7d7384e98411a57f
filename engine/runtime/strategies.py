"""The one place that loads strategies/: by name, so that the engine never depends on what is in it."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Sequence

from engine.contracts.errors import BadInput, PyroError, did_you_mean
from engine.contracts.markets import Market
from engine.rules.context import WrongTimeframe
from engine.rules.strategy import Bound, Strategy, StrategyProgram, compile_strategies

PACKAGE = "strategies"


@functools.cache
def built_in() -> tuple[Strategy, ...]:
    """All strategies of the package, by family module and then as they stand there; ids are unique."""
    found: tuple[Strategy, ...] = importlib.import_module(PACKAGE).load()
    ids = [s.id for s in found]
    doubled = {i for i in ids if ids.count(i) > 1}
    if doubled:
        raise PyroError(f"strategy ids are not unique: {', '.join(sorted(doubled))}", where=PACKAGE)
    return found


def strategy(strategy_id: str) -> Strategy:
    """The strategy with this id; BadInput with the closest name."""
    known = {s.id: s for s in built_in()}
    if strategy_id not in known:
        raise BadInput(
            f'"{strategy_id}" is not a strategy.{did_you_mean(strategy_id, known)}',
            fix="See: pyroquant strategies list",
        )
    return known[strategy_id]


def day_of(market: Market) -> str:
    """When a trading day of the market ends, as the rules have it."""
    return "utc" if market.day_tz == "UTC" else "new_york"


def market_programs(
    chosen: Sequence[Strategy | Bound], timeframes: Sequence[str], day: str = "utc", *, values: bool = False
) -> list[StrategyProgram]:
    """One program a timeframe, of these strategies with their parameters (defaults where not bound); on each without
    those that cannot run there. Without values, unless asked for: live lanes need conditions only."""
    return [compile_strategies(_bound(chosen, timeframe, day), values=values) for timeframe in timeframes]


def _bound(chosen: Sequence[Strategy | Bound], timeframe: str, day: str) -> list[Bound]:
    bounds = []
    for item in chosen:
        strategy, params = (item.strategy, item.params) if isinstance(item, Bound) else (item, None)
        try:
            bounds.append(strategy.bind(params, timeframe, day))
        except WrongTimeframe:
            continue
    return bounds
