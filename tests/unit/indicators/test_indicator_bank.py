"""The bank of periods."""

from __future__ import annotations

import numpy as np
import pytest

from engine.contracts.errors import BadInput
from engine.contracts.settings import Settings
from engine.indicators import graph as g
from engine.indicators.bank import bank, periodic, periods_of
from engine.rules.machine import run_series
from engine.rules.program import compile_program
from tests.unit.indicators.indicator_support import evaluate


def test_the_setting_gives_sixteen_periods() -> None:
    assert periods_of(Settings().indicators.periods) == (2, 3, 5, 7, 9, 11, 14, 17, 21, 25, 30, 40, 50, 75, 100, 200)
    assert periods_of(["14", "2", "14"]) == (2, 14)
    for wrong in ("x", "0", "-3", "2.5", "6000", ""):
        with pytest.raises(BadInput, match="not a period"):
            periods_of([wrong])


def test_a_bank_has_every_output_for_every_period_that_is_allowed() -> None:
    nodes = bank(["RSI", "DONCHIAN", "SKEW"], (2, 14))
    assert list(nodes) == [
        ("RSI", 2, "value"),
        ("RSI", 14, "value"),
        *[("DONCHIAN", n, o) for n in (2, 14) for o in ("upper", "middle", "lower")],
        ("SKEW", 14, "value"),
    ]
    assert nodes["DONCHIAN", 14, "upper"] is g.highest(g.source("high"), 14)


def test_a_bank_says_what_the_indicators_say() -> None:
    rng = np.random.default_rng(5)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 1e-3, 700)))
    bars = np.arange(700), np.stack([close, close * 1.001, close * 0.999, close, np.ones(700)])
    nodes = bank(["RSI", "ATR", "EMA"], (5, 21))
    got = run_series(compile_program([], list(nodes.values())), *bars)[1]
    expected, _ = evaluate([f"{name}({period})" for name, period, _ in nodes], bars)
    assert np.array_equal(got, expected, equal_nan=True)


def test_at_least_ten_indicators_are_periodic_and_others_are_refused() -> None:
    assert len(periodic()) >= 25
    with pytest.raises(BadInput, match="more than one length"):
        bank(["MACD"], (14,))
    with pytest.raises(BadInput, match="RSI"):
        bank(["RSII"], (14,))
