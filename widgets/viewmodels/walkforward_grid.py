"""The parameter sets of a walk as a grid: slices for heat maps, the plateau around the best, how the choice drifted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.contracts.walkforward import WalkResult

#: a cell belongs to the plateau when its value reaches this share of the way from the median to the best one
PLATEAU = 0.5


class Slice(NamedTuple):
    """values: float64[len(ys), len(xs)], nan where no set stands. chosen: (row, column) of chosen sets -> how often."""

    x: str
    y: str
    xs: np.ndarray
    ys: np.ndarray
    values: np.ndarray
    chosen: Mapping[tuple[int, int], int]


class Steadiness(NamedTuple):
    """kept: share of the steps from one window to the next at which the choice stayed. sets: different sets that were
    chosen. windows: those in which one was."""

    kept: float
    sets: int
    windows: int


class ParamGrid:
    """names: of the parameters that vary; axes: their values, rising. train, test: float64[windows, sets]."""

    def __init__(self, walk: WalkResult) -> None:
        sets = walk.sets
        self.names = tuple(n for n in sets[0] if len({s[n] for s in sets}) > 1) if sets else ()
        table = np.array([[s[n] for n in self.names] for s in sets], np.float64).reshape(len(sets), len(self.names))
        self.axes = tuple(np.unique(table[:, k]) for k in range(len(self.names)))
        self.steps = np.empty(table.shape, np.int64)
        for k, axis in enumerate(self.axes):
            self.steps[:, k] = np.searchsorted(axis, table[:, k])
        self.train, self.test = (_block(b, len(sets)) for b in (walk.values, walk.test_values))
        self.chosen = np.array([fold.chosen for fold in walk.folds], np.int64)

    @property
    def windows(self) -> int:
        return len(self.chosen)

    def span(self, test: bool = False, *, mean: bool = False) -> tuple[float, float]:
        """Ends of the colour scale: the same for all windows and parameters, with one of its own for the mean over all
        windows. Outliers beyond the 1st and 99th percentile do not stretch it."""
        values = self.test if test else self.train
        values = _mean(values) if mean and len(values) else values
        known = values[np.isfinite(values)]
        if not len(known):
            return -1.0, 1.0
        low, high = (float(q) for q in np.percentile(known, [1, 99]))
        return (low, high) if high > low else (low - 1e-9, high + 1e-9)

    def slice(
        self, x: str, y: str, window: int = -1, fixed: Mapping[str, float] | None = None, *, test: bool = False
    ) -> Slice:
        """Two parameters against the objective; x == y gives one row. window -1: the mean over all. fixed: values of
        other parameters; the mean over those that are not named."""
        values = self.test if test else self.train
        objective = _mean(values) if window < 0 else values[window] if window < len(values) else np.empty(0)
        column, row = self.names.index(x), self.names.index(y)
        xs, ys = self.axes[column], self.axes[row] if x != y else np.zeros(1)
        inside = np.ones(len(self.steps), bool)
        for name, value in (fixed or {}).items():
            if name in self.names and name not in (x, y):
                k = self.names.index(name)
                inside &= self.steps[:, k] == int(np.searchsorted(self.axes[k], value))
        rows = self.steps[:, row] if x != y else np.zeros(len(self.steps), np.int64)
        cell = rows * len(xs) + self.steps[:, column]
        size = len(xs) * len(ys)
        known = inside & np.isfinite(objective) if len(objective) else np.zeros(len(self.steps), bool)
        total = np.bincount(cell[known], objective[known] if len(objective) else None, size)
        count = np.bincount(cell[known], minlength=size)
        mean = np.divide(total, count, out=np.full(size, np.nan), where=count > 0).reshape(len(ys), len(xs))
        took: dict[tuple[int, int], int] = {}
        for k in self.chosen if window < 0 else self.chosen[window : window + 1]:
            if k >= 0:
                at = divmod(int(cell[k]), len(xs))
                took[at] = took.get(at, 0) + 1
        return Slice(x, y, xs, ys, mean, took)

    def drift(self) -> np.ndarray:
        """int64[parameters, windows]: on which step of its axis each parameter stood, -1 where none was chosen."""
        out = np.full((len(self.names), self.windows), -1, np.int64)
        for w, k in enumerate(self.chosen):
            if k >= 0:
                out[:, w] = self.steps[k]
        return out

    def steadiness(self) -> Steadiness:
        used = self.chosen[self.chosen >= 0]
        kept = float((np.diff(used) == 0).mean()) if len(used) > 1 else math.nan
        return Steadiness(kept, len(np.unique(used)), len(used))


def _block(data: bytes, sets: int) -> np.ndarray:
    return np.frombuffer(data, "<f8").reshape(-1, sets) if data and sets else np.empty((0, sets))


def _mean(values: np.ndarray) -> np.ndarray:
    """float64[sets]: over the windows in which it is defined."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    return np.divide(
        np.where(known, values, 0.0).sum(axis=0), count, out=np.full(values.shape[1], np.nan), where=count > 0
    )


def neighbourhoods(values: np.ndarray) -> np.ndarray:
    """The mean over each cell and the cells around it; a neighbour without a value counts as the worst of all, since a
    peak beside a hole is no plateau. nan where the cell itself has none."""
    known = np.isfinite(values)
    if not known.any():
        return np.full(values.shape, np.nan)
    filled = np.where(known, values, values[known].min())
    total, count = np.zeros(values.shape), np.zeros(values.shape)
    ny, nx = values.shape
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            there = (slice(max(dy, 0), ny + min(dy, 0)), slice(max(dx, 0), nx + min(dx, 0)))
            here = (slice(max(-dy, 0), ny + min(-dy, 0)), slice(max(-dx, 0), nx + min(-dx, 0)))
            total[here] += filled[there]
            count[here] += 1
    return np.where(known, total / count, np.nan)


def plateau(values: np.ndarray) -> np.ndarray:
    """bool[rows, columns]: the connected field of good values in the best neighbourhood. A cell alone is a peak, no
    plateau; where all values are alike there is none either."""
    known = np.isfinite(values)
    out = np.zeros(values.shape, bool)
    if known.sum() < 3:
        return out
    best, middle = float(values[known].max()), float(np.median(values[known]))
    if best <= middle:
        return out
    good = known & (np.where(known, values, -np.inf) >= middle + PLATEAU * (best - middle))
    mean = neighbourhoods(values)
    row, column = np.unravel_index(int(np.where(np.isfinite(mean), mean, -np.inf).argmax()), values.shape)
    near = np.zeros(values.shape, bool)
    near[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = True
    waiting = [(int(r), int(c)) for r, c in np.argwhere(good & near)]
    while waiting:
        r, c = waiting.pop()
        if 0 <= r < values.shape[0] and 0 <= c < values.shape[1] and good[r, c] and not out[r, c]:
            out[r, c] = True
            waiting += [(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]
    return out if out.sum() > 1 else np.zeros(values.shape, bool)


def outline(field: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Edges (row, column, row, column) of the corners around a field of cells, each to be drawn as a line."""
    padded = np.pad(field, 1)
    edges = [(int(r), int(c), int(r), int(c) + 1) for r, c in zip(*np.nonzero(padded[1:, 1:-1] != padded[:-1, 1:-1]))]
    edges += [(int(r), int(c), int(r) + 1, int(c)) for r, c in zip(*np.nonzero(padded[1:-1, 1:] != padded[1:-1, :-1]))]
    return edges


def plateau_share(chosen: Mapping[tuple[int, int], int], field: np.ndarray) -> float:
    """Share of the choices that lie on the plateau; nan without any."""
    total = sum(chosen.values())
    return sum(n for (r, c), n in chosen.items() if field[r, c]) / total if total else math.nan


def pairs(names: Sequence[str]) -> tuple[str, str]:
    """The two parameters that are shown first."""
    return (names[0], names[1]) if len(names) > 1 else (names[0], names[0]) if names else ("", "")
