"""Reductions of long columns by powers of eight, so that a chart never touches more values than it has pixels."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

FACTOR = 8
Source = Callable[[int, int, int], np.ndarray]


def reduce_by(op: str, values: np.ndarray, size: int) -> np.ndarray:
    """Reduce consecutive groups of `size` values; the last group may be short. op: first, last, max or min.

    nan counts as missing for max and min: a group is nan only if all its values are.
    """
    n = len(values)
    full = n // size
    if op == "first":
        return np.array(values[::size])
    if op == "last":
        out = np.array(values[size - 1 :: size])
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


def bucket_size(px_per_bar: float, min_px: float) -> int:
    """Smallest m * 8**k (m in 1..8) of bars that is at least min_px wide; 1 when a single bar is."""
    need = min_px / px_per_bar
    if need <= 1.0:
        return 1
    power = FACTOR ** int(math.log(need) / math.log(FACTOR) + 1e-9)
    return math.ceil(need / power - 1e-9) * power


class Pyramid:
    """Levels of reduced columns over a source that grows at its end.

    ops: one reduction a column. source(column, lo, hi) gives the raw values. Level k holds one value for each
    8**k raw ones, aligned to multiples of 8**k, so that buckets do not change while the view moves.
    """

    def __init__(self, ops: tuple[str, ...], source: Source) -> None:
        self._ops = ops
        self._source = source
        self._levels: list[np.ndarray] = []
        self._counts: list[int] = [0]

    @property
    def count(self) -> int:
        """Raw values covered."""
        return self._counts[0]

    def update(self, start: int, count: int) -> None:
        """Recompute what depends on raw values from `start` on; there are `count` of them now."""
        n, first = count, max(0, min(start, count))
        counts = [n]
        level = 0
        while n > FACTOR:
            buckets, begin = -(-n // FACTOR), first // FACTOR
            array = self._room(level, buckets)
            for c, op in enumerate(self._ops):
                array[c, begin:buckets] = reduce_by(op, self._raw(level, c, begin * FACTOR, n), FACTOR)
            n, first = buckets, begin
            counts.append(n)
            level += 1
        del self._levels[level:]
        self._counts = counts

    def _room(self, level: int, size: int) -> np.ndarray:
        if level == len(self._levels):
            self._levels.append(np.empty((len(self._ops), max(16, size + size // 8))))
        array = self._levels[level]
        if array.shape[1] < size:
            grown = np.empty((len(self._ops), size + size // 2))
            grown[:, : array.shape[1]] = array
            self._levels[level] = array = grown
        return array

    def _raw(self, level: int, column: int, lo: int, hi: int) -> np.ndarray:
        if level == 0:
            return self._source(column, lo, hi)
        return self._levels[level - 1][column, lo:hi]

    def buckets(self, lo: int, hi: int, size: int) -> tuple[int, list[np.ndarray]]:
        """Columns reduced by `size` (from bucket_size) for the buckets that touch [lo, hi).

        Returns the number of the first bucket and one array a column; bucket b covers raw [b*size, (b+1)*size).
        """
        level = 0
        multiple = size
        while multiple % FACTOR == 0 and level < len(self._counts) - 1:
            multiple //= FACTOR
            level += 1
        first, last = lo // size, -(-hi // size)
        a, b = first * multiple, min(last * multiple, self._counts[level])
        cut = [self._raw(level, c, a, b) for c in range(len(self._ops))]
        if multiple > 1:
            cut = [reduce_by(op, values, multiple) for op, values in zip(self._ops, cut, strict=True)]
        return first, cut

    def extreme(self, column: int, lo: int, hi: int) -> float:
        """Exact max or min (the column's op) of raw [lo, hi); nan where there is none."""
        ufunc = np.fmax if self._ops[column] == "max" else np.fmin
        parts: list[float] = []
        level = 0
        while hi > lo:
            if hi - lo <= 4 * FACTOR or level >= len(self._counts) - 1:
                parts.append(float(ufunc.reduce(self._raw(level, column, lo, hi))))
                break
            a, b = -(-lo // FACTOR), hi // FACTOR
            for left, right in ((lo, a * FACTOR), (b * FACTOR, hi)):
                if right > left:
                    parts.append(float(ufunc.reduce(self._raw(level, column, left, right))))
            lo, hi, level = a, b, level + 1
        return float(ufunc.reduce(parts)) if parts else math.nan
