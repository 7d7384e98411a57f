"""The dock area under anything a person does to it: floating, closing, switching and resetting in any order.

The library crashed the process when panels were taken off it while others floated; a crash here ends the test run.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QMainWindow, QWidget

from app.docks import DockHost
from app.layouts import LAYOUTS
from tests.gui.dock_deeds import NAMES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def host(qtbot):
    window, body = QMainWindow(), QWidget()
    window.setCentralWidget(body)
    window.resize(1600, 900)
    qtbot.addWidget(window)
    window.show()
    made = DockHost(body)
    for name in NAMES:
        made.add(name, name, QLabel(name), "chart")
    made.arrange("Trade")
    yield made
    made.close()


def test_every_layout_shows_its_panels_in_front(host):
    for layout, node in LAYOUTS.items():
        host.arrange(layout)
        fronts = [part.split("'")[1] for part in repr(node).split("('tabs', ")[1:]]
        assert fronts
        for name in fronts:
            assert host.is_visible(name), f"{layout}: {name}"


def test_a_panel_without_a_place_opens_and_its_layout_comes_back(host):
    host.arrange("Optimise")
    host.show("sql")
    assert host.is_visible("sql")
    kept = host.save()
    host.arrange("Trade")
    assert not host.is_visible("sql")
    assert host.restore(kept)
    assert host.is_visible("sql")


def test_garbage_is_refused_and_changes_nothing(host):
    before = [name for name in NAMES if host.is_visible(name)]
    assert not host.restore(b"garbage")
    assert [name for name in NAMES if host.is_visible(name)] == before


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)])
def test_any_order_of_floating_closing_and_switching_is_survived(seed):
    """In a process of its own, so that a crash is a failure of this test alone."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.dock_deeds", str(seed)], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stdout.strip()) == (0, "survived"), done.stderr[-2000:]
