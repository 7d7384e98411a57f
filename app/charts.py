"""One chart panel on the engine: opens a symbol, streams its bars, fetches older ones, jumps to a moment."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QElapsedTimer

from app.session import Client
from engine.contracts.commands import Candles, CloseChart, GetCandles, GetHistory, OpenChart
from engine.contracts.errors import PyroError
from engine.contracts.events import Bars, Signals
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import TIMEFRAME_MS
from widgets.chart.history import readable
from widgets.chart.panel import ChartPanel

PAGE = 2_000
#: s that a chart must be looked at before its whole history is made
SETTLE_S = 0.15
#: a jump further back than this many bars is not bridged by loading all bars in between
FARTHEST = 200_000
_serial = itertools.count(1)


class ChartClock:
    """The time of day that a chart counts down with; `past`: a replay's, while it shows one."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self.past: Callable[[], int] | None = None

    def __call__(self) -> int:
        return (self.past or self._now_ms)()


class ChartLink:
    """Newest request wins: a reply to an older one is dropped, so that quick stepping never shows a wrong symbol.

    Opening shows what the engine has at hand at once: the whole history where its files are there, else a page with
    the newest bars, behind which the whole comes without moving what is in view. chart: the engine's name for it.
    """

    def __init__(
        self,
        panel: ChartPanel,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        instrument: Callable[[str], Instrument | None],
        changed: Callable[[str, str], None],
        clock: ChartClock,
    ) -> None:
        self.clock = clock
        self.panel, self._spawn, self._instrument, self._changed = panel, spawn, instrument, changed
        # other windows on this engine have charts as well
        self.chart = f"chart-{os.getpid():x}-{next(_serial)}"
        self._client: Client | None = None
        self._offs: list[Callable[[], None]] = []
        self.symbol, self.timeframe = "", "1m"
        self._request = 0
        #: whether this process can read the engine's files
        self._files = True
        #: ms from asking to the first bars, and to the whole history
        self.open_ms = self.whole_ms = 0.0
        #: a replay shows the past here: live signals are of a time that is not shown
        self.replaying = False
        #: open time of the bar that was clicked last, of this symbol
        self.clicked_ms: int | None = None
        panel.barClicked.connect(lambda ms: setattr(self, "clicked_ms", int(ms)))
        panel.timeframeChosen.connect(lambda name: self.open(self.symbol, name))
        panel.needOlder.connect(lambda ms: self._spawn(self._older(int(ms))))
        panel.retryRequested.connect(self.reload)
        panel.indicatorsChanged.connect(lambda _requests: self.reload())

    @property
    def client(self) -> Client | None:
        """The engine that streams this chart, None while it is not on show or there is none."""
        return self._client

    def attach(self, client: Client) -> None:
        """Use this client from now on; an open chart is asked for anew."""
        self._forget()
        self._client, self._files = client, True
        self._offs = [client.on(Bars, self._bars), client.on(Signals, self._signals)]
        if self.symbol:
            self.reload()

    def _forget(self) -> None:
        for off in self._offs:
            off()
        self._offs = []

    def lose(self, text: str) -> None:
        """The engine is gone: bars stay, with a badge."""
        self._client = None
        if self.panel.symbol:
            self.panel.set_state("stale", text)

    def close(self) -> None:
        """This chart is no longer shown: the engine need not stream it."""
        self._request += 1
        self._forget()
        if self._client is not None and self.symbol:
            self._spawn(self._close(self._client))
        self._client = None

    async def _close(self, client: Client) -> None:
        await client.ask(CloseChart(chart=self.chart))

    def open(self, symbol: str, timeframe: str = "", at_ms: int | None = None) -> None:
        """Show a symbol; with at_ms, jump to that moment: any of the stored history."""
        if not symbol:
            return
        if symbol != self.symbol:
            self.clicked_ms = None
        same = (symbol, timeframe or self.timeframe) == (self.panel.symbol, self.panel.timeframe)
        self.symbol, self.timeframe = symbol, timeframe or self.timeframe
        self._changed(self.symbol, self.timeframe)
        if same and at_ms is not None and self._holds(at_ms):
            self.panel.focus_time(at_ms)
            return
        self._request += 1
        self._spawn(self._open(self._request, at_ms))

    def reload(self) -> None:
        """Ask anew for what is shown: after a loss of the engine, or for other indicators. The bars stay meanwhile."""
        if (self.symbol, self.timeframe) != (self.panel.symbol, self.panel.timeframe) or not self.panel.stack.count():
            self.open(self.symbol, self.timeframe)
        elif self._client is not None:
            self._request += 1
            self._spawn(self._renew(self._request))

    async def _renew(self, number: int) -> None:
        if self._files and await self._whole(number):
            return
        if number == self._request:
            await self._open(number, None)

    def _holds(self, ms: int) -> bool:
        return self.panel.stack.count() > 0 and self.panel.stack.bars.ts_at(0) <= ms

    async def _open(self, number: int, at_ms: int | None) -> None:
        if self._client is None or number != self._request:
            return
        if self.panel.symbol != self.symbol:
            self.panel.set_state("loading", f"{self.symbol} {self.timeframe}")
        clock = QElapsedTimer()
        clock.start()
        try:
            candles = await self._first()
        except PyroError as error:
            if number == self._request:
                self.panel.set_state("error", str(error))
            return
        if number != self._request:
            return
        # a replay may go back: what was shown is of its future
        self.panel.set_chart(candles, self._instrument(candles.symbol), carry=not self.replaying)
        self.open_ms = clock.nsecsElapsed() / 1e6
        if at_ms is not None and self._holds(at_ms):
            self.panel.focus_time(at_ms)
            at_ms = None
        if self._files and not candles.whole:
            # who steps through a list waits for pages, not for histories that nobody looks at
            await asyncio.sleep(SETTLE_S)
            if number == self._request:
                await self._whole(number)
        self.whole_ms = clock.nsecsElapsed() / 1e6
        if at_ms is not None and number == self._request:
            await self._reach(number, at_ms)

    async def _first(self) -> Candles:
        """The reply to OpenChart; without files where this process cannot read the engine's."""
        assert self._client is not None
        ask = {"chart": self.chart, "symbol": self.symbol, "timeframe": self.timeframe, "limit": PAGE}
        series = self.panel.series_requests()
        candles: Candles = await self._client.ask(OpenChart(**ask, series=series, whole=self._files))  # type: ignore[arg-type]
        if readable(candles.history):
            return candles
        self._files = False
        page: Candles = await self._client.ask(OpenChart(**ask, series=series))  # type: ignore[arg-type]
        return page

    async def _whole(self, number: int) -> bool:
        """Put the whole history behind what is shown; False where there is none to be had."""
        if self._client is None or self.replaying:
            return False
        series = self.panel.series_requests()
        command = GetHistory(chart=self.chart, symbol=self.symbol, timeframe=self.timeframe, series=series)
        try:
            candles = await self._client.ask(command)
        except PyroError as error:
            if number == self._request:
                self.panel.set_state("gap", error.what)
            return False
        if number != self._request:
            return True
        if not readable(candles.history):
            self._files = False
            return False
        self.panel.set_chart(candles, self._instrument(candles.symbol))
        return True

    async def _reach(self, number: int, ms: int) -> None:
        """Load what lies between the oldest bar and a moment, then go there."""
        if not self._holds(ms) and self.panel.stack.count():
            missing = (self.panel.stack.bars.ts_at(0) - ms) // TIMEFRAME_MS[self.timeframe] + 200
            if missing <= FARTHEST:
                await self._older(self.panel.stack.bars.ts_at(0), int(missing))
        if number == self._request:
            self.panel.focus_time(ms)

    async def _older(self, before_ms: int, limit: int = PAGE) -> None:
        if self._client is None:
            return
        symbol, timeframe = self.panel.symbol, self.panel.timeframe
        series = self.panel.series_requests()
        try:
            candles = await self._client.ask(
                GetCandles(symbol=symbol, timeframe=timeframe, limit=limit, before_ms=before_ms, series=series)
            )
        except PyroError as error:
            self.panel.set_state("gap", error.what)
            return
        self.panel.prepend(candles)

    def _signals(self, event: Signals) -> None:
        if not self.replaying:
            self.panel.add_signals(event.batch)

    def _bars(self, event: Bars) -> None:
        if event.chart == self.chart:
            self.panel.update_bars(event)
