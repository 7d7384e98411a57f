"""Opens the real window on a small engine in the same process, and closes it again completely."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app import window as win
from app.controller import Controller
from app.crash import CrashHandler
from app.options import WindowOptions
from tests.gui.fake_engine import NOW, FakeEngine


class _Loop(qasync.QEventLoop):  # type: ignore[misc]
    """A window's loop runs until its end. Tests run it in pieces, and qasync turns it once more after each piece
    without naming a running loop; here it stays the running one from the first to the last."""

    def _after_run_forever(self) -> None:
        super()._after_run_forever()
        asyncio.events._set_running_loop(self)


class Desk:
    """The open window and its engine. `engines` are handed out in turn, the last one again and again."""

    def __init__(self, loop: asyncio.AbstractEventLoop, folder: Path, engines: list[FakeEngine | Exception]) -> None:
        self.loop, self.folder, self._engines = loop, folder, list(engines)
        self.failures: list[str] = []
        self.now = NOW
        self.options = WindowOptions(
            data_folder=folder / "data",
            config_folder=folder / "config",
            connector=self._connect,
            now_ms=lambda: self.now,
            back_off=(0.01,),
            tour=False,
        )
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        win.make_application("dark")
        self.crash = CrashHandler(folder / "data" / "logs", lambda: "now")
        self.crash.listen(lambda text, details: self.failures.append(f"{text}\n{details}"))
        self.window = win.show_window(app, self.options)
        self.window.resize(1600, 900)
        self.ctl: Controller = loop.run_until_complete(win.build(self.window, self.options, self.crash))
        self.until(lambda: not self.ctl._tasks)

    async def _connect(self, _options: WindowOptions) -> Any:
        found = self._engines.pop(0) if len(self._engines) > 1 else self._engines[0]
        if isinstance(found, Exception):
            raise found
        self.engine = found
        return found

    def add_engine(self, engine: FakeEngine | Exception) -> None:
        """What the next connection gets."""
        self._engines = [engine]

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def until(self, true: Callable[[], object], seconds: float = 5.0) -> None:
        """Let the window work until something is true; fails when it does not become so."""

        async def wait() -> None:
            async with asyncio.timeout(seconds):
                while not true():
                    await asyncio.sleep(0.005)

        self.loop.run_until_complete(wait())

    def settle(self) -> None:
        """Let queued work end, and refresh what is marked."""

        async def turn() -> None:
            for _ in range(5):
                await asyncio.sleep(0)

        self.until(lambda: not self.ctl._tasks)
        self.loop.run_until_complete(turn())
        self.ctl.bridge.tick()

    def close(self) -> None:
        if not self.ctl.finished.is_set():
            self.run(self.ctl.quit())


@contextmanager
def desk(folder: Path, *engines: FakeEngine | Exception, kind: type[Desk] = Desk) -> Iterator[Desk]:
    """An open window; on leaving it is closed, and tasks or failures that were left fail the test."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    loop = _Loop(app)
    asyncio.set_event_loop(loop)
    try:
        made = kind(loop, folder, list(engines) or [FakeEngine()])
        try:
            yield made
        finally:
            made.close()
            loop.run_until_complete(asyncio.sleep(0))
            left = [t for t in asyncio.all_tasks(loop) if not t.done()]
            made.window.deleteLater()
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert not left, left
        assert not made.failures, made.failures[0]
    finally:
        loop.close()
        asyncio.events._set_running_loop(None)
        asyncio.set_event_loop(None)
