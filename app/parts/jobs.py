"""The jobs panel on the engine: follows them all, cancels them, opens what they made in the panel it belongs to."""

from __future__ import annotations

from typing import Any

from app.parts.base import Desk, Part
from app.session import Client
from engine.contracts.commands import CancelJob
from engine.contracts.errors import PyroError
from engine.contracts.events import JobProgress
from widgets.jobs import JobsPanel
from widgets.panel import Panel
from widgets.texts import mark, tr
from widgets.viewmodels.jobs import JobsModel

#: kind of a job -> (part, its method that opens a result)
_OPENERS = {
    "backtest": ("backtest", "open_run"),
    "walkforward": ("walkforward", "open"),
    "parity": ("parity", "open_report"),
}
#: whose results are candles or files: their panel is shown
_SHOWN = {"download": "data", "import": "data", "repair": "data", "export": "data", "portfolio": "backtest"}


class JobsPart(Part):
    name = "jobs"
    title = mark("Jobs")
    icon = "jobs"
    eager = True
    kin = ("log", "signals", "health")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = JobsModel()

    def make(self) -> Panel:
        panel = JobsPanel(self.model, self.desk.now_ms)
        panel.cancelAsked.connect(self._cancel)
        panel.openAsked.connect(self._open)
        return panel

    def connected(self, client: Client) -> None:
        self.listen(JobProgress, self._take)

    def lost(self, text: str) -> None:
        super().lost(text)
        self.model.lose(self.desk.now_ms())
        self.refresh()

    def refresh(self) -> None:
        if isinstance(self.panel, JobsPanel):
            self.panel.refresh()

    def _take(self, event: JobProgress) -> None:
        self.model.apply(event, self.desk.now_ms())
        self.desk.mark(self.name)

    def _cancel(self, jobs: list[str]) -> None:
        def failed(error: PyroError) -> None:
            self.desk.say("warning", str(error), str(error))

        for job in jobs:
            self.desk.ask(CancelJob(job=job), lambda _ok: None, failed)

    def _open(self, job: str) -> None:
        row = self.model.row_of(job)
        if row is None or row.job.state != "done":
            return
        if row.job.kind in _OPENERS:
            name, method = _OPENERS[row.job.kind]
            self.desk.show(name)
            part: Any = self.desk.part(name)
            getattr(part, method)(job)
        elif row.job.kind in _SHOWN:
            self.desk.show(_SHOWN[row.job.kind])
        else:
            self.desk.say("info", row.job.step or tr("{title} is done.").format(title=row.job.title))
