"""Strategies, editor, why here and what if in the real window on the small engine."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from engine.contracts import commands as cmd
from engine.contracts import events as ev
from engine.contracts import studio as st
from engine.contracts.errors import BadInput
from tests.gui.fake_engine import FakeEngine
from tests.gui.fake_studio import HOUR, START
from tests.gui.windowing import desk
from widgets.viewmodels import strategies as vm

DIP = "strategy dip\ndirection long\nlong entry: crosses_above(RSI(14), 30)\nlong exit: RSI(14) > 60\n"


@pytest.fixture
def d(qtbot, tmp_path):
    with desk(tmp_path) as made:
        yield made


def opened(d, name):
    d.ctl.actions.run(f"show_{name}")
    d.settle()
    return d.ctl.parts[name].view


# strategies -------------------------------------------------------------------------------------------------------


def families_search_and_details(qtbot, d):
    view = opened(d, "strategies")
    assert [r.family for r in view.model.rows if r.family] == ["Breakout", "Intraday", "Mean reversion", "Trend"]
    view.filter.setText("bollinger")
    assert view.chosen() == "bollinger_fade"
    assert view.detail.title.text() == "Bollinger fade"
    assert "cross_up" in view.detail.rule.toPlainText()
    view.filter.setText("nothing like this")
    assert 'matches "nothing like this"' in view.state_text
    view.filter.clear()
    family = next(k for k, r in enumerate(view.model.rows) if r.family == "Trend")
    view.table.rowActivated.emit(view.table.row_key(family))
    assert view.table.find_key("macd_cross") < 0
    view.choose("macd_cross")
    assert view.chosen() == "macd_cross"


def live_statistics_are_shown_and_sorted_by(qtbot, d):
    view = opened(d, "strategies")
    assert d.engine.of(st.GetStrategyStats)
    cells = view.model.cells("macd_cross", START)
    assert cells[vm.SYMBOLS :] == ["1,038 +2", "812", "30 s", "54 %", "+12.0"]
    view.table.sortAsked.emit(vm.SIGNALS, True)
    assert [r.strategy for r in view.model.rows][:2] == ["macd_cross", "rsi_revert"]
    view.table.sortAsked.emit(vm.MOVE, False)
    assert [r.strategy for r in view.model.rows][:2] == ["rsi_revert", "macd_cross"]
    view.only.setCurrentIndex(view.only.findData("signals"))
    assert view.model.shown == 2
    view.table.viewport().repaint()


def test_a_strategy_goes_to_back_test_chart_and_editor(qtbot, d):
    view = opened(d, "strategies")
    view.choose("rsi_revert")
    qtbot.mouseClick(view.detail.buttons["backtest"], Qt.MouseButton.LeftButton)
    assert d.ctl.parts["backtest"].build().form.strategy_id() == "rsi_revert"
    d.ctl.docks.show("strategies")
    part = d.ctl.parts["strategies"]
    part.model.strategies["rsi_revert"] = cmd.StrategyInfo(
        **{f: getattr(part.model.strategies["rsi_revert"], f) for f in cmd.StrategyInfo.__struct_fields__}
        | {"text": DIP}
    )
    part.do("chart", "rsi_revert")
    d.settle()
    hits = d.ctl.chart.panel.layers.hits
    assert len(hits.ts) == 20
    assert {i.title for i in d.ctl.chart.panel.stack.indicators} >= {"RSI 14"}
    part.do("copy", "rsi_revert")
    d.settle()
    draft = d.ctl.parts["editor"].model.open
    assert draft.name == "my_rsi_revert.txt"
    assert draft.text.startswith("strategy my_rsi_revert\n")
    d.ctl.actions.run("clear_hits")
    assert not len(hits.ts)


def a_new_list_comes_when_the_engine_says_so(qtbot, d):
    opened(d, "strategies")
    before = len(d.engine.of(cmd.ListStrategies))
    d.engine.emit(ev.Notice(level="info", code="strategy", text="dip live now."))
    d.settle()
    assert len(d.engine.of(cmd.ListStrategies)) == before + 1


# editor -----------------------------------------------------------------------------------------------------------


def typed(d, editor, text):
    for letter in text:
        QTest.keyClick(editor.code, letter)
    editor._try.flush()
    d.settle()


def marks_stand_where_the_mistake_is_and_are_mended(qtbot, d):
    part = d.ctl.parts["editor"]
    part.new()
    d.settle()
    editor = part.view
    assert not editor.code.marks
    assert "20 entries" in editor.said.text()
    wrong = part.model.open.text.replace("RSI(n), 30", "RSII(n), 30")
    editor.code.setPlainText(wrong)
    editor._try.flush()
    d.settle()
    (mark,) = editor.code.marks
    line = wrong.split("\n")[mark.line - 1]
    assert line[mark.column - 1 : mark.column - 1 + mark.length] == "RSII"
    assert editor.code.extraSelections()[-1].cursor.selectedText() == "RSII"
    buttons = [b for b in editor.problem_rows[0].children() if hasattr(b, "text") and b.text() == "Write RSI"]
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    editor._try.flush()
    d.settle()
    assert not editor.code.marks
    assert editor.code.toPlainText() == wrong.replace("RSII", "RSI")


def hits_follow_the_text_and_stay_while_it_is_wrong(qtbot, d):
    part = d.ctl.parts["editor"]
    part.new()
    d.settle()
    hits = d.ctl.chart.panel.layers.hits
    assert hits.side.tolist().count(-1) == 5
    asked = len(d.engine.of(st.TryStrategy))
    part.view.code.setPlainText("strategy broken")
    part.view._try.flush()
    d.settle()
    assert len(d.engine.of(st.TryStrategy)) == asked + 1
    assert len(hits.ts) == 20
    d.ctl.chart.open(d.ctl.chart.symbol, "15m")
    part.watch.look()
    d.settle()
    assert d.engine.of(st.TryStrategy)[-1].timeframe == "15m"


def words_are_offered_and_taken(qtbot, d):
    part = d.ctl.parts["editor"]
    part.new()
    d.settle()
    code = part.view.code
    code.setPlainText("")
    code.setFocus()
    typed(d, part.view, "lon")
    assert [o.name for o in code._offers.offers][:2] == ["long exit", "long stop"]
    QTest.keyClick(code, Qt.Key.Key_Escape)
    code.setPlainText("param len = 9\nlong entry: ")
    cursor = code.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    code.setTextCursor(cursor)
    typed(d, part.view, "crosses_a")
    QTest.keyClick(code, Qt.Key.Key_Tab)
    assert code.toPlainText().endswith("crosses_above()")
    typed(d, part.view, "le")
    assert code._offers.offers[0].name == "len"
    QTest.keyClick(code, Qt.Key.Key_Return)
    assert code.toPlainText().endswith("crosses_above(len)")
    assert code.hint().form.startswith("crosses_above(a, b)")
    assert code.hint().argument == 0


def a_text_is_saved_reopened_renamed_deleted_and_brought_back(qtbot, d):
    part = d.ctl.parts["editor"]
    part.new()
    d.settle()
    part.view.code.setPlainText(DIP)
    name = part.model.open.name
    assert part.model.entries()[0].unsaved
    qtbot.keyClick(part.view.code, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    part.save(name)
    d.settle()
    assert d.engine.files[name] == DIP
    assert not part.model.open.unsaved
    part.rename(name, "dip.txt")
    d.settle()
    assert list(d.engine.files) == ["dip.txt"]
    part._delete("dip.txt")
    d.settle()
    assert not d.engine.files
    assert part.model.open is None
    part._bring_back("dip.txt", DIP)
    d.settle()
    assert d.engine.files == {"dip.txt": DIP}


def what_another_program_wrote_is_kept(qtbot, d):
    while d.ctl.toasts.shown:
        d.ctl.toasts.dismiss()
    d.engine.files["dip.txt"] = DIP
    part = d.ctl.parts["editor"]
    opened(d, "editor")
    part.open("dip.txt")
    d.settle()
    part.view.code.setPlainText(DIP + "# mine\n")
    d.engine.files["dip.txt"] = DIP + "# theirs\n"
    part.save("dip.txt")
    d.settle()
    assert d.engine.files["dip.txt"].endswith("# theirs\n")
    assert "not overwritten" in d.ctl.toasts.text
    part.save("dip.txt", force=True)
    d.settle()
    assert d.engine.files["dip.txt"].endswith("# mine\n")


def test_unsaved_text_survives_a_restart(qtbot, tmp_path):
    with desk(tmp_path) as d:
        part = d.ctl.parts["editor"]
        part.new()
        d.settle()
        part.view.code.setPlainText(DIP + "# not saved yet\n")
        # as after a crash: what was written on the way, not at the end
        d.ctl.save()
    with desk(tmp_path) as d:
        view = opened(d, "editor")
        assert view.code.toPlainText() == DIP + "# not saved yet\n"
        assert view.model.open.unsaved


# why here ---------------------------------------------------------------------------------------------------------


def a_clicked_bar_is_asked_of_all_strategies(qtbot, d):
    view = opened(d, "why")
    part = d.ctl.parts["why"]
    # the newest bar to begin with, so that nothing is cold
    assert d.engine.of(st.ExplainAll)[-1].at_ms is None
    part.watch.look()
    d.ctl.chart.panel.barClicked.emit(START - HOUR)
    d.settle()
    assert d.engine.of(st.ExplainAll)[-1] == st.ExplainAll(
        symbol=d.ctl.chart.symbol, timeframe=d.ctl.chart.timeframe, at_ms=START - HOUR
    )
    assert [r.strategy for r in view.model.rows] == ["macd_cross", "rsi_revert", "gap_fade"]
    assert "1 fired · 1 nearly · of 3" in view.count.text()
    assert view.chosen() == "macd_cross"
    assert d.engine.of(cmd.Explain)[-1].at_ms == START - HOUR
    assert [r.text for r in view.conditions.rows][:2] == [
        "Long entry: no, RSI did not.",
        "RSI(14) < 30 and close > open",
    ]
    numbers = {r.text: (r.now, r.before) for r in view.conditions.rows}
    assert numbers["RSI(14) < 30"] == ("31", "29")
    assert numbers["close"] == ("1.5", "1")
    assert "long stop 0.3" in view.sentence.text()
    view.table.viewport().repaint()
    view.conditions.viewport().repaint()


def filters_steps_and_signals_beside_it(qtbot, d):
    view = opened(d, "why")
    part = d.ctl.parts["why"]
    part.ask(d.ctl.chart.symbol, "1h", START)
    d.settle()
    view.only.setCurrentIndex(view.only.findData("nearly"))
    assert [r.strategy for r in view.model.rows] == ["rsi_revert"]
    view.only.setCurrentIndex(view.only.findData("all"))
    assert len(view.model.rows) == 4
    view.filter.setText("rsi(14)")
    assert [r.strategy for r in view.model.rows] == ["rsi_revert"]
    view.stepped.emit(-1)
    d.settle()
    assert d.engine.of(st.ExplainAll)[-1].at_ms == START - HOUR
    view.wanted.emit("next", "rsi_revert")
    d.settle()
    assert d.engine.of(st.ExplainAll)[-1].at_ms == START + 4 * HOUR
    view.wanted.emit("last", "rsi_revert")
    d.settle()
    assert "no earlier signal" in d.ctl.toasts.text


def why_says_what_went_wrong_and_asks_again(qtbot, d):
    view = opened(d, "why")
    d.engine.fail[st.ExplainAll] = BadInput("BTCUSDT has a hole there.", fix="Click another bar.")
    d.ctl.parts["why"].ask(d.ctl.chart.symbol, "1h", START)
    d.settle()
    assert "has a hole there. Click another bar." in view.state_text
    # it covers list and details alike
    assert view._overlay.geometry() == view._overlay.parentWidget().rect()
    assert view.splitter.count() == 2
    d.engine.fail.clear()
    view.retryRequested.emit()
    d.settle()
    assert view.state == "ready"


# what if ----------------------------------------------------------------------------------------------------------


def tuned(d):
    part = d.ctl.parts["strategies"]
    part.do("whatif", "rsi_revert")
    d.settle()
    return part.whatif


def a_dragged_stop_is_followed_by_the_run(qtbot, d):
    link = tuned(d)
    panel = d.ctl.chart.panel
    levels = {v.key: v for v in panel.layers.levels.levels}
    assert (levels["entry"].price, levels["rule:stop"].price) == (100.0, 96.0)
    assert levels["rule:stop"].draggable
    panel.levelMoved.emit("rule:stop", 94.0, False)
    d.settle()
    asked = d.engine.of(st.WhatIf)[-1]
    assert asked.spec.rules == {"stop": "3 * ATR(14)"}
    assert not asked.knobs
    panel.levelMoved.emit("rule:stop", 94.0, True)
    d.settle()
    assert {v.key: v.price for v in panel.layers.levels.levels}["rule:stop"] == 94.0
    assert link.bar.figures.cells[0] == ("Net", "30.0 %", "+10.0 %", "up")
    assert len(panel.stack.trades.trades) == 3
    link.bar.repaint()


def a_dragged_period_and_its_way_back(qtbot, d):
    link = tuned(d)
    chip = link.bar.chips["param:n"]
    chip.repaint()
    start = QPointF(chip.width() / 2, 10).toPoint()
    QTest.mousePress(chip, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 5):
        chip.turned.emit(14.0 + step, False)
    d.settle()
    QTest.mouseRelease(chip, Qt.MouseButton.LeftButton, pos=start)
    chip.turned.emit(18.0, True)
    d.settle()
    assert d.engine.of(st.WhatIf)[-1].spec.params == {"n": 18.0}
    assert chip.value == 18.0
    qtbot.keyClick(chip, Qt.Key.Key_Right)
    d.settle()
    assert link.model.value("param:n") == 19.0
    qtbot.mouseClick(link.bar.reset, Qt.MouseButton.LeftButton)
    d.settle()
    assert d.engine.of(st.WhatIf)[-1].spec.params == {}
    assert not link.model.turned


def only_one_request_is_under_way_and_the_newest_follows(qtbot, d):
    link = tuned(d)
    before = len(d.engine.of(st.WhatIf))
    for value in range(15, 30):
        link._turn("param:n", float(value), False)
    d.settle()
    asked = d.engine.of(st.WhatIf)[before:]
    assert [a.spec.params["n"] for a in asked] == [15.0, 29.0]
    assert link.model.now.trade_hash == "2.0:29.0"


def what_was_tuned_is_kept_as_a_run(qtbot, d):
    link = tuned(d)
    link._turn("param:n", 21.0, True)
    d.settle()
    qtbot.mouseClick(link.bar.keep, Qt.MouseButton.LeftButton)
    d.settle()
    assert d.engine.of(cmd.RunBacktest)[-1].spec.params == {"n": 21.0}
    assert "kept among the runs" in d.ctl.toasts.text
    qtbot.keyClick(link.bar, Qt.Key.Key_Escape)
    assert not link.active
    assert not d.ctl.chart.panel.layers.levels.levels


def another_symbol_takes_the_run_with_it(qtbot, d):
    link = tuned(d)
    other = d.engine.info.instruments[5].symbol
    d.ctl.open_symbol(other)
    d.settle()
    link.watch.look()
    d.settle()
    assert d.engine.of(st.WhatIf)[-1].spec.symbol == other


def a_setting_that_cannot_run_says_why(qtbot, d):
    link = tuned(d)
    d.engine.fail[st.WhatIf] = BadInput('parameter "n" must be below 10.')
    link._turn("param:n", 50.0, True)
    d.settle()
    assert "must be below 10" in link.bar.said.text()
    d.engine.fail.clear()


def test_panels_live_through_a_lost_engine(qtbot, d):
    link = tuned(d)
    for name in ("strategies", "editor", "why"):
        opened(d, name)
    d.add_engine(FakeEngine())
    d.engine.die("killed")
    d.until(lambda: "gone" in link.bar.said.text() or link.bar.said.text().startswith("26,000"))
    d.until(lambda: d.ctl.session.client is not None)
    d.settle()
    for name in ("strategies", "editor", "why"):
        assert not d.ctl.parts[name].panel.stale_text
    assert d.engine.of(st.ExplainAll)
    assert d.engine.of(st.WhatIf)
    assert np.isfinite(link.model.now.figures["sharpe"])


# one window for those that leave it as they found it ------------------------------------------------------------------


def test_strategies_in_the_window(qtbot, d):
    families_search_and_details(qtbot, d)
    live_statistics_are_shown_and_sorted_by(qtbot, d)
    a_new_list_comes_when_the_engine_says_so(qtbot, d)


def test_texts_are_tried_as_they_are_typed(qtbot, d):
    marks_stand_where_the_mistake_is_and_are_mended(qtbot, d)
    words_are_offered_and_taken(qtbot, d)
    hits_follow_the_text_and_stay_while_it_is_wrong(qtbot, d)


def test_files_of_the_editor(qtbot, d):
    a_text_is_saved_reopened_renamed_deleted_and_brought_back(qtbot, d)
    what_another_program_wrote_is_kept(qtbot, d)


def test_why_here(qtbot, d):
    a_clicked_bar_is_asked_of_all_strategies(qtbot, d)
    filters_steps_and_signals_beside_it(qtbot, d)
    why_says_what_went_wrong_and_asks_again(qtbot, d)


def test_what_if(qtbot, d):
    a_dragged_stop_is_followed_by_the_run(qtbot, d)
    a_dragged_period_and_its_way_back(qtbot, d)
    only_one_request_is_under_way_and_the_newest_follows(qtbot, d)
    a_setting_that_cannot_run_says_why(qtbot, d)
    what_was_tuned_is_kept_as_a_run(qtbot, d)
    another_symbol_takes_the_run_with_it(qtbot, d)
