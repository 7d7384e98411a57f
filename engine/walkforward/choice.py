"""Which parameter set a window takes: the best one, or the one on the best plateau.

The grid is the product of the values of each parameter; sets that `requires` forbids are simply not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.contracts.errors import BadInput

Rule = Literal["best", "plateau"]
RULES: tuple[Rule, ...] = ("best", "plateau")
#: two values closer than this share of their size are a tie
TIE = 1e-12


class Grid(NamedTuple):
    """names: of the p parameters. axes: float64 values of each, sorted. steps: int64[sets, p], where each set stands on
    them. neighbours: int64[sets, 3^p at most, -1 = none], the sets at most one step away in every parameter, itself
    included. centre: int64[p], the step nearest to the default."""

    names: tuple[str, ...]
    axes: tuple[NDArray[np.float64], ...]
    steps: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    centre: NDArray[np.int64]


def grid_of(sets: Sequence[Mapping[str, float]], defaults: Mapping[str, float] | None = None) -> Grid:
    """The grid on which these parameter sets stand; parameters with one value only are no axis.

    defaults: parameters to be near of where two sets are equally good (None = the middle of each axis).
    """
    if not sets:
        raise BadInput("There is no parameter set to choose from.")
    names = tuple(n for n in sets[0] if len({s[n] for s in sets}) > 1)
    table = np.array([[s[n] for n in names] for s in sets], np.float64).reshape(len(sets), len(names))
    axes = tuple(np.unique(table[:, k]) for k in range(len(names)))
    steps = np.empty(table.shape, np.int64)
    for k, axis in enumerate(axes):
        steps[:, k] = np.searchsorted(axis, table[:, k])
    centre = [
        int(np.abs(axis - defaults[name]).argmin()) if defaults and name in defaults else len(axis) // 2
        for name, axis in zip(names, axes)
    ]
    return Grid(names, axes, steps, _neighbours(steps), np.array(centre, np.int64))


def _neighbours(steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """By the distances of all pairs in chunks; padded with -1."""
    rows: list[NDArray[np.int64]] = []
    for first in range(0, len(steps), 256):
        apart = np.zeros((len(steps[first : first + 256]), len(steps)), np.int64)
        for k in range(steps.shape[1]):
            np.maximum(apart, np.abs(steps[first : first + 256, k, None] - steps[None, :, k]), out=apart)
        rows += [np.flatnonzero(row <= 1) for row in apart]
    out = np.full((len(steps), max(map(len, rows))), -1, np.int64)
    for k, row in enumerate(rows):
        out[k, : len(row)] = row
    return out


def plateau(values: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """float64[sets, windows] -> the mean over each set's neighbourhood; nan where the set itself is not defined.

    A neighbour without a value (too few trades) counts as the worst value of its window: a peak beside a hole is no
    plateau. Neighbours that are not on the grid do not count.
    """
    known = np.isfinite(values)
    worst = np.where(known, values, np.inf).min(axis=0)
    filled = np.where(known, values, np.where(np.isfinite(worst), worst, 0.0)[None, :])
    there = grid.neighbours >= 0
    total = np.zeros_like(filled)
    for k in range(grid.neighbours.shape[1]):
        total += np.where(there[:, k, None], filled[grid.neighbours[:, k]], 0.0)
    return np.where(known, total / there.sum(axis=1)[:, None], np.nan)


def choose(values: NDArray[np.float64], grid: Grid, rule: Rule = "best") -> NDArray[np.int64]:
    """The set of every window: float64[sets, windows] objectives -> int64[windows], -1 where no set has a value.

    Ties go to the set with the fewest steps from the centre, then to the first one.
    """
    if rule not in RULES:
        raise BadInput(f'"{rule}" is no way to choose.', fix=f"Use {' or '.join(RULES)}.")
    score = plateau(values, grid) if rule == "plateau" else np.where(np.isfinite(values), values, np.nan)
    known = np.isfinite(score)
    low = np.where(known, score, -np.inf)
    best = low.max(axis=0)
    margin = TIE * np.maximum(np.abs(np.where(np.isfinite(best), best, 0.0)), 1e-3)
    steps_away = np.abs(grid.steps - grid.centre[None, :]).sum(axis=1)
    tied = known & (low >= best - margin)
    away = np.where(tied, steps_away[:, None], np.iinfo(np.int64).max)
    return np.where(known.any(axis=0), away.argmin(axis=0), -1).astype(np.int64)
