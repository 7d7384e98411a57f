"""Alerts in the window: quiet unless the rule asks for sound or a message."""

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from app.alerts import words
from engine.contracts import events as ev
from tests.gui.windowing import desk


@pytest.fixture
def beeps(monkeypatch):
    """How often it has beeped."""
    heard = []
    monkeypatch.setattr(QApplication, "beep", lambda: heard.append(1))
    return heard


def alert(engine, **changes) -> ev.Alert:
    made = ev.Alert(signal=engine.signal(3, side="short", strength=1.26), rule="side=short", **changes)
    engine.emit(made)
    return made


def test_an_alert_without_sound_or_message_is_silent(qtbot, tmp_path, beeps):
    with desk(tmp_path) as d:
        alert(d.engine)
        d.settle()
        assert beeps == []
        assert not d.ctl.toasts.shown


def test_sounds_do_not_pile_up(qtbot, tmp_path, beeps):
    with desk(tmp_path) as d:
        for _ in range(5):
            alert(d.engine, sound=True)
        d.settle()
        assert beeps == [1]


def test_without_a_tray_the_message_stands_in_the_window(qtbot, tmp_path, beeps):
    with desk(tmp_path) as d:
        if QSystemTrayIcon.isSystemTrayAvailable():
            pytest.skip("this desktop shows the message itself")
        made = alert(d.engine, desktop=True, more=1_234)
        d.settle()
        assert d.ctl.toasts.shown
        title, text = words(made, 2)
        name = d.engine.info.instruments[3].name
        assert title == f"SELL {name} 1m"
        assert text.startswith(f"{made.signal.strategy} at ")
        assert text.endswith("strength 1.3, and 1,234 more of this rule")
        assert d.ctl.toasts.text == f"{title}: {text}"
        assert beeps == []
