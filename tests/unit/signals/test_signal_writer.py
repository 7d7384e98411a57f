"""Edges become columns: names, marks, strength and cool-down, against the same said one signal at a time."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.candles.types import CLOSED_DTYPE
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.signals import KINDS, SLOTS
from engine.contracts.timeframes import timeframe_ms
from engine.runtime.strategies import built_in, market_programs
from engine.signals.messages import SignalWriter
from engine.signals.strength import MoveMeter, at_closed, strength_of
from engine.signals.types import EDGE_DTYPE

FRAMES = ("1m", "5m")
SYMBOLS = ("binance-spot:A", "binance-spot:B", "binance-spot:C")
START = 1_704_067_200_000
CHOSEN = built_in()[:3]

edge = st.tuples(
    st.integers(0, len(SYMBOLS) * len(FRAMES) - 1), st.integers(0, len(CHOSEN) * 4 - 1), st.integers(0, 2),
    st.integers(0, 1), st.integers(0, 1), st.integers(0, 6), st.integers(1, 9),
)  # fmt: skip


def edges_of(found) -> np.ndarray:
    edges = np.zeros(len(found), EDGE_DTYPE)
    for i, (lane, out, kind, settling, filled, bar, price) in enumerate(found):
        length = timeframe_ms(FRAMES[lane % len(FRAMES)])
        edges[i] = (lane, out, kind, settling, filled, START + bar * length, price, 7 + i, 8 + i)
    return edges


@settings(max_examples=60, deadline=None)
@given(st.lists(edge, max_size=30), st.integers(0, 4_000_000))
def test_each_row_says_what_its_edge_says(found, ahead):
    programs = market_programs(CHOSEN, FRAMES)
    edges = edges_of(found)
    strength = np.arange(len(edges)) / 4
    batch = SignalWriter([p.bounds for p in programs], SYMBOLS, FRAMES).batch(edges, strength, 99, START + ahead)
    assert len(batch.symbols) == len({e["lane"] // len(FRAMES) for e in edges})
    for i, (signal, e) in enumerate(zip(batch.signals(), edges, strict=True)):
        row, tf = divmod(int(e["lane"]), len(FRAMES))
        bound = programs[tf].bounds[e["out"] // 4]
        assert (signal.strategy, signal.version, signal.params) == (
            bound.strategy.id, bound.strategy.version, bound.params_text,
        )  # fmt: skip
        assert (signal.symbol, signal.timeframe) == (SYMBOLS[row], FRAMES[tf])
        assert (signal.side, signal.action, signal.kind) == (*SLOTS[e["out"] % 4], KINDS[e["kind"]])
        assert (signal.bar_ts, signal.price) == (e["bar_ts"], e["price"])
        assert (signal.event_ms, signal.received_ns, signal.emitted_ns) == (7 + i, 8 + i, 99)
        close = e["bar_ts"] + timeframe_ms(FRAMES[tf])
        assert signal.late == (signal.kind == "confirmed" and START + ahead - close > 5_000)
        assert (signal.settling, signal.backfilled) == (bool(e["settling"]), bool(e["backfilled"]))
        assert (signal.strength, signal.quiet) == (i / 4, False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(edge, max_size=8), max_size=6), st.integers(1, 3))
def test_a_cool_down_quietens_what_comes_within_it_and_nothing_else(batches, pause):
    programs = market_programs(CHOSEN, FRAMES)
    cooldown = {CHOSEN[0].id: pause}
    writer = SignalWriter([p.bounds for p in programs], SYMBOLS, FRAMES, lambda name: cooldown.get(name, 0))
    spoke: dict[tuple[int, int], int] = {}
    for found in batches:
        edges = edges_of(found)
        for signal, e in zip(writer.batch(edges, np.zeros(len(edges)), 0, START).signals(), edges, strict=True):
            key, bar = (int(e["lane"]), int(e["out"])), int(e["bar_ts"]) // timeframe_ms(signal.timeframe)
            looked_at = signal.strategy == CHOSEN[0].id and signal.kind == "confirmed" and not signal.settling
            assert signal.quiet == (looked_at and bar - spoke.get(key, -(10**9)) <= pause)
            if looked_at and not signal.quiet:
                spoke[key] = bar


def test_strength_is_the_move_in_usual_moves_on_the_side_of_the_signal():
    bars = np.zeros(40, CANDLE_DTYPE)
    bars["ts"] = START + np.arange(40) * 60_000
    bars["close"] = 100 + np.cumsum(np.random.default_rng(5).normal(0, 1, 40))
    meter = MoveMeter(4)
    meter.warm(2, bars[:30])
    last, mean = math.nan, math.nan
    for close in bars["close"][:30].tolist():
        if not math.isnan(last):
            mean = abs(close - last) if math.isnan(mean) else mean + (abs(close - last) - mean) / 14
        last = close
    want = (bars["close"][30] - last) / mean
    got = strength_of(np.full(4, bars["close"][30]), meter.now(np.full(4, 2)), np.arange(4))
    assert np.allclose(got, [want, -want, -want, want])
    assert strength_of(np.array([5.0]), meter.now(np.array([1])), np.array([0])).tolist() == [0.0]
    closed = np.zeros(4, CLOSED_DTYPE)
    closed["ts"], closed["close"], closed["tf"] = bars["ts"][28:32], bars["close"][28:32], 2
    before = meter.closed(np.full(4, 2), closed["ts"], closed["close"])
    assert np.isnan(before[:, :2]).all()  # seen before: restated bars say nothing
    assert before[0, 2:].tolist() == bars["close"][29:31].tolist()
    edges = np.zeros(2, EDGE_DTYPE)
    edges["lane"], edges["bar_ts"] = 2, bars["ts"][[31, 30]]
    assert at_closed(np.full(4, 2), closed["ts"], before, edges)[0].tolist() == bars["close"][[30, 29]].tolist()
