"""The window with the setting window.language = Deutsch, and back in English."""

from PySide6.QtWidgets import QApplication

from app import window as win
from app.frame import language
from app.frame.menus import main_menu
from tests.gui.windowing import desk
from widgets.frame import TopBar
from widgets.texts import tr


def test_window_speaks_german_and_english_again(qtbot, tmp_path, monkeypatch):
    make = win.make_application
    monkeypatch.setattr(win, "make_application", lambda theme: make(theme, "Deutsch"))
    try:
        with desk(tmp_path) as d:
            d.engine.quote()
            d.settle()
            menu = main_menu(d.ctl.actions, d.window)
            titles = [action.text() for action in menu.actions()]
            assert {"Fenster", "Markt", "Panels"} <= set(titles)
            assert d.ctl.actions["full_screen"].text() == "Vollbild"
            top = d.window.top
            assert top.workspaces["Optimise"].text() == "Optimieren"
            assert top.command.text().startswith("Symbol oder Befehl eingeben")
            watch = d.ctl.parts["watchlist"].widget
            assert watch.filter.placeholderText() == "Symbol oder Währung filtern"
            d.engine.die("gone")
            d.until(lambda: d.ctl.connection_bar.isVisible())
            assert d.ctl.connection_bar.text.startswith("Engine verloren: Neustart in")
            assert "Alt seit" in watch.stale_text
    finally:
        monkeypatch.undo()
        app = QApplication.instance()
        assert language.install(app, "English") == "English"
    assert tr("Settings") == "Settings"
    bar = TopBar()
    qtbot.addWidget(bar)
    assert bar.command.text().startswith("Type a symbol or command")


def test_a_missing_or_broken_file_leaves_english(qapp, tmp_path, monkeypatch):
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    assert language.install(qapp, "Deutsch") == "English"
    (tmp_path / "pyroquant_de.qm").write_bytes(b"not a translation")
    assert language.install(qapp, "Deutsch") == "English"
    assert tr("Settings") == "Settings"
