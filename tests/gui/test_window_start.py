"""What is loaded when, and that failures are caught from the first line on."""

import os
import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import qCritical, qWarning
from PySide6.QtWidgets import QLabel

from app import crash as crashes
from widgets import icons

#: what belongs to the engine's processes and to other tools
NEVER = {
    *("numba", "llvmlite", "polars", "pyarrow", "duckdb", "websockets", "sqlalchemy", "aiohttp", "optuna", "keyring"),
    *("redis", "pandas", "scipy", "dask", "distributed", "typer", "rich", "fsspec", "matplotlib", "OpenGL"),
}


def run(code):
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=env, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_first_paint_needs_neither_numpy_nor_asyncio_nor_the_chart_library():
    loaded = set(run("import app.window, sys; print(*sys.modules)"))
    assert not loaded & {
        "numpy",
        "msgspec",
        "asyncio",
        "qasync",
        "pyqtgraph",
        "PySide6QtAds",
        "PySide6.QtSvg",
        "PySide6.QtNetwork",
    }


def test_the_whole_window_loads_no_engine_library():
    loaded = run(
        "import app.window, app.controller, widgets.chart.panel, sys, "
        "widgets.backtest, widgets.data, widgets.runs, widgets.sql; print(*sys.modules)"
    )
    assert not NEVER & set(loaded)
    assert not [m for m in loaded if m.startswith("engine.") and m.split(".")[1] not in ("contracts", "clock")]


def test_nothing_of_the_engine_is_loaded_once_every_panel_and_chart_stands(tmp_path):
    """By -X importtime, which names what is imported, whatever becomes of it."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-X", "importtime", "-m", "tests.gui.window_loaded", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=env, check=False)
    rows = [line.split("|") for line in done.stderr.splitlines() if line.startswith("import time:")]
    loaded = {row[-1].strip() for row in rows} | set(done.stdout.split())
    assert {"pyqtgraph", "PySide6QtAds", "app.charts", "app.parts.replay"} <= loaded, done.stderr[-2000:]
    assert not NEVER & {name.partition(".")[0] for name in loaded}
    assert not [m for m in loaded if m.startswith("engine.") and m.split(".")[1] not in ("contracts", "clock")]


def test_calls_that_return_nothing_keep_their_references(qtbot):
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for k in range(500):
        label.setText(str(k))
    assert abs(sys.getrefcount(None) - before) <= 50
    assert abs(crashes.reference_drift(label)) <= 50


def test_drift_is_explained():
    assert crashes.drift_message(3, "6.11.2") == ""
    assert "6.12.0" in crashes.drift_message(-500, "6.12.0")
    assert "constraints.txt" in crashes.drift_message(-500, "6.12.0")


@pytest.fixture
def handler(tmp_path):
    made = crashes.CrashHandler(tmp_path, lambda: "2026-11-23T00:00:00Z")
    made.install()
    yield made
    made.remove()


def test_every_hook_reports_and_writes(handler, capsys):
    heard = []
    try:
        raise ValueError("early")
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    handler.listen(lambda text, details: heard.append((text, details)))
    thread = threading.Thread(target=lambda: 1 / 0, name="worker")
    thread.start()
    thread.join()
    assert heard[0][0] == "ValueError: early"
    assert heard[1][0].startswith("In thread worker: ZeroDivisionError")
    text = handler.path.read_text(encoding="utf-8")
    assert "2026-11-23T00:00:00Z ValueError: early" in text
    assert "ZeroDivisionError" in text


def test_qt_messages_are_kept_and_grave_ones_are_told(handler):
    heard = []
    handler.listen(lambda text, details: heard.append(text))
    qWarning("a warning")
    qCritical("broken")
    assert heard == ["Qt: broken"]
    assert "a warning" in handler.path.read_text(encoding="utf-8")


def test_a_fault_that_repeats_does_not_fill_the_disk(handler):
    for k in range(crashes.MAX_REPORTS + 50):
        handler.report(f"fault {k}", "details")
    assert handler.path.read_text(encoding="utf-8").count("details") == crashes.MAX_REPORTS


def test_every_icon_can_be_drawn(qtbot):
    assert len(icons.names()) >= 20
    for name in icons.names():
        picture = icons.pixmap(name, "text", 32).toImage()
        assert any(picture.pixelColor(x, y).alpha() for x in range(32) for y in range(32)), name
