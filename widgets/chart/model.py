"""What a chart shows, without Qt: bars on a gapless index axis, and lines aligned with them."""

from __future__ import annotations

import math

import numpy as np

from engine.contracts.dtypes import CANDLE_DTYPE
from widgets.chart.pyramid import Pyramid

#: bars kept writable behind a history that may be a read-only memory map
WRITABLE_TAIL = 64
COLUMNS = ("open", "high", "low", "close", "volume")
OPS = ("first", "max", "min", "last", "max")
OPEN, HIGH, LOW, CLOSE, VOLUME = range(5)


class BarSeries:
    """Bars of one symbol and timeframe, oldest first; x of a chart is the index here, so closed hours leave no gap.

    bars: CANDLE_DTYPE with strictly rising ts; the array is not copied and never written, so it may be a read-only
    memory map. The newest bars are kept in an own growing tail. length_ms: of one bar.
    """

    def __init__(self, bars: np.ndarray, length_ms: int) -> None:
        self.length_ms = length_ms
        self._load(bars)

    def _load(self, bars: np.ndarray) -> None:
        split = max(0, len(bars) - WRITABLE_TAIL)
        self._base = bars[:split]
        self._tail = np.empty(4 * WRITABLE_TAIL, CANDLE_DTYPE)
        self._used = len(bars) - split
        self._tail[: self._used] = bars[split:]
        self._base_ts = np.ascontiguousarray(self._base["ts"])
        self.pyramid = Pyramid(OPS, lambda c, lo, hi: self.column(COLUMNS[c], lo, hi))
        self.pyramid.update(0, len(self))

    def __len__(self) -> int:
        return len(self._base) + self._used

    def rows(self, lo: int, hi: int) -> np.ndarray:
        """CANDLE_DTYPE rows [lo, hi), a view where possible."""
        split = len(self._base)
        if hi <= split:
            return self._base[lo:hi]
        if lo >= split:
            return self._tail[lo - split : min(hi - split, self._used)]
        return np.concatenate((self._base[lo:split], self._tail[: min(hi - split, self._used)]))

    def column(self, name: str, lo: int, hi: int) -> np.ndarray:
        """One field of rows [lo, hi)."""
        split = len(self._base)
        if hi <= split:
            return self._base[name][lo:hi]
        if lo >= split:
            return self._tail[name][lo - split : min(hi - split, self._used)]
        return np.concatenate((self._base[name][lo:split], self._tail[name][: min(hi - split, self._used)]))

    def ts_at(self, index: int) -> int:
        """Open time of a bar, ms; outside the series it goes on in steps of the bar's length."""
        n = len(self)
        if n == 0:
            return 0
        if index < 0:
            return self.ts_at(0) + index * self.length_ms
        if index >= n:
            return self.ts_at(n - 1) + (index - n + 1) * self.length_ms
        split = len(self._base)
        return int(self._base_ts[index] if index < split else self._tail["ts"][index - split])

    def index_at(self, ts: int, side: str = "left") -> int:
        """left: first bar with open time >= ts; right: first bar > ts. Beyond the end in steps of the length."""
        n = len(self)
        if n == 0:
            return 0
        last = self.ts_at(n - 1)
        if ts > last:
            steps = -(-(ts - last) // self.length_ms) if side == "left" else (ts - last) // self.length_ms + 1
            return n - 1 + int(steps)
        split = len(self._base)
        tail = self._tail["ts"][: self._used]
        if self._used and ts >= tail[0]:
            return split + int(np.searchsorted(tail, ts, side))  # type: ignore[call-overload]
        return int(np.searchsorted(self._base_ts, ts, side))  # type: ignore[call-overload]

    def bar_at(self, ts: int) -> int:
        """Index of the bar that holds the moment ts, clamped to the series; -1 when it is empty."""
        return max(0, min(self.index_at(ts, "right") - 1, len(self) - 1)) if len(self) else -1

    def bars_at(self, ts: np.ndarray) -> np.ndarray:
        """int64[n]: `bar_at` of many moments, for a series that is not empty."""
        found = np.searchsorted(self._base_ts, ts, "right")
        found = found + np.searchsorted(self._tail["ts"][: self._used], ts, "right")
        return np.clip(found - 1, 0, len(self) - 1)

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
                self._append(row)
                first, appended = min(first, len(self) - 1), appended + 1
                continue
            index = self.index_at(int(row["ts"]))
            if index < len(self) and self.ts_at(index) == int(row["ts"]):
                self._replace(index, row)
                first = min(first, index)
        self.pyramid.update(first, len(self))
        return first, appended

    def _append(self, row: np.void) -> None:
        if self._used == len(self._tail):
            self._tail = np.concatenate((self._tail, np.empty_like(self._tail)))
        self._tail[self._used] = row
        self._used += 1

    def _replace(self, index: int, row: np.void) -> None:
        split = len(self._base)
        if index >= split:
            self._tail[index - split] = row
            return
        if not self._base.flags.writeable or not self._base.flags.owndata:
            self._base = np.array(self._base)
        self._base[index] = row

    def prepend(self, older: np.ndarray) -> int:
        """Put older bars in front; those not older than the first are left out. Returns how many were added."""
        if len(self):
            older = older[older["ts"] < self.ts_at(0)]
        if len(older):
            self._load(np.concatenate((older, self.rows(0, len(self)))))
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


class LineSeries:
    """Values of one indicator output, aligned with the bars by index; nan where it is not defined."""

    def __init__(self, values: np.ndarray) -> None:
        self._load(np.asarray(values, np.float64))

    def _load(self, values: np.ndarray) -> None:
        self._count = len(values)
        if values.flags.writeable and values.flags.owndata:
            self._values = values
        else:
            self._values = np.array(values)
        self.pyramid = Pyramid(("min", "max"), lambda _c, lo, hi: self._values[lo:hi])
        self.pyramid.update(0, self._count)

    def __len__(self) -> int:
        return self._count

    def values(self, lo: int, hi: int) -> np.ndarray:
        return self._values[lo : min(hi, self._count)]

    def at(self, index: int) -> float:
        """The value at a bar; nan outside."""
        return float(self._values[index]) if 0 <= index < self._count else math.nan

    def update(self, start: int, values: np.ndarray, count: int) -> None:
        """Overwrite from bar `start` on and grow to `count` bars; what is not given is nan."""
        if count > len(self._values):
            grown = np.full(count + max(256, count // 8), np.nan)
            grown[: self._count] = self._values[: self._count]
            self._values = grown
        self._values[self._count : count] = np.nan
        self._values[start : start + len(values)] = values[: count - start]
        begin = min(start, self._count)
        self._count = count
        self.pyramid.update(begin, count)

    def prepend(self, older: np.ndarray) -> None:
        self._load(np.concatenate((older, self._values[: self._count])))

    def extent(self, lo: int, hi: int) -> tuple[float, float]:
        """Exact (min, max) of bars [lo, hi), nan left out."""
        lo, hi = max(0, lo), min(self._count, hi)
        if hi <= lo:
            return math.nan, math.nan
        return self.pyramid.extreme(0, lo, hi), self.pyramid.extreme(1, lo, hi)
