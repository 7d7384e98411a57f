"""Long work: queued, run one at a time in the jobs process, followed on the bus, kept in the state."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from engine.bus.hub import Hub
from engine.clock import Clock, now_ms
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.commands import Ok
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.contracts.events import COMPILING, JobProgress
from engine.runtime.kept import Report
from engine.runtime.storage import StorageThread
from engine.runtime.worker import WorkerProcess, new_id
from engine.runtime.worker_wire import AnyTask, BacktestTask, DataTask
from engine.store.state import State

log = logging.getLogger(__name__)
T = TypeVar("T")
#: jobs that may wait
QUEUE_LIMIT = 200
#: brings what a back-test needs and the lake lacks; reports 0..1
Fetch = Callable[[BacktestSpec, Callable[[float], None]], Awaitable[None]]


class JobBoard:
    """Jobs in the order asked, those on candles (worker `data`) beside the others. Every change of a job is an event on
    topic jobs."""

    def __init__(
        self,
        worker: WorkerProcess,
        storage: StorageThread,
        state: State,
        hub: Hub,
        clock: Clock,
        fetch: Fetch,
        data: WorkerProcess,
    ) -> None:
        self.worker = worker
        self._data = data
        self._data_turn = asyncio.Lock()
        self._storage = storage
        self._state = state
        self._hub = hub
        self._clock = clock
        self._fetch = fetch
        self._turn = asyncio.Lock()
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._progress: dict[str, JobProgress] = {}
        hub.snapshot(JobProgress.topic, lambda: list(self._progress.values()))

    @property
    def queue(self) -> tuple[int, int, int]:
        return len(self._jobs), QUEUE_LIMIT, 0

    def backtest(self, spec: BacktestSpec) -> str:
        """Queue a back-test; returns the job's id."""
        job = spec.run_id or self._new_id("backtest")
        title = f"{spec.strategy} on {spec.symbol} {spec.timeframe}"
        self.add(job, "backtest", title, lambda: self._backtest(job, msgspec.structs.replace(spec, run_id=job), title))
        return job

    async def answer(self, kind: str, title: str, make: Callable[[str], AnyTask], reply: type[T], job: str = "") -> T:
        """Queue a task of which nothing is kept and wait for what it says. make: the task of a job id; job: its name,
        '' for a new one. Cancelled when it was cancelled."""
        job = job or self._new_id(kind)
        done: list[T] = []
        failed: list[Exception] = []

        async def run() -> str:
            try:
                done.append(await self.worker.run(make(job), reply, self.reporter(job, kind, title)))
            except Exception as error:
                failed.append(error)
                raise
            return ""

        await asyncio.wait([self.add(job, kind, title, run)])
        if done:
            return done[0]
        raise failed[0] if failed else Cancelled(f"The {title} was cancelled.", where=job)

    def data(self, kind: str, title: str, make: Callable[[str], DataTask]) -> str:
        """Queue work on candles, in a process and a queue of its own: a download of hours holds up no back-test. make:
        the task of a job id. Its answer is the job's last step. Returns the job's id."""
        job = self._new_id(kind)

        async def run() -> str:
            done: Ok = await self._data.run(make(job), Ok, self.reporter(job, kind, title))
            return done.text

        self.add(job, kind, title, run, self._data_turn)
        return job

    async def cancel(self, job: str) -> None:
        """Stop a waiting or running job; BadInput when there is none of that id."""
        task = self._jobs.get(job)
        if task is None:
            raise BadInput(f'no job "{job}" is running or waiting', where="jobs")
        await self.worker.cancel(job)
        await self._data.cancel(job)
        task.cancel()

    async def close(self) -> None:
        for task in list(self._jobs.values()):
            task.cancel()
        await asyncio.gather(*self._jobs.values(), return_exceptions=True)
        await self.worker.close()
        await self._data.close()

    def state_of(self, job: str) -> JobProgress | None:
        """What was told of it last."""
        return self._progress.get(job)

    def _new_id(self, kind: str) -> str:
        return new_id(kind, os.getpid(), now_ms(self._clock))

    def add(
        self, job: str, kind: str, title: str, run: Callable[[], Awaitable[str]], turn: asyncio.Lock | None = None
    ) -> asyncio.Task[None]:
        """Queue work under a name; the task ends with it, whatever became of it. run: gives the last words on it.
        BadInput: it runs already."""
        if job in self._jobs or (self._progress.get(job) and self._progress[job].state in ("queued", "running")):
            raise BadInput(f'job "{job}" runs already', where="jobs")
        if len(self._jobs) >= QUEUE_LIMIT:
            raise BadInput(f"{QUEUE_LIMIT} jobs wait already", where="jobs", fix="Cancel some first.")
        self._tell(JobProgress(job=job, kind=kind, title=title, state="queued"))
        task = asyncio.create_task(self._follow(job, kind, title, run, turn or self._turn), name=job)
        self._jobs[job] = task
        task.add_done_callback(lambda _: self._jobs.pop(job, None))
        return task

    async def _follow(
        self, job: str, kind: str, title: str, run: Callable[[], Awaitable[str]], turn: asyncio.Lock
    ) -> None:
        state, error, last = "done", "", ""
        try:
            async with turn:
                self._tell(JobProgress(job=job, kind=kind, title=title, state="running"))
                last = await run()
        except (Cancelled, asyncio.CancelledError):
            state = "cancelled"
        except PyroError as failure:
            state, error = "failed", str(failure)
        except Exception as failure:
            log.exception("job %s failed", job)
            state, error = "failed", f"internal error: {failure!r}. See the log."
        whole = 1.0 if state == "done" else 0.0
        self._tell(JobProgress(job=job, kind=kind, title=title, state=state, fraction=whole, error=error, step=last))

    async def _backtest(self, job: str, spec: BacktestSpec, title: str) -> str:
        fetching = self.reporter(job, "backtest", title, "fetching history")
        share = 0.0

        def fetched(fraction: float) -> None:
            nonlocal share
            # where there is nothing to fetch, computing is all of it
            share = 0.5 if fraction < 1 else share
            if share:
                fetching(share * fraction)

        await self._fetch(spec, fetched)
        computing = self.reporter(job, "backtest", title, "computing", share)
        result: BacktestResult = await self.worker.run(
            BacktestTask(id=job, spec=spec),
            BacktestResult,
            lambda fraction, step: computing(share + (1 - share) * fraction, step),
        )
        await self._storage.run(self._state.save_run, result, job, now_ms(self._clock))
        return ""

    def reporter(self, job: str, kind: str, title: str, step: str = "", since: float = 0.0) -> Report:
        """Tells how far a job is. since: the fraction from which on this reporter tells; the time left is estimated by
        what was done since then, and not at all while something is compiled that is compiled only once."""
        began, start = self._clock.monotonic_ns(), since

        def report(fraction: float, now: str = "") -> None:
            nonlocal began, start
            if now == COMPILING or not fraction > start:
                began, start = self._clock.monotonic_ns(), fraction
            spent = (self._clock.monotonic_ns() - began) / 1e9
            done = (fraction - start) / (1 - start) if start < 1 else 1.0
            eta = spent * (1 - done) / done if done > 0.05 and now != COMPILING else -1.0
            told = JobProgress(
                job=job, kind=kind, title=title, state="running", fraction=fraction, eta_s=eta, step=now or step
            )
            self._tell(told)

        return report

    def _tell(self, event: JobProgress) -> None:
        self._progress.pop(event.job, None)
        self._progress[event.job] = event
        while len(self._progress) > QUEUE_LIMIT:
            self._progress.pop(next(iter(self._progress)))
        self._hub.publish(event)
