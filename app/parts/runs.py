"""Kept back-tests on the engine: listed, opened, compared, exported, deleted with a way back."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from app.actions import Spec
from app.parts.base import Part
from app.session import Client
from engine.contracts.backtests import BacktestResult
from engine.contracts.commands import GetResult, KeepRun, ListRuns, RunList
from engine.contracts.events import JobProgress
from engine.contracts.reports import CompareRuns, DeleteRun, Exported, ExportRun
from widgets.texts import tr

if TYPE_CHECKING:
    from widgets.runs import RunsPanel

LIMIT = 1000


class RunsPart(Part):
    name = "runs"
    title = "Runs"
    icon = "runs"
    kin = ("backtest", "strategies")
    actions = (Spec("compare_runs", "Runs: compare the selected ones", (), "Research", "runs"),)

    def make(self) -> RunsPanel:
        from widgets.runs import RunsPanel
        from widgets.viewmodels.runs import RunsModel

        panel = RunsPanel(RunsModel())
        panel.openAsked.connect(self._open)
        panel.compareAsked.connect(self.compare)
        panel.deleteAsked.connect(self._delete)
        panel.exportAsked.connect(self._export)
        panel.reloadAsked.connect(self.reload)
        panel.retryRequested.connect(self.reload)
        return panel

    @property
    def widget(self) -> RunsPanel:
        return self.build()  # type: ignore[return-value]

    def connected(self, client: Client) -> None:
        self.listen(JobProgress, self._job)
        self.reload()

    def _job(self, event: JobProgress) -> None:
        if event.kind == "backtest" and event.state == "done":
            self.reload()

    def reload(self) -> None:
        panel = self.widget
        if not panel.model.runs:
            panel.set_loading(tr("Reading the kept runs"))

        def got(reply: RunList) -> None:
            panel.model.load(reply.runs)
            panel.refresh()

        self.desk.ask(ListRuns(limit=LIMIT), got, lambda error: panel.set_error(str(error)))

    def refresh(self) -> None:
        self.widget.table.refreshed()

    def _open(self, job: str) -> None:
        part: Any = self.desk.part("backtest")
        part.open_run(job)

    def compare(self, jobs: list[str]) -> None:
        """Two to four kept runs side by side."""
        self.desk.show("runs")
        self.desk.ask(CompareRuns(jobs=list(jobs)), lambda found: self.widget.show_comparison(found))

    # deleting: the run is read first, so that it can be kept again --------------------------------------------------
    def _delete(self, jobs: list[str]) -> None:
        panel = self.widget
        kept: dict[str, BacktestResult] = {}

        def removed(job: str) -> None:
            panel.model.gone.add(job)
            panel.model.arrange()
            panel.table.select(None)
            panel.refresh()
            if len(kept) == len(jobs):
                text = tr("{n} runs were deleted.") if len(jobs) > 1 else tr("The run was deleted.")
                self.desk.say("info", text.format(n=len(jobs)), action=tr("Undo"), do=lambda: self._restore(kept))

        def read(job: str, result: BacktestResult) -> None:
            kept[job] = result
            self.desk.ask(DeleteRun(job=job), lambda _ok: removed(job))

        for job in jobs:
            self.desk.ask(GetResult(job=job), lambda result, j=job: read(j, result))

    def _restore(self, kept: Mapping[str, BacktestResult]) -> None:
        for job, result in kept.items():
            self.widget.model.gone.discard(job)
            self.desk.ask(KeepRun(job=job, result=result), lambda _started: self.reload())

    def _export(self, job: str) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self.widget,
            tr("Export the run"),
            f"{job}.html",
            "HTML (*.html);;CSV (*.csv);;JSON (*.json);;Parquet (*.parquet)",
        )
        if path:
            self.desk.ask(ExportRun(job=job, path=path), self._exported)

    def _exported(self, done: Exported) -> None:
        names = ", ".join(os.path.basename(f) for f in done.files)
        self.desk.say("info", tr("Written: {names}").format(names=names))

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {"compare_runs": self._compare_chosen}

    def _compare_chosen(self) -> None:
        self.desk.show("runs")
        jobs = self.widget.chosen()
        if len(jobs) < 2:
            self.desk.say("info", tr("Select two to four runs with Ctrl or Shift and a click, then compare."))
        else:
            self.compare(jobs[:4])

    def keep(self) -> dict[str, Any]:
        return {"sort": list(self.widget.model.sorted_by)}

    def restore(self, kept: Mapping[str, Any]) -> None:
        sort = kept.get("sort")
        assert self._panel is not None
        panel: Any = self._panel
        if isinstance(sort, list) and len(sort) == 2 and isinstance(sort[0], int) and 0 <= sort[0] < 10:
            panel.model.sorted_by = (sort[0], bool(sort[1]))
            panel.table.show_sort(sort[0], bool(sort[1]))
