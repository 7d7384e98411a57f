"""Sharpe, Sortino, CAGR, Calmar and drawdown as eight other tools compute them, beside our own convention.

Formulas: read in each tool's source and checked against golden numbers; the tests hold every one of them. Where a
figure is not defined (no days, no spread, no loss) it is nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import numpy as np

NAN = math.nan
FIGURES = ("sharpe", "sortino", "cagr", "calmar", "max_drawdown")


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures are computed from. equity: float64[d+1], the cash at the start, then the equity at each
    trading day's end.

    span_days: calendar days from start to end. pnl: float64[t], money per closed trade. days_per_year: of the market.
    ends: int64[d] ms, ends of the trading days, and benchmark: float64[d+1], value of holding; empty = unknown.
    """

    equity: np.ndarray
    span_days: float
    pnl: np.ndarray
    days_per_year: int
    ends: np.ndarray = msgspec.field(default_factory=lambda: np.empty(0, np.int64))
    benchmark: np.ndarray = msgspec.field(default_factory=lambda: np.empty(0))

    @property
    def returns(self) -> np.ndarray:
        """float64[d]: one return per trading day; nan from the day on which the equity was gone."""
        before = self.equity[:-1]
        return np.divide(self.equity[1:], before, out=np.full(len(before), NAN), where=before > 0) - 1.0

    @property
    def growth(self) -> float:
        """Final over first equity; nan when there is none."""
        return float(self.equity[-1] / self.equity[0]) if len(self.equity) > 1 and self.equity[0] > 0 else NAN


class Convention(msgspec.Struct, frozen=True, kw_only=True):
    """text says in one line how the figures are made; figures gives those of FIGURES that the tool has."""

    name: str
    text: str
    figures: Callable[[Curve], dict[str, float]]


def ratio(top: float, bottom: float) -> float:
    """top / bottom; nan where that is not a number or the bottom is not above 0."""
    return top / bottom if bottom > 0 and math.isfinite(top) else NAN


def power(base: float, exponent: float) -> float:
    """base ** exponent for a base above 0, else nan."""
    if not base > 0 or not math.isfinite(exponent):
        return NAN
    try:
        return base**exponent
    except OverflowError:
        return NAN


def spread(x: np.ndarray, ddof: int = 1) -> float:
    """Standard deviation; nan with too few values, and where it is nothing but rounding error."""
    if len(x) <= ddof:
        return NAN
    value = float(x.std(ddof=ddof))
    return value if value > 1e-14 * max(1.0, float(np.abs(x).max())) else NAN


def downside(x: np.ndarray, count: int | None = None) -> float:
    """Root of the mean square of the losses over all days (or over `count`); nan without a loss."""
    return math.sqrt(float((np.minimum(x, 0.0) ** 2).sum()) / (count or len(x))) or NAN if len(x) else NAN


def sharpe(x: np.ndarray, days: float) -> float:
    """Mean over standard deviation (ddof 1), times the root of the days per year."""
    return ratio(float(x.mean()), spread(x)) * math.sqrt(days) if len(x) > 1 else NAN


def sortino(x: np.ndarray, days: float) -> float:
    """Mean over downside(x), times the root of the days per year."""
    return ratio(float(x.mean()), downside(x)) * math.sqrt(days) if len(x) else NAN


def drawdown(equity: np.ndarray) -> float:
    """Largest fall from a peak, as a fraction of the peak, >= 0; the first value counts."""
    if len(equity) == 0 or not equity[0] > 0:
        return NAN
    return float((1.0 - equity / np.maximum.accumulate(equity)).max())


def _rows(days: int) -> Callable[[Curve], dict[str, float]]:
    def figures(c: Curve) -> dict[str, float]:
        x, mdd = c.returns, drawdown(c.equity)
        cagr = power(c.growth, days / len(x)) - 1 if len(x) else NAN
        return dict(zip(FIGURES, (sharpe(x, days), sortino(x, days), cagr, ratio(cagr, mdd), mdd)))

    return figures


def _own(c: Curve) -> dict[str, float]:
    x, mdd = c.returns, drawdown(c.equity)
    cagr = power(c.growth, 365.25 / c.span_days) - 1 if c.span_days > 0 else NAN
    days = c.days_per_year
    return dict(zip(FIGURES, (sharpe(x, days), sortino(x, days), cagr, ratio(cagr, mdd), mdd)))


def _jesse(c: Curve) -> dict[str, float]:
    x, mdd = c.returns, drawdown(c.equity)
    # its series keeps the first day, which has no return, in the count
    down = downside(x, len(x) + 1)
    cagr = power(c.growth, 365 / c.span_days) - 1 if c.span_days > 0 else NAN
    sort = ratio(float(x.mean()), down) * math.sqrt(365) if len(x) else NAN
    return dict(zip(FIGURES, (sharpe(x, 365), sort, cagr, ratio(cagr, mdd), mdd)))


def _backtesting_py(c: Curve) -> dict[str, float]:
    x, mdd, days = c.returns, drawdown(c.equity), c.days_per_year
    if len(x) < 2 or not (x > -1).all():
        return dict.fromkeys(FIGURES, NAN)
    mean = math.exp(float(np.log1p(x).mean())) - 1
    year = power(1 + mean, days) - 1
    variance = power(float(x.var(ddof=1)) + (1 + mean) ** 2, days) - power(1 + mean, 2 * days)
    volatility = math.sqrt(variance) if variance > 0 else NAN
    cagr = power(c.growth, 365.25 / c.span_days) - 1 if c.span_days > 0 else NAN
    sort = ratio(year, downside(x) * math.sqrt(days))
    return dict(zip(FIGURES, (ratio(year, volatility), sort, cagr, ratio(year, mdd), mdd)))


def _lean(days: int) -> Callable[[Curve], dict[str, float]]:
    def figures(c: Curve) -> dict[str, float]:
        x = c.returns
        year = power(float(x.mean()) + 1, days) - 1 if len(x) else NAN
        cagr = power(c.growth, 365 / c.span_days) - 1 if c.span_days > 0 else NAN
        root = math.sqrt(days)
        sharp, sort = ratio(year, spread(x) * root), ratio(year, spread(x[x < 0]) * root)
        return dict(zip(FIGURES, (sharp, sort, cagr, NAN, drawdown(c.equity))))

    return figures


def _vnpy(c: Curve) -> dict[str, float]:
    mdd, x = drawdown(c.equity), c.returns
    if len(x) < 2 or not (x > -1).all():
        return dict.fromkeys(FIGURES, NAN)
    logs = np.log1p(x)
    total = c.growth - 1
    return dict(zip(FIGURES, (sharpe(logs, 240), NAN, total / len(logs) * 240, ratio(total, mdd), mdd)))


def _freqtrade(c: Curve) -> dict[str, float]:
    cash = float(c.equity[0])
    if len(c.pnl) == 0 or c.span_days <= 0 or not cash > 0:
        return dict.fromkeys(FIGURES, NAN)
    trades = c.pnl / cash
    per_day = float(trades.sum()) / c.span_days
    closed = np.cumsum(c.pnl)
    high = np.maximum.accumulate(closed)
    k = int((high - closed).argmax())
    mdd = ratio(float(high[k] - closed[k]), cash + float(high[k]))
    cagr = power(c.growth, 365 / c.span_days) - 1
    root = math.sqrt(365)
    sharp = ratio(per_day, spread(trades, 0)) * root
    sort = ratio(per_day, spread(trades[trades < 0], 0)) * root
    return dict(zip(FIGURES, (sharp, sort, cagr, ratio(per_day * 100, mdd) * root, mdd)))


_ALL = (
    Convention(name="pyroquant", text="daily, ddof 1, days of the market, rf 0, CAGR calendar/365.25", figures=_own),
    Convention(
        name="empyrical", text="empyrical, quantstats: daily, ddof 1, 252 days, CAGR by rows", figures=_rows(252)
    ),
    Convention(name="nautilus", text="nautilus: daily, ddof 1, 252 days, CAGR by rows", figures=_rows(252)),
    Convention(name="vectorbt", text="vectorbt: daily, ddof 1, 365 days, CAGR by rows", figures=_rows(365)),
    Convention(name="jesse", text="jesse: daily, ddof 1, 365 days, Sortino counts the first day", figures=_jesse),
    Convention(
        name="backtesting.py", text="backtesting.py: compounded annual return and spread", figures=_backtesting_py
    ),
    Convention(name="lean-252", text="Lean: compounded mean, spread of the losing days, 252 days", figures=_lean(252)),
    Convention(name="lean-365", text="Lean: compounded mean, spread of the losing days, 365 days", figures=_lean(365)),
    Convention(name="vnpy", text="vnpy: log returns, 240 days, arithmetic annual return", figures=_vnpy),
    Convention(
        name="freqtrade", text="freqtrade: closed trades over the starting balance, 365 days", figures=_freqtrade
    ),
)
#: every convention by name; 'pyroquant' is the default.
CONVENTIONS: dict[str, Convention] = {c.name: c for c in _ALL}
