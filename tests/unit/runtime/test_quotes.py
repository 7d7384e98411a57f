"""The watchlist's table: what changed goes out once, and the whole table is there for who comes later."""

from __future__ import annotations

import numpy as np

from engine.contracts.dtypes import QUOTE_DTYPE, STATE_LIVE, STATE_NO_DATA
from engine.contracts.feed import MiniTicker
from engine.runtime.quotes import SPARK_POINTS, QuoteTable, quotes_event, sparks_event


def ticker(last: float) -> MiniTicker:
    return MiniTicker("X", 90.0, 120.0, 80.0, last, 1_000.0, 100_000.0, 5)


def test_only_changed_rows_go_out_and_only_once() -> None:
    table = QuoteTable(100, 4)
    table.prices(np.array([1, 3]), np.array([10.0, np.nan]), np.array([60_000, 60_000]))
    rows = table.take()
    assert rows["id"].tolist() == [101]
    assert rows["last"].tolist() == [10.0]
    assert not len(table.take())
    assert quotes_event([table.take()]) is None


def test_a_running_close_is_not_overwritten_by_a_slower_ticker() -> None:
    table = QuoteTable(0, 1)
    table.tickers({0: ticker(99.0)})
    assert table.take()["last"].tolist() == [99.0]
    table.prices(np.array([0]), np.array([101.0]), np.array([60_000]))
    table.tickers({0: ticker(99.5)})
    row = table.take()
    assert row["last"].tolist() == [101.0]
    assert row["open24"].tolist() == [90.0]
    assert row["volume24"].tolist() == [100_000.0]


def test_states_go_out_when_they_change() -> None:
    table = QuoteTable(0, 3)
    table.states(np.array([STATE_NO_DATA, STATE_LIVE, STATE_NO_DATA], np.uint8))
    assert table.take()["id"].tolist() == [1]


def test_events_carry_the_documented_layout() -> None:
    table = QuoteTable(7, 2)
    table.tickers({1: ticker(5.0)})
    event = quotes_event([table.take()])
    assert event is not None
    rows = np.frombuffer(event.rows, QUOTE_DTYPE)
    assert rows["id"].tolist() == [8]


def test_trend_lines_keep_the_newest_closes() -> None:
    table = QuoteTable(7, 2)
    table.spark(0, np.arange(100, dtype=np.float32))
    table.spark_close(0, 500.0)
    event = sparks_event([table.take_sparks()])
    assert event is not None
    closes = np.frombuffer(event.closes, "<f4").reshape(-1, event.points)
    assert np.frombuffer(event.ids, "<i4").tolist() == [7]
    assert closes.shape == (1, SPARK_POINTS)
    assert closes[0, -2:].tolist() == [99.0, 500.0]
    assert sparks_event([table.take_sparks()]) is None
