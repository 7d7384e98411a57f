"""A venue's REST face: instruments, server time and klines, within the budget and with clear errors."""

from __future__ import annotations

import asyncio

import numpy as np
from numpy.typing import NDArray

from engine.clock import Clock
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.feed import Kline, VenueProtocol
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import bar_open, timeframe_ms
from engine.feeds.backoff import Sleep
from engine.feeds.budget import SHARE_URGENT, RestBudget
from engine.feeds.host import Refused, RestHost, SessionFactory, Unreachable
from engine.feeds.servertime import ServerClock
from engine.feeds.settings import FeedSettings

__all__ = ["Refused", "RestClient", "Unreachable", "to_candles"]


class RestClient(RestHost):
    """One host of one venue. All methods raise Unreachable, RestBlocked, Refused, or BadInput for an unknown symbol."""

    def __init__(
        self,
        protocol: VenueProtocol,
        base_url: str,
        budget: RestBudget,
        clock: Clock,
        session_factory: SessionFactory | None = None,
        *,
        settings: FeedSettings | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(protocol, base_url, budget, clock, session_factory, settings=settings, sleep=sleep)
        self.protocol = protocol
        self.server_clock = ServerClock(clock)
        self._asking_time = asyncio.Lock()

    async def instruments(self, market: str) -> list[Instrument]:
        """What the venue lists. The request limit that it states becomes the budget's."""
        reply = await self.get(self.protocol.instruments_request(), SHARE_URGENT)
        found, weight_per_min = self.protocol.parse_instruments(reply.body, market)
        self.budget.set_limit(weight_per_min)
        return found

    async def server_time(self) -> int:
        """Server time in ms; measures the offset that `server_clock` keeps."""
        return await self._measure(SHARE_URGENT)

    async def sync_time(self, share: float = SHARE_URGENT) -> None:
        """Measure the offset if it is due: never measured, old, or forgotten."""
        async with self._asking_time:
            if self.server_clock.due(self._settings.time_refresh_s):
                await self._measure(share)

    async def klines(
        self,
        symbol: str,
        timeframe: str,
        from_ms: int | None = None,
        to_ms: int | None = None,
        limit: int | None = None,
        priority: float = SHARE_URGENT,
    ) -> list[Kline]:
        """Bars with from_ms <= open time < to_ms, oldest first, page by page until complete.

        to_ms None = up to now, the running bar included. limit = at most that many, the oldest; without from_ms the
        newest. `priority` = the share of the budget that this may use. Final only what closed before the request was
        sent, by server time.
        """
        await self.sync_time(priority)
        length = timeframe_ms(timeframe)
        page = self.protocol.limits.klines_per_request
        end = to_ms if to_ms is not None else bar_open(self.server_clock.now_ms(), length) + length
        cursor = from_ms if from_ms is not None else bar_open(end - 1, length) - ((limit or page) - 1) * length
        bars: list[Kline] = []
        while cursor < end and (limit is None or len(bars) < limit):
            ask = min(page, -(-(end - cursor) // length), page if limit is None else limit - len(bars))
            request = self.protocol.klines_request(symbol, timeframe, from_ms=cursor, to_ms=end - 1, limit=ask)
            reply = await self.get(request, priority)
            server_ms = self.server_clock.at_ms(reply.sent_ns)
            rows = self.protocol.parse_klines(symbol, reply.body, server_ms=server_ms)
            fresh = [k for k in rows if cursor <= k.ts < end]
            bars.extend(fresh)
            if not fresh:
                break  # a short page is no end: the venue's holes and rows that cannot be true are missing in it
            cursor = fresh[-1].ts + length
        return bars

    async def _measure(self, share: float) -> int:
        reply = await self.get(self.protocol.time_request(), share)
        server_ms = self.protocol.parse_time(reply.body)
        self.server_clock.take(server_ms, reply.sent_ns, reply.received_ns)
        self.budget.offset_ms = self.server_clock.offset_ms
        return server_ms


def to_candles(bars: list[Kline]) -> NDArray[np.void]:
    """CANDLE_DTYPE[n] of the bars, in their order, running ones included."""
    rows = [(k.ts, k.open, k.high, k.low, k.close, k.volume) for k in bars]
    return np.array(rows, dtype=CANDLE_DTYPE)
