"""Recursions in two generations against plain ones that are begun anew at every chunk, and against TA-Lib."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import talib
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.rules.machine import run_series
from engine.rules.program import compile_program
from tests.property.rules_support import made_bars

SEEDS = st.integers(0, 2**32 - 1)
#: one generation: takes a bar's inputs, says its outputs
Step = Callable[..., list[float]]


def adaptive() -> Step:
    y: list[float] = []

    def step(x: float, alpha: float) -> list[float]:
        y[:] = [y[0] + alpha * (x - y[0])] if y else [x]
        return [*y]

    return step


def filter2(a1: float, a2: float) -> Step:
    y = [0.0, 0.0]

    def step(u: float) -> list[float]:
        y[:] = [u + a1 * y[0] + a2 * y[1], y[0]]
        return [y[0]]

    return step


def supertrend() -> Step:
    """-> line, side; as charting programs have it."""
    s: dict[str, float] = {}

    def step(close: float, upper: float, lower: float) -> list[float]:
        if not s:
            s.update(up=upper, low=lower, side=1.0)
        else:
            if upper < s["up"] or s["close"] > s["up"]:
                s["up"] = upper
            if lower > s["low"] or s["close"] < s["low"]:
                s["low"] = lower
            if s["side"] > 0 and close < s["low"]:
                s["side"] = -1.0
            elif s["side"] < 0 and close > s["up"]:
                s["side"] = 1.0
        s["close"] = close
        return [s["low"] if s["side"] > 0 else s["up"], s["side"]]

    return step


def parabolic(step_size: float, most: float) -> Step:
    """-> level, side; Wilder's rules in TA-Lib's order."""
    s: dict[str, Any] = {}

    def step(high: float, low: float) -> list[float]:
        if not s:
            s.update(long=True, sar=low, ep=high, af=step_size, high=high, low=low)
            return [low, 1.0]
        long, sar, ep = s["long"], s["sar"], s["ep"]
        turned = low <= sar if long else high >= sar
        if turned:
            long, sar = not long, ep
            sar = min(sar, s["low"], low) if long else max(sar, s["high"], high)
        said = sar
        if turned:
            s["af"], ep = step_size, high if long else low
        elif (high > ep) if long else (low < ep):
            s["af"], ep = min(s["af"] + step_size, most), high if long else low
        sar += s["af"] * (ep - sar)
        sar = min(sar, s["low"], low) if long else max(sar, s["high"], high)
        s.update(long=long, sar=sar, ep=ep, high=high, low=low)
        return [said, 1.0 if long else -1.0]

    return step


def turning() -> Step:
    """-> side, extreme."""
    s: list[float] = []

    def step(x: float, up: float, down: float) -> list[float]:
        if not s:
            s[:] = [1.0, x]
        elif s[0] > 0 and x < s[1] - down:
            s[:] = [-1.0, x]
        elif s[0] < 0 and x > s[1] + up:
            s[:] = [1.0, x]
        else:
            s[1] = max(s[1], x) if s[0] > 0 else min(s[1], x)
        return [*s]

    return step


def generations(
    begin: Callable[[], Step],
    inputs: NDArray[np.float64],
    must: int,
    index: NDArray[np.int64],
    chunk: int,
    outputs: int,
) -> NDArray[np.float64]:
    """must: how many of the inputs have to be there; a bar without is passed over."""
    old, young, fed, now = begin(), begin(), 0, None
    said = young_said = [math.nan] * outputs
    all_said = []
    for t, at in enumerate(index.tolist()):
        if at // chunk != now:
            if fed >= math.ceil(chunk * 2 / 3):
                old, said = young, young_said
            young, fed, now, young_said = begin(), 0, at // chunk, [math.nan] * outputs
        bar = inputs[:, t].tolist()
        if not any(math.isnan(v) for v in bar[:must]):
            said, young_said = old(*bar), young(*bar)
            fed += 1
        all_said.append(list(said))
    return np.array(all_said).T


def run(nodes: list[Node], index: NDArray[np.int64], bars: NDArray[np.float64]) -> NDArray[np.float64]:
    return run_series(compile_program([], nodes), index, bars)[1]


def indexed(seed: int, chunk: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """With fewer holes, so that some chunks are filled well enough and others are not."""
    index, bars = made_bars(seed, 900, missing=seed % 3 == 0)
    steps = np.where(np.random.default_rng(seed).random(900) < 0.02, chunk // 2, 1)
    return np.cumsum(steps) + int(index[0]), bars


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(3, 200))
def test_adaptive_and_filter(seed: int, chunk: int) -> None:
    index, bars = indexed(seed, chunk)
    volume, close = g.source("volume"), g.source("close")
    alpha = g.div(g.const(1.0), g.add(g.const(1.0), volume))
    speed = 1.0 / (1.0 + bars[4])
    got = run([g.adaptive(close, alpha, chunk), g.filter2(volume, 1.2, -0.4, chunk)], index, bars)
    plain = generations(adaptive, np.stack([bars[3], speed]), 2, index, chunk, 1)
    np.testing.assert_allclose(got[:1], plain, rtol=1e-12)
    plain = generations(lambda: filter2(1.2, -0.4), bars[4:5], 1, index, chunk, 1)
    np.testing.assert_allclose(got[1:], plain, rtol=1e-10, atol=1e-10)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(3, 200))
def test_supertrend_stop_and_reverse_and_reversal(seed: int, chunk: int) -> None:
    index, bars = indexed(seed, chunk)
    high, low, close = bars[1], bars[2], bars[3]
    x = {n: g.source(n) for n in g.INPUTS}
    # the volume's nan stand in for bands that are not known yet
    away = g.mul(x["close"], g.add(g.const(1e-3), g.mul(g.const(1e-4), x["volume"])))
    far = close * (1e-3 + 1e-4 * bars[4])
    bands = (x["close"], g.add(x["close"], away), g.sub(x["close"], away))
    sides = (x["close"], away, g.mul(away, g.const(0.5)))
    nodes = [
        g.ratchet(*bands, chunk),
        g.ratchet_side(*bands, chunk),
        g.sar(x["high"], x["low"], 0.02, 0.2, chunk),
        g.sar_side(x["high"], x["low"], 0.02, 0.2, chunk),
        g.reversal(*sides, chunk),
        g.reversal_extreme(*sides, chunk),
    ]
    got = run(nodes, index, bars)
    plain = generations(supertrend, np.stack([close, close + far, close - far]), 3, index, chunk, 2)
    assert np.array_equal(got[:2], plain, equal_nan=True)
    assert np.array_equal(
        got[2:4], generations(lambda: parabolic(0.02, 0.2), np.stack([high, low]), 2, index, chunk, 2)
    )
    plain = generations(turning, np.stack([close, far, far * 0.5]), 1, index, chunk, 2)
    assert np.array_equal(got[4:], plain)


def test_parabolic_is_talibs_once_both_have_turned() -> None:
    index, bars = made_bars(8, 5000)
    (got,) = run([g.sar(g.source("high"), g.source("low"), 0.02, 0.2, 100_000)], index, bars)
    theirs = talib.SAR(bars[1], bars[2], 0.02, 0.2)
    np.testing.assert_allclose(got[200:], theirs[200:], rtol=1e-13)


def test_flat_prices_turn_nothing() -> None:
    bars = np.full((6, 700), 100.0)
    close = g.source("close")
    nodes = [
        g.ratchet(close, g.add(close, g.const(1.0)), g.sub(close, g.const(1.0)), 50),
        g.reversal(close, g.const(0.0), g.const(0.0), 50),
        g.adaptive(close, g.const(0.3), 50),
    ]
    got = run(nodes, np.arange(700), bars)
    assert np.array_equal(got, np.repeat([[99.0], [1.0], [100.0]], 700, axis=1))


def test_what_cannot_be_is_refused() -> None:
    close = g.source("close")
    for chunk in (1, 2.5, 10**8):
        with pytest.raises(ValueError, match="whole number"):
            g.adaptive(close, close, chunk)
    with pytest.raises(TypeError):
        g.reversal(close, g.greater(close, close), close, 50)
