"""The data panel on the engine: the map of the lake, its judgement, and jobs that bring, mend and export candles."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from app.actions import Spec
from app.follow import Follower, Ticket, stored_more
from app.parts.base import Part
from app.session import Client
from engine.contracts.commands import Command, ImportData
from engine.contracts.coverage import Coverage, FilePeek, GetCoverage, PeekFile
from engine.contracts.data import CheckData, DataQuality, DownloadData, ExportData, RepairData
from engine.contracts.events import JobProgress
from engine.contracts.timeframes import TIMEFRAMES
from widgets.texts import tr

if TYPE_CHECKING:
    from widgets.data import DataPanel


class DataPart(Part):
    name = "data"
    title = "Data"
    icon = "data"
    kin = ("sql", "runs", "backtest")
    actions = (
        Spec("data_download", "Data: download candles", (), "Data", "data"),
        Spec("data_import", "Data: import a file", (), "Data", "data"),
        Spec("data_check", "Data: check the quality", (), "Data", "check"),
    )

    def __init__(self, desk: Any) -> None:
        super().__init__(desk)
        self.jobs = Follower(desk)

    def make(self) -> DataPanel:
        from widgets.data import DataPanel

        panel = DataPanel()
        panel.openAsked.connect(self._open)
        panel.checkAsked.connect(self._check)
        panel.repairAsked.connect(lambda symbols, tf: self.start(RepairData(symbols=symbols, timeframe=tf)))
        panel.peekAsked.connect(self._peek)
        panel.jobAsked.connect(self.start)
        panel.reloadAsked.connect(self.reload)
        panel.retryRequested.connect(self.reload)
        return panel

    @property
    def widget(self) -> DataPanel:
        return self.build()  # type: ignore[return-value]

    def connected(self, client: Client) -> None:
        self.listen(JobProgress, self._job)
        self.widget.known = sorted(self.desk.instruments)
        self.reload()

    def lost(self, text: str) -> None:
        super().lost(text)
        self.jobs.lose()
        for line in self.widget.lines.lines:
            if line.state in ("queued", "running"):
                line.show_state("failed", tr("The engine is gone; go on when it is back."))

    def refresh(self) -> None:
        self.widget.table.refreshed()

    def reload(self) -> None:
        """Read the map again; what did not change is known."""
        panel = self.widget
        if not panel.model.every:
            panel.set_loading(tr("Reading the lake"))

        def got(found: Coverage) -> None:
            panel.show_coverage(found)

        self.desk.ask(GetCoverage(), got, lambda error: panel.set_error(str(error)))

    def _job(self, event: JobProgress) -> None:
        self.jobs.hear(event)
        if stored_more(event):
            self.reload()

    def _open(self, symbol: str, timeframe: str, ms: int) -> None:
        if timeframe not in TIMEFRAMES:
            self.desk.say("info", tr("Charts have no timeframe {name}; SQL and export do.").format(name=timeframe))
        elif ms:
            self.desk.jump(symbol, timeframe, int(ms))
        elif self.desk.chart is not None:
            self.desk.chart.open(symbol, timeframe)

    def _check(self, symbols: list[str], timeframe: str) -> None:
        panel = self.widget
        panel.buttons["check"].setEnabled(False)
        panel.totals.setText(tr("Checking"))

        def over() -> None:
            panel.buttons["check"].setEnabled(True)
            panel.totals.setText(panel.model.totals())

        def got(found: DataQuality) -> None:
            panel.show_quality(found)
            over()
            bad = sum(s.negative for s in found.series)
            text = tr("{n} series checked in {s} s, {bad} of them with faults.")
            self.desk.say(
                "warning" if bad else "info", text.format(n=f"{len(found.series):,}", s=f"{found.seconds:.1f}", bad=bad)
            )

        def failed(error: Any) -> None:
            over()
            self.desk.say("error", str(error))

        self.desk.ask(CheckData(symbols=symbols, timeframe=timeframe), got, failed)

    def _peek(self, path: str) -> None:
        def got(found: FilePeek) -> None:
            self.widget.ask_import(path, found)

        self.desk.ask(PeekFile(path=path), got)

    # jobs -----------------------------------------------------------------------------------------------------------
    def start(self, command: Command) -> None:
        """Queue a download, import, repair or export and show it as a line."""
        ticket: Ticket | None = None
        line = self.widget.lines.add(
            title_of(command), lambda: ticket.cancel() if ticket is not None else None, lambda: self.start(command)
        )
        ticket = self.jobs.start(command, line.hear, lambda error: line.show_state("failed", str(error)))

    def handlers(self) -> dict[str, Callable[[], object]]:
        def shown(do: Callable[[], object]) -> Callable[[], object]:
            return lambda: (self.desk.show("data"), do())

        return {
            "data_download": shown(lambda: self.widget.ask_download()),
            "data_import": shown(lambda: self.widget.buttons["import"].click()),
            "data_check": shown(lambda: self.widget.check()),
        }

    def keep(self) -> dict[str, Any]:
        model = self.widget.model
        return {"market": model.market, "sort": list(model.sorted_by)}

    def restore(self, kept: Mapping[str, Any]) -> None:
        panel: Any = self._panel
        if isinstance(kept.get("market"), str):
            panel.model.market = kept["market"]
        sort = kept.get("sort")
        if isinstance(sort, list) and len(sort) == 2 and isinstance(sort[0], int) and 0 <= sort[0] <= 6:
            panel.model.sorted_by = (sort[0], bool(sort[1]))
            panel.table.show_sort(sort[0], bool(sort[1]))


def title_of(command: Command) -> str:
    """A job in two words."""
    if isinstance(command, DownloadData):
        names = ", ".join(s.partition(":")[2] for s in command.symbols[:2])
        return tr("Download {names}").format(names=names + (" …" if len(command.symbols) > 2 else ""))
    if isinstance(command, ImportData):
        return tr("Import {name}").format(name=os.path.basename(command.path.rstrip(os.sep)))
    if isinstance(command, ExportData):
        return tr("Export {name}").format(name=command.symbol.partition(":")[2])
    if isinstance(command, RepairData):
        names = ", ".join(s.partition(":")[2] for s in command.symbols[:2])
        return tr("Repair {names}").format(names=names or tr("all"))
    return type(command).__name__
