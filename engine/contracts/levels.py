"""Levels of detail of a long column: reductions by powers of eight, and how they lie in the files that charts map.

Engine and window share this, so that a window maps what the engine has reduced and goes on from there by itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

FACTOR = 8
#: the columns of a chart's bars that are reduced, and how
BAR_COLUMNS = ("open", "high", "low", "close", "volume")
BAR_OPS = ("first", "max", "min", "last", "max")
#: further columns about the quality of the bars: ms missing before a bar, 1 where nothing was traded
QUALITY_OPS = ("max", "max")
LINE_OPS = ("min", "max")
#: rows of the levels of a chart's bars: those columns, and at last the open time of the first bar of each bucket, ms,
#: so that a moment is found without a look at the bars in between
TIME_ROW = len(BAR_OPS) + len(QUALITY_OPS)
LEVEL_ROWS = TIME_ROW + 1


def reduce_by(op: str, values: np.ndarray, size: int) -> np.ndarray:
    """Reduce consecutive groups of `size` values; the last group may be short. op: first, last, max or min.

    nan counts as missing for max and min: a group is nan only if all its values are.
    """
    n = len(values)
    full = n // size
    if op == "first":
        return np.array(values[::size], np.float64)
    if op == "last":
        out = np.array(values[size - 1 :: size], np.float64)
        return out if full * size == n else np.append(out, values[-1])
    ufunc = np.fmax if op == "max" else np.fmin
    out = np.empty(-(-n // size))
    head = out[:full]
    if full:
        head[:] = values[0 : full * size : size]
        for k in range(1, size):
            ufunc(head, values[k : full * size : size], out=head)
    if full * size < n:
        out[full] = ufunc.reduce(values[full * size :])
    return out


def level_sizes(count: int) -> list[int]:
    """Values of each level over `count` raw ones, the finest first; the last has at most FACTOR."""
    sizes = []
    while count > FACTOR:
        count = -(-count // FACTOR)
        sizes.append(count)
    return sizes


def fill_levels(op: str, values: np.ndarray, out: np.ndarray) -> None:
    """All levels of one raw column, one behind the other, into float64[sum(level_sizes(len(values)))]."""
    at, below = 0, values
    for size in level_sizes(len(values)):
        out[at : at + size] = reduce_by(op, below, FACTOR)
        below = out[at : at + size]
        at += size


def split_levels(packed: np.ndarray, count: int) -> list[np.ndarray]:
    """The levels out of float64[columns, sum(level_sizes(count))], as views [columns, size]."""
    edges = np.cumsum([0, *level_sizes(count)]).tolist()
    return [packed[:, a:b] for a, b in itertools.pairwise(edges)]


def quality(ts: np.ndarray, volume: np.ndarray, length_ms: int, closed: np.ndarray | None = None) -> np.ndarray:
    """float64[2, n]: ms missing before each bar while the market was open (0 at the first), 1 where volume is 0.

    closed: int64[m, 2] half-open, ascending, disjoint ranges (ms) in which it was not open.
    """
    out = np.zeros((2, len(ts)))
    if len(ts) > 1:
        np.subtract(ts[1:] - ts[:-1], length_ms, out=out[0, 1:], casting="unsafe")
        holes = np.flatnonzero(out[0] > 0)
        if closed is not None and len(closed) and len(holes):
            out[0, holes] -= closed_within(closed, ts[holes - 1] + length_ms, ts[holes])
        np.maximum(out[0], 0.0, out=out[0])
    out[1] = volume == 0.0
    return out


def closed_within(closed: np.ndarray, lo: np.ndarray, hi: np.ndarray) -> np.ndarray:
    """ms of each range [lo, hi) that lie in the ranges `closed`."""
    lengths = np.concatenate(([0], np.cumsum(closed[:, 1] - closed[:, 0])))

    def before(moment: np.ndarray) -> np.ndarray:
        k = np.searchsorted(closed[:, 0], moment, "right")
        inside = np.where(k > 0, np.minimum(moment, closed[k - 1, 1]) - closed[k - 1, 0], 0)
        return np.where(k > 0, lengths[k - 1] + inside, 0)

    return np.asarray(before(hi) - before(lo))


def line_room(count: int) -> int:
    """float64 values of a line's file before the state behind them: its values, its minima, its maxima."""
    return count + len(LINE_OPS) * sum(level_sizes(count))


def fill_line(values: np.ndarray, out: np.ndarray) -> None:
    """A line's values and levels into float64[line_room(len(values))]."""
    n, size = len(values), sum(level_sizes(len(values)))
    out[:n] = values
    for k, op in enumerate(LINE_OPS):
        fill_levels(op, values, out[n + k * size : n + (k + 1) * size])


def read_line(packed: np.ndarray, count: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """(values, levels) of what `fill_line` made, as views."""
    room = line_room(count)
    return packed[:count], split_levels(packed[count:room].reshape(len(LINE_OPS), -1), count)


def joined(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """The only array as it is, or all in a row."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
