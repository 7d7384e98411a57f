"""What lies on the candles: trades, bands, levels and hits, and clicks on bars and trades."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from engine.contracts.dtypes import TRADE_DTYPE
from tests.gui.charting import MINUTE, OFFSCREEN, START, bars, candles, image, instrument, loaded
from widgets.chart.bands import Band, lanes
from widgets.chart.levels import Level
from widgets.chart.trades import MOST_LINES

pytestmark = OFFSCREEN


def trades_on(rows: np.ndarray, starts: list[int], held: int = 10) -> np.ndarray:
    made = np.zeros(len(starts), TRADE_DTYPE)
    a = np.array(starts)
    made["entry_ts"], made["exit_ts"] = rows["ts"][a], rows["ts"][a + held]
    made["entry_price"], made["exit_price"] = rows["close"][a], rows["close"][a + held]
    made["side"] = np.where(np.arange(len(a)) % 2, -1, 1)
    made["pnl"] = (made["exit_price"] - made["entry_price"]) * made["side"]
    return made


def click(qtbot, panel, x: float, y: float) -> None:
    qtbot.mouseClick(panel.stack.price.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))


def test_a_click_on_a_bar_tells_its_time_and_a_drag_does_not(qtbot):
    panel, rows = loaded(qtbot)
    told: list[int] = []
    panel.barClicked.connect(told.append)
    port = panel.stack.price.viewport()
    click(qtbot, panel, panel.stack.time.x(550), 200)
    assert told == [int(rows["ts"][550])]
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(port, QPoint(360, 200))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(360, 200))
    click(qtbot, panel, panel.stack.price.plot_width + 10, 200)  # the axis
    click(qtbot, panel, panel.stack.time.x(len(rows) + 2), 200)  # the future
    assert len(told) == 1


def test_a_click_on_a_trade_tells_its_place_in_what_was_given(qtbot):
    panel, rows = loaded(qtbot)
    given = trades_on(rows, [560, 520, 580, 540])
    panel.set_trades(given)
    told: list[int] = []
    panel.tradeClicked.connect(told.append)
    image(panel)
    scale, view = panel.stack.price.yscale, panel.stack.time
    for place, t in enumerate(given):
        i, j = panel.stack.bars.bar_at(int(t["entry_ts"])), panel.stack.bars.bar_at(int(t["exit_ts"]))
        click(qtbot, panel, view.x((i + j) / 2), scale.y((t["entry_price"] + t["exit_price"]) / 2))
        assert told[-1:] == [place]
        assert panel.stack.trades.selected == place


def test_a_selected_trade_is_in_the_middle_and_seen_whole(qtbot):
    panel, rows = loaded(qtbot)
    given = trades_on(rows, [400, 100, 250], held=20)
    given["exit_ts"][2] = rows["ts"][598]
    panel.set_trades(given)
    view = panel.stack.time
    panel.select_trade(1)
    assert view.x(110) == pytest.approx(view.width / 2)
    plain = image(panel.stack.price)
    panel.select_trade(-1)
    assert image(panel.stack.price) != plain
    panel.select_trade(2)
    assert view.x(250) > 0
    assert view.x(598) < view.width
    panel.select_trade(99)
    assert panel.stack.trades.row(99) is None


def test_thousands_of_trades_are_lines_only_where_they_are_apart(qtbot):
    panel, _rows = loaded(qtbot)
    n = 120_000
    many = bars(n, spread=0.0004)
    panel.set_chart(candles(many, timeframe="1m"), instrument())
    given = trades_on(many, list(range(0, n - 20, 12)))
    panel.set_trades(given)
    item, view = panel.stack.trades, panel.stack.time
    places = item._in_view(panel.stack.bars)
    assert item._split(places, *item._ends_x(panel.stack.bars, places)).all()  # zoomed in: lines
    assert len(places) < 40
    view.px_per_bar = view.width / n
    view.right = float(n)
    panel.stack.changed()
    places = item._in_view(panel.stack.bars)
    lines = item._split(places, *item._ends_x(panel.stack.bars, places))
    assert len(places) == len(given)
    assert not lines.any()
    assert item.at(400, 200) == -1
    shot = image(panel.stack.price)
    foot = range(shot.height() - 30, shot.height() - 13)
    strip = {shot.pixelColor(x, y).name() for x in range(0, view.width, 3) for y in foot}
    assert {c.name() for c in item._strips} <= strip
    # a few long ones among them are still lines
    given["exit_ts"][:50] = given["entry_ts"][:50] + 3_000 * MINUTE
    panel.set_trades(given)
    places = item._in_view(panel.stack.bars)
    assert np.flatnonzero(item._split(places, *item._ends_x(panel.stack.bars, places))).tolist() == list(range(50))
    assert len(places) > MOST_LINES


def test_bands_shade_their_bars_only_and_lie_in_free_rows():
    one = [Band(0, 10, "train"), Band(5, 15, "train"), Band(10, 20, "good"), Band(11, 12, "bad"), Band(11, 12, "bad")]
    assert lanes(one) == [0, 1, 0, 2, 2]


def test_bands_are_behind_the_candles_and_end_where_they_end(qtbot):
    panel, rows = loaded(qtbot)
    plain = image(panel.stack.price)
    a, b = 540, 560
    panel.set_bands([Band(int(rows["ts"][a]), int(rows["ts"][b]), "good", "Test 3")])
    shot, view = image(panel.stack.price), panel.stack.time
    shade = panel.layers.bands._shades["good"].name()
    y = 131
    inside = [shot.pixelColor(round(view.x(i) + 3), y).name() for i in range(a, b - 1)]
    assert inside.count(shade) > len(inside) // 2
    for x in (view.x(a) - 8, view.x(b) + 8):
        assert shot.pixelColor(round(x), y) == plain.pixelColor(round(x), y)
    panel.set_bands([])
    assert image(panel.stack.price) == plain
    panel.set_bands([Band(START - 10**12, START + 10**12, k, k) for k in ("mark", "train", "bad")])
    assert QColor(image(panel.stack.price).pixelColor(12, y)) == panel.layers.bands._shades["mark"]


def test_a_level_is_dragged_in_ticks_told_while_and_at_the_end(qtbot):
    panel, _rows = loaded(qtbot)
    scale, port = panel.stack.price.yscale, panel.stack.price.viewport()
    start = scale.value_at(200)
    panel.set_levels([Level("stop", start, "Stop", "down", True), Level("entry", scale.value_at(120), "Entry", "info")])
    told: list[tuple[str, float, bool]] = []
    panel.levelMoved.connect(lambda *a: told.append(a))
    right = panel.stack.time.right
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 202))
    for y in range(205, 260, 5):
        qtbot.mouseMove(port, QPoint(300, y))
        panel.set_levels([Level("stop", start, "Stop -1 %", "down", True)])
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 255))
    assert panel.stack.time.right == right
    assert told[-1][0] == "stop"
    assert told[-1][2]
    assert told[-1][1] == pytest.approx(scale.value_at(255), abs=0.006)
    assert round(told[-1][1], 2) == told[-1][1]
    assert 1 <= sum(not last for _k, _p, last in told) < 10
    told.clear()
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 255))
    qtbot.mouseMove(port, QPoint(300, 100))
    qtbot.keyClick(panel.stack, Qt.Key.Key_Escape)
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    assert told[-1][1] == pytest.approx(scale.value_at(255), abs=0.006)
    assert told[-1][2]


def test_a_fixed_level_is_not_dragged(qtbot):
    panel, _rows = loaded(qtbot)
    panel.set_levels([Level("entry", panel.stack.price.yscale.value_at(200), "Entry")])
    before = panel.stack.time.right
    port = panel.stack.price.viewport()
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(port, QPoint(400, 200))
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(400, 200))
    assert panel.stack.time.right != before


def test_a_level_s_tag_is_among_those_that_part(qtbot):
    panel, rows = loaded(qtbot)
    last = float(rows["close"][-1])
    panel.set_levels([Level("a", last, "", "up"), Level("b", last, "", "down")])
    placed = panel.stack.tags._placed
    tops = sorted(top for tag, top, _tall in placed if tag.value == last)
    assert len(tops) == 3  # the last price and both levels
    assert all(b - a >= 18 for a, b in itertools.pairwise(tops))


def test_hits_are_hollow_marks_or_a_strip(qtbot):
    panel, rows = loaded(qtbot)
    plain = image(panel.stack.price)
    ts, side = rows["ts"][[580, 540]].astype(np.int64), np.array([1, -1], np.int8)
    panel.set_hits(ts, side)
    view, scale, shot = panel.stack.time, panel.stack.price.yscale, image(panel.stack.price)
    y = round(scale.y(rows["low"][580])) + 16
    assert shot.pixelColor(round(view.x(580)), y) == panel.layers.hits._pane  # hollow
    assert shot != plain
    panel.set_hits(rows["ts"].astype(np.int64), np.where(np.arange(600) % 3, 1, -1).astype(np.int8))
    view.px_per_bar = 1.5
    panel.stack.changed()
    strip = image(panel.stack.price)
    foot = {strip.pixelColor(x, strip.height() - 1).name() for x in range(500)}
    assert panel.layers.hits._colours[True].name() in foot
    panel.set_hits(np.empty(0, np.int64), np.empty(0, np.int8))
    assert image(panel.stack.price) != strip


def test_another_symbol_takes_them_all_off(qtbot):
    panel, rows = loaded(qtbot)
    panel.set_trades(trades_on(rows, [500]))
    panel.set_levels([Level("a", 100.0)])
    panel.set_bands([Band(0, 10, "good")])
    other = candles(rows)
    panel.set_chart(type(other)(symbol="binance-spot:ETHUSDT", timeframe="1m", bars=other.bars), instrument())
    assert not len(panel.stack.trades.trades)
    assert not panel.layers.levels.levels
    assert not panel.layers.bands.bands


def test_brackets_step_through_the_trades_where_there_are_any(qtbot):
    panel, rows = loaded(qtbot)
    panel.set_trades(trades_on(rows, [500, 100, 300]))
    told: list[int] = []
    panel.tradeClicked.connect(told.append)
    panel.select_trade(2)
    for key in "]]][[[":
        qtbot.keyClicks(panel.stack, key)
    assert told == [0, 0, 0, 2, 1, 1]
    assert panel.stack.trades.selected == 1
