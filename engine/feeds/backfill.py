"""Fills holes in the history by REST: reconnect gaps first, warm-up within half of the budget."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import random
from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.clock import Clock
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.timeframes import bar_open, timeframe_ms
from engine.feeds.backoff import Backoff, Chance, Sleep
from engine.feeds.budget import SHARE_GAP, SHARE_WARMUP
from engine.feeds.rest import RestClient, to_candles
from engine.feeds.settings import FeedSettings

_log = logging.getLogger(__name__)

#: priorities, most urgent first; anything above BULK orders the rest, e.g. BULK + rank by traded volume
CHART, WATCHLIST, BULK = 0, 1, 2

#: (row, timeframe, final bars oldest first as CANDLE_DTYPE, all bars that open before this (ms) are now known)
FilledHook = Callable[[int, str, NDArray[np.void], int], None]
Key = tuple[int, str]


class _Fill(msgspec.Struct, eq=False):
    """What is wanted of one key. again_ms: where a request starts that came while this one was being fetched, or -1."""

    row: int
    symbol: str
    timeframe: str
    from_ms: int
    priority: int
    warmup: bool
    backoff: Backoff
    running: bool = False
    ready: bool = False
    again_ms: int = -1
    ticket: int = -1
    empty_checks: int = 0
    error: str = ""


class _Lane:
    """Keys in order of priority, and those that wait for their next attempt."""

    def __init__(self) -> None:
        self.ready: list[tuple[int, int, _Fill]] = []
        self.later: list[tuple[int, int, _Fill]] = []
        self.event = asyncio.Event()


class Backfill:
    """A bounded queue of holes, one pending request a key (row, timeframe), and the workers that fill them.

    A failed request stays pending (the key is dirty) and is tried again after a growing delay. Nothing is asked
    before settle_s after a bar's close. Warm-up has workers of its own, so that a gap never waits behind it.
    """

    def __init__(
        self,
        rest: RestClient,
        on_filled: FilledHook,
        settings: FeedSettings,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        chance: Chance = random.random,
    ) -> None:
        self.rest = rest
        self.fetched_bars = 0
        self.failed_attempts = 0
        self.refused = 0
        self._on_filled = on_filled
        self._settings = settings.checked()
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._pending: dict[Key, _Fill] = {}
        self._lanes = {False: _Lane(), True: _Lane()}
        self._tickets = itertools.count()
        self._done = 0
        self._total = 0
        self._workers: list[asyncio.Task[None]] = []

    def request(
        self, row: int, symbol: str, timeframe: str, from_ms: int, priority: int = BULK, *, warmup: bool = False
    ) -> bool:
        """Ask for all final bars of a key from the open time from_ms on. False: the queue is full and nothing changed.

        A second request of a pending key widens it (earlier start, more urgent; a gap beats warm-up); while the key is
        being fetched, it is fetched once more afterwards.
        """
        timeframe_ms(timeframe)
        key = (row, timeframe)
        fill = self._pending.get(key)
        if fill is None:
            if len(self._pending) >= self._settings.max_fills:
                self.refused += 1
                return False
            if not self._pending:
                self._done = self._total = 0
            self._total += 1
            backoff = Backoff(self._settings.backoff_base_s, 10 * self._settings.backoff_cap_s, self._chance)
            fill = _Fill(row, symbol, timeframe, from_ms, priority, warmup, backoff)
            self._pending[key] = fill
        else:
            moved = priority < fill.priority or fill.warmup > warmup
            fill.priority = min(fill.priority, priority)
            fill.warmup = fill.warmup and warmup
            if fill.running:
                fill.again_ms = from_ms if fill.again_ms < 0 else min(fill.again_ms, from_ms)
                return True
            fill.from_ms = min(fill.from_ms, from_ms)
            if fill.ready and not moved:
                return True  # stands where it should; so the heap stays as small as the number of keys
        self._queue(fill)
        return True

    def start(self) -> None:
        """Start the workers on the running loop; requests may come before."""
        if self._workers:
            return
        s = self._settings
        lanes = [False] * s.gap_workers + [True] * s.warmup_workers
        self._workers = [
            asyncio.create_task(self._work(self._lanes[lane]), name=f"back-fill {self.rest.host}") for lane in lanes
        ]

    async def stop(self) -> None:
        """Stop the workers; what was pending stays pending."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def progress(self) -> tuple[int, int]:
        """(done, total) of the keys since the queue was last empty."""
        return self._done, self._total

    def dirty(self) -> int:
        """Keys that are not filled yet."""
        return len(self._pending)

    def failures(self) -> dict[Key, str]:
        """Pending keys whose last attempt failed, with the sentence for a person."""
        return {key: fill.error for key, fill in self._pending.items() if fill.error}

    def _queue(self, fill: _Fill, delay_s: float = 0.0) -> None:
        lane = self._lanes[fill.warmup]
        fill.ticket = next(self._tickets)
        fill.ready = delay_s <= 0
        if delay_s > 0:
            heapq.heappush(lane.later, (self._clock.monotonic_ns() + int(delay_s * 1e9), fill.ticket, fill))
        else:
            heapq.heappush(lane.ready, (fill.priority, fill.ticket, fill))
        lane.event.set()

    async def _work(self, lane: _Lane) -> None:
        while True:
            fill = await self._next(lane)
            fill.running = True
            try:
                await self._fill(fill)
            except asyncio.CancelledError:
                fill.running = False
                self._queue(fill)
                raise

    async def _next(self, lane: _Lane) -> _Fill:
        """The most urgent key whose time has come. An entry whose ticket is not the key's newest is out of date."""
        while True:
            now = self._clock.monotonic_ns()
            while lane.later and lane.later[0][0] <= now:
                _, ticket, fill = heapq.heappop(lane.later)
                if ticket == fill.ticket:
                    fill.ready = True
                    heapq.heappush(lane.ready, (fill.priority, ticket, fill))
            while lane.ready:
                _, ticket, fill = heapq.heappop(lane.ready)
                if ticket == fill.ticket:
                    fill.ticket, fill.ready = -1, False
                    return fill
            lane.event.clear()
            timer = None
            if lane.later:
                wait_s = max((lane.later[0][0] - now) / 1e9, 0.001)
                timer = asyncio.get_running_loop().call_later(wait_s, lane.event.set)
            try:
                await lane.event.wait()
            finally:
                if timer is not None:
                    timer.cancel()

    async def _fill(self, fill: _Fill) -> None:
        """One attempt: deliver what came, then settle the key, ask again, or wait."""
        length = timeframe_ms(fill.timeframe)
        share = SHARE_WARMUP if fill.warmup else SHARE_GAP
        from_ms = fill.from_ms
        try:
            await self.rest.sync_time(share)
            await self._settle(length)
            checked_to_ms = bar_open(self.rest.server_clock.now_ms(), length)
            bars = []
            if from_ms < checked_to_ms:
                bars = await self.rest.klines(fill.symbol, fill.timeframe, from_ms, checked_to_ms, priority=share)
            final = [k for k in bars if k.final]
            known_ms = self._known_to(fill, final[-1].ts + length if final else from_ms, checked_to_ms, length)
            self._on_filled(fill.row, fill.timeframe, to_candles(final), known_ms)
        except Exception as error:
            self._failed(fill, error)
            return
        fill.running = False
        fill.error = ""
        fill.backoff.reset()
        self.fetched_bars += len(final)
        if fill.again_ms >= 0:
            fill.from_ms, fill.again_ms = min(fill.again_ms, known_ms), -1
            self._queue(fill)
        elif known_ms < checked_to_ms:
            fill.from_ms = known_ms
            self._queue(fill, self._settings.settle_s)
        else:
            del self._pending[(fill.row, fill.timeframe)]
            self._done += 1

    def _known_to(self, fill: _Fill, shown_to_ms: int, checked_to_ms: int, length: int) -> int:
        """Up to where all is known: where the newest bars are missing REST may lag behind, so they are asked for a few
        times more before they count as checked empty."""
        if shown_to_ms >= checked_to_ms:
            fill.empty_checks = 0
            return checked_to_ms
        fill.empty_checks += 1
        if fill.empty_checks > self._settings.recheck_empty:
            fill.empty_checks = 0
            return checked_to_ms
        return shown_to_ms

    async def _settle(self, length: int) -> None:
        """Wait until settle_s after the last close: right after it REST may still show an incomplete bar."""
        since_ms = self.rest.server_clock.now_ms() % length
        wait_ms = self._settings.settle_s * 1000 - since_ms
        if wait_ms > 0:
            await self._sleep(wait_ms / 1000)

    def _failed(self, fill: _Fill, error: Exception) -> None:
        if not isinstance(error, PyroError):
            _log.exception("back-fill of %s %s failed by an error of our own", fill.symbol, fill.timeframe)
        self.failed_attempts += 1
        fill.running = False
        fill.error = str(error)
        if fill.again_ms >= 0:
            fill.from_ms, fill.again_ms = min(fill.from_ms, fill.again_ms), -1
        if isinstance(error, BadInput):
            fill.backoff.attempts = max(fill.backoff.attempts, 6)
        self._queue(fill, fill.backoff.next_s())
