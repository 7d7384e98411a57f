"""The coalescing table, rule by rule. The property test holds it against a plain twin."""

from __future__ import annotations

import numpy as np

from engine.contracts.dtypes import KLINE_FINAL, KLINE_RUNNING, TICK_DTYPE, TRADE
from engine.contracts.feed import AggTrade, Kline, MiniTicker
from engine.feeds.coalesce import TICK_STRUCT, TickTable

MINUTE = 60_000


def kline(ts: int, event_ms: int, *, close: float = 1.0, final: bool = False, symbol: str = "A") -> Kline:
    return Kline(symbol, ts, 1.0, 2.0, 0.5, close, 10.0, 3, 11, 13, final, event_ms)


def trade(
    number: int, price: float, *, ts: int = 5, symbol: str = "A", size: int = 1, quantity: float = 1.0
) -> AggTrade:
    return AggTrade(symbol, number, number * 10, number * 10 + size - 1, price, quantity, ts, False, ts + 1)


def test_a_row_has_the_layout_of_the_contract() -> None:
    assert TICK_STRUCT.size == TICK_DTYPE.itemsize
    table = TickTable(["X", "A"])
    table.kline(Kline("A", 1, 2.0, 3.0, 4.0, 5.0, 6.0, 7, 8, 9, True, 10), 11)
    (row,) = table.drain()
    assert {name: row[name].item() for name in TICK_DTYPE.names or ()} == {
        "row": 1, "kind": KLINE_FINAL, "ts": 1, "open": 2.0, "high": 3.0, "low": 4.0, "close": 5.0, "volume": 6.0,
        "first_id": 8, "last_id": 9, "n": 7, "event_ms": 10, "recv_ns": 11,
    }  # fmt: skip


def test_drain_empties_and_the_array_is_the_callers() -> None:
    table = TickTable(["A"])
    assert table.drain().dtype == TICK_DTYPE
    assert len(table.drain()) == 0
    table.kline(kline(0, 1), 5)
    assert table.depth() == 1
    ticks = table.drain()
    ticks["close"] = 9.0
    assert table.depth() == 0
    assert len(table.drain()) == 0


def test_newer_running_kline_replaces_the_pending_one() -> None:
    table = TickTable(["A", "B"])
    table.kline(kline(0, 1, close=1.0), 1)
    table.kline(kline(0, 1, close=7.0, symbol="B"), 2)
    table.kline(kline(0, 2, close=2.0), 3)
    ticks = table.drain()
    assert ticks["row"].tolist() == [0, 1]
    assert ticks["close"].tolist() == [2.0, 7.0]
    assert table.counts()["coalesced"] == 1


def test_final_klines_all_stay_in_order() -> None:
    table = TickTable(["A"])
    for minute in range(3):
        table.kline(kline(minute * MINUTE, minute * MINUTE + 1), 1)
        table.kline(kline(minute * MINUTE, minute * MINUTE + 2, final=True), 1)
    table.kline(kline(2 * MINUTE, 2 * MINUTE + 2, final=True), 1)
    ticks = table.drain()
    assert ticks["kind"].tolist() == [KLINE_FINAL] * 4
    assert ticks["ts"].tolist() == [0, MINUTE, 2 * MINUTE, 2 * MINUTE]


def test_older_event_of_the_same_bar_is_dropped_even_after_a_drain() -> None:
    table = TickTable(["A"])
    table.kline(kline(0, 10), 1)
    table.kline(kline(0, 9), 1)
    assert len(table.drain()) == 1
    table.kline(kline(0, 9), 1)
    assert len(table.drain()) == 0
    table.kline(kline(0, 11, final=True), 1)
    table.kline(kline(0, 12), 1)
    assert table.drain()["kind"].tolist() == [KLINE_FINAL]
    assert table.counts()["stale"] == 3


def test_trades_of_a_minute_become_one_row() -> None:
    table = TickTable(["A"])
    table.trade(trade(1, 5.0, size=2), 1)
    table.trade(trade(2, 7.0), 2)
    table.trade(trade(3, 4.0, quantity=2.5), 3)
    (row,) = table.drain()
    assert (row["kind"], row["ts"]) == (TRADE, 0)
    assert [row[f] for f in ("open", "high", "low", "close", "volume")] == [5.0, 7.0, 4.0, 4.0, 4.5]
    assert [row[f] for f in ("first_id", "last_id", "n", "event_ms", "recv_ns")] == [10, 30, 4, 6, 3]


def test_a_kline_or_a_new_minute_ends_a_run_of_trades() -> None:
    table = TickTable(["A"])
    table.trade(trade(1, 5.0), 1)
    table.kline(kline(0, 6), 1)
    table.trade(trade(2, 6.0), 1)
    table.trade(trade(3, 7.0, ts=MINUTE + 1), 1)
    ticks = table.drain()
    assert ticks["kind"].tolist() == [TRADE, KLINE_RUNNING, TRADE, TRADE]
    assert ticks["ts"].tolist() == [0, 0, 0, MINUTE]


def test_a_replaced_kline_lets_its_neighbours_join() -> None:
    table = TickTable(["A"])
    for i in range(1, 50):
        table.trade(trade(i, float(i)), i)
        table.kline(kline(0, i), i)
    ticks = table.drain()
    assert ticks["kind"].tolist() == [TRADE, KLINE_RUNNING]
    assert (ticks["high"][0], ticks["low"][0], ticks["volume"][0], ticks["last_id"][0]) == (49.0, 1.0, 49.0, 490)


def test_trades_seen_twice_and_without_price_are_dropped() -> None:
    table = TickTable(["A"])
    table.trade(trade(5, 5.0), 1)
    table.trade(trade(5, 5.0), 1)
    table.trade(trade(4, 5.0), 1)
    table.trade(trade(6, 0.0), 1)
    table.trade(trade(7, float("nan")), 1)
    assert table.drain()["volume"].tolist() == [1.0]
    counts = table.counts()
    assert (counts["stale"], counts["invalid"]) == (2, 2)


def test_unknown_trade_ids_are_taken_as_they_come() -> None:
    table = TickTable(["A"])
    for _ in range(2):
        table.trade(AggTrade("A", -1, -1, -1, 5.0, 1.0, 5, False, 6), 1)
    (row,) = table.drain()
    assert (row["volume"], row["n"], row["first_id"]) == (2.0, -1, -1)


def test_a_cut_ends_runs_and_forgets_ids_and_event_times() -> None:
    table = TickTable(["A"])
    table.trade(trade(9, 5.0), 1)
    table.kline(kline(0, 100), 1)
    table.trade(trade(10, 5.0), 1)
    table.cut([0])
    table.trade(trade(1, 6.0), 2)
    table.kline(kline(0, 50), 2)
    ticks = table.drain()
    assert ticks["kind"].tolist() == [TRADE, TRADE, KLINE_RUNNING]
    assert ticks["last_id"][:2].tolist() == [100, 10]
    assert ticks["event_ms"][-1] == 50


def test_a_row_that_nobody_drains_stays_bounded_without_losing_finals() -> None:
    table = TickTable(["A"], row_limit=8)
    for minute in range(20):
        table.trade(trade(minute, 5.0, ts=minute * MINUTE), 1)
        if minute % 4 == 0:
            table.kline(kline(minute * MINUTE, minute * MINUTE, final=True), 1)
    ticks = table.drain()
    assert len(ticks) <= 9
    assert np.count_nonzero(ticks["kind"] == KLINE_FINAL) == 5
    assert table.counts()["overflowed"] > 0


def test_symbols_that_the_table_does_not_hold_are_counted() -> None:
    table = TickTable(["A"])
    table.kline(kline(0, 1, symbol="Z"), 1)
    table.trade(trade(1, 1.0, symbol="Z"), 1)
    table.ticker(MiniTicker("Z", 1, 1, 1, 1, 1, 1, 1))
    assert table.counts()["unknown"] == 3
    assert table.depth() == 0


def test_tickers_keep_the_latest_of_a_row() -> None:
    table = TickTable(["A", "B"])
    table.ticker(MiniTicker("B", 1, 1, 1, 1.0, 1, 1, 1))
    table.ticker(MiniTicker("B", 1, 1, 1, 2.0, 1, 1, 2))
    assert {row: m.last for row, m in table.tickers().items()} == {1: 2.0}
    assert table.tickers() == {}
