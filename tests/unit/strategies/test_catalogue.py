"""What is promised of every built-in strategy: different from each other, explained, and at work on real series."""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np
import pytest

import strategies
from engine.rules.api import Strategy
from tests.unit.strategies import support

ALL = strategies.load()
FAMILIES = {
    "trend",
    "breakout",
    "momentum",
    "mean reversion",
    "volatility",
    "volume",
    "price pattern",
    "multi-timeframe",
    "seasonality",
    "composite",
}
LEAST = 165
#: trades on each of five series, entries that two strategies may share, different results of a grid
TRADES, SHARED, DISTINCT = 10, 0.7, 16


def by_id(strategy: Strategy) -> str:
    return strategy.id


def test_there_are_enough_of_every_family() -> None:
    ids = [s.id for s in ALL]
    assert len(set(ids)) == len(ids) >= LEAST
    assert {s.family for s in ALL} == FAMILIES


def test_no_two_titles_or_ideas_are_the_same() -> None:
    for words in ([s.title.lower() for s in ALL], [s.idea for s in ALL]):
        assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize("strategy", ALL, ids=by_id)
def test_it_says_what_it_is(strategy: Strategy) -> None:
    assert strategy.title
    assert strategy.source
    assert re.fullmatch(r"[A-Z0-9].{20,140}\.", strategy.idea), strategy.idea
    assert not re.search(r"\. [A-Z]", strategy.idea), "one sentence"
    sets = strategy.param_sets()
    assert len(sets) >= DISTINCT
    assert strategy.bind().params in sets


def test_half_of_them_have_a_stop() -> None:
    protected = [s for s in ALL if {"stop", "trail", "long_stop", "short_stop"} & set(s.rules)]
    assert len(protected) * 2 >= len(ALL)


def test_no_two_are_the_same_tree_up_to_constants() -> None:
    seen: dict[object, list[str]] = defaultdict(list)
    for strategy in ALL:
        seen[support.tree(strategy)].append(strategy.id)
    assert [ids for ids in seen.values() if len(ids) > 1] == []


@pytest.mark.shared
def test_each_trades_on_five_series() -> None:
    counts = support.trade_counts(ALL)
    assert all(len(made) == 5 for made in counts.values())
    assert {id_: made for id_, made in counts.items() if min(made) < TRADES} == {}


@pytest.mark.shared
@pytest.mark.parametrize("timeframe", ["15m", "1h"])
def test_no_two_enter_on_the_same_bars(timeframe: str) -> None:
    """Neither to the same side nor, one up and one down, whatever the side."""
    alike = []
    for series in support.SERIES:
        entered = support.entries_on(ALL, series, timeframe)
        bars = entered[:, : entered.shape[1] // 2] | entered[:, entered.shape[1] // 2 :]
        shared = np.maximum(support.overlaps(entered), support.overlaps(bars))
        for i, k in zip(*np.nonzero(np.triu(shared, 1) >= SHARED), strict=True):
            alike.append((ALL[i].id, ALL[k].id, series.name, round(float(shared[i, k]), 2)))
    assert alike == []


@pytest.mark.shared
@pytest.mark.parametrize("strategy", ALL, ids=by_id)
def test_its_grid_gives_different_trades(strategy: Strategy) -> None:
    assert support.distinct_results(strategy, DISTINCT) >= DISTINCT
