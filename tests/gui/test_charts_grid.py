"""Several charts in the window: layouts, links, drawings of the window, alert lines, and all of it after a restart."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from app import drawings as store
from engine.contracts import commands as cmd
from engine.contracts import events as ev
from engine.contracts.dtypes import QUOTE_DTYPE
from tests.gui.fake_engine import FakeEngine
from tests.gui.windowing import Desk, desk
from widgets.chart.grid import symbol_of
from widgets.viewmodels import charts
from widgets.viewmodels import drawings as dr


def grid_of(d: Desk):
    return d.ctl.charts.grid


def arranged(d: Desk, name: str):
    d.ctl.run(f"charts_{name}")
    d.settle()
    QApplication.processEvents()
    return grid_of(d)


def texts(d: Desk) -> list[str]:
    return [t.said.text for t in d.ctl.toasts.shown]


def quote(d: Desk, row: int, price: float) -> None:
    block = np.zeros(1, QUOTE_DTYPE)
    block["id"], block["last"], block["open24"] = row, price, price
    d.engine.emit(ev.Quotes(rows=block.tobytes()))


@pytest.mark.long
def test_layouts_show_their_charts_each_streamed_under_its_own_name(qtbot, tmp_path):
    with desk(tmp_path) as d:
        for name in charts.LAYOUTS:
            grid = arranged(d, name)
            shown = [c for c in grid.cells if c.isVisible()]
            assert len(shown) == charts.count(name), name
            boxes = [c.mapTo(grid, QPoint(0, 0)) for c in shown]
            assert len({(b.x(), b.y()) for b in boxes}) == len(shown)
            assert [c.panel.stack.count() > 0 for c in shown] == [True] * len(shown), name
            assert sum(link.client is not None for link in d.ctl.charts.links) == len(shown)
        names = {c.chart for c in d.engine.of(cmd.OpenChart)}
        assert len(names) == charts.MOST
        arranged(d, "1")
        assert len({c.chart for c in d.engine.of(cmd.CloseChart)}) == charts.MOST - 1
        link = d.ctl.charts.links[1]
        before = len(d.engine.of(cmd.OpenChart))
        arranged(d, "1|1")
        assert link.client is not None
        assert len(d.engine.asked) > before


def test_a_click_makes_a_chart_the_active_one(qtbot, tmp_path):
    with desk(tmp_path) as d:
        grid = arranged(d, "1|1")
        second = d.ctl.charts.links[1]
        qtbot.mouseClick(second.panel.stack.price.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
        assert d.ctl.chart is second
        assert [c.active for c in grid.cells] == [False, True]
        symbol = d.engine.info.instruments[7].symbol
        d.ctl.open_symbol(symbol)
        d.settle()
        assert second.panel.symbol == symbol
        assert d.ctl.charts.links[0].panel.symbol != symbol
        d.ctl.run("charts_next")
        assert d.ctl.chart is d.ctl.charts.links[0]
        d.ctl.run("charts_maximise")
        d.settle()
        assert [c.isVisible() for c in grid.cells] == [True, False]
        assert second.client is None
        d.ctl.run("charts_maximise")
        d.settle()
        assert [c.isVisible() for c in grid.cells] == [True, True]
        assert second.client is not None


def test_charts_of_one_colour_follow_in_what_they_share(qtbot, tmp_path):
    with desk(tmp_path) as d:
        grid = arranged(d, "2x2")
        links, names = d.ctl.charts.links, [i.symbol for i in d.engine.info.instruments]
        for k in (0, 1):
            grid.cells[k].square.chosen.emit("red")
        links[2].open(names[9])
        d.settle()
        links[0].open(names[5], "5m")
        d.settle()
        assert [link.panel.symbol for link in links[:2]] == [names[5]] * 2
        assert links[2].panel.symbol == names[9]
        assert links[1].panel.timeframe == "1m"
        grid.cells[0].square.optioned.emit("red", "timeframe", True)
        d.settle()
        links[1].open(names[6], "15m")
        d.settle()
        assert (links[0].panel.symbol, links[0].panel.timeframe) == (names[6], "15m")
        grid.cells[2].square.chosen.emit("red")  # who takes the colour follows it
        d.settle()
        assert (links[2].panel.symbol, links[2].panel.timeframe) == (names[6], "15m")
        grid.cells[2].square.chosen.emit("")
        links[0].open(names[0])
        d.settle()
        assert links[2].panel.symbol == names[6]


def test_the_crosshair_is_at_the_same_time_on_linked_charts_and_repaints_no_picture(qtbot, tmp_path):
    with desk(tmp_path) as d:
        grid = arranged(d, "1|1|1")
        links = d.ctl.charts.links
        links[1].open(links[0].symbol, "5m")
        d.settle()
        for k in (0, 1):
            grid.cells[k].square.chosen.emit("blue")
        d.settle()
        first, second, third = (link.panel.stack for link in links[:3])
        refreshed: list[int] = []
        plain = second.refresh
        second.refresh = lambda: (refreshed.append(1), plain())
        x = first.time.x(first.count() - 12)
        qtbot.mouseMove(first.price.viewport(), QPoint(round(x), 120))
        ms = first.bars.ts_at(first.hovered())
        assert second.bars.ts_at(second.hovered()) <= ms < second.bars.ts_at(second.hovered()) + second.bars.length_ms
        assert third.hovered() is None
        assert refreshed == []
        assert second.pointer[0] is second.price  # the same symbol: the same price
        assert second.price.yscale.value_at(second.pointer[2]) == pytest.approx(first.price.yscale.value_at(120))
        first.price.left_pane.emit()
        assert second.pointer is None


def test_linked_ranges_show_the_same_time(qtbot, tmp_path):
    with desk(tmp_path) as d:
        grid = arranged(d, "1|1")
        links = d.ctl.charts.links
        for k in (0, 1):
            grid.cells[k].square.chosen.emit("green")
        d.settle()
        grid.cells[0].square.optioned.emit("green", "span", True)
        stack, other = links[0].panel.stack, links[1].panel.stack
        stack.zoom_by(0.5)
        stack.pan_by(-300)
        assert other.bars.ts_at(round(other.time.right)) == stack.bars.ts_at(round(stack.time.right))
        assert other.bars.ts_at(round(other.time.left)) == stack.bars.ts_at(round(stack.time.left))
        other.pan_by(50)  # not the active one: it does not lead
        assert stack.bars.ts_at(round(stack.time.right)) != other.bars.ts_at(round(other.time.right))


def test_all_of_it_comes_back(qtbot, tmp_path):
    with desk(tmp_path) as d:
        grid = arranged(d, "1+2")
        names = [i.symbol for i in d.engine.info.instruments]
        for k, (name, time) in enumerate(zip(names[3:6], ("1m", "5m", "1h"), strict=True)):
            d.ctl.charts.links[k].open(name, time)
        d.settle()
        for k in (0, 2):
            grid.links.of[k] = "yellow"
        grid.links.options["yellow"].timeframe = True
        d.ctl.charts.links[1].panel.set_style("area")
        grid.activate(2)
        d.ctl.charts.kit.book.add(names[4], dr.TREND, [(1, 2.0), (3, 4.0)])
        sizes = grid.sizes()
    with desk(tmp_path) as d:
        d.settle()
        grid = grid_of(d)
        assert grid.layout_name == "1+2"
        assert [(x.panel.symbol, x.panel.timeframe) for x in d.ctl.charts.links] == [
            (names[3], "1m"),
            (names[4], "5m"),
            (names[5], "1h"),
        ]
        assert d.ctl.chart is d.ctl.charts.links[2]
        assert grid.links.of[:3] == ["yellow", "", "yellow"]
        assert grid.links.options["yellow"].timeframe
        assert d.ctl.charts.links[1].panel.options.style == "area"
        assert [c.square.colour for c in grid.cells] == ["yellow", "", "yellow"]
        assert len(d.ctl.charts.kit.book.of(names[4])) == 1
        assert [len(s) for s in grid.sizes()] == [len(s) for s in sizes]


@pytest.mark.long
@pytest.mark.parametrize(
    "kept", [{"layout": 3, "charts": "x", "links": []}, {"charts": [3, {"symbol": 4}], "active": 99}]
)
def test_a_strange_layout_opens_one_chart(qtbot, tmp_path, kept):
    with desk(tmp_path):
        pass
    path = tmp_path / "config" / "window.json"
    raw = json.loads(path.read_text())
    raw["parts"]["chart"] = kept
    path.write_text(json.dumps(raw))
    with desk(tmp_path) as d:
        d.settle()
        assert grid_of(d).layout_name == "1"
        assert d.ctl.chart.panel.stack.count() > 0


def test_a_symbol_dropped_on_a_chart_opens_there(qtbot, tmp_path):
    with desk(tmp_path) as d:
        grid = arranged(d, "1|1")
        wanted = d.engine.info.instruments[8]
        mime = QMimeData()
        mime.setData("application/x-pyroquant-symbol", wanted.symbol.encode())
        mime.setText("something else")
        where = QPointF(20, 20)
        event = QDropEvent(where, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0))
        grid.cells[1].dropEvent(event)
        d.settle()
        assert d.ctl.charts.links[1].panel.symbol == wanted.symbol
        assert d.ctl.charts.links[0].panel.symbol != wanted.symbol
        assert not grid.cells[1].panel.stack.price.viewport().acceptDrops()
        text = QMimeData()
        text.setText("a sentence, not a symbol")
        assert symbol_of(text) == ""


def test_an_alert_line_tells_once_wherever_its_symbol_is_and_stays_fired(qtbot, tmp_path):
    with desk(tmp_path) as d:
        other = d.engine.info.instruments[11].symbol
        assert d.ctl.chart.symbol != other
        quote(d, 11, 50.0)
        line = d.ctl.charts.kit.book.add(other, dr.ALERT, [(1, 60.0)])
        quote(d, 11, 55.0)
        assert not any("rose to" in t for t in texts(d))
        quote(d, 11, 75.0)
        said = [t for t in texts(d) if "rose to" in t]
        assert len(said) == 1
        assert other.partition(":")[2] in said[0]
        for price in (50.0, 75.0):
            quote(d, 11, price)
        assert [t for t in texts(d) if "rose to" in t] == said
        book = dr.DrawingBook()
        store.load(tmp_path / "config", book)
        assert book.get(other, line.id).fired_ms == d.now
        d.ctl.jump(other, "", d.now)
        d.settle()
        assert d.ctl.chart.panel.symbol == other
        assert "fired" in d.ctl.chart.panel.layers.drawings.brush.caption(book.get(other, line.id))


def test_broken_drawings_are_said_and_the_window_opens(qtbot, tmp_path):
    (tmp_path / "config").mkdir()
    store.path_in(tmp_path / "config").write_text("{")
    with desk(tmp_path) as d:
        assert any("drawings could not be used" in t for t in texts(d))
        d.ctl.charts.kit.book.add("m:A", dr.HORIZONTAL, [(1, 2.0)])
    assert store.path_in(tmp_path / "config").exists()


@pytest.mark.long
def test_the_engine_lost_and_back_keeps_all_charts(qtbot, tmp_path):
    with desk(tmp_path) as d:
        arranged(d, "1|1")
        counts = [link.panel.stack.count() for link in d.ctl.charts.links]
        d.add_engine(FakeEngine())
        d.engine.die("gone")
        d.until(lambda: d.ctl.session.client is d.engine and not d.ctl._tasks)
        d.settle()
        assert [link.panel.stack.count() for link in d.ctl.charts.links] == counts
        assert all(link.client is d.engine for link in d.ctl.charts.links)


def test_each_is_told_of_every_chart_now_and_later(qtbot, tmp_path):
    with desk(tmp_path) as d:
        told: list[object] = []
        d.ctl.charts.each(told.append)
        arranged(d, "2x2")
        assert told == d.ctl.charts.links
        assert len(told) == 4


@given(st.lists(st.sampled_from(sorted(charts.COLOURS)), min_size=9, max_size=9), st.integers(0, 8), st.integers(1, 9))
def test_followers_are_the_others_of_the_colour(colours, number, shown):
    links = charts.Links()
    links.of = list(colours)
    found = links.followers(number, "symbol", shown)
    assert found == [k for k in range(shown) if k != number and colours[k] and colours[k] == colours[number]]
    again = charts.Links()
    again.restore(links.keep())
    assert again.of == links.of
