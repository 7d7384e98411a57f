"""Random clicks and keys on the real window with the real engine on the demo market, from a seed.

    python -m tests.monkey [--minutes 60] [--seed 1] [--data DIR]

It plays on the screen that DISPLAY names, or on an X server of its own: the platform without a screen crashes now and
then when a floating panel goes. It ends with 0 when there was no exception, no Qt warning and no leak: after the first
sixth of the time (ten minutes of an hour) the window's own memory may grow by 3 % at most; it is weighed each minute in
the state it began with, and pages of mapped candle files are the system's. Memory and problems are printed as
they come; after a failure the last deeds too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
from array import array
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QMessageLogContext, QObject, QPoint, QPointF, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices, QDrag, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app import memory
from app import window as win
from app.controller import Controller
from app.crash import CrashHandler
from app.options import WindowOptions
from engine.clock import SYSTEM_CLOCK, iso, now_ms
from tests.screen import display
from widgets.throttle import Ticker

GROWTH = 0.03
#: of the counters for touched widgets; two that share one matter little
PLACES = 1 << 16
#: s between two weighings, and that it holds still at home before each
EVERY, REST = 60.0, 2.5
#: what opens a dialog of the system, or what a screen without a window manager has not
LEFT_OUT = {"restore_backup", "backup", "full_screen"}
KEYS = (
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Tab, Qt.Key.Key_Return),
    *(Qt.Key.Key_B, Qt.Key.Key_T, Qt.Key.Key_5, Qt.Key.Key_1, Qt.Key.Key_Backspace, Qt.Key.Key_Delete),
)
#: what it does, and how often beside the others
DEEDS = {"click": 9, "key": 6, "wheel": 5, "drag": 4, "action": 3, "right": 2, "double": 2}
#: what a screen without a window manager cannot do, and what Qt says of docks when such events tear a tab off
_QUIET = ("propagateSizeHints", "This plugin does not support", "must be a top level window")


def own_memory() -> float:
    """MB that are no file's: pages of a library count as the process's own only while no other has it loaded."""
    words = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").split()
    return int(words[words.index("Anonymous:") + 1]) * 1024 / 1e6


class Monkey:
    """One window. `problems` are sentences; `done` the last things it did."""

    def __init__(self, ctl: Controller, seed: int) -> None:
        self.ctl, self.dice = ctl, random.Random(seed)
        self.problems: list[str] = []
        self.done: deque[str] = deque(maxlen=30)
        self.count = 0
        self.memory: list[float] = []
        self.tried: set[str] = set()
        #: how often a widget was touched, at its address's place: a dictionary would weigh more by the minute
        self.touched = array("I", [0]) * PLACES
        #: symbol, timeframe and look of its first chart
        self.began: tuple[str, str, dict[str, Any]] | None = None

    def act(self) -> None:
        """One thing a person could do."""
        self.count += 1
        kind = self.dice.choices(tuple(DEEDS), tuple(DEEDS.values()))[0]
        if kind == "action":
            self._action()
            return
        widget = self._widget()
        if widget is None:
            return
        try:
            wide, high = widget.width(), widget.height()
        except RuntimeError:  # Qt deleted it without telling its Python side
            return
        at = QPoint(self.dice.randrange(max(wide, 1)), self.dice.randrange(max(high, 1)))
        self.done.append(f"{kind} {type(widget).__name__} {widget.objectName()} {at.x()},{at.y()}")
        getattr(self, f"_{kind}")(widget, at)

    def _widget(self) -> QWidget | None:
        """Of what lies under six random points of a window that is open, what it has touched least: else the small
        buttons and tabs, and what opens behind them, would come up after the first ten minutes or never."""
        tops = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.isEnabled()]
        modal = QApplication.activeModalWidget() or QApplication.activePopupWidget()
        top = modal or self.dice.choice(tops or [self.ctl.window])
        least: QWidget | None = None
        for _ in range(6):
            found = self._under(top)
            if modal is not None and (found is None or found.window() is not modal):
                found = top
            if found is not None and (least is None or self.touched[_place(found)] < self.touched[_place(least)]):
                least = found
        if least is not None:
            self.touched[_place(least)] += 1
        return least

    def _under(self, top: QWidget) -> QWidget | None:
        point = QPoint(self.dice.randrange(max(top.width(), 1)), self.dice.randrange(max(top.height(), 1)))
        # not childAt: it makes what it finds a child of the asked window's wrapper, and when the wrapper of a floating
        # window goes, all that was made in C++ below counts as deleted
        found = QApplication.widgetAt(top.mapToGlobal(point)) or top
        return found if shiboken6.isValid(found) else None

    def _press(self, widget: QWidget, at: QPoint, button: Qt.MouseButton, moves: Sequence[QPoint] = ()) -> None:
        """Press, move, release. mouseClick would also release what its press has deleted; for a real one Qt looks."""
        where, gone = told(widget), []
        link = widget.destroyed.connect(lambda *_: gone.append(True))
        QTest.mousePress(widget, button, Qt.KeyboardModifier.NoModifier, at)
        for spot in moves:
            if not gone:
                QTest.mouseMove(widget, spot)
        if gone:
            print(f"went while it was pressed: {where}", flush=True)
            return
        QObject.disconnect(link)
        QTest.mouseRelease(widget, button, Qt.KeyboardModifier.NoModifier, moves[-1] if moves else at)

    def _click(self, widget: QWidget, at: QPoint) -> None:
        self._press(widget, at, Qt.MouseButton.LeftButton)

    def _double(self, widget: QWidget, at: QPoint) -> None:
        QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    def _right(self, widget: QWidget, at: QPoint) -> None:
        self._press(widget, at, Qt.MouseButton.RightButton)
        popup = QApplication.activePopupWidget()
        if isinstance(popup, QMenu):
            QTest.keyClick(popup, Qt.Key.Key_Escape)

    def _key(self, widget: QWidget, _at: QPoint) -> None:
        target = QApplication.focusWidget() or widget
        QTest.keyClick(target, self.dice.choice(KEYS))

    def _wheel(self, widget: QWidget, at: QPoint) -> None:
        delta = QPoint(0, self.dice.choice((-120, 120, 240, -240)))
        spot = QPointF(at)
        event = QWheelEvent(
            spot, QPointF(widget.mapToGlobal(at)), QPoint(), delta, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def _drag(self, widget: QWidget, at: QPoint) -> None:
        unmark(widget)
        moves = [at]
        for _ in range(4):
            moves.append(moves[-1] + QPoint(self.dice.randrange(-60, 61), self.dice.randrange(-40, 41)))
        self._press(widget, at, Qt.MouseButton.LeftButton, moves[1:])

    def _action(self) -> None:
        names = [s.id for s in self.ctl.actions.specs if s.id not in LEFT_OUT and "export" not in s.id]
        # each once before any again: what is made at its first use is there before the memory is compared
        name = self.dice.choice([name for name in names if name not in self.tried] or names)
        self.tried.add(name)
        self.done.append(f"action {name}")
        self.ctl.actions.run(name)

    def trouble(self, text: str) -> None:
        """Keep a problem, and tell it at once: the end may be an hour away."""
        self.problems.append(text)
        print(f"after {self.done[-1] if self.done else 'nothing'}: {text}", flush=True)

    def tidy(self) -> None:
        """Close dialogs and menus that have piled up."""
        for top in QApplication.topLevelWidgets():
            if isinstance(top, QDialog | QMenu) and top.isVisible():
                top.close()

    def home(self) -> None:
        """The state that it began with: a floating panel, a running replay, or the indicators that it has added to nine
        charts weigh more than a leak of an hour."""
        self.tidy()
        chart = self.ctl.parts["chart"]
        if self.began is None:
            link = chart.links[0]
            self.began = link.symbol, link.timeframe, link.panel.keep()
        symbol, timeframe, look = self.began
        for name in ("replay_stop", "perspective_trade", "charts_1", "reset_layout"):
            self.ctl.actions.run(name)
        for link in chart.links:
            link.panel.restore(look)
            # a hidden one keeps the bars that were scrolled to
            if link.client is None and self.ctl.client is not None:
                link.attach(self.ctl.client)
            link.open(symbol, timeframe)

    def weigh(self) -> None:
        memory.tidy()
        self.memory.append(own_memory())
        chart = self.ctl.parts["chart"]
        for link in chart.links:
            if link not in chart.shown():
                link.close()
        print(f"{self.count} deeds, {self.memory[-1]:.0f} MB, {len(self.problems)} problems", flush=True)


def _place(widget: QWidget) -> int:
    return int(shiboken6.getCppPointer(widget)[0]) // 16 % PLACES


def told(widget: QWidget) -> str:
    """What it is, for a person. Not by its parents: asking for them ties their wrappers together, as childAt does."""
    kind, window = widget.metaObject().className(), widget.window()
    size = f"{widget.width()}x{widget.height()}"
    return f"{kind} {widget.objectName()} {size} in {window.metaObject().className()} {window.windowTitle()}"


def unmark(widget: QWidget) -> None:
    """Marked words would be dragged, which waits for the real mouse to drop them."""
    for text in (widget, widget.parentWidget()):
        if isinstance(text, QLineEdit):
            text.deselect()
        elif isinstance(text, QLabel) and text.hasSelectedText():
            text.setSelection(0, 0)
        elif isinstance(text, QPlainTextEdit | QTextEdit):
            cursor = text.textCursor()
            cursor.clearSelection()
            text.setTextCursor(cursor)


def dropped_nowhere(drag: QDrag, *_how: object) -> Qt.DropAction:
    """A drag between windows never ends by itself here; what was dragged goes, as Qt lets it after a real one."""
    drag.deleteLater()
    return Qt.DropAction.IgnoreAction


def tame(monkey: Monkey) -> None:
    """Dialogs that wait for a person answer by themselves, nothing is opened outside, and the window stays open."""

    async def stay() -> None:
        monkey.done.append("asked to close")

    monkey.ctl.quit = stay  # type: ignore[method-assign]
    QFileDialog.getSaveFileName = staticmethod(lambda *_a, **_k: ("", ""))  # type: ignore[method-assign]
    QFileDialog.getOpenFileName = staticmethod(lambda *_a, **_k: ("", ""))  # type: ignore[method-assign]
    QFileDialog.getOpenFileNames = staticmethod(lambda *_a, **_k: ([], ""))  # type: ignore[method-assign]
    QFileDialog.getExistingDirectory = staticmethod(lambda *_a, **_k: "")  # type: ignore[method-assign]
    QInputDialog.getText = staticmethod(lambda *_a, **_k: ("", False))  # type: ignore[method-assign]
    QInputDialog.getItem = staticmethod(lambda *_a, **_k: ("", False))  # type: ignore[method-assign]
    QMessageBox.exec = lambda *_a, **_k: QMessageBox.StandardButton.Cancel  # type: ignore[method-assign]
    QMessageBox.question = staticmethod(lambda *_a, **_k: QMessageBox.StandardButton.No)  # type: ignore[method-assign]
    QDialog.exec = lambda *_a, **_k: 0  # type: ignore[method-assign]
    QDrag.exec = dropped_nowhere
    QDesktopServices.openUrl = staticmethod(lambda _url: True)  # type: ignore[method-assign]

    def heard(kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
        if kind != QtMsgType.QtDebugMsg and not any(q in text for q in _QUIET):
            monkey.trouble(f"Qt said: {text}")

    qInstallMessageHandler(heard)


async def play(monkey: Monkey, seconds: float, pause_ms: int) -> None:
    """Act until the time is over, and weigh once a minute. It acts from a timer of Qt, as a person's events come: from
    within a task of asyncio a nested loop would enter other tasks."""
    began, weighed, rested, over = SYSTEM_CLOCK.monotonic_ns(), 0, 0.0, asyncio.Event()

    def step() -> None:
        nonlocal weighed, rested
        passed = (SYSTEM_CLOCK.monotonic_ns() - began) / 1e9
        if passed >= seconds or len(monkey.problems) >= 20:
            # a menu or dialog that is still open holds the loop below it
            monkey.tidy()
            over.set()
        elif passed >= weighed * EVERY and not rested:
            monkey.home()
            rested = passed
        elif rested and passed >= rested + REST:
            monkey.weigh()
            weighed, rested = weighed + 1, 0.0
        elif not rested:
            monkey.act()
            if monkey.count % 40 == 0:
                monkey.tidy()

    stuck = -1

    def free() -> None:
        """A menu that a button opened runs a loop of its own, in which the timer that clicked does not fire; so does
        the dragging of marked words, which nobody drops."""
        nonlocal stuck
        if stuck == monkey.count:
            QDrag.cancel()
            for held in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
                if held is not None:
                    held.close()
        stuck = monkey.count

    tickers = (Ticker(pause_ms, step), Ticker(300, free))
    for ticker in tickers:
        ticker.start()
    try:
        await over.wait()
    finally:
        for ticker in tickers:
            ticker.stop()
    monkey.home()
    await asyncio.sleep(REST)
    monkey.weigh()


def leak(memory: list[float]) -> str:
    """A sentence when the end weighs more than 3 % over what was there after a sixth of the time; medians of five."""
    first = memory[len(memory) // 6 :][:5]
    last = memory[-5:]
    if len(memory) < 12:
        return ""
    before, after = sorted(first)[len(first) // 2], sorted(last)[len(last) // 2]
    if after > before * (1 + GROWTH):
        return f"memory grew from {before:.0f} to {after:.0f} MB ({after / before - 1:.1%}, at most {GROWTH:.0%})"
    return ""


def run(minutes: float, seed: int, folder: Path, *, check_memory: bool = True, pause_ms: int = 30) -> Monkey:
    """Open the window, wait for the market, let the monkey play; the monkey with what it found."""
    import qasync

    options = WindowOptions(folder / "data", folder / "config", demo=True, tour=False)
    app = win.make_application("dark")
    crash = CrashHandler(folder / "data" / "logs", lambda: iso(now_ms(SYSTEM_CLOCK)))
    crash.install()
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    window = win.show_window(app, options)
    window.resize(1600, 900)
    app.setQuitOnLastWindowClosed(False)

    async def main() -> Monkey:
        memory.large_apart()
        ctl = await win.build(window, options, crash)
        memory.settle()
        memory.keep_tidy(window)
        monkey, leave = Monkey(ctl, seed), ctl.quit
        crash.listen(lambda text, details: monkey.trouble(f"{text}\n{details}"))
        async with asyncio.timeout(400):
            while ctl.client is None or not ctl.instruments:
                await asyncio.sleep(0.1)
        await asyncio.sleep(5)
        tame(monkey)
        try:
            await play(monkey, minutes * 60, pause_ms)
        finally:
            qInstallMessageHandler(None)
            # "Restart the window" leaves it running for the next one
            options.keep_engine = False
            await leave()
        return monkey

    with loop:
        monkey = loop.run_until_complete(main())
    if check_memory and (grown := leak(monkey.memory)):
        monkey.trouble(grown)
    return monkey


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    with display() as screen, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        os.environ |= {"DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
        monkey = run(given.minutes, given.seed, given.data or Path(made), check_memory=given.minutes >= 10)
    print(f"{monkey.count} deeds in {given.minutes:g} minutes, seed {given.seed}")
    print("own memory, MB: " + " ".join(f"{m:.0f}" for m in monkey.memory))
    if monkey.problems:
        print(f"{len(monkey.problems)} problems, see above; the last deeds:\n" + "\n".join(monkey.done))
    return 1 if monkey.problems else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # as the window does: the process ends without taking the docks apart
    os._exit(code)
