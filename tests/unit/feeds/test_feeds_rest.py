"""The REST client against a real HTTP server on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from engine.clock import SYSTEM_CLOCK, SimulatedClock
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.feeds.budget import RestBlocked, RestBudget
from engine.feeds.rest import Refused, RestClient, Unreachable, to_candles
from engine.feeds.servertime import ServerClock
from engine.feeds.settings import FeedSettings
from tests.unit.feeds.loopback import RestServer, ToyProtocol, closed_port, price_at

MINUTE = 60_000
QUICK = FeedSettings(backoff_base_s=0.01, backoff_cap_s=0.02, rest_timeout_s=5.0)


#: 20 s into a minute
NOW = 1_790_000_000_000 // MINUTE * MINUTE + 20_000


@pytest.fixture
async def server() -> AsyncIterator[RestServer]:
    async with RestServer(SimulatedClock(NOW)) as running:
        yield running


@pytest.fixture
async def client(server: RestServer) -> AsyncIterator[RestClient]:
    made = RestClient(ToyProtocol(), server.base, RestBudget("toy", 1000, server.clock), server.clock, settings=QUICK)
    yield made
    await made.close()


def recent(minutes: int) -> int:
    """The open time of the bar so many minutes before the running one."""
    return NOW - NOW % MINUTE - minutes * MINUTE


async def test_instruments_and_the_stated_limit(client: RestClient) -> None:
    found = await client.instruments("binance-spot")
    assert [i.symbol for i in found] == ["binance-spot:BTCUSDT", "binance-spot:币安人生USDT"]
    assert client.budget.used() == (10, 1200)


async def test_server_time_gives_the_offset(server: RestServer, client: RestClient) -> None:
    server.offset_ms = 90_000
    await client.server_time()
    assert client.server_clock.offset_ms == 90_000
    assert client.server_clock.now_ms() == server.now_ms()
    assert client.budget.offset_ms == client.server_clock.offset_ms
    asked = len(server.asked)
    await client.sync_time()
    assert len(server.asked) == asked
    client.server_clock.forget()
    await client.sync_time()
    assert len(server.asked) == asked + 1


def test_the_midpoint_is_the_moment_of_the_server_time() -> None:
    clock = SimulatedClock(1_000_000)
    server_clock = ServerClock(clock)
    assert server_clock.due(300)
    server_clock.take(1_005_000, 1_000_000 * 10**6, 1_000_400 * 10**6)
    assert (server_clock.offset_ms, server_clock.error_ms) == (4800.0, 200.0)
    assert not server_clock.due(300)
    clock.advance_ms(300_001)
    assert server_clock.due(300)


async def test_klines_come_page_by_page_and_only_closed_ones_are_final(client: RestClient, server: RestServer) -> None:
    start = recent(250)
    bars = await client.klines("BTCUSDT", "1m", start)
    assert [k.ts for k in bars[:251]] == [start + i * MINUTE for i in range(251)]
    assert [k.final for k in bars[:250]] == [True] * 250
    assert not bars[-1].final
    pages = [query for what, query in server.asked if what == "klines"]
    assert [int(q["limit"]) for q in pages][:2] == [100, 100]
    assert int(pages[2]["limit"]) == 51
    candles = to_candles(bars)
    assert candles.dtype == CANDLE_DTYPE
    assert candles["close"][0] == price_at(start)
    assert len(to_candles([])) == 0


async def test_klines_respect_borders_limit_and_holes(client: RestClient, server: RestServer) -> None:
    start = recent(300)
    server.holes = {start + i * MINUTE for i in range(20, 40)}
    bars = await client.klines("BTCUSDT", "1m", start, start + 200 * MINUTE)
    assert len(bars) == 180
    assert (bars[0].ts, bars[-1].ts) == (start, start + 199 * MINUTE)
    assert int(server.asked[-1][1]["to"]) == start + 200 * MINUTE - 1
    assert len(await client.klines("BTCUSDT", "1m", start, limit=130)) == 130
    newest = await client.klines("BTCUSDT", "1m", limit=5)
    assert len(newest) == 5
    assert newest[-1].ts == recent(0)
    assert await client.klines("BTCUSDT", "1m", start, start) == []


async def test_a_running_bar_by_server_time_is_not_final(client: RestClient, server: RestServer) -> None:
    server.offset_ms = -10 * MINUTE
    bars = await client.klines("BTCUSDT", "1m", recent(20))
    assert not bars[-1].final
    assert bars[-1].ts == recent(10)


async def test_server_errors_are_tried_again(client: RestClient, server: RestServer) -> None:
    server.script = [(500, "busy", {}), (503, "busy", {})]
    assert len(await client.instruments("binance-spot")) == 2
    assert (client.requests, client.failures) == (3, 2)
    assert client.budget.used()[0] == 30


async def test_lasting_server_errors_end_in_a_clear_error(client: RestClient, server: RestServer) -> None:
    server.script = [(502, "bad gateway", {})] * 9
    with pytest.raises(Unreachable, match="errors \\(HTTP 502: bad gateway\\)"):
        await client.instruments("binance-spot")
    assert client.requests == QUICK.rest_attempts


async def test_429_stops_all_for_the_time_given_and_goes_on(server: RestServer) -> None:
    slept: list[float] = []
    clock = server.clock
    assert isinstance(clock, SimulatedClock)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance_ms(seconds * 1000)

    budget = RestBudget("toy", 1000, clock, sleep=sleep)
    client = RestClient(ToyProtocol(), server.base, budget, clock, settings=QUICK, sleep=sleep)
    server.script = [(429, "slow down", {"Retry-After": "11"})]
    assert len(await client.instruments("binance-spot")) == 2
    assert slept == [11.0]
    await client.close()


async def test_418_is_told_and_raised_and_nothing_more_is_sent(server: RestServer) -> None:
    told: list[int] = []
    budget = RestBudget("toy", 1000, server.clock, on_ban=lambda host, until: told.append(until))
    client = RestClient(ToyProtocol(), server.base, budget, server.clock, settings=QUICK)
    server.script = [(418, "banned", {"Retry-After": "7200"})]
    for _ in range(3):
        with pytest.raises(RestBlocked, match="banned"):
            await client.instruments("binance-spot")
    assert len(server.asked) == 1
    assert told == [NOW + 7_200_000]
    await client.close()


@pytest.mark.parametrize(
    ("status", "text", "kind", "sentence"),
    [
        (400, "bad symbol", BadInput, 'does not know "NOPE"'),
        (400, "bad limit", Refused, "refused /klines"),
        (451, "region", Refused, "refuses connections from this place"),
    ],
)
async def test_refusals_are_not_repeated(
    client: RestClient, server: RestServer, status: int, text: str, kind: type[Exception], sentence: str
) -> None:
    server.script = [(status, text, {})]
    with pytest.raises(kind, match=sentence):
        await client.klines("NOPE", "1m", recent(3))
    assert [what for what, _ in server.asked].count("klines") == 1


async def test_an_unreachable_host_is_named_with_a_way_out() -> None:
    host = f"127.0.0.1:{closed_port()}"
    budget = RestBudget("toy", 1000, SYSTEM_CLOCK)
    client = RestClient(ToyProtocol(), f"http://{host}", budget, SYSTEM_CLOCK, settings=QUICK)
    with pytest.raises(Unreachable) as caught:
        await client.server_time()
    assert str(caught.value).startswith(f"{host}: The exchange cannot be reached (")
    assert "--demo" in caught.value.fix
    await client.close()


async def test_a_host_that_does_not_answer_times_out(server: RestServer) -> None:
    def factory() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1e-6))

    budget = RestBudget("toy", 1000, SYSTEM_CLOCK)
    client = RestClient(ToyProtocol(), server.base, budget, SYSTEM_CLOCK, factory, settings=QUICK)
    with pytest.raises(Unreachable, match="did not answer"):
        await client.server_time()
    await client.close()


async def test_the_used_weight_header_counts(client: RestClient, server: RestServer) -> None:
    server.headers = {"X-Used": "777"}
    await client.klines("BTCUSDT", "1m", recent(3))
    assert client.budget.used()[0] == 779
