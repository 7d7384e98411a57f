"""Alert lines against batches of quotes, and drawings kept on disk."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import drawings as store
from engine.contracts.dtypes import QUOTE_DTYPE
from widgets.viewmodels import drawings as dr
from widgets.viewmodels.alert_lines import AlertLines
from widgets.viewmodels.drawings import DrawingBook

SYMBOLS = ["m:A", "m:B", "m:C"]


def quotes(**prices: float) -> bytes:
    block = np.zeros(len(prices), QUOTE_DTYPE)
    block["id"] = [SYMBOLS.index(f"m:{name}") for name in prices]
    block["last"] = list(prices.values())
    return block.tobytes()


def armed(*, side: int = 0, price: float = 100.0, symbol: str = "m:B") -> tuple[DrawingBook, AlertLines]:
    book = DrawingBook()
    lines = AlertLines(book)
    lines.load(SYMBOLS)
    made = book.add(symbol, dr.ALERT, [(1, price)])
    book.settle(symbol, replace(made, side=side))
    return book, lines


@pytest.mark.parametrize(
    "prices,rising", [((99, 99.5, 100.0), True), ((99, 140), True), ((101, 100), False), ((101, 3), False)]
)
def test_a_line_fires_once_however_far_the_price_jumps(prices, rising):
    book, lines = armed()
    fired = [lines.apply(quotes(B=p, A=500.0), 1_000 + k) for k, p in enumerate(prices)]
    assert [len(f) for f in fired] == [0] * (len(prices) - 1) + [1]
    (one,) = fired[-1]
    assert (one.symbol, one.price, one.rising) == ("m:B", prices[-1], rising)
    assert book.get("m:B", one.drawing.id).fired_ms == 1_000 + len(prices) - 1
    for p in (50, 150, 100, 50):
        assert lines.apply(quotes(B=p), 9_000) == []


def test_other_symbols_unknown_ids_and_missing_prices_do_not_fire():
    _book, lines = armed(side=-1)
    assert lines.apply(quotes(A=150.0, C=150.0), 1) == []
    strange = np.zeros(3, QUOTE_DTYPE)
    strange["id"], strange["last"] = [1, 99, -1], [np.nan, 150.0, 150.0]
    assert lines.apply(strange.tobytes(), 1) == []
    strange["last"] = 0.0
    assert lines.apply(strange.tobytes(), 1) == []
    assert len(lines.apply(quotes(B=100.0), 1)) == 1


def test_a_line_crossed_while_the_program_was_closed_fires_at_the_first_price(tmp_path):
    book, lines = armed()
    lines.apply(quotes(B=99.0), 1)
    store.save(tmp_path, book)
    lines.close()
    again = DrawingBook()
    assert store.load(tmp_path, again) == ""
    later = AlertLines(again)
    later.load(SYMBOLS)
    assert len(later.apply(quotes(B=104.0), 5)) == 1
    store.save(tmp_path, again)
    third = DrawingBook()
    store.load(tmp_path, third)
    last = AlertLines(third)
    last.load(SYMBOLS)
    assert third.armed() == []
    assert last.apply(quotes(B=99.0), 6) == last.apply(quotes(B=104.0), 7) == []


def test_a_line_that_is_moved_waits_on_its_new_side():
    book, lines = armed(side=-1)
    lines.apply(quotes(B=99.0), 1)
    (line,) = book.of("m:B")
    book.put("m:B", line.with_points([(1, 98.0)]))
    assert lines.apply(quotes(B=99.0), 2) == []
    assert lines.apply(quotes(B=100.5), 3) == []
    assert [c.rising for c in lines.apply(quotes(B=97.0), 4)] == [False]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(90, 110), min_size=1, max_size=6),
    st.lists(st.dictionaries(st.sampled_from("ABC"), st.floats(80, 120), min_size=1), max_size=15),
)
def test_it_is_what_a_plain_loop_says(levels, batches):
    book = DrawingBook()
    lines = AlertLines(book)
    lines.load(SYMBOLS)
    waiting = {}
    for k, level in enumerate(levels):
        symbol = SYMBOLS[k % 3]
        waiting[book.add(symbol, dr.ALERT, [(1, level)]).id] = [symbol, level, 0]
    last: dict[str, float] = {}
    for now, batch in enumerate(batches):
        last |= {f"m:{k}": v for k, v in batch.items()}
        want = set()
        for number, (symbol, level, side) in list(waiting.items()):
            if symbol not in last:
                continue
            here = (last[symbol] > level) - (last[symbol] < level)
            if side == 0:
                waiting[number][2] = here
            elif here != side:
                want.add(number)
                del waiting[number]
        assert {c.drawing.id for c in lines.apply(quotes(**batch), now + 1)} == want


# on disk ------------------------------------------------------------------------------------------------------------
def test_every_change_is_on_disk_at_once(tmp_path):
    book, told = DrawingBook(), []
    end = store.keep(tmp_path, book, told.append)
    line = book.add("m:A", dr.TREND, [(1, 2.0), (3, 4.0)])
    again = DrawingBook()
    assert store.load(tmp_path, again) == ""
    assert again.of("m:A") == [line]
    book.remove("m:A", line.id)
    store.load(tmp_path, again)
    assert again.of("m:A") == []
    end()
    book.undo("m:A")
    store.load(tmp_path, again)
    assert again.of("m:A") == []
    assert told == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 9, "symbols": {}}', '{"version": 1, "symbols": 3}', "\x00"]
)
def test_garbage_is_set_aside_and_said(tmp_path, text):
    path = store.path_in(tmp_path)
    path.write_text(text)
    book = DrawingBook()
    said = store.load(tmp_path, book)
    assert "could not be used" in said
    assert "drawings.json.broken" in said
    assert not path.exists()
    assert path.with_suffix(".json.broken").read_text() == text
    assert book.symbols() == []


def test_a_bad_drawing_among_good_ones_is_left_out_and_the_file_kept(tmp_path):
    good = {"id": 1, "kind": "horizontal", "points": [[1, 2.0]]}
    store.path_in(tmp_path).write_text(json.dumps({"version": 1, "symbols": {"m:A": [good, {"kind": "?"}]}}))
    book = DrawingBook()
    assert store.load(tmp_path, book).startswith("1 saved drawings could not be read")
    assert len(book.of("m:A")) == 1


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    book, told = DrawingBook(), []
    store.keep(blocked, book, told.append)
    book.add("m:A", dr.HORIZONTAL, [(1, 2.0)])
    book.add("m:A", dr.HORIZONTAL, [(1, 2.0)])
    assert len(told) == 1
