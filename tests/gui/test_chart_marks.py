"""Marks of signals: kinds, names, density, hints under the mouse, clicks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.signals import Signal, SignalBatch
from tests.gui.charting import OFFSCREEN, bars, candles, image, instrument, loaded, signal_at

pytestmark = OFFSCREEN


def hover(qtbot, panel, x: float, y: float) -> list[str]:
    qtbot.mouseMove(panel.stack.price.viewport(), QPoint(round(x), round(y)))
    return [text for text, _token in panel.layers.hints.lines]


def test_a_withdrawn_signal_is_crossed_and_no_signal_any_more(qtbot):
    panel, rows = loaded(qtbot)
    ts, item = int(rows["ts"][580]), panel.stack.signals
    panel.set_signals(SignalBatch.of([signal_at(ts, kind="provisional")]))
    image(panel)
    (mark,) = item.marks
    assert not mark.gone
    panel.add_signals(SignalBatch.of([signal_at(ts, kind="withdrawn")]))
    panel._repaint.flush()
    shot = image(panel.stack.price)
    (mark,) = item.marks
    assert mark.gone
    assert item.of_bar(580) == []
    assert item.neighbour(ts + 10**9, -1) is None
    assert shot.pixelColor(round(mark.x - 4), round(mark.y - 4)) != panel.layers.hits._pane  # an arm of the cross
    assert [s.kind for s in item.of_mark(mark)] == ["withdrawn"]
    panel.add_signals(SignalBatch.of([signal_at(ts, strategy="t")]))  # another one stands in its place
    panel._repaint.flush()
    image(panel)
    assert [m.gone for m in item.marks] == [False]


def test_names_cover_neither_marks_nor_each_other(qtbot):
    panel, rows = loaded(qtbot)
    rng = np.random.default_rng(3)
    many = [
        signal_at(int(rows["ts"][i]), rng.choice(["long", "short"]), strategy=f"strategy_{rng.integers(9)}")
        for i in rng.integers(470, 600, 160)
    ]
    panel.set_signals(SignalBatch.of(many))
    image(panel)
    item = panel.stack.signals
    assert len(item.labels) > 5
    for a, b in itertools.combinations(item.labels, 2):
        assert not a.intersects(b)
    for label, mark in itertools.product(item.labels, item.marks):
        assert not label.adjusted(0.1, 0.1, -0.1, -0.1).contains(mark.x, mark.y)
    panel.stack.time.px_per_bar = 3.0
    panel.stack.changed()
    image(panel)
    assert item.marks
    assert item.labels == []


def test_a_mark_under_the_mouse_is_told_and_clicked(qtbot):
    panel, rows = loaded(qtbot)
    ts = int(rows["ts"][560])
    panel.set_signals(
        SignalBatch.of([signal_at(ts, kind="provisional", strategy="a"), signal_at(ts, "short", strategy="b")])
    )
    image(panel)
    mark = next(m for m in panel.stack.signals.marks if m.long)
    lines = hover(qtbot, panel, mark.x, mark.y)
    assert lines[0].startswith("a  ·  Long entry")
    assert "provisional" in lines[1]
    assert "Sun 31 Dec 2023  09:20" in lines
    clicked: list[Signal] = []
    told: list[int] = []
    panel.signalClicked.connect(clicked.append)
    panel.barClicked.connect(told.append)
    at = QPoint(round(mark.x), round(mark.y))
    qtbot.mouseClick(panel.stack.price.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [(s.strategy, s.bar_ts, s.kind) for s in clicked] == [("a", ts, "provisional")]
    assert told == []
    assert hover(qtbot, panel, mark.x + 60, mark.y + 60) == []
    panel.stack.price.left_pane.emit()
    assert panel.layers.hints.lines == []


def test_a_crowd_is_one_mark_that_stands_for_all(qtbot):
    panel, rows = loaded(qtbot)
    ts = int(rows["ts"][560])
    kinds = ["provisional", *["confirmed"] * 6]
    panel.set_signals(SignalBatch.of([signal_at(ts, strategy=f"s{k}", kind=kind) for k, kind in enumerate(kinds)]))
    image(panel)
    (mark,) = panel.stack.signals.marks
    assert mark.many == 7
    found = panel.stack.signals.of_mark(mark)
    assert len(found) == 7
    assert found[0].kind == "confirmed"
    assert "and 3 more" in hover(qtbot, panel, mark.x, mark.y)


def test_the_strip_of_numbers_says_how_many(qtbot):
    panel, _rows = loaded(qtbot)
    n = 20_000
    many = bars(n, spread=1e-4)
    panel.set_chart(candles(many), instrument())
    sides = ["long", "long", "short"]
    panel.set_signals(SignalBatch.of([signal_at(int(many["ts"][i]), sides[i // 10 % 3]) for i in range(0, n, 10)]))
    view = panel.stack.time
    view.px_per_bar, view.right = view.width / n, float(n)
    panel.stack.changed()
    image(panel)
    assert panel.stack.signals.marks == []
    x, height = 300, panel.stack.price.yscale.height
    lines = hover(qtbot, panel, x, height - 4)
    start, end = panel.stack.signals.column_at(x)
    inside = [i for i in range(0, n, 10) if start <= many["ts"][i] < end]
    long = sum(sides[i // 10 % 3] == "long" for i in inside)
    assert lines[:2] == [f"{long} long", f"{len(inside) - long} short"]
    assert hover(qtbot, panel, x, height / 2) == []


def test_a_trade_under_the_mouse_is_told(qtbot):
    panel, rows = loaded(qtbot)
    trade = np.zeros(1, TRADE_DTYPE)
    trade["entry_ts"], trade["exit_ts"], trade["bars"], trade["reason"] = rows["ts"][540], rows["ts"][570], 30, 1
    trade["entry_price"], trade["exit_price"] = rows["close"][540], rows["close"][570]
    trade["side"], trade["pnl"] = -1, -12.5
    panel.set_trades(trade)
    scale, view = panel.stack.price.yscale, panel.stack.time
    lines = hover(qtbot, panel, view.x(555), (scale.y(rows["close"][540]) + scale.y(rows["close"][570])) / 2)
    assert lines[0] == "Trade 1: Short"
    assert lines[1].startswith("−12.50")
    assert lines[-1] == "30 bars, out by stop"


@pytest.mark.parametrize("inverted", [False, True])
def test_marks_stand_outside_their_bars_on_an_inverted_scale_too(qtbot, inverted):
    panel, rows = loaded(qtbot)
    panel.change(inverted=inverted)
    panel.set_signals(SignalBatch.of([signal_at(int(rows["ts"][560])), signal_at(int(rows["ts"][560]), "short")]))
    panel._repaint.flush()
    image(panel)
    scale = panel.stack.price.yscale
    ends = sorted((scale.y(rows["low"][560]), scale.y(rows["high"][560])))
    for mark in panel.stack.signals.marks:
        assert mark.y > ends[1] if mark.long else mark.y < ends[0]
