"""What an engine answers about walk-forwards and promotions, and the queue of symbols that goes on over restarts."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from engine.bus.server import Peer
from engine.clock import now_ms
from engine.contracts.backtests import BacktestResult
from engine.contracts.commands import Command, DataList, JobStarted, Ok
from engine.contracts.errors import BadInput
from engine.contracts.events import WalkRow
from engine.contracts.markets import market, split_symbol
from engine.contracts.robustness import MonteCarloFan
from engine.contracts.walk_views import GetFold, Judged, JudgeWalkForward
from engine.contracts.walkforward import (
    Demote,
    Estimate,
    EstimateWalkForward,
    GetMonteCarlo,
    GetWalk,
    GetWalkForward,
    GetWalkMatrix,
    GetWalkPage,
    ListPromoted,
    ListWalkForwardQueue,
    ListWalkForwards,
    Promote,
    PromotedList,
    RunWalkForward,
    RunWalkForwardQueue,
    SetWalkForwardQueue,
    WalkForwardList,
    WalkForwardQueue,
    WalkForwardResult,
    WalkForwardSpec,
    WalkMatrix,
    WalkPart,
    WalkResult,
)
from engine.runtime.facts import WALKS_STOPPED_KEY
from engine.runtime.parts import EngineParts
from engine.runtime.promotions import checked, chosen_of
from engine.runtime.walk_results import queue_entry
from engine.runtime.worker import new_id
from engine.runtime.worker_wire import (
    EstimateTask,
    FoldTask,
    JudgeTask,
    ListTask,
    MatrixTask,
    MonteCarloTask,
    WalkPageTask,
    WalkTask,
)

log = logging.getLogger(__name__)
KIND = "walkforward"


class WalkAnswers:
    """One method a command; `run` works off the queue."""

    def __init__(self, engine: EngineParts) -> None:
        self._engine = engine
        self._news = asyncio.Event()
        self._under_way = ""
        self.methods: dict[type[Command], Callable[[Any, Peer], Awaitable[Any]]] = {
            RunWalkForward: self._start,
            RunWalkForwardQueue: self._enqueue,
            ListWalkForwardQueue: self._listed_queue,
            SetWalkForwardQueue: self._set_queue,
            EstimateWalkForward: self._estimate,
            GetWalkForward: self._result,
            GetWalk: self._walk,
            ListWalkForwards: self._list,
            GetMonteCarlo: self._monte_carlo,
            GetWalkMatrix: self._matrix,
            GetWalkPage: self._page,
            JudgeWalkForward: self._judge,
            GetFold: self._fold,
            Promote: self._promote,
            Demote: self._demote,
            ListPromoted: self._promoted,
        }

    async def run(self) -> None:
        """Work off the queue, also what an earlier engine left of it."""
        e = self._engine
        self._news.set()
        while True:
            await self._news.wait()
            self._news.clear()
            while (entry := await self._next()) is not None:
                self._under_way = entry.job
                await e.storage.run(self._store.set_state, entry.job, "running")
                task = self._begin(entry.job, entry.spec)
                await asyncio.wait([task])
                self._under_way = ""
                await self._ended(entry.job)

    @property
    def _store(self) -> Any:
        return self._engine.state.walkforwards

    async def _next(self) -> Any:
        queue = await self._queue()
        waiting = [entry for entry in queue.entries if entry.state != "failed"]
        return waiting[0] if waiting and not queue.stopped else None

    async def _ended(self, job: str) -> None:
        """Done ones leave the queue, failed ones stay with their reason, a cancelled one waits again or is gone."""
        told = self._engine.jobs.state_of(job)
        state, error = (told.state, told.error) if told else ("failed", "It ended without a word.")
        if state == "cancelled":
            stopped = (await self._queue()).stopped
            await self._engine.storage.run(self._store.set_state, job, "waiting" if stopped else "")
        else:
            await self._engine.storage.run(self._store.set_state, job, "" if state == "done" else "failed", error)

    def _begin(self, job: str, spec: WalkForwardSpec) -> asyncio.Task[None]:
        e = self._engine
        spec = msgspec.structs.replace(spec, run_id=job)
        title = f"{f'{len(spec.strategies)} strategies' if spec.strategies else 'all strategies'} on {spec.symbol}"
        task = WalkTask(id=job, spec=spec, cluster=e.config.cluster, threads=e.config.job_threads)
        savings: list[asyncio.Future[Any]] = []

        def part(body: msgspec.Raw) -> None:
            made = msgspec.msgpack.decode(body, type=WalkPart)
            if not savings:
                # from here on there is something that it could go on from
                begun = e.storage.run(self._store.begin, job, spec, now_ms(e.clock))
                savings.append(asyncio.ensure_future(begun))
            savings.append(asyncio.ensure_future(e.storage.run(self._store.save_walk, job, made.walk, made.tried)))
            e.hub.publish(WalkRow(job=job, symbol=spec.symbol, row=made.walk.summary))

        async def run() -> str:
            try:
                result: WalkForwardResult = await e.jobs.worker.run(
                    task, WalkForwardResult, e.jobs.reporter(job, KIND, title, "walking"), part
                )
            finally:
                await asyncio.gather(*savings)
            await e.storage.run(self._store.save, result)
            return f"{sum(row.passed for row in result.rows)} of {len(result.rows)} strategies passed"

        return e.jobs.add(job, KIND, title, run)

    async def _start(self, command: RunWalkForward, peer: Peer) -> JobStarted:
        job = command.spec.run_id or new_id("walk", os.getpid(), now_ms(self._engine.clock))
        self._begin(job, command.spec)
        return JobStarted(job=job)

    async def _estimate(self, command: EstimateWalkForward, peer: Peer) -> Estimate:
        e = self._engine
        task = EstimateTask(id=new_id("estimate", os.getpid(), 0), spec=command.spec, threads=e.config.job_threads)
        reply: Estimate = await e.query.run(task, Estimate)
        return reply

    async def _queue(self) -> WalkForwardQueue:
        e = self._engine
        entries = await e.storage.run(self._store.queued)
        return WalkForwardQueue(entries=entries, stopped=bool(await e.storage.run(e.state.get, WALKS_STOPPED_KEY)))

    async def _listed_queue(self, command: ListWalkForwardQueue, peer: Peer) -> WalkForwardQueue:
        return await self._queue()

    async def _enqueue(self, command: RunWalkForwardQueue, peer: Peer) -> WalkForwardQueue:
        e = self._engine
        symbols = command.symbols
        if not symbols:
            market(command.market)
            held: DataList = await e.query.run(ListTask(id=new_id("list", os.getpid(), 0)), DataList)
            symbols = sorted({s.symbol for s in held.series if split_symbol(s.symbol)[0] == command.market})
        if not symbols:
            raise BadInput(f"The lake holds no candles of {command.market}.", fix="Download or import some first.")
        entries = [queue_entry(command.spec, symbol) for symbol in symbols]
        await e.storage.run(self._store.enqueue, entries)
        self._news.set()
        return await self._queue()

    async def _set_queue(self, command: SetWalkForwardQueue, peer: Peer) -> WalkForwardQueue:
        e = self._engine
        await e.storage.run(e.state.put, WALKS_STOPPED_KEY, command.stopped)
        if command.clear:
            for entry in (await self._queue()).entries:
                if entry.job != self._under_way:
                    await e.storage.run(self._store.set_state, entry.job, "")
        if command.stopped and self._under_way:
            await e.jobs.cancel(self._under_way)
        self._news.set()
        return await self._queue()

    async def _result(self, command: GetWalkForward, peer: Peer) -> WalkForwardResult:
        result: WalkForwardResult = await self._engine.storage.run(self._store.result, command.job)
        return result

    async def _walk(self, command: GetWalk, peer: Peer) -> WalkResult:
        walk: WalkResult = await self._engine.storage.run(self._store.walk, command.job, command.strategy)
        return walk

    async def _list(self, command: ListWalkForwards, peer: Peer) -> WalkForwardList:
        found = await self._engine.storage.run(self._store.newest, max(1, min(command.limit, 1000)))
        return WalkForwardList(runs=found)

    async def _monte_carlo(self, command: GetMonteCarlo, peer: Peer) -> MonteCarloFan:
        if command.kind == "bootstrap":
            # days drawn anew take no time, and need not wait behind a walk-forward that runs
            task = MonteCarloTask(id=new_id("fan", os.getpid(), 0), ask=command)
            fan: MonteCarloFan = await self._engine.query.run(task, MonteCarloFan)
            return fan
        title = f"Monte Carlo of {command.strategy}"
        return await self._engine.jobs.answer(
            "montecarlo", title, lambda job: MonteCarloTask(id=job, ask=command), MonteCarloFan, command.run_id
        )

    async def _matrix(self, command: GetWalkMatrix, peer: Peer) -> WalkMatrix:
        spec = command.spec
        title = f"matrix of {', '.join(spec.strategies)} on {spec.symbol}"
        return await self._engine.jobs.answer(
            "matrix", title, lambda job: MatrixTask(id=job, ask=command), WalkMatrix, spec.run_id
        )

    async def _page(self, command: GetWalkPage, peer: Peer) -> Ok:
        done: Ok = await self._engine.query.run(WalkPageTask(id=new_id("page", os.getpid(), 0), ask=command), Ok)
        return done

    async def _judge(self, command: JudgeWalkForward, peer: Peer) -> Judged:
        task = JudgeTask(id=new_id("judge", os.getpid(), 0), ask=command)
        judged: Judged = await self._engine.query.run(task, Judged)
        return judged

    async def _fold(self, command: GetFold, peer: Peer) -> BacktestResult:
        task = FoldTask(id=new_id("fold", os.getpid(), 0), ask=command)
        made: BacktestResult = await self._engine.query.run(task, BacktestResult)
        return made

    async def _promote(self, command: Promote, peer: Peer) -> PromotedList:
        e = self._engine
        now = now_ms(e.clock)
        sets = list(command.sets)
        if command.job:
            result = await e.storage.run(self._store.result, command.job)
            walks = await e.storage.run(self._store.walks, command.job)
            sets += chosen_of(result, walks, command.strategies)
        checked(sets)
        await e.storage.run(self._store.promote, [msgspec.structs.replace(s, since_ms=now) for s in sets])
        return await self._now_live()

    async def _demote(self, command: Demote, peer: Peer) -> PromotedList:
        e = self._engine
        await e.storage.run(self._store.demote, command.number, now_ms(e.clock))
        return await self._now_live()

    async def _now_live(self) -> PromotedList:
        """What is active, which the live markets follow within a second."""
        return PromotedList(promoted=await self._engine.storage.run(self._store.promoted))

    async def _promoted(self, command: ListPromoted, peer: Peer) -> PromotedList:
        found = await self._engine.storage.run(lambda: self._store.promoted(history=command.history))
        return PromotedList(promoted=found)
