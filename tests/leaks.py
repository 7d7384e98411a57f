"""What a test may leave behind: nothing. A look before, a look after, and a short grace for what is just ending."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import time
from asyncio import runners
from collections.abc import Iterable, Set
from typing import Any, NamedTuple

import psutil

#: threads that a library keeps for the life of the process, by the beginning of their name
LASTING_THREADS = ("pytest_timeout", "QThread", "Dummy-", "polars", "execnet", "asyncio_0")
#: seconds that something which is just ending gets
GRACE = 1.0
_pending: list[str] = []


class Snapshot(NamedTuple):
    threads: frozenset[int]
    sockets: frozenset[Any]
    widgets: frozenset[int]
    timers: frozenset[int]


def snapshot() -> Snapshot:
    """What there is now."""
    return Snapshot(
        frozenset(t.ident or 0 for t in threading.enumerate()),
        frozenset(_sockets()),
        frozenset(_widgets()),
        frozenset(_timers()),
    )


def remaining(before: Snapshot) -> list[str]:
    """One sentence for each thing there is now that was not there before, after the grace."""
    deadline = time.monotonic() + GRACE
    left = _new(before)
    while left and time.monotonic() < deadline:
        _end_deferred()
        gc.collect()
        time.sleep(0.02)
        left = _new(before)
    return left


def stray_records(records: Iterable[logging.LogRecord], expected: Set[str]) -> list[str]:
    """Log lines of WARNING or worse whose text contains none of the expected parts."""
    return [
        f"{r.name}: {r.getMessage()}"
        for r in records
        if r.levelno >= logging.WARNING and not any(part in r.getMessage() for part in expected)
    ]


def _new(before: Snapshot) -> list[str]:
    left = [
        f"thread {t.name}"
        for t in threading.enumerate()
        if t.ident not in before.threads and not t.name.startswith(LASTING_THREADS)
    ]
    left += [f"socket {s}" for s in _sockets() - before.sockets]
    left += [f"top-level widget {text}" for key, text in _widgets().items() if key not in before.widgets]
    left += [f"running timer {text}" for key, text in _timers().items() if key not in before.timers]
    return left


def _sockets() -> set[tuple[object, ...]]:
    """Internet sockets of this process, by descriptor and address."""
    return {(c.fd, c.laddr, c.raddr, c.status) for c in psutil.Process().net_connections("inet")}


def watch_tasks() -> None:
    """Remember the tasks that are still pending when an event loop is closed. An event loop cancels them in silence."""
    cancel = runners._cancel_all_tasks  # type: ignore[attr-defined]

    def remember(loop: asyncio.AbstractEventLoop) -> None:
        _pending.extend(f"task {t.get_name()} {t.get_coro()}" for t in asyncio.all_tasks(loop))
        cancel(loop)

    runners._cancel_all_tasks = remember  # type: ignore[attr-defined]


def pending_tasks() -> list[str]:
    """The tasks remembered since the last look."""
    found = list(_pending)
    _pending.clear()
    return found


def _address(thing: Any) -> int:
    """Where the C++ object lies: unlike the Python wrapper's id it is the same at every look."""
    return int(sys.modules["shiboken6"].getCppPointer(thing)[0])


def _qt_app() -> Any:
    widgets = sys.modules.get("PySide6.QtWidgets")
    return widgets.QApplication.instance() if widgets else None


def _widgets() -> dict[int, str]:
    app = _qt_app()
    if app is None or not hasattr(app, "topLevelWidgets"):
        return {}
    # pyqtgraph makes context menus without a parent and leaves them to the collector: they are hidden, and not ours
    ours = (w for w in app.topLevelWidgets() if type(w).__name__ != "QMenu" or w.isVisible())
    return {_address(w): f"{type(w).__name__} {w.objectName()}" for w in ours}


def _timers() -> dict[int, str]:
    """Active QTimers that hang under the application or a top-level widget."""
    app = _qt_app()
    if app is None:
        return {}
    core = sys.modules["PySide6.QtCore"]
    roots = [app, *(app.topLevelWidgets() if hasattr(app, "topLevelWidgets") else [])]
    active = [(root, t) for root in roots for t in root.findChildren(core.QTimer) if t.isActive()]
    return {_address(t): f"of {type(root).__name__}" for root, t in active}


def _end_deferred() -> None:
    """Let Qt delete what waits for deleteLater."""
    app = _qt_app()
    if app is not None:
        core = sys.modules["PySide6.QtCore"]
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
        app.processEvents()
