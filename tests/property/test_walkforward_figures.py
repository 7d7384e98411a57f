"""Figures of windows, the choice and formulas against slow plain twins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.conventions import CONVENTIONS, Curve, ratio, spread
from engine.contracts.errors import BadInput
from engine.walkforward.choice import choose, grid_of
from engine.walkforward.formula import parse_formula
from engine.walkforward.objectives import NAMES, figures


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), sets=st.integers(1, 4), windows=st.integers(1, 4),
    scale=st.sampled_from([0.0, 1e-6, 0.02, 0.4]), idle=st.floats(0, 1), days_per_year=st.sampled_from([252, 365]),
)  # fmt: skip
def test_figures_equal_those_of_a_single_run(seed, sets, windows, scale, idle, days_per_year):
    rng = np.random.default_rng(seed)
    most = 40
    days = rng.integers(0, most + 1, windows)
    spans = days * 1.4
    returns = np.where(rng.random((sets, windows, most)) < idle, 0.0, rng.normal(0, scale, (sets, windows, most)))
    returns = np.maximum(returns, -0.9)
    counts = rng.integers(0, 6, (sets, windows))
    pnl = [[rng.normal(0, 0.1, counts[s, w]) for w in range(windows)] for s in range(sets)]
    sums = np.array([[[p[p > 0].sum(), -p[p < 0].sum(), p.sum(), (p**2).sum()] for p in row] for row in pnl])
    got = figures(returns, days, spans, counts, sums, days_per_year)
    for s in range(sets):
        for w in range(windows):
            x = returns[s, w, : days[w]]
            curve = Curve(equity=np.cumprod(np.concatenate([[1.0], 1 + x])), span_days=spans[w], pnl=pnl[s][w],
                          days_per_year=days_per_year)  # fmt: skip
            for name, value in CONVENTIONS["pyroquant"].figures(curve).items():
                if name == "max_drawdown" and days[w] == 0:
                    continue
                same(got[name][s, w], value, name)
            p = pnl[s][w]
            same(got["profit_factor"][s, w], ratio(p[p > 0].sum(), -p[p < 0].sum()), "profit factor")
            same(got["sqn"][s, w], ratio(p.mean(), spread(p)) * math.sqrt(len(p)) if len(p) > 1 else math.nan, "sqn")


def same(got, want, name):
    # beside a figure that is nothing but rounding error, both may call it undefined or not
    if math.isnan(want) or math.isnan(got):
        assert math.isnan(want) == math.isnan(got) or abs(want if math.isnan(got) else got) > 1e5, (name, got, want)
    else:
        assert got == pytest.approx(want, rel=1e-6, abs=1e-9), name


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), axes=st.lists(st.integers(1, 4), min_size=1, max_size=3), keep=st.floats(0.3, 1),
       rule=st.sampled_from(["best", "plateau"]), whole=st.booleans())  # fmt: skip
def test_choice_equals_the_twin(seed, axes, keep, rule, whole):
    rng = np.random.default_rng(seed)
    places = [p for p in np.ndindex(*axes) if rng.random() < keep] or [(0,) * len(axes)]
    sets = [{f"p{k}": float(10 * v) for k, v in enumerate(place)} for place in places]
    values = rng.integers(0, 3, (len(sets), 3)).astype(float) if whole else rng.normal(size=(len(sets), 3))
    values[rng.random(values.shape) < 0.2] = np.nan
    defaults = {f"p{k}": 10.0 for k in range(len(axes))}
    grid = grid_of(sets, defaults)
    got = choose(values, grid, rule)
    # steps count on the axes that are left, by the values that occur
    steps = [tuple(int(v) for v in row) for row in grid.steps]
    for w in range(3):
        score = {}
        for k, place in enumerate(steps):
            near = [j for j, other in enumerate(steps) if all(abs(a - b) <= 1 for a, b in zip(place, other))]
            known = [values[j, w] for j in range(len(sets)) if np.isfinite(values[j, w])]
            if np.isfinite(values[k, w]):
                filled = [values[j, w] if np.isfinite(values[j, w]) else min(known) for j in near]
                score[k] = sum(filled) / len(filled) if rule == "plateau" else values[k, w]
        if not score:
            assert got[w] == -1
            continue
        best = max(score.values())
        tied = [k for k in score if score[k] >= best - 1e-9 * max(abs(best), 1.0)]
        away = {k: sum(abs(a - b) for a, b in zip(steps[k], grid.centre.tolist())) for k in tied}
        assert got[w] == min(tied, key=lambda k: (away[k], k))


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="sharpe trades+-*/^().,12eE_<'\"\n\tqrtminx", max_size=60))
def test_any_text_is_a_formula_or_bad_input(text):
    try:
        formula = parse_formula(text, NAMES)
    except BadInput:
        return
    assert formula.values({name: np.array([[1.5, math.nan]]) for name in NAMES}).shape == (1, 2)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_formulas_equal_python(data):
    names = ["sharpe", "trades", "sqn"]
    numbers = {"sharpe": 1.25, "trades": 30.0, "sqn": -0.5}

    def grow(depth):
        if depth == 0 or data.draw(st.booleans()):
            return data.draw(st.sampled_from([*names, "2", "0.5", "sharpe"]))
        kind = data.draw(st.sampled_from(["+", "-", "*", "/", "neg", "max", "abs"]))
        if kind == "neg":
            return f"-({grow(depth - 1)})"
        if kind in ("max", "abs"):
            return f"max({grow(depth - 1)}, {grow(depth - 1)})" if kind == "max" else f"abs({grow(depth - 1)})"
        return f"({grow(depth - 1)}) {kind} ({grow(depth - 1)})"

    text = f"sharpe + {grow(3)}"
    got = parse_formula(text, names).values({name: np.array([value]) for name, value in numbers.items()})[0]
    try:
        want = eval(text, {"__builtins__": {}, "max": max, "abs": abs}, numbers)
    except ZeroDivisionError:
        assert not math.isfinite(got) or "max" in text or "/" in text
        return
    assert got == pytest.approx(want, rel=1e-12)
