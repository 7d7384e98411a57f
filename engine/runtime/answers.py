"""What an engine answers to its clients' commands."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

from engine import __version__
from engine.bus.server import Peer
from engine.clock import now_ms
from engine.contracts.checks import CheckReport
from engine.contracts.commands import (
    AnyCommand,
    CancelJob,
    CheckStrategies,
    Command,
    CompareRuns,
    DataList,
    DeleteRun,
    EngineInfo,
    Explain,
    ExportRun,
    GetReport,
    GetResult,
    Hello,
    ImportData,
    IndicatorList,
    JobStarted,
    KeepRun,
    ListData,
    ListIndicators,
    ListRuns,
    ListSignals,
    ListStrategies,
    Ok,
    RestartShard,
    RunBacktest,
    RunList,
    RunSql,
    SignalPage,
    SqlResult,
    StopEngine,
    StrategyList,
)
from engine.contracts.console import CancelSql
from engine.contracts.coverage import Coverage, FilePeek, GetCoverage, PeekFile
from engine.contracts.data import CheckData, DataQuality, DownloadData, ExportData, RepairData
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.portfolios import PortfolioResult, RunPortfolio
from engine.contracts.reports import Comparison, Exported, Report
from engine.contracts.watch import SetWatch
from engine.contracts.why import Why
from engine.runtime import catalogue
from engine.runtime.answers_alerts import AlertDesk
from engine.runtime.answers_charts import ChartAnswers
from engine.runtime.answers_parity import ParityAnswers
from engine.runtime.answers_replay import ReplayAnswers
from engine.runtime.answers_study import StudyAnswers
from engine.runtime.answers_walk import WalkAnswers
from engine.runtime.parts import EngineParts
from engine.runtime.tasks_backtest import bound_of
from engine.runtime.watch import WatchBoard
from engine.runtime.worker import new_id
from engine.runtime.worker_wire import (
    CompareTask,
    CoverageTask,
    DataCheckTask,
    DownloadTask,
    ExportRunTask,
    ExportTask,
    ImportTask,
    ListTask,
    PeekTask,
    PortfolioTask,
    RepairTask,
    ReportTask,
    SqlTask,
    WhyTask,
)

log = logging.getLogger(__name__)
#: s that a query may take at most, whatever it asks for
LONGEST_SQL = 600.0


class Answers:
    """One method a command; all raise PyroError or BadInput with a way out."""

    def __init__(self, engine: EngineParts) -> None:
        self._engine = engine
        self._methods: dict[type[Command], Callable[[Any, Peer], Awaitable[Any]]] = {
            Hello: self._hello,
            StopEngine: self._stop,
            ListStrategies: self._strategies,
            ListIndicators: self._indicators,
            ListSignals: self._signals,
            RunBacktest: self._backtest,
            CancelJob: self._cancel,
            GetResult: self._result,
            ListRuns: self._runs,
            ListData: self._data,
            ImportData: self._import,
            RunSql: self._sql,
            RestartShard: self._restart_shard,
            Explain: self._why,
            CheckStrategies: self._check,
            CheckData: self._check_data,
            RunPortfolio: self._portfolio,
            KeepRun: self._keep_run,
            GetReport: self._report,
            CompareRuns: self._compare,
            DeleteRun: self._delete_run,
            ExportRun: self._export_run,
            DownloadData: self._download,
            RepairData: self._repair,
            ExportData: self._export_data,
            GetCoverage: self._coverage,
            PeekFile: self._peek,
            CancelSql: self._cancel_sql,
        }
        self.walks = WalkAnswers(engine)
        self.charts = ChartAnswers(engine)
        self.watch = WatchBoard(engine)
        self.alerts = AlertDesk(engine, self.watch)
        self.replays = ReplayAnswers(engine, lambda chart: self.charts.charts.pop(chart, None), self.alerts.rules)
        self.study = StudyAnswers(engine)
        self.parity = ParityAnswers(engine)
        for part in (self.walks, self.charts, self.alerts, self.replays, self.study, self.parity):
            self._methods |= part.methods
        self._methods[SetWatch] = self.watch.set

    async def __call__(self, command: AnyCommand, peer: Peer) -> Any:
        if (past := await self.replays.chart(command, peer)) is not None:
            return past
        method = self._methods.get(type(command))
        if method is None:
            raise BadInput(f"this engine does not know {type(command).__name__}", fix="Update it.")
        return await method(command, peer)

    def left(self, peer: Peer) -> None:
        """A client has gone: what was made for it alone ends."""
        self.charts.left(peer)
        self.watch.left(peer)
        self.study.left(peer)
        if (ending := self.replays.left(peer)) is not None:
            self._ending = asyncio.ensure_future(ending)

    async def _hello(self, command: Hello, peer: Peer) -> EngineInfo:
        e = self._engine
        await e.listed.wait()
        return EngineInfo(
            version=__version__,
            pid=os.getpid(),
            started_ms=e.started_ms,
            demo=e.demo,
            state=e.state_word,
            markets=[m.market.id for m in e.live.markets] if e.live else [],
            timeframes=list(e.config.timeframes),
            instruments=list(e.live.instruments) if e.live else [],
            data_folder=str(e.folder.root),
            note=e.note,
        )

    async def _stop(self, command: StopEngine, peer: Peer) -> Ok:
        log.info("%s asks to stop", peer.name)
        self._engine.stop()
        return Ok()

    async def _strategies(self, command: ListStrategies, peer: Peer) -> StrategyList:
        return StrategyList(strategies=self._engine.badges.add_to(await asyncio.to_thread(catalogue.strategies)))

    async def _check(self, command: CheckStrategies, peer: Peer) -> CheckReport:
        return await self._engine.badges.check(command.strategies)

    async def _indicators(self, command: ListIndicators, peer: Peer) -> IndicatorList:
        return IndicatorList(indicators=catalogue.indicators())

    async def _signals(self, command: ListSignals, peer: Peer) -> SignalPage:
        e = self._engine
        limit = max(1, min(command.limit, 100_000))
        page = await e.storage.run(e.state.signal_page, command.after, limit, command.symbol)
        return SignalPage(block=page.block())

    async def _backtest(self, command: RunBacktest, peer: Peer) -> JobStarted:
        await asyncio.to_thread(bound_of, command.spec)
        return JobStarted(job=self._engine.jobs.backtest(command.spec))

    async def _cancel(self, command: CancelJob, peer: Peer) -> Ok:
        await self._engine.jobs.cancel(command.job)
        return Ok()

    async def _result(self, command: GetResult, peer: Peer) -> Any:
        e = self._engine
        return await e.storage.run(e.state.run, command.job)

    async def _runs(self, command: ListRuns, peer: Peer) -> RunList:
        e = self._engine
        return RunList(runs=await e.storage.run(e.state.runs, max(1, min(command.limit, 1000))))

    async def _keep_run(self, command: KeepRun, peer: Peer) -> JobStarted:
        e = self._engine
        job = command.job or new_id("backtest", os.getpid(), now_ms(e.clock))
        await e.storage.run(e.state.save_run, command.result, job, now_ms(e.clock))
        return JobStarted(job=job)

    async def _delete_run(self, command: DeleteRun, peer: Peer) -> Ok:
        e = self._engine
        return Ok(text=await e.storage.run(e.state.kept_runs.delete, command.job))

    async def _report(self, command: GetReport, peer: Peer) -> Report:
        task = ReportTask(id=new_id("report", os.getpid(), 0), job=command.job, convention=command.convention)
        reply: Report = await self._engine.query.run(task, Report)
        return reply

    async def _compare(self, command: CompareRuns, peer: Peer) -> Comparison:
        task = CompareTask(id=new_id("compare", os.getpid(), 0), jobs=command.jobs)
        reply: Comparison = await self._engine.query.run(task, Comparison)
        return reply

    async def _export_run(self, command: ExportRun, peer: Peer) -> Exported:
        task = ExportRunTask(
            id=new_id("export", os.getpid(), 0), job=command.job, path=command.path, format=command.format
        )
        reply: Exported = await self._engine.query.run(task, Exported)
        return reply

    async def _data(self, command: ListData, peer: Peer | None) -> DataList:
        await self._engine.first_chart.wait()
        reply: DataList = await self._engine.query.run(ListTask(id=new_id("list", os.getpid(), 0)), DataList)
        return reply

    async def _import(self, command: ImportData, peer: Peer) -> JobStarted:
        title = f"import of {os.path.basename(command.path.rstrip(os.sep))}"
        return JobStarted(job=self._engine.jobs.data("import", title, lambda job: ImportTask(id=job, ask=command)))

    async def _download(self, command: DownloadData, peer: Peer) -> JobStarted:
        names = ", ".join(s.partition(":")[2] or s for s in command.symbols[:3])
        title = f"download of {names}{' ...' if len(command.symbols) > 3 else ''}"
        sites = self._engine.sites()
        return JobStarted(
            job=self._engine.jobs.data("download", title, lambda job: DownloadTask(id=job, ask=command, sites=sites))
        )

    async def _repair(self, command: RepairData, peer: Peer) -> JobStarted:
        title = f"repair of {', '.join(command.symbols[:3]) or 'the lake'}"
        sites = self._engine.sites()
        return JobStarted(
            job=self._engine.jobs.data("repair", title, lambda job: RepairTask(id=job, ask=command, sites=sites))
        )

    async def _export_data(self, command: ExportData, peer: Peer) -> JobStarted:
        title = f"export of {command.symbol}"
        return JobStarted(job=self._engine.jobs.data("export", title, lambda job: ExportTask(id=job, ask=command)))

    async def _check_data(self, command: CheckData, peer: Peer) -> DataQuality:
        # a process of its own: neither charts nor downloads wait for it
        worker = self._engine.worker("check")
        try:
            found: DataQuality = await worker.run(
                DataCheckTask(id=new_id("data-check", os.getpid(), 0), ask=command), DataQuality
            )
        finally:
            await worker.close()
        return found

    async def _sql(self, command: RunSql, peer: Peer) -> SqlResult:
        task = SqlTask(
            id=command.id or new_id("sql", os.getpid(), 0),
            query=command.query,
            limit=command.limit,
            timeout_s=min(max(command.timeout_s, 0.1), LONGEST_SQL),
        )
        reply: SqlResult = await self._engine.query.run(task, SqlResult)
        return reply

    async def _cancel_sql(self, command: CancelSql, peer: Peer) -> Ok:
        await self._engine.query.cancel(command.id)
        return Ok()

    async def _coverage(self, command: GetCoverage, peer: Peer) -> Coverage:
        # a process of its own: reading the times of every series holds up no chart
        worker = self._engine.worker("coverage")
        try:
            found: Coverage = await worker.run(CoverageTask(id=new_id("coverage", os.getpid(), 0)), Coverage)
        finally:
            await worker.close()
        return found

    async def _peek(self, command: PeekFile, peer: Peer) -> FilePeek:
        reply: FilePeek = await self._engine.query.run(
            PeekTask(id=new_id("peek", os.getpid(), 0), ask=command), FilePeek
        )
        return reply

    async def _why(self, command: Explain, peer: Peer) -> Why:
        reply: Why = await self._engine.query.run(WhyTask(id=new_id("why", os.getpid(), 0), ask=command), Why)
        return reply

    async def _portfolio(self, command: RunPortfolio, peer: Peer) -> PortfolioResult:
        spec = command.spec
        title = f"portfolio of {len(spec.lanes)} lanes"
        return await self._engine.jobs.answer(
            "portfolio", title, lambda job: PortfolioTask(id=job, spec=spec), PortfolioResult, spec.run_id
        )

    async def _restart_shard(self, command: RestartShard, peer: Peer) -> Ok:
        for market in self._engine.live.markets if self._engine.live else ():
            if market.market.id == command.market:
                try:
                    market.feed.restart_shard(command.shard)
                except IndexError:
                    break
                return Ok()
        raise PyroError(f"there is no shard {command.shard} of {command.market}")
