"""Drawing on the chart by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from tests.gui.charting import OFFSCREEN, START, bars, candles, image, instrument, loaded
from widgets.chart.drawings.bar import DrawBar
from widgets.chart.drawings.kit import TOOLS, DrawKit
from widgets.chart.drawings.measure import measured
from widgets.chart.drawings.menu import drawing_menu
from widgets.chart.grid import ChartGrid
from widgets.chart.panel import ChartPanel
from widgets.theme import DARK
from widgets.viewmodels import drawings as dr
from widgets.viewmodels import shapes

pytestmark = OFFSCREEN
SYMBOL = "binance-spot:BTCUSDT"
LEFT, ALT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier
CTRL, SHIFT, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier(0)
#: where the tests click, in order
SPOTS = (QPoint(420, 210), QPoint(660, 320), QPoint(560, 150))


def spot(panel, index: int, price: float) -> QPoint:
    return QPoint(round(panel.stack.time.x(index)), round(panel.stack.price.yscale.y(price)))


def drag(qtbot, panel, a: QPoint, b: QPoint, modifier=NONE) -> None:
    port = panel.stack.price.viewport()
    qtbot.mousePress(port, LEFT, modifier, a)
    for k in (1, 2):
        at = a + (b - a) * k / 2
        qtbot.mouseMove(port, at)
    qtbot.mouseRelease(port, LEFT, modifier, b)


def drawn(panel) -> list[dr.Drawing]:
    return panel.layers.kit.book.of(SYMBOL)


@pytest.mark.parametrize("kind", sorted(set(dr.KINDS) - {dr.TEXT}))
def test_each_tool_by_clicks_lies_where_it_was_clicked(qtbot, kind):
    panel, _rows = loaded(qtbot)
    kit, port = panel.layers.kit, panel.stack.price.viewport()
    right = panel.stack.time.right
    kit.choose(kind)
    for place in SPOTS[: dr.KINDS[kind][0]]:
        qtbot.mouseMove(port, place)
        qtbot.mouseClick(port, LEFT, pos=place)
    (made,) = drawn(panel)
    assert made.kind == kind
    assert kit.tool == ""
    assert panel.layers.drawings.selected == made.id
    assert panel.stack.time.right == right  # nothing was panned
    for place, (ms, price) in zip(SPOTS, made.points, strict=False):
        assert abs(panel.stack.time.x(shapes.index_of(panel.stack.bars, ms)) - place.x()) <= 4
        assert panel.stack.price.yscale.y(price) == pytest.approx(place.y(), abs=1)
        assert (ms - START) % 60_000 == 0
        assert price == round(price, 2)  # the tick
    before = image(panel.stack.price)
    kit.set_flag("hidden", True)
    assert image(panel.stack.price) != before
    kit.set_flag("hidden", False)


@pytest.mark.parametrize("kind", [dr.TREND, dr.RECTANGLE, dr.FIBONACCI])
def test_two_anchors_by_one_drag(qtbot, kind):
    panel, _rows = loaded(qtbot)
    panel.layers.kit.choose(kind)
    drag(qtbot, panel, SPOTS[0], SPOTS[1])
    (made,) = drawn(panel)
    y = [panel.stack.price.yscale.y(p) for _ms, p in made.points]
    assert y == pytest.approx([SPOTS[0].y(), SPOTS[1].y()], abs=1)


def test_keys_draw_levels_at_the_cursor_and_take_tools(qtbot):
    panel, _rows = loaded(qtbot)
    port = panel.stack.price.viewport()
    qtbot.mouseMove(port, SPOTS[0])
    qtbot.keyClick(panel.stack, Qt.Key.Key_H, ALT)
    qtbot.mouseMove(port, SPOTS[1])
    qtbot.keyClick(panel.stack, Qt.Key.Key_A, ALT)
    level, alert = drawn(panel)
    assert (level.kind, alert.kind) == (dr.HORIZONTAL, dr.ALERT)
    last = float(panel.stack.bars.column("close", 599, 600)[0])
    assert alert.side == (1 if last > alert.points[0][1] else -1)
    for key, tool in ((Qt.Key.Key_T, dr.TREND), (Qt.Key.Key_F, dr.FIBONACCI)):
        qtbot.keyClick(panel.stack, key, ALT)
        assert panel.layers.kit.tool == tool
    qtbot.keyClick(panel.stack, Qt.Key.Key_Escape)
    assert panel.layers.kit.tool == ""


def test_move_a_handle_the_whole_undo_redo_remove(qtbot):
    panel, _rows = loaded(qtbot)
    stack, port = panel.stack, panel.stack.price.viewport()
    panel.layers.kit.choose(dr.TREND)
    drag(qtbot, panel, SPOTS[0], SPOTS[1])
    (first,) = drawn(panel)
    drag(qtbot, panel, SPOTS[1], SPOTS[2])  # its second handle
    (second,) = drawn(panel)
    assert second.points[0] == first.points[0]
    assert stack.price.yscale.y(second.points[1][1]) == pytest.approx(SPOTS[2].y(), abs=1)
    middle = (SPOTS[0] + SPOTS[2]) / 2
    bars_ = round(70 / stack.time.px_per_bar)
    drag(qtbot, panel, middle, middle + QPoint(70, 30))
    (third,) = drawn(panel)
    for (ms0, p0), (ms1, p1) in zip(second.points, third.points, strict=True):
        assert ms1 - ms0 == bars_ * 60_000
        assert stack.price.yscale.y(p1) - stack.price.yscale.y(p0) == pytest.approx(30, abs=1)
    for want in (second, first):
        qtbot.keyClick(stack, Qt.Key.Key_Z, CTRL)
        assert drawn(panel) == [want]
    qtbot.keyClick(stack, Qt.Key.Key_Y, CTRL)
    qtbot.keyClick(stack, Qt.Key.Key_Z, CTRL | SHIFT)
    assert drawn(panel) == [third]
    qtbot.keyClick(stack, Qt.Key.Key_Delete)
    assert drawn(panel) == []
    qtbot.keyClick(stack, Qt.Key.Key_Z, CTRL)
    assert drawn(panel) == [third]
    qtbot.mouseClick(port, LEFT, pos=QPoint(60, 300))
    assert panel.layers.drawings.selected == 0


def test_ctrl_drag_leaves_the_first_and_makes_a_second(qtbot):
    panel, _rows = loaded(qtbot)
    panel.layers.kit.choose(dr.RECTANGLE)
    drag(qtbot, panel, SPOTS[0], SPOTS[1])
    edge = QPoint((SPOTS[0].x() + SPOTS[1].x()) // 2, SPOTS[0].y())
    drag(qtbot, panel, edge, edge + QPoint(35, 40), CTRL)
    first, second = drawn(panel)
    assert first.points != second.points
    assert first.kind == second.kind
    qtbot.keyClick(panel.stack, Qt.Key.Key_Z, CTRL)
    assert drawn(panel) == [first]


def test_escape_takes_a_drag_back_and_ends_a_tool(qtbot):
    panel, _rows = loaded(qtbot)
    port = panel.stack.price.viewport()
    panel.layers.kit.choose(dr.TREND)
    drag(qtbot, panel, SPOTS[0], SPOTS[1])
    before = drawn(panel)
    qtbot.mousePress(port, LEFT, pos=SPOTS[1])
    qtbot.mouseMove(port, SPOTS[2])
    qtbot.keyClick(panel.stack, Qt.Key.Key_Escape)
    qtbot.mouseRelease(port, LEFT, pos=SPOTS[2])
    assert drawn(panel) == before
    panel.layers.kit.choose(dr.CHANNEL)
    qtbot.mouseClick(port, LEFT, pos=SPOTS[0])
    qtbot.keyClick(panel.stack, Qt.Key.Key_Escape)
    assert drawn(panel) == before
    assert panel.layers.kit.tool == ""


def test_locked_drawings_stay(qtbot):
    panel, _rows = loaded(qtbot)
    panel.layers.kit.choose(dr.TREND)
    drag(qtbot, panel, SPOTS[0], SPOTS[1])
    before = drawn(panel)
    panel.layers.kit.set_flag("locked", True)
    drag(qtbot, panel, SPOTS[1], SPOTS[2])
    qtbot.keyClick(panel.stack, Qt.Key.Key_Delete)
    assert drawn(panel) == before


def test_the_magnet_draws_to_the_bar_s_prices_and_ctrl_turns_it_over(qtbot):
    panel, rows = loaded(qtbot)
    layer = panel.layers.drawings
    place = spot(panel, 560, float(rows["high"][560])) - QPoint(0, 9)
    at = QPointF(place)
    assert layer.point(at, magnet=True) == (int(rows["ts"][560]), float(rows["high"][560]))
    assert layer.point(at)[1] != float(rows["high"][560])
    panel.layers.kit.set_flag("magnet", True)
    panel.layers.kit.choose(dr.HORIZONTAL)
    qtbot.mouseClick(panel.stack.price.viewport(), LEFT, pos=place)
    assert drawn(panel)[0].points[0][1] == float(rows["high"][560])


def test_words_are_typed_in_place(qtbot):
    panel, _rows = loaded(qtbot)
    layer = panel.layers.drawings
    panel.layers.kit.choose(dr.TEXT)
    qtbot.mouseClick(panel.stack.price.viewport(), LEFT, pos=SPOTS[0])
    assert layer.words.isVisible()
    qtbot.keyClicks(layer.words, "Neckline 5")
    qtbot.keyClick(layer.words, Qt.Key.Key_Return)
    assert [d.text for d in drawn(panel)] == ["Neckline 5"]
    assert not layer.words.isVisible()
    panel.layers.kit.choose(dr.TEXT)
    qtbot.mouseClick(panel.stack.price.viewport(), LEFT, pos=SPOTS[1])
    qtbot.keyClick(layer.words, Qt.Key.Key_Escape)
    assert len(drawn(panel)) == 1  # one without words is none
    qtbot.mouseDClick(panel.stack.price.viewport(), LEFT, pos=SPOTS[0] + QPoint(10, -8))
    assert layer.words.isVisible()
    qtbot.keyClicks(layer.words, "new")
    qtbot.mouseClick(panel.stack.price.viewport(), LEFT, pos=QPoint(60, 300))
    assert [d.text for d in drawn(panel)] == ["new"]


def test_shift_drag_measures_bars_change_and_volume(qtbot):
    panel, rows = loaded(qtbot)
    a, b = spot(panel, 540, float(rows["low"][540])), spot(panel, 560, float(rows["high"][560]))
    drag(qtbot, panel, a, b, SHIFT)
    ruler = panel.layers.drawings.ruler
    found = measured(panel.stack, ruler.start, ruler.end)
    assert (found.bars, found.ms) == (20, 20 * 60_000)
    assert found.volume == pytest.approx(rows["volume"][540:561].sum())
    assert found.change == pytest.approx(rows["high"][560] - rows["low"][540], abs=0.2)
    assert "+20 bars, 20m 00s" in ruler.texts()
    qtbot.mouseClick(panel.stack.price.viewport(), LEFT, pos=QPoint(60, 300))
    assert ruler.start is None
    assert drawn(panel) == []


def test_drawings_hold_over_timeframes_scales_and_history(qtbot):
    panel, rows = loaded(qtbot)
    panel.layers.kit.choose(dr.TREND)
    drag(qtbot, panel, spot(panel, 540, float(rows["close"][540])), spot(panel, 575, float(rows["close"][575])))
    (made,) = drawn(panel)
    before = list(made.points)
    older = bars(300, START - 300 * 60_000, seed=2)
    panel.prepend(candles(older))
    assert panel.stack.bars.ts_at(round(shapes.index_of(panel.stack.bars, made.points[0][0]))) == before[0][0]
    panel.set_log(True)
    image(panel.stack.price)
    hit, _ = panel.layers.drawings.at(QPointF(spot(panel, 840, before[0][1])))
    assert hit is not None
    five = rows[::5].copy()
    panel.set_chart(candles(five, timeframe="5m"), instrument())
    assert drawn(panel) == [made]
    index = shapes.index_of(panel.stack.bars, before[0][0])
    assert 0 <= before[0][0] - panel.stack.bars.ts_at(int(index)) < 5 * 60_000


def test_moving_a_drawing_repaints_only_what_lies_over_the_picture(qtbot):
    panel, _rows = loaded(qtbot)
    port = panel.stack.price.viewport()
    panel.layers.kit.choose(dr.TREND)
    drag(qtbot, panel, SPOTS[0], SPOTS[1])
    QApplication.processEvents()
    refreshed: list[int] = []
    before = panel.stack.refresh
    panel.stack.refresh = lambda: (refreshed.append(1), before())
    qtbot.mousePress(port, LEFT, pos=SPOTS[1])
    for x in range(10, 100, 10):
        qtbot.mouseMove(port, SPOTS[1] + QPoint(x, 0))
    assert refreshed == []
    qtbot.mouseRelease(port, LEFT, pos=SPOTS[1] + QPoint(90, 0))


def test_the_menu_colours_widens_locks_and_removes(qtbot):
    panel, _rows = loaded(qtbot)
    layer, book = panel.layers.drawings, panel.layers.kit.book
    made = book.add(SYMBOL, dr.TREND, [(START, 1.0), (START + 60_000, 2.0)])

    def do(*titles: str) -> None:
        menu = drawing_menu(layer, book.get(SYMBOL, made.id))
        for title in titles[:-1]:
            menu = next(a.menu() for a in menu.actions() if a.text() == title)
        next(a for a in menu.actions() if a.text().startswith(titles[-1])).trigger()

    do("Colour", "Violet")
    do("Width", "3 px")
    do("Lock")
    assert (drawn(panel)[0].colour, drawn(panel)[0].width, drawn(panel)[0].locked) == ("ma3", 3, True)
    do("Lock")
    do("Copy")
    assert len(drawn(panel)) == 2
    do("Remove")
    assert len(drawn(panel)) == 1


def test_the_tool_bar_shows_what_is_in_hand(qtbot):
    panel, _rows = loaded(qtbot)
    kit = panel.layers.kit
    bar = DrawBar(kit, panel.theme, lambda: kit.book.remove_all(SYMBOL))
    qtbot.addWidget(bar)
    bar.show()
    for tool, _icon, _title, _key in TOOLS[1:]:
        qtbot.mouseClick(bar.tools[tool], LEFT)
        assert kit.tool == tool
        assert [t for t, b in bar.tools.items() if b.isChecked()] == [tool]
    qtbot.mouseClick(bar.tools[""], LEFT)
    assert kit.tool == ""
    qtbot.mouseClick(bar.flags["magnet"], LEFT)
    assert kit.magnet
    kit.book.add(SYMBOL, dr.HORIZONTAL, [(START, 1.0)])
    kit.book.add(SYMBOL, dr.HORIZONTAL, [(START, 2.0)])
    qtbot.mouseClick(bar.bin, LEFT)
    assert drawn(panel) == []
    kit.book.undo(SYMBOL)
    assert len(drawn(panel)) == 2


def test_a_small_cell_shows_the_price_alone_and_names_its_timeframe(qtbot):
    grid = ChartGrid(DARK, DrawKit(), lambda _number: ChartPanel(DARK))
    qtbot.addWidget(grid)
    grid.resize(1000, 620)
    grid.show()
    grid.arrange("1")
    panel = grid.panel
    rows = bars(300)
    panel.set_chart(candles(rows, timeframe="5m"), instrument())
    QApplication.processEvents()
    price, rsi = panel.stack.panes
    assert not rsi.isHidden()
    assert panel.strip.more.text() == "More ▾"
    grid.resize(300, 200)
    QApplication.processEvents()
    assert rsi.isHidden()
    assert panel.strip.more.text() == "5m ▾"
    assert [b.isHidden() for b in grid.bar.tools.values()].count(False) < len(TOOLS)
    grid.resize(1000, 620)
    QApplication.processEvents()
    assert not rsi.isHidden()
    assert not price.isHidden()
    assert not any(b.isHidden() for b in grid.bar.tools.values())
