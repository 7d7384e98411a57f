"""A whole market over real WebSocket and HTTP servers on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from engine.clock import SystemClock
from engine.contracts.dtypes import KLINE_FINAL
from engine.contracts.errors import BadInput
from engine.feeds.backfill import Backfill
from engine.feeds.budget import ConnectBudget, RestBudget
from engine.feeds.coalesce import TickTable
from engine.feeds.feed import MarketFeed
from engine.feeds.rest import RestClient
from engine.feeds.settings import FeedSettings, on_loopback
from engine.feeds.shard import ShardState
from tests.unit.feeds.loopback import RestServer, StreamServer, ToyProtocol, until

SYMBOLS = [f"S{i}USDT" for i in range(10)]
QUICK = FeedSettings(
    symbols_per_connection=3,
    watch_interval_s=0.02,
    backoff_base_s=0.02,
    backoff_cap_s=0.2,
    overlap_s=0.05,
    close_timeout_s=0.2,
    settle_s=0.01,
    connect_burst=1000,
)


class JumpingClock(SystemClock):
    """The computer's clock, which a test may set wrong."""

    jump_ns = 0

    def now_ns(self) -> int:
        return super().now_ns() + self.jump_ns


class Market:
    """A feed and what it told its owner."""

    def __init__(self, streams: StreamServer, rest: RestServer, settings: FeedSettings, symbols: list[str]) -> None:
        self.streams, self.rest_server = streams, rest
        self.clock = JumpingClock()
        self.gaps: set[int] = set()
        self.lives: list[list[int]] = []
        self.on_live: Callable[[list[int]], None] = self.lives.append
        self.table = TickTable(symbols)
        self.rest = RestClient(
            ToyProtocol(), rest.base, RestBudget("toy", 100_000, self.clock), self.clock, settings=settings
        )
        self.feed = MarketFeed(
            "binance-spot",
            ToyProtocol(),
            streams.base,
            self.rest,
            symbols,
            self.table,
            settings,
            self.clock,
            ConnectBudget(self.clock, burst=1000),
            self.gaps.update,
            lambda rows: self.on_live(rows),
        )

    def all_live(self) -> bool:
        return all(shard.state is ShardState.LIVE for shard in self.feed.shards)


@contextlib.asynccontextmanager
async def market(settings: FeedSettings = QUICK, symbols: list[str] = SYMBOLS, **more: Any) -> AsyncIterator[Market]:
    async with StreamServer() as streams, RestServer() as rest:
        made = Market(streams, rest, settings, symbols)
        before = asyncio.all_tasks()
        made.feed.start()
        try:
            yield made
        finally:
            await made.feed.stop()
            await made.rest.close()
            ours = ("shard", "connection", "server time", "close", "subscribe")
            left = [t for t in asyncio.all_tasks() - before if any(word in t.get_name() for word in ours)]
            assert left == []


async def test_all_shards_go_live_and_stop_cleanly() -> None:
    async with market() as m:
        await until(m.all_live)
        assert m.gaps == set(range(10))
        assert sorted(row for rows in m.lives for row in rows) == list(range(10))
        health = m.feed.health()
        assert [h.shard for h in health] == [0, 1, 2, 3]
        assert sum(h.symbols for h in health) == 10
        assert {h.market for h in health} == {"binance-spot"}
        await until(lambda: m.rest.server_clock.known)
        m.feed.filled(range(10))
        assert {h.lamp for h in m.feed.health()} == {"green"}
        await until(lambda: m.table.depth() == 10)
        assert sorted(m.table.drain()["row"].tolist()) == list(range(10))
    assert m.streams.connections == []
    assert {shard.state for shard in m.feed.shards} == {ShardState.CLOSED}


@pytest.mark.parametrize("named", ["", "http://127.0.0.1:9"])
async def test_no_proxy_comes_between_on_loopback(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    async with market(msgspec.structs.replace(QUICK, proxy=named)) as m:
        await until(m.all_live)
        await until(lambda: m.rest.server_clock.known)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("ws://127.0.0.1:5/stream", True),
        ("http://[::1]:5", True),
        ("http://localhost", True),
        ("wss://stream.example.com:9443", False),
        ("http://10.0.0.1", False),
    ],
)
def test_what_counts_as_loopback(url: str, loopback: bool) -> None:
    assert on_loopback(url) is loopback


async def test_one_shard_lost_leaves_the_others_alone() -> None:
    async with market() as m:
        await until(m.all_live)
        m.gaps.clear()
        m.lives.clear()
        victim = m.feed.shards[1]
        link = victim._link
        assert link is not None
        link.fail("test")
        await until(lambda: m.lives)
        assert m.gaps == set(victim.rows)
        assert m.lives == [victim.rows]
        assert [shard.meters.reconnects for shard in m.feed.shards] == [0, 1, 0, 0]


async def test_restarting_a_shard_makes_no_gap() -> None:
    async with market() as m:
        await until(m.all_live)
        m.gaps.clear()
        m.feed.restart_shard(2)
        await until(lambda: m.feed.shards[2].meters.handovers == 1)
        assert m.gaps == set()
        with pytest.raises(IndexError):
            m.feed.restart_shard(99)


async def test_a_clock_that_jumps_connects_everything_anew() -> None:
    async with market() as m:
        await until(m.all_live)
        await until(lambda: m.rest.server_clock.known)
        m.gaps.clear()
        m.clock.jump_ns = 3_600 * 10**9
        await until(lambda: m.gaps == set(range(10)))
        await until(m.all_live)
        await until(lambda: abs(m.rest.server_clock.offset_ms + 3_600_000) < 5_000)
        # the data watchdog may have seen the jump first, then there are two
        assert all(shard.meters.reconnects >= 1 for shard in m.feed.shards)


async def test_a_shard_that_ends_by_a_bug_is_started_again(caplog: pytest.LogCaptureFixture) -> None:
    async with market() as m:
        await until(m.all_live)
        shard = m.feed.shards[0]
        true_step = shard._step

        def broken() -> None:
            shard._step = true_step  # type: ignore[method-assign]
            raise RuntimeError("a bug of ours")

        m.gaps.clear()
        shard._step = broken  # type: ignore[method-assign]
        await until(lambda: m.gaps == set(shard.rows))
        await until(m.all_live)
    assert "a bug of ours" in caplog.text


async def test_a_reconnect_gap_is_filled_by_rest() -> None:
    async with market() as m:
        filled: dict[int, int] = {}

        def on_filled(row: int, timeframe: str, candles: np.ndarray, checked_to_ms: int) -> None:
            filled[row] = len(candles)
            m.feed.filled([row])

        backfill = Backfill(m.rest, on_filled, QUICK, m.clock)
        backfill.start()
        last_final = m.rest_server.now_ms() // 60_000 * 60_000 - 5 * 60_000

        back: set[int] = set()

        def on_live(rows: list[int]) -> None:
            back.update(rows)
            for row in rows:
                backfill.request(row, SYMBOLS[row], "1m", last_final)

        await until(m.all_live)
        m.feed.filled(range(10))
        m.on_live = on_live
        m.streams.abort()
        # one shard's gaps may be filled before another's is back
        await until(lambda: len(back) == 10)
        await until(lambda: len(filled) == 10 and not backfill.dirty())
        assert set(filled.values()) <= {5, 6}
        assert sum(h.gaps_open for h in m.feed.health()) == 0
        await backfill.stop()


async def test_no_frame_is_lost_in_a_burst() -> None:
    async with market(msgspec.structs.replace(QUICK, trades=False), SYMBOLS[:2]) as m:
        await until(m.all_live)
        m.table.drain()
        for minute in range(500):
            for symbol in SYMBOLS[:2]:
                row = [symbol, minute * 60_000, 1.0, 2.0, 0.5, 1.5, 10.0, 3, 1, 3, True, minute * 60_000 + 60_001]
                await m.streams.send({"k": row})
        finals: list[int] = []

        def drain() -> bool:
            ticks = m.table.drain()
            finals.extend(ticks["ts"][ticks["kind"] == KLINE_FINAL].tolist())
            return len(finals) >= 1000

        await until(drain)
        assert sorted(finals) == sorted([minute * 60_000 for minute in range(500)] * 2)


async def test_symbols_that_do_not_fit_are_refused_before_anything_starts() -> None:
    with pytest.raises(BadInput, match="max_shards"):
        async with market(msgspec.structs.replace(QUICK, max_shards=2)):
            pass


@pytest.mark.parametrize("name", ["symbols_per_connection", "connects_per_s", "backoff_base_s", "renew_from"])
def test_settings_that_cannot_work_are_named(name: str) -> None:
    with pytest.raises(BadInput, match=f"feeds.{name} is 0"):
        msgspec.structs.replace(FeedSettings(), **{name: 0}).checked()
