"""One live market: its feed, its sweeps on a kernel thread, its back-fill, and what it hands on."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import numpy as np

from engine.candles.types import CLOSED_DTYPE
from engine.clock import Clock
from engine.contracts.dtypes import (
    CANDLE_DTYPE,
    STATE_GAP,
    STATE_LIVE,
    STATE_NO_DATA,
    STATE_SETTLING,
    STATE_WARMING,
)
from engine.contracts.feed import VenueProtocol
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market
from engine.contracts.timeframes import MINUTE_MS
from engine.feeds.backfill import Backfill
from engine.feeds.budget import ConnectBudget
from engine.feeds.coalesce import TickTable
from engine.feeds.feed import MarketFeed
from engine.feeds.rest import RestClient
from engine.rules.strategy import LiveProgram
from engine.runtime.config import EngineConfig, VenueHosts
from engine.runtime.core import MarketCore, Outcome
from engine.runtime.journal import Entry, Journal
from engine.runtime.meters import Reservoir
from engine.runtime.quotes import QuoteTable
from engine.runtime.side_by_side import SideBySide
from engine.signals.cooldown import CoolDowns
from engine.signals.screen import Recent
from engine.store.state import SeriesBars

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
#: threads beside the kernel thread that take part in a big sweep
HELPERS = 1
#: s between two looks for minutes that REST must settle
FILL_POLL_S = 0.5
#: about a year of 1-minute bars; a lane whose memory is longer is settling for a while after each start
MOST_MINUTES = 500_000
#: s that a stop waits for what is computed to reach the journal
HAND_ON_S = 5.0
NO_CLOSED = np.empty(0, CLOSED_DTYPE)
#: told of what each sweep made, on the loop
BarsHook = Callable[["MarketRuntime", Outcome], None]


def give_way() -> None:
    """The calling thread gets the processor after the others, where the system counts niceness by thread."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


class MarketRuntime:
    """Everything of one market that lives. Its loop methods run on the engine's loop, its computing on one thread."""

    def __init__(
        self,
        market: Market,
        instruments: Sequence[Instrument],
        protocol: VenueProtocol,
        hosts: VenueHosts,
        rest: RestClient,
        config: EngineConfig,
        programs: Sequence[LiveProgram],
        journal: Journal,
        clock: Clock,
        connects: ConnectBudget,
        base_id: int,
        cooldown: CoolDowns | None = None,
    ) -> None:
        self.market = market
        self.rest = rest
        self.config = config
        self.instruments = list(instruments)
        self.row_of = {i.symbol: row for row, i in enumerate(self.instruments)}
        self._helpers = SideBySide(HELPERS, f"sweep-{market.id}")
        server_ms = rest.server_clock.now_ms
        self.core = MarketCore(self.instruments, config.timeframes, programs, clock, server_ms, cooldown, self._helpers)
        self.quotes = QuoteTable(base_id, len(self.instruments))
        #: the newest bars of all lanes, for what is watched
        self.recent = Recent(self.core.pipeline.lanes)
        self._unread: list[np.ndarray] = []
        self.wait_ms = Reservoir()
        self.sweep_ms = Reservoir(512)
        self.sweeps = 0
        self._journal = journal
        self._clock = clock
        self._fresh = asyncio.Event()
        #: sweeps and fills that are not with the journal yet
        self._open, self._handed_on = 0, asyncio.Event()
        self._handed_on.set()
        self._on_bars: list[BarsHook] = []
        #: grows with every cut, so that what was looked up before it is not taken for what is after it
        self._cuts = 0
        self._kernel = ThreadPoolExecutor(1, thread_name_prefix=f"kernel-{market.id}")
        # before all that will be asked of it, while the market is connected
        self._kernel.submit(self.core.pipeline.take_memory)
        self._bench = ThreadPoolExecutor(1, thread_name_prefix=f"bench-{market.id}", initializer=give_way)
        self._tasks: list[asyncio.Task[None]] = []
        names = [i.name for i in self.instruments]
        self.table = TickTable(names, wake=self._fresh.set)
        self.feed = MarketFeed(
            market.id, protocol, hosts.ws, rest, names, self.table, config.feed, clock, connects,
            self._on_gap, self._on_live,
        )  # fmt: skip
        self.backfill = Backfill(rest, self._on_filled, config.feed, clock)
        self._minute_tf = self.core.timeframes.index("1m")
        self._spark_tf = self.core.timeframes.index("5m") if "5m" in self.core.timeframes else self._minute_tf

    @property
    def spark_timeframe(self) -> str:
        """The timeframe whose closes make the small trend lines."""
        return self.core.timeframes[self._spark_tf]

    @property
    def history_minutes(self) -> int:
        """1-minute bars that hold the history of every timeframe, and at least fill its memory: with less a lane
        would be settling after each start. The first bar may be a part of one. MOST_MINUTES at most."""
        pipeline = self.core.pipeline
        minutes = (pipeline.lengths // MINUTE_MS).tolist()
        bars = [max(self.config.history_bars, memory + 2) for memory in pipeline.memories]
        return min(max(b * m for b, m in zip(bars, minutes, strict=True)), MOST_MINUTES)

    def on_bars(self, hook: BarsHook) -> None:
        self._on_bars.append(hook)

    def take_unread(self) -> np.ndarray:
        """CLOSED_DTYPE, the bars that have closed since the last call."""
        taken, self._unread = self._unread, []
        return np.concatenate(taken) if taken else NO_CLOSED

    def start(self) -> None:
        self.feed.start()
        self.backfill.start()
        self._tasks = [
            asyncio.create_task(self._sweep(), name=f"{self.market.id} sweep"),
            asyncio.create_task(self._settle(), name=f"{self.market.id} settle"),
        ]

    async def stop(self) -> None:
        """Stop taking data, finish what is computed."""
        await self.feed.stop()
        await self.backfill.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._handed_on.wait(), HAND_ON_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.rest.close()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, functools.partial(self._bench.shutdown, cancel_futures=True))
        await loop.run_in_executor(None, self._kernel.shutdown)
        self._helpers.shutdown()

    async def beside(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what takes long on a thread that gives way to the kernel thread, after what was asked before."""
        return await asyncio.get_running_loop().run_in_executor(self._bench, lambda: function(*args, **kwargs))

    async def kernel(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run on the kernel thread, after what was asked before."""
        return await asyncio.get_running_loop().run_in_executor(self._kernel, lambda: function(*args, **kwargs))

    async def take(self, outcome: Outcome) -> None:
        """Hand on what the kernel made: signals through the journal, first of all; then quotes, charts and bars. Where
        the kernel has not finished, it goes on meanwhile."""
        while outcome.unfinished:
            going_on = asyncio.ensure_future(self.kernel(self.core.rest))
            await self._take(outcome)
            outcome = await going_on
        await self._take(outcome)

    async def _take(self, outcome: Outcome) -> None:
        minutes = outcome.closed[outcome.closed["tf"] == self._minute_tf]
        await self._journal.put(Entry(outcome.signals, self._series(minutes), outcome.revised))
        # the journal begins before the loop is busy with what is shown
        await asyncio.sleep(0)
        self.wait_ms.extend(outcome.wait_ms)
        self._show(outcome)
        if outcome.revised:
            log.warning("%s: %d bars were restated by the venue", self.market.id, len(outcome.revised))

    def states(self) -> np.ndarray:
        """STATE_* of every row."""
        pipeline = self.core.pipeline
        count = len(self.core.timeframes)
        warming = pipeline.warming().reshape(-1, count).any(axis=1)
        settling = pipeline.settling().reshape(-1, count).any(axis=1)
        seen = np.array([ns > 0 for ns in self.table.seen_ns])
        states = np.where(settling, STATE_SETTLING, STATE_LIVE)
        states = np.where(warming, STATE_WARMING, states)
        states = np.where(~warming & (self.core.gapped() | ~self.feed.connected()), STATE_GAP, states)
        return np.where(~seen & warming, STATE_NO_DATA, states).astype(np.uint8)

    def _show(self, outcome: Outcome) -> None:
        count = len(self.core.timeframes)
        if len(outcome.closed):
            self._unread.append(outcome.closed)
        closed = outcome.closed[outcome.closed["tf"] == self._spark_tf]
        for row, close in zip(closed["row"].tolist(), closed["close"].tolist()):
            self.quotes.spark_close(row, close)
        if len(outcome.dirty):
            minute = outcome.dirty % count == self._minute_tf
            bars = outcome.running[minute]
            self.quotes.prices(outcome.dirty[minute] // count, bars["close"], bars["ts"])
        for hook in self._on_bars:
            hook(self, outcome)

    def _series(self, minutes: np.ndarray) -> list[SeriesBars]:
        if not len(minutes):
            return []
        candles = np.empty(len(minutes), CANDLE_DTYPE)
        for name in candles.dtype.names or ():
            candles[name] = minutes[name]
        order = np.argsort(minutes["row"], kind="stable")
        rows = minutes["row"][order]
        starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
        groups = np.split(candles[order], starts[1:])
        return [
            SeriesBars(self.instruments[row].symbol, "1m", group)
            for row, group in zip(rows[starts].tolist(), groups, strict=True)
        ]

    async def _sweep(self) -> None:
        """The heart: drain, compute, hand on. It never ends by an error of its own."""
        pause = self.config.sweep_ms / 1e3
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            began = self._clock.monotonic_ns()
            try:
                ticks = self.table.drain()
                if len(ticks):
                    with self._handing_on():
                        await self.take(await self.kernel(self.core.sweep, ticks))
            except Exception:
                log.exception("%s: a sweep failed and its updates are fetched anew", self.market.id)
                await self.kernel(self.core.book.mark_gap)
            took = (self._clock.monotonic_ns() - began) / 1e9
            self.sweep_ms.add(took * 1e3)
            self.sweeps += 1
            if took < pause:
                await asyncio.sleep(pause - took)

    @contextlib.contextmanager
    def _handing_on(self) -> Iterator[None]:
        """What the kernel makes inside is not with the journal yet: a stop waits for it."""
        self._open += 1
        self._handed_on.clear()
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._handed_on.set()

    async def _settle(self) -> None:
        """Ask REST for what the stream did not bring: gaps and minutes without trades."""
        while True:
            await asyncio.sleep(FILL_POLL_S)
            if not self.rest.server_clock.known:
                continue
            try:
                await self._ask()
            except Exception:
                log.exception("%s: a look for missing minutes failed", self.market.id)
                self._mark(None)

    async def _ask(self) -> None:
        cuts = self._cuts
        wanted, whole = await self.kernel(self.core.wanted, self.rest.server_clock.now_ms())
        if cuts == self._cuts:
            self.feed.filled(whole.tolist())
        for row, from_ms, _ in wanted.tolist():
            # rows without any history are begun by the warm-up
            if from_ms >= 0 and not self.backfill.request(row, self.instruments[row].name, "1m", from_ms):
                self._mark([row])

    def _mark(self, rows: list[int] | None) -> None:
        """These rows (None = all) miss data, or their question came to nothing: hold their finals and ask (again)."""
        chosen = None if rows is None else np.asarray(rows, np.int64)
        self._kernel.submit(self.core.book.mark_gap, chosen)

    def _on_gap(self, rows: list[int]) -> None:
        self._cuts += 1
        self.table.cut(rows)
        self._mark(rows)

    def _on_live(self, rows: list[int]) -> None:
        """Data flows again. A mark made at the cut may have been let go within the same minute, so the rows are marked
        anew: those that a minute passed by meanwhile are asked for by the next look of `_settle`."""
        self._mark(rows)

    def _on_filled(self, row: int, timeframe: str, candles: np.ndarray, checked_to_ms: int) -> None:
        if timeframe == "1m":
            task = asyncio.create_task(self._fill(row, candles, checked_to_ms), name=f"{self.market.id} fill {row}")
            self._tasks.append(task)
            task.add_done_callback(self._tasks.remove)

    async def _fill(self, row: int, candles: np.ndarray, checked_to_ms: int) -> None:
        try:
            with self._handing_on():
                await self.take(await self.kernel(self.core.fill, row, candles, checked_to_ms))
        except Exception:
            log.exception("%s: an answer could not be used and is asked for again", self.instruments[row].symbol)
            self._mark([row])
        if not self.core.gapped()[row]:
            self.feed.filled([row])
