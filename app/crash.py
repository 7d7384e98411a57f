"""Nothing fails silently: uncaught exceptions, Qt messages and hard crashes end in a file and in the error bar.

An exception in a Qt slot only prints and the event loop goes on, which twice in the trials became a silently hanging
window; so the hooks are installed before anything else is imported.
"""

from __future__ import annotations

import faulthandler
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from PySide6 import QtCore

#: this many reports are written in full; a fault that repeats each frame must not fill the disk.
MAX_REPORTS = 200
_QUIET = ("propagateSizeHints", "This plugin does not support")


class CrashHandler:
    """Collects failures. Listeners get (sentence, details) on the thread that failed: hop before touching Qt."""

    def __init__(self, data_folder: Path, stamp: Callable[[], str]) -> None:
        self.path = data_folder / "window-errors.log"
        self._stamp = stamp
        self._listeners: list[Callable[[str, str], None]] = []
        self._early: list[tuple[str, str]] = []
        self._file: IO[str] | None = None
        self._previous: tuple[Any, Any, Any] | None = None
        self._count = 0

    def install(self) -> None:
        """Take over all hooks; faulthandler writes to the same file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a", encoding="utf-8", buffering=1)
        faulthandler.enable(self._file)
        self._previous = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread
        sys.unraisablehook = self._on_unraisable
        QtCore.qInstallMessageHandler(self._on_qt)

    def remove(self) -> None:
        """Give the hooks back (tests run several windows in one process)."""
        if self._previous is None:
            return
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._previous
        self._previous = None
        QtCore.qInstallMessageHandler(None)
        faulthandler.disable()
        if self._file is not None:
            self._file.close()
            self._file = None

    def listen(self, handler: Callable[[str, str], None]) -> None:
        """Hear every report; those from before are delivered now."""
        self._listeners.append(handler)
        early, self._early = self._early, []
        for sentence, details in early:
            handler(sentence, details)

    def report(self, sentence: str, details: str) -> None:
        """Write it down and tell the listeners."""
        self._count += 1
        if self._file is not None and self._count <= MAX_REPORTS:
            self._file.write(f"{self._stamp()} {sentence}\n{details}\n")
        if not self._listeners:
            self._early.append((sentence, details))
        for handler in self._listeners:
            handler(sentence, details)

    def exception(self, error: BaseException, doing: str = "") -> None:
        """Report an exception that was caught at the edge of a task or slot."""
        details = "".join(traceback.format_exception(error))
        self.report(f"{doing + ': ' if doing else ''}{type(error).__name__}: {error}", details)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QtCore.QCoreApplication.quit()
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(details)
        self.report(f"{kind.__name__}: {error}", details)

    def _on_thread(self, args: Any) -> None:
        name = args.thread.name if args.thread else "?"
        details = "".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback))
        self.report(f"In thread {name}: {args.exc_type.__name__}: {args.exc_value}", details)

    def _on_unraisable(self, args: Any) -> None:
        details = "".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback))
        self.report(
            f"Ignored by Python: {args.exc_type.__name__}: {args.exc_value}", f"{args.err_msg or ''}\n{details}"
        )

    def _on_qt(self, kind: QtCore.QtMsgType, context: QtCore.QMessageLogContext, text: str) -> None:
        if kind in (QtCore.QtMsgType.QtDebugMsg, QtCore.QtMsgType.QtInfoMsg) or any(q in text for q in _QUIET):
            return
        place = f"{context.file}:{context.line}" if context.file else "Qt"
        if kind == QtCore.QtMsgType.QtWarningMsg:
            if self._file is not None and self._count <= MAX_REPORTS:
                self._count += 1
                self._file.write(f"{self._stamp()} Qt warning, {place}: {text}\n")
            return
        self.report(f"Qt: {text}", place)


def reference_drift(label: QtCore.QObject, rounds: int = 500) -> int:
    """References of None that `rounds` calls returning nothing lose (PySide6 6.12.0 on Python 3.11: one each)."""
    before = sys.getrefcount(None)
    for _ in range(rounds):
        label.setObjectName("drift")
    return sys.getrefcount(None) - before


def drift_message(drift: int, version: str) -> str:
    """'' when the interpreter is sound, else what is wrong and what to do."""
    if abs(drift) <= 50:
        return ""
    return (
        f"PySide6 {version} loses references on this Python ({drift} in 500 calls) and would abort within seconds. "
        "Install the pinned version: pip install -c packaging/constraints.txt ."
    )
