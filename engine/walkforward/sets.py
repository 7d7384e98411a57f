"""Which parameter sets of a strategy are tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engine.contracts.walkforward import SearchSpec
from engine.rules.strategy import Strategy
from engine.walkforward.search import Space, full_grid, parse_ranges, random_sets, space_of

Params = Mapping[str, float]


def space(strategy: Strategy, search: SearchSpec) -> Space:
    """What is searched: the strategy's grids, with the ranges that are given for parameters it has.

    BadInput: a range that cannot be read; for one strategy alone also a parameter that it has not.
    """
    ranges = parse_ranges(f"{name}={values}" for name, values in search.ranges.items())
    return space_of(strategy, ranges)


def sets_to_try(strategy: Strategy, search: SearchSpec) -> list[Params]:
    """The full grid (or as many of it as are asked for, evenly spread), or a random part; [] for a guided search, which
    finds its sets as it goes. BadInput: a grid of too many, with an estimate."""
    if search.method == "optuna":
        return []
    where = space(strategy, search)
    if search.method == "random":
        return list(random_sets(where, search.samples, search.seed))
    return spread_over(full_grid(where), search.most_sets)


def spread_over(sets: Sequence[Params], most: int) -> list[Params]:
    """At most so many of the sets, evenly over their order, first and last included; most 0 = all."""
    if most <= 0 or len(sets) <= most:
        return list(sets)
    places = np.unique(np.linspace(0, len(sets) - 1, most).round().astype(int))
    return [sets[i] for i in places]


def expected_sets(strategy: Strategy, search: SearchSpec, windows: int) -> int:
    """How many sets will be tried at most."""
    return search.samples * windows if search.method == "optuna" else len(sets_to_try(strategy, search))
