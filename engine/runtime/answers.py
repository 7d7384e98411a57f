"""What an engine answers to its clients' commands."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from engine import __version__
from engine.bus.server import Peer
from engine.clock import now_ms
from engine.contracts import markets
from engine.contracts.checks import CheckReport
from engine.contracts.commands import (
    AnyCommand,
    CancelJob,
    Candles,
    CheckStrategies,
    CloseChart,
    Command,
    CompareRuns,
    DataList,
    DeleteRun,
    EngineInfo,
    Explain,
    ExportRun,
    GetCandles,
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
    OpenChart,
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
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, PyroError, did_you_mean
from engine.contracts.portfolios import PortfolioResult, RunPortfolio
from engine.contracts.reports import Comparison, Exported, Report
from engine.contracts.signals import SignalBlock
from engine.contracts.timeframes import timeframe_ms
from engine.contracts.why import Why
from engine.feeds.budget import SHARE_GAP
from engine.feeds.rest import to_candles
from engine.runtime import catalogue, strategies
from engine.runtime.answers_parity import ParityAnswers
from engine.runtime.answers_replay import ReplayAnswers
from engine.runtime.answers_walk import WalkAnswers
from engine.runtime.charts import ChartStream, SeriesSet
from engine.runtime.parts import EngineParts
from engine.runtime.worker import new_id
from engine.runtime.worker_wire import (
    ChartTask,
    CompareTask,
    CoverageTask,
    DataCheckTask,
    DownloadTask,
    ExportRunTask,
    ExportTask,
    ImportTask,
    ListTask,
    PeekTask,
    RepairTask,
    ReportTask,
    SqlTask,
    WhyTask,
)

log = logging.getLogger(__name__)
#: s that opening a chart waits for its symbol's warm-up
WARM_WAIT = 6.0
#: bars run before those shown, so that a long average is right on the first of them; more than this is not asked for
WARM_BARS = 3_000
#: s that a query may take at most, whatever it asks for
LONGEST_SQL = 600.0


class Answers:
    """One method a command; all raise PyroError or BadInput with a way out."""

    def __init__(self, engine: EngineParts) -> None:
        self._engine = engine
        self.charts: dict[str, tuple[ChartStream, Peer]] = {}
        self._methods: dict[type[Command], Callable[[Any, Peer], Awaitable[Any]]] = {
            Hello: self._hello,
            StopEngine: self._stop,
            GetCandles: self._candles,
            OpenChart: self._open_chart,
            CloseChart: self._close_chart,
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
        self._methods |= self.walks.methods
        self.replays = ReplayAnswers(engine, lambda chart: self.charts.pop(chart, None))
        self._methods |= self.replays.methods | ParityAnswers(engine).methods

    async def __call__(self, command: AnyCommand, peer: Peer) -> Any:
        if (past := await self.replays.chart(command, peer)) is not None:
            return past
        method = self._methods.get(type(command))
        if method is None:
            raise BadInput(f"this engine does not know {type(command).__name__}", fix="Update it.")
        return await method(command, peer)

    def left(self, peer: Peer) -> None:
        """A client has gone: its charts are no longer streamed."""
        self.charts = {k: v for k, v in self.charts.items() if v[1] is not peer}
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

    async def _candles(self, command: GetCandles, peer: Peer) -> Candles:
        series = SeriesSet(command.series, command.timeframe, _day(command.symbol))
        before = min(series.memory, WARM_BARS)
        bars, more = await self._kept(
            command.symbol, command.timeframe, command.limit + before, command.before_ms, command.from_ms
        )
        values = series.values(bars, commit=True)
        if command.from_ms is None:
            bars, values = bars[-command.limit :], values[:, -command.limit :] if len(series.names) else values
        return Candles(
            symbol=command.symbol,
            timeframe=command.timeframe,
            bars=bars.tobytes(),
            series=series.packed(values),
            more=more,
            signals=await self._signals_on(command.symbol, command.timeframe, bars),
        )

    async def _open_chart(self, command: OpenChart, peer: Peer) -> Candles:
        series = SeriesSet(command.series, command.timeframe, _day(command.symbol))
        before = min(series.memory, WARM_BARS)
        found = self._engine.live.find(command.symbol) if self._engine.live else None
        stream = None
        if found and command.timeframe in found[0].core.timeframes:
            market, warmup, row = found
            tf = market.core.timeframes.index(command.timeframe)
            lane = row * len(market.core.timeframes) + tf
            stream = ChartStream(command.chart, command.symbol, command.timeframe, lane, series)
            self.charts[command.chart] = (stream, peer)
            warm = warmup.hurry(row)
            try:
                await asyncio.wait_for(warm.wait(), WARM_WAIT)
            except TimeoutError:
                log.info("%s is still warming: its chart opens with what there is", command.symbol)
        elif found is None:
            self._known(command.symbol, await self._stored())
        bars, more = await self._kept(command.symbol, command.timeframe, command.limit + before, None, None)
        values = series.packed(series.values(bars, commit=True)) if stream is None else stream.begin(bars)
        shown = bars[-command.limit :]
        cut = (len(bars) - len(shown)) * 8
        return Candles(
            symbol=command.symbol,
            timeframe=command.timeframe,
            bars=shown.tobytes(),
            series={name: data[cut:] for name, data in values.items()},
            more=more or len(shown) < len(bars),
            signals=await self._signals_on(command.symbol, command.timeframe, shown),
        )

    async def _close_chart(self, command: CloseChart, peer: Peer) -> Ok:
        self.charts.pop(command.chart, None)
        return Ok()

    async def _kept(
        self, symbol: str, timeframe: str, limit: int, before_ms: int | None, from_ms: int | None
    ) -> tuple[np.ndarray, bool]:
        """Final bars from the store; the venue's own bars before them where the store has too few."""
        e = self._engine
        timeframe_ms(timeframe)
        limit = max(1, min(limit, 100_000))
        task = ChartTask(
            id=new_id("chart", os.getpid(), 0),
            symbol=symbol,
            timeframe=timeframe,
            limit=limit,
            before_ms=before_ms,
            from_ms=from_ms,
            series=[],
        )
        reply: Candles = await e.query.run(task, Candles)
        bars = np.frombuffer(reply.bars, CANDLE_DTYPE)
        found = e.live.find(symbol) if e.live else None
        if len(bars) >= limit or found is None or from_ms is not None:
            return bars, reply.more
        market, _, row = found
        end = int(bars["ts"][0]) if len(bars) else before_ms
        page = min(limit - len(bars), market.rest.protocol.limits.klines_per_request)
        try:
            klines = await asyncio.wait_for(
                market.rest.klines(market.instruments[row].name, timeframe, to_ms=end, limit=page, priority=SHARE_GAP),
                WARM_WAIT,
            )
        except (PyroError, TimeoutError) as error:
            log.info("older bars of %s: %s", symbol, error or "the venue is slow")
            return bars, reply.more
        older = to_candles([k for k in klines if k.final and (end is None or k.ts < end)])
        return np.concatenate([older, bars]), reply.more or len(older) >= page

    async def _signals_on(self, symbol: str, timeframe: str, bars: np.ndarray) -> SignalBlock:
        if not len(bars):
            return SignalBlock()
        e = self._engine
        end = int(bars["ts"][-1]) + 2 * timeframe_ms(timeframe)
        found = await e.storage.run(e.state.signals_between, symbol, timeframe, int(bars["ts"][0]), end)
        return found.block()

    async def _stored(self) -> set[str]:
        reply: DataList = await self._data(ListData(), None)
        return {s.symbol for s in reply.series}

    def _known(self, symbol: str, stored: set[str]) -> None:
        live = {i.symbol for i in self._engine.live.instruments} if self._engine.live else set()
        if symbol not in stored | live:
            raise BadInput(
                f'"{symbol}" is neither live nor in the lake.{did_you_mean(symbol, stored | live)}',
                fix="Pick one of the watchlist, or import its candles.",
            )

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
        chosen = await asyncio.to_thread(strategies.strategy, command.spec.strategy)
        chosen.bind(command.spec.params, command.spec.timeframe)
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
        return await self._engine.jobs.portfolio(command.spec)

    async def _restart_shard(self, command: RestartShard, peer: Peer) -> Ok:
        for market in self._engine.live.markets if self._engine.live else ():
            if market.market.id == command.market:
                try:
                    market.feed.restart_shard(command.shard)
                except IndexError:
                    break
                return Ok()
        raise PyroError(f"there is no shard {command.shard} of {command.market}")


def _day(symbol: str) -> str:
    """The day calendar of a symbol's market; a bare name counts as crypto."""
    market_id, _ = markets.split_symbol(symbol)
    return strategies.day_of(markets.market(market_id)) if market_id else "utc"
