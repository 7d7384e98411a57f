"""Filters and columns over all symbols say what the slow evaluator says, whenever they were asked and however the bars
came."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.candles.types import CLOSED_DTYPE
from engine.contracts.dtypes import CANDLE_DTYPE, PRICE_COLUMNS
from engine.rules.text import parse_expression
from engine.signals.screen import Recent, Screen, Screens, rounds
from tests.property import rules_slow
from tests.property.rules_support import made_bars

MINUTE = 60_000
#: what the slow evaluator knows without indicators
EXPRESSIONS = (
    "close > highest(high, 9)[1]",
    "close / mean(close, 12) - 1",
    "volume > mean(volume, 5) * 2 and close < open",
    "crosses_above(close, mean(close, 7))",
)
NO_FUNDING = np.full(3, np.nan)


def candles(seed: int, total: int) -> np.ndarray:
    index, columns = made_bars(seed, total)
    bars = np.zeros(total, CANDLE_DTYPE)
    bars["ts"] = index * MINUTE
    for name, column in zip(PRICE_COLUMNS, columns, strict=False):
        bars[name] = column
    return bars


def slow(expression: str, bars: np.ndarray) -> float:
    """The value at the last of the bars."""
    names = {name: bars[name].tolist() for name in PRICE_COLUMNS}
    made = rules_slow.Bars(MINUTE, (bars["ts"] // MINUTE).tolist(), names | {"funding": [np.nan] * len(bars)}, "utc")
    return float(rules_slow.evaluate(parse_expression(expression), made)[-1])


def closed(bars: np.ndarray, row: int) -> np.ndarray:
    out = np.zeros(len(bars), CLOSED_DTYPE)
    for name in CANDLE_DTYPE.names or ():
        out[name] = bars[name]
    out["row"] = row
    return out


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.integers(30, 120), st.integers(0, 40), st.integers(1, 60))
def test_values_equal_the_slow_evaluator(seed, history, streamed, asked_after):
    """Three symbols; the expressions are asked in the midst of the stream, and the last bar is still running."""
    series = [candles(seed + row, history + streamed + 1) for row in range(3)]
    recent = Recent(3, depth=200)
    screens = Screens(recent, ("1m",), "utc", 3)
    for row, bars in enumerate(series):
        recent.begin(row, bars[:history])
    for k in range(history, history + streamed):
        batch = np.concatenate([closed(bars[k : k + 1], row) for row, bars in enumerate(series)])
        asked = {"1m": EXPRESSIONS} if k - history >= asked_after else {}
        running = np.array([bars[k + 1] for bars in series], CANDLE_DTYPE)
        screens.step(asked, batch, running, np.ones(3, bool), NO_FUNDING)
    running = np.array([bars[history + streamed] for bars in series], CANDLE_DTYPE)
    none = np.empty(0, CLOSED_DTYPE)
    screens.step({"1m": EXPRESSIONS}, none, running, np.ones(3, bool), NO_FUNDING)
    found = screens.made["1m"]
    for row, bars in enumerate(series):
        for number, expression in enumerate(EXPRESSIONS):
            for values, seen in ((found.values, bars), (found.closed, bars[:-1])):
                expected = np.float32(slow(expression, seen))
                np.testing.assert_allclose(values[number, row], expected, rtol=1e-5, atol=1e-7, equal_nan=True)


def test_a_short_history_has_no_value():
    screen = Screen(["mean(close, 20)", "close > mean(close, 20)"], "1m", "utc", 2)
    bars = candles(3, 40)
    screen.begin(np.array([0]), bars[None, :10], NO_FUNDING)
    assert np.isnan(screen.values).all()
    for k in range(10, 40):
        screen.close(np.array([0]), bars[k : k + 1], NO_FUNDING)
        assert np.isnan(screen.values[:, 0]).all() == (k < 19)
    assert np.isnan(screen.values[:, 1]).all()


def test_an_edge_is_told_once_when_a_filter_begins_to_hold():
    screen = Screen(["close > 10"], "1m", "utc", 2)
    bars = np.zeros(7, CANDLE_DTYPE)
    bars["ts"], bars["close"] = np.arange(7) * MINUTE, [9, 9, 11, 12, 9, 9, 13]
    screen.begin(np.array([0]), bars[None, :1], NO_FUNDING)
    edges = screen.close(np.zeros(6, np.int64), bars[1:], NO_FUNDING)
    assert [(e.item, e.row, e.ts // MINUTE, e.price) for e in edges] == [(0, 0, 2, 11.0), (0, 0, 6, 13.0)]
    # seen already, and of a row without history
    assert screen.close(np.zeros(6, np.int64), bars[1:], NO_FUNDING) == []
    assert screen.close(np.ones(6, np.int64), bars[1:], NO_FUNDING) == []


@given(st.lists(st.integers(0, 4), max_size=30))
def test_rounds_hold_each_lane_once_and_keep_its_order(lanes):
    seen: list[int] = []
    for at in rounds(np.array(lanes, np.int64)):
        chosen = [lanes[k] for k in at.tolist()]
        assert len(set(chosen)) == len(chosen)
        seen += at.tolist()
    assert sorted(seen) == list(range(len(lanes)))
    for lane in set(lanes):
        mine = [k for k in seen if lanes[k] == lane]
        assert mine == sorted(mine)


@pytest.mark.parametrize("depth", [4, 5, 50])
def test_the_ring_keeps_the_newest_bars_of_each_lane(depth):
    recent, bars = Recent(2, depth=depth), candles(1, 12)
    recent.begin(1, bars[:3])
    recent.close(np.array([], np.int64), closed(bars[:0], 0))
    recent.close(np.ones(5, np.int64), closed(bars[2:7], 1))
    recent.close(np.zeros(1, np.int64), closed(bars[7:8], 0))
    blocks = list(recent.blocks(np.array([0, 1])))
    assert len(blocks) == 1
    lanes, held = blocks[0]
    assert lanes.tolist() == [1]
    assert held["ts"][0].tolist() == bars["ts"][:7][-depth:].tolist()
