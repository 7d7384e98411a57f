"""The arithmetic of plots: ticks, thinning to pixels, shares of colour. No Qt."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np

DAY_MS = 86_400_000
#: steps of a time axis, days; from a month on they are calendar months
_DAYS = (1, 2, 5, 10)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_HOURS = (1, 2, 4, 6, 12)


def step_for(span: float, count: int) -> float:
    """A step of 1, 2, 2.5 or 5 times a power of ten that divides a span into at most `count` pieces."""
    if not span > 0 or not math.isfinite(span):
        return 1.0
    raw = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if power * factor >= raw * 0.999999)


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round values inside [low, high], at most about `count`."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return []
    step = step_for(high - low, count)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float, count: int) -> list[float]:
    """Round values for a logarithmic scale between two positive numbers."""
    if not 0 < low < high or not math.isfinite(high):
        return []
    if high / low < 4:
        return [t for t in ticks(low, high, count) if t > 0]
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        found = [f * 10.0**d for d in decades for f in factors if low <= f * 10.0**d <= high]
        if len(found) <= count:
            return found
    return found[:: max(1, len(found) // max(count, 1))]


def decimals_for(step: float) -> int:
    """Decimals that tell two neighbouring ticks apart."""
    return max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0


def time_ticks(from_ms: int, to_ms: int, count: int) -> list[tuple[int, str]]:
    """(moment, label) at whole years, months, days or hours UTC; at most about `count`."""
    span = to_ms - from_ms
    if span <= 0 or count < 1:
        return []
    for hours in _HOURS:
        if span / (hours * 3_600_000) <= count:
            return _even(from_ms, to_ms, hours * 3_600_000, "%H:%M")
    for days in _DAYS:
        if span / (days * DAY_MS) <= count:
            return _even(from_ms, to_ms, days * DAY_MS, "%d %b")
    for months in _MONTHS:
        if span / (months * 30.44 * DAY_MS) <= count:
            break
    first = _month(from_ms)
    found = []
    for number in range(first - first % months, _month(to_ms) + 1, months):
        moment = datetime(1970 + number // 12, number % 12 + 1, 1, tzinfo=UTC)
        ms = int(moment.timestamp() * 1000)
        if from_ms <= ms <= to_ms:
            found.append((ms, f"{moment:%Y}" if months >= 12 or moment.month == 1 else f"{moment:%b}"))
    return found


def _even(from_ms: int, to_ms: int, step: int, form: str) -> list[tuple[int, str]]:
    first = -(-from_ms // step) * step
    return [(t, f"{datetime.fromtimestamp(t / 1000, UTC):{form}}") for t in range(first, to_ms + 1, step)]


def _month(ms: int) -> int:
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return (moment.year - 1970) * 12 + moment.month - 1


def thinned(x: np.ndarray, y: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """At most four points a pixel column (first, lowest, highest, last of each), so that no extreme is lost. x: pixel
    positions, ascending; y: values, nan where there is none."""
    keep = np.isfinite(y)
    x, y = x[keep], y[keep]
    if x.size <= 4 * max(columns, 1):
        return x, y
    column = np.floor(x).astype(np.int64)
    starts = np.flatnonzero(np.r_[True, np.diff(column) > 0])
    ends = np.r_[starts[1:], x.size] - 1
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    out_x, out_y = np.repeat(x[starts], 4), np.empty(4 * starts.size)
    out_y[0::4], out_y[1::4], out_y[2::4], out_y[3::4] = y[starts], low, high, y[ends]
    return out_x, out_y


def smoothed(values: np.ndarray, count: int) -> np.ndarray:
    """Mean of the last `count` values, of fewer at the beginning."""
    if count <= 1 or not values.size:
        return values
    sums = np.cumsum(np.nan_to_num(values))
    sums[count:] = sums[count:] - sums[:-count]
    return sums / np.minimum(np.arange(1, values.size + 1), count)


def heat(value: float, strongest: float) -> float:
    """-1..1: how strongly a cell is coloured, and to which side; the root lets small values be seen."""
    if not math.isfinite(value) or not strongest > 0:
        return 0.0
    return math.copysign(min(1.0, math.sqrt(abs(value) / strongest)), value)


def strongest_of(values: list[float]) -> float:
    """What counts as full colour: the 90th percentile of the sizes, so that one wild month does not pale the rest."""
    sizes = [abs(v) for v in values if math.isfinite(v)]
    return float(np.percentile(sizes, 90)) if sizes else 0.0


def padded(low: float, high: float, share: float = 0.06) -> tuple[float, float]:
    """A range with some air above and below; one around a single value where there is no range."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    if high - low <= abs(high) * 1e-12:
        size = abs(high) * 0.05 or 1.0
        return low - size, high + size
    air = (high - low) * share
    return low - air, high + air


def spread_of(values: np.ndarray, share: float = 0.005) -> tuple[float, float]:
    """The range that holds all but the wildest `share` at each end, so that one point does not squeeze the others."""
    good = values[np.isfinite(values)]
    if not good.size:
        return 0.0, 1.0
    if good.size < 50:
        return float(good.min()), float(good.max())
    low, high = np.quantile(good, (share, 1 - share))
    return float(low), float(high)
