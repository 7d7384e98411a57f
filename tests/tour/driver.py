"""The hands and eyes of the tour: the real window on its own engine process, keys and mouse, waits, pictures."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtCore import QEvent, QMessageLogContext, QPoint, QPointF, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app import window as win
from app.charts import ChartLink
from app.controller import Controller
from app.crash import CrashHandler
from app.options import WindowOptions
from engine.clock import SYSTEM_CLOCK, iso, now_ms
from tests.screen import SIZE

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
#: s for anything that the engine has to do
LONG = 300.0


class Loop(qasync.QEventLoop):
    """Runs in pieces, and stays the running loop between them, as it is for what Qt calls in a window."""

    def _after_run_forever(self) -> None:
        super()._after_run_forever()
        asyncio.events._set_running_loop(self)


class Tour:
    """One person before one window; `open` and `close` it as often as wanted, the data and settings stay."""

    def __init__(self, folder: Path, pictures: Path) -> None:
        self.folder, self.pictures = folder, pictures
        self.problems: list[str] = []
        self.number = 0
        self.app = win.make_application("dark")
        self.app.setQuitOnLastWindowClosed(False)
        self.loop = Loop(self.app)
        asyncio.set_event_loop(self.loop)
        self._before = qInstallMessageHandler(self._heard)
        self.crash = CrashHandler(folder / "data" / "logs", lambda: iso(now_ms(SYSTEM_CLOCK)))
        self.crash.install()
        self.crash.listen(lambda text, details: self.problems.append(f"{text}\n{details}"))

    def _heard(self, kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            self.problems.append(f"Qt said: {text}")

    # the window -----------------------------------------------------------------------------------------------------
    def open(self) -> None:
        options = WindowOptions(self.folder / "data", self.folder / "config", demo=True, tour=False)
        self.window = win.show_window(self.app, options)
        self.window.setGeometry(0, 0, *SIZE)
        self.ctl: Controller = self.loop.run_until_complete(win.build(self.window, options, self.crash))
        self.until(lambda: self.ctl.client is not None and self.ctl.instruments, 400)
        self.window.activateWindow()
        self.until(self.window.isActiveWindow)

    def close(self) -> None:
        """As a person does; the engine of this window ends with it."""
        ctl = self.ctl
        self.window.close()
        self.until(ctl.finished.is_set)
        self.until(lambda: not ctl._tasks)
        self.window.deleteLater()
        self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def end(self) -> None:
        """After the last window."""
        self.crash.remove()
        qInstallMessageHandler(self._before)
        self.loop.close()
        asyncio.events._set_running_loop(None)
        asyncio.set_event_loop(None)

    # time -----------------------------------------------------------------------------------------------------------
    def pause(self, seconds: float) -> None:
        """Let the window live on; never a condition."""
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def until(self, true: Callable[[], object], seconds: float = 30.0) -> None:
        """Let the window work until something is true; fails when it does not become so."""

        async def wait() -> None:
            async with asyncio.timeout(seconds):
                while not true():
                    await asyncio.sleep(0.02)

        self.loop.run_until_complete(wait())

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def ask(self, command: Any) -> Any:
        """The engine's answer, beside what the window asks."""
        client = self.ctl.client
        assert client is not None
        return self.run(client.ask(command))

    def until_told(self, command: Any, true: Callable[[Any], object], seconds: float = LONG) -> Any:
        """Ask the engine again and again until its answer is as wanted; the answer."""
        end = SYSTEM_CLOCK.monotonic_ns() + seconds * 1e9
        while not true(answer := self.ask(command)):
            assert SYSTEM_CLOCK.monotonic_ns() < end, f"never came: {answer}"
            self.pause(0.2)
        return answer

    def calm(self, seconds: float = 15.0) -> None:
        """What was asked is answered, where the market leaves a moment without a question; never a condition."""
        for _ in range(2):
            with contextlib.suppress(TimeoutError):
                self.until(lambda: not self.ctl._tasks, seconds)
            self.pause(0.2)

    # hands ----------------------------------------------------------------------------------------------------------
    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE, on: QWidget | None = None) -> None:
        """A key on what has the focus."""
        QTest.keyClick(on or QApplication.focusWidget() or self.window, key, modifier)

    def shortcut(self, action: str) -> None:
        """The keys of an action, as they are in the table; on the window."""
        keys = self.ctl.actions[action].shortcut()
        assert not keys.isEmpty(), f"{action} has no keys"
        QTest.keySequence(QApplication.focusWidget() or self.window, keys)

    def type(self, text: str, on: QWidget | None = None) -> None:
        for letter in text:
            target = on or QApplication.focusWidget() or self.window
            QTest.keyClicks(target, letter) if letter != "\n" else QTest.keyClick(target, Qt.Key.Key_Return)

    def click(
        self, widget: QWidget, at: QPoint | None = None, button: Qt.MouseButton = LEFT, mod: Qt.KeyboardModifier = NONE
    ) -> None:
        assert widget.isVisible(), f"{widget} is not on show"
        self.move(widget, at or widget.rect().center())
        QTest.mouseClick(widget, button, mod, at or widget.rect().center())

    def move(self, widget: QWidget, at: QPoint) -> None:
        QTest.mouseMove(widget, at)
        self.app.processEvents()

    def drag(self, widget: QWidget, way: Sequence[QPoint], mod: Qt.KeyboardModifier = NONE) -> None:
        """Press at the first point, over the others, release at the last."""
        QTest.mousePress(widget, LEFT, mod, way[0])
        for a, b in pairwise(way):
            for step in range(1, 6):
                self.move(widget, a + (b - a) * step / 5)
        QTest.mouseRelease(widget, LEFT, mod, way[-1])

    def wheel(self, widget: QWidget, at: QPoint, turns: int, mod: Qt.KeyboardModifier = NONE) -> None:
        event = QWheelEvent(
            QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), QPoint(0, 120 * turns),
            Qt.MouseButton.NoButton, mod, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)
        self.pause(0.02)

    def pick(self, words: str) -> None:
        """An entry of the menu that is open."""
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu), "no menu is open"
        found = [a for a in menu.actions() if words in a.text().replace("&", "")]
        assert found, [a.text() for a in menu.actions()]
        self.click(menu, menu.actionGeometry(found[0]).center())

    # eyes -----------------------------------------------------------------------------------------------------------
    @property
    def chart(self) -> ChartLink:
        assert self.ctl.chart is not None
        return self.ctl.chart

    @property
    def stack(self) -> Any:
        return self.chart.panel.stack

    @property
    def plot(self) -> QWidget:
        """What the mouse touches on the price pane."""
        found: QWidget = self.stack.price.viewport()
        return found

    def panel(self, name: str) -> Any:
        """A panel that was brought to the front by its keys or by the palette."""
        if not self.ctl.docks.is_visible(name):
            if self.ctl.actions[f"show_{name}"].shortcut().isEmpty():
                self.ctl.run(f"show_{name}")
            else:
                self.shortcut(f"show_{name}")
            self.until(lambda: self.ctl.docks.is_visible(name))
        return self.ctl.part(name).build()

    def dialog(self, kind: type[QWidget]) -> Any:
        """The open dialog of this kind."""

        def found() -> list[QWidget]:
            return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]

        self.until(found)
        return found()[0]

    def row(self, table: Any, key: Any) -> None:
        """Click the row of a table that stands for this."""
        table.show_row(table.find_key(key))
        self.pause(0.05)
        at = table.row_top(table.find_key(key))
        self.click(table.viewport(), QPoint(60, at + 8))

    def part(self, name: str) -> Any:
        return self.ctl.part(name)

    def loaded(self, symbol: str, timeframe: str = "", seconds: float = LONG) -> None:
        """The active chart shows this with bars."""
        self.until(
            lambda: (
                self.chart.panel.symbol == symbol
                and (not timeframe or self.chart.panel.timeframe == timeframe)
                and self.stack.count() > 0
            ),
            seconds,
        )
        self.calm()

    def spot(self, index: float, price: float) -> QPoint:
        """Where a bar's price is on the active chart."""
        return QPoint(round(self.stack.time.x(index)), round(self.stack.price.yscale.y(price)))

    def shot(self, name: str, settle: float = 0.5) -> Path:
        """The whole screen as a person sees it."""
        self.pause(settle)
        self.number += 1
        path = self.pictures / f"{self.number:02}-{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = self.window.screen().grabWindow(0)
        assert not picture.isNull()
        assert picture.save(str(path))
        self.clean()
        return path

    def clean(self) -> None:
        """No exception and no warning of Qt so far, nor a toast that tells of a fault."""
        assert not self.problems, "\n".join(self.problems)

    def toasts(self) -> list[str]:
        return [t.said.text for t in self.ctl.toasts.shown]
