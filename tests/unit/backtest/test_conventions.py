"""Golden numbers: one equity curve under every tool's convention, to four decimals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.backtest.conventions import CONVENTIONS, FIGURES, Curve
from engine.backtest.metrics import metrics
from engine.backtest.metrics_days import longest_under_water
from engine.backtest.metrics_trades import longest_run
from engine.contracts.dtypes import TRADE_DTYPE

DAYS = 730
NAN = math.nan

GOLDEN = {
    "empyrical": (1.3692, 2.0536, 0.3052, 1.9928, 0.1532),
    "nautilus": (1.3692, 2.0536, 0.3052, 1.9928, 0.1532),
    "vectorbt": (1.6479, 2.4715, 0.4708, 3.0739, 0.1532),
    "jesse": (1.6479, 2.4732, 0.4708, 3.0739, 0.1532),
    "backtesting.py": (1.2426, 2.7827, 0.4712, 3.0739, 0.1532),
    "lean-252": (1.5863, 2.7313, 0.4708, NAN, 0.1532),
    "lean-365": (2.0444, 3.5202, 0.4708, NAN, 0.1532),
    "vnpy": (1.2335, NAN, 0.3824, 7.5950, 0.1532),
    "freqtrade": (0.6382, 0.8104, 0.4708, 22.7545, 0.1338),
    # ours: vectorbt's daily form with CAGR over calendar years, 365.25 days each
    "pyroquant": (1.6479, 2.4715, 0.4712, 3.0765, 0.1532),
}


def golden_equity() -> np.ndarray:
    """The curve of reference/metrics-conventions.md: 730 days from 10,000."""
    i = np.arange(1, DAYS + 1)
    r = 0.0009 + 0.021 * np.sin(1.7 * i) * np.cos(0.31 * i) + 0.012 * np.sin(0.011 * i * i % 6.2831853)
    return 10_000 * np.concatenate(([1.0], np.cumprod(1 + r)))


def golden_trades() -> np.ndarray:
    """73 long trades, one per block of ten days, each earning what the equity gained in it."""
    equity = golden_equity()
    trades = np.zeros(DAYS // 10, TRADE_DTYPE)
    trades["side"] = 1
    trades["pnl"] = equity[10::10] - equity[:-10:10]
    trades["bars"] = 10
    return trades


def golden_curve() -> Curve:
    pnl = golden_trades()["pnl"].astype(np.float64)
    return Curve(equity=golden_equity(), span_days=float(DAYS), pnl=pnl, days_per_year=365)


def test_the_curve_is_the_one_the_golden_numbers_were_made_from():
    assert golden_equity()[-1] == pytest.approx(21_632.371112, abs=1e-6)


def test_every_convention_has_golden_numbers():
    assert set(GOLDEN) == set(CONVENTIONS)


@pytest.mark.parametrize("name", GOLDEN)
def test_convention_equals_its_tool_to_four_decimals(name):
    figures = CONVENTIONS[name].figures(golden_curve())
    assert tuple(round(figures[key], 4) for key in FIGURES) == pytest.approx(GOLDEN[name], abs=1e-9, nan_ok=True)


def test_figures_of_trades_equal_the_golden_ones():
    figures = metrics(golden_curve(), golden_trades())
    rounded = {key: round(figures[key], 4) for key in ("profit_factor", "sqn", "expectancy", "win_rate")}
    assert rounded == {"profit_factor": 2.8925, "sqn": 2.8347, "expectancy": 159.3475, "win_rate": 0.6986}
    assert figures["drawdown_days"] == 159
    assert figures["trades"] == 73
    assert figures["avg_bars"] == 10


def test_own_figures_stand_under_plain_names_and_others_under_their_tools():
    figures = metrics(golden_curve(), golden_trades())
    assert round(figures["sharpe"], 4) == 1.6479
    assert round(figures["sharpe@freqtrade"], 4) == 0.6382
    assert "sharpe@pyroquant" not in figures


def test_nothing_traded_is_undefined_not_a_number():
    flat = Curve(equity=np.full(5, 100.0), span_days=4.0, pnl=np.empty(0), days_per_year=365)
    figures = metrics(flat, np.empty(0, TRADE_DTYPE))
    for key in ("sharpe", "sortino", "calmar", "volatility", "profit_factor", "sqn", "win_rate", "payoff", "kelly"):
        assert math.isnan(figures[key]), key
    assert figures["cagr"] == 0
    assert figures["max_drawdown"] == 0
    assert figures["trades"] == 0
    assert all(not math.isinf(value) for value in figures.values())


@pytest.mark.parametrize(
    "equity", [[100.0], [100.0, 101.0], [100.0, -5.0, -7.0], [100.0, 0.0, 0.0], [100.0, 50.0, 1e100]]
)
def test_odd_curves_give_numbers_or_nan_without_warnings(equity):
    curve = Curve(equity=np.array(equity), span_days=len(equity) - 1.0, pnl=np.array([-1.0]), days_per_year=365)
    trades = np.zeros(1, TRADE_DTYPE)
    trades["pnl"] = -1.0
    assert not any(math.isinf(value) for value in metrics(curve, trades).values())


@pytest.mark.parametrize(
    ("equity", "days"),
    [
        ([1, 2, 3], 0),
        ([3, 2, 1], 2),
        ([1, 3, 2, 3, 4], 2),
        ([5, 4, 4, 5, 1, 2], 3),
        ([5, 4, 6, 1, 2, 3], 3),
        ([2, 2, 2], 0),
    ],
)
def test_time_under_water_runs_from_peak_to_recovery(equity, days):
    assert longest_under_water(np.array(equity, float)) == days


def test_longest_run():
    assert longest_run(np.array([True, False, True, True, False, True])) == 2
    assert longest_run(np.array([], bool)) == 0
