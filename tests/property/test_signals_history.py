"""A history read in blocks: columns, events and levels equal plain ones, wherever the blocks end."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.rules.api import ATR, Strategy, close, high, low, open_, volume
from engine.rules.strategy import compile_strategies
from engine.signals.history import Stream, decide
from engine.signals.kernels import columns_of
from engine.signals.kernels_events import events_of, events_of_bits
from engine.signals.types import LIMIT_ORDER, N_LEVELS, STOP_ORDER, Orders

LENGTH = 300_000


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 200), st.sampled_from([0.0, 0.02, 0.5, 1.0]))
def test_events_equal_a_plain_search(seed, size, density):
    rng = np.random.default_rng(seed)
    masks = (rng.random((4, size)) < density).astype(np.uint8)
    values, constants = rng.random((3, size)), rng.random(N_LEVELS)
    columns = rng.integers(-1, 3, N_LEVELS)
    first = int(rng.integers(0, 1_000_000))
    events, edges, levels = np.empty(size, np.int64), np.empty(size, np.uint8), np.empty((size, N_LEVELS))
    count, entries = events_of(masks, values, columns, constants, first, events, edges, levels)
    words = np.zeros((4, -(-size // 64) * 8), np.uint8)
    words[:, : -(-size // 8)] = np.packbits(masks, axis=1, bitorder="little")
    same = np.empty(size, np.int64), np.empty(size, np.uint8), np.empty((size, N_LEVELS))
    assert events_of_bits(words.view("<u8"), values, columns, constants, first, *same) == (count, entries)
    assert same[0][:count].tolist() == events[:count].tolist()
    assert same[1][:count].tolist() == edges[:count].tolist()
    assert same[2][:entries].tolist() == levels[:entries].tolist()
    bars = [i for i in range(size) if masks[:, i].any()]
    opening = [i for i in bars if masks[0, i] or masks[2, i]]
    assert events[:count].tolist() == [first + i for i in bars]
    assert edges[:count].tolist() == [sum(int(masks[k, i]) << k for k in range(4)) for i in bars]
    assert levels[:entries].tolist() == [
        [values[row, i] if row >= 0 else constants[k] for k, row in enumerate(columns)] for i in opening
    ]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.booleans())
def test_columns_equal_the_rows(seed, size, ends):
    rng = np.random.default_rng(seed)
    bars = np.zeros(size, CANDLE_DTYPE)
    steps = np.where(rng.random(size) < 0.2, rng.integers(1, 2000, size) * 1000, LENGTH)
    bars["ts"] = rng.integers(0, 10**9) * 1000 + np.cumsum(steps)
    for name in CANDLE_DTYPE.names[1:]:
        bars[name] = rng.random(size)
    bars.flags.writeable = False
    index, columns = np.empty(size, np.int64), np.full((6, 1, size), math.nan)
    columns_of(bars, LENGTH, ends, index, columns)
    assert index.tolist() == (bars["ts"] // LENGTH).tolist()
    for row, name in enumerate(CANDLE_DTYPE.names[1:]):
        there = ends or name in ("high", "low", "close")
        assert columns[row, 0].tobytes() == (bars[name] if there else np.full(size, math.nan)).tobytes()
    assert np.isnan(columns[5]).all()


STRATEGY = Strategy(
    id="blocks",
    title="a",
    family="b",
    idea="c",
    source="d",
    timeframe="5m",
    long_entry=close > open_,
    long_exit=volume > 0.8,
    short_entry=close < open_,
    long_entry_stop=high + 0.5,
    short_entry_limit=high + 0.1 * ATR(3),
    entry_valid=4,
    stop=2.5,
    short_target=close - low,
    time_stop=9,
)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 25))
def test_a_stream_says_what_the_whole_says_and_levels_are_those_of_the_rules(seed, size, block):
    rng = np.random.default_rng(seed)
    bars = np.zeros(size, CANDLE_DTYPE)
    bars["ts"] = np.arange(size) * LENGTH
    bars["open"], bars["close"] = 100 + rng.random((2, size))
    bars["high"] = np.maximum(bars["open"], bars["close"]) + 1
    bars["low"] = np.minimum(bars["open"], bars["close"]) - 1
    bars["volume"] = rng.random(size)
    bound = STRATEGY.bind()
    (whole,) = decide(compile_strategies([bound]), bars, "5m")
    assert whole.orders == Orders(STOP_ORDER, LIMIT_ORDER, 4, 9)
    rise, fall = bars["close"] > bars["open"], bars["close"] < bars["open"]
    assert whole.masks[0].tolist() == (rise & ~np.r_[True, rise[:-1]]).tolist()
    assert whole.masks[2].tolist() == (fall & ~np.r_[True, fall[:-1]]).tolist()
    at = np.flatnonzero(whole.masks[0] | whole.masks[2])
    for row, wanted in {0: 2.5, 1: 2.5, 2: math.nan, 3: (bars["close"] - bars["low"])[at], 6: bars["high"][at] + 0.5,
                        4: math.nan, 5: math.nan}.items():  # fmt: skip
        assert np.array_equal(whole.found.levels[:, row], np.full(len(at), wanted), equal_nan=True)
    for source in (Stream(bound), whole):
        parts = list(_copied(source, bars, block))
        assert [p.tolist() for p in map(np.concatenate, zip(*parts))] == [c.tolist() for c in map(_plain, whole.found)]


def _plain(column):
    return np.nan_to_num(column, nan=-1.0)


def _copied(source, bars, block):
    from engine.signals import history

    before, history.BLOCK = history.BLOCK, block
    try:
        for part in source.blocks(bars, "5m"):
            assert part.columns[1].tolist() == bars["high"][part.start : part.stop].tolist()
            yield [_plain(column.copy()) for column in part.found]
    finally:
        history.BLOCK = before
