"""Watchlist, chart and signals of the whole window."""

from PySide6.QtCore import Qt

from engine.contracts import commands as cmd
from engine.contracts import events as ev
from engine.contracts.errors import PyroError
from tests.gui.fake_engine import NOW, FakeEngine
from tests.gui.windowing import desk


def test_window_opens_with_demo_banner_and_the_first_symbol(qtbot, tmp_path):
    with desk(tmp_path) as d:
        assert d.window.isVisible()
        assert d.ctl.demo.isVisible()
        first = d.engine.info.instruments[0].symbol
        assert [c.symbol for c in d.engine.of(cmd.OpenChart)] == [first]
        assert d.ctl.chart.panel.symbol == first
        assert len(d.ctl.chart.panel.stack.bars) == 2000
        assert d.window.windowTitle() == "PyroQuant · DEMO"
        assert set(d.engine.of(cmd.Subscribe)[0].topics) >= {"quotes", "signals", "health", "jobs", "log"}


def test_real_prices_have_no_demo_banner(qtbot, tmp_path):
    with desk(tmp_path, FakeEngine(demo=False)) as d:
        assert not d.ctl.demo.isVisible()
        assert d.window.windowTitle() == "PyroQuant · live"


def test_watchlist_fills_sorts_and_counts(qtbot, tmp_path):
    with desk(tmp_path) as d:
        panel = d.ctl.parts["watchlist"].widget
        d.engine.quote()
        d.settle()
        model = panel.model
        assert panel.table.model().rowCount() == len(d.engine.info.instruments)
        shown = model.change[model.order]
        assert (shown[:-1] >= shown[1:]).all()
        texts = [chip.text() for chip in panel.chips.chips.values()]
        assert texts[0] == f"All {len(model)}"
        assert sum(int(t.split()[-1]) for t in texts[1:-2]) == len(model)


def test_clicking_a_row_opens_its_chart(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.quote()
        d.settle()
        table = d.ctl.parts["watchlist"].widget.table
        symbol = table.row_key(3)
        where = table.viewport().rect().topLeft()
        where.setX(30)
        where.setY(table.row_top(3) + 5)
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
        d.settle()
        assert d.engine.of(cmd.OpenChart)[-1].symbol == symbol
        assert d.ctl.chart.panel.symbol == symbol
        assert d.ctl.parts["backtest"].build().form.symbol.text() == symbol


def test_space_walks_the_visible_list(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.quote()
        d.settle()
        table = d.ctl.parts["watchlist"].widget.table
        table.select(table.row_key(0))
        expected = [table.row_key(1), table.row_key(2), table.row_key(1)]
        for key, modifier in (
            (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier),
            (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier),
            (Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier),
        ):
            qtbot.keyClick(table, key, modifier)
            d.settle()
        assert [c.symbol for c in d.engine.of(cmd.OpenChart)][-3:] == expected
        assert d.ctl.chart.panel.symbol == expected[-1]


def test_stepping_fast_never_shows_an_older_answer(qtbot, tmp_path):
    with desk(tmp_path) as d:
        names = [i.symbol for i in d.engine.info.instruments[:6]]
        for name in names:
            d.ctl.open_symbol(name)
        d.settle()
        assert d.ctl.chart.panel.symbol == names[-1]


def test_filter_narrows_and_says_why_nothing_is_left(qtbot, tmp_path):
    with desk(tmp_path) as d:
        panel = d.ctl.parts["watchlist"].widget
        qtbot.keyClicks(panel.filter, "btc")
        d.settle()
        assert {panel.model.names[i] for i in panel.model.order} == {"BTCUSDT"}
        qtbot.keyClicks(panel.filter, "zzz")
        assert 'Nothing matches "btczzz"' in panel.state_text
        qtbot.keyClick(panel.filter, Qt.Key.Key_Escape)
        assert panel.state == "ready"


def test_header_click_sorts_and_the_mark_follows(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.quote()
        d.settle()
        table = d.ctl.parts["watchlist"].widget.table
        table.horizontalHeader().sectionClicked.emit(0)
        names = [table.row_text(r)[0] for r in range(table.row_count())]
        assert names == sorted(names)
        assert table.model().headerData(0, Qt.Orientation.Horizontal) == "Symbol ▴"


def test_starring_shows_in_its_chip_and_survives_a_restart(qtbot, tmp_path):
    with desk(tmp_path) as d:
        table = d.ctl.parts["watchlist"].widget.table
        symbol = d.engine.info.instruments[4].symbol
        table.select(symbol)
        qtbot.keyClick(table, Qt.Key.Key_S)
        d.ctl.parts["watchlist"].widget.choose_chip("stars")
        assert [table.row_key(r) for r in range(table.row_count())] == [symbol]
    with desk(tmp_path) as d:
        assert d.ctl.parts["watchlist"].model.starred == {symbol}


def test_running_bars_reach_the_chart(qtbot, tmp_path):
    with desk(tmp_path) as d:
        panel = d.ctl.chart.panel
        row = panel.stack.bars.rows(1999, 2000).copy()
        row["close"] = row["high"] = 999_999.0
        d.engine.emit(ev.Bars(chart=d.ctl.chart.chart, symbol=panel.symbol, timeframe="1m", bars=row.tobytes()))
        assert panel.stack.bars.column("close", 1999, 2000)[0] == 999_999.0
        row["close"] = 5.0
        d.engine.emit(ev.Bars(chart="another", symbol=panel.symbol, timeframe="1m", bars=row.tobytes()))
        assert panel.stack.bars.column("close", 1999, 2000)[0] == 999_999.0


def test_a_refused_chart_says_so_in_the_pane_and_retry_asks_again(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.fail[cmd.OpenChart] = PyroError("the venue does not answer", fix="Try again in a minute.")
        d.ctl.open_symbol(d.engine.info.instruments[2].symbol)
        d.settle()
        assert "the venue does not answer" in d.ctl.chart.panel.cover.text.text()
        d.engine.fail.clear()
        d.ctl.chart.panel.cover.retry.emit()
        d.settle()
        assert d.ctl.chart.panel.symbol == d.engine.info.instruments[2].symbol


def test_signals_arrive_in_feed_and_badge_and_a_click_jumps(qtbot, tmp_path):
    with desk(tmp_path) as d:
        made = d.engine.signal(7, at_ms=NOW - 3_600_000)
        d.settle()
        table = d.ctl.parts["signals"].widget.table
        assert table.row_count() == 1
        assert table.row_text(0)[1] == d.engine.info.instruments[7].name
        row = d.ctl.parts["watchlist"].model.row_of[made.symbol]
        assert d.ctl.parts["watchlist"].model.badge[row] in (1, 2)
        table.rowActivated.emit(table.row_key(0))
        d.settle()
        asked = d.engine.of(cmd.OpenChart)[-1]
        assert (asked.symbol, asked.timeframe) == (made.symbol, "1m")


def test_scrolled_feed_is_frozen_and_says_how_many_wait(qtbot, tmp_path):
    with desk(tmp_path) as d:
        for k in range(80):
            d.engine.signal(k % 20)
        d.settle()
        panel = d.ctl.parts["signals"].widget
        panel.table.verticalScrollBar().setValue(5)
        top = panel.table.row_key(5)
        for k in range(3):
            d.engine.signal(k)
        d.settle()
        assert panel.table.row_key(5) == top
        assert panel.pill.isVisible()
        assert panel.pill.text() == "↑ 3 new"
        qtbot.mouseClick(panel.pill, Qt.MouseButton.LeftButton)
        assert not panel.pill.isVisible()
        assert panel.table.row_key(0) == 82


def test_a_gap_rereads_the_journal(qtbot, tmp_path):
    with desk(tmp_path) as d:
        seen = d.engine.signal(1)
        missed = d.engine.signal(2, seq=2)
        d.ctl.parts["signals"].model.last_seq = seen.seq
        d.engine.emit(ev.Gap(of="signals", missed=1, after=seen.seq))
        d.settle()
        assert d.engine.of(cmd.ListSignals)[-1].after == seen.seq
        assert d.ctl.parts["signals"].model.last_seq == missed.seq


def test_jump_to_old_signal_loads_the_bars_in_between(qtbot, tmp_path):
    with desk(tmp_path) as d:
        symbol = d.engine.info.instruments[0].symbol
        ms = NOW - 2_600 * 60_000
        d.ctl.jump(symbol, "1m", ms - ms % 60_000)
        d.settle()
        assert d.engine.of(cmd.GetCandles)
        assert d.ctl.chart.panel.stack.bars.ts_at(0) <= ms
