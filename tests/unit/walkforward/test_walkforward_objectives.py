"""Objectives of sets and windows are the figures of the convention, and nan where those are not defined."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest.conventions import CONVENTIONS, Curve
from engine.contracts.errors import BadInput
from engine.walkforward.kernels import FIGURES
from engine.walkforward.objectives import NAMES, OBJECTIVES, figures, objective


def sums_of(pnl):
    wins, losses = pnl[pnl > 0], pnl[pnl < 0]
    return [wins.sum(), -losses.sum(), pnl.sum(), (pnl**2).sum()]


def made(sets=3, windows=4, most=90, seed=0):
    rng = np.random.default_rng(seed)
    returns = rng.normal(0.001, 0.02, (sets, windows, most))
    days = rng.integers(20, most, windows)
    for w, n in enumerate(days):
        returns[:, w, n:] = 1e9  # what is beyond the days is never read
    pnl = [[rng.normal(0.001, 0.01, 12) for _ in range(windows)] for _ in range(sets)]
    sums = np.array([[sums_of(p) for p in row] for row in pnl])
    return returns, days, days.astype(float), np.full((sets, windows), 12), sums, pnl


def test_figures_are_those_of_the_convention():
    returns, days, spans, trades, sums, _ = made()
    got = figures(returns, days, spans, trades, sums, 365)
    for s in range(3):
        for w in range(4):
            equity = np.concatenate([[1.0], np.cumprod(1 + returns[s, w, : days[w]])])
            curve = Curve(equity=equity, span_days=spans[w], pnl=np.zeros(0), days_per_year=365)
            want = CONVENTIONS["pyroquant"].figures(curve)
            for name, value in want.items():
                assert got[name][s, w] == pytest.approx(value, rel=1e-9), name
            assert got["net_return"][s, w] == pytest.approx(equity[-1] - 1, rel=1e-9)


def test_trade_figures():
    returns, days, spans, trades, sums, pnl = made()
    got = figures(returns, days, spans, trades, sums, 365)
    p = pnl[1][2]
    assert got["sqn"][1, 2] == pytest.approx(np.sqrt(12) * p.mean() / p.std(ddof=1), rel=1e-9)
    assert got["profit_factor"][1, 2] == pytest.approx(p[p > 0].sum() / -p[p < 0].sum(), rel=1e-12)
    assert got["expectancy"][1, 2] == pytest.approx(p.mean(), rel=1e-12)


def test_flat_layout_gives_the_same_bits():
    returns, days, spans, trades, sums, _ = made()
    flat = np.concatenate([returns[s, w, : days[w]] for s in range(3) for w in range(4)])
    offsets = np.concatenate([[0], np.cumsum(np.tile(days, 3))[:-1]]).reshape(3, 4)
    padded = figures(returns, days, spans, trades, sums, 365).values
    assert np.array_equal(padded, figures(flat, days, spans, trades, sums, 365, offsets).values, equal_nan=True)


@pytest.mark.parametrize("row", [[0.0] * 5, [0.01] * 5, [np.nan] * 5, [0.01, 0.02, -1.0, np.nan, np.nan]])
def test_what_is_not_defined_is_nan_and_never_chosen(row):
    returns = np.array(row)[None, None, :]
    got = figures(returns, np.array([5]), np.array([5.0]), np.array([[0]]), np.zeros((1, 1, 4)), 365)
    for name in OBJECTIVES:
        value = objective(name).values(got)[0, 0]
        defined = name == "net_return" and not np.isnan(row).any()
        assert np.isfinite(value) == defined, name
    assert np.isnan(got["sqn"][0, 0])


def test_constant_growth_has_a_return_but_no_sharpe():
    returns = np.full((1, 1, 30), 0.01)
    got = figures(returns, np.array([30]), np.array([30.0]), np.array([[1]]), np.array([[[0.3, 0, 0.3, 0.09]]]), 365)
    assert np.isnan(got["sharpe"][0, 0])
    assert np.isnan(got["return_over_drawdown"][0, 0])
    assert got["net_return"][0, 0] == pytest.approx(1.01**30 - 1)


def test_windows_without_days():
    got = figures(np.zeros((1, 1, 0)), np.array([0]), np.array([0.0]), np.array([[0]]), np.zeros((1, 1, 4)), 365)
    assert np.isnan(got["sharpe"][0, 0])
    with pytest.raises(BadInput, match="has 9 days but only 0 returns"):
        figures(np.zeros((1, 1, 0)), np.array([9]), np.array([0.0]), np.array([[0]]), np.zeros((1, 1, 4)), 365)


def test_minimum_trades():
    returns, days, spans, trades, sums, _ = made()
    trades[0, 1] = 3
    values = objective("sharpe").values(figures(returns, days, spans, trades, sums, 365), minimum_trades=10)
    assert np.isnan(values[0, 1])
    assert np.isfinite(np.delete(values.ravel(), 1)).all()


def test_a_formula_is_an_objective():
    returns, days, spans, trades, sums, _ = made()
    got = figures(returns, days, spans, trades, sums, 365)
    values = objective("sharpe * sqrt(trades) - 2 * max_drawdown").values(got)
    assert np.allclose(values, got["sharpe"] * np.sqrt(12) - 2 * got["max_drawdown"], rtol=1e-12)
    assert objective("trades").values(got)[0, 0] == 12


def test_a_formula_that_is_not_defined_is_nan_without_a_warning():
    returns, days, spans, trades, sums, _ = made()
    got = figures(returns, days, spans, trades, sums, 365)
    for text in ("sharpe / (trades - 12)", "log(0 - trades)", "exp(trades ^ 9)", "sqrt(-trades)"):
        assert np.isnan(objective(text).values(got)).all(), text


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "empty"),
        ("sharp", 'Did you mean "sharpe"'),
        ("sharpe * drawdwn", "Unknown figure"),
        ("sharpe * (trades", "column 10 is not closed"),
        ("sharpe trades", "operator is missing"),
        ("sharpe)", 'has no "('),
        ("sharpe +", "too early"),
        ("* sharpe", "value is missing"),
        ("1 + 2", "names no figure"),
        ("sqrt sharpe", "needs its arguments"),
        ("sqrt(sharpe, 2)", "takes 1 value, not 2"),
        ("sharpe(2)", "takes nothing"),
        ("sqr(sharpe)", "Unknown function"),
        ("sharpe > 1", "not part of a formula"),
        ("__import__('os')", "not part of a formula"),
        ("(" * 40 + "sharpe" + ")" * 40, "nested more than"),
        ("-" * 100 + "sharpe", "nested more than"),
        ("sharpe+" * 65 + "sharpe", "more than 120 parts"),
        ("sharpe " * 100, "characters"),
        ("1" + "0" * 301 + " * sharpe", "too large"),
    ],
)
def test_what_is_wrong_with_a_formula(text, words):
    with pytest.raises(BadInput) as error:
        objective(text)
    assert words in str(error.value)


def test_the_place_of_an_error_is_shown():
    with pytest.raises(BadInput) as error:
        objective("sharpe * drawdwn")
    assert error.value.where == "formula:10"
    assert error.value.what.splitlines()[-1] == " " * 11 + "^"


@pytest.mark.parametrize(
    "text, want",
    [("sharpe - 1 - 1", 1.0), ("-sharpe ^ 2", -9.0), ("2 ^ sharpe ^ 2", 512.0), ("sharpe / 2 * 4", 6.0),
     ("min(sharpe, 2) + max(1, abs(-5)) * sign(-sharpe)", -3.0), ("2 ** sharpe", 8.0), ("-(1 - sharpe)", 2.0)],
)  # fmt: skip
def test_precedence(text, want):
    values = {name: np.array([[3.0]]) for name in NAMES}
    assert objective(text).formula.values(values)[0, 0] == want


def test_every_objective_is_a_figure():
    assert {figure for figure, _ in OBJECTIVES.values()} <= set(FIGURES)
