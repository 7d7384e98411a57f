"""The window itself: engine loss and return, palette, layouts, keys, sizes, failures, closing."""

import gc
import json

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app import workspace
from app.layouts import LAYOUTS
from engine.contracts import commands as cmd
from engine.contracts import events as ev
from engine.contracts.errors import PyroError
from tests.gui.fake_engine import FakeEngine
from tests.gui.windowing import desk


def test_engine_lost_and_back(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.quote()
        d.engine.signal(1)
        d.settle()
        first, symbol = d.engine, d.ctl.chart.symbol
        prices = d.ctl.parts["watchlist"].model.last.copy()
        d.add_engine(PyroError("the engine did not start"))
        first.die("process ended with code -9")
        d.until(lambda: d.ctl.connection_bar.isVisible())
        assert "process ended with code -9" in d.ctl.connection_bar.text
        assert "Stale since" in d.ctl.parts["watchlist"].widget.stale_text
        assert "Stale since" in d.ctl.parts["signals"].widget.stale_text
        assert (d.ctl.parts["watchlist"].model.last == prices).all()
        assert d.ctl.parts["signals"].widget.table.row_count() == 1
        assert d.window.status.words.text().startswith("Engine lost")
        second = FakeEngine()
        second.journal, second.seq = list(first.journal), first.seq
        missed = second.signal(2)
        d.add_engine(second)
        d.until(lambda: d.ctl.session.client is second)
        d.settle()
        assert not d.ctl.connection_bar.isVisible()
        assert d.ctl.parts["watchlist"].widget.stale_text == ""
        assert second.of(cmd.GetHistory)[-1].symbol == symbol
        assert second.of(cmd.ListSignals)[0].after == 1
        assert d.ctl.parts["signals"].model.last_seq == missed.seq
        assert (d.ctl.parts["watchlist"].model.last == prices).all()  # the same list of symbols keeps its rows
        second.quote(1)
        second.quote(1)
        assert d.ctl.parts["watchlist"].model.last[0] != prices[0]
        assert first.listeners() <= 3  # only the lost client's own notice handlers may be left on it


def test_no_engine_at_first_is_said_and_retried(qtbot, tmp_path):
    with desk(tmp_path, PyroError("the data folder cannot be written", fix="Free the disk."), FakeEngine()) as d:
        d.until(lambda: d.ctl.session.client is not None)
        d.settle()
        assert len(d.ctl.parts["watchlist"].model) == len(d.engine.info.instruments)
        assert not d.ctl.connection_bar.isVisible()


def test_health_lamps_words_and_restart(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.health("ggggrggg")
        d.settle()
        panel = d.ctl.parts["health"].build()
        panel.canvas.repaint()
        lamps = [s for s in panel.canvas.spots if s.shard is not None]
        assert len(lamps) == 8
        assert "down" in lamps[4].tip
        panel.canvas.restartAsked.emit(lamps[4].shard.market, lamps[4].shard.shard)
        d.settle()
        assert d.engine.of(cmd.RestartShard) == [cmd.RestartShard(market=lamps[4].shard.market, shard=0)]
        d.ctl._on_second(1.0)
        assert d.window.status.words.text() == "1 of 8 shards down"


def test_old_pulse_is_said(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.health()
        d.now += 20_000
        d.ctl._on_second(1.0)
        assert d.window.status.words.text() == "No pulse for 20 s"


def test_log_lines_and_notices(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.ctl.actions.run("show_log")
        d.engine.emit(ev.LogLine(ts=d.now, level="warning", source="store", text="disk is nearly full"))
        d.engine.emit(ev.LogLine(ts=d.now, level="debug", source="feeds", text="noise"))
        d.settle()
        assert d.ctl.parts["log"].build().table.row_count() == 1
        d.engine.emit(ev.Notice(level="error", text="The disk is full; nothing more is stored.", code="disk_full"))
        assert d.ctl.toasts.text == "The disk is full; nothing more is stored."
        assert "disk_full" in d.ctl.toasts.copy()


def test_palette_opens_symbols_timeframes_commands_and_strategies(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.ctl.actions.run("palette")
        palette = d.ctl.palette
        assert palette.isVisible()
        wanted = d.engine.info.instruments[9]
        qtbot.keyClicks(palette.line, wanted.name.lower())
        qtbot.keyClick(palette.line, Qt.Key.Key_Return)
        d.settle()
        assert not palette.isVisible()
        assert d.ctl.chart.panel.symbol.endswith(wanted.name)
        for text, done in (
            ("15m", lambda: d.ctl.chart.panel.timeframe == "15m"),
            (">panel: log", lambda: d.ctl.docks.is_visible("log")),
            ("macd cross", lambda: d.ctl.parts["backtest"].build().form.strategy_id() == "macd_cross"),
        ):
            palette.open_with(text)
            qtbot.keyClick(palette.line, Qt.Key.Key_Return)
            d.settle()
            assert done(), text


def test_letters_typed_on_the_chart_open_the_palette_with_them(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.ctl.chart.panel.symbolRequested.emit("e")
        assert d.ctl.palette.isVisible()
        assert d.ctl.palette.line.text() == "e"
        qtbot.keyClick(d.ctl.palette.line, Qt.Key.Key_Escape)
        assert not d.ctl.palette.isVisible()


def test_keys_go_on_after_the_palette_without_the_mouse(qtbot, tmp_path):
    with desk(tmp_path) as d:

        def press(*keys):
            for key in keys:
                qtbot.keyClick(QApplication.focusWidget(), key)
                d.settle()

        panel, palette = d.ctl.chart.panel, d.ctl.palette
        first, second = (d.engine.info.instruments[k].name for k in (9, 5))
        panel.setFocus()
        press(*first.lower(), Qt.Key.Key_Return)
        assert panel.symbol.endswith(f":{first}")
        press("1", "5", Qt.Key.Key_Return)
        assert panel.timeframe == "15m"
        # from another panel: a symbol takes the keys to the chart, Escape leaves them where they were
        d.ctl.docks.show("watchlist")
        there = QApplication.focusWidget()
        d.ctl.actions.run("palette")
        press(Qt.Key.Key_Escape)
        assert not palette.isVisible()
        assert QApplication.focusWidget() is there
        d.ctl.actions.run("palette")
        press(*second.lower(), Qt.Key.Key_Return, "5", Qt.Key.Key_Return)
        assert panel.symbol.endswith(f":{second}")
        assert panel.timeframe == "5m"


def test_every_action_has_a_handler_and_no_key_is_used_twice(qtbot, tmp_path):
    with desk(tmp_path) as d:
        keys = [k for s in d.ctl.actions.specs for k in s.keys]
        assert len(keys) == len(set(keys))
        assert set(d.ctl.actions.actions) == {s.id for s in d.ctl.actions.specs}
        d.ctl.actions.run("shortcuts")
        sheets = [w for w in QApplication.topLevelWidgets() if type(w).__name__ == "KeySheet"]
        assert len(sheets) == 1
        sheets[0].close()


@pytest.mark.parametrize("name", ["Trade", *(pytest.param(n, marks=pytest.mark.long) for n in LAYOUTS if n != "Trade")])
def test_each_perspective_shows_all_panels(qtbot, tmp_path, name):
    with desk(tmp_path) as d:
        d.ctl.frame.show_workspace(name)
        for panel in d.ctl.docks.names():
            d.ctl.docks.show(panel)
            assert d.ctl.docks.is_visible(panel), panel


def test_layout_symbol_and_sort_are_kept_between_runs(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.ctl.frame.show_workspace("Research")
        d.ctl.open_symbol(d.engine.info.instruments[5].symbol)
        d.ctl.parts["watchlist"].widget.table.sortAsked.emit(2, False)
        d.ctl.docks._docks["health"].closeDockWidget()
        d.settle()
    with desk(tmp_path) as d:
        assert d.ctl.frame.workspaces.current == "Research"
        assert d.ctl.chart.panel.symbol == d.engine.info.instruments[5].symbol
        assert (d.ctl.parts["watchlist"].model.sort_column, d.ctl.parts["watchlist"].model.descending) == (2, False)
        assert not d.ctl.docks.is_visible("health")
        assert d.ctl.docks.is_visible("watchlist")
        assert d.ctl.docks.is_visible("chart")
        d.ctl.actions.run("reset_layout")
        d.ctl.docks.show("health")
        assert d.ctl.docks.is_visible("health")


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        pytest.param("[]", marks=pytest.mark.long),
        pytest.param('{"version": 99}', marks=pytest.mark.long),
        '{"version": 2, "layouts": {"Trade": "Z2FyYmFnZQ=="}}',
        pytest.param('{"version": 2, "shortcuts": 3}', marks=pytest.mark.long),
    ],
)
def test_a_garbled_layout_file_is_refused_and_the_window_opens(qtbot, tmp_path, content):
    folder = tmp_path / "config"
    folder.mkdir()
    workspace.path_in(folder).write_text(content, encoding="utf-8")
    with desk(tmp_path) as d:
        assert d.ctl.docks.is_visible("watchlist")
        assert d.ctl.docks.is_visible("chart")
    assert json.loads(workspace.path_in(folder).read_text(encoding="utf-8"))["version"] == workspace.VERSION


@pytest.mark.parametrize("size", [(1024, 700), pytest.param((1280, 720), marks=pytest.mark.long), (1920, 1050)])
def test_all_panels_keep_a_usable_size(qtbot, tmp_path, size):
    with desk(tmp_path) as d:
        d.window.resize(*size)
        d.ctl.docks.arrange("Trade")
        d.settle()
        assert (d.window.width(), d.window.height()) == size
        for name in ("watchlist", "chart", "signals", "health", "backtest"):
            panel = d.ctl.parts[name].slot
            assert panel.width() >= 180, name
            assert panel.height() >= 120, name
        d.ctl.parts["backtest"].build().splitter.setSizes([200, 300])
        form = d.ctl.parts["backtest"].build().form
        assert form.width() <= d.ctl.parts["backtest"].build().width()


def test_an_exception_in_a_task_is_shown_not_lost(qtbot, tmp_path):
    with desk(tmp_path) as d:

        async def broken():
            raise ValueError("slot failed")

        d.ctl.spawn(broken())
        d.until(lambda: d.ctl.toasts.shown)
        assert "ValueError: slot failed" in d.ctl.toasts.text
        assert "broken" in d.ctl.toasts.copy()
        assert len(d.failures) == 1
        d.failures.clear()


def test_closing_stops_the_engine_that_was_started(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.window.close()
        d.until(d.ctl.finished.is_set)
        assert d.engine.stopped
        assert not d.window.isVisible()


def test_closing_leaves_an_engine_that_is_not_ours_or_shall_go_on(qtbot, tmp_path):
    with desk(tmp_path, FakeEngine(owned=False)) as d:
        d.close()
        assert d.engine.closed
        assert not d.engine.stopped
    with desk(tmp_path, FakeEngine()) as d:
        d.options.keep_engine = True
        d.close()
        assert d.engine.closed
        assert not d.engine.stopped


def test_nothing_is_left_behind(qtbot, tmp_path):
    app = QApplication.instance()

    def remains():
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        # by type: isinstance asks a weak proxy of what is gone, which raises
        timers = [o for o in gc.get_objects() if issubclass(type(o), QTimer)]
        # pyqtgraph gives each plot context menus without a parent; they go with the process
        widgets = [w for w in app.topLevelWidgets() if type(w).__name__ != "QMenu"]
        return len(widgets), sum(t.isActive() for t in timers if _alive(t))

    for _ in range(2):
        with desk(tmp_path):
            pass
    before = remains()
    for _ in range(2):
        with desk(tmp_path) as d:
            d.engine.quote()
            d.settle()
    assert remains() <= before


def _alive(timer):
    try:
        timer.isActive()
    except RuntimeError:
        return False
    return True
