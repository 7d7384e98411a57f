"""Histories for the lanes of one market: kept bars first, then the venue, the open chart's symbol before all others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import numpy as np

from engine.candles.bars import aggregate
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import PyroError
from engine.contracts.timeframes import MINUTE_MS, bar_open, timeframe_ms
from engine.feeds.budget import SHARE_GAP, SHARE_WARMUP
from engine.feeds.rest import to_candles
from engine.runtime.market import MarketRuntime
from engine.runtime.storage import StorageThread
from engine.store.lake import Lake
from engine.store.recent import history
from engine.store.state import State

log = logging.getLogger(__name__)
#: ranks, most urgent first; the rest of the market comes after, by traded volume
OPEN_CHART, WATCHED = -2, -1
NO_BARS = np.empty(0, CANDLE_DTYPE)


class Warmup:
    """Begins every row of a market once, in order of rank; a failed row is tried again later.

    A row whose kept history ends not long ago continues it: the bars missed meanwhile come by back-fill and their
    signals appear, marked late. Any other row begins with what the venue gives in one page a timeframe.
    """

    def __init__(
        self,
        market: MarketRuntime,
        storage: StorageThread,
        state: State,
        lake: Lake,
        on_progress: Callable[[int, int], None],
    ) -> None:
        self._market = market
        self._storage = storage
        self._state = state
        self._lake = lake
        self._on_progress = on_progress
        rows = len(market.instruments)
        self._done = [asyncio.Event() for _ in range(rows)]
        #: rows that wait, with their rank
        self._waiting = dict.fromkeys(range(rows), 0)
        self._more = asyncio.Event()
        self._more.set()
        self._tasks: list[asyncio.Task[None]] = []
        self.failures: dict[int, str] = {}

    @property
    def progress(self) -> tuple[int, int]:
        return sum(e.is_set() for e in self._done), len(self._done)

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._work(), name=f"{self._market.market.id} warm-up {n}")
            for n in range(self._market.config.warmup_workers)
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hurry(self, row: int, rank: int = OPEN_CHART) -> asyncio.Event:
        """Take this row before the others; the event is set when it is warm."""
        if row in self._waiting:
            self._waiting[row] = rank
        return self._done[row]

    def _put(self, row: int, rank: int) -> None:
        self._waiting[row] = rank
        self._more.set()

    def _most_urgent(self) -> int:
        """By rank, then by traded volume as far as it is known, then as the venue lists them."""
        volume = np.nan_to_num(self._market.quotes.table["volume24"])
        return min(self._waiting, key=lambda row: (self._waiting[row], -volume[row], row))

    async def _work(self) -> None:
        while True:
            await self._more.wait()
            if not self._waiting:
                self._more.clear()
                continue
            row = self._most_urgent()
            rank = self._waiting.pop(row)
            try:
                await self._begin(row, urgent=rank < 0)
            except PyroError as error:
                self._retry(row, rank, str(error))
            except Exception as error:
                log.exception("warm-up of %s failed", self._market.instruments[row].symbol)
                self._retry(row, rank, repr(error))
            else:
                self.failures.pop(row, None)
                self._done[row].set()
                self._on_progress(*self.progress)

    def _retry(self, row: int, rank: int, why: str) -> None:
        if row not in self.failures:
            log.info("warm-up of %s waits: %s", self._market.instruments[row].symbol, why)
        self.failures[row] = why
        asyncio.get_running_loop().call_later(5.0, self._put, row, max(rank, 0))

    async def _begin(self, row: int, *, urgent: bool) -> None:
        market, share = self._market, SHARE_GAP if urgent else SHARE_WARMUP
        symbol = market.instruments[row].symbol
        await market.rest.sync_time(share)
        kept = await self._storage.run(history, self._state, self._lake, symbol, "1m", last=market.history_minutes)
        missed = self._missed_minutes(kept)
        if missed > market.config.catch_up_minutes:
            kept = await self._fresh_minutes(row, share)
        native = await self._native(row, kept, share)
        outcome = await market.kernel(market.core.warm, row, kept, native)
        closes = aggregate(kept, market.spark_timeframe)["close"]
        market.quotes.spark(row, closes.astype(np.float32))
        await market.take(outcome)

    def _missed_minutes(self, kept: np.ndarray) -> float:
        if not len(kept):
            return float("inf")
        now = bar_open(self._market.rest.server_clock.now_ms(), MINUTE_MS)
        return (now - int(kept["ts"][-1])) / MINUTE_MS - 1

    async def _fresh_minutes(self, row: int, share: float) -> np.ndarray:
        """One page of final minutes, kept in the lake from now on."""
        instrument = self._market.instruments[row]
        limit = self._market.rest.protocol.limits.klines_per_request
        klines = await self._market.rest.klines(instrument.name, "1m", limit=limit, priority=share)
        minutes = to_candles([k for k in klines if k.final])
        if len(minutes):
            await self._storage.run(self._lake.write, instrument.symbol, "1m", minutes)
        return minutes

    async def _native(self, row: int, minutes: np.ndarray, share: float) -> dict[str, np.ndarray]:
        """The venue's own bars of the timeframes whose memory the minutes do not fill."""
        market = self._market
        memory = market.core.pipeline.memory
        found: dict[str, np.ndarray] = {}
        for name in market.core.timeframes:
            if name == "1m" or len(aggregate(minutes, name)) >= memory:
                continue
            klines = await market.rest.klines(
                market.instruments[row].name,
                name,
                limit=market.rest.protocol.limits.klines_per_request,
                priority=share,
            )
            length = timeframe_ms(name)
            end = int(minutes["ts"][-1]) + MINUTE_MS if len(minutes) else 0
            found[name] = to_candles([k for k in klines if k.final and k.ts + length <= end])
        return found
