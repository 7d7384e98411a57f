"""Slow housekeeping: bars move from the state to the lake, the lake's parts are compacted, step by step."""

from __future__ import annotations

import asyncio
import logging
import os

from engine.clock import now_ms
from engine.contracts.commands import Ok
from engine.contracts.errors import PyroError
from engine.runtime.parts import EngineParts
from engine.runtime.worker import new_id
from engine.runtime.worker_wire import CompactTask
from engine.store.recent import flush_to_lake

log = logging.getLogger(__name__)
DAY_MS = 86_400_000
#: steps of tidying the journal between two looks at the rest, and s between them
MOST_STEPS, PAUSE_S = 100, 0.05


class Upkeep:
    """One small step at a time, so that the journal never waits long for the store."""

    def __init__(self, engine: EngineParts) -> None:
        self._engine = engine

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._engine.config.upkeep_s)
            try:
                await self.look()
            except PyroError as error:
                log.warning("upkeep: %s", error)

    async def _tidy(self) -> None:
        """The journal's steps; each is worked out beside the storage thread, which only carries it out."""
        e = self._engine
        keep = (e.config.confirmed_days * DAY_MS, e.config.provisional_days * DAY_MS)
        for _ in range(MOST_STEPS):
            step = await asyncio.to_thread(e.state.plan_tidying, now_ms(e.clock), *keep)
            if step is None:
                return
            await e.storage.run(e.state.tidy, step)
            await asyncio.sleep(PAUSE_S)

    async def look(self) -> None:
        """Move every series that has enough, then compact the most scattered one."""
        e = self._engine
        # both read or copy beside the storage thread: with SQLite's log neither holds up a signal's commit
        counts = await asyncio.to_thread(e.state.recent_counts)
        for (symbol, timeframe), bars in counts.items():
            if bars >= e.config.flush_bars:
                await e.storage.run(flush_to_lake, e.state, e.lake, symbol, timeframe, keep=e.config.keep_bars)
                await asyncio.sleep(0.05)
        await self._tidy()
        await asyncio.to_thread(e.state.checkpoint)
        stored = await asyncio.to_thread(e.lake.list)
        scattered = max(stored, key=lambda s: s.files, default=None)
        if scattered and scattered.files >= e.config.compact_parts:
            task = CompactTask(
                id=new_id("compact", os.getpid(), 0), symbol=scattered.symbol, timeframe=scattered.timeframe
            )
            await e.query.run(task, Ok)
