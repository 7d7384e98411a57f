"""The frame around the panels: toasts, workspaces, settings, keys, backup, the tour and the watchdog."""

import time
import zipfile

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from app.frame import backup
from app.frame.watchdog import ALARM_MS, Watchdog
from app.settings import FILE_NAME
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.settings import SETTINGS, Settings
from tests.gui.windowing import desk
from widgets.settings import SettingsDialog
from widgets.toasts import MOST, MOST_WAITING, Toasts
from widgets.tour import Hint, Tour


@pytest.fixture
def host(qtbot):
    made = QWidget()
    made.resize(900, 600)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_toast_says_what_happened_and_what_to_do_and_repeats_count_up(host):
    toasts, done = Toasts(host), []
    for _ in range(3):
        toasts.say("error", "The disk is full.\nFree some of it.", "ENOSPC", "Open", lambda: done.append(1))
    (toast,) = toasts.shown
    assert toast.text.text() == "The disk is full."
    assert toast.more.text() == "Free some of it."
    assert toast.count.text() == "×3"
    assert toasts.copy() == "The disk is full.\nFree some of it.\nENOSPC"
    toast.action_button.click()
    assert done == [1]
    assert not toasts.shown


def test_errors_stay_and_news_goes_and_what_does_not_fit_waits(host):
    toasts = Toasts(host)
    toasts.say("info", "saved")
    for k in range(MOST + 1):
        toasts.say("error", f"error {k}")
    assert [t.said.text for t in toasts.shown] == ["saved", "error 0", "error 1", "error 2"]
    boxes = [t.geometry() for t in toasts.shown]
    assert all(host.rect().contains(b) for b in boxes)
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[:i])
    for _ in range(10):
        toasts._second()
    assert [t.said.text for t in toasts.shown] == ["error 0", "error 1", "error 2", "error 3"]
    toasts.dismiss(toasts.shown[0])
    assert toasts.text == "error 4"


def test_of_too_much_that_waits_the_oldest_news_gives_way(host):
    toasts = Toasts(host)
    for k in range(MOST):
        toasts.say("error", f"error {k}")
    toasts.say("warning", "a limit is near")
    toasts.say("info", "deleted", action="Undo", do=lambda: None)
    for k in range(MOST_WAITING * 3):
        toasts.say("info", f"news {k}")
    seen = []
    while toasts.shown:
        seen.append(toasts.shown[0].said.text)
        toasts.dismiss(toasts.shown[0])
    assert len(seen) == MOST + MOST_WAITING
    assert {"a limit is near", "deleted"} <= set(seen)
    assert seen[-1] == f"news {MOST_WAITING * 3 - 1}"
    assert "news 0" in [s.text for s in toasts.history]


def test_own_workspaces_are_made_renamed_shown_deleted_and_kept(qtbot, tmp_path):
    with desk(tmp_path) as d:
        spaces = d.ctl.frame.workspaces
        d.ctl.docks._docks["log"].closeDockWidget()
        spaces.create("  Night   shift ")
        assert spaces.current == "Night shift"
        assert "Night shift" in d.window.top.workspaces
        d.ctl.frame.show_workspace("Research")
        assert d.window.top.workspaces["Research"].isChecked()
        d.ctl.frame.show_workspace("Night shift")
        spaces.rename("Late")
        for wrong in ("", "trade", "x" * 31):
            with pytest.raises(BadInput):
                spaces.create(wrong)
    with desk(tmp_path) as d:
        spaces = d.ctl.frame.workspaces
        assert spaces.current == "Late"
        assert not d.ctl.docks.is_visible("log")
        spaces.delete()
        assert spaces.current == "Trade"
        with pytest.raises(BadInput, match="comes with the program"):
            spaces.delete()


def test_layout_is_written_while_the_window_is_open(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.ctl.docks._docks["signals"].closeDockWidget()
        for _ in range(20):
            d.ctl._autosave()
        file = d.options.config_folder / "window.json"
        stamp = file.stat().st_mtime_ns
        for _ in range(20):
            d.ctl._autosave()
        assert file.stat().st_mtime_ns == stamp, "what did not change is not written again"


def test_settings_are_changed_checked_and_written(qtbot, tmp_path):
    with desk(tmp_path) as d:
        dialog = d.ctl.frame.preferences.open("backtest")
        assert set(dialog.rows) == set(SETTINGS)
        row = dialog.rows["backtest.cash"]
        row.editor.setText("-5")
        assert "at least 1" in row.error.text()
        assert not dialog.ok.isEnabled()
        row.editor.setText("25000")
        dialog.rows["window.theme"].show_value("light")
        assert "restart of the window" in dialog.note.text()
        dialog.accept()
        text = (d.options.config_folder / FILE_NAME).read_text("utf-8")
        assert "\ncash = 25000" in text
        assert d.ctl.settings.window.theme == "light"
        assert "restart of the window" in d.ctl.toasts.text


def test_every_setting_is_shown_as_it_is_and_found_by_its_words(qtbot):
    dialog = SettingsDialog(Settings(), {"feeds.proxy": "PYROQUANT_FEEDS_PROXY"}, lambda _v: None)
    qtbot.addWidget(dialog)
    assert not dialog.changed()
    for key, row in dialog.rows.items():
        assert row.value() == Settings().get(key), key
    assert not dialog.rows["feeds.proxy"].editor.isEnabled()
    dialog.search.setText("slippage")
    shown = [k for k, r in dialog.rows.items() if not r.isHidden()]
    assert shown == ["backtest.slippage_bps"]


def test_a_settings_file_that_cannot_be_read_is_said(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.ctl.save()
        (d.options.config_folder / FILE_NAME).write_text("[window\n", "utf-8")
        assert d.ctl.frame.preferences.open() is None
        assert "pyroquant.toml" in d.ctl.toasts.copy()


def test_keys_can_be_changed_and_clashes_are_refused(qtbot, tmp_path):
    with desk(tmp_path) as d:
        sheet = d.ctl.frame.show_keys()
        sheet.editors["full_screen"].setKeySequence(QKeySequence("F9"))
        assert "used twice" in sheet.note.text()
        assert not sheet.ok.isEnabled()
        sheet.editors["full_screen"].setKeySequence(QKeySequence("Ctrl+Alt+F"))
        sheet.accept()
        assert d.ctl.actions["full_screen"].shortcut().toString() == "Ctrl+Alt+F"
    with desk(tmp_path) as d:
        assert d.ctl.actions["full_screen"].shortcut().toString() == "Ctrl+Alt+F"
        sheet = d.ctl.frame.show_keys()
        sheet.reset.click()
        assert sheet.chosen() == {"full_screen": "F11"}
        sheet.close()


def test_backup_and_restore(tmp_path):
    config, own = tmp_path / "config", tmp_path / "strategies"
    config.mkdir()
    own.mkdir()
    (config / "window.json").write_text("{}")
    (config / "secret.key").write_text("no")
    (own / "mine.txt").write_text("strategy mine")
    file = tmp_path / "all.pyroquant"
    assert backup.write(file, config, own, "2026-01-01T00:00:00Z") == 2
    (config / "window.json").write_text('{"later": 1}')
    (own / "mine.txt").unlink()
    count, before = backup.restore(file, config, own, "2026-01-02T00:00:00Z")
    assert count == 2
    assert (config / "window.json").read_text() == "{}"
    assert (own / "mine.txt").read_text() == "strategy mine"
    backup.restore(before, config, own, "2026-01-03T00:00:00Z")
    assert (config / "window.json").read_text() == '{"later": 1}'


@pytest.mark.parametrize("name", ["../x.json", "config/../../x.json", "/etc/x.json", "config/x.exe", "other/x.json"])
def test_a_backup_that_reaches_outside_is_refused_whole(tmp_path, name):
    file = tmp_path / "bad.pyroquant"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(backup.ABOUT, '{"kind": "pyroquant-backup", "version": 1}')
        archive.writestr("config/window.json", "{}")
        archive.writestr(name, "{}")
    with pytest.raises(BadInput, match="does not belong"):
        backup.restore(file, tmp_path / "config", tmp_path / "strategies", "now")
    assert not (tmp_path / "config" / "window.json").exists()
    file.write_bytes(b"no archive")
    with pytest.raises(BadInput, match="cannot be read"):
        backup.restore(file, tmp_path / "config", tmp_path / "strategies", "now")


def test_restoring_starts_the_window_anew_and_does_not_write_over_it(qtbot, tmp_path):
    file = tmp_path / "all.pyroquant"
    with desk(tmp_path) as d:
        d.ctl.frame.workspaces.create("Mine")
        d.ctl.frame.back_up(file)
        d.ctl.frame.workspaces.delete()
        d.ctl.frame.restore(file)
        d.until(d.ctl.finished.is_set)
        assert d.options.restart
        assert not d.engine.stopped
    with desk(tmp_path) as d:
        assert d.ctl.frame.workspaces.current == "Mine"


def test_the_tour_points_at_what_is_there_and_ends(host, qtbot):
    ends, field = [], QLineEdit(host)
    field.setGeometry(20, 20, 200, 30)
    field.show()
    tour = Tour(
        host,
        [Hint(lambda: field, "One", "first"), Hint(lambda: None, "No", "gone"), Hint(lambda: field, "Two", "last")],
        lambda: ends.append(1),
    )
    assert tour.title.text() == "One"
    assert tour.halo.geometry() == field.geometry()
    assert host.rect().contains(tour.geometry())
    field.setGeometry(60, 90, 120, 30)
    qtbot.waitUntil(lambda: tour.halo.geometry() == field.geometry())
    field.hide()
    qtbot.waitUntil(lambda: bool(ends))
    field.show()
    tour = Tour(host, [Hint(lambda: field, "One", ""), Hint(lambda: field, "Two", "last")], lambda: ends.append(2))
    tour.next.click()
    assert tour.title.text() == "Two"
    qtbot.keyClick(tour, Qt.Key.Key_Escape)
    assert ends == [1, 2]


def test_the_first_run_has_a_tour_of_five_and_the_second_none(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.options.tour = True
        d.ctl.frame.first_tour()
        titles = []
        while d.ctl.frame.tour is not None:
            titles.append(d.ctl.frame.tour.title.text())
            d.ctl.frame.tour.next.click()
        assert len(titles) == 5
        d.ctl.frame.first_tour()
        assert d.ctl.frame.tour is None
    with desk(tmp_path) as d:
        assert d.ctl.kept.tour_seen


def test_the_watchdog_notes_a_block(qtbot):
    dog = Watchdog()
    dog.start()
    qtbot.wait(60)
    dog.take()
    time.sleep(0.12)
    qtbot.waitUntil(lambda: dog.alarms >= 1)
    assert dog.take() >= ALARM_MS
    dog.stop()


def test_an_error_of_three_parts_is_shown_with_its_way_out(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.ctl.say_error(PyroError("The lake cannot be read", where="lake/x", fix="Repair it."))
        (toast,) = d.ctl.toasts.shown
        assert toast.text.text().startswith("The lake cannot be read")
        assert toast.more.text() == "Repair it."
        assert "lake/x" in d.ctl.toasts.copy()
