"""A shard against a real WebSocket server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from engine.clock import SYSTEM_CLOCK, now_ms
from engine.contracts.dtypes import KLINE_RUNNING, TRADE
from engine.contracts.errors import BadInput
from engine.feeds.budget import ConnectBudget
from engine.feeds.coalesce import TickTable
from engine.feeds.link import Wiring
from engine.feeds.servertime import ServerClock
from engine.feeds.settings import FeedSettings
from engine.feeds.shard import Shard, ShardState
from tests.unit.feeds.loopback import LIMITS, StreamServer, ToyProtocol, closed_port, kline_frame, until

SYMBOLS = ["BTCUSDT", "ETHUSDT", "币安人生USDT"]
QUICK = FeedSettings(
    watch_interval_s=0.02,
    backoff_base_s=0.02,
    backoff_cap_s=0.2,
    overlap_s=0.05,
    close_timeout_s=0.2,
    connect_burst=1000,
    stall_symbols=1,
)


class Hooks:
    """Records the order in which the owner is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, list[int]]] = []

    def gap(self, rows: list[int]) -> None:
        self.told.append(("gap", rows))

    def live(self, rows: list[int]) -> None:
        self.told.append(("live", rows))

    def names(self) -> list[str]:
        return [name for name, _ in self.told]


@pytest.fixture
async def server() -> AsyncIterator[StreamServer]:
    async with StreamServer() as running:
        yield running


@contextlib.asynccontextmanager
async def running(
    server: StreamServer, settings: FeedSettings = QUICK, *, limits: Any = LIMITS, **more: Any
) -> AsyncIterator[tuple[Shard, TickTable, Hooks]]:
    table, hooks = TickTable(SYMBOLS), Hooks()
    server_clock = ServerClock(SYSTEM_CLOCK)
    server_clock.take(now_ms(SYSTEM_CLOCK), SYSTEM_CLOCK.now_ns(), SYSTEM_CLOCK.now_ns())
    protocol = ToyProtocol(limits)
    wiring = Wiring(
        "binance-spot",
        protocol.stream_url(server.base),
        protocol,
        table,
        settings,
        SYSTEM_CLOCK,
        server_clock,
        ConnectBudget(SYSTEM_CLOCK, burst=1000),
        **more,
    )
    shard = Shard(0, SYMBOLS, wiring, hooks.gap, hooks.live)
    task = asyncio.create_task(shard.run())
    try:
        yield shard, table, hooks
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert shard.state is ShardState.CLOSED
        left = [t.get_name() for t in asyncio.all_tasks() if "connection" in t.get_name() or t.get_name() == "close"]
        assert left == []


async def test_subscribes_in_chunks_and_goes_live(server: StreamServer) -> None:
    async with running(server) as (shard, table, hooks):
        await until(lambda: shard.state is ShardState.LIVE)
        assert [r["id"] for r in server.requests[0]] == [1, 2]
        assert [name for r in server.requests[0] for name in r["sub"]] == shard.streams
        assert hooks.told == [("gap", [0, 1, 2]), ("live", [0, 1, 2])]
        await until(lambda: table.depth() == 3)
        assert set(table.drain()["kind"]) == {KLINE_RUNNING}
        health = shard.health()
        assert (health.lamp, health.state, health.gaps_open) == ("amber", "live", 3)
        shard.filled([0, 1, 2])
        assert shard.health().lamp == "green"
        assert shard.silent_symbols() == []


async def test_subscription_is_paced(server: StreamServer) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    limits = msgspec.structs.replace(LIMITS, control_messages_per_s=4.0)
    async with running(server, limits=limits, sleep=sleep) as (shard, _, _):
        await until(lambda: shard.state is ShardState.LIVE)
        assert pauses == [0.25]


async def test_lost_connection_is_a_gap_at_once_and_comes_back(server: StreamServer) -> None:
    async with running(server) as (shard, table, hooks):
        await until(lambda: shard.state is ShardState.LIVE)
        now = now_ms(SYSTEM_CLOCK)
        await server.send({"t": ["BTCUSDT", 900, 900, 901, 5.0, 1.0, now, now]})
        await until(lambda: TRADE in table.drain()["kind"])
        server.abort()
        await until(lambda: hooks.names() == ["gap", "live", "gap"])
        await until(lambda: shard.state is ShardState.LIVE)
        assert hooks.names() == ["gap", "live", "gap", "live"]
        assert (shard.meters.reconnects, shard.generation) == (1, 2)
        # ids may start anew after an interruption
        await server.send({"t": ["BTCUSDT", 7, 7, 7, 5.0, 1.0, now, now]})
        await until(lambda: TRADE in table.drain()["kind"])


async def test_backs_off_with_growing_delay_and_never_gives_up(server: StreamServer) -> None:
    server.reject = True
    settings = msgspec.structs.replace(QUICK, backoff_base_s=0.01, backoff_cap_s=0.08)
    async with running(server, settings, chance=lambda: 1.0) as (shard, _, hooks):
        await until(lambda: server.opened >= 6)
        assert shard._backoff.attempts >= 5
        assert shard._backoff.next_s() == 0.08
        assert hooks.names() == ["gap"]
        assert shard.health().lamp == "red"
        server.reject = False
        await until(lambda: shard.state is ShardState.LIVE)
        # a handshake is no reason to forget the failures: only stable data is
        assert shard._backoff.attempts >= 5


async def test_backoff_starts_anew_after_stable_data(server: StreamServer) -> None:
    settings = msgspec.structs.replace(QUICK, stable_s=0.05)
    async with running(server, settings) as (shard, _, _):
        await until(lambda: shard.state is ShardState.LIVE)
        shard._backoff.attempts = 9
        await asyncio.sleep(0.1)
        server.abort()
        await until(lambda: shard.meters.reconnects == 1)
        assert shard._backoff.attempts == 1


async def test_unreachable_host_is_named(server: StreamServer) -> None:
    host = f"127.0.0.1:{closed_port()}"
    server.base = f"ws://{host}"
    async with running(server) as (shard, _, _):
        await until(lambda: shard._backoff.attempts >= 2)
        assert f"cannot reach {host}" in shard.health().detail


async def test_malformed_frames_are_kept_and_survived(server: StreamServer) -> None:
    settings = msgspec.structs.replace(QUICK, kept_oddities=2)
    async with running(server, settings) as (shard, table, _):
        await until(lambda: shard.state is ShardState.LIVE)
        for i in range(5):
            await server.send(f"{{broken {i}")
        await server.send("{" + "x" * 10_000)
        await server.send(kline_frame("ETHUSDT@kline") or {})
        await until(lambda: shard.meters.malformed == 6)
        await until(lambda: table.depth() > 0)
        assert [m.frame[:9] for m in shard.oddities.malformed] == [b"{broken 4", b"{xxxxxxxx"]
        assert len(shard.oddities.malformed[-1].frame) == 4096
        assert shard.state is ShardState.LIVE
        assert shard.health().malformed == 6


async def test_shutdown_notice_makes_before_it_breaks(server: StreamServer) -> None:
    async with running(server) as (shard, _, hooks):
        await until(lambda: shard.state is ShardState.LIVE)
        old = server.connections[0]
        await server.send({"shutdown": now_ms(SYSTEM_CLOCK)})
        await until(lambda: len(server.connections) == 2)
        assert shard.state is ShardState.LIVE
        await until(lambda: shard.meters.handovers == 1)
        await until(lambda: old not in server.connections)
        assert len(server.connections) == 1
        assert hooks.names() == ["gap", "live", "live"]
        assert shard.meters.reconnects == 0
        assert shard.generation == 2


async def test_renews_before_the_lifetime_ends(server: StreamServer) -> None:
    limits = msgspec.structs.replace(LIMITS, lifetime_s=0.4)
    async with running(server, limits=limits) as (shard, _, hooks):
        await until(lambda: shard.meters.handovers >= 2)
        assert shard.meters.reconnects == 0
        assert hooks.names().count("gap") == 1


async def test_failed_replacement_keeps_the_old_connection(server: StreamServer) -> None:
    async with running(server) as (shard, _, hooks):
        await until(lambda: shard.state is ShardState.LIVE)
        server.reject = True
        shard.restart()
        await until(lambda: "replacement failed" in shard.detail)
        assert shard.state is ShardState.LIVE
        assert hooks.names() == ["gap", "live"]
        server.reject = False
        shard.restart()
        await until(lambda: shard.meters.handovers == 1)


async def test_restart_while_down_does_not_wait(server: StreamServer) -> None:
    server.reject = True
    settings = msgspec.structs.replace(QUICK, backoff_base_s=1000.0, backoff_cap_s=1000.0)
    async with running(server, settings, chance=lambda: 1.0) as (shard, _, _):
        await until(lambda: shard.state is ShardState.BACKING_OFF)
        server.reject = False
        shard.restart()
        await until(lambda: shard.state is ShardState.LIVE)


async def test_abandoning_cuts_and_connects_anew(server: StreamServer) -> None:
    async with running(server) as (shard, _, hooks):
        await until(lambda: shard.state is ShardState.LIVE)
        shard.abandon("the network changed")
        await until(lambda: hooks.names() == ["gap", "live", "gap"])
        assert shard.detail == "the network changed"
        await until(lambda: shard.state is ShardState.LIVE)


async def test_a_connection_abandoned_before_its_first_step_is_replaced(server: StreamServer) -> None:
    async with running(server) as (shard, _, _):
        await until(lambda: shard._tasks)
        link = shard._open()
        shard._link = link
        shard.abandon("at once")
        await until(lambda: shard.state is ShardState.LIVE)
        assert shard._link is not link


async def test_symbols_that_stay_silent_are_told(server: StreamServer) -> None:
    server.greet = lambda stream: kline_frame(stream) if stream.startswith("BTC") else None
    settings = msgspec.structs.replace(QUICK, first_frame_s=0.05)
    async with running(server, settings) as (shard, _, _):
        await until(lambda: shard.state is ShardState.LIVE)
        shard.filled([0, 1, 2])
        await until(lambda: "2 symbols without a trade" in shard.health().detail)
        assert shard.health().lamp == "green"
        assert shard.silent_symbols() == ["ETHUSDT", "币安人生USDT"]


async def test_a_subscription_that_cannot_be_written_is_no_silent_wait(
    server: StreamServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(server) as (shard, _, _):

        def broken(streams: list[str], request_id: int) -> list[tuple[int, str]]:
            raise RuntimeError("a bug of the venue")

        shard._wiring.protocol.subscribe = broken  # type: ignore[method-assign]
        await until(lambda: "a bug of the venue" in shard.detail)
        assert shard.meters.reconnects >= 1
    assert "a bug of the venue" in caplog.text


async def test_latency_and_spacing_are_measured(server: StreamServer) -> None:
    async with running(server) as (shard, _, _):
        await until(lambda: shard.state is ShardState.LIVE)
        for _ in range(64):
            frame = kline_frame("BTCUSDT@kline") or {}
            frame["k"][-1] -= 500
            await server.send(frame)
        await until(lambda: shard.meters.frames > 64)
        p50, p99 = shard.meters.latency_ms()
        assert 500 <= p50 <= p99
        assert shard.meters.spacing_ms()[0] >= 0
        assert shard.meters.bytes > 64 * 50


async def test_old_dying_during_replacement_is_a_gap(server: StreamServer) -> None:
    settings = msgspec.structs.replace(QUICK, overlap_s=5.0)
    async with running(server, settings) as (shard, _, hooks):
        await until(lambda: shard.state is ShardState.LIVE)
        old = server.connections[0]
        shard.restart()
        await until(lambda: shard._heir is not None and shard._heir.ready)
        old.transport.abort()
        await until(lambda: hooks.names() == ["gap", "live", "gap", "live"])
        assert shard.generation == 2


async def test_acknowledged_but_silent_is_given_up(server: StreamServer) -> None:
    server.greet = lambda stream: None
    settings = msgspec.structs.replace(QUICK, first_frame_s=0.1)
    async with running(server, settings) as (shard, _, hooks):
        await until(lambda: shard.generation >= 2)
        assert "no data within 0.1 s" in shard.detail
        assert "category in the URL" in shard.detail
        assert hooks.names() == ["gap"]


async def test_unacknowledged_subscription_is_given_up(server: StreamServer) -> None:
    server.acknowledge = False
    settings = msgspec.structs.replace(QUICK, ack_timeout_s=0.1)
    async with running(server, settings) as (shard, _, _):
        await until(lambda: shard.generation >= 2)
        assert "not acknowledged" in shard.detail


async def test_refusal_is_surfaced(server: StreamServer) -> None:
    server.refuse = "Too many subscriptions"
    async with running(server) as (shard, _, _):
        await until(lambda: shard.meters.refusals == 2)
        await until(lambda: shard.state is ShardState.LIVE)
        assert shard.health().lamp == "amber"
        assert "Too many subscriptions" in shard.health().detail


async def test_stall_needs_silence_and_an_old_event_time(server: StreamServer) -> None:
    settings = msgspec.structs.replace(QUICK, stall_s=0.15)
    async with running(server, settings) as (shard, _, hooks):
        await until(lambda: shard.meters.reconnects >= 1)
        assert "stalled: no data" in shard.detail
        assert hooks.names()[:3] == ["gap", "live", "gap"]


async def test_tickers_alone_are_no_sign_of_life(server: StreamServer) -> None:
    server.greet = lambda stream: {"m": ["BTCUSDT", 1, 1, 1, 1, 1, 1, now_ms(SYSTEM_CLOCK)]}
    settings = msgspec.structs.replace(QUICK, first_frame_s=0.1)
    async with running(server, settings) as (shard, table, hooks):
        await until(lambda: shard.generation >= 2)
        assert "no data" in shard.detail
        assert list(table.tickers()) == [0]
        assert hooks.names() == ["gap"]


async def test_late_data_is_amber(server: StreamServer) -> None:
    def late(stream: str) -> dict[str, Any] | None:
        frame = kline_frame(stream)
        if frame is not None:
            frame["k"][-1] -= 20_000
        return frame

    server.greet = late
    async with running(server) as (shard, _, _):
        await until(lambda: shard.state is ShardState.LIVE)
        assert "late" in shard.health().detail
        assert shard.health().lamp == "amber"


async def test_frames_of_an_outdated_connection_are_dropped(server: StreamServer) -> None:
    async with running(server) as (shard, table, _):
        await until(lambda: shard.state is ShardState.LIVE)
        link = shard._link
        assert link is not None
        table.drain()
        link.retired = True
        await server.send(kline_frame("BTCUSDT@kline") or {})
        await until(lambda: shard.meters.outdated == 1)
        assert table.depth() == 0


async def test_too_many_streams_for_a_connection_name_the_setting(server: StreamServer) -> None:
    with pytest.raises(BadInput, match="symbols_per_connection"):
        async with running(server, limits=msgspec.structs.replace(LIMITS, streams_per_connection=5)):
            pass


async def test_a_failing_hook_does_not_stop_the_feed(server: StreamServer, caplog: pytest.LogCaptureFixture) -> None:
    async with running(server) as (shard, _, hooks):
        await until(lambda: shard.state is ShardState.LIVE)

        def broken(rows: list[int]) -> None:
            raise RuntimeError("owner's bug")

        shard._on_gap = broken
        server.abort()
        await until(lambda: hooks.names() == ["gap", "live", "live"])
    assert "owner's bug" in caplog.text
