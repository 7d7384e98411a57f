"""The drawings of a walk-forward's report, as inline SVG."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.backtest.report_svg import Plot, compact, percent
from engine.contracts.robustness import MonteCarloFan, Pbo
from engine.contracts.walkforward import FoldResult, WalkResult

WIDE, HALF = 1120, 540
#: a curve that grew by more than this is drawn on a logarithmic scale
LOG_FROM = 6.0

Floats = NDArray[np.float64]


def stitched(walk: WalkResult) -> tuple[Floats, Floats]:
    """(float64[d + 1] ms, float64[d + 1] equity as multiples of the start) of the out-of-sample days."""
    days = np.frombuffer(walk.day_ms, "<i8").astype(np.float64)
    equity = np.cumprod(1.0 + np.nan_to_num(np.frombuffer(walk.returns, "<f8"), nan=0.0))
    first = float(walk.folds[0].test_from_ms) if walk.folds else float(days[0]) if len(days) else 0.0
    return np.concatenate([[first], days]), np.concatenate([[1.0], equity])


def _span(values: Floats) -> tuple[bool, tuple[float, float]]:
    """Whether the scale is logarithmic, and its ends with some room."""
    low, high = float(values.min()), float(values.max())
    if low > 0 and high > LOG_FROM * low:
        return True, (low / 1.06, high * 1.06)
    room = max((high - low) * 0.05, 1e-6)
    return False, (low - room, high + room)


def equity(walk: WalkResult) -> str:
    """Stitched out-of-sample equity with the borders of the windows; '' without a day."""
    x, y = stitched(walk)
    if len(x) < 2:
        return ""
    log, span = _span(y)
    plot = Plot(WIDE, 300, (float(x[0]), float(x[-1])), span, log=log, left=56).grid_y(compact).time_x(10)
    for fold in walk.folds[1:]:
        plot.line_x(float(fold.test_from_ms), "border")
    plot.path(x, y, "wash", span[0]).line_y(1.0)
    return plot.path(x, y, "equity").svg("Equity out of sample, windows one after the other")


def drawdown(walk: WalkResult) -> str:
    """Fall from the peak, by day, downwards."""
    x, y = stitched(walk)
    if len(x) < 2:
        return ""
    peak = np.maximum.accumulate(y)
    fall = 1.0 - y / peak
    deepest = max(float(fall.max()), 0.001)
    plot = Plot(WIDE, 130, (float(x[0]), float(x[-1])), (-deepest * 1.05, 0.0), top=4, left=56)
    return plot.grid_y(percent, 3).time_x(10).path(x, -fall, "fall", 0.0).svg("Drawdown out of sample by day")


def windows(folds: Sequence[FoldResult]) -> str:
    """Net return of every test part as bars; the line is what the chosen set earned in train, a year of it scaled to
    the length of the test part."""
    gains = np.array([fold.test.get("total_return", 0.0) for fold in folds])
    gains = np.nan_to_num(gains, nan=0.0)
    inside = np.array([_scaled(fold) for fold in folds])
    known = np.concatenate([gains, inside[np.isfinite(inside)], [0.0]])
    low, high = float(known.min()), float(known.max())
    room = (high - low) * 0.06 or 0.01
    plot = Plot(WIDE, 210, (0.0, float(len(folds))), (low - room * (low < 0), high + room), left=56).grid_y(percent)
    for i in range(len(folds)):
        plot.bar(i, i + 1, float(gains[i]), f"Window {i + 1}: {gains[i]:+.2%} in the test part", gap=3.0)
        if len(folds) <= 40 or i % 5 == 0:
            plot.text(plot.px(i + 0.5), plot.bottom + 15, str(i + 1), "middle")
    x = np.repeat(np.arange(len(folds) + 1.0), 2)[1:-1]
    return plot.line_y(0.0).path(x, np.repeat(inside, 2), "hold").svg("Net return of every test part")


def _scaled(fold: FoldResult) -> float:
    """The train part's growth in a time as long as the test part."""
    total = fold.train.get("total_return", np.nan)
    length = fold.train_to_ms - fold.train_from_ms
    if not total > -1 or length <= 0:
        return float("nan")
    return float(np.expm1(np.log1p(total) * (fold.test_to_ms - fold.test_from_ms) / length))


def fan(found: MonteCarloFan) -> str:
    """Quantiles of the equity by step and what really happened; '' where nothing was drawn."""
    if not found.equity:
        return ""
    x, rows = np.array(found.steps, np.float64), np.array(found.equity)
    original = np.array(found.original)
    log, span = _span(np.concatenate([rows.ravel(), original]))
    plot = Plot(HALF, 230, (0.0, float(x[-1])), span, log=log, left=52).grid_y(compact).grid_x(compact)
    around = np.concatenate([x, x[::-1]])
    for low in range(len(rows) // 2):
        plot.path(around, np.concatenate([rows[-1 - low], rows[low][::-1]]), "wash")
    plot.line_y(1.0).path(x, rows[len(rows) // 2], "hold").path(x, original, "equity thin")
    return plot.svg("Quantiles of the equity over all paths")


def logits(found: Pbo) -> str:
    """Histogram of the logits, those at or below 0 in red; '' without any."""
    total = sum(found.logits)
    if not total:
        return ""
    used = [i for i, count in enumerate(found.logits) if count]
    first, last = max(0, min(used) - 1), min(len(found.logits), max(used) + 2)
    share = [count / total for count in found.logits[first:last]]
    edges = found.edges[first : last + 1]
    plot = Plot(HALF, 210, (edges[0], edges[-1]), (0.0, max(share) * 1.06), left=46).grid_y(percent, 4).grid_x(compact)
    for (a, b), value in zip(itertools.pairwise(edges), share):
        kind = "gain" if a + b > 0 else "loss"
        plot.bar(a, b, value, f"{value:.1%} of the splits between {a:.2f} and {b:.2f}", kind, gap=0.6)
    return plot.line_x(0.0).svg("Logits of the out-of-sample rank of the set chosen in sample")


def degradation(found: Pbo) -> str:
    """Out-of-sample against in-sample Sharpe of the chosen sets, with the line through them."""
    if not found.points:
        return ""
    x, y = np.array(found.points).T
    room = max(float(np.ptp(x)), 0.1) * 0.05, max(float(np.ptp(y)), 0.1) * 0.05
    span = (float(x.min()) - room[0], float(x.max()) + room[0])
    plot = Plot(HALF, 210, span, (min(float(y.min()), 0.0) - room[1], max(float(y.max()), 0.0) + room[1]), left=46)
    plot.grid_y(compact, 4).grid_x(compact).line_y(0.0).points(x, y, y > 0)
    if np.isfinite(found.slope):
        ends = np.array(span)
        plot.path(ends, found.intercept + found.slope * ends, "equity thin")
    return plot.svg("Sharpe out of sample against in sample, for the set chosen in each split")
