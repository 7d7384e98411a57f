"""Mouse, keys and buttons of the chart."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from engine.contracts.signals import SignalBatch
from tests.gui.charting import OFFSCREEN, START, bars, candles, instrument, legend_text, loaded, signal_at, wheel

pytestmark = OFFSCREEN


def test_wheel_at_the_newest_bar_keeps_it_in_place(qtbot):
    panel, rows = loaded(qtbot)
    view, last = panel.stack.time, len(rows) - 1
    x, before = view.x(last), view.px_per_bar
    wheel(panel.stack.price.viewport(), 200, 200, 120)
    assert view.px_per_bar > before
    assert view.x(last) == pytest.approx(x)


def test_ctrl_wheel_zooms_at_the_cursor(qtbot):
    panel, _rows = loaded(qtbot)
    view = panel.stack.time
    index = view.index_at(300)
    wheel(panel.stack.price.viewport(), 300, 200, 240, Qt.KeyboardModifier.ControlModifier)
    assert view.index_at(300) == pytest.approx(index)


def test_wheel_away_from_the_newest_bar_zooms_at_the_cursor(qtbot):
    panel, _rows = loaded(qtbot)
    view = panel.stack.time
    panel.stack.pan_by(-200)
    index = view.index_at(300)
    wheel(panel.stack.price.viewport(), 300, 200, -120)
    assert view.index_at(300) == pytest.approx(index)


def test_drag_pans_by_the_pixels_moved(qtbot):
    panel, _rows = loaded(qtbot)
    view, port = panel.stack.time, panel.stack.price.viewport()
    before = view.right
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(400, 200))
    qtbot.mouseMove(port, QPoint(500, 200))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(500, 200))
    assert view.right == pytest.approx(before - 100 / view.px_per_bar)
    assert not panel.back.isHidden()
    qtbot.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    assert view.right == pytest.approx(before)
    assert panel.back.isHidden()


def test_drag_on_the_price_axis_scales_and_double_click_fits_again(qtbot):
    panel, _rows = loaded(qtbot)
    price = panel.stack.price
    port, x = price.viewport(), price.plot_width + 20
    low, high = price.yscale.lo, price.yscale.hi
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(x, 100))
    qtbot.mouseMove(port, QPoint(x, 180))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(x, 180))
    assert price.yscale.hi - price.yscale.lo > 1.3 * (high - low)
    assert not price.auto
    assert not panel.strip.auto.isChecked()
    qtbot.mouseDClick(port, Qt.MouseButton.LeftButton, pos=QPoint(x, 100))
    assert (price.yscale.lo, price.yscale.hi) == pytest.approx((low, high))
    assert panel.strip.auto.isChecked()


def test_drag_on_the_time_axis_zooms(qtbot):
    panel, _rows = loaded(qtbot)
    axis, before = panel.stack.time_axis, panel.stack.time.px_per_bar
    qtbot.mousePress(axis, Qt.MouseButton.LeftButton, pos=QPoint(400, 10))
    qtbot.mouseMove(axis, QPoint(300, 10))
    qtbot.mouseRelease(axis, Qt.MouseButton.LeftButton, pos=QPoint(300, 10))
    assert panel.stack.time.px_per_bar == pytest.approx(before * np.exp(0.6))


def test_keys_move_and_zoom(qtbot):
    panel, rows = loaded(qtbot)
    stack, view = panel.stack, panel.stack.time
    at = view.right
    qtbot.keyClick(stack, Qt.Key.Key_Left)
    assert view.right == pytest.approx(at - 1)
    qtbot.keyClick(stack, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert view.right == pytest.approx(at - 1 - view.visible_bars / 2)
    qtbot.keyClick(stack, Qt.Key.Key_End)
    assert view.right == pytest.approx(at)
    before = view.px_per_bar
    qtbot.keyClick(stack, Qt.Key.Key_Plus)
    assert view.px_per_bar == pytest.approx(before * 1.25)
    qtbot.keyClick(stack, Qt.Key.Key_Minus)
    assert view.px_per_bar == pytest.approx(before)
    qtbot.keyClick(stack, Qt.Key.Key_Home)
    assert view.left == pytest.approx(-1)
    assert not view.at_latest(len(rows))
    stack.price.auto = False
    qtbot.keyClick(stack, Qt.Key.Key_Escape)
    assert stack.price.auto


def test_letters_ask_for_a_symbol(qtbot):
    panel, _rows = loaded(qtbot)
    with qtbot.waitSignal(panel.symbolRequested) as asked:
        qtbot.keyClicks(panel.stack, "e")
    assert asked.args == ["e"]


def test_timeframe_button_asks_and_marks_only_what_is_shown(qtbot):
    panel, _rows = loaded(qtbot)
    with qtbot.waitSignal(panel.timeframeChosen) as chosen:
        qtbot.mouseClick(panel.strip.timeframes["5m"], Qt.MouseButton.LeftButton)
    assert chosen.args == ["5m"]
    assert panel.strip.timeframes["1m"].isChecked()
    assert not panel.strip.timeframes["5m"].isChecked()
    panel.set_chart(candles(bars(50), timeframe="4h"), instrument())
    assert panel.strip.more.text().startswith("4h")


def test_older_bars_are_asked_for_once_until_answered(qtbot):
    panel, rows = loaded(qtbot, 400, more=True)
    asked: list[int] = []
    panel.needOlder.connect(asked.append)
    panel.stack.pan_by(-150)
    panel.stack.pan_by(-150)
    assert asked == [START]
    view = panel.stack.time
    x = view.x(200)
    older = bars(300, START - 300 * 60_000, seed=2)
    panel.prepend(candles(older, more=True, sma20=older["close"] + 1))
    assert panel.stack.count() == 700
    assert view.x(500) == pytest.approx(x)
    assert panel.stack.series["SMA 20"].at(10) == older["close"][10] + 1
    assert np.isnan(panel.stack.series["SMA 50"].at(10))
    assert panel.stack.series["SMA 50"].at(300) == rows["close"][0] - 1
    qtbot.keyClick(panel.stack, Qt.Key.Key_Home)
    assert asked == [START, START - 300 * 60_000]
    panel.prepend(candles(older[:0]))
    panel.stack.pan_by(-1)
    assert len(asked) == 2


def test_crosshair_legend_speaks_of_the_bar_under_it(qtbot):
    panel, rows = loaded(qtbot)
    stack, index = panel.stack, 560
    qtbot.mouseMove(stack.price.viewport(), QPoint(round(stack.time.x(index)), 150))
    assert stack.hovered() == index
    bar, text = rows[index], legend_text(panel)
    for letter, name in zip("OHLC", ("open", "high", "low", "close"), strict=True):
        assert f"{letter} {bar[name]:.2f}" in text
    change = bar["close"] - rows["close"][index - 1]
    assert f"{change:+.2f} ({change / rows['close'][index - 1] * 100:+.2f} %)" in text
    assert f"SMA 20 {bar['close'] + 1:.2f}" in text
    assert stack.time_axis.tag[1] == "Sun 31 Dec 2023  09:20"
    stack.clear_cursor()
    assert f"C {rows['close'][-1]:.2f}" in legend_text(panel)


def test_double_click_shows_one_pane_alone_and_all_again(qtbot):
    panel, _rows = loaded(qtbot)
    price, rsi = panel.stack.panes
    qtbot.mouseDClick(price.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert rsi.isHidden()
    qtbot.mouseDClick(price.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert not rsi.isHidden()


def test_focus_time_centres_the_bar(qtbot):
    panel, rows = loaded(qtbot)
    panel.focus_time(int(rows["ts"][300]) + 30_000)
    view = panel.stack.time
    assert view.x(300) == pytest.approx(view.width / 2)
    assert panel.stack.hovered() == 300


def test_log_scale_by_button_and_key(qtbot):
    panel, rows = loaded(qtbot)
    qtbot.mouseClick(panel.strip.log, Qt.MouseButton.LeftButton)
    scale = panel.stack.price.yscale
    assert scale.log
    assert scale.value_at(scale.y(rows["close"][-1])) == pytest.approx(rows["close"][-1])
    qtbot.keyClick(panel.stack, Qt.Key.Key_L, Qt.KeyboardModifier.AltModifier)
    assert not scale.log


def test_screenshot_lands_on_the_clipboard(qtbot):
    panel, _rows = loaded(qtbot)
    with qtbot.waitSignal(panel.shotTaken):
        qtbot.mouseClick(panel.strip.shot, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().pixmap().size() == panel.stack.size()


@pytest.mark.parametrize("typed,want", [("5", "5m"), ("60", "1h"), ("4h", "4h"), ("1D", "1d")])
def test_digits_choose_a_timeframe(qtbot, typed, want):
    panel, _rows = loaded(qtbot)
    with qtbot.waitSignal(panel.timeframeChosen) as chosen:
        qtbot.keyClicks(panel.stack, typed[0])
        qtbot.keyClicks(panel.interval, typed[1:])
        qtbot.keyClick(panel.interval, Qt.Key.Key_Return)
    assert chosen.args == [want]
    assert panel.interval.isHidden()


def test_a_timeframe_that_is_none_stays_open(qtbot):
    panel, _rows = loaded(qtbot)
    asked: list[str] = []
    panel.timeframeChosen.connect(asked.append)
    qtbot.keyClicks(panel.stack, "7")
    qtbot.keyClick(panel.interval, Qt.Key.Key_Return)
    assert panel.interval.isVisible()
    assert panel.interval.placeholderText() == "not a timeframe"
    qtbot.keyClick(panel.interval, Qt.Key.Key_Escape)
    assert panel.interval.isHidden()
    assert asked == []


def test_brackets_step_through_the_signals(qtbot):
    panel, rows = loaded(qtbot)
    panel.set_signals(SignalBatch.of([signal_at(int(rows["ts"][i])) for i in (100, 300, 500)]))
    for key, index in (("[", 500), ("[", 300), ("[", 100), ("[", 100), ("]", 300)):
        qtbot.keyClicks(panel.stack, key)
        assert panel.stack.hovered() == index


def test_a_hidden_chart_keeps_no_pictures_and_paints_them_again_when_shown(qtbot):
    panel, _rows = loaded(qtbot)
    price = panel.stack.price
    panel.grab()
    before = price._picture.toImage()
    panel.hide()
    assert all(pane._picture is None for pane in panel.stack.panes)
    panel.show()
    panel.grab()
    assert price._picture.toImage() == before
