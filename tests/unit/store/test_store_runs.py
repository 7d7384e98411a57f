"""Kept runs: whole with their daily curves, found by a part of their name, replaced, deleted; older states are read."""

from __future__ import annotations

import math
import sqlite3

import msgspec
import numpy as np
import pytest

from engine.contracts.errors import BadInput
from engine.store.state import State
from tests.unit.store.test_store_sql import result


@pytest.fixture
def state(tmp_path):
    made = State(tmp_path / "state.db")
    yield made
    made.close()


def same(a, b) -> bool:
    """Equal, nan being equal to nan."""
    left, right = (msgspec.structs.replace(r, metrics={}) for r in (a, b))
    known = [{k: v for k, v in r.metrics.items() if not math.isnan(v)} for r in (a, b)]
    return left == right and known[0] == known[1] and set(a.metrics) == set(b.metrics)


def test_a_run_comes_back_whole_with_its_daily_curve(state):
    state.save_run(result(), "one", 1000)
    job, created, found = state.kept_runs.find("one")
    assert (job, created) == ("one", 1000)
    assert same(found, result())
    assert np.frombuffer(found.daily, "<f8").tolist() == [100.0, 120.0, 90.0]
    assert found.span_days == 2.0


def test_the_same_job_again_replaces_all_of_it(state):
    state.save_run(result(), "one", 1000)
    state.save_run(result(5), "one", 2000)
    assert same(state.run("one"), result(5))
    assert [r.created_ms for r in state.runs()] == [2000]


def test_runs_are_named_by_a_part_or_as_the_last(state):
    for k, job in enumerate(("backtest-18f-1a-1", "backtest-18f-2b-1", "mine")):
        state.save_run(result(), job, 1000 + k)
    runs = state.kept_runs
    assert runs.job("last") == "mine"
    assert runs.job("2b-1") == "backtest-18f-2b-1"
    assert runs.job("backtest-18f-1") == "backtest-18f-1a-1"
    with pytest.raises(BadInput, match="may be one of 2 runs"):
        runs.job("backtest")
    with pytest.raises(BadInput, match='Did you mean "mine"'):
        runs.job("minne")
    for nothing in ("", "%", "_ine"):
        with pytest.raises(BadInput, match="There is no result"):
            runs.job(nothing)


def test_a_deleted_run_is_gone_with_all_its_parts(state, tmp_path):
    state.save_run(result(), "one", 1)
    state.save_run(result(), "two", 2)
    assert state.kept_runs.delete("on") == "one"
    with pytest.raises(BadInput, match="no result"):
        state.run("one")
    assert [job for job, _, _ in state.kept_runs.stream()] == ["two"]
    with sqlite3.connect(tmp_path / "state.db") as raw:
        assert raw.execute("SELECT job FROM run_parts").fetchall() == [("two",)]
    raw.close()
    with pytest.raises(BadInput, match="no result"):
        state.kept_runs.delete("one")


def test_runs_come_in_pages_without_their_blobs(state):
    for k in range(7):
        state.save_run(result(), f"job-{k}", k)
    pages = list(state.kept_runs.pages(size=3))
    assert [len(p) for p in pages] == [3, 3, 1]
    assert [row["job"] for page in pages for row in page] == [f"job-{k}" for k in range(7)]
    assert "trades" not in pages[0][0]


def test_a_state_of_an_older_version_keeps_its_runs(tmp_path):
    path = tmp_path / "state.db"
    made = State(path)
    made.save_run(result(), "old", 1)
    made.close()
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TABLE run_parts")
        raw.execute("UPDATE schema_info SET version = 2")
    raw.close()
    state = State(path)
    try:
        found = state.run("old")
        assert found.trade_hash == result().trade_hash
        assert (found.daily, found.span_days, found.trade_values) == (b"", 0.0, b"")
        state.save_run(result(), "new", 2)
        assert same(state.run("new"), result())
    finally:
        state.close()


def test_what_a_newer_version_kept_besides_is_left_out(state, tmp_path):
    state.save_run(result(), "one", 1)
    with sqlite3.connect(tmp_path / "state.db") as raw:
        (data,) = raw.execute("SELECT data FROM run_parts").fetchone()
        more = msgspec.msgpack.encode(msgspec.msgpack.decode(data) | {"of_tomorrow": 1})
        raw.execute("UPDATE run_parts SET data = ?", (more,))
    raw.close()
    assert same(state.run("one"), result())
