"""The figures of every parameter set and window, in one pass over their daily returns."""

# mypy: allow-untyped-defs, allow-incomplete-defs
from __future__ import annotations

import math

import numpy as np
from numba import njit

from engine.signals.compiling import KERNEL

#: rows of window_figures
FIGURES = (
    "sharpe", "sortino", "calmar", "cagr", "max_drawdown", "total_return", "return_over_drawdown", "volatility",
    "downside", "days", "trades", "profit_factor", "sqn", "expectancy", "gross_profit", "gross_loss",
)  # fmt: skip
(
    SHARPE, SORTINO, CALMAR, CAGR, MAX_DRAWDOWN, TOTAL_RETURN, RETURN_OVER_DRAWDOWN, VOLATILITY,
    DOWNSIDE, DAYS, TRADES, PROFIT_FACTOR, SQN, EXPECTANCY, GROSS_PROFIT, GROSS_LOSS,
) = range(len(FIGURES))  # fmt: skip
#: columns of the trade sums
PROFIT, LOSS, SUM, SQUARES = range(4)
#: a spread or a fall below this share of what it is measured on is nothing but rounding
NOTHING = 1e-14


@njit(**KERNEL)
def window_figures(returns, offsets, days, trades, sums, spans, days_per_year, out):
    """FIGURES of every set and window.

    returns: float64 flat; those of set s and window w begin at offsets[s, w] (int64) and are days[w] many (int64[w]).
    trades: int64[s, w]; sums: float64[s, w, 4]: gross profit, gross loss (both >= 0), sum and sum of squares of trade
    results, in units of the starting cash. spans: float64[w], calendar days. out: float64[FIGURES, s, w]; nan where a
    figure is not defined, and everywhere but in the trade figures where a return is nan (the equity was gone).
    """
    for s in range(offsets.shape[0]):
        for w in range(offsets.shape[1]):
            _of_days(returns, offsets[s, w], days[w], spans[w], days_per_year, out, s, w)
            _of_trades(trades[s, w], sums, out, s, w)


@njit(**KERNEL)
def _of_days(returns, at, n, span, days_per_year, out, s, w):
    total, losses, most = 0.0, 0.0, 1.0
    equity, peak, fall = 1.0, 1.0, 0.0
    for i in range(at, at + n):
        r = returns[i]
        total += r
        most = max(most, abs(r))
        if r < 0.0:
            losses += r * r
        equity *= 1.0 + r
        peak = max(peak, equity)
        fall = max(fall, 1.0 - equity / peak)
    for k in range(TRADES):
        out[k, s, w] = np.nan
    out[DAYS, s, w] = n
    if n == 0 or math.isnan(total):
        return
    mean, squares = total / n, 0.0
    for i in range(at, at + n):
        squares += (returns[i] - mean) * (returns[i] - mean)
    root = math.sqrt(days_per_year)
    spread = math.sqrt(squares / (n - 1)) if n > 1 else 0.0
    if spread > NOTHING * most:
        out[SHARPE, s, w] = mean / spread * root
        out[VOLATILITY, s, w] = spread * root
    if losses > 0.0:
        out[DOWNSIDE, s, w] = math.sqrt(losses / n) * root
        out[SORTINO, s, w] = mean / math.sqrt(losses / n) * root
    out[TOTAL_RETURN, s, w] = equity - 1.0
    out[MAX_DRAWDOWN, s, w] = fall
    if fall > NOTHING:
        out[RETURN_OVER_DRAWDOWN, s, w] = (equity - 1.0) / fall
    if equity > 0.0 and span > 0.0:
        year = equity ** (365.25 / span) - 1.0
        if math.isfinite(year):
            out[CAGR, s, w] = year
            if fall > NOTHING:
                out[CALMAR, s, w] = year / fall


@njit(**KERNEL)
def _of_trades(n, sums, out, s, w):
    profit, loss, total, squares = sums[s, w, PROFIT], sums[s, w, LOSS], sums[s, w, SUM], sums[s, w, SQUARES]
    out[TRADES, s, w] = n
    out[GROSS_PROFIT, s, w] = profit
    out[GROSS_LOSS, s, w] = loss
    for k in (PROFIT_FACTOR, SQN, EXPECTANCY):
        out[k, s, w] = np.nan
    if n > 0:
        out[EXPECTANCY, s, w] = total / n
    if loss > 0.0:
        out[PROFIT_FACTOR, s, w] = profit / loss
    if n > 1:
        deviations = squares - total * total / n
        # a sum of squares cancels: below this the spread of the results is rounding
        if deviations > 1e-12 * squares:
            out[SQN, s, w] = math.sqrt(n) * (total / n) / math.sqrt(deviations / (n - 1))
