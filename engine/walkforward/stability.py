"""Whether what was found in train lasts: efficiency, profitable windows, steadiness of the choice, concentration."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.backtest.conventions import NAN, power
from engine.walkforward.choice import Grid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Stability(NamedTuple):
    """kept: share of the steps from one window to the next at which the choice stayed. distance: mean distance between
    consecutive choices, 0 (never moves) ... 1 (from one corner of the grid to the other). expected: that distance if
    the choice were drawn anew each time. steadiness: 1 - distance / expected, 1 = always the same, about 0 = chance."""

    kept: float
    distance: float
    expected: float
    steadiness: float


class HeatMap(NamedTuple):
    """Two parameters against the mean objective over windows and the other parameters. values, counts:
    float64/int64[len(ys), len(xs)]; nan where no set stands or none has a value."""

    x: str
    y: str
    xs: Floats
    ys: Floats
    values: Floats
    counts: Ints


def annual_return(total_return: float, span_days: float) -> float:
    """Yearly compound rate of a return over calendar days; nan where there is none."""
    return power(1.0 + total_return, 365.25 / span_days) - 1.0 if span_days > 0 else NAN


def efficiency(in_sample: Floats, in_spans: Floats, out_sample: Floats, out_spans: Floats) -> float:
    """Walk-forward efficiency (R. Pardo, The Evaluation and Optimization of Trading Strategies, 2008): annualised
    out-of-sample over annualised in-sample return.

    float64[windows] total returns of the chosen sets and calendar days. Both are annualised by growth over all windows
    together (the sum of logs over the sum of days), so that one lucky short window does not decide. nan where the
    in-sample growth is not above 0, or nothing was chosen.
    """
    known = np.isfinite(in_sample) & np.isfinite(out_sample)
    if not known.any():
        return NAN
    rates = []
    for returns, spans in ((in_sample, in_spans), (out_sample, out_spans)):
        growth, days = 1.0 + returns[known], float(spans[known].sum())
        if not days > 0:
            return NAN
        logs = -math.inf if (growth <= 0.0).any() else float(np.log(growth).sum())
        rates.append(math.expm1(min(logs * 365.25 / days, 700.0)))
    inside, outside = rates
    return outside / inside if inside > 0 else NAN


def profitable_share(out_sample: Floats) -> float:
    """Share of the windows with a return above 0; a window in which nothing was chosen or traded counts as none."""
    return float((np.nan_to_num(out_sample, nan=0.0) > 0).mean()) if len(out_sample) else NAN


def steadiness(chosen: Ints, grid: Grid) -> Stability:
    """Of int64[windows] choices (-1 = none, left out) on a grid. nan with fewer than two choices; a grid of one set is
    as steady as can be."""
    used = chosen[chosen >= 0]
    if len(used) < 2:
        return Stability(NAN, NAN, NAN, NAN)
    widths = np.array([max(1, len(axis) - 1) for axis in grid.axes], np.float64)
    if not len(widths) or len(grid.steps) < 2:
        return Stability(1.0, 0.0, 0.0, 1.0)
    places = grid.steps / widths
    moves = np.abs(np.diff(places[used], axis=0)).mean(axis=1)
    expected = float(np.mean([_mean_gap(places[:, k]) for k in range(places.shape[1])]))
    distance = float(moves.mean())
    return Stability(
        kept=float((np.diff(used) == 0).mean()),
        distance=distance,
        expected=expected,
        steadiness=1.0 - distance / expected if expected > 0 else 1.0,
    )


def _mean_gap(values: Floats) -> float:
    """Mean |a - b| over all ordered pairs, by sorting."""
    n = len(values)
    return float(2.0 * (np.sort(values) @ (2.0 * np.arange(n) - n + 1.0)) / (n * n))


def heat_map(values: Floats, grid: Grid, x: str, y: str) -> HeatMap:
    """float64[sets, windows] objectives over the parameters x (columns) and y (rows) of the grid."""
    column, row = grid.names.index(x), grid.names.index(y)
    xs, ys = grid.axes[column], grid.axes[row]
    known = np.isfinite(values)
    cell = grid.steps[:, row] * len(xs) + grid.steps[:, column]
    size = len(xs) * len(ys)
    total = np.bincount(cell, np.where(known, values, 0.0).sum(axis=1), size)
    counts = np.bincount(cell, known.sum(axis=1), size).astype(np.int64)
    mean = np.divide(total, counts, out=np.full(size, NAN), where=counts > 0)
    return HeatMap(x, y, xs, ys, mean.reshape(len(ys), len(xs)), counts.reshape(len(ys), len(xs)))


def largest_share(profits: Floats) -> float:
    """Share of all net profit that the best part (window or trade) made; nan where there is no net profit.

    Above 1: without it there would have been a loss.
    """
    known = profits[np.isfinite(profits)]
    total = float(known.sum())
    return float(known.max()) / total if len(known) and total > 0 else NAN
