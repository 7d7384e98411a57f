"""The SQL console without Qt: colours, history, sorting, and what an answer can be sent to."""

from __future__ import annotations

from engine.contracts.commands import SqlResult
from widgets.viewmodels import sql as vm

ROWS = [
    ["binance-spot:ETHUSDT", "1h", 1_704_067_200_000, "short", -3.5],
    ["binance-spot:BTCUSDT", "1h", 1_704_153_600_000, "long", 12.0],
    ["binance-spot:ETHUSDT", "1h", 1_704_240_000_000, "long", None],
]
COLUMNS = ["symbol", "timeframe", "entry_ts", "side", "pnl"]


def answer() -> vm.Answer:
    return vm.Answer(SqlResult(columns=COLUMNS, rows=[list(r) for r in ROWS], seconds=0.1))


def test_words_get_their_colours():
    text = "SELECT count(*), 'it''s', 1.5 -- from\nFROM candles"
    found = {(text[a : a + n], kind) for a, n, kind in vm.tokens(text)}
    assert found == {
        ("SELECT", "keyword"),
        ("count", "function"),
        ("'it''s'", "text"),
        ("1.5", "number"),
        ("-- from", "comment"),
        ("FROM", "keyword"),
        ("candles", "table"),
    }
    assert vm.tokens("'never ends") == [(0, 11, "text")]


def test_every_table_has_an_example():
    for table in vm.TABLES:
        assert any(f"FROM {table}" in query for _, query in vm.EXAMPLES), table


def test_an_error_says_its_place():
    assert vm.place_of("query, line 3, column 7: no such column") == (3, 7)
    assert vm.place_of("the engine is gone") is None


def test_history_keeps_each_query_once_newest_first():
    history = vm.History(["a", 3, "b"], most=3)
    history.add("  b ")
    history.add("")
    history.add("c")
    history.add("d")
    assert history.queries == ["d", "c", "b"]
    assert vm.History({"x": 1}).queries == []


def test_sorting_puts_nothing_last_whatever_the_direction():
    a = answer()
    for descending, first in ((True, "12"), (False, "-3.5")):
        a.sort(4, descending)
        assert a.cells(0)[4] == first
        assert a.cells(2)[4] == "–"
    a.sort(0, False)
    assert [a.cells(k)[0][-7:] for k in range(3)] == ["BTCUSDT", "ETHUSDT", "ETHUSDT"]


def test_rows_become_places_marks_and_lists():
    a = answer()
    assert a.place(0) == vm.Place("binance-spot:ETHUSDT", "1h", 1_704_067_200_000)
    assert a.symbols() == ["binance-spot:ETHUSDT", "binance-spot:BTCUSDT"]
    assert a.moments("binance-spot:ETHUSDT") == [(1_704_067_200_000, -1), (1_704_240_000_000, 1)]
    other = vm.Answer(SqlResult(columns=["n"], rows=[[3]]))
    assert other.place(0) is None
    assert not other.moments("binance-spot:ETHUSDT")
    assert not other.symbols()


def test_times_are_read_from_numbers_and_text_and_shown_as_times():
    assert vm.moment_of("2024-01-01T00:00:00Z") == 1_704_067_200_000
    assert vm.moment_of(1_704_067_200_000) == 1_704_067_200_000
    assert vm.moment_of(12) is None
    assert vm.moment_of("soon") is None
    assert vm.text_of(1_704_067_200_000, "entry_ts") == "2024-01-01 00:00"
    assert vm.text_of(1_704_067_200_000, "volume") == "1,704,067,200,000"
    assert vm.text_of(None) == "–"
    assert vm.text_of({"a": 1}) == '{"a": 1}'


def test_csv_is_in_the_order_shown():
    a = answer()
    a.sort(4, True)
    lines = a.csv().splitlines()
    assert lines[0] == "symbol,timeframe,entry_ts,side,pnl"
    assert lines[1].startswith("binance-spot:BTCUSDT,1h,1704153600000,long,12")
    assert lines[3].endswith(",")
