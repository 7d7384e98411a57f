"""What an engine answers about live against back-test: a job in a process of its own, and its report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from engine.bus.server import Peer
from engine.clock import iso, now_ms
from engine.contracts.commands import Command, JobStarted
from engine.contracts.errors import BadInput
from engine.contracts.parity import GetParity, ParityReport, RunParity
from engine.runtime.parity import DAY_MS
from engine.runtime.parts import EngineParts
from engine.runtime.worker import new_id
from engine.runtime.worker_wire import ParityTask

#: where the state keeps the last report
LAST_KEY = "parity/last"
#: reports of this run that can be asked for
MOST_KEPT = 8


class ParityAnswers:
    """One comparison at a time; it reads the stores and touches nothing live."""

    def __init__(self, engine: EngineParts) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()
        self._reports: dict[str, ParityReport] = {}
        self.methods: dict[type[Command], Callable[[Any, Peer], Awaitable[Any]]] = {
            RunParity: self._run,
            GetParity: self._get,
        }

    async def _run(self, command: RunParity, peer: Peer) -> JobStarted:
        e = self._engine
        now = now_ms(e.clock)
        day = now - now % DAY_MS - DAY_MS if command.day_ms is None else command.day_ms - command.day_ms % DAY_MS
        if day > now:
            raise BadInput("This day has not begun yet.", fix="Choose an earlier one.")
        command = msgspec.structs.replace(command, day_ms=day)
        job = new_id("parity", e.started_ms % 100_000, now)
        title = f"live against back-test, {iso(day)[:10]}"

        async def run() -> str:
            worker = e.worker("parity")
            try:
                task = ParityTask(id=job, ask=command, timeframes=list(e.config.timeframes))
                found: ParityReport = await worker.run(task, ParityReport, e.jobs.reporter(job, "parity", title))
            finally:
                # its memory is not wanted until the next time; a cancelled one ends here
                await asyncio.shield(worker.close())
            report = msgspec.structs.replace(found, job=job)
            self._reports[job] = report
            while len(self._reports) > MOST_KEPT:
                self._reports.pop(next(iter(self._reports)))
            await e.storage.run(e.state.put, LAST_KEY, msgspec.to_builtins(report))
            return f"{report.compared:,} signals compared, {report.unexplained:,} differ"

        e.jobs.add(job, "parity", title, run, self._turn)
        return JobStarted(job=job)

    async def _get(self, command: GetParity, peer: Peer) -> ParityReport:
        e = self._engine
        if command.job in self._reports:
            return self._reports[command.job]
        kept = await e.storage.run(e.state.get, LAST_KEY)
        report = msgspec.convert(kept, ParityReport) if kept else None
        if report is None or (command.job and report.job != command.job):
            raise BadInput("There is no such report.", where=command.job, fix="Compare a day first.")
        return report
