"""The simulator over real sockets, with plain clients."""

import asyncio
import json

import aiohttp
import numpy as np
import pytest
import websockets
from websockets.asyncio.client import connect

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.feed import Ack, Kline, ServerShutdown
from engine.simulator.config import FUTURES, SPOT
from engine.simulator.sample import candles
from engine.simulator.server import Simulator, SimulatorConfig, announce, run
from engine.venues.registry import protocol

START_MS = 1_770_000_000_000 - 1_770_000_000_000 % 60_000
VENUES = {SPOT: "binance_spot", FUTURES: "binance_futures"}
BOTH = pytest.mark.parametrize("market", [SPOT, FUTURES])


def config(**changes):
    return SimulatorConfig(
        **{"speed": 0, "start_ms": START_MS, "symbols_per_market": 8, "history_minutes": 3000, "trades_per_minute": 12}
        | changes
    )


def joined(sim, market, path=None, **options):
    base = announce(sim)[market]["ws"]
    url = protocol(VENUES[market]).stream_url(base) if path is None else base + path
    return connect(url, compression=None, max_size=None, max_queue=None, close_timeout=1, **options)


async def subscribe(ws, market, streams):
    for _, text in protocol(VENUES[market]).subscribe(streams, 1):
        await ws.send(text)
        assert json.loads(await ws.recv())["result"] is None


async def until_quiet(ws, seconds=0.3):
    frames = []
    try:
        while True:
            frames.append(await asyncio.wait_for(ws.recv(), seconds))
    except TimeoutError:
        return frames


async def get(sim, market, path, **params):
    base = {SPOT: "/api/v3", FUTURES: "/fapi/v1"}[market]
    url = announce(sim)[market]["rest"] + base + path
    async with aiohttp.ClientSession() as session, session.get(url, params=params) as reply:
        return reply.status, await reply.read(), dict(reply.headers)


async def ask(sim, market, request):
    return await get(sim, market, "/" + request.path.rpartition("/")[2], **request.params)


@BOTH
async def test_exact_candles_come_back_bit_for_bit_by_stream_and_by_rest(market):
    minutes = 240
    source = candles("ETHUSDT")[:minutes].copy()
    source["ts"] = START_MS + np.arange(minutes) * 60_000
    source = np.delete(source, [17, 18, 100])
    source["volume"][50] = 0.0
    venue = protocol(VENUES[market])
    fast = config(symbols_per_market=1, updates_per_minute=2, trades_per_minute=1)
    async with (
        Simulator(fast, extra_series={(market, "ETHUSDT"): source, (market, "币安人生USDT"): source}) as sim,
        joined(sim, market) as ws,
    ):
        streams = venue.stream_names(["ETHUSDT", "币安人生USDT"], trades=True)
        await subscribe(ws, market, streams)
        await sim.step_minutes(minutes)
        messages = [m for frame in await until_quiet(ws) for m in venue.decode(frame)]
        status, body, _ = await ask(
            sim, market, venue.klines_request("币安人生USDT", "1m", from_ms=None, to_ms=None, limit=1000)
        )
        assert status == 200
        rest = venue.parse_klines("币安人生USDT", body, server_ms=sim.time.now_ms())
    finals = [m for m in messages if isinstance(m, Kline) and m.final]
    traded = source[source["volume"] > 0]
    for name in ("ETHUSDT", "币安人生USDT"):
        mine = [m for m in finals if m.symbol == name]
        assert [(m.ts, m.open, m.high, m.low, m.close, m.volume) for m in mine] == traded.tolist()
        assert all(m.last_id - m.first_id + 1 == m.n for m in mine)
    assert [(m.ts, m.open, m.high, m.low, m.close, m.volume) for m in rest] == source.tolist()
    assert all(m.final for m in rest)
    by_time = {m.ts: m for m in finals if m.symbol == "币安人生USDT"}
    assert [m.n for m in rest if m.ts in by_time] == [m.n for m in by_time.values()]


async def test_the_same_seed_makes_the_same_frames():
    async def play(seed):
        async with Simulator(config(seed=seed)) as sim, joined(sim, SPOT) as ws:
            venue = protocol("binance_spot")
            listed, _ = venue.parse_instruments((await ask(sim, SPOT, venue.instruments_request()))[1], SPOT)
            await subscribe(ws, SPOT, venue.stream_names([i.name for i in listed], trades=True))
            await sim.step_minutes(3)
            return await until_quiet(ws)

    one, two, other = await play(1), await play(1), await play(2)
    assert one == two
    assert len(one) > 500
    assert one != other


@BOTH
async def test_listing_time_and_errors(market):
    venue = protocol(VENUES[market])
    async with Simulator(config()) as sim:
        status, body, headers = await ask(sim, market, venue.instruments_request())
        listed, weight = venue.parse_instruments(body, market)
        assert (status, weight) == (200, {SPOT: 6000, FUTURES: 2400}[market])
        assert venue.used_weight(headers) == venue.instruments_request().weight
        assert [i.name for i in listed][-2:] == ["SIM001USDT", "SIM002USDT"]
        assert all(i.generated and i.tick_size > 0 and i.lot_size > 0 and i.min_notional == 5 for i in listed)
        assert venue.parse_time((await ask(sim, market, venue.time_request()))[1]) == START_MS
        for params, code in (
            ({"symbol": "NOSUCH", "interval": "1m"}, -1121),
            ({"symbol": "BTCUSDT", "interval": "7m"}, -1120),
            ({"symbol": "btc/usdt", "interval": "1m"}, -1100),
            ({"interval": "1m"}, -1102),
            ({"symbol": "", "interval": "1m"}, -1105),
            ({"symbol": "BTCUSDT", "interval": "1m", "limit": "many"}, -1100),
            ({"symbol": "BTCUSDT", "interval": "1m", "limit": "0"}, -1130),
        ):
            status, body, headers = await get(sim, market, "/klines", **params)
            failure = venue.failure(status, body, headers)
            assert (status, failure.code) == (400, code), params
            assert failure.kind == ("bad_symbol" if code == -1121 else "bad_request")
        assert (await get(sim, market, "/nothing"))[0] == 404
        ticker = json.loads((await get(sim, market, "/ticker/24hr", symbol="BTCUSDT"))[1])
        assert float(ticker["lowPrice"]) <= float(ticker["lastPrice"]) <= float(ticker["highPrice"])
        assert len(json.loads((await get(sim, market, "/ticker/24hr"))[1])) == 8


async def test_unread_parameters_are_refused_on_spot():
    async with Simulator(config()) as sim:
        status, body, _ = await get(sim, SPOT, "/klines", symbol="BTCUSDT", interval="1m", colour="red")
        assert (status, json.loads(body)["code"]) == (400, -1104)


async def test_weight_runs_out_with_429_and_418():
    venue = protocol("binance_futures")
    async with Simulator(config()) as sim:
        request = venue.klines_request("BTCUSDT", "1m", from_ms=None, to_ms=None, limit=1500)
        statuses, kinds = [], set()
        for _ in range(255):
            status, body, headers = await ask(sim, FUTURES, request)
            statuses.append(status)
            if status != 200:
                failure = venue.failure(status, body, headers)
                kinds.add(failure.kind)
                assert failure.code == -1003
                assert 0 < failure.retry_after_s <= 120
        # a clock minute may end in between; after the first refusal the rest follows within it
        assert {200, 429} <= set(statuses) <= {200, 429, 418}
        assert statuses.index(429) >= 240
        assert kinds <= {"rate", "banned"}


@BOTH
async def test_too_many_control_messages_end_the_connection(market):
    most = {SPOT: 5, FUTURES: 10}[market]
    async with Simulator(config()) as sim, joined(sim, market) as ws:
        for number in range(most):
            await ws.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
        assert [json.loads(await ws.recv())["id"] for _ in range(most)] == list(range(most))
        await ws.ping()
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await ws.recv()
        assert closed.value.rcvd.code == 1008
    async with Simulator(config(enforce_limits=False)) as sim, joined(sim, market) as ws:
        for number in range(50):
            await ws.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
        assert len([await ws.recv() for _ in range(50)]) == 50


async def test_paths():
    async with Simulator(config()) as sim:
        for market, path, status in (
            (SPOT, "/nothing", 404),
            (SPOT, "/market/stream", 404),
            (SPOT, "/stream?streams=" + "/".join(f"a{i}@kline_1m" for i in range(1025)), 414),
            (SPOT, "/ws/btcusdt@kline_1m?timeUnit=MICROSECOND", 400),
            (FUTURES, "/market", 404),
        ):
            with pytest.raises(websockets.InvalidStatus) as refused:
                async with joined(sim, market, path):
                    pass
            assert refused.value.response.status_code == status
        heard = {}
        async with (
            joined(sim, SPOT, "/ws/btcusdt@aggTrade/ethusdt@kline_1m") as raw,
            joined(sim, SPOT, "/stream?streams=btcusdt@aggTrade") as named,
            joined(sim, FUTURES, "/market/ws/btcusdt@aggTrade") as market,
            joined(sim, FUTURES, "/ws/btcusdt@aggTrade") as legacy,
            joined(sim, FUTURES, "/public/stream?streams=btcusdt@aggTrade") as public,
        ):
            await sim.step_minutes(1)
            for name, ws in {"raw": raw, "named": named, "market": market, "legacy": legacy, "public": public}.items():
                heard[name] = [json.loads(frame) for frame in await until_quiet(ws, 0.1)]
        assert {f["e"] for f in heard["raw"]} == {"aggTrade", "kline"}
        assert {f["stream"] for f in heard["named"]} == {"btcusdt@aggTrade"}
        assert {f["e"] for f in heard["market"]} == {"aggTrade"}
        assert heard["legacy"] == heard["public"] == []


async def test_more_than_300_connects_in_five_minutes_are_refused():
    async with Simulator(config(markets=(SPOT,), symbols_per_market=1)) as sim:
        codes = []
        for _ in range(302):
            with pytest.raises(websockets.InvalidStatus) as refused:
                async with joined(sim, SPOT, "/nothing"):
                    pass
            codes.append(refused.value.response.status_code)
        assert codes == [404] * 300 + [429] * 2


async def test_server_pings_and_ends_a_connection_without_pongs():
    async with Simulator(config(ping_s=(0.1, 0.2))) as sim:
        host, port = announce(sim)[SPOT]["ws"].removeprefix("ws://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"101 Switching Protocols" in head
        ping = await asyncio.wait_for(reader.readexactly(6), 5)
        assert ping[:2] == b"\x89\x04"
        rest = await asyncio.wait_for(reader.read(), 5)
        assert b"\x88" in rest
        writer.close()
        await writer.wait_closed()


async def test_lifetime_ends_a_connection():
    async with Simulator(config(lifetime_s=0.1)) as sim, joined(sim, SPOT) as ws:
        with pytest.raises(websockets.ConnectionClosedError):
            await asyncio.wait_for(ws.recv(), 5)


@BOTH
async def test_faults(market):
    venue = protocol(VENUES[market])
    async with Simulator(config()) as sim:
        async with joined(sim, market) as ws:
            await subscribe(ws, market, ["btcusdt@aggTrade", "ethusdt@aggTrade"])
            sim.silence("BTCUSDT")
            await sim.step_minutes(1)
            assert {m.symbol for f in await until_quiet(ws, 0.1) for m in venue.decode(f)} == {"ETHUSDT"}
            sim.silence("BTCUSDT", on=False)
            sim.pause(market)
            await sim.step_minutes(1)
            assert await until_quiet(ws, 0.1) == []
            await (await ws.ping())
            sim.pause(market, on=False)
            await sim.step_minutes(1)
            assert len({m.symbol for f in await until_quiet(ws, 0.1) for m in venue.decode(f)}) == 2
            sim.send_raw(market, b"not json")
            assert await ws.recv() == "not json"
            sim.shutdown_notice()
            assert venue.decode(await ws.recv()) == [ServerShutdown(sim.time.now_ms())]
            await sim.drop_connections(market)
            with pytest.raises(websockets.ConnectionClosedError) as closed:
                await ws.recv()
            assert closed.value.rcvd is None
        async with joined(sim, market) as ws:
            other = {SPOT: FUTURES, FUTURES: SPOT}[market]
            await sim.drop_connections(other)
            await (await ws.ping())
            await asyncio.gather(sim.drop_connections(abort=False), ws.wait_closed())
            assert ws.close_code == 1012


async def test_real_time_flows_and_speed_can_be_changed():
    venue = protocol("binance_futures")
    async with Simulator(config(speed=60.0, trades_per_minute=30, slice_ms=20)) as sim, joined(sim, FUTURES) as ws:
        await subscribe(ws, FUTURES, venue.stream_names(["BTCUSDT"], trades=True))
        seen = []
        while sum(isinstance(m, Kline) and m.final for m in seen) < 3:
            seen += venue.decode(await asyncio.wait_for(ws.recv(), 10))
        finals = [m.ts for m in seen if isinstance(m, Kline) and m.final]
        assert finals == [finals[0], finals[0] + 60_000, finals[0] + 120_000]
        with pytest.raises(BadInput, match="speed 0"):
            await sim.step_minutes(1)
        sim.set_speed(0)
        await until_quiet(ws, 0.2)
        await sim.step_minutes(1)
        assert any(isinstance(m, Kline) and m.final for f in await until_quiet(ws) for m in venue.decode(f))


async def test_live_mode_keeps_the_wall_clock():
    from engine.clock import SYSTEM_CLOCK, now_ms

    async with Simulator(SimulatorConfig(symbols_per_market=2)) as sim:
        before = now_ms(SYSTEM_CLOCK)
        venue = protocol("binance_spot")
        status, body, _ = await ask(sim, SPOT, venue.time_request())
        assert status == 200
        assert before - 50 <= venue.parse_time(body) <= now_ms(SYSTEM_CLOCK) + 50


async def test_run_serves_until_cancelled():
    started = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run(config(markets=(SPOT,)), started))
    sim = await asyncio.wait_for(started, 10)
    urls = announce(sim)
    assert list(urls) == [SPOT]
    async with joined(sim, SPOT) as ws:
        await ws.send('{"method":"LIST_SUBSCRIPTIONS","id":5}')
        assert protocol("binance_spot").decode(await ws.recv()) == [Ack(5, [])]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(OSError):
        await connect(urls[SPOT]["ws"])


def test_candles_have_the_shared_layout():
    assert candles("BTCUSDT").dtype == CANDLE_DTYPE
