"""Every built-in strategy reads back from its text to an equal strategy with the same graphs, wherever it can run."""

from __future__ import annotations

import pytest

from engine.rules.context import WrongTimeframe
from engine.rules.strategy import Bound, Strategy
from engine.rules.text import parse_strategy
from engine.runtime.strategies import built_in


def bound(strategy: Strategy, timeframe: str, day: str) -> Bound | None:
    try:
        return strategy.bind(None, timeframe, day)
    except WrongTimeframe:
        return None


@pytest.mark.parametrize(("timeframe", "day"), [("1m", "utc"), ("15m", "new_york"), ("4h", "utc")])
def test_text_and_python_give_the_same_graphs(timeframe: str, day: str) -> None:
    runs = 0
    for strategy in built_in():
        read = parse_strategy(strategy.text())
        assert read == strategy
        assert read.version == strategy.version
        one, two = bound(strategy, timeframe, day), bound(read, timeframe, day)
        if one is None or two is None:
            assert one is two
            continue
        runs += 1
        assert (one.conditions, one.levels) == (two.conditions, two.levels), strategy.id
        assert (one.entry_valid, one.time_stop, one.long_order, one.short_order) == (
            two.entry_valid, two.time_stop, two.long_order, two.short_order,
        )  # fmt: skip
        assert read.param_sets() == strategy.param_sets()
    assert runs >= 100
