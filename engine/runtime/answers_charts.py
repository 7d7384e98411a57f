"""What an engine answers about charts: pages of bars, whole histories, and the streams of those that are open."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import numpy as np

from engine.bus.server import Peer
from engine.contracts.commands import (
    Candles,
    CloseChart,
    Command,
    DataList,
    GetCandles,
    GetHistory,
    Ok,
    OpenChart,
)
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, Cancelled, PyroError, did_you_mean
from engine.contracts.signals import SignalBlock
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.feeds.budget import SHARE_GAP
from engine.feeds.rest import to_candles
from engine.runtime.chart_files import day_calendar
from engine.runtime.charts import ChartStream, SeriesSet
from engine.runtime.parts import EngineParts
from engine.runtime.worker import new_id
from engine.runtime.worker_wire import ChartTask, HistoryFound, HistoryTask, ListTask

log = logging.getLogger(__name__)
#: s that opening a chart waits for its symbol's warm-up
WARM_WAIT = 6.0
#: bars run before those shown, so that a long average is right on the first of them; more than this is not asked for
WARM_BARS = 3_000
#: minutes that a first page may be made of, and bars that it has at least
QUICK_MINUTES, QUICK_BARS = 150_000, 150
#: stored bars below which a history is filled up from the venue, like a page
LEAST = 2_000


class ChartAnswers:
    """One method a command; all raise PyroError or BadInput with a way out. charts: streams by chart id."""

    def __init__(self, engine: EngineParts) -> None:
        self._engine = engine
        self.charts: dict[str, tuple[ChartStream, Peer]] = {}
        #: chart -> the task that makes its history, and the tasks that stop such ones
        self._making: dict[str, str] = {}
        self._stopping: set[asyncio.Task[None]] = set()
        self.methods: dict[type[Command], Callable[[Any, Peer], Awaitable[Any]]] = {
            GetCandles: self._candles,
            OpenChart: self._open_chart,
            GetHistory: self._get_history,
            CloseChart: self._close_chart,
        }

    def left(self, peer: Peer) -> None:
        """A client has gone: its charts are no longer streamed."""
        self.charts = {k: v for k, v in self.charts.items() if v[1] is not peer}

    async def _candles(self, command: GetCandles, peer: Peer) -> Candles:
        series = SeriesSet(command.series, command.timeframe, day_calendar(command.symbol))
        before = min(series.memory, WARM_BARS)
        bars, more, _ = await self._kept(
            command.symbol, command.timeframe, command.limit + before, command.before_ms, command.from_ms
        )
        await self._learn(series, command.timeframe, bars)
        values = series.values(bars, commit=True)
        if command.from_ms is None:
            bars, values = bars[-command.limit :], values[:, -command.limit :] if len(series.names) else values
        return Candles(
            symbol=command.symbol,
            timeframe=command.timeframe,
            bars=bars.tobytes(),
            series=series.packed(values),
            more=more,
            signals=await self._signals_on(command.symbol, command.timeframe, bars),
        )

    async def _open_chart(self, command: OpenChart, peer: Peer) -> Candles:
        self._give_up(command.chart)
        for symbol in dict.fromkeys([command.symbol, *(r.symbol for r in command.series if r.symbol)]):
            await self._warm(symbol)
        # at the engine's start the process that reads stored bars is not there yet: the window asks for the rest later
        stored = self._engine.query.answers or self._first_bars(command.symbol, command.timeframe) is None
        if command.whole and stored:
            found = await self._history(command, peer, ready=True)
            if found is not None:
                return found
        return await self._page(command, peer)

    async def _get_history(self, command: GetHistory, peer: Peer) -> Candles:
        self._give_up(command.chart)
        for symbol in dict.fromkeys([command.symbol, *(r.symbol for r in command.series if r.symbol)]):
            await self._warm(symbol)
        found = await self._history(command, peer, ready=False)
        assert found is not None
        return found

    async def _close_chart(self, command: CloseChart, peer: Peer) -> Ok:
        self._give_up(command.chart)
        self.charts.pop(command.chart, None)
        return Ok()

    # the newest page ------------------------------------------------------------------------------------------------

    async def _page(self, command: OpenChart, peer: Peer) -> Candles:
        """The newest bars, and older ones of the venue where the store has too few."""
        series, stream = self._begin(command, peer)
        self._take_over(command.chart, peer, stream)
        limit, before = command.limit, min(series.memory, WARM_BARS)
        if command.whole:
            # what is right to the last bit comes behind; a person waits for this
            quick = QUICK_MINUTES * MINUTE_MS // timeframe_ms(command.timeframe)
            limit, before = max(min(limit, quick), QUICK_BARS), max(min(before, quick), QUICK_BARS)
        bars, more, stored_more = await self._kept(command.symbol, command.timeframe, limit + before, None, None)
        await self._learn(series, command.timeframe, bars)
        values = series.packed(series.values(bars, commit=True)) if stream is None else stream.begin(bars)
        shown = bars[-limit:]
        cut = (len(bars) - len(shown)) * 8
        return Candles(
            symbol=command.symbol,
            timeframe=command.timeframe,
            bars=shown.tobytes(),
            series={name: data[cut:] for name, data in values.items()},
            more=more or len(shown) < len(bars),
            whole=not stored_more and len(shown) == len(bars),
            signals=await self._signals_on(command.symbol, command.timeframe, shown),
        )

    def _begin(self, command: OpenChart | GetHistory, peer: Peer) -> tuple[SeriesSet, ChartStream | None]:
        """The series of a chart, and its stream (None where its symbol is not live), which hears bars from now on."""
        series = SeriesSet(command.series, command.timeframe, day_calendar(command.symbol))
        found = self._engine.live.find(command.symbol) if self._engine.live else None
        if found is None or command.timeframe not in found[0].core.timeframes:
            return series, None
        market, _, row = found
        tf = market.core.timeframes.index(command.timeframe)
        lane = row * len(market.core.timeframes) + tf
        return series, ChartStream(command.chart, command.symbol, command.timeframe, lane, series)

    def _take_over(self, chart: str, peer: Peer, stream: ChartStream | None) -> None:
        if stream is None:
            self.charts.pop(chart, None)
        else:
            self.charts[chart] = (stream, peer)

    async def _warm(self, symbol: str) -> None:
        """Wait for a live symbol's warm-up; BadInput for one that is neither live nor stored."""
        found = self._engine.live.find(symbol) if self._engine.live else None
        if found is None:
            self._known(symbol, await self._stored())
            return
        _, warmup, row = found
        try:
            await asyncio.wait_for(warmup.hurry(row).wait(), WARM_WAIT)
        except TimeoutError:
            log.info("%s is still warming: its chart opens with what there is", symbol)

    # the whole history ----------------------------------------------------------------------------------------------

    async def _history(self, command: OpenChart | GetHistory, peer: Peer, *, ready: bool) -> Candles | None:
        """All stored bars. ready: only what is there without computing, else None."""
        task = HistoryTask(
            id=new_id("history", os.getpid(), 0),
            symbol=command.symbol,
            timeframe=command.timeframe,
            series=command.series,
            ready=ready,
        )
        series, stream = self._begin(command, peer)
        hearing = f"{command.chart} {task.id}"
        self._take_over(hearing, peer, stream)
        self._making[command.chart] = task.id
        try:
            found: HistoryFound = await self._engine.query.run(task, HistoryFound)
        finally:
            heard = self.charts.pop(hearing, None)
            wanted = self._making.get(command.chart) == task.id
            if wanted:
                del self._making[command.chart]
        if not wanted:
            raise Cancelled("the chart shows something else by now")
        if not found.found:
            return None
        bars = np.frombuffer(found.bars, CANDLE_DTYPE)
        live = self._engine.live is not None and self._engine.live.find(command.symbol) is not None
        if found.files is None and live and len(bars) < LEAST + min(series.memory, WARM_BARS):
            page = OpenChart(
                chart=command.chart, symbol=command.symbol, timeframe=command.timeframe, series=command.series
            )
            return msgspec.structs.replace(await self._page(page, peer), whole=True)
        series.resume(found.states)
        for request in command.series:
            if request.symbol:
                series.learn(request.symbol, bars["ts"], np.frombuffer(found.aligned[request.name]))
        if stream is not None and heard is not None:
            values = stream.begin(bars, found.last_ms)
            self._take_over(command.chart, peer, stream)
        else:
            values = series.packed(series.values(bars, commit=True))
        return Candles(
            symbol=command.symbol,
            timeframe=command.timeframe,
            bars=found.bars,
            series=values,
            more=live,
            whole=True,
            history=found.files,
            signals=await self._signals(command.symbol, command.timeframe, found.first_ms, found.last_ms),
        )

    def _give_up(self, chart: str) -> None:
        """What is being made for a chart that shows something else by now is not needed any more."""
        task = self._making.pop(chart, None)
        if task is not None:
            stopping = asyncio.ensure_future(self._engine.query.cancel(task))
            self._stopping.add(stopping)
            stopping.add_done_callback(self._stopping.discard)

    # what both use --------------------------------------------------------------------------------------------------

    async def _kept(
        self, symbol: str, timeframe: str, limit: int, before_ms: int | None, from_ms: int | None
    ) -> tuple[np.ndarray, bool, bool]:
        """(final bars from the store, and the venue's own before them where the store has too few; whether there are
        older ones; whether the store has)."""
        e = self._engine
        timeframe_ms(timeframe)
        limit = max(1, min(limit, 100_000))
        first = self._first_bars(symbol, timeframe) if before_ms is None and from_ms is None else None
        if first is not None and not e.query.answers:
            return first[-limit:], True, True
        task = ChartTask(
            id=new_id("chart", os.getpid(), 0),
            symbol=symbol,
            timeframe=timeframe,
            limit=limit,
            before_ms=before_ms,
            from_ms=from_ms,
            series=[],
        )
        reply: Candles = await e.query.run(task, Candles)
        bars = np.frombuffer(reply.bars, CANDLE_DTYPE)
        found = e.live.find(symbol) if e.live else None
        if len(bars) >= limit or found is None or from_ms is not None:
            return bars, reply.more, reply.more
        market, _, row = found
        end = int(bars["ts"][0]) if len(bars) else before_ms
        page = min(limit - len(bars), market.rest.protocol.limits.klines_per_request)
        try:
            klines = await asyncio.wait_for(
                market.rest.klines(market.instruments[row].name, timeframe, to_ms=end, limit=page, priority=SHARE_GAP),
                WARM_WAIT,
            )
        except (PyroError, TimeoutError) as error:
            log.info("older bars of %s: %s", symbol, error or "the venue is slow")
            return bars, reply.more, reply.more
        older = to_candles([k for k in klines if k.final and (end is None or k.ts < end)])
        return np.concatenate([older, bars]), reply.more or len(older) >= page, reply.more

    def _first_bars(self, symbol: str, timeframe: str) -> np.ndarray | None:
        """The newest bars of a live symbol, as far as its warm-up has them at hand."""
        found = self._engine.live.find(symbol) if self._engine.live else None
        if found is None:
            return None
        _, warmup, row = found
        return warmup.first_bars(row, timeframe)

    async def _learn(self, series: SeriesSet, timeframe: str, bars: np.ndarray) -> None:
        """Get the closes of other symbols at these bars."""
        for symbol in series.others if len(bars) else ():
            theirs, _, _ = await self._kept(symbol, timeframe, len(bars), int(bars["ts"][-1]) + 1, None)
            series.learn(symbol, theirs["ts"], theirs["close"])

    async def _signals_on(self, symbol: str, timeframe: str, bars: np.ndarray) -> SignalBlock:
        if not len(bars):
            return SignalBlock()
        return await self._signals(symbol, timeframe, int(bars["ts"][0]), int(bars["ts"][-1]))

    async def _signals(self, symbol: str, timeframe: str, first_ms: int, last_ms: int) -> SignalBlock:
        e = self._engine
        end = last_ms + 2 * timeframe_ms(timeframe)
        found = await e.storage.run(e.state.signals_between, symbol, timeframe, first_ms, end)
        return found.block()

    async def _stored(self) -> set[str]:
        task = ListTask(id=new_id("list", os.getpid(), 0))
        reply: DataList = await self._engine.query.run(task, DataList)
        return {s.symbol for s in reply.series}

    def _known(self, symbol: str, stored: set[str]) -> None:
        live = {i.symbol for i in self._engine.live.instruments} if self._engine.live else set()
        if symbol not in stored | live:
            raise BadInput(
                f'"{symbol}" is neither live nor in the lake.{did_you_mean(symbol, stored | live)}',
                fix="Pick one of the watchlist, or import its candles.",
            )
