"""The look-ahead detector's verdict on every strategy, found once per version in a process of its own, and kept."""

from __future__ import annotations

import asyncio
import logging
import os

import msgspec

from engine import __version__
from engine.contracts.checks import CheckReport, StrategyCheck
from engine.contracts.commands import StrategyInfo
from engine.contracts.errors import PyroError
from engine.runtime.facts import CHECKS_KEY
from engine.runtime.storage import StorageThread
from engine.runtime.strategies import every
from engine.runtime.worker import WorkerProcess, new_id
from engine.runtime.worker_wire import CheckTask
from engine.store.state import State

log = logging.getLogger(__name__)
#: s after the start, and between two looks for strategies without a verdict: the market's warm-up goes first
FIRST_LOOK_S, LOOK_S = 45.0, 20.0


class Badges:
    """Verdicts by strategy version."""

    def __init__(self, data_folder: str, storage: StorageThread, state: State) -> None:
        self._data = data_folder
        self._storage = storage
        self._state = state
        self._known: dict[str, StrategyCheck] = {}

    def add_to(self, infos: list[StrategyInfo]) -> list[StrategyInfo]:
        """The same with their badges; '' where there is no verdict yet."""
        return [
            msgspec.structs.replace(info, badge=check.badge, leak=check.leak)
            if (check := self._known.get(info.version))
            else info
            for info in infos
        ]

    async def run(self) -> None:
        key = CHECKS_KEY.format(__version__)
        kept = msgspec.convert(await self._storage.run(self._state.get, key) or [], list[StrategyCheck])
        self._known |= {c.version: c for c in kept}
        await asyncio.sleep(FIRST_LOOK_S)
        while True:
            missing = [s.id for s in await asyncio.to_thread(every) if s.version not in self._known]
            if missing:
                try:
                    await self.check(missing)
                except PyroError as error:
                    log.warning("the look-ahead detector: %s", error)
                await self._storage.run(self._state.put, key, msgspec.to_builtins(list(self._known.values())))
            await asyncio.sleep(LOOK_S)

    async def check(self, ids: list[str]) -> CheckReport:
        """Run the detector over these strategies ([] = all) and keep its verdicts."""
        worker = WorkerProcess("check", self._data)
        try:
            report: CheckReport = await worker.run(
                CheckTask(id=new_id("check", os.getpid(), 0), strategies=ids), CheckReport
            )
        finally:
            await worker.close()
        for verdict in report.checks:
            if verdict.leak:
                log.error("strategy %s looks ahead: %s", verdict.strategy, verdict.leak)
        self._known |= {c.version: c for c in report.checks}
        return report
