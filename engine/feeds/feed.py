"""The market-data feed of one market: its shards, started and stopped together."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.clock import Clock
from engine.contracts.errors import PyroError
from engine.contracts.events import ShardHealth
from engine.contracts.feed import VenueProtocol
from engine.feeds.backoff import Backoff, Chance, Sleep
from engine.feeds.budget import SHARE_GAP, ConnectBudget
from engine.feeds.coalesce import TickTable
from engine.feeds.link import Wiring
from engine.feeds.plan import plan_shards
from engine.feeds.rest import RestClient
from engine.feeds.settings import FeedSettings
from engine.feeds.shard import RowsHook, Shard

_log = logging.getLogger(__name__)

#: wall and monotonic clock drift apart by more than this between two looks = sleep, or a clock that was set
JUMP_NS = 2_000_000_000


class MarketFeed:
    """Shards of one market over one host. All hooks run on the loop that called start().

    symbols: the venue's names; all must stand in `table`. BadInput when they do not fit the plan or a connection.
    """

    def __init__(
        self,
        market_id: str,
        protocol: VenueProtocol,
        ws_base: str,
        rest: RestClient,
        symbols: list[str],
        table: TickTable,
        settings: FeedSettings,
        clock: Clock,
        connect_budget: ConnectBudget,
        on_gap: RowsHook,
        on_live: RowsHook,
        *,
        sleep: Sleep = asyncio.sleep,
        chance: Chance = random.random,
    ) -> None:
        self.market = market_id
        self.rest = rest
        self.table = table
        self._settings = settings.checked()
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        plan = plan_shards(market_id, symbols, settings.symbols_per_connection, settings.max_shards)
        wiring = Wiring(
            market_id,
            protocol.stream_url(ws_base),
            protocol,
            table,
            settings,
            clock,
            rest.server_clock,
            connect_budget,
            sleep,
            chance,
        )
        self.shards = [Shard(index, members, wiring, on_gap, on_live) for index, members in enumerate(plan)]
        self._shard_of = {row: shard for shard in self.shards for row in shard.rows}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start every shard; returns at once. Call from the loop that shall run them."""
        if self._tasks:
            return
        self._tasks = [
            asyncio.create_task(self._keep(shard), name=f"{self.market} shard {shard.index}") for shard in self.shards
        ]
        self._tasks.append(asyncio.create_task(self._keep_time(), name=f"{self.market} server time"))

    async def stop(self) -> None:
        """Stop every shard and close every connection; returns when nothing of it runs any more."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def restart_shard(self, index: int) -> None:
        """A fresh connection for one shard, without a gap where the old one still works. IndexError when unknown."""
        self.shards[index].restart()

    def filled(self, rows: Iterable[int]) -> None:
        """The owner has back-filled these rows: they are no gap any more."""
        for row in rows:
            self._shard_of[row].filled((row,))

    def connected(self) -> NDArray[np.bool_]:
        """bool[rows of the table]: the row's shard has a connection that delivers."""
        out = np.zeros(len(self._shard_of), np.bool_)
        for shard in self.shards:
            out[shard.rows] = shard.live
        return out

    def health(self) -> list[ShardHealth]:
        """One line a shard."""
        return [shard.health() for shard in self.shards]

    def latency_ms(self) -> tuple[float, float]:
        """(p50, p99) of event time to receipt: the median of the shards' p50, the worst of their p99; nan without."""
        pairs = sorted(pair for shard in self.shards if (pair := shard.meters.latency_ms())[0] == pair[0])
        if not pairs:
            return float("nan"), float("nan")
        return pairs[len(pairs) // 2][0], max(p99 for _, p99 in pairs)

    async def _keep(self, shard: Shard) -> None:
        """A shard never ends by itself; should a bug end it, the others go on and it starts again."""
        backoff = Backoff(self._settings.backoff_base_s, self._settings.backoff_cap_s, self._chance)
        while True:
            try:
                await shard.run()
            except Exception:
                _log.exception("shard %s/%d ended and is started again", self.market, shard.index)
            await self._sleep(backoff.next_s())

    async def _keep_time(self) -> None:
        """Keep the server clock measured. When the computer slept or its clock was set, all data is suspect: connect
        anew."""
        backoff = Backoff(self._settings.watch_interval_s, self._settings.backoff_cap_s, self._chance)
        apart_ns = self._clocks_apart_ns()
        while True:
            before, apart_ns = apart_ns, self._clocks_apart_ns()
            if abs(apart_ns - before) > JUMP_NS:
                self.rest.server_clock.forget()
                for shard in self.shards:
                    shard.abandon("the computer slept or its clock was set")
            pause_s = self._settings.watch_interval_s
            try:
                await self.rest.sync_time(SHARE_GAP)
                backoff.reset()
            except PyroError:
                pause_s = max(pause_s, backoff.next_s())
            await self._sleep(pause_s)

    def _clocks_apart_ns(self) -> int:
        return self._clock.now_ns() - self._clock.monotonic_ns()
