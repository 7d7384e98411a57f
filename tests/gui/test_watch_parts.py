"""Watchlist and signals as a person uses them: filters in the rules language, columns, lists, the heat map, the feed's
filters and minutes, a replay, and the alerts dialog."""

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QMenu

from engine.contracts import alerting
from engine.contracts.signals import SignalBatch
from engine.contracts.watch import SetWatch
from tests.gui.fake_engine import NOW
from tests.gui.windowing import desk
from widgets.ink import ROW_HEIGHT, ink
from widgets.symbols_drag import MIME, mime_of, symbols_in
from widgets.viewmodels import signals as sg
from widgets.viewmodels import watchlist as wl
from widgets.viewmodels.scans import Scan


@pytest.fixture
def d(qtbot, tmp_path):
    with desk(tmp_path) as made:
        made.engine.quote()
        made.settle()
        yield made


def watch(d):
    return d.ctl.parts["watchlist"].widget


def feed(d):
    return d.ctl.parts["signals"].widget


def shown(d):
    table = watch(d).table
    return [table.row_key(r) for r in range(table.row_count())]


def test_a_filter_of_the_rules_language_narrows_the_rows_as_values_come(d):
    panel = watch(d)
    d.ctl.actions.run("scan_watchlist")
    panel.scan_bar.editor.setText("RSI(14) < 30")
    panel.scan_bar.editor.returnPressed.emit()
    d.settle()
    asked = d.engine.of(SetWatch)[-1]
    assert [(i.expression, i.condition) for i in asked.items] == [("RSI(14) < 30", True)]
    assert "looking through" in panel.state_text
    symbols = [i.symbol for i in d.engine.info.instruments]
    d.engine.values([1.0 if k in (3, 5) else 0.0 for k in range(len(symbols))])
    d.settle()
    assert set(shown(d)) == {symbols[3], symbols[5]}
    assert panel.scan_bar.status.text() == "2 match"
    d.engine.values([0.0] * len(symbols))
    d.settle()
    assert "No symbol here meets the filter now: RSI(14) < 30" in panel.state_text
    panel.scan_switch.setChecked(False)
    d.settle()
    assert len(shown(d)) == len(symbols)
    assert d.engine.of(SetWatch)[-1].items == []


def test_trends_are_kept_for_two_screens_of_rows_and_none_while_hidden(d):
    table = watch(d).table
    d.engine.sparks()
    d.settle()
    paint, rows = ink(), len(table.rows)
    table.setFixedHeight(8 * ROW_HEIGHT)
    d.settle()
    for width in (60, 900):
        kept = [table._spark(at, width, paint) for at in range(rows)]
        assert all(made is not None and made.width() == width for made in kept)
    most = 2 * (table.viewport().height() // ROW_HEIGHT + 2)
    assert rows > most
    assert sorted(table._sparks) == list(range(rows - most, rows))
    assert table._spark(rows - most, 900, paint) is kept[rows - most]
    table._spark(0, 900, paint)
    assert rows - most in table._sparks  # just used: another goes for the new one
    assert rows - most + 1 not in table._sparks
    table.hide()
    assert not table._sparks


def test_a_wrong_filter_is_marked_where_it_is_wrong_and_the_last_one_stays(d):
    panel = watch(d)
    panel.show_scan(True)
    panel.scan_bar.put(Scan("close > open", "5m"))
    d.settle()
    panel.scan_bar.put(Scan("close > RSX(3)", "5m"))
    d.settle()
    assert panel.scan_bar.editor.wrong_at == 8
    assert 'Did you mean "RSI"?' in panel.scan_bar.status.text()
    assert panel.model.scan == "close > open"
    panel.scan_bar.editor.grab()  # the mark can be painted
    panel.scan_bar.put(Scan("close > RSI(3)", "5m"))
    d.settle()
    assert panel.scan_bar.editor.wrong_at is None
    assert panel.model.scan == "close > RSI(3)"


def test_a_column_of_the_rules_language_is_checked_computed_and_kept(qtbot, tmp_path):
    with desk(tmp_path) as d:
        panel = watch(d)
        panel.edit_column(-1)
        dialog = next(w for w in QApplication.topLevelWidgets() if type(w).__name__ == "ColumnDialog")
        dialog.expression.setText("RSX(14)")
        dialog.checkAsked.emit(dialog.column)
        d.settle()
        assert "Did you mean" in dialog.error.text()
        dialog.expression.setText("RSI(14)")
        dialog.timeframe.setCurrentText("15m")
        dialog.checkAsked.emit(dialog.column)
        d.settle()
        assert [c.heading for c in panel.model.columns] == ["RSI(14) 15m"]
        count = len(d.engine.info.instruments)
        d.engine.values([float(k) for k in range(count)])
        d.settle()
        table = panel.table
        assert not table.isColumnHidden(wl.FIRST_VALUE)
        table.horizontalHeader().sectionClicked.emit(wl.FIRST_VALUE)
        assert table.row_text(0)[wl.FIRST_VALUE] == f"{count - 1:.2f}"
        table.hide_column(wl.VOLUME, True)
        panel.grab()
    with desk(tmp_path) as d:
        panel = watch(d)
        assert [c.heading for c in panel.model.columns] == ["RSI(14) 15m"]
        assert panel.table.isColumnHidden(wl.VOLUME)
        assert panel.model.sort_column == wl.FIRST_VALUE
        assert [i.expression for i in d.engine.of(SetWatch)[-1].items] == ["RSI(14)"]


def test_lists_by_dropping_rows_and_by_another_panel(d):
    panel, part = watch(d), d.ctl.parts["watchlist"]
    symbols = [i.symbol for i in d.engine.info.instruments[:3]]
    part.take_list("SQL", symbols[:2])
    assert set(shown(d)) == set(symbols[:2])
    chip = panel.chips.chips["list:SQL"]
    assert chip.text() == "SQL 2"
    mime = mime_of([symbols[2]])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    chip.dropEvent(drop)
    assert part.model.lists.get("SQL") == symbols
    assert panel.chips.chips["list:SQL"].text() == "SQL 3"
    # the signals can be narrowed to it
    for row in range(6):
        d.engine.signal(row)
    box = feed(d).markets
    box.setCurrentIndex(box.findData("list:SQL"))
    d.settle()
    assert {feed(d).model.signal(k).symbol for k in range(len(feed(d).model.rows))} == set(symbols)
    panel.delete_list("SQL")
    assert panel.model.only == ""
    assert len(shown(d)) == len(d.engine.info.instruments)


def test_several_rows_go_together_into_menu_and_drag(d):
    panel = watch(d)
    keys = [panel.table.row_key(k) for k in (2, 4)]
    panel.table.selected = set(keys)
    assert panel.table.chosen(keys[1]) == keys
    assert panel.table.chosen(panel.table.row_key(0)) == [panel.table.row_key(0)]
    mime = mime_of(keys)
    assert bytes(mime.data(MIME).data()).decode().split("\n") == keys
    assert symbols_in(mime) == keys
    assert symbols_in(QMimeData()) == []
    asked = []
    panel.backtestAsked.connect(asked.append)
    from widgets.watch_menus import row_menu

    menu = row_menu(panel, keys)
    next(a for a in menu.actions() if a.text() == "Back-test these 2").trigger()
    assert asked == [keys]
    menu.deleteLater()


def test_the_menu_of_all_goes_whole_once_it_is_closed(d, monkeypatch):
    panel, opened = watch(d), []
    # the platform without a screen cannot pop up
    monkeypatch.setattr(QMenu, "popup", lambda menu, _place: opened.append(menu))

    def menus():
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return [m for m in panel.findChildren(QMenu) if m.actions()]

    before = len(menus())
    for _ in range(3):
        panel.more.click()
        menu = opened.pop()
        assert [a.menu() for a in menu.actions() if a.text() == "Columns"]
        menu.close()
    assert len(menus()) == before


def test_a_hidden_heat_map_keeps_no_picture_and_has_one_at_once_when_shown(d):
    panel = watch(d)
    for _ in range(2):
        panel.show_map(True)
        assert panel.map._picture is not None
        panel.show_map(False)
        panel.map.refresh()
        assert panel.map._picture is None


def test_a_click_on_a_tile_of_the_heat_map_opens_its_chart(qtbot, d):
    panel = watch(d)
    d.ctl.actions.run("heat_map")
    d.settle()
    places = [QPoint(x, y) for x in range(5, panel.map.width(), 12) for y in range(5, panel.map.height(), 12)]
    found = {panel.map.symbol_at(p): p for p in places}
    found.pop("", None)
    assert len(found) > 5
    symbol, place = next(iter(found.items()))
    qtbot.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=place)
    d.settle()
    assert d.ctl.chart.panel.symbol == symbol
    panel.grab()
    panel.show_map(False)


def test_muting_takes_a_symbol_out_of_badges_and_feed(d):
    made = d.engine.signal(4)
    d.engine.signal(5)
    d.settle()
    watch(d).mute([made.symbol], True)
    d.settle()
    assert len(feed(d).model.rows) == 1
    row = watch(d).model.row_of[made.symbol]
    assert not watch(d).model.badge_fresh(NOW)[row]


def test_a_busy_minute_is_one_row_that_opens(qtbot, d):
    old = NOW - 600_000
    for k in range(sg.MANY + 40):
        d.engine.signal(k % 20, at_ms=old)
    d.engine.signal(3)
    d.settle()
    panel = feed(d)
    texts = [panel.table.row_text(k) for k in range(panel.table.row_count())]
    assert len(texts) == 2
    assert texts[1][1].startswith(f"{sg.MANY + 40} signals · ")
    panel.table.rowActivated.emit(panel.table.row_key(1))
    assert panel.table.row_count() == 2 + sg.MANY + 40
    panel.group.setChecked(False)
    assert panel.table.row_count() == 1 + sg.MANY + 40
    panel.grab()
    assert panel.csv().count("\n") == 2 + sg.MANY + 40


def test_outcome_follows_the_live_price_in_the_signals_direction(d):
    price = float(watch(d).model.last[2])
    for side, action in (("long", "entry"), ("short", "entry"), ("long", "exit"), ("short", "exit")):
        d.engine.signal(2, side=side, action=action, price=price / 1.1)
    d.settle()
    panel = feed(d)
    said = [panel.table.row_text(k)[sg.OUTCOME] for k in range(4)]
    assert said == ["+10.00 %", "−10.00 %", "−10.00 %", "+10.00 %"]
    assert "50 % of them right so far" in panel.foot.text()


def test_a_replays_signals_stand_apart_from_the_journals(d):
    d.engine.signal(1)
    d.settle()
    part, panel = d.ctl.parts["signals"], feed(d)
    replayed = [
        d.engine.journal[0].__class__(
            **{f: getattr(d.engine.journal[0], f) for f in d.engine.journal[0].__struct_fields__}
        )
    ]
    part.show_replay(SignalBatch.of(replayed))
    d.settle()
    assert panel.marked.isVisible()
    assert "REPLAY" in panel.marked.text()
    d.engine.signal(2)
    d.settle()
    assert panel.table.row_count() == 1
    part.show_replay(None)
    d.settle()
    assert not panel.marked.isVisible()
    assert panel.table.row_count() == 2


def test_an_alert_rule_is_made_changed_switched_off_and_deleted(d):
    made = d.engine.signal(3, side="short")
    d.settle()
    feed(d).alertAsked.emit(made)
    d.settle()
    dialog = d.ctl.parts["signals"]._dialog
    assert dialog.form.rule().strategy == made.strategy
    dialog.form.name.setText("mine")
    dialog.form.ways["telegram"].setChecked(True)
    dialog.form.save.click()
    d.settle()
    assert len(d.engine.rules) == 1
    assert d.engine.rules[0].startswith(f'name="mine" strategy={made.strategy} symbol={made.symbol}')
    assert d.engine.rules[0].endswith("sound desktop telegram")
    dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    d.settle()
    assert d.engine.rules[0].endswith("telegram off")
    dialog.begin(dialog.form.rule())
    dialog.form.what.setCurrentIndex(1)
    dialog.form.scan.setText("RSX(3) > 1")
    dialog.form.save.click()
    d.settle()
    assert dialog.form.scan.wrong_at == 0
    assert len(d.engine.rules) == 1
    dialog.list.setCurrentRow(0)
    dialog.remove.click()
    d.settle()
    assert d.engine.rules == []
    dialog.close()


def test_channels_and_a_test_message(d):
    d.ctl.actions.run("alerts")
    d.settle()
    dialog = d.ctl.parts["signals"]._dialog
    page = dialog.channels
    page.fields["telegram_chat"].setText("42")
    page.secrets["telegram"].setText("token")
    page._test("telegram")
    d.settle()
    assert d.engine.of(alerting.KeepSecret)[-1].value == "token"
    assert page.secrets["telegram"].text() == ""
    assert d.engine.channels.telegram_chat == "42"
    assert page.results["telegram"].text() == "There is no webhook URL."
    dialog.close()
