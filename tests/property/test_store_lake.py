"""Any sequence of overlapping writes, compactions and moves from the state equals a dictionary of bars."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.store import lake_files
from engine.store.bars import newest_wins
from engine.store.lake import Lake
from engine.store.recent import flush_to_lake, history
from engine.store.state import State

SYMBOL = "binance-futures:ETHUSDT"
HOUR = 3_600_000
#: 2023-12-24, in hours: the ranges below go over a month's and a year's end.
START = 1_703_376_000_000

minutes = st.lists(st.integers(0, 500), min_size=0, max_size=25)
operations = st.lists(
    st.one_of(
        st.tuples(st.just("write"), minutes),
        st.tuples(st.just("save"), minutes),
        st.tuples(st.sampled_from(["compact", "flush", "reopen"]), st.just([])),
    ),
    max_size=8,
)


def block(hours: list[int], value: float) -> np.ndarray:
    out = np.zeros(len(hours), CANDLE_DTYPE)
    out["ts"] = START + np.array(hours, np.int64) * HOUR
    for i, field in enumerate(("open", "high", "low", "close", "volume")):
        out[field] = value + i + np.arange(len(hours))
    return out


def rows(candles: np.ndarray) -> list[tuple]:
    return [tuple(r) for r in candles.tolist()]


@settings(max_examples=40, deadline=None)
@given(operations, st.integers(0, 520), st.integers(0, 520), st.integers(0, 30))
def test_equals_a_dictionary(ops, low, high, last):
    with tempfile.TemporaryDirectory() as name:
        lake, state = Lake(Path(name) / "lake"), State(Path(name) / "state.db")
        stored: dict[int, tuple] = {}
        recent: dict[int, tuple] = {}
        for number, (kind, hours) in enumerate(ops):
            new = block(hours, number * 1000.0)
            by_time = {row[0]: row for row in rows(new)}
            if kind == "write":
                changed = sum(stored.get(ts) != row for ts, row in by_time.items())
                assert lake.write(SYMBOL, "1h", new) == changed
                stored |= by_time
            elif kind == "save":
                state.save_candles(SYMBOL, "1h", new)
                recent |= by_time
            elif kind == "flush":
                assert flush_to_lake(state, lake, SYMBOL, "1h") == len(recent)
                stored |= recent
                recent = {}
            elif kind == "compact":
                lake.compact(SYMBOL, "1h")
            else:
                lake = Lake(lake.root)
                assert lake.recover() == 0
        both = [row for _, row in sorted((stored | recent).items())]
        from_ms, to_ms = START + low * HOUR, START + high * HOUR
        inside = [row for row in both if from_ms <= row[0] < to_ms]
        in_lake = [row for _, row in sorted(stored.items())]
        assert rows(lake.read(SYMBOL, "1h")) == in_lake
        assert rows(lake.read(SYMBOL, "1h", last=last)) == (in_lake[-last:] if last else [])
        assert rows(history(state, lake, SYMBOL, "1h")) == both
        assert rows(history(state, lake, SYMBOL, "1h", last=last)) == (both[-last:] if last else [])
        assert rows(history(state, lake, SYMBOL, "1h", from_ms=from_ms, to_ms=to_ms)) == inside
        closes = lake.read_columns(SYMBOL, "1h", ["close"], from_ms, to_ms)["close"].tolist()
        assert closes == [row[4] for row in in_lake if from_ms <= row[0] < to_ms]
        coverage = lake.coverage(SYMBOL, "1h")
        assert (coverage.bars if coverage else 0) == len(stored)
        assert lake.check(SYMBOL, "1h") == []
        series = lake_files.series_folder(lake.root, SYMBOL, "1h")
        assert all(len(g) == 1 for g in lake_files.clusters(lake_files.parts_of(series)))
        state.close()


@given(st.lists(st.lists(st.integers(0, 20), max_size=8), max_size=5))
def test_newest_wins_is_a_dictionary_update(arrays):
    blocks = [block(hours, i * 100.0) for i, hours in enumerate(arrays)]
    twin: dict[int, tuple] = {}
    for one in blocks:
        for row in rows(one):
            twin[row[0]] = row
    assert rows(newest_wins(blocks)) == [row for _, row in sorted(twin.items())]
