"""Answers that take long: what a page waits for, how far it is, and how to stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.desk import Desk
from app.follow import new_name
from engine.contracts.commands import CancelJob, Command
from engine.contracts.errors import PyroError
from engine.contracts.events import JobProgress
from widgets.job_lines import JobLine, JobLines


class Wait:
    """One page's. The newest request wins: the one before is stopped, and its answer dropped. The line with the bar
    and Cancel appears once the engine tells of the job; what is answered at once has none."""

    def __init__(self, desk: Desk, kind: str, lines: JobLines) -> None:
        self._desk, self._kind, self._lines = desk, kind, lines
        self._name, self._title = "", ""
        self._line: JobLine | None = None

    def ask(
        self,
        title: str,
        make: Callable[[str], Command],
        told: Callable[[Any], None],
        failed: Callable[[PyroError], None],
    ) -> None:
        """make: the command whose job bears that name."""
        self.drop()
        name = self._name = new_name(self._kind, self._desk.now_ms())
        self._title = title

        def over(then: Callable[[Any], None], answer: object) -> None:
            if name == self._name:
                self._clear()
                then(answer)

        self._desk.ask(make(name), lambda reply: over(told, reply), lambda error: over(failed, error))

    def hear(self, event: JobProgress) -> None:
        """The jobs' events, this one's among them."""
        if not self._name or event.job != self._name or event.state not in ("queued", "running"):
            return
        if self._line is None:
            self._line = self._lines.add(self._title, self.stop)
        self._line.hear(event)

    def stop(self) -> None:
        """Cancel it; the answer then says so."""
        if self._name:
            # it may have ended meanwhile
            self._desk.ask(CancelJob(job=self._name), lambda _ok: None, lambda _error: None)

    def drop(self) -> None:
        """Cancel it and hear no more of it."""
        self.stop()
        self._clear()

    def _clear(self) -> None:
        if self._line is not None:
            self._lines.remove(self._line)
        self._line, self._name = None, ""
