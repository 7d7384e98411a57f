"""The back-test panel on the engine: one run, a list of them or a portfolio; reports, exports, and the chart."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import msgspec
from PySide6.QtWidgets import QFileDialog

from app.actions import Spec
from app.follow import Follower, Ticket, new_name, stored_more
from app.parts.base import Part
from app.session import Client
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.commands import (
    CancelJob,
    GetResult,
    ListData,
    RunBacktest,
    StrategyInfo,
)
from engine.contracts.errors import Cancelled, PyroError
from engine.contracts.events import JobProgress
from engine.contracts.portfolios import PortfolioSpec, RunPortfolio
from engine.contracts.reports import EXPORT_FORMATS, Exported, ExportRun, GetReport, Report
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels.backtest_form import Asked, Form, form_of

if TYPE_CHECKING:
    from widgets.backtest import BacktestPanel
    from widgets.backtest_tables import BatchRow
    from widgets.chart.panel import ChartPanel
    from widgets.viewmodels.backtest import Shown


class BacktestPart(Part):
    """What other parts may use: choose, open_run, run, and `result` with the run that is shown."""

    name = "backtest"
    title = "Back-test"
    icon = "backtest"
    kin = ("runs", "strategies")
    keys = ("Alt+6",)
    actions = (
        Spec("run_backtest", "Back-test: run", ("F9",), "Research", "play"),
        Spec("cancel_backtest", "Back-test: cancel", ("Shift+F9",), "Research", "stop"),
        Spec("copy_report", "Back-test: copy the report", (), "Research", "copy"),
        Spec("export_report", "Back-test: export the report", (), "Research", "export"),
        Spec("export_trades", "Back-test: export trades as CSV", (), "Research", "export"),
    )

    def __init__(self, desk: Any) -> None:
        super().__init__(desk)
        self.jobs = Follower(desk)
        self._tickets: list[Ticket] = []
        self._rows: list[BatchRow] = []
        self._portfolio = ""
        self._strategies: list[StrategyInfo] = []
        self._chart: ChartPanel | None = None
        self._heard: WeakSet[ChartPanel] = WeakSet()
        self._drawn: tuple[object, ...] = ()
        self._wanted = -1
        self._form: Form | None = None
        self._pending: Callable[[], None] | None = None
        self._last_job = ""

    # the panel ------------------------------------------------------------------------------------------------------
    def make(self) -> BacktestPanel:
        from widgets.backtest import BacktestPanel

        panel = BacktestPanel(self.desk.now_ms)
        panel.runRequested.connect(self._run)
        panel.cancelRequested.connect(self._cancel)
        panel.jumpRequested.connect(self.desk.jump)
        panel.tradeChosen.connect(self._choose_trade)
        panel.resultShown.connect(self._on_shown)
        panel.rowRequested.connect(self._show_row)
        panel.view.conventionAsked.connect(self._convention)
        panel.view.exportAsked.connect(self.export)
        panel.view.monthClicked.connect(self._month)
        panel.view.repeatAsked.connect(self._repeat)
        if self.desk.chart is not None:
            panel.form.follow_symbol(self.desk.chart.symbol)
        return panel

    @property
    def widget(self) -> BacktestPanel:
        """The panel; made if need be."""
        return self.build()  # type: ignore[return-value]

    @property
    def result(self) -> Shown | None:
        """What the report shows; `panel.resultShown` tells of another one."""
        return self.widget.shown if self.made else None

    def connected(self, client: Client) -> None:
        self.listen(JobProgress, self.jobs.hear)
        self.listen(JobProgress, self._portfolio_progress)
        self.listen(JobProgress, self._data_changed)
        self.widget.set_symbols(self._digits({}))
        if self._strategies:
            self._fill_strategies()
        self._ask_stored()
        if self._last_job and self.widget.shown is None:
            self.open_run(self._last_job, quiet=True)

    def lost(self, text: str) -> None:
        super().lost(text)
        self.jobs.lose()
        if self.widget.running:
            self.widget.show_error(tr("The run was lost with its engine. Run it again when the engine is back."))

    def _digits(self, stored: dict[str, int]) -> dict[str, int]:
        return stored | {symbol: i.decimals for symbol, i in self.desk.instruments.items()}

    def _ask_stored(self) -> None:
        """Imported series can be tested without being live."""
        self.desk.ask(ListData(), self._stored, lambda _error: None)

    def _data_changed(self, event: JobProgress) -> None:
        if stored_more(event):
            self._ask_stored()

    def _stored(self, reply: Any) -> None:
        self.widget.set_symbols(self._digits({s.symbol: 2 for s in reply.series}))

    def take_strategies(self, found: list[StrategyInfo]) -> None:
        """The engine's list, whenever it is another one."""
        self._strategies = found
        if self.made:
            self._fill_strategies()

    def _fill_strategies(self) -> None:
        self.widget.set_strategies(self._strategies)
        if self._form is not None:
            self.widget.form.fill(self._form)
            self._form = None
        if self._pending is not None:
            self._pending()

    # what others ask ------------------------------------------------------------------------------------------------
    def choose(
        self, symbol: str = "", strategy: str = "", timeframe: str = "", params: Mapping[str, float] | None = None
    ) -> None:
        """Fill the form with this and raise the panel; what is '' stays as it is."""
        self.desk.show("backtest")
        form = self.widget.form

        def fill() -> None:
            self._pending = None
            if strategy:
                form.choose_strategy(strategy)
            if timeframe:
                form.timeframe.setCurrentText(timeframe)
            for name, value in (params or {}).items():
                if name in form.params:
                    form.params[name].setText(formats.trimmed(value))

        if symbol:
            self.widget.set_symbol(symbol)
        fill()
        # a strategy may be newer than the list
        self._pending = fill if strategy and form.strategy_id() != strategy else None

    def run(self) -> None:
        """As the button does."""
        self.desk.show("backtest")
        self.widget.run()

    def open_run(self, job: str, *, quiet: bool = False) -> None:
        """Show a kept run. quiet: the panel is not raised, and a run that is gone is none to speak of."""
        if not quiet:
            self.desk.show("backtest")
        failed: Callable[[PyroError], None] = (lambda _e: None) if quiet else (lambda e: self.widget.show_error(str(e)))
        self.desk.ask(GetResult(job=job), lambda result: self._show(result, job), failed)

    def charted(self, symbol: str, timeframe: str) -> None:
        if self.made:
            if not self.widget.running:
                self.widget.form.follow_symbol(symbol)
            self._hook()

    # a run ----------------------------------------------------------------------------------------------------------
    def _run(self, asked: Asked) -> None:
        from widgets.backtest_tables import BatchRow

        if self.desk.client is None:
            self.widget.show_error(tr("There is no engine to run it; it is being started. Try again in a moment."))
            return
        if asked.portfolio is not None:
            self._run_portfolio(asked.portfolio)
            return
        self._rows = [BatchRow(spec.symbol) for spec in asked.specs]
        self.widget.show_batch(self._rows)
        self._tickets = []
        for row, spec in zip(self._rows, asked.specs, strict=True):
            self._tickets.append(self._start(row, spec))

    def _start(self, row: BatchRow, spec: BacktestSpec) -> Ticket:
        def told(event: JobProgress) -> None:
            row.job, row.fraction = event.job, event.fraction
            row.text = event.error
            if event.state == "done":
                self.desk.ask(GetResult(job=event.job), lambda result: self._finished(row, result), refused)
                return
            row.state = event.state
            self._turn(row, event)

        def refused(error: PyroError) -> None:
            row.state, row.text = "failed", str(error)
            self._turn(row, None)

        return self.jobs.start(RunBacktest(spec=spec), told, refused)

    def _finished(self, row: BatchRow, result: BacktestResult) -> None:
        row.state = "done"
        row.metrics = {k: v for k, v in result.metrics.items() if "@" not in k}
        first = sum(r.state == "done" for r in self._rows) == 1
        if first and row in self._rows:
            self._show(result, row.job)
        self._turn(row, None)

    def _turn(self, row: BatchRow, event: JobProgress | None) -> None:
        """Something became of one of the runs."""
        if row not in self._rows:
            return
        rows, panel = self._rows, self.widget
        panel.batch.refreshed()
        over = [r for r in rows if r.state in ("done", "failed", "cancelled")]
        if len(over) < len(rows):
            if event is not None and event.state in ("queued", "running"):
                panel.show_progress(event, len(over), len(rows))
            return
        failed = [r for r in rows if r.state == "failed"]
        if len(rows) == 1 and failed:
            panel.show_error(failed[0].text or tr("The run failed; the engine gave no reason."))
        elif len(rows) == 1 and rows[0].state == "cancelled":
            panel.show_cancelled()
        elif failed:
            text = tr("{n} of {all} runs failed, as {symbol}: {why}")
            panel.finish(text.format(n=len(failed), all=len(rows), symbol=failed[0].symbol, why=failed[0].text), "down")
        else:
            gone = sum(r.state == "cancelled" for r in rows)
            panel.finish(tr("{n} of {all} runs were cancelled.").format(n=gone, all=len(rows)) if gone else "")

    def _cancel(self) -> None:
        if self._portfolio:
            self.desk.ask(CancelJob(job=self._portfolio), lambda _ok: None, lambda _error: None)
        for ticket in self._tickets:
            ticket.cancel()

    def _show_row(self, number: int) -> None:
        row = self._rows[number]
        if row.state == "done":
            self.desk.ask(GetResult(job=row.job), lambda result: self._show(result, row.job))
        elif row.text:
            self.desk.say("error", f"{row.symbol}: {row.text}")

    # a portfolio ----------------------------------------------------------------------------------------------------
    def _run_portfolio(self, spec: PortfolioSpec) -> None:
        self._rows, self._tickets = [], []
        self.widget.show_batch([])
        self._portfolio = new_name("portfolio", self.desk.now_ms())

        def got(result: Any) -> None:
            self._portfolio = ""
            self.widget.finish()
            self.widget.show_result(result)

        def failed(error: PyroError) -> None:
            self._portfolio = ""
            if isinstance(error, Cancelled):
                self.widget.show_cancelled()
            else:
                self.widget.show_error(str(error))

        self.desk.ask(RunPortfolio(spec=msgspec.structs.replace(spec, run_id=self._portfolio)), got, failed)

    def _portfolio_progress(self, event: JobProgress) -> None:
        if self._portfolio and event.job == self._portfolio and event.state in ("queued", "running"):
            self.widget.show_progress(event)

    # what is shown --------------------------------------------------------------------------------------------------
    def _show(self, result: BacktestResult, job: str) -> None:
        self._last_job = job
        self.widget.show_result(result, job)
        self._convention("pyroquant")

    def _convention(self, name: str, *, again: bool = True) -> None:
        shown = self.widget.shown
        if shown is None or not shown.job:
            return

        def got(report: Report) -> None:
            if self.widget.shown is shown:
                self.widget.view.show_report(report)

        def failed(error: PyroError) -> None:
            if self.widget.shown is not shown:
                return
            if again:
                # the process that works reports out is started anew when it was lost
                self._convention(name, again=False)
            else:
                self.widget.view.say_waiting(tr("The report could not be made: {why}").format(why=error.what))

        self.desk.ask(GetReport(job=shown.job, convention=name), got, failed)

    def _on_shown(self, _shown: Shown) -> None:
        self._wanted = -1
        self._drawn = ()
        self._hook()

    def _repeat(self) -> None:
        if (result := self.widget.result) is not None:
            self.widget.form.follow.setChecked(False)
            self.widget.form.fill(form_of(result.spec))

    def _month(self, year: int, month: int) -> None:
        if (result := self.widget.result) is not None:
            ms = formats.parse_day(f"{year}-{month:02d}-01")
            self.desk.jump(result.spec.symbol, result.spec.timeframe, max(ms, result.first_ms))

    # the chart ------------------------------------------------------------------------------------------------------
    def _hook(self) -> None:
        """Draw the trades on the chart that was last clicked, and hear of those that are clicked there."""
        chart = self.desk.chart
        if chart is None:
            return
        if chart.panel is not self._chart:
            self._chart, self._drawn = chart.panel, ()
        if chart.panel not in self._heard:
            # once and for good: PySide keeps a little of each connection that is taken back
            self._heard.add(chart.panel)
            chart.panel.tradeClicked.connect(self._clicked)
            chart.panel.visibleRangeChanged.connect(self._moved)
        self._moved()

    def _moved(self, *_range: object) -> None:
        """The chart may show other bars now: its layers are cleared then."""
        panel, shown = self._chart, self.widget.shown
        if panel is None or shown is None or not panel.stack.count():
            return
        place = (id(shown), panel.symbol, panel.timeframe)
        if place != self._drawn:
            self._drawn = place
            fits = shown.result is not None and shown.result.spec.symbol == panel.symbol
            panel.set_trades(shown.trades if fits else None)
        if (
            self._wanted >= 0
            and self._fits()
            and panel.stack.bars.ts_at(0) <= int(shown.trades["entry_ts"][self._wanted])
        ):
            wanted, self._wanted = self._wanted, -1
            panel.select_trade(wanted)

    def _fits(self) -> bool:
        shown = self.widget.shown
        return (
            self._chart is not None
            and shown is not None
            and shown.result is not None
            and shown.result.spec.symbol == self._chart.symbol
        )

    def _choose_trade(self, trade: int) -> None:
        self._wanted = trade
        self._hook()

    def _clicked(self, trade: int) -> None:
        if self._fits() and self.widget.shown is not None and 0 <= trade < len(self.widget.shown.trades):
            self.widget.view.select_trade(trade)

    # taking it away -------------------------------------------------------------------------------------------------
    def export(self, kind: str = "html", path: str = "") -> None:
        """Write the run that is shown; asks for the file unless one is given. kind: as in widgets.backtest_report."""
        shown = self.widget.shown
        if shown is None:
            self.desk.say("info", tr("There is no run to export yet."))
            return
        if not path:
            name = "".join(c if c.isalnum() else "-" for c in shown.title).strip("-").replace("---", "-")
            title = tr("Export the back-test")
            path, _ = QFileDialog.getSaveFileName(self.widget, title, f"{name}.{kind}", f"{kind.upper()} (*.{kind})")
        if not path:
            return
        if kind == "png":
            done = self.widget.view.grab().save(path)
            text = tr("The picture is in {path}.") if done else tr("The picture could not be written to {path}.")
            self.desk.say("info" if done else "error", text.format(path=path))
        elif shown.portfolio is not None:
            self.widget.export_trades(path)
            self.desk.say("info", tr("The trades are in {path}.").format(path=path))
        elif kind in EXPORT_FORMATS:
            self.desk.ask(ExportRun(job=shown.job, path=path, format=kind), self._exported)  # type: ignore[arg-type]

    def _exported(self, done: Exported) -> None:
        names = ", ".join(os.path.basename(f) for f in done.files)
        folder = os.path.dirname(done.files[0]) if done.files else ""
        self.desk.say(
            "info",
            tr("Written to {folder}: {names} ({size})").format(
                folder=folder, names=names, size=formats.size(done.bytes)
            ),
        )

    # actions and memory ---------------------------------------------------------------------------------------------
    def handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "run_backtest": self.run,
            "cancel_backtest": lambda: self.made and self.widget.cancel(),
            "copy_report": lambda: self.made and self.widget.copy_report(),
            "export_report": lambda: self.made and self.export(),
            "export_trades": lambda: self.made and self.widget.export_trades(),
        }

    def keep(self) -> dict[str, Any]:
        form = self.widget.form
        return {
            "form": form.form().kept(),
            "follow": form.follow.isChecked(),
            "more": form.fold.isChecked(),
            "job": self._last_job,
            "sizes": self.widget.splitter.sizes(),
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        self._form = Form.read(kept.get("form"))
        assert self._panel is not None
        form = self._panel.form  # type: ignore[attr-defined]
        form.follow.setChecked(kept.get("follow") is not False)
        form.fill(self._form)
        if form.follow.isChecked() and self.desk.chart is not None:
            form.follow_symbol(self.desk.chart.symbol)
            self._form.symbol = form.symbol.text()
        form.fold.setChecked(kept.get("more") is True)
        self._last_job = str(kept.get("job") or "")
