"""The walk-forward panel on the engine: runs, stops and resumes them, fills the ranking live, lists what is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.actions import Spec
from app.follow import stored_more
from app.parts.base import Desk, Part
from app.session import Client
from engine.contracts.commands import CancelJob, DataList, ListData, ListStrategies, Ok, StrategyList
from engine.contracts.commands_base import JobStarted
from engine.contracts.errors import PyroError
from engine.contracts.events import JobProgress, WalkRow
from engine.contracts.robustness import Limits
from engine.contracts.walk_views import Judged, JudgeWalkForward
from engine.contracts.walkforward import (
    Demote,
    Estimate,
    EstimateWalkForward,
    GetWalkForward,
    GetWalkPage,
    ListPromoted,
    ListWalkForwardQueue,
    ListWalkForwards,
    PromotedList,
    RunWalkForward,
    RunWalkForwardQueue,
    SetWalkForwardQueue,
    WalkForwardList,
    WalkForwardQueue,
    WalkForwardResult,
    WalkForwardSpec,
)
from widgets.texts import mark, tr
from widgets.viewmodels.palette import Entry
from widgets.viewmodels.walkforward import titled
from widgets.viewmodels.walkforward_form import restored

if TYPE_CHECKING:
    from widgets.walkforward.panel import WalkForwardPanel

KIND = "walkforward"
#: states after which a job is over
ENDED = ("done", "failed", "cancelled")


class WalkForwardPart(Part):
    """One walk-forward at a time is followed; others that run are listed in Jobs and in Kept."""

    name = "walkforward"
    title = mark("Walk-forward")
    icon = "optimise"
    kin = ("backtest", "strategies")
    keys = ("Alt+8",)
    actions = (
        Spec("run_walkforward", mark("Walk-forward: run"), ("Shift+F10",), "Research", "play"),
        Spec("stop_walkforward", mark("Walk-forward: stop"), ("Ctrl+Shift+F10",), "Research", "stop"),
        Spec("resume_walkforward", mark("Walk-forward: resume"), (), "Research", "play"),
        Spec("export_walkforward", mark("Walk-forward: export the ranking as CSV"), (), "Research", "export"),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._wanted: tuple[str, str] | None = None
        self._shown_symbol = ""
        self._estimates = 0
        self._again = ("", "")

    # the panel ------------------------------------------------------------------------------------------------------
    def make(self) -> WalkForwardPanel:
        # loaded when it is first seen: the window starts without it
        from app.parts.walkforward_closer import Closer
        from widgets.walkforward.panel import WalkForwardPanel

        p = WalkForwardPanel()
        self.closer = Closer(self.desk, p)
        p.runAsked.connect(self._run)
        p.stopAsked.connect(self._stop)
        p.resumeAsked.connect(self._resume)
        p.estimateAsked.connect(self._estimate)
        p.kept.openAsked.connect(self.open)
        p.kept.resumeAsked.connect(self._resume_kept)
        p.kept.compareAsked.connect(self._compare)
        p.kept.pageAsked.connect(self._page)
        p.live.rollBackAsked.connect(self._roll_back)
        p.queue.queueAsked.connect(self._choose_symbols)
        p.queue.holdAsked.connect(lambda on: self._ask_queue(SetWalkForwardQueue(stopped=on)))
        p.queue.clearAsked.connect(lambda: self._ask_queue(SetWalkForwardQueue(stopped=p.queue.stopped, clear=True)))
        p.detail.verdict.limitsChanged.connect(self._judge)
        p.detail.matrix.cellChosen.connect(self._drill)
        self.closer.on_promoted = self._show_promoted
        return p

    @property
    def _p(self) -> WalkForwardPanel:
        assert self.panel is not None
        return cast("WalkForwardPanel", self.panel)

    def refresh(self) -> None:
        self._follow_chart()
        self._p.refresh()
        self.closer.redraw_bands()

    def charted(self, symbol: str, timeframe: str) -> None:
        self._follow_chart()
        self.closer.redraw_bands()

    def _follow_chart(self) -> None:
        """The form's symbol is the chart's, until somebody types another one."""
        chart = self.desk.chart
        if chart is None or self.panel is None or self._p.running:
            return
        if chart.symbol and chart.symbol != self._shown_symbol:
            self._shown_symbol = chart.symbol
            self._p.form.set_symbol(chart.symbol)

    # connection -----------------------------------------------------------------------------------------------------
    def connected(self, client: Client) -> None:
        p = self._p
        self.listen(JobProgress, self._progress)
        self.listen(WalkRow, self._row)
        self.desk.ask(ListStrategies(), self._show_strategies)
        self.desk.ask(ListData(), self._show_symbols)
        self.desk.ask(ListWalkForwards(), self._show_kept)
        self.desk.ask(ListPromoted(history=True), self._show_promoted)
        self.desk.ask(ListWalkForwardQueue(), self._show_queue)
        self.closer.connected()
        if p.running:
            # the engine that ran it is gone; a new one knows nothing of the job
            p.end(tr("The engine was lost while it ran; what was done is kept. Resume goes on from there."), "warn",
                  resumable=True)  # fmt: skip

    def lost(self, text: str) -> None:
        super().lost(text)
        if self._p.running:
            self._p.end(tr("The engine is gone; what was done is kept, and Resume goes on when it is back."), "warn",
                        resumable=True)  # fmt: skip

    def _show_strategies(self, reply: StrategyList) -> None:
        p = self._p
        p.form.set_strategies(reply.strategies)
        p.ranking.set_families(reply.strategies)
        p.rank_page.set_families(s.family for s in reply.strategies)
        self.closer.strategies = {s.id: s for s in reply.strategies}
        self._take_wanted()
        p.ask_estimate()

    def _show_symbols(self, reply: DataList) -> None:
        stored = sorted({s.symbol for s in reply.series})
        self._p.form.set_symbols([*stored, *self.desk.instruments])
        self._follow_chart()
        if stored and not self._p.form.form().symbol:
            self._p.form.set_symbol(stored[0])
        self._p.ask_estimate()

    def _show_kept(self, reply: WalkForwardList) -> None:
        self._p.kept.set_runs(reply.runs)
        again, self._again = self._again, ("", "")
        if again[0] and not self._p.job and any(run.job == again[0] for run in reply.runs):
            self.open(*again)

    def _show_promoted(self, reply: PromotedList) -> None:
        self._p.live.set_promoted(reply.promoted)

    def _show_queue(self, reply: WalkForwardQueue) -> None:
        self._p.queue.set_queue(reply.entries, reply.stopped)

    # runs -----------------------------------------------------------------------------------------------------------
    def _run(self, spec: WalkForwardSpec) -> None:
        job = f"walk-{self.desk.now_ms():x}"
        self._start(msgspec.structs.replace(spec, run_id=job), anew=True)

    def _resume(self, spec: WalkForwardSpec) -> None:
        self._start(spec, anew=False)

    def _start(self, spec: WalkForwardSpec, *, anew: bool) -> None:
        """The job has its name from here, so that no early event of it is missed."""
        p = self._p
        if anew:
            self.closer.clear()
        p.begin(spec.run_id, spec, anew=anew)
        p.detail.verdict.set_asked(spec.limits)
        self.desk.ask(RunWalkForward(spec=spec), self._started, self._refused)

    def _started(self, reply: JobStarted) -> None:
        self._p.job = reply.job

    def _refused(self, error: PyroError) -> None:
        self._p.end(str(error), "down", resumable=bool(self._p.ranking.rows))

    def _stop(self, job: str) -> None:
        self.desk.ask(CancelJob(job=job), lambda _ok: None, lambda error: self._p.end(str(error), "down"))

    def _row(self, event: WalkRow) -> None:
        p = self._p
        if event.job != p.job:
            return
        p.ranking.put(event.row)
        if len(p.ranking.rows) == 1 and not event.row.error:
            self.closer.show_windows(event.job, event.row.strategy)
        self.desk.mark(self.name)

    def _progress(self, event: JobProgress) -> None:
        p = self._p
        if stored_more(event):
            self.desk.ask(ListData(), self._show_symbols)
        self.closer.hear(event)
        if event.kind != KIND:
            return
        if event.state in ENDED:
            self.desk.ask(ListWalkForwards(), self._show_kept)
            self.desk.ask(ListWalkForwardQueue(), self._show_queue)
        if event.job != p.job or not p.running:
            return
        if event.state == "done":
            self.desk.ask(GetWalkForward(job=event.job), self._finished, self._refused)
        elif event.state == "cancelled":
            text = tr("Stopped. {n} strategies are done and kept; Resume goes on from there.")
            p.end(text.format(n=len(p.ranking.rows)), "warn", resumable=True)
        elif event.state == "failed":
            p.end(event.error or tr("The walk-forward failed; the engine gave no reason."), "down",
                  resumable=bool(p.ranking.rows))  # fmt: skip
        else:
            p.job_progress(event)

    def _finished(self, result: WalkForwardResult) -> None:
        passed = sum(row.passed for row in result.rows)
        text = tr("{passed} of {n} strategies passed, {trials} parameter sets tried on these candles.").format(
            passed=passed, n=len(result.rows), trials=f"{result.trials:,}"
        )
        self._p.end(text, "dim")
        self._show(result)

    # kept ones ------------------------------------------------------------------------------------------------------
    def open(self, job: str, strategy: str = "") -> None:
        """Show a kept walk-forward, and one strategy of it."""
        if self._p.running:
            self._p.say(tr("A walk-forward runs; stop it, or wait, to open another one."), "warn")
            return
        self.desk.ask(GetWalkForward(job=job), lambda result: self._opened(result, strategy))

    def _opened(self, result: WalkForwardResult, strategy: str = "") -> None:
        p = self._p
        self.closer.clear()
        p.detail.clear()
        text = "" if result.complete else tr("This one was stopped before it was complete.")
        p.end(text, "warn", resumable=not result.complete)
        if not strategy:
            p.limits = result.spec.limits
        self.closer.strategy = strategy
        self._show(result)
        p.fold_form.setChecked(False)

    def _show(self, result: WalkForwardResult) -> None:
        p = self._p
        p.ranking.set_rows(result.rows)
        p.show_result(result.job, msgspec.structs.replace(result.spec, run_id=result.job))
        self.closer.result = result
        if p.limits != result.spec.limits:
            self._judge(p.limits)
        chosen = self.closer.strategy or next((row.strategy for row in result.rows if not row.error), "")
        if chosen:
            self.closer.choose(chosen)

    def _resume_kept(self, job: str) -> None:
        def go_on(result: WalkForwardResult) -> None:
            self._opened(result)
            self._start(msgspec.structs.replace(result.spec, run_id=job), anew=False)

        if not self._p.running:
            self.desk.ask(GetWalkForward(job=job), go_on)

    def _compare(self, one: str, other: str) -> None:
        def first(a: WalkForwardResult) -> None:
            def second(b: WalkForwardResult) -> None:
                self._p.show_compare((titled(a.spec), titled(b.spec)), a.rows, b.rows)

            self.desk.ask(GetWalkForward(job=other), second)

        self.desk.ask(GetWalkForward(job=one), first)

    def _page(self, job: str) -> None:
        """The engine writes it; on this machine it is opened."""
        path = Path(tempfile.gettempdir()) / f"{job}.html"

        def written(reply: Ok) -> None:
            self.desk.say("info", tr("The page is {path}").format(path=reply.text), reply.text)
            QDesktopServices.openUrl(QUrl.fromLocalFile(reply.text))

        self.desk.ask(GetWalkPage(job=job, path=str(path)), written)

    # limits, promotions, queue --------------------------------------------------------------------------------------
    def _judge(self, limits: Limits) -> None:
        """Everything is judged anew by the engine; nothing that is kept changes."""
        p = self._p
        p.limits = limits
        chosen = [self.closer.strategy] if self.closer.strategy else []

        def judged(reply: Judged) -> None:
            if reply.job == p.job and reply.limits == p.limits:
                for row in reply.rows:
                    p.ranking.put(row)
                p.refresh()
                self.closer.judged(reply)

        def refused(error: PyroError) -> None:
            p.limits = p.detail.verdict.limits
            p.say(str(error), "down")

        if p.job:
            self.desk.ask(JudgeWalkForward(job=p.job, limits=limits, strategies=chosen), judged, refused)

    def _roll_back(self, number: int) -> None:
        def done(_reply: PromotedList) -> None:
            self._p.note(tr("Rolled back: what was live before is live again."))
            self.desk.ask(ListPromoted(history=True), self._show_promoted)

        self.desk.ask(Demote(number=number), done)

    def _drill(self, train: str, test: str) -> None:
        """A cell of the matrix as a walk-forward of its own."""
        p = self._p
        if p.running or p.spec is None or not self.closer.strategy:
            return
        windows = msgspec.structs.replace(p.spec.windows, mode="advanced", train=train, test=test, step="")
        self._run(msgspec.structs.replace(p.spec, strategies=[self.closer.strategy], windows=windows, run_id=""))

    def _ask_queue(self, command: RunWalkForwardQueue | SetWalkForwardQueue) -> None:
        self.desk.ask(command, self._show_queue)

    def _choose_symbols(self) -> None:
        p = self._p
        spec = p.form.spec(p.limits)
        if spec is None:
            return
        from widgets.walkforward.symbols import SymbolsDialog

        dialog = SymbolsDialog(p.form.symbols, spec.symbol, p)
        dialog.chosen.connect(lambda names: self._ask_queue(RunWalkForwardQueue(spec=spec, symbols=names)))
        dialog.open()

    # estimate -------------------------------------------------------------------------------------------------------
    def _estimate(self, spec: WalkForwardSpec) -> None:
        """Only the newest answer counts."""
        self._estimates += 1
        number = self._estimates

        def told(reply: Estimate) -> None:
            if number == self._estimates:
                self._p.show_estimate(reply)

        def refused(error: PyroError) -> None:
            if number == self._estimates:
                self._p.show_estimate_error(str(error))

        self.desk.ask(EstimateWalkForward(spec=spec), told, refused)

    # what others use ------------------------------------------------------------------------------------------------
    def choose(self, symbol: str, strategy: str = "") -> None:
        """Fill the form with a symbol and a strategy ('' = all) and raise the panel."""
        self._wanted = (symbol, strategy)
        self.desk.show(self.name)
        if self.made:
            self._take_wanted()

    def _take_wanted(self) -> None:
        if self._wanted is None:
            return
        symbol, strategy = self._wanted
        p = self._p
        if symbol:
            self._shown_symbol = self.desk.chart.symbol if self.desk.chart is not None else ""
            p.form.set_symbol(symbol)
        p.form.choose_strategies(strategy)
        p.fold_form.setChecked(True)
        if p.form.known:
            self._wanted = None

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "run_walkforward": self._run_form,
            "stop_walkforward": lambda: self._p.stop() if self.made else None,
            "resume_walkforward": lambda: self._p.resume() if self.made else None,
            "export_walkforward": lambda: self._p.rank_page.table.export() if self.made else None,
        }

    def _run_form(self) -> None:
        """Raise the panel and run what its form says."""
        self.desk.show(self.name)
        if self.made:
            self._p.run()

    def found(self) -> list[Entry]:
        return [
            Entry(KIND, symbol, tr("Walk-forward: {symbol}").format(symbol=i.name), i.market, symbol)
            for symbol, i in self.desk.instruments.items()
        ]

    def chosen(self, entry: Entry) -> bool:
        if entry.kind != KIND:
            return False
        self.choose(entry.key)
        return True

    def keep(self) -> dict[str, Any]:
        p = self._p
        return {
            "form": p.form.form().kept(),
            "limits": msgspec.to_builtins(p.limits),
            "sort": [p.ranking.cells.sort_column, p.ranking.cells.descending],
            "bands": p.bands.isChecked(),
            "job": "" if p.running else p.job,
            "strategy": self.closer.strategy,
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        p = self._p
        form = kept.get("form")
        if isinstance(form, dict):
            again = restored(form)
            again.symbol = p.form.form().symbol
            p.form.show_form(again)
        try:
            p.limits = msgspec.convert(kept.get("limits") or {}, Limits)
        except msgspec.ValidationError:
            p.limits = Limits()
        sort = kept.get("sort")
        if isinstance(sort, list) and len(sort) == 2 and isinstance(sort[0], int) and 0 <= sort[0] < 12:
            p.rank_page.table.sort_by(sort[0], bool(sort[1]))
        p.bands.setChecked(bool(kept.get("bands", True)))
        self._again = (str(kept.get("job") or ""), str(kept.get("strategy") or ""))
