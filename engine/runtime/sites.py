"""The venues' history as one download sees it: pages of bars by REST within the budget, and an archive or none."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from engine.clock import Clock
from engine.contracts.errors import BadInput
from engine.contracts.markets import market
from engine.contracts.timeframes import timeframe_ms
from engine.feeds.archive import ArchiveClient
from engine.feeds.budget import SHARE_WARMUP, RestBudget
from engine.feeds.oanda import OandaClient, oanda_token
from engine.feeds.rest import RestClient, to_candles
from engine.feeds.settings import FeedSettings
from engine.runtime.facts import BANNED_KEY
from engine.runtime.kept import TaskContext
from engine.runtime.worker_wire import Sites
from engine.venues.archive import has_archive
from engine.venues.registry import protocol

#: pages of REST taken at once
_PAGES = 5
#: no source has a bar before 2000
_OLDEST_MS = 946_684_800_000


class Source(Protocol):
    """One venue. leaves_out: bars without a tick do not exist there. archive: None where there is none."""

    leaves_out: bool
    archive: ArchiveClient | None

    async def first_open(self, name: str, timeframe: str) -> int | None:
        """Open time of the first bar there is, ms."""
        ...

    async def page(self, name: str, timeframe: str, from_ms: int, to_ms: int) -> tuple[np.ndarray, int]:
        """(final bars from from_ms on, up to where all is known), never beyond to_ms."""
        ...

    async def close(self) -> None: ...

    @property
    def requests(self) -> int: ...


class BinanceSource:
    leaves_out = False

    def __init__(self, rest: RestClient, archive: ArchiveClient | None) -> None:
        self.archive = archive
        self._rest = rest

    @property
    def requests(self) -> int:
        return self._rest.requests + (self.archive.requests if self.archive else 0)

    async def first_open(self, name: str, timeframe: str) -> int | None:
        found = await self._rest.klines(name, timeframe, from_ms=0, limit=1, priority=SHARE_WARMUP)
        return found[0].ts if found else None

    async def page(self, name: str, timeframe: str, from_ms: int, to_ms: int) -> tuple[np.ndarray, int]:
        most = _PAGES * self._rest.protocol.limits.klines_per_request
        klines = await self._rest.klines(name, timeframe, from_ms, to_ms, limit=most, priority=SHARE_WARMUP)
        bars = to_candles([k for k in klines if k.final])
        known = klines[-1].ts + timeframe_ms(timeframe) if len(klines) >= most else to_ms
        return bars, min(known, to_ms)

    async def close(self) -> None:
        await self._rest.close()
        if self.archive:
            await self.archive.close()


class OandaSource:
    leaves_out = True
    archive: ArchiveClient | None = None

    def __init__(self, client: OandaClient) -> None:
        self._client = client

    @property
    def requests(self) -> int:
        return self._client.requests

    async def first_open(self, name: str, timeframe: str) -> int | None:
        bars, _ = await self._client.candles(name, timeframe, _OLDEST_MS, 1 << 62)
        return int(bars["ts"][0]) if bars.size else None

    async def page(self, name: str, timeframe: str, from_ms: int, to_ms: int) -> tuple[np.ndarray, int]:
        return await self._client.candles(name, timeframe, from_ms, to_ms)

    async def close(self) -> None:
        await self._client.close()


class History:
    """The sources by market, made when first needed; markets of one host share its budget. For one event loop."""

    def __init__(self, sites: Sites, context: TaskContext, clock: Clock) -> None:
        self._sites, self._context, self._clock = sites, context, clock
        self._hosts: dict[str, Source] = {}

    @property
    def requests(self) -> int:
        return sum(source.requests for source in self._hosts.values())

    def of(self, market_id: str) -> Source:
        """The source of a market; BadInput where none is known."""
        rest = self._sites.rest.get(market_id, "")
        if not rest:
            raise BadInput(
                f"It is not known where the history of {market(market_id).title} comes from.",
                where=market_id,
                fix=f"Known: {', '.join(self._sites.rest)}.",
            )
        key = f"{rest} {self._sites.archive.get(market_id, '')}"
        if key not in self._hosts:
            self._hosts[key] = self._made(market_id, rest)
        return self._hosts[key]

    def _made(self, market_id: str, rest: str) -> Source:
        settings = FeedSettings(proxy=self._sites.proxy)
        venue = market(market_id).venue
        if venue == "oanda":
            return OandaSource(OandaClient(rest, oanda_token(), self._clock, settings=settings))
        spoken = protocol(venue)
        state = self._context.written_state
        key = BANNED_KEY.format(rest)
        budget = RestBudget(
            rest,
            spoken.limits.rest_weight_per_min,
            self._clock,
            banned_until_ms=int(state.get(key) or 0),
            on_ban=lambda _, until: state.put(key, until),
        )
        base = self._sites.archive.get(market_id, "")
        archive = ArchiveClient(base, self._clock, settings=settings) if base and has_archive(venue) else None
        return BinanceSource(RestClient(spoken, rest, budget, self._clock, settings=settings), archive)

    async def close(self) -> None:
        for source in self._hosts.values():
            await source.close()
