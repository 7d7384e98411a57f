"""Walk-forwards in the state: results, the ledger of trials, the queue, promotions and their way back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.contracts.errors import BadInput
from engine.contracts.walkforward import (
    FoldResult,
    Promoted,
    Trials,
    WalkForwardResult,
    WalkForwardSpec,
    WalkResult,
    WalkSummary,
)
from engine.store.lake import Lake
from engine.store.query import sql
from engine.store.state import State

NAN = float("nan")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State(tmp_path / "state.sqlite")
    yield made
    made.close()


def walk(strategy: str = "turtle", sharpe: float = 1.0) -> WalkResult:
    fold = FoldResult(
        train_from_ms=0,
        train_to_ms=5,
        test_from_ms=5,
        test_to_ms=9,
        chosen=0,
        params={"n": 3.0},
        value=1.5,
        train={"sharpe": 2.0},
        test={"sharpe": NAN},
    )
    summary = WalkSummary(strategy=strategy, timeframe="1h", sets=2, metrics={"sharpe": sharpe, "pbo": NAN})
    return WalkResult(summary=summary, folds=[fold], sets=[{"n": 3.0}, {"n": 4.0}], returns=b"12345678")


def tried(keys: list[int], sharpes: list[float], **other) -> Trials:
    fields = {"symbol": "m:X", "timeframe": "1h", "strategy": "turtle", "version": "v1", "from_ms": 0, "to_ms": 100}
    return Trials(**fields | other, keys=np.array(keys, "<u8").tobytes(), sharpes=np.array(sharpes, "<f8").tobytes())


def result(job: str = "j", created: int = 1, complete: bool = True) -> WalkForwardResult:
    return WalkForwardResult(
        job=job,
        spec=WalkForwardSpec(symbol="m:X"),
        created_ms=created,
        bars=10,
        first_ms=0,
        last_ms=9,
        rows=[walk().summary],
        trials=2,
        metrics={"pbo": NAN},
        convention="c",
        data_fingerprint="f",
        code_version="1",
        assumptions=[],
        seconds=1.0,
        complete=complete,
    )


def test_what_is_kept_comes_back(state: State) -> None:
    store = state.walkforwards
    store.save(result())
    store.save_walk("j", walk(), None)
    back = store.walk("j", "turtle")
    assert msgspec.msgpack.encode(back) == msgspec.msgpack.encode(walk())
    assert math.isnan(store.rows("j")[0].metrics["pbo"])
    assert store.result("j").rows[0].strategy == "turtle"
    store.save_walk("j", walk(sharpe=3.0), None)
    assert [w.summary.metrics["sharpe"] for w in store.walks("j")] == [3.0]


def test_the_newest_come_first(state: State) -> None:
    for number, job in enumerate(["a", "b", "c"]):
        state.walkforwards.save(result(job, number))
    assert [r.job for r in state.walkforwards.newest(2)] == ["c", "b"]


def test_sql_sees_walks_and_promotions(state: State, tmp_path: Path) -> None:
    state.walkforwards.save(result("j"))
    state.walkforwards.save_walk("j", walk("turtle", 2.0), None)
    state.walkforwards.save_walk("j", walk("snail", NAN), None)
    state.walkforwards.promote([promotion(3, 10)])
    lake = Lake(tmp_path / "lake")
    found = sql(
        lake, state, "select strategy, symbol, sharpe from walks where job = 'j' order by sharpe desc nulls last"
    )
    assert found.rows == [["turtle", "m:X", 2.0], ["snail", "m:X", None]]
    assert sql(lake, state, "select count(*) from walks where job = 'k'").rows == [[0]]
    assert sql(lake, state, "select strategy, params, until from promotions").rows == [["turtle", '{"n":3.0}', None]]


@pytest.mark.parametrize("ask", [lambda s: s.result("k"), lambda s: s.walk("j", "turtel")])
def test_what_is_not_there_is_said(state: State, ask) -> None:
    state.walkforwards.save(result("j"))
    state.walkforwards.save_walk("j", walk(), None)
    with pytest.raises(BadInput, match=r"there is no|has no walk"):
        ask(state.walkforwards)


def test_a_trial_counts_once(state: State) -> None:
    store = state.walkforwards
    store.save_walk("j", walk(), tried([1, 2], [0.1, 0.2]))
    store.save_walk("k", walk(), tried([2, 3], [0.25, NAN]))
    store.save_walk("k", walk(), tried([9], [0.5], from_ms=200, to_ms=300))
    (kept,) = store.trials("m:X", 50, 150)
    assert sorted(kept.sharpe_by_key) == [1, 2, 3]
    assert kept.sharpe_by_key[2] == 0.25
    assert math.isnan(kept.sharpe_by_key[3])
    assert len(store.trials("m:X", 0, 300)) == 2
    assert store.trials("m:Y", 0, 300) == []


def test_the_queue_keeps_its_order(state: State) -> None:
    store = state.walkforwards
    specs = [(name, WalkForwardSpec(symbol=f"m:{name}")) for name in "abc"]
    store.enqueue(specs[:2])
    store.enqueue(specs)
    assert [q.job for q in store.queued()] == ["a", "b", "c"]
    store.set_state("a", "failed", "no bars")
    store.set_state("b", "")
    assert [(q.job, q.state, q.error) for q in store.queued()] == [("a", "failed", "no bars"), ("c", "waiting", "")]


def promotion(n: float, since: int, symbol: str = "m:X") -> Promoted:
    return Promoted(
        number=0,
        strategy="turtle",
        params={"n": n},
        symbol=symbol,
        timeframe="1h",
        since_ms=since,
        provenance={"sharpe": 1.0, "pbo": NAN},
    )


def test_a_promotion_replaces_and_is_rolled_back(state: State) -> None:
    store = state.walkforwards
    store.promote([promotion(3, 10), promotion(3, 10, "m:Y")])
    store.promote([promotion(5, 20)])
    assert [(p.symbol, p.params["n"]) for p in store.promoted()] == [("m:Y", 3), ("m:X", 5)]
    store.demote(3, 30)
    assert [(p.symbol, p.params["n"]) for p in store.promoted()] == [("m:X", 3), ("m:Y", 3)]
    store.demote(1, 40)
    assert [p.symbol for p in store.promoted()] == ["m:Y"]
    assert [p.number for p in store.promoted(history=True)] == [3, 2, 1]
    with pytest.raises(BadInput, match="not active"):
        store.demote(1, 50)


def test_one_that_is_under_way_is_listed_with_what_is_done_until_it_is_whole(state: State) -> None:
    store = state.walkforwards
    spec = WalkForwardSpec(symbol="m:X", run_id="j")
    store.begin("j", spec, 5)
    for name, sharpe in (("slow", 0.5), ("fast", 1.5), ("none", NAN)):
        store.save_walk("j", walk(name, sharpe), None)
    (listed,) = store.newest(10)
    assert (listed.complete, listed.rows, listed.best and listed.best.strategy) == (False, 3, "fast")
    assert [row.strategy for row in store.result("j").rows] == ["fast", "slow", "none"]
    assert store.result("j").spec == spec
    store.save(result("j", created=7))
    assert store.result("j").complete
    store.begin("j", spec, 9)
    assert store.result("j").created_ms == 7
