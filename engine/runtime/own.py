"""The person's own strategies and the promoted sets while the engine runs: live without a restart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from engine.contracts.events import Notice
from engine.contracts.markets import market
from engine.contracts.walkforward import Promoted
from engine.rules.strategy import LiveProgram, Strategy
from engine.runtime.config import EngineConfig
from engine.runtime.kept_programs import kept_programs
from engine.runtime.parts import EngineParts
from engine.runtime.promotions import plan
from engine.runtime.strategies import day_of, user_files
from engine.runtime.user_files import UserFile

log = logging.getLogger(__name__)
#: s between two looks at the folder
LOOK_S = 1.0


def programs_by_day(
    strategies: Sequence[Strategy], config: EngineConfig, cache: Path
) -> dict[str, Sequence[LiveProgram]]:
    """Strategies with their default parameters, one program a timeframe, by the day calendar of the markets. cache:
    the folder in which they are kept compiled."""
    days = {day_of(market(m)) for m in config.markets}
    return {day: kept_programs(cache, strategies, config.timeframes, day) for day in days}


class OwnStrategies:
    """Watches the folder. A file that cannot be used leaves the others, and the engine, as they are."""

    def __init__(self, engine: EngineParts) -> None:
        self._engine = engine
        self._files: dict[str, UserFile] = {}
        self._promoted: list[Promoted] = []
        #: what was live when the engine ended is no news when it starts
        self._news = False

    async def run(self) -> None:
        e = self._engine
        await e.listed.wait()
        while True:
            files = {f.path.name: f for f in await asyncio.to_thread(user_files)}
            promoted = await e.storage.run(e.state.walkforwards.promoted)
            other = [p.number for p in promoted] != [p.number for p in self._promoted]
            if files != self._files or other:
                before, self._files, self._promoted = self._files, files, promoted
                await self._use(before, other)
            self._news = True
            await asyncio.sleep(LOOK_S)

    async def _use(self, before: dict[str, UserFile], other_sets: bool) -> None:
        """Make what the files hold, and what was promoted, live, and tell of what changed."""
        e = self._engine
        strategies = [s for file in self._files.values() for s in file.strategies]
        known = {s.version for file in before.values() for s in file.strategies}
        if e.live and (other_sets or {s.version for s in strategies} != known):
            days = {day_of(market(m)) for m in e.config.markets}
            plans = {
                day: await asyncio.to_thread(plan, strategies, self._promoted, e.config.timeframes, day) for day in days
            }
            await e.live.use_own(plans)
            if other_sets and self._news:
                e.hub.publish(Notice(level="info", code="promoted", text=_sets_live(len(self._promoted))))
        for name, file in self._files.items():
            if before.get(name) != file:
                self._tell(name, file)
        for name in before.keys() - self._files.keys():
            log.info("%s is gone: its strategies are no longer live", name)

    def _tell(self, name: str, file: UserFile) -> None:
        if file.error is not None:
            log.warning("strategy file refused: %s", file.error)
            text = f"{file.error} The other strategies go on."
            self._engine.hub.publish(Notice(level="warning", code="strategy", text=text))
            return
        ids = ", ".join(s.id for s in file.strategies)
        log.info("%s: %s live", name, ids)
        if self._news:
            self._engine.hub.publish(Notice(level="info", code="strategy", text=f"{name}: {ids} live now."))


def _sets_live(count: int) -> str:
    if count == 1:
        return "1 promoted parameter set is live."
    return f"{count:,} promoted parameter sets are live." if count else "No promoted parameter set is live any more."
