"""Reductions of long columns by powers of eight, so that a chart never touches more values than it has pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from engine.contracts.levels import FACTOR as FACTOR
from engine.contracts.levels import joined
from engine.contracts.levels import reduce_by as reduce_by

Source = Callable[[int, int, int], np.ndarray]


def bucket_size(px_per_bar: float, min_px: float) -> int:
    """Smallest m * 8**k (m in 1..8) of bars that is at least min_px wide; 1 when a single bar is."""
    need = min_px / px_per_bar
    if need <= 1.0:
        return 1
    power = FACTOR ** int(math.log(need) / math.log(FACTOR) + 1e-9)
    return math.ceil(need / power - 1e-9) * power


class Pyramid:
    """Levels of reduced columns over a source that grows at its end, and now and then at its beginning.

    ops: one reduction a column. source(column, lo, hi) gives the raw values. Level k holds one value for each 8**k raw
    ones, aligned so that a bucket begins at raw value `origin`: they do not change while the view moves.

    base: levels that are there already (float64[columns, n] each, not copied and never written), over `count` raw
    values from `origin` on; what lies before and behind them is reduced here.
    """

    def __init__(self, ops: tuple[str, ...], source: Source, base: Sequence[np.ndarray] = (), count: int = 0) -> None:
        self._ops = ops
        self._source = source
        self._given = list(base)
        self._given_count = count if base else 0
        self._heads: list[np.ndarray] = []
        self._tails: list[np.ndarray] = []
        self._low, self._high = [0], [0]
        self.origin = 0

    @property
    def count(self) -> int:
        """Raw values covered."""
        return self._high[0] - self._low[0]

    def update(self, start: int, count: int) -> None:
        """Recompute what depends on raw values from `start` on; there are `count` of them now."""
        first, end = max(0, min(start, count)) - self.origin, count - self.origin
        low = -self.origin
        lows, highs = [low], [end]
        level = 0
        while end - low > FACTOR:
            low, end, first = low // FACTOR, -(-end // FACTOR), first // FACTOR
            lows.append(low)
            highs.append(end)
            split = self._split(level + 1)
            self._low, self._high = lows, highs
            self._fill_tail(level, max(first, split), end, split)
            if level == len(self._heads):
                # there was no need of this level before
                self._heads.append(self._reduced(level, low, min(0, end)))
            level += 1
        del self._tails[level:], self._heads[level:]
        self._low, self._high = lows, highs

    def grow_front(self, origin: int, count: int) -> None:
        """Raw values were put before the others: those given as base begin at `origin` now."""
        self.origin = origin
        self._low[0], self._high[0] = -origin, count - origin
        self._heads = []
        low = -origin
        for level in range(len(self._tails)):
            low = low // FACTOR
            self._low[level + 1] = low
            self._heads.append(self._reduced(level, low, 0))
        self.update(count, count)

    def _split(self, level: int) -> int:
        """Buckets of a level that are given."""
        return self._given_count // FACTOR**level if level <= len(self._given) else 0

    def _fill_tail(self, level: int, begin: int, end: int, split: int) -> None:
        array = self._room(level, max(0, end - split))
        if end > begin:
            array[:, begin - split : end - split] = self._reduced(level, begin, end)

    def _reduced(self, level: int, begin: int, end: int) -> np.ndarray:
        """float64[columns, end - begin]: the buckets of level + 1 out of what is below."""
        out = np.empty((len(self._ops), max(0, end - begin)))
        if end > begin:
            for c in range(len(self._ops)):
                out[c] = self._groups(level, c, begin, end, FACTOR)
        return out

    def _groups(self, level: int, column: int, begin: int, end: int, size: int) -> np.ndarray:
        """The groups [begin, end) of `size` values of a level; the first and the last may be short."""
        op = self._ops[column]
        a, b = max(begin * size, self._low[level]), min(end * size, self._high[level])
        short = min(b, (begin + 1) * size) - a if a % size else 0
        rest = reduce_by(op, self._raw(level, column, a + short, b), size) if a + short < b else np.empty(0)
        return joined([reduce_by(op, self._raw(level, column, a, a + short), size), rest]) if short else rest

    def _room(self, level: int, size: int) -> np.ndarray:
        if level == len(self._tails):
            self._tails.append(np.empty((len(self._ops), max(16, size + size // 8))))
        array = self._tails[level]
        if array.shape[1] < size:
            grown = np.empty((len(self._ops), size + size // 2))
            grown[:, : array.shape[1]] = array
            self._tails[level] = array = grown
        return array

    def _raw(self, level: int, column: int, lo: int, hi: int) -> np.ndarray:
        """Values [lo, hi) of a level, counted from the origin."""
        if level == 0:
            return self._source(column, lo + self.origin, hi + self.origin)
        split, parts = self._split(level), []
        if lo < 0:
            head = self._heads[level - 1]
            low = -head.shape[1]
            parts.append(head[column, lo - low : min(hi, 0) - low])
        if hi > 0 and lo < split:
            parts.append(self._given[level - 1][column, max(lo, 0) : min(hi, split)])
        if hi > split:
            parts.append(self._tails[level - 1][column, max(lo - split, 0) : hi - split])
        return joined(parts) if parts else np.empty(0)

    def buckets(self, lo: int, hi: int, size: int) -> tuple[int, list[np.ndarray]]:
        """Columns reduced by `size` (from bucket_size) for the buckets that touch [lo, hi).

        Returns the number of the first bucket and one array a column; see `centres` for where they stand.
        """
        level = 0
        multiple = size
        while multiple % FACTOR == 0 and level < len(self._low) - 1:
            multiple //= FACTOR
            level += 1
        lo, hi = max(lo - self.origin, self._low[0]), min(hi - self.origin, self._high[0])
        first, last = lo // size, -(-hi // size)
        if multiple > 1:
            return first, [self._groups(level, c, first, last, multiple) for c in range(len(self._ops))]
        a, b = max(first, self._low[level]), min(last, self._high[level])
        return first, [self._raw(level, c, a, b) for c in range(len(self._ops))]

    def centres(self, first: int, count: int, size: int) -> np.ndarray:
        """Raw indices of the middles of `count` buckets from number `first` on."""
        return (np.arange(first, first + count) + 0.5) * size - 0.5 + self.origin

    def extreme(self, column: int, lo: int, hi: int) -> float:
        """Exact max or min (the column's op) of raw [lo, hi); nan where there is none."""
        ufunc = np.fmax if self._ops[column] == "max" else np.fmin
        parts: list[float] = []
        level = 0
        lo, hi = lo - self.origin, hi - self.origin
        while hi > lo:
            if hi - lo <= 4 * FACTOR or level >= len(self._low) - 1:
                parts.append(float(ufunc.reduce(self._raw(level, column, lo, hi))))
                break
            a, b = -(-lo // FACTOR), hi // FACTOR
            for left, right in ((lo, a * FACTOR), (b * FACTOR, hi)):
                if right > left:
                    parts.append(float(ufunc.reduce(self._raw(level, column, left, right))))
            lo, hi, level = a, b, level + 1
        return float(ufunc.reduce(parts)) if parts else math.nan
