"""An open chart: its series are those of one pass over all its bars, however they came."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.commands import SeriesRequest
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.runtime.charts import ChartStream, SeriesSet

REQUESTS = [SeriesRequest(name="rsi", expression="RSI(5)"), SeriesRequest(name="sma", expression="SMA(3)")]


def candles(n: int) -> np.ndarray:
    rows = np.zeros(n, CANDLE_DTYPE)
    rows["ts"] = np.arange(n) * 60_000
    close = 100 + np.cumsum(np.random.default_rng(7).normal(size=n))
    for name, offset in (("open", 0.1), ("high", 1.0), ("low", -1.0), ("close", 0.0)):
        rows[name] = close + offset
    rows["volume"] = 5
    return rows


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_streamed_series_equal_one_pass(history: int, steps: list[int]) -> None:
    bars = candles(history + sum(steps) + 1)
    whole = SeriesSet(REQUESTS, "1m").values(bars, commit=True)
    stream = ChartStream("c", "binance-spot:X", "1m", 0, SeriesSet(REQUESTS, "1m"))
    packed = stream.begin(bars[:history])
    assert np.array_equal(np.frombuffer(packed["rsi"]), whole[0, :history], equal_nan=True)
    at = history
    for step in steps:
        for k in range(step):
            stream.close_bar(bars[at + k])
        at += step
        stream.run_bar(bars[at])
        event = stream.event("")
        assert event is not None
        got = np.frombuffer(event.bars, CANDLE_DTYPE)
        assert np.array_equal(got, bars[at - step : at + 1])
        assert np.array_equal(np.frombuffer(event.series["rsi"]), whole[0, at - step : at + 1], equal_nan=True)
        assert np.array_equal(np.frombuffer(event.series["sma"]), whole[1, at - step : at + 1], equal_nan=True)
    assert stream.event("") is None


def test_bars_that_the_history_has_already_are_not_repeated() -> None:
    bars = candles(10)
    stream = ChartStream("c", "binance-spot:X", "1m", 0, SeriesSet(REQUESTS, "1m"))
    stream.close_bar(bars[4])
    assert stream.event("") is None
    stream.begin(bars[:5])
    stream.close_bar(bars[4])
    assert stream.event("") is None
    stream.close_bar(bars[5])
    event = stream.event("")
    assert event is not None
    assert event.closed
    assert np.frombuffer(event.bars, CANDLE_DTYPE)["ts"].tolist() == [5 * 60_000]


def test_a_typo_in_a_series_points_at_it() -> None:
    with pytest.raises(BadInput, match="Did you mean"):
        SeriesSet([SeriesRequest(name="x", expression="RIS(14)")], "1m")
