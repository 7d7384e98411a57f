"""Two days of real candles through the simulator's sockets and our decoder: every bar must come back bit for bit."""

import json

import aiohttp
import numpy as np
import pyarrow.parquet as pq
import pytest
from websockets.asyncio.client import connect

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.feed import Kline, Malformed
from engine.simulator.config import FUTURES, SPOT
from engine.simulator.server import Simulator, SimulatorConfig, announce
from engine.venues.registry import protocol
from tests import shared

pytestmark = pytest.mark.shared
MINUTES = 2 * 1440


def real(path, start):
    table = pq.read_table(shared.data(path), filters=[("ts", ">=", start), ("ts", "<", start + MINUTES * 60_000)])
    out = np.empty(table.num_rows, CANDLE_DTYPE)
    for name in CANDLE_DTYPE.names:
        out[name] = table.column(name).to_numpy()
    return out


@pytest.mark.parametrize(
    "market, venue, path, start",
    [
        (SPOT, "binance_spot", "candles/binance-spot/BTCUSDT/1m.parquet", 1_582_070_400_000),
        (FUTURES, "binance_futures", "candles/binance-um/BTCUSDT/1m.parquet", 1_655_078_400_000),
    ],
    ids=["spot across the outage of 2020-02-19", "futures in the crash of 2022-06-13"],
)
async def test_two_days_of_real_candles_survive_the_wire(market, venue, path, start):
    source, made = real(path, start), protocol(venue)
    config = SimulatorConfig(
        markets=(market,), symbols_per_market=1, start_ms=start, speed=0, trades_per_minute=1, updates_per_minute=4,
        enforce_limits=False,
    )  # fmt: skip
    finals, bad = [], 0
    async with Simulator(config, extra_series={(market, "BTCUSDT"): source}) as sim:
        urls = announce(sim)[market]
        async with connect(made.stream_url(urls["ws"]), compression=None, max_size=None, max_queue=None) as ws:
            for _, text in made.subscribe(["btcusdt@kline_1m"], 1):
                await ws.send(text)
                assert json.loads(await ws.recv())["result"] is None
            await sim.step_minutes(MINUTES)
            while len(finals) < (source["volume"] > 0).sum():
                for message in made.decode(await ws.recv()):
                    bad += isinstance(message, Malformed)
                    if isinstance(message, Kline) and message.final:
                        finals.append(message)
        rows, cursor = [], start
        async with aiohttp.ClientSession() as session:
            while cursor < start + MINUTES * 60_000:
                request = made.klines_request("BTCUSDT", "1m", from_ms=cursor, to_ms=None, limit=1000)
                async with session.get(urls["rest"] + request.path, params=request.params) as reply:
                    page = made.parse_klines("BTCUSDT", await reply.read(), server_ms=sim.time.now_ms())
                if not page:
                    break
                rows += page
                cursor = page[-1].ts + 60_000
    columns = [(m.ts, m.open, m.high, m.low, m.close, m.volume) for m in finals]
    assert columns == source[source["volume"] > 0].tolist()
    assert [(m.ts, m.open, m.high, m.low, m.close, m.volume) for m in rows] == source.tolist()
    assert bad == 0
