"""Which parameter sets of a strategy are tried."""

from __future__ import annotations

from engine.contracts.walkforward import SearchSpec
from engine.rules.strategy import Strategy
from engine.walkforward.run import Params, spread_over


def sets_to_try(strategy: Strategy, search: SearchSpec) -> list[Params]:
    """The grid, or as many of it as are asked for."""
    return spread_over(strategy.param_sets(), search.most_sets)
