"""Styles, scales, legends, panes, menus, dialogs and what is kept of a chart."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.signals import SignalBatch
from engine.indicators.catalogue import INDICATORS
from engine.rules.describe import indicator_info
from tests.gui.charting import OFFSCREEN, START, bars, candles, image, instrument, loaded, shown, signal_at, wheel
from widgets.chart import indicators as ind
from widgets.chart import menu, panes
from widgets.chart.commands import COMMANDS
from widgets.chart.dialog import IndicatorDialog
from widgets.chart.editor import IndicatorSettings
from widgets.chart.styles import STYLES
from widgets.theme import DARK

pytestmark = OFFSCREEN
LEFT = Qt.MouseButton.LeftButton
INFOS = [indicator_info(spec) for spec in INDICATORS.values()]


def colours(panel, index: int) -> set[str]:
    """What is painted in the price pane over one bar."""
    picture = image(panel.stack.price.viewport())
    x = round(panel.stack.time.x(index))
    return {picture.pixelColor(x + dx, y).name() for dx in (-2, 0, 2) for y in range(40, picture.height())}


# styles and scales ----------------------------------------------------------------------------------------------------


def test_each_style_is_painted_near_and_far(qtbot):
    panel, rows = loaded(qtbot, 3000)
    titles = ("Candles", "Hollow candles", "Bars (OHLC)", "Line", "Area", "Heikin-Ashi")
    for style, title in zip(STYLES, titles, strict=True):
        panel.set_style(style)
        assert panel.strip.style_button.text() == title
        for px in (12.0, 1.3, 0.05):
            panel.stack.time.px_per_bar = px
            panel.stack.go_to_latest()
            found = colours(panel, len(rows) - 3)
            assert found & ({DARK.text} if style in ("line", "area") else {DARK.up, DARK.down}) or px < 1


def test_hollow_candles_leave_the_middle_of_rising_ones_empty(qtbot):
    panel, rows = loaded(qtbot)
    panel.stack.time.px_per_bar = 20
    panel.stack.go_to_latest()
    big = max(range(570, 600), key=lambda i: rows["close"][i] - rows["open"][i])
    x = round(panel.stack.time.x(big))
    middle = round(panel.stack.price.yscale.y((rows["close"][big] + rows["open"][big]) / 2))
    assert image(panel.stack.price.viewport()).pixelColor(x + 2, middle).name() == DARK.up
    panel.set_style("hollow")
    assert image(panel.stack.price.viewport()).pixelColor(x + 2, middle).name() == DARK.pane


def test_an_inverted_scale_turns_candles_and_drags_round(qtbot):
    panel, rows = loaded(qtbot)
    price, scale = panel.stack.price, panel.stack.price.yscale
    qtbot.keyClick(panel.stack, Qt.Key.Key_I, Qt.KeyboardModifier.AltModifier)
    assert scale.inverted
    assert scale.y(rows["high"][-5]) > scale.y(rows["low"][-5])
    assert colours(panel, 598) & {DARK.up, DARK.down}
    price.auto = False
    value = scale.value_at(200)
    port = price.viewport()
    qtbot.mousePress(port, LEFT, pos=QPoint(400, 200))
    qtbot.mouseMove(port, QPoint(400, 230))
    qtbot.mouseRelease(port, LEFT, pos=QPoint(400, 230))
    assert scale.y(value) == pytest.approx(230, abs=1)


def test_percent_counts_from_the_first_bar_in_view(qtbot):
    panel, rows = loaded(qtbot)
    qtbot.keyClick(panel.stack, Qt.Key.Key_P, Qt.KeyboardModifier.AltModifier)
    stack = panel.stack
    first = round(stack.time.left + 0.001) if stack.time.left > 0 else 0
    base = stack.price.yscale.base
    assert base in rows["close"][max(0, first - 1) : first + 2]
    last = (rows["close"][-1] / base - 1) * 100
    assert stack.axis_texts()[0] == f"{last:+.2f} %"
    stack.pan_by(-100)
    assert stack.price.yscale.base != base
    panel.toggle_mode("indexed")
    assert not panel.strip.percent.isChecked()
    assert stack.tag_text(stack.price, stack.price.yscale.base) == "100.00"


def test_overlays_count_for_the_scale_unless_told_otherwise(qtbot):
    panel, rows = shown(qtbot), bars(300)
    panel.set_chart(candles(rows, sma20=rows["close"] * 3), instrument())
    panel.stack.refresh()
    scale = panel.stack.price.yscale
    assert scale.ends()[1] > rows["close"][-1] * 2.5
    panel.toggle("fit_overlays")
    assert scale.ends()[1] < rows["close"][-1] * 2


def test_a_vertical_drag_moves_prices_only_without_the_automatic_scale(qtbot):
    panel, _rows = loaded(qtbot)
    price, port = panel.stack.price, panel.stack.price.viewport()
    for auto in (True, False):
        price.auto = auto
        panel.stack.refresh()
        before, value = (price.yscale.lo, price.yscale.hi), price.yscale.value_at(200)
        qtbot.mousePress(port, LEFT, pos=QPoint(400, 200))
        qtbot.mouseMove(port, QPoint(400, 240))
        qtbot.mouseRelease(port, LEFT, pos=QPoint(400, 240))
        if auto:
            assert (price.yscale.lo, price.yscale.hi) == before
        else:
            assert price.yscale.y(value) == pytest.approx(240, abs=1)


def test_the_magnet_takes_the_nearest_price_and_ctrl_turns_it_round(qtbot):
    panel, rows = loaded(qtbot)
    stack, port = panel.stack, panel.stack.price.viewport()
    x, y = round(stack.time.x(580)), round(stack.price.yscale.y(rows["high"][580])) - 7
    for magnet, ctrl, taken in ((False, False, False), (True, False, True), (True, True, False), (False, True, True)):
        panel.change(magnet=magnet)
        keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        y_now = stack.snap(stack.price, x, y, mouse(port, x, y, keys))
        assert (y_now == pytest.approx(stack.price.yscale.y(rows["high"][580]))) == taken


def mouse(widget, x, y, modifiers):
    from PySide6.QtGui import QMouseEvent

    at = QPointF(x, y)
    kind = QEvent.Type.MouseMove
    return QMouseEvent(kind, at, widget.mapToGlobal(at), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, modifiers)


def test_touch_pad_pans_by_its_pixels(qtbot):
    panel, _rows = loaded(qtbot)
    port, view = panel.stack.price.viewport(), panel.stack.time
    panel.stack.pan_by(-200)
    before, at = view.right, QPointF(300, 200)
    event = QWheelEvent(
        at,
        port.mapToGlobal(at),
        QPoint(35, 2),
        QPoint(280, 10),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.ScrollUpdate,
        False,
    )
    QApplication.sendEvent(port, event)
    assert view.right == pytest.approx(before - 35 / view.px_per_bar)


def test_a_flick_glides_on_and_a_press_stops_it(qtbot):
    panel, _rows = loaded(qtbot, 3000)
    stack, view = panel.stack, panel.stack.time
    stack.pan_by(-1500)
    for k in range(6):
        stack._flick.moved(k * 10, k * 15.0)
    assert stack._flick.released(52)
    stack._glide.start()
    before = view.right
    qtbot.waitUntil(lambda: view.right < before - 5)
    qtbot.mousePress(stack.price.viewport(), LEFT, pos=QPoint(300, 200))
    at = view.right
    assert stack._flick.speed == 0
    qtbot.wait(50)
    assert view.right == at


# volume and panes -----------------------------------------------------------------------------------------------------


def test_volume_moves_to_its_own_pane_and_back_with_its_mean(qtbot):
    panel, rows = loaded(qtbot)
    asked = []
    panel.indicatorsChanged.connect(asked.append)
    panel.change(volume="pane", volume_mean=20)
    assert asked[-1][-1].expression == "SMA(20, volume)"
    assert panel.stack.volume_pane is panel.stack.panes[1]
    image(panel)
    pane = panel.stack.volume_pane
    assert pane.yscale.hi > rows["volume"][-100:].max()
    panel.change(volume="off")
    assert panel.stack.volume_pane is None
    assert [r.name for r in asked[-1]] == ["SMA 20", "SMA 50", "RSI 14"]
    panel.change(volume="overlay")
    assert panel.stack.volume.scene() is panel.stack.price.scene()
    assert len(panel.stack.panes) == 2


def test_panes_change_places_fold_and_come_back(qtbot):
    panel, _rows = loaded(qtbot)
    panel.toggle_indicator(ind.MACD)
    stack = panel.stack
    price, rsi, macd = stack.panes
    assert panes.move(stack, macd, -1)
    assert stack.panes == [price, macd, rsi]
    assert stack.splitter.widget(1) is macd
    assert not panes.move(stack, price, -1)
    panes.fold(stack, rsi, True)
    QApplication.processEvents()
    assert rsi.height() == panes.FOLDED_PX
    panes.fold(stack, rsi, False)
    QApplication.processEvents()
    assert rsi.height() > 50
    for pane in (macd, rsi):
        panes.fold(stack, pane, True)
    panes.fold(stack, price, True)
    assert not panes.folded(price), "one pane stays open"


def test_the_buttons_of_a_pane_act(qtbot):
    panel, _rows = loaded(qtbot)
    stack = panel.stack
    price, rsi = stack.panes
    stack.set_cursor(rsi, rsi.plot_width - 30, 10)
    image(panel)
    where = {a: r.center().toPoint() for r, a in stack.buttons[rsi]._places}
    assert set(where) == {"up", "fold", "alone"}
    qtbot.mouseClick(rsi.viewport(), LEFT, pos=where["up"])
    assert stack.panes == [rsi, price]
    stack.set_cursor(rsi, rsi.plot_width - 30, 10)
    image(panel)
    where = {a: r.center().toPoint() for r, a in stack.buttons[rsi]._places}
    qtbot.mouseClick(rsi.viewport(), LEFT, pos=where["alone"])
    assert price.isHidden()


# legends and indicators -----------------------------------------------------------------------------------------------


def legend_buttons(panel, pane, title):
    """Where the legend's buttons of an indicator are, with the mouse on it."""
    image(panel)
    legend = panel.stack.legends[pane]
    box = next(b for b in legend._boxes if b.group.key == title)
    centre = box.rect.center()
    panel.stack.set_cursor(pane, centre.x(), centre.y())
    image(panel)
    box = next(b for b in legend._boxes if b.group.key == title)
    return {action: rect.center().toPoint() for rect, action in box.buttons}, centre.toPoint()


def test_legend_buttons_hide_and_remove(qtbot):
    panel, _rows = loaded(qtbot)
    price = panel.stack.price
    where, _centre = legend_buttons(panel, price, "SMA 50")
    asked = []
    panel.indicatorsChanged.connect(asked.append)
    qtbot.mouseClick(price.viewport(), LEFT, pos=where["hide"])
    assert [i.hidden for i in panel.stack.indicators] == [False, True, False]
    assert asked == [], "hiding needs no other values"
    assert DARK.ma2 not in colours(panel, 590)
    where, _centre = legend_buttons(panel, price, "SMA 50")
    qtbot.mouseClick(price.viewport(), LEFT, pos=where["remove"])
    assert [i.title for i in panel.stack.indicators] == ["SMA 20", "RSI 14"]
    assert len(asked) == 1


def test_a_double_click_on_a_legend_or_a_line_opens_its_settings(qtbot, monkeypatch):
    panel, rows = loaded(qtbot)
    opened = []
    monkeypatch.setattr(panel, "open_settings", opened.append)
    _where, centre = legend_buttons(panel, panel.stack.price, "SMA 20")
    qtbot.mouseDClick(panel.stack.price.viewport(), LEFT, pos=centre)
    stack = panel.stack
    x, y = round(stack.time.x(560)), round(stack.price.yscale.y(rows["close"][560] - 1))
    qtbot.mouseDClick(stack.price.viewport(), LEFT, pos=QPoint(x, y))
    assert opened == ["SMA 20", "SMA 50"]
    assert not stack.panes[1].isHidden(), "no pane was maximised"


def test_indicators_move_between_panes(qtbot):
    panel, _rows = loaded(qtbot)
    stack = panel.stack
    panel.toggle_indicator(ind.MACD)
    panel.place_indicator("RSI 14", "MACD 12 26 9")
    assert len(stack.panes) == 2
    rsi, macd = (next(i for i in stack.indicators if i.title == t) for t in ("RSI 14", "MACD 12 26 9"))
    assert stack.pane_of(rsi) is stack.pane_of(macd)
    image(panel)
    panel.place_indicator("RSI 14", "")
    assert len(stack.panes) == 3
    panel.place_indicator("RSI 14", "price")
    assert stack.pane_of(next(i for i in stack.indicators if i.title == "RSI 14")) is stack.price
    panel.place_indicator("RSI 14", "MACD 12 26 9")
    panel.remove_indicator("MACD 12 26 9")
    image(panel)
    assert len(stack.panes) == 2, "what it shared a pane with stays"


def test_the_dialog_finds_and_adds(qtbot):
    panel, _rows = loaded(qtbot)
    panel.set_catalogue(INFOS)
    dialog = IndicatorDialog(panel)
    dialog.show()
    qtbot.keyClicks(dialog.search, "bollinger band")
    assert dialog.info().name == "BBANDS"
    assert "SMA(n)" in dialog.formula.text() or dialog.formula.text()
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert panel.stack.indicators[-1].title == "BBANDS 20 2"
    dialog.add()
    assert len(panel.stack.indicators) == 4, "nothing is added twice"
    dialog.template.setEditText("mine")
    qtbot.mouseClick(dialog.save_button, LEFT)
    panel.set_indicators([])
    qtbot.mouseClick(dialog.load_button, LEFT)
    assert [i.title for i in panel.stack.indicators] == ["SMA 20", "SMA 50", "RSI 14", "BBANDS 20 2"]
    qtbot.mouseClick(dialog.drop_button, LEFT)
    assert "mine" not in panel.templates.names()
    dialog.search.setText("nothing is called this")
    assert dialog.info() is None
    assert not dialog.add_button.isEnabled()
    dialog.close()


def test_settings_act_at_once_say_what_is_wrong_and_can_be_taken_back(qtbot):
    panel, _rows = loaded(qtbot)
    panel.set_catalogue(INFOS)
    dialog = IndicatorSettings(panel, panel.stack.indicators[0])
    dialog.show()
    dialog.fields["n"].setText("9999")
    dialog.apply()
    assert "whole number from 1 to 5000" in dialog.note.text()
    assert panel.stack.indicators[0].title == "SMA 20", "the last good parameters stay"
    dialog.fields["n"].setText("34")
    dialog.source.setCurrentText("high")
    dialog.width_box.setCurrentIndex(2)
    dialog._set_colour(0, dialog.colours[0], "warn")
    now = panel.stack.indicators[0]
    assert (now.title, now.width, now.colours) == ("SMA 34 of high", 2.0, ("warn",))
    assert now.requests()[0].expression == "SMA(34, high)"
    assert panel.stack.colour_of("SMA 34 of high") == DARK.warn
    dialog.fields["n"].setText("50")
    dialog.source.setCurrentText("close")
    assert "on this chart already" in dialog.note.text()
    dialog.reject()
    assert panel.stack.indicators[0] == ind.SMA20


# menus, keys, kept ----------------------------------------------------------------------------------------------------


def texts(made) -> list[str]:
    return [a.text().partition("\t")[0] for a in made.actions() if a.text()]


def test_menus_offer_and_act(qtbot):
    panel, rows = loaded(qtbot)
    stack = panel.stack
    stack.set_cursor(stack.price, stack.time.x(580), 150)
    made = menu.pane_menu(panel, stack.price, 150)
    assert {"Why here?", "Back-test from here", "Style", "Price scale", "Time", "Indicators…"} <= set(texts(made))
    said = {}
    panel.whyRequested.connect(lambda ms: said.update(why=ms))
    panel.backtestRequested.connect(lambda ms: said.update(test=ms))
    panel.alertRequested.connect(lambda price: said.update(alert=price))
    for action in made.actions():
        if action.text() in ("Why here?", "Back-test from here") or action.text().startswith("Alert at"):
            action.trigger()
    at = int(rows["ts"][580])
    assert said["why"] == said["test"] == at
    assert said["alert"] == pytest.approx(stack.price.yscale.value_at(150), abs=0.006)
    made.close()
    for pane in (None, *stack.panes):
        assert menu.axis_menu(panel, pane).actions()
    made = menu.indicator_menu(panel, stack.indicators[2])
    next(a for a in made.actions() if a.text() == "Remove").trigger()
    assert len(stack.panes) == 1


def test_every_command_runs_with_and_without_bars(qtbot):
    empty, (panel, _rows) = shown(qtbot), loaded(qtbot)
    for command in COMMANDS:
        if command.id != "indicators":
            empty.run(command.id)
            panel.run(command.id)
            image(panel)


def test_keys_step_through_symbols_and_dates(qtbot):
    panel, _rows = loaded(qtbot)
    steps, places = [], []
    panel.stepRequested.connect(steps.append)
    panel.goToRequested.connect(places.append)
    qtbot.keyClick(panel.stack, Qt.Key.Key_Space)
    qtbot.keyClick(panel.stack, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert steps == [1, -1]
    qtbot.keyClick(panel.stack, Qt.Key.Key_G, Qt.KeyboardModifier.AltModifier)
    assert panel.go_to.isVisible()
    qtbot.keyClicks(panel.go_to.edit, "nonsense")
    assert "not understood" in panel.go_to.note.text()
    qtbot.keyClick(panel.go_to.edit, Qt.Key.Key_Return)
    assert panel.go_to.isVisible()
    panel.go_to.edit.setText("2023-12-31 04:30")
    qtbot.keyClick(panel.go_to.edit, Qt.Key.Key_Return)
    assert places == [START + 270 * 60_000]
    assert panel.go_to.isHidden()
    qtbot.keyClick(panel.stack, Qt.Key.Key_G, Qt.KeyboardModifier.AltModifier)
    QApplication.sendEvent(panel.go_to, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier(0)))
    assert panel.go_to.isHidden()


def test_all_is_kept_as_json_and_comes_back(qtbot):
    panel, rows = loaded(qtbot)
    panel.set_indicators([*ind.DEFAULTS, replace(ind.MACD, colours=("warn", "#123456"), width=2.0)])
    panel.change(style="hollow", mode="log", inverted=True, volume="pane", zone="UTC", magnet=True, sessions="on")
    panes.move(panel.stack, panel.stack.panes[2], 1)
    panes.fold(panel.stack, panel.stack.panes[2], True)
    QApplication.processEvents()
    kept = json.loads(json.dumps(panel.keep()))
    other = shown(qtbot)
    other.restore(kept)
    other.set_chart(candles(rows), instrument())
    QApplication.processEvents()
    assert other.options == panel.options
    assert other.stack.indicators == panel.stack.indicators
    names = [other.stack.pane_names()[p] for p in other.stack.panes]
    assert names == [panel.stack.pane_names()[p] for p in panel.stack.panes]
    assert panes.folded(other.stack.panes[2])
    assert np.allclose(other.stack.splitter.sizes(), panel.stack.splitter.sizes(), atol=3)
    assert other.strip.log.isChecked()
    assert other.keep() == kept


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"options": 3, "indicators": "x", "heights": []},
        {"indicators": [{}, None, 4]},
        {"heights": {"price": "tall", "RSI 14": 10**9}, "templates": {"a": 1}},
    ],
)
def test_what_is_wrong_in_what_was_kept_does_no_harm(qtbot, kept):
    panel, _rows = loaded(qtbot)
    panel.restore(kept)
    image(panel)


def test_bid_and_ask_are_tags_until_another_symbol_comes(qtbot):
    panel, rows = loaded(qtbot)
    panel.set_quote(99.5, 100.5)
    panel._repaint.flush()
    assert {"99.50", "100.50"} <= set(panel.stack.axis_texts())
    other = candles(rows)
    panel.set_chart(type(other)(symbol="binance-spot:ETHUSDT", timeframe="1m", bars=other.bars, series={}), None)
    assert "99.50" not in panel.stack.axis_texts()


def test_wheel_on_the_time_axis_zooms_and_double_click_fits(qtbot):
    panel, _rows = loaded(qtbot)
    axis, view = panel.stack.time_axis, panel.stack.time
    wheel(panel.stack, 300, axis.y() + 10, 240)
    assert view.px_per_bar > 7
    panel.stack.pan_by(-100)
    qtbot.mouseDClick(axis, LEFT, pos=QPoint(300, 10))
    assert view.px_per_bar == 7.0
    assert view.at_latest(panel.stack.count())


def test_brackets_step_through_trades_and_signals_by_time(qtbot):
    panel, rows = loaded(qtbot)
    trades = np.zeros(2, TRADE_DTYPE)
    trades["entry_ts"], trades["exit_ts"] = rows["ts"][[400, 200]] + 5, rows["ts"][[410, 230]]
    trades["entry_price"] = trades["exit_price"] = 100.0
    trades["side"] = 1
    panel.set_trades(trades)
    panel.set_signals(SignalBatch.of([signal_at(int(rows["ts"][300]))]))
    clicked = []
    panel.tradeClicked.connect(clicked.append)
    for key, index in (("[", 400), ("[", 300), ("[", 200), ("[", 200), ("]", 300), ("]", 400)):
        qtbot.keyClicks(panel.stack, key)
        assert panel.stack.hovered() == index
    assert clicked == [0, 1, 0]
