"""Edges become columns: names, marks, strength and cool-down, against the same said one signal at a time."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.signals import KINDS, SLOTS
from engine.contracts.timeframes import timeframe_ms
from engine.runtime.strategies import built_in, market_programs
from engine.signals.messages import SignalWriter
from engine.signals.strength import MoveMeter
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
    batch = SignalWriter([p.bounds for p in programs], SYMBOLS, FRAMES).batch(edges, MoveMeter(6), 99, START + ahead)
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
        assert (signal.strength, signal.quiet) == (0.0, False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(edge, max_size=8), max_size=6), st.integers(1, 3))
def test_a_cool_down_quietens_what_comes_within_it_and_nothing_else(batches, pause):
    programs = market_programs(CHOSEN, FRAMES)
    cooldown = {CHOSEN[0].id: pause}
    writer = SignalWriter([p.bounds for p in programs], SYMBOLS, FRAMES, lambda name: cooldown.get(name, 0))
    spoke: dict[tuple[int, int], int] = {}
    for found in batches:
        edges = edges_of(found)
        for signal, e in zip(writer.batch(edges, MoveMeter(6), 0, START).signals(), edges, strict=True):
            key, bar = (int(e["lane"]), int(e["out"])), int(e["bar_ts"]) // timeframe_ms(signal.timeframe)
            looked_at = signal.strategy == CHOSEN[0].id and signal.kind == "confirmed" and not signal.settling
            assert signal.quiet == (looked_at and bar - spoke.get(key, -(10**9)) <= pause)
            if looked_at and not signal.quiet:
                spoke[key] = bar


def test_strength_is_the_move_in_usual_moves_on_the_side_of_the_signal():
    """Wilder's mean said in plain words: of the newest bar, of the running one, and of nothing known."""
    closes = (100 + np.cumsum(np.random.default_rng(5).normal(0, 1, 40))).tolist()
    bars = np.zeros(40, CANDLE_DTYPE)
    bars["ts"], bars["close"] = START + np.arange(40) * 60_000, closes
    meter = MoveMeter(len(SYMBOLS) * len(FRAMES))
    meter.warm(2, bars[:30])
    # the first of these comes again: a restated bar changes nothing
    meter.closed(np.full(2, 2), bars["ts"][29:31], np.array([1.0, closes[30]]))

    def mean(until: int) -> float:
        value = math.nan
        for a, b in itertools.pairwise(closes[:until]):
            value = abs(b - a) if math.isnan(value) else value + (abs(b - a) - value) / 14
        return value

    def strengths(bar: int, lane: int = 2) -> list[float]:
        edges = np.zeros(4, EDGE_DTYPE)
        edges["lane"], edges["out"], edges["bar_ts"], edges["price"] = lane, np.arange(4), bars["ts"][bar], closes[bar]
        bounds = [p.bounds for p in market_programs(CHOSEN, FRAMES)]
        return SignalWriter(bounds, SYMBOLS, FRAMES).batch(edges, meter, 0, 0).rows["strength"].tolist()

    for bar in (30, 31):
        want = (closes[bar] - closes[bar - 1]) / mean(bar)
        assert np.allclose(strengths(bar), [want, -want, -want, want], rtol=1e-5)
    assert strengths(29) == strengths(30, lane=0) == [0.0] * 4
