"""What a chart shows, without Qt: bars on a gapless index axis, and lines aligned with them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from weakref import proxy

import numpy as np

from engine.contracts.levels import BAR_COLUMNS, BAR_OPS, FACTOR, LINE_OPS, QUALITY_OPS, TIME_ROW, joined, quality
from engine.contracts.sessions import closed_ranges
from widgets.chart.pyramid import Pyramid

#: bars kept writable behind a history that may be a read-only memory map
WRITABLE_TAIL = 64
OPEN, HIGH, LOW, CLOSE, VOLUME = range(5)
MISSING, QUIET = range(2)
#: the level whose open times lead to a moment, and its bars to a bucket
COARSE_LEVEL = 2
COARSE = FACTOR**COARSE_LEVEL


def count_upto(column: np.ndarray, wanted: np.ndarray, coarse: np.ndarray | None = None) -> np.ndarray:
    """int64[n]: how many of a rising column are <= each wanted value; a column out of records is not copied.

    coarse: every COARSE-th value of the column, so that only a few places of it are looked at.
    """
    if len(column) < 4096:
        return np.searchsorted(column, wanted, "right")
    low, high = np.zeros(len(wanted), np.int64), np.full(len(wanted), len(column))
    if coarse is not None:
        low = np.maximum(np.searchsorted(coarse, wanted, "right") - 1, 0) * COARSE
        high = np.minimum(low + COARSE, len(column))
    for _ in range(int(high.max() if coarse is None else COARSE).bit_length() if len(wanted) else 0):
        middle = (low + high) // 2
        go_on = low < high
        right = go_on & (column[np.minimum(middle, len(column) - 1)] <= wanted)
        low = np.where(right, middle + 1, low)
        high = np.where(go_on & ~right, middle, high)
    return low


class Spliced:
    """Rows in three parts: older ones put in front, a long base, never written nor copied, the newest growing."""

    def __init__(self, base: np.ndarray, tail: np.ndarray) -> None:
        self.head = np.empty(0, base.dtype)
        self.base = np.asarray(base)
        self._tail = np.empty(max(4 * WRITABLE_TAIL, 2 * len(tail)), base.dtype)
        self._used = len(tail)
        self._tail[: self._used] = tail

    def __len__(self) -> int:
        return len(self.head) + len(self.base) + self._used

    @property
    def tail(self) -> np.ndarray:
        return self._tail[: self._used]

    @property
    def split(self) -> int:
        """Index of the first row of the tail."""
        return len(self.head) + len(self.base)

    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.head, self.base, self.tail

    def rows(self, lo: int, hi: int) -> np.ndarray:
        """Rows [lo, hi), a view where they lie in one part."""
        found, begin = [], 0
        for part in self.parts():
            end = begin + len(part)
            if lo < end and hi > begin:
                found.append(part[max(lo - begin, 0) : hi - begin])
            begin = end
        return joined(found) if found else self._tail[:0]

    def at(self, index: int) -> np.ndarray:
        """One row, as an array of one."""
        return self.rows(index, index + 1)

    def grow(self, count: int) -> np.ndarray:
        """Room for `count` rows in the tail, which is handed back to be filled."""
        if count > len(self._tail):
            grown = np.empty(count + max(256, count // 4), self._tail.dtype)
            grown[: self._used] = self.tail
            self._tail = grown
        self._used = count
        return self.tail

    def open_up(self, index: int) -> bool:
        """Make rows from `index` on writable; whether rows of the base had to be copied for it."""
        if index >= self.split:
            return False
        at = max(0, index - len(self.head))
        moved = np.concatenate((self.base[at:], self.tail))
        self.base = self.base[:at]
        self.grow(len(moved))[:] = moved
        return True


class BarSeries:
    """Bars of one symbol and timeframe, oldest first; x of a chart is the index here, so closed hours leave no gap.

    bars: CANDLE_DTYPE with strictly rising ts; the array is not copied and never written, so it may be a read-only
    memory map. The newest bars are kept in an own growing tail. length_ms: of one bar. newer: bars that follow them.
    levels: the levels of `bars` as the engine made them (contracts.levels), so that they need not be made here.
    market: whose closed hours are no holes.
    """

    def __init__(
        self,
        bars: np.ndarray,
        length_ms: int,
        newer: np.ndarray | None = None,
        levels: list[np.ndarray] | None = None,
        market: str = "",
    ) -> None:
        self.length_ms = length_ms
        self.market = market
        #: open times of final bars that were told anew since this chart was opened
        self.restated: set[int] = set()
        #: called now and then, so that pages of a mapped history that were seen once do not stay in memory
        self.release: Callable[[], None] | None = None
        if newer is None:
            split = max(0, len(bars) - WRITABLE_TAIL)
            bars, newer = bars[:split], bars[split:]
        self._load(Spliced(bars, newer), levels or [])

    def _load(self, parts: Spliced, levels: list[np.ndarray]) -> None:
        # a source that held the series would make a circle: its arrays would wait for the collector, which comes rarely
        self._parts = parts
        self._given = levels
        n, ops = len(parts.base), len(BAR_OPS)
        enough = len(levels) >= COARSE_LEVEL
        self._coarse = levels[COARSE_LEVEL - 1][TIME_ROW, : -(-n // COARSE)] if enough else None
        self.pyramid = Pyramid(
            BAR_OPS, lambda c, lo, hi: parts.rows(lo, hi)[BAR_COLUMNS[c]], [a[:ops] for a in levels], n
        )
        self.pyramid.origin = len(parts.head)
        self.pyramid.update(0, len(self))
        self._quality: Pyramid | None = None

    @property
    def mapped(self) -> int:
        """Bars that lie in the base, not copied."""
        return len(self._parts.base)

    def __len__(self) -> int:
        return len(self._parts)

    def rows(self, lo: int, hi: int) -> np.ndarray:
        """CANDLE_DTYPE rows [lo, hi), a view where possible."""
        return self._parts.rows(lo, hi)

    def column(self, name: str, lo: int, hi: int) -> np.ndarray:
        """One field of rows [lo, hi)."""
        return self._parts.rows(lo, hi)[name]

    def ts_at(self, index: int) -> int:
        """Open time of a bar, ms; outside the series it goes on in steps of the bar's length."""
        n = len(self)
        if n == 0:
            return 0
        if index < 0:
            return self.ts_at(0) + index * self.length_ms
        if index >= n:
            return self.ts_at(n - 1) + (index - n + 1) * self.length_ms
        for part in self._parts.parts():
            if index < len(part):
                return int(part["ts"][index])
            index -= len(part)
        raise AssertionError

    def index_at(self, ts: int, side: str = "left") -> int:
        """left: first bar with open time >= ts; right: first bar > ts. Beyond the end in steps of the length."""
        n = len(self)
        if n == 0:
            return 0
        last = self.ts_at(n - 1)
        if ts > last:
            steps = -(-(ts - last) // self.length_ms) if side == "left" else (ts - last) // self.length_ms + 1
            return n - 1 + int(steps)
        # numpy would copy the column out of millions of records for one search
        search = bisect_left if side == "left" else bisect_right
        begin = 0
        for part, coarse in zip(self._parts.parts(), (None, self._coarse, None), strict=True):
            if len(part) and ts <= part["ts"][-1]:
                if coarse is None:
                    return begin + search(part["ts"], ts)
                lo = max(0, int(np.searchsorted(coarse, ts, "right")) - 1) * COARSE
                return begin + lo + search(part["ts"][lo : lo + COARSE], ts)
            begin += len(part)
        return begin

    def bar_at(self, ts: int) -> int:
        """Index of the bar that holds the moment ts, clamped to the series; -1 when it is empty."""
        return max(0, min(self.index_at(ts, "right") - 1, len(self) - 1)) if len(self) else -1

    def bars_at(self, ts: np.ndarray) -> np.ndarray:
        """int64[n]: `bar_at` of many moments, for a series that is not empty."""
        found = np.full(len(ts), -1)
        for part, coarse in zip(self._parts.parts(), (None, self._coarse, None), strict=True):
            found += count_upto(part["ts"], ts, coarse)
        return np.clip(found, 0, len(self) - 1)

    def update(self, bars: np.ndarray) -> tuple[int, int]:
        """Upsert by open time. Returns (first index that changed, number of bars appended); (len, 0) for nothing.

        Bars older than the last that the series does not have are left out: only a reload can place them.
        """
        if not len(bars):
            return len(self), 0
        first, appended = len(self), 0
        for row in bars:
            last = self.ts_at(len(self) - 1) if len(self) else None
            if last is None or int(row["ts"]) > last:
                self._parts.grow(len(self._parts.tail) + 1)[-1] = row
                first, appended = min(first, len(self) - 1), appended + 1
                continue
            index = self.index_at(int(row["ts"]))
            if index < len(self) and self.ts_at(index) == int(row["ts"]):
                if index < len(self) - 1 and self._parts.at(index)[0] != row:
                    self.restated.add(int(row["ts"]))
                self._replace(index, row)
                first = min(first, index)
        self.pyramid.update(first, len(self))
        if self._quality is not None:
            self._quality.update(first, len(self))
        return first, appended

    def _replace(self, index: int, row: np.void) -> None:
        if index < len(self._parts.head):
            self._parts.head[index] = row
            self._front()
            return
        if self._parts.open_up(index):
            self._load(self._parts, self._given)
        self._parts.tail[index - self._parts.split] = row

    def _front(self) -> None:
        self.pyramid.grow_front(len(self._parts.head), len(self))
        self._quality = None

    def prepend(self, older: np.ndarray) -> int:
        """Put older bars in front; those not older than the first are left out. Returns how many were added."""
        if len(self):
            older = older[older["ts"] < self.ts_at(0)]
        if not len(older):
            return 0
        if self._given:
            self._parts.head = np.concatenate((older, self._parts.head))
            self._front()
        else:
            bars = np.concatenate((older, self.rows(0, len(self))))
            split = len(bars) - len(self._parts.tail)
            self._load(Spliced(bars[:split], bars[split:]), [])
        return len(older)

    def extent(self, lo: int, hi: int) -> tuple[float, float]:
        """Exact (lowest low, highest high) of bars [lo, hi); nan where there are none."""
        lo, hi = max(0, lo), min(len(self), hi)
        if hi <= lo:
            return math.nan, math.nan
        return self.pyramid.extreme(LOW, lo, hi), self.pyramid.extreme(HIGH, lo, hi)

    def max_volume(self, lo: int, hi: int) -> float:
        lo, hi = max(0, lo), min(len(self), hi)
        return self.pyramid.extreme(VOLUME, lo, hi) if hi > lo else math.nan

    # quality --------------------------------------------------------------------------------------------------------

    @property
    def quality(self) -> Pyramid:
        """Columns MISSING (ms before a bar that are missing though the market was open) and QUIET (1: no volume)."""
        if self._quality is None:
            ops, own = len(BAR_OPS), proxy(self)
            self._quality = Pyramid(
                QUALITY_OPS,
                lambda c, lo, hi: own.quality_of(lo, hi)[c],
                [a[ops:TIME_ROW] for a in self._given],
                len(self._parts.base),
            )
            self._quality.origin = len(self._parts.head)
            self._quality.update(0, len(self))
        return self._quality

    def quality_of(self, lo: int, hi: int) -> np.ndarray:
        """float64[2, n]: MISSING and QUIET of single bars."""
        begin = max(0, lo - 1)
        rows = self.rows(begin, hi)
        if not len(rows):
            return np.zeros((2, 0))
        ts = rows["ts"]
        closed = closed_ranges(self.market, int(ts[0]), int(ts[-1]) + 1) if self.market else None
        return quality(ts, rows["volume"], self.length_ms, closed)[:, lo - begin :]


class LineSeries:
    """Values of one indicator output, aligned with the bars by index; nan where it is not defined.

    values are not copied and never written where `levels` (made by the engine) are given, so that they may be mapped;
    newer: what follows them.
    """

    def __init__(
        self, values: np.ndarray, newer: np.ndarray | None = None, levels: list[np.ndarray] | None = None
    ) -> None:
        values = np.asarray(values, np.float64)
        if newer is None and not levels:
            values, newer = values[:0], values
        self._load(Spliced(values, newer if newer is not None else values[:0]), levels or [])

    def _load(self, parts: Spliced, levels: list[np.ndarray]) -> None:
        self._parts = parts
        self._given = levels
        self.pyramid = Pyramid(LINE_OPS, lambda _c, lo, hi: parts.rows(lo, hi), levels, len(parts.base))
        self.pyramid.origin = len(parts.head)
        self.pyramid.update(0, len(self))

    @property
    def mapped(self) -> int:
        """Values that lie in the base, not copied."""
        return len(self._parts.base)

    def __len__(self) -> int:
        return len(self._parts)

    def values(self, lo: int, hi: int) -> np.ndarray:
        return self._parts.rows(lo, hi)

    def at(self, index: int) -> float:
        """The value at a bar; nan outside."""
        return float(self._parts.at(index)[0]) if 0 <= index < len(self) else math.nan

    def update(self, start: int, values: np.ndarray, count: int) -> None:
        """Overwrite from bar `start` on and grow to `count` bars; what is not given is nan."""
        begin, had = min(start, len(self)), len(self)
        if len(values) and start < self._parts.split:
            if start < len(self._parts.head):
                values, start = values[len(self._parts.head) - start :], len(self._parts.head)
            if self._parts.open_up(start):
                self._load(self._parts, self._given)
        split = self._parts.split
        tail = self._parts.grow(count - split)
        tail[max(0, had - split) :] = np.nan
        if len(values):
            tail[start - split : start - split + len(values)] = values[: count - start]
        self.pyramid.update(begin, count)

    def prepend(self, older: np.ndarray) -> None:
        """Values of bars that were put in front of all others."""
        if self._given:
            self._parts.head = np.concatenate((older, self._parts.head))
            self.pyramid.grow_front(len(self._parts.head), len(self))
        else:
            values = np.concatenate((older, self.values(0, len(self))))
            self._load(Spliced(values[:0], values), [])

    def extent(self, lo: int, hi: int) -> tuple[float, float]:
        """Exact (min, max) of bars [lo, hi), nan left out."""
        lo, hi = max(0, lo), min(len(self), hi)
        if hi <= lo:
            return math.nan, math.nan
        return self.pyramid.extreme(0, lo, hi), self.pyramid.extreme(1, lo, hi)
