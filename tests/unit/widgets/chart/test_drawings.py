"""The drawings' book and their geometry, without Qt."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.dtypes import CANDLE_DTYPE
from widgets.chart.model import BarSeries
from widgets.chart.view import Scale, TimeView
from widgets.viewmodels import drawings as dr
from widgets.viewmodels import shapes
from widgets.viewmodels.drawings import Drawing, DrawingBook

START, MINUTE = 1_700_000_040_000 // 60_000 * 60_000, 60_000
A, B = "m:A", "m:B"

points = st.tuples(st.integers(0, 10**13), st.floats(0.0001, 1e7))
kinds = st.sampled_from(sorted(dr.KINDS))


def made(kind: str, draw) -> list[tuple[int, float]]:
    return [draw(points) for _ in range(dr.KINDS[kind][0])]


@st.composite
def placed(draw) -> tuple[str, list[tuple[int, float]]]:
    kind = draw(kinds)
    return kind, made(kind, draw)


@st.composite
def steps(draw) -> list[tuple]:
    """What a person may do, in some order."""
    out: list[tuple] = []
    for _ in range(draw(st.integers(1, 25))):
        what = draw(st.sampled_from(["add", "add", "move", "colour", "remove", "undo", "redo", "all", "fire"]))
        if what == "add":
            kind, pts = draw(placed())
            out.append(("add", draw(st.sampled_from([A, B])), kind, pts))
        else:
            out.append((what, draw(st.sampled_from([A, B])), draw(st.integers(0, 30)), draw(points)))
    return out


def act(book: DrawingBook, step: tuple) -> None:
    what, symbol = step[0], step[1]
    held = book.of(symbol)
    if what == "add":
        book.add(symbol, step[2], step[3])
    elif what == "undo":
        book.undo(symbol)
    elif what == "redo":
        book.redo(symbol)
    elif what == "all":
        book.remove_all(symbol)
    elif held:
        drawing = held[step[2] % len(held)]
        if what == "remove":
            book.remove(symbol, drawing.id)
        elif what == "colour":
            book.put(symbol, dr.replace(drawing, colour="up", width=3, text="w"))
        elif what == "fire" and drawing.kind == dr.ALERT:
            book.settle(symbol, dr.replace(drawing, fired_ms=5))
        elif what == "move":
            book.put(symbol, drawing.with_handle(step[2] % len(drawing.handles()), *step[3]))


@settings(max_examples=25, deadline=None)
@given(steps())
def test_what_was_done_is_undone_step_by_step_and_redone(done):
    book = DrawingBook()
    for step in done:
        act(book, step)
    for symbol in (A, B):
        states = [{d.id: d for d in book.of(symbol)}]
        while book.undo(symbol):
            states.append({d.id: d for d in book.of(symbol)})
        if not any(s[0] == "fire" for s in done):
            assert states[-1] == {}  # nothing was there at first
        for want in reversed(states[:-1]):
            assert book.redo(symbol)
            assert {d.id: d for d in book.of(symbol)}.keys() == want.keys()
            if not any(s[0] == "fire" for s in done):
                assert {d.id: d for d in book.of(symbol)} == want


@settings(max_examples=25, deadline=None)
@given(steps())
def test_the_book_comes_back_from_json_as_it_was(done):
    book, again = DrawingBook(), DrawingBook()
    for step in done:
        act(book, step)
        book.saved()  # written after each change, from cached parts
    assert again.load(json.loads(book.saved())) == 0
    assert {s: again.of(s) for s in again.symbols()} == {s: book.of(s) for s in book.symbols()}
    new = again.add(A, dr.HORIZONTAL, [(1, 2.0)])
    assert [d.id for s in again.symbols() for d in again.of(s)].count(new.id) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(sorted(dr.KINDS)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "kind", "points", "colour", "width", "text", "side", "fired_ms", "locked", "x"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(["m:A", "m:B"]), json_values, max_size=2), json_values)
def test_garbage_is_refused_or_left_out_and_counted(symbols, other):
    book = DrawingBook()
    good = {"id": 7, "kind": "trend", "points": [[1, 2.0], [3, 4.0]]}
    rows = [good, *other] if isinstance(other, list) else [good, other]
    bad = book.load({"version": 1, "symbols": {**symbols, "m:C": rows}})
    assert bad >= 0
    assert book.get("m:C", 7) == Drawing(7, "trend", ((1, 2.0), (3, 4.0)))
    json.loads(book.saved())
    with pytest.raises(ValueError, match=r"table|version"):
        book.load(other)
    assert book.get("m:C", 7) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "circle"},
        {"points": [[1, 2.0]]},
        {"points": [[1, 2.0], [3, float("nan")]]},
        {"points": [[1, 2.0], [3, "4"]]},
        {"colour": "#ff0000"},
        {"width": 9},
        {"width": True},
        {"text": "x" * 201},
        {"id": 0},
    ],
)
def test_a_bad_drawing_is_left_out(change):
    book = DrawingBook()
    row = {"id": 7, "kind": "trend", "points": [[1, 2.0], [3, 4.0]], **change}
    assert book.load({"version": 1, "symbols": {A: [row]}}) == 1
    assert book.of(A) == []


def test_an_alert_line_waits_again_when_it_is_moved_and_not_when_it_is_coloured():
    book = DrawingBook()
    line = book.add(A, dr.ALERT, [(START, 100.0)])
    book.settle(A, dr.replace(line, side=-1, fired_ms=5))
    fired = book.get(A, line.id)
    book.put(A, dr.replace(fired, colour="up"))
    book.undo(A)
    assert book.get(A, line.id).fired_ms == 5
    book.put(A, fired.with_points([(START, 101.0)]))
    assert book.armed() == [(A, book.get(A, line.id))]


def test_there_is_an_end_to_them():
    book = DrawingBook()
    for k in range(dr.MOST):
        book.add(A, dr.HORIZONTAL, [(k, 1.0)])
    with pytest.raises(ValueError, match="remove some first"):
        book.add(A, dr.HORIZONTAL, [(1, 1.0)])
    book.remove_all(A)
    assert book.of(A) == []
    book.undo(A)
    assert len(book.of(A)) == dr.MOST


# geometry -----------------------------------------------------------------------------------------------------------
def series(n: int, step: int = MINUTE, start: int = START, holes: bool = False) -> BarSeries:
    bars = np.zeros(n, CANDLE_DTYPE)
    ts = start + np.arange(n, dtype=np.int64) * step
    bars["ts"] = ts + (np.arange(n) // 50 * 10 * step if holes else 0)
    bars["open"] = bars["high"] = bars["low"] = bars["close"] = 100
    return BarSeries(bars, step)


@given(st.integers(-300, 600), st.booleans())
def test_a_bar_s_time_and_its_place_are_each_other_s_inverse(index, holes):
    bars = series(300, holes=holes)
    ms = shapes.ms_of(bars, float(index))
    assert shapes.index_of(bars, ms) == pytest.approx(index)


@given(st.integers(0, 299 * MINUTE), st.sampled_from([5, 15, 60]))
def test_an_anchor_lies_in_its_bar_on_every_timeframe(offset, minutes):
    low = series(300)
    high = series(300 // minutes + 1, minutes * MINUTE, START // (minutes * MINUTE) * minutes * MINUTE)
    for bars in (low, high):
        index = shapes.index_of(bars, START + offset)
        holder = bars.bar_at(START + offset)
        assert holder <= index < holder + 1 or offset >= 299 * MINUTE


def test_an_anchor_stays_at_its_bar_when_history_is_loaded():
    bars = series(300, holes=True)
    ms = bars.ts_at(20)
    older = np.zeros(80, CANDLE_DTYPE)
    older["ts"] = START - np.arange(80, 0, -1) * MINUTE
    assert shapes.index_of(bars, ms) == 20
    bars.prepend(older)
    assert shapes.index_of(bars, ms) == 100
    assert shapes.index_of(bars, START - 40 * MINUTE) == 40


LONG = series(9_000, holes=True)
MODES = ["linear", "log", "percent", "inverted"]


def frame(mode: str) -> tuple[shapes.Frame, BarSeries, Scale]:
    bars, view = series(300), TimeView(right=300.0, px_per_bar=4.0, width=1000)
    scale = Scale(height=600, mode="linear" if mode == "inverted" else mode, inverted=mode == "inverted", base=90.0)
    scale.fit(50.0, 200.0, 0.1, 0.1)
    return shapes.Frame(lambda ms: view.x(shapes.index_of(bars, ms)), scale.y, 1000.0, 600.0), bars, scale


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", sorted(set(dr.KINDS) - {dr.TEXT}))
def test_what_is_drawn_is_hit_and_what_is_beside_it_is_not(kind, mode):
    plot, bars, scale = frame(mode)
    three = [(bars.ts_at(150), 80.0), (bars.ts_at(220), 120.0), (bars.ts_at(180), 150.0)]
    drawing = Drawing(1, kind, tuple(three[: dr.KINDS[kind][0]]))
    for line in shapes.lines(drawing, plot):
        if line.role == "soft":
            continue
        cut = shapes.clipped(line.a, line.b, plot.width, plot.height, room=0)
        if cut is None:
            continue
        (x0, y0), (x1, y1) = cut
        middle = ((x0 + x1) / 2, (y0 + y1) / 2)
        assert shapes.away(drawing, plot, middle) < 1e-6
        length = math.hypot(x1 - x0, y1 - y0)
        side = (middle[0] - (y1 - y0) / length * 3, middle[1] + (x1 - x0) / length * 3)
        assert shapes.away(drawing, plot, side) <= 3 + 1e-6
    for k, (ms, price) in enumerate(drawing.handles()):
        assert shapes.handle_at(drawing, plot, (plot.x(ms) + 3, scale.y(price) - 3)) == k
    assert shapes.away(drawing, plot, (5.0, 595.0)) > shapes.REACH_PX


@pytest.mark.parametrize("mode", MODES)
def test_a_whole_drawing_moves_by_bars_and_pixels_and_back(mode):
    plot, bars, scale = frame(mode)
    drawing = Drawing(1, dr.CHANNEL, ((bars.ts_at(150), 80.0), (bars.ts_at(220), 120.0), (bars.ts_at(180), 150.0)))
    there = shapes.moved(drawing, bars, scale.y, scale.value_at, 12, -40.0)
    for (x0, y0), (x1, y1) in zip(shapes.pixels(drawing, plot), shapes.pixels(there, plot), strict=True):
        assert (x1 - x0, y1 - y0) == pytest.approx((48.0, -40.0))
    back = shapes.moved(there, bars, scale.y, scale.value_at, -12, 40.0)
    assert [p[0] for p in back.points] == [p[0] for p in drawing.points]
    assert [p[1] for p in back.points] == pytest.approx([p[1] for p in drawing.points])


def test_every_corner_of_a_rectangle_can_be_taken():
    box = Drawing(1, dr.RECTANGLE, ((10, 1.0), (20, 2.0)))
    assert box.handles() == [(10, 1.0), (20, 2.0), (10, 2.0), (20, 1.0)]
    for k in range(4):
        moved = box.with_handle(k, 33, 3.0)
        assert moved.handles()[k] == (33, 3.0)
        others = {h for j, h in enumerate(box.handles()) if j != k}
        assert len(others & set(moved.handles())) == 1  # the opposite corner stays


def test_a_retracement_s_ratios_go_from_the_second_anchor_back_to_the_first():
    fib = Drawing(1, dr.FIBONACCI, ((0, 100.0), (10, 200.0)))
    assert shapes.fib_price(fib, 0) == 200
    assert shapes.fib_price(fib, 1) == 100
    assert shapes.fib_price(fib, 0.382) == pytest.approx(161.8)


def test_a_ray_goes_on_to_the_border_and_not_back():
    plot, bars, _scale = frame("linear")
    ray = Drawing(1, dr.RAY, ((bars.ts_at(150), 100.0), (bars.ts_at(160), 100.0)))
    y = plot.y(100.0)
    assert shapes.away(ray, plot, (990.0, y)) < 1e-6
    assert shapes.away(ray, plot, (10.0, y)) > 100


@given(st.lists(st.integers(-5, 9_100 * MINUTE), min_size=1, max_size=40))
def test_many_places_are_found_as_one(offsets):
    bars = LONG
    ts = np.array(offsets, np.int64) + START
    assert bars.bars_at(ts).tolist() == [bars.bar_at(int(t)) for t in ts]
