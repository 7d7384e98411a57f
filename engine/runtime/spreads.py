"""Best prices of all symbols, a request a market every few seconds, for whoever watches quotes."""

from __future__ import annotations

import asyncio
import logging

import numpy as np

from engine.contracts.errors import PyroError
from engine.contracts.watch import Spreads
from engine.feeds.budget import SHARE_WARMUP
from engine.runtime.market import MarketRuntime
from engine.runtime.parts import EngineParts
from engine.venues.book import book_request, parse_book

log = logging.getLogger(__name__)
EVERY_S = 5.0


class SpreadPoll:
    """Never takes budget that the candles need: while histories are fetched it waits for its share like they do."""

    def __init__(self, engine: EngineParts) -> None:
        self._engine = engine
        self._failed: set[str] = set()

    async def run(self) -> None:
        await self._engine.listed.wait()
        while True:
            await asyncio.sleep(EVERY_S)
            live = self._engine.live
            if live is None or not self._engine.hub.wanted(Spreads.topic):
                continue
            for market in live.markets:
                await self._ask(market)

    async def _ask(self, market: MarketRuntime) -> None:
        request = book_request(market.market.venue)
        if request is None:
            return
        try:
            async with asyncio.timeout(EVERY_S):
                reply = await market.rest.get(request, SHARE_WARMUP)
            found = parse_book(reply.body)
        except (PyroError, TimeoutError) as error:
            if market.market.id not in self._failed:
                log.info("%s: no bid and ask: %s", market.market.id, error or "the venue is slow")
            self._failed.add(market.market.id)
            return
        self._failed.discard(market.market.id)
        event = spreads_event(market, [(b.symbol, b.bid, b.ask) for b in found])
        self._engine.hub.publish(event)


def spreads_event(market: MarketRuntime, found: list[tuple[str, float, float]]) -> Spreads:
    """Of the symbols that are watched, by their ids."""
    row_of = {instrument.name: row for row, instrument in enumerate(market.instruments)}
    known = [(row_of[name], bid, ask) for name, bid, ask in found if name in row_of]
    rows = np.array([row for row, _, _ in known], "<i4") + np.int32(market.quotes.base)
    bids, asks = (np.array([one[k] for one in known], "<f8") for k in (1, 2))
    return Spreads(ids=rows.astype("<i4").tobytes(), bid=bids.tobytes(), ask=asks.tobytes())
