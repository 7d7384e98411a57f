"""The kind of entry of kept trades, by side."""

from __future__ import annotations

from engine.backtest.entries import entry_reasons
from engine.runtime.strategies import strategy


def test_rules_say_how_each_side_enters() -> None:
    assert entry_reasons(strategy("turtle_slow").text()) == {1: "next open", -1: "next open"}
    assert set(entry_reasons(strategy("asian_box").text()).values()) == {"stop order"}


def test_rules_that_cannot_be_read_say_nothing() -> None:
    assert entry_reasons("strategy of another time") == {}
