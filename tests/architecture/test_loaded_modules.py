"""What really gets loaded: importlib hides from static contracts, so a fresh interpreter imports and looks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT, python_files

QT = ("PySide6", "PySide6QtAds", "shiboken6", "pyqtgraph", "qasync")
HEAVY = ("numba", "polars", "pyarrow", "duckdb", "redis", "websockets", "aiohttp", "sqlalchemy")

#: entry points that run without a window, and modules that the window's process imports
HEADLESS = ("app.headless", "engine.runtime.engine_main", "engine.runtime.client", "engine.contracts.commands")
WINDOW = ("app.window", "app.main_window", "app.gui", "app.actions", "app.workspace", "app.crash", "app.settings")


def module_names(top: str) -> list[str]:
    """Dotted names of the tracked modules under a package."""
    names = [p.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for p in python_files(top)]
    return sorted(name for name in names if not name.endswith("__main__"))


def existing(names: tuple[str, ...]) -> list[str]:
    return [n for n in names if (ROOT / (n.replace(".", "/") + ".py")).exists()]


def loaded_of(modules: list[str], suspects: tuple[str, ...]) -> list[str]:
    """Which of the suspects a fresh interpreter has loaded after importing these modules."""
    code = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"print(*[s for s in {suspects!r} if s in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_API": "pyside6"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("module", existing(HEADLESS))
def test_no_qt_without_a_window(module):
    assert loaded_of([module], QT) == []


@pytest.mark.parametrize("module", [name for name in module_names("engine") if name.count(".") == 1])
def test_no_engine_folder_loads_qt(module):
    assert loaded_of([module], QT) == []


def test_view_models_load_no_qt():
    assert loaded_of([name for name in module_names("widgets") if ".viewmodels" in name], QT) == []


def test_the_window_loads_nothing_heavy():
    assert loaded_of(module_names("widgets") + existing(WINDOW), HEAVY) == []


def test_the_check_can_fail():
    assert loaded_of(["PySide6.QtCore", "numba"], QT + HEAVY) == ["PySide6", "shiboken6", "numba"]


def test_setting_a_label_does_not_leak_references_to_none(qapp):
    from PySide6.QtWidgets import QLabel

    label = QLabel()
    label.setText("warm")
    before = sys.getrefcount(None)
    for i in range(500):
        label.setText(str(i))
    after = sys.getrefcount(None)
    label.deleteLater()
    assert abs(after - before) <= 50
