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


OTHER = SeriesRequest(name="other", expression="close", symbol="binance-spot:Y")


def bar(minute: int, close: float) -> np.ndarray:
    rows = candles(1)
    rows["ts"], rows["close"] = minute * 60_000, close
    return rows


def test_another_symbols_closes_follow_by_time() -> None:
    bars = candles(8)
    stream = ChartStream("c", "binance-spot:X", "1m", 0, SeriesSet([*REQUESTS, OTHER], "1m"))
    stream.series.learn(OTHER.symbol, np.array([0, 120_000]), np.array([50.0, 52.0]))
    packed = stream.begin(bars[:4])
    assert np.array_equal(np.frombuffer(packed["other"]), [50.0, np.nan, 52.0, np.nan], equal_nan=True)
    whole = SeriesSet(REQUESTS, "1m").values(bars, commit=True)

    stream.run_bar(bars[4])
    stream.other_bar(OTHER.symbol, bar(4, 60.0)[0], final=False)
    event = stream.event("")
    assert event is not None
    assert np.frombuffer(event.series["other"]).tolist() == [60.0]
    stream.close_bar(bars[4])
    assert np.frombuffer(stream.event("").series["other"]).tolist() == [60.0]  # type: ignore[union-attr]
    # the other symbol's bar closes after this one's: the newest final bar is told again, its own values unchanged
    stream.other_bar(OTHER.symbol, bar(4, 61.0)[0], final=True)
    stream.run_bar(bars[5])
    event = stream.event("")
    assert event is not None
    assert np.frombuffer(event.bars, CANDLE_DTYPE)["ts"].tolist() == [240_000, 300_000]
    assert np.array_equal(np.frombuffer(event.series["other"]), [61.0, np.nan], equal_nan=True)
    assert np.frombuffer(event.series["sma"])[0] == whole[1, 4]
    assert stream.event("") is None


def test_a_stream_goes_on_from_the_end_of_the_files() -> None:
    bars = candles(30)
    before = SeriesSet(REQUESTS, "1m")
    before.values(bars[:20], commit=True)
    series = SeriesSet(REQUESTS, "1m")
    series.resume(before.states())
    stream = ChartStream("c", "binance-spot:X", "1m", 0, series)
    stream.close_bar(bars[19])
    stream.close_bar(bars[20])
    stream.begin(bars[:0], int(bars["ts"][19]))
    event = stream.event("")
    assert event is not None
    assert np.frombuffer(event.bars, CANDLE_DTYPE)["ts"].tolist() == [20 * 60_000]
    assert np.frombuffer(event.series["rsi"])[0] == SeriesSet(REQUESTS, "1m").values(bars, commit=True)[0, 20]
