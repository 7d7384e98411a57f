"""Live against back-test: the job, its progress, its report."""

from __future__ import annotations

from collections.abc import Callable

from app.actions import Spec
from app.parts.base import Desk, Part
from app.session import Client
from engine.contracts.commands import CancelJob, JobStarted
from engine.contracts.errors import PyroError
from engine.contracts.events import JobProgress
from engine.contracts.parity import GetParity, ParityReport, RunParity
from widgets.panel import Panel
from widgets.parity import ParityPanel
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels.parity import ParityModel


class ParityPart(Part):
    name = "parity"
    title = mark("Live against back-test")
    icon = "parity"
    kin = ("health", "log", "jobs")
    actions = (
        Spec("run_parity", mark("Compare yesterday's signals with the back-test"), (), mark("Research"), "parity"),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = ParityModel()

    def make(self) -> Panel:
        panel = ParityPanel(self.model)
        panel.runAsked.connect(self.run)
        panel.cancelAsked.connect(self._cancel)
        panel.retryRequested.connect(lambda: (panel.set_ready(), self.run("", False)))
        panel.barAsked.connect(self.desk.jump)
        return panel

    def connected(self, client: Client) -> None:
        self.listen(JobProgress, self._job)
        if self.model.report is None:
            self.desk.ask(GetParity(), self._take, lambda _error: None)

    def lost(self, text: str) -> None:
        super().lost(text)
        self.model.job = ""
        self._show()

    def refresh(self) -> None:
        if isinstance(self.panel, ParityPanel):
            self.panel.refresh()

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {"run_parity": lambda: (self.desk.show(self.name), self.run("", False))}

    def open_report(self, job: str) -> None:
        """Show the report of a job."""
        self.desk.show(self.name)
        self.desk.ask(GetParity(job=job), self._take)

    def run(self, day: str, only: bool) -> None:
        """day: '' = yesterday. only: the chart's symbol."""
        try:
            day_ms = formats.parse_day(day) if day else None
        except ValueError:
            self.desk.say("warning", tr("“{day}” is no date; write it as 2026-11-22.").format(day=day))
            return
        chart = self.desk.chart
        symbols = [chart.symbol] if only and chart is not None and chart.symbol else []
        self.desk.ask(RunParity(day_ms=day_ms, symbols=symbols), self._started, self._failed)

    def _started(self, reply: JobStarted) -> None:
        self.model.job = reply.job
        self.model.progress = None
        if self.panel is not None and self.panel.state == "error":
            self.panel.set_ready()
        self._show()

    def _cancel(self) -> None:
        if self.model.job:
            self.desk.ask(CancelJob(job=self.model.job), lambda _ok: None, lambda _error: None)

    def _failed(self, error: PyroError) -> None:
        self.desk.say("error", str(error), str(error))

    def _job(self, event: JobProgress) -> None:
        state = self.model.hear(event)
        if state == "done":
            self.desk.ask(GetParity(job=event.job), self._take)
        elif state == "failed":
            self.desk.say("error", event.error, event.error)
            if isinstance(self.panel, ParityPanel):
                self.panel.failed(event.error)
        if state:
            self._show()

    def _take(self, report: ParityReport) -> None:
        self.model.report = report
        self._show()

    def _show(self) -> None:
        self.desk.mark(self.name)
