"""Starts the window: first something to see, then everything else in steps of the event loop.

Measured: with QtWidgets alone the first paint comes after 0.2-0.4 s; loading numpy and the chart library before it
would take 1.3 s. Nothing heavier than QtWidgets may be imported at the top of this module.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from PySide6 import QtCore, QtWidgets

from app import crash as crashes
from app import trace
from app.frame import language as languages
from app.main_window import MainWindow
from app.options import WindowOptions
from engine.clock import SYSTEM_CLOCK, iso, now_ms
from widgets import theme

if TYPE_CHECKING:
    from app.controller import Controller

#: name of the desktop file, so that the window groups under its icon.
DESKTOP_NAME = "pyroquant"


def run_window(options: WindowOptions) -> int:
    """Show the window and run until it is closed; returns the process's exit code."""
    crash = crashes.CrashHandler(options.data_folder / "logs", lambda: iso(now_ms(SYSTEM_CLOCK)))
    crash.install()
    prefer_xcb()
    chosen = options.settings.window
    app = make_application(chosen.theme, chosen.language, chosen.up_down)
    problem = crashes.drift_message(crashes.reference_drift(QtCore.QObject()), QtCore.__version__)
    if problem:
        QtWidgets.QMessageBox.critical(None, "PyroQuant", problem)
        return 1
    window = show_window(app, options)
    try:
        code = run_loop(app, window, options, crash)
    finally:
        crash.remove()
        if options.begun is not None:
            options.begun.terminate()
    if options.restart:
        start_anew()
    return end(code)


def end(code: int) -> int:
    """All is written: end the process at once. Taking the window apart once a panel has floated ends in a crash of the
    docking library, and costs a moment in any case; so this is called while the window is still held."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def start_anew() -> None:
    """This process becomes the window again, with the same command line."""
    from engine.runtime.spawn import program

    command = program(*sys.argv[1:])
    os.execv(command[0], command)


def prefer_xcb() -> None:
    """Docking by dragging needs a window system that tells positions; on Wayland its X server does."""
    if sys.platform == "linux" and os.environ.get("WAYLAND_DISPLAY") and os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb")


def make_application(theme_name: str, language: str = "English", up_down: str = "green/red") -> QtWidgets.QApplication:
    found = QtWidgets.QApplication.instance()
    app = found if isinstance(found, QtWidgets.QApplication) else QtWidgets.QApplication([DESKTOP_NAME])
    app.setApplicationName("PyroQuant")
    app.setDesktopFileName(DESKTOP_NAME)
    languages.install(app, language)
    theme.install(app, theme.with_up_down(theme.THEMES.get(theme_name, theme.DARK), up_down))
    return app


def show_window(app: QtWidgets.QApplication, options: WindowOptions) -> MainWindow:
    """The frame with its skeleton, painted before this returns."""
    from app import workspace

    kept, _problem = workspace.peek(options.config_folder)
    window = MainWindow()
    window.place(kept.geometry, kept.maximised)
    window.show()
    app.processEvents()
    trace.reached("painted")
    return window


def run_loop(
    app: QtWidgets.QApplication, window: MainWindow, options: WindowOptions, crash: crashes.CrashHandler
) -> int:
    """Everything after the first paint, on one loop for Qt and asyncio."""
    import asyncio

    import qasync

    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        return int(loop.run_until_complete(_main(window, options, crash)))


async def _main(window: MainWindow, options: WindowOptions, crash: crashes.CrashHandler) -> int:
    from app import memory

    memory.large_apart()
    try:
        controller = await build(window, options, crash)
        memory.settle()
        memory.keep_tidy(window)
        await controller.finished.wait()
    except Exception as error:
        crash.exception(error, "The window could not be built")
        sys.stderr.write(f"{crash.path}: {error!r}\n")
        return 1
    return 0


async def build(window: MainWindow, options: WindowOptions, crash: crashes.CrashHandler) -> Controller:
    """Panels, engine and chart, one step of the event loop each, so that the window answers in between."""
    import asyncio

    async def breathe() -> None:
        await asyncio.sleep(0)

    import numpy  # noqa: F401 - a step of its own: 150 ms

    await breathe()
    from app.controller import Controller

    await breathe()
    controller = Controller(window, options, crash)
    controller.start()
    await breathe()
    import pyqtgraph  # noqa: F401 - the slowest import, while the engine is starting

    await breathe()
    controller.install_chart()
    await breathe()
    return controller
