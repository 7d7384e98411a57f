"""The shard plan: what must hold for every list of symbols."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.errors import BadInput
from engine.feeds.plan import plan_shards

_names = st.lists(st.text("ABCDEFGH币", min_size=1, max_size=6), max_size=120, unique=True)


@settings(max_examples=150, deadline=None)
@given(_names, st.integers(1, 12), st.integers(1, 16))
def test_everything_is_placed_once_and_balanced(names: list[str], per: int, most: int) -> None:
    if len(names) > per * most:
        with pytest.raises(BadInput, match="symbols_per_connection"):
            plan_shards("m", names, per, most)
        return
    plan = plan_shards("m", names, per, most)
    assert sorted(s for shard in plan for s in shard) == sorted(names)
    assert len(plan) == math.ceil(len(names) / per)
    assert all(len(shard) <= math.ceil(len(names) / len(plan)) for shard in plan)
    assert plan == plan_shards("m", names, per, most)
    for shard in plan:
        assert shard == [s for s in names if s in shard]


@settings(max_examples=100, deadline=None)
@given(_names, st.integers(1, 12), st.data())
def test_an_earlier_plan_is_kept(names: list[str], per: int, data: st.DataObject) -> None:
    before = plan_shards("m", names, per, 200)
    gone = set(data.draw(st.lists(st.sampled_from(names), max_size=3))) if names else set()
    after = plan_shards("m", [s for s in names if s not in gone] + ["NEW1"], per, 200, previous=before)
    old = {s: i for i, shard in enumerate(before) for s in shard}
    new = {s: i for i, shard in enumerate(after) for s in shard}
    moved = [s for s in new if s in old and old[s] != new[s]]
    room = sum(math.ceil(len(new) / len(after)) for _ in after)
    fits = len(after) >= len(before) and all(
        len([s for s in shard if s in new]) <= math.ceil(len(new) / len(after)) for shard in before
    )
    assert room >= len(new)
    if fits:
        assert moved == []


def test_the_order_of_the_list_does_not_matter() -> None:
    names = [f"S{i}USDT" for i in range(200)]
    plan = [set(shard) for shard in plan_shards("m", names)]
    assert plan == [set(shard) for shard in plan_shards("m", names[::-1])]


def test_two_markets_of_480_fill_32_connections() -> None:
    for market in ("binance-spot", "binance-futures"):
        plan = plan_shards(market, [f"S{i}USDT" for i in range(480)])
        assert [len(shard) for shard in plan] == [30] * 16
    with pytest.raises(BadInput, match="481 symbols do not fit on 16 connections of 30"):
        plan_shards("binance-spot", [f"S{i}USDT" for i in range(481)])


def test_one_symbol_more_or_less_moves_few() -> None:
    names = [f"S{i}USDT" for i in range(400)]
    before = {s: i for i, shard in enumerate(plan_shards("m", names)) for s in shard}
    moved = 0
    for changed in (names[:-1], [*names, "NEWUSDT"], names[1:]):
        after = {s: i for i, shard in enumerate(plan_shards("m", changed)) for s in shard}
        moved += sum(before[s] != after[s] for s in after if s in before)
    assert moved < 0.1 * 3 * len(names)


def test_repeated_symbols_count_once_and_none_is_an_empty_plan() -> None:
    assert plan_shards("m", ["A", "B", "A"]) == [["A", "B"]]
    assert plan_shards("m", []) == []
    with pytest.raises(BadInput, match="at least one"):
        plan_shards("m", ["A"], 0)
