"""What plots share: round numbers and round dates on axes, and a scale between values and pixels. No Qt."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from widgets.texts import tr

DAY_MS = 86_400_000
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_DAY_STEPS = (1, 2, 5, 10)


class Scale(NamedTuple):
    """value -> pixel, linear or by logarithm; lo is at `start`, hi at `end`, which may be the smaller of the two."""

    lo: float
    hi: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        return float(self.all(np.array([value], np.float64))[0])

    def all(self, values: np.ndarray) -> np.ndarray:
        """float64 pixels of float64 values; nan stays nan."""
        lo, hi, v = self.lo, self.hi, np.asarray(values, np.float64)
        if self.log:
            lo, hi = math.log(lo), math.log(hi)
            with np.errstate(divide="ignore", invalid="ignore"):
                v = np.log(v)
        return self.start + (v - lo) / ((hi - lo) or 1.0) * (self.end - self.start)

    def value(self, pixel: float) -> float:
        share = (pixel - self.start) / ((self.end - self.start) or 1.0)
        if self.log:
            return math.exp(math.log(self.lo) + share * (math.log(self.hi) - math.log(self.lo)))
        return self.lo + share * (self.hi - self.lo)


def span(*parts: np.ndarray, room: float = 0.06, wide: float = 6.0) -> tuple[float, float, bool]:
    """(lowest, highest, whether by logarithm) of all finite values with some room; by logarithm where the highest is
    `wide` times the lowest."""
    known = [p[np.isfinite(p)] for p in (np.asarray(part, np.float64).ravel() for part in parts)]
    known = [p for p in known if len(p)]
    if not known:
        return 0.0, 1.0, False
    low, high = min(float(p.min()) for p in known), max(float(p.max()) for p in known)
    if low > 0 and high > wide * low:
        grow = (high / low) ** room
        return low / grow, high * grow, True
    extra = max((high - low) * room, abs(high) * 1e-6, 1e-9)
    return low - extra, high + extra, False


def ticks(lo: float, hi: float, most: int, log: bool = False) -> list[float]:
    """At most about `most` round values within [lo, hi]."""
    if not (math.isfinite(lo) and math.isfinite(hi)) or hi <= lo or most < 1:
        return []
    if log:
        return _log_ticks(lo, hi, most)
    raw = (hi - lo) / most
    size = 10.0 ** math.floor(math.log10(raw))
    step = next((m * size for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * size >= raw * 0.999), 10.0 * size)
    first = math.ceil(lo / step - 1e-9)
    last = math.floor(hi / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def _log_ticks(lo: float, hi: float, most: int) -> list[float]:
    decades = range(math.floor(math.log10(lo)), math.ceil(math.log10(hi)) + 1)
    for marks in ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        found = [m * 10.0**d for d in decades for m in marks if lo <= m * 10.0**d <= hi]
        if len(found) <= most:
            return found
    return found[:: math.ceil(len(found) / most)]


def time_ticks(from_ms: float, to_ms: float, most: int) -> list[tuple[int, str]]:
    """(ms, label) at round dates: years where the span is long, else months or days; a year's first label names it."""
    days = (to_ms - from_ms) / DAY_MS
    if days <= 0 or most < 1:
        return []
    if days < 62:
        step = next((s for s in _DAY_STEPS if days / s <= most), _DAY_STEPS[-1] * math.ceil(days / 10 / most))
        first = math.ceil(from_ms / DAY_MS)
        marks = [k * DAY_MS for k in range(first, math.floor(to_ms / DAY_MS) + 1) if k % step == 0]
        days_of = [(ms, datetime.fromtimestamp(ms / 1000, UTC)) for ms in marks]
        return [(ms, f"{when.day} {tr(when.strftime('%b'))}") for ms, when in days_of]
    months = days / 30.44
    step = next((s for s in _MONTH_STEPS if months / s <= most), 120)
    begin = datetime.fromtimestamp(from_ms / 1000, UTC)
    month = begin.year * 12 + begin.month - 1
    month += -month % step
    made: list[tuple[int, str]] = []
    while True:
        when = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
        ms = int(when.timestamp() * 1000)
        if ms > to_ms:
            return made
        if ms >= from_ms:
            made.append((ms, f"{when.year}" if when.month == 1 else tr(when.strftime("%b"))))
        month += step


def nearest(xs: np.ndarray, x: float) -> int:
    """Index of the value of a rising array that is nearest; -1 when it is empty."""
    if not len(xs):
        return -1
    at = int(np.searchsorted(xs, x))
    if at <= 0:
        return 0
    if at >= len(xs):
        return len(xs) - 1
    return at if xs[at] - x < x - xs[at - 1] else at - 1
