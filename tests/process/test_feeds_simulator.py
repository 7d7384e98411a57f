"""The feeds against the simulated exchange, with the venues' own protocols: both markets, faults included."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from engine.clock import SYSTEM_CLOCK, now_ms
from engine.contracts.dtypes import KLINE_RUNNING, TRADE
from engine.contracts.markets import market
from engine.feeds.backfill import Backfill
from engine.feeds.budget import ConnectBudget, RestBudget
from engine.feeds.coalesce import TickTable
from engine.feeds.feed import MarketFeed
from engine.feeds.rest import RestClient
from engine.feeds.settings import FeedSettings
from engine.feeds.shard import ShardState

simulator = pytest.importorskip("engine.simulator.server", reason="the simulated exchange is not part of this checkout")
registry = pytest.importorskip("engine.venues.registry", reason="the venues are not part of this checkout")

SETTINGS = FeedSettings(
    symbols_per_connection=8, watch_interval_s=0.1, backoff_base_s=0.1, backoff_cap_s=0.5, stall_s=3.0, overlap_s=0.3,
    settle_s=0.2, stall_symbols=1,
)  # fmt: skip
MARKETS = ("binance-spot", "binance-futures")


class Side:
    """One market's feed and back-fill, wired as an owner would."""

    def __init__(self, market_id: str, ws: str, rest: str, connects: ConnectBudget) -> None:
        self.market_id, self.ws = market_id, ws
        self.protocol = registry.protocol(market(market_id).venue)
        budget = RestBudget(rest, self.protocol.limits.rest_weight_per_min, SYSTEM_CLOCK)
        self.rest = RestClient(self.protocol, rest, budget, SYSTEM_CLOCK, settings=SETTINGS)
        self.connects = connects
        self.filled: dict[int, tuple[Any, int]] = {}
        self.gaps = 0
        self.backfill = Backfill(self.rest, self.on_filled, SETTINGS, SYSTEM_CLOCK)

    async def start(self) -> None:
        listed = await self.rest.instruments(self.market_id)
        self.symbols = [i.name for i in listed if i.status == "trading"]
        self.table = TickTable(self.symbols)
        self.feed = MarketFeed(
            self.market_id, self.protocol, self.ws, self.rest, self.symbols, self.table, SETTINGS, SYSTEM_CLOCK,
            self.connects, self.on_gap, self.on_live,
        )  # fmt: skip
        self.backfill.start()
        self.feed.start()

    async def stop(self) -> None:
        await self.backfill.stop()
        await self.feed.stop()
        await self.rest.close()

    def on_gap(self, rows: list[int]) -> None:
        self.gaps += len(rows)

    def on_live(self, rows: list[int]) -> None:
        start = now_ms(SYSTEM_CLOCK) // 60_000 * 60_000 - 120 * 60_000
        for row in rows:
            self.backfill.request(row, self.symbols[row], "1m", start)

    def on_filled(self, row: int, timeframe: str, candles: np.ndarray, checked_to_ms: int) -> None:
        self.filled[row] = (candles, checked_to_ms)
        self.feed.filled([row])

    def settled(self) -> bool:
        live = all(shard.state is ShardState.LIVE for shard in self.feed.shards)
        return live and all(h.gaps_open == 0 for h in self.feed.health())


@contextlib.asynccontextmanager
async def both(**config: Any) -> AsyncIterator[tuple[Any, list[Side]]]:
    async with simulator.Simulator(simulator.SimulatorConfig(symbols_per_market=16, **config)) as sim:
        connects = ConnectBudget(SYSTEM_CLOCK, burst=100)
        urls = simulator.announce(sim)
        sides = [Side(m, urls[m]["ws"], urls[m]["rest"], connects) for m in MARKETS]
        try:
            for side in sides:
                await side.start()
            yield sim, sides
        finally:
            for side in sides:
                await side.stop()


async def until(condition: Any, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_goes_live_fills_history_and_survives_a_cut() -> None:
    async with both(trades_per_minute=240.0) as (sim, sides):
        await until(lambda: all(side.settled() for side in sides))
        for side in sides:
            assert set(side.filled) == set(range(len(side.symbols)))
            candles, checked_to = side.filled[0]
            assert np.all(np.diff(candles["ts"]) == 60_000)
            assert candles["ts"][-1] == checked_to - 60_000
            kinds: set[int] = set()

            def heard(side: Side = side, kinds: set[int] = kinds) -> bool:
                kinds.update(side.table.drain()["kind"].tolist())
                return kinds >= {KLINE_RUNNING, TRADE} and bool(side.table.tickers())

            await until(heard)
            side.filled.clear()
            side.gaps = 0
        await sim.drop_connections()
        await until(lambda: all(side.gaps == len(side.symbols) for side in sides))
        await until(lambda: all(side.settled() for side in sides))
        for side in sides:
            assert set(side.filled) == set(range(len(side.symbols)))
            assert [shard.meters.malformed for shard in side.feed.shards] == [0] * len(side.feed.shards)


async def test_a_shutdown_notice_costs_no_data_and_a_silent_server_is_left() -> None:
    async with both(trades_per_minute=240.0) as (sim, sides):
        await until(lambda: all(side.settled() for side in sides))
        gaps = [side.gaps for side in sides]
        sim.shutdown_notice()
        await until(lambda: all(shard.meters.handovers for side in sides for shard in side.feed.shards))
        assert [side.gaps for side in sides] == gaps
        spot, futures = sides
        sim.pause("binance-spot")
        await until(lambda: all(shard.meters.reconnects for shard in spot.feed.shards))
        assert all("stalled" in h.detail or "no data" in h.detail for h in spot.feed.health())
        assert all(shard.meters.reconnects == 0 for shard in futures.feed.shards)
        sim.pause("binance-spot", on=False)
        await until(spot.settled)
