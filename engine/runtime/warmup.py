"""Histories for the lanes of one market: kept bars first, then the venue, the open chart's symbol before all others."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

import numpy as np

from engine.candles.minutes import aggregate
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import PyroError
from engine.contracts.feed import Kline, VenueProtocol
from engine.contracts.timeframes import MINUTE_MS, bar_open, timeframe_ms
from engine.feeds.budget import SHARE_GAP, SHARE_WARMUP
from engine.feeds.rest import to_candles
from engine.runtime.core import Prepared, history_bars
from engine.runtime.market import MarketRuntime
from engine.runtime.storage import StorageThread
from engine.signals.pipeline import DEEPEST
from engine.store.lake import Lake
from engine.store.recent import history
from engine.store.state import State

log = logging.getLogger(__name__)
#: ranks, most urgent first; the rest of the market comes after, by traded volume
OPEN_CHART, WATCHED = -2, -1
NO_BARS = np.empty(0, CANDLE_DTYPE)
#: row counts at which venues step up the weight of a klines request
PAGE_STEPS = (99, 499, 1000)
DEEPEN_TRIES = 4
#: bars that a first page is shown of, and that make its indicators
FIRST_BARS = 3_000
#: s that the window's first chart has for itself at most, before the thousand others begin
HEAD_START_S, REPLY_S = 2.0, 0.3


class Warmup:
    """Begins every row of a market once, in order of rank; a failed row is tried again later.

    A row whose kept history ends not long ago continues it: the bars missed meanwhile come by back-fill and their
    signals appear, marked late. Any other row begins with as little as lets all its strategies speak, so that the
    whole market speaks within few windows of the request budget. The longer memory, after which a lane's answers no
    longer depend on where its history began, is fetched when all rows have begun.
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
        self._charted = asyncio.Event()
        #: rows that speak but whose memory is short
        self._shallow: dict[int, int] = {}
        #: newest bars by row and timeframe of the first chart's row; no other is kept
        self._first: dict[tuple[int, str], np.ndarray] = {}
        #: open time of the oldest minute that each row began with
        self._since = [0] * rows
        #: rows whose own strategies have not been given the kept history
        self._unread: dict[int, int] = {}
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
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def hurry(self, row: int, rank: int = OPEN_CHART) -> asyncio.Event:
        """Take this row before the others, an open chart's at once; the event is set when it is warm."""
        if row in self._waiting:
            self._waiting[row] = rank
            if rank == OPEN_CHART:
                # the workers may all be waiting for the next window of their share of the budget
                self._tasks.append(asyncio.create_task(self._take(row, self._waiting.pop(row)), name=f"warm-up {row}"))
        return self._done[row]

    def first_bars(self, row: int, timeframe: str) -> np.ndarray | None:
        """What the first chart's row began with, at most FIRST_BARS of it and without asking anybody; None where that
        is another row, or where a bar has closed since."""
        bars = self._first.get((row, timeframe), NO_BARS)
        known = len(bars) > 0 and int(bars["ts"][-1]) == self._market.core.last_ts(row, timeframe)
        return bars if known else None

    def _put(self, row: int, rank: int) -> None:
        self._waiting[row] = rank
        self._more.set()

    def _most_urgent(self, rows: dict[int, int]) -> int:
        """By rank, then by traded volume as far as it is known, then as the venue lists them."""
        volume = np.nan_to_num(self._market.quotes.table["volume24"])
        return min(rows, key=lambda row: (rows[row], -volume[row], row))

    async def _work(self) -> None:
        if self._market.config.owned:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._charted.wait(), HEAD_START_S)
        while True:
            await self._more.wait()
            if self._waiting:
                row = self._most_urgent(self._waiting)
                await self._take(row, self._waiting.pop(row))
            elif self._unread:
                row = self._most_urgent(self._unread)
                await self._read(row, self._unread.pop(row))
            elif self._shallow:
                row = self._most_urgent(self._shallow)
                await self._deepen(row, self._shallow.pop(row))
            else:
                self._more.clear()

    async def _take(self, row: int, rank: int) -> None:
        try:
            await self._begin(row, rank)
            if rank == OPEN_CHART:
                # its reply is worked out first
                asyncio.get_running_loop().call_later(REPLY_S, self._charted.set)
        except PyroError as error:
            self._retry(row, rank, str(error))
        except Exception as error:
            log.exception("warm-up of %s failed", self._market.instruments[row].symbol)
            self._retry(row, rank, repr(error))
        else:
            self.failures.pop(row, None)
            self._shallow[row] = rank
            self._more.set()
            self._done[row].set()
            self._on_progress(*self.progress)

    def _retry(self, row: int, rank: int, why: str) -> None:
        if row not in self.failures:
            log.info("warm-up of %s waits: %s", self._market.instruments[row].symbol, why)
        self.failures[row] = why
        asyncio.get_running_loop().call_later(5.0, self._put, row, max(rank, 0))

    async def _begin(self, row: int, rank: int) -> None:
        urgent = rank < 0
        market, share = self._market, SHARE_GAP if urgent else SHARE_WARMUP
        symbol = market.instruments[row].symbol
        await market.rest.sync_time(share)
        kept = await self._kept(symbol)
        need = self._need("1m")
        if len(kept) < need or self._missed_minutes(kept) > market.config.catch_up_minutes:
            kept = await self._fresh_minutes(row, need, share)
        self._since[row] = int(kept["ts"][0]) if len(kept) else 0
        native = await self._older(row, kept, share)
        if urgent:
            # a person waits: it gives way to nothing
            first = rank == OPEN_CHART and not self._charted.is_set()
            prepared = await asyncio.to_thread(self._prepared, row, kept, native, first=first)
        else:
            prepared = await market.beside(self._prepared, row, kept, native)
        outcome = await market.kernel(market.core.warm, row, kept, native, prepared)
        closes = aggregate(kept, market.spark_timeframe)["close"]
        market.quotes.spark(row, closes.astype(np.float32))
        await market.take(outcome)

    async def _kept(self, symbol: str) -> np.ndarray:
        """The minutes that state and lake hold, read beside the storage thread: no signal's commit waits for them."""
        last = self._market.history_minutes
        return await asyncio.to_thread(history, self._state, self._lake, symbol, "1m", last=last)

    def _prepared(
        self, row: int, minutes: np.ndarray, native: dict[str, np.ndarray], *, first: bool = False
    ) -> dict[str, Prepared]:
        core, made = self._market.core, {}
        for tf, name in enumerate(core.timeframes):
            bars = history_bars(minutes, native.get(name), name)
            if first:
                self._first[row, name] = bars[-FIRST_BARS:].copy()
            self._market.recent.begin(row * len(core.timeframes) + tf, bars)
            made[name] = core.prepared(name, bars)
        return made

    async def _replace(self, row: int, timeframe: str, bars: np.ndarray) -> bool:
        """Give a lane the memory of a longer history; False where that does not reach what the lane saw last."""
        market = self._market
        last = market.core.last_ts(row, timeframe)
        known = bars[bars["ts"] <= last]
        if not len(known) or int(known["ts"][-1]) != last:
            return False
        prepared = await market.beside(market.core.prepared, timeframe, known)
        return await market.kernel(market.core.adopt, row, timeframe, prepared)

    def _need(self, timeframe: str) -> int:
        """Bars that let all strategies speak on it, at most a page of the venue's: what needs more comes later."""
        core = self._market.core
        bars = core.pipeline.warmups[core.timeframes.index(timeframe)] + 1
        return min(bars, self._market.rest.protocol.limits.klines_per_request)

    def _missed_minutes(self, kept: np.ndarray) -> float:
        now = bar_open(self._market.rest.server_clock.now_ms(), MINUTE_MS)
        return (now - int(kept["ts"][-1])) / MINUTE_MS - 1

    async def _fresh_minutes(self, row: int, need: int, share: float) -> np.ndarray:
        """The newest final minutes, kept in the lake from now on."""
        rest, name = self._market.rest, self._market.instruments[row].name
        end = bar_open(rest.server_clock.now_ms(), MINUTE_MS)
        limit = _most_for_the_weight(rest.protocol, name, need)
        return await self._keep(row, await rest.klines(name, "1m", to_ms=end, limit=limit, priority=share))

    async def _keep(self, row: int, klines: list[Kline]) -> np.ndarray:
        minutes = to_candles([k for k in klines if k.final])
        if len(minutes):
            await self._storage.run(self._lake.write, self._market.instruments[row].symbol, "1m", minutes)
        return minutes

    async def _older(self, row: int, minutes: np.ndarray, share: float) -> dict[str, np.ndarray]:
        """The venue's own bars before the minutes, of the timeframes that the minutes alone leave silent."""
        rest, name = self._market.rest, self._market.instruments[row].name
        asked = {}
        for timeframe in self._market.core.timeframes:
            own = history_bars(minutes, None, timeframe)
            missing = self._need(timeframe) - len(own)
            if timeframe == "1m" or missing <= 0:
                continue
            end = int(minutes["ts"][-1]) + MINUTE_MS if len(minutes) else rest.server_clock.now_ms()
            until = int(own["ts"][0]) if len(own) else bar_open(end, timeframe_ms(timeframe))
            limit = _most_for_the_weight(rest.protocol, name, missing)
            asked[timeframe] = rest.klines(name, timeframe, to_ms=until, limit=limit, priority=share)
        found = await asyncio.gather(*asked.values())
        return {t: to_candles([k for k in klines if k.final]) for t, klines in zip(asked, found, strict=True)}

    async def _deepen(self, row: int, rank: int) -> None:
        """Give every lane of a row the whole memory, in the background; tried again later where it fails."""
        try:
            for timeframe in self._market.core.timeframes:
                await self._deepen_lane(row, timeframe)
        except PyroError as error:
            log.info("more history of %s: %s", self._market.instruments[row].symbol, error)
            asyncio.get_running_loop().call_later(30.0, self._put_shallow, row, rank)
        except Exception:
            log.exception("more history of %s failed", self._market.instruments[row].symbol)

    def renew(self) -> None:
        """Own strategies have changed: their lanes are warmed from the minutes that are kept, then deepened."""
        for row, done in enumerate(self._done):
            if done.is_set():
                self._unread[row] = self._shallow.get(row, 0)
        self._more.set()

    async def _read(self, row: int, rank: int) -> None:
        """Give own strategies the history that is kept; what it lacks comes by deepening, within the venue's budget."""
        market = self._market
        symbol = market.instruments[row].symbol
        try:
            kept = await self._kept(symbol)
            for timeframe in market.core.timeframes:
                await self._replace(row, timeframe, history_bars(kept, None, timeframe))
        except Exception:
            log.exception("own strategies on %s: the kept history could not be used", symbol)
        self._put_shallow(row, rank)

    def _put_shallow(self, row: int, rank: int) -> None:
        self._shallow[row] = rank
        self._more.set()

    async def _deepen_lane(self, row: int, timeframe: str) -> None:
        core, rest, name = self._market.core, self._market.rest, self._market.instruments[row].name
        want = min(core.memory(timeframe) + 1, DEEPEST)
        if core.bars_seen(row, timeframe) >= want:
            return
        length = timeframe_ms(timeframe)
        bars = NO_BARS
        # bars that close while pages are fetched are fetched after them
        for _ in range(DEEPEN_TRIES):
            end = bar_open(rest.server_clock.now_ms(), length)
            start = int(bars["ts"][-1]) + length if len(bars) else end - want * length
            klines = await rest.klines(name, timeframe, start, end, priority=SHARE_WARMUP)
            if timeframe == "1m":
                # newer ones are stored when their signals are in the journal, never before
                await self._keep(row, [k for k in klines if k.ts < self._since[row]])
            page = to_candles([k for k in klines if k.final])
            bars = np.concatenate([bars, page])
            if await self._replace(row, timeframe, bars):
                return


def _most_for_the_weight(protocol: VenueProtocol, name: str, need: int) -> int:
    """The most rows (at least `need`, at most a page) that cost no more request weight than `need` rows do."""
    page = protocol.limits.klines_per_request

    def weight(rows: int) -> int:
        return protocol.klines_request(name, "1m", from_ms=None, to_ms=None, limit=rows).weight

    fair = min(need, page)
    return max(rows for rows in (fair, *PAGE_STEPS, page) if fair <= rows <= page and weight(rows) == weight(fair))
