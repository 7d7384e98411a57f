"""The arithmetic of plots beyond axes: thinning to pixels, ranges, shares of colour. No Qt."""

from __future__ import annotations

import math

import numpy as np


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
