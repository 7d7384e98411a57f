"""The chart in its window: commands of the table, pictures, and what comes back after a restart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtGui import QPixmap

from engine.contracts.watch import Spreads
from tests.gui.windowing import desk
from widgets.chart import indicators as ind
from widgets.chart.commands import COMMANDS
from widgets.viewmodels import formats


def loaded(d):
    d.settle()
    d.until(lambda: d.ctl.chart is not None and d.ctl.chart.panel.stack.count() > 0)
    return d.ctl.chart


def test_commands_of_the_chart_are_actions_of_the_window(qtbot, tmp_path):
    with desk(tmp_path) as d:
        chart = loaded(d)
        offered = {entry.key for entry, _title, _also in d.ctl.palette_model._entries}
        for name, field, value in (
            ("chart_style_heikin", "style", "heikin"),
            ("chart_scale_percent", "mode", "percent"),
            ("chart_scale_invert", "inverted", True),
            ("chart_magnet", "magnet", True),
            ("chart_zone_exchange", "zone", "exchange"),
        ):
            d.ctl.actions.run(name)
            assert getattr(chart.panel.options, field) == value
            assert name in offered
        known = set(d.ctl.actions.actions)
        missing = {f"chart_{c.id}" for c in COMMANDS} - known
        assert missing == {"chart_next_symbol", "chart_previous_symbol"}, "these are the window's own"


def test_a_picture_lies_in_a_file_and_the_window_says_where(qtbot, tmp_path):
    with desk(tmp_path) as d:
        chart = loaded(d)
        d.ctl.actions.run("chart_screenshot")
        (file,) = (d.ctl.config_folder / "pictures").iterdir()
        assert QPixmap(str(file)).size() == chart.panel.stack.grab().size()
        assert chart.symbol.partition(":")[2] in file.name


def test_space_steps_through_the_watchlist(qtbot, tmp_path):
    with desk(tmp_path) as d:
        chart = loaded(d)
        before = chart.symbol
        chart.panel.stepRequested.emit(1)
        assert chart.symbol != before
        chart.panel.stepRequested.emit(-1)
        assert chart.symbol == before
        d.settle()


def test_a_chart_comes_back_as_it_was(qtbot, tmp_path):
    coloured = replace(ind.MACD, colours=("warn",), width=2.0)
    with desk(tmp_path) as d:
        panel = loaded(d).panel
        panel.set_indicators([ind.SMA200, coloured])
        panel.change(style="hollow", mode="log", volume="pane", zone="UTC")
        d.settle()
        d.run(d.ctl.quit())
    with desk(tmp_path) as d:
        panel = loaded(d).panel
        assert panel.stack.indicators == [ind.SMA200, coloured]
        assert (panel.options.style, panel.options.mode, panel.options.volume) == ("hollow", "log", "pane")
        d.settle()


def test_a_back_test_from_a_bar_fills_the_form(qtbot, tmp_path):
    with desk(tmp_path) as d:
        chart = loaded(d)
        ms = chart.panel.stack.bars.ts_at(0)
        chart.panel.backtestRequested.emit(ms)
        form = d.ctl.part("backtest").widget.form
        assert form.symbol.text() == chart.symbol
        assert form.from_text.text() == formats.day(ms)
        d.settle()


def test_bid_and_ask_stand_on_the_chart_of_their_symbol(qtbot, tmp_path):
    with desk(tmp_path) as d:
        panel, symbols = d.ctl.chart.panel, [i.symbol for i in d.engine.info.instruments]
        ids = np.array([symbols.index(panel.symbol), len(symbols) - 1], "<i4")
        bid, ask = np.array([99.5, 1.0]), np.array([100.5, 2.0])
        d.engine.emit(Spreads(ids=ids.tobytes(), bid=bid.tobytes(), ask=ask.tobytes()))
        assert panel.stack.quote == (99.5, 100.5)
        d.ctl.open_symbol(symbols[5])
        d.settle()
        assert panel.stack.quote is None
