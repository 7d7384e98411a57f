"""The drawings of the HTML report, each from a Report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.backtest.report_svg import Plot, compact, percent
from engine.contracts.reports import Line, Report, TradeGroup

WIDE, HALF = 1120, 540
#: dots of a scatter at most; more are thinned evenly
MOST_DOTS = 1500
#: of no more than this none is taken for an outlier
FEW_DOTS = 400
#: a curve that grew by more than this is drawn on a logarithmic scale
LOG_FROM = 6.0


def read(line: Line) -> tuple[np.ndarray, np.ndarray]:
    """(ms, values) of a curve, as float64."""
    return np.frombuffer(line.ts, "<i8").astype(np.float64), np.frombuffer(line.values, "<f8")


def is_log(report: Report) -> bool:
    """Whether equity() draws on a logarithmic scale."""
    both = np.concatenate((read(report.equity)[1], read(report.benchmark)[1]))
    return bool((both > 0).all() and both.max() > LOG_FROM * both.min())


def equity(report: Report) -> str:
    """Equity and holding, by day."""
    (x, y), (_, held) = read(report.equity), read(report.benchmark)
    both = np.concatenate((y, held))
    both = both[np.isfinite(both)]
    log = is_log(report)
    low, high = float(both.min()), float(both.max())
    room = (high - low) * 0.05
    span = (low / 1.06, high * 1.06) if log else (low - room, high + room)
    plot = Plot(WIDE, 300, (float(x[0]), float(x[-1])), span, log=log).grid_y(compact).time_x(10)
    if not log:
        plot.line_y(float(y[0]))
    plot.path(x, y, "wash", span[0])
    if len(held) == len(x):
        plot.path(x, held, "hold")
    return plot.path(x, y, "equity").svg("Equity and buy and hold by day")


def drawdown(report: Report) -> str:
    """Fall from the peak, by day, downwards."""
    x, y = read(report.drawdown)
    deepest = max(float(np.nanmax(y)), 0.001)
    plot = Plot(WIDE, 130, (float(x[0]), float(x[-1])), (-deepest * 1.05, 0.0), top=4)
    return plot.grid_y(percent, 3).time_x(10).path(x, -y, "fall", 0.0).svg("Drawdown by day")


def rolling(report: Report) -> str:
    """Rolling Sharpe; '' where the run is too short for one."""
    x, y = read(report.rolling_sharpe)
    fine = y[np.isfinite(y)]
    if not len(fine):
        return ""
    low, high = min(float(fine.min()), 0.0), max(float(fine.max()), 0.0)
    room = max((high - low) * 0.06, 0.1)
    plot = Plot(HALF, 210, (float(x[0]), float(x[-1])), (low - room, high + room), left=40)
    return plot.grid_y(compact).time_x(6).line_y(0.0).path(x, y, "equity thin").svg("Rolling Sharpe")


def exposure(report: Report) -> str:
    """Share of the time in the market, mean of stretches of days; '' for a run that never was in it."""
    x, y = read(report.exposure)
    if not y.any():
        return ""
    size = max(1, -(-len(x) // 180))
    starts = np.arange(0, len(x), size)
    means = np.add.reduceat(y, starts) / np.diff(np.append(starts, len(x)))
    ends = x[np.append(starts[1:], len(x)) - 1]
    begin = float(x[0]) if len(x) == 1 else float(x[0] - (x[1] - x[0]))
    low, high = min(float(means.min()), 0.0), max(float(means.max()), 0.0)
    plot = Plot(HALF, 210, (begin, float(x[-1])), (low, high or 1.0), left=48).grid_y(percent).time_x(6)
    left = np.append(begin, ends[:-1])
    stairs_x, stairs_y = np.column_stack((left, ends)).ravel(), np.repeat(means, 2)
    return plot.path(stairs_x, stairs_y, "soft", 0.0).line_y(0.0).svg("Share of time in the market")


def groups(found: Sequence[TradeGroup], label: str, every: int = 1) -> str:
    """Profit of each group as bars; every n-th is named below."""
    profits = [g.profit for g in found]
    low, high = min(0.0, *profits), max(0.0, *profits)
    room = (high - low) * 0.06 or 1.0
    low, high = low - (room if low < 0 else 0.0), high + (room if high > 0 else 0.0)
    plot = Plot(HALF, 210, (0.0, float(len(found))), (low, high), left=52).grid_y(compact)
    for i, g in enumerate(found):
        tip = f"{g.label}: {g.profit:,.2f} in {g.trades:,} trades"
        plot.bar(i, i + 1, g.profit, tip if g.trades == 0 else f"{tip}, {g.win_rate:.0%} won", gap=2.0)
        if i % every == 0:
            plot.text(plot.px(i + 0.5), plot.bottom + 15, g.label[:3], "middle")
    return plot.line_y(0.0).svg(label)


def results(report: Report) -> str:
    """Distribution of the trades' results."""
    edges, counts = report.returns.edges, report.returns.counts
    plot = Plot(HALF, 210, (edges[0], edges[-1]), (0.0, max(counts) * 1.06), left=44).grid_y(compact, 4).grid_x(percent)
    for a, b, count in zip(edges[:-1], edges[1:], counts, strict=True):
        kind = "gain" if a + b > 0 else "loss"
        plot.bar(a, b, count, f"{a:.2%} to {b:.2%}: {count:,} trades", kind, gap=0.6)
    mean = report.metrics.get("expectancy_percent", float("nan"))
    return plot.line_x(0.0).line_x(mean, "mean").svg("Distribution of the trades' results")


def scatter(report: Report, which: str) -> tuple[str, str]:
    """(drawing, note) of the worst ('mae') or best ('mfe') excursion of every trade against its result."""
    found = report.excursions
    x, y = (np.frombuffer(block, "<f8") for block in (found.mae if which == "mae" else found.mfe, found.result))
    fine = np.isfinite(x) & np.isfinite(y)
    x, y = x[fine], y[fine]
    total = len(x)
    cut = 0.25 if total > FEW_DOTS else 0.0
    right = float(np.percentile(x, 100 - 2 * cut)) if total else 1.0
    low, high = np.percentile(y, (cut, 100 - cut)).tolist() if total else (-1.0, 1.0)
    inside = (x <= right) & (y >= low) & (y <= high)
    x, y = x[inside], y[inside]
    at = np.linspace(0, len(x) - 1, min(len(x), MOST_DOTS)).astype(int)
    room = (high - low) * 0.04 or 0.01
    low, high = min(low - room, 0.0), max(high + room, 0.0)
    plot = Plot(HALF, 250, (0.0, right * 1.03 or 0.01), (low, high), left=52, bottom=38).grid_y(percent).grid_x(percent)
    plot.line_y(0.0).points(x[at], y[at], y[at] > 0)
    name = "against" if which == "mae" else "in favour of"
    plot.text((plot.left + plot.right) / 2, plot.height - 3, f"largest move {name} the trade", "middle", "name")
    notes = [f"{total - len(x):,} outliers beyond the drawing"] if total > len(x) else []
    notes += [f"{len(at):,} of {len(x):,} dots"] if len(at) < len(x) else []
    return plot.svg(f"Result against the largest move {name} each trade"), ", ".join(notes)
