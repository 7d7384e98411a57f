"""The simulated OANDA and archive keep the documented rules."""

from __future__ import annotations

import hashlib
import io
import zipfile

import aiohttp
import msgspec
import numpy as np
import pytest

from engine.clock import SimulatedClock
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.simulator.oanda import ACCOUNT, TOKEN
from engine.simulator.server import Simulator, SimulatorConfig, announce
from tests import shared

NOW = 1_736_337_630_000  # Wednesday 2025-01-08T12:00:30Z
CONFIG = SimulatorConfig(speed=0.0, start_ms=NOW, symbols_per_market=2, history_minutes=60 * 1440, oanda=True)
AUTH = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def sim():
    async with Simulator(CONFIG, clock=SimulatedClock(NOW)) as made:
        yield made


@pytest.fixture
async def get(sim):
    async with aiohttp.ClientSession() as session:

        async def ask(path: str, headers=AUTH, base: str = ""):
            async with session.get((base or sim.oanda_rest) + path, headers=headers) as reply:
                return reply.status, await (reply.json() if "json" in reply.content_type else reply.read())

        yield ask


async def test_account_and_instruments(sim, get):
    assert announce(sim)["oanda"]["token"] == TOKEN
    status, body = await get("/v3/accounts", {})
    assert (status, body) == (401, {"errorMessage": "Insufficient authorization to perform request."})
    assert (await get("/v3/accounts"))[1]["accounts"][0]["id"] == ACCOUNT
    listed = (await get(f"/v3/accounts/{ACCOUNT}/instruments"))[1]["instruments"]
    kinds = {i["type"] for i in listed}
    assert kinds == {"CURRENCY", "METAL", "CFD"}
    recorded = {"name", "type", "displayName", "pipLocation", "displayPrecision", "tradeUnitsPrecision", "marginRate"}
    assert all(recorded <= set(i) for i in listed)
    assert (await get("/v3/accounts/x/instruments"))[0] == 404


CANDLES = "/v3/instruments/EUR_USD/candles?granularity=M1"


async def test_candles(get):
    status, body = await get(CANDLES + "&price=MBA&count=3")
    assert status == 200
    last = body["candles"][-1]
    assert (last["complete"], last["time"]) == (False, "2025-01-08T12:00:00.000000000Z")
    assert [c["complete"] for c in body["candles"]] == [True, True, False]
    assert set(last) == {"complete", "volume", "time", "mid", "bid", "ask"}
    assert all(isinstance(last["mid"][k], str) for k in "ohlc")
    assert float(last["bid"]["c"]) < float(last["mid"]["c"]) < float(last["ask"]["c"])
    _, whole = await get(CANDLES + "&from=2025-01-03T21:50:00Z&count=30")
    times = [c["time"][:16] for c in whole["candles"]]
    assert len(times) == 30
    assert times[0] == "2025-01-03T21:50"
    assert not [t for t in times if "2025-01-03T22:00" <= t < "2025-01-05T22:00"], "the weekend has no bars"
    assert times[-1] > "2025-01-05T22:10"
    _, hours = await get(
        "/v3/instruments/EUR_USD/candles?granularity=H1&from=2025-01-07T00:00:00Z&to=2025-01-07T05:00:00Z"
    )
    assert [c["time"][11:13] for c in hours["candles"]] == ["00", "01", "02", "03", "04"]
    assert "bid" not in hours["candles"][0], "price is M unless asked"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("granularity=M3", "granularity"),
        ("granularity=M1&price=X", "price"),
        ("granularity=M1&count=5001", "count"),
        ("granularity=M1&from=2024-12-01T00:00:00Z&to=2025-01-01T00:00:00Z", "count"),
        ("granularity=M1&from=2024-12-01T00:00:00Z&to=2025-01-01T00:00:00Z&count=5", "count"),
        ("granularity=M1&from=yesterday", "from"),
    ],
)
async def test_refusals(get, query, words):
    status, body = await get(f"/v3/instruments/EUR_USD/candles?{query}")
    assert status == 400
    assert words in body["errorMessage"]
    assert (await get("/v3/instruments/NOPE/candles"))[0] == 400


async def test_archive_files_are_the_klines_with_their_checksum(sim, get):
    name = "BTCUSDT-1m-{}"
    path = "/data/spot/{}/klines/BTCUSDT/1m/" + name + ".zip"
    status, body = await get(path.format("daily", "2025-01-07"), base=sim.spot_rest)
    assert status == 200
    line = (await get(path.format("daily", "2025-01-07") + ".CHECKSUM", base=sim.spot_rest))[1].decode()
    assert line == f"{hashlib.sha256(body).hexdigest()}  {name.format('2025-01-07')}.zip\n"
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        assert packed.namelist() == [f"{name.format('2025-01-07')}.csv"]
        rows = packed.read(packed.namelist()[0]).decode().splitlines()
    assert len(rows) == 1440
    klines = (
        await get("/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1736208000000&limit=2", base=sim.spot_rest)
    )[1]
    first = rows[0].split(",")
    assert (first[0], first[6]) == (f"{klines[0][0]}000", f"{klines[0][6]}999"), "microseconds from 2025 on"
    assert first[1:6] == klines[0][1:6]
    old = (await get(path.format("monthly", "2024-12"), base=sim.spot_rest))[1]
    with zipfile.ZipFile(io.BytesIO(old)) as packed:
        assert packed.read(packed.namelist()[0]).startswith(b"1733011200000,")
    perpetual = "/data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-12.zip"
    with zipfile.ZipFile(io.BytesIO((await get(perpetual, base=sim.futures_rest))[1])) as packed:
        assert packed.read(packed.namelist()[0]).startswith(b"open_time,open,")
    for absent in ("2025-01-08", "2025-13-01", "2020-01-01"):
        assert (await get(path.format("daily", absent), base=sim.spot_rest))[0] == 404
    assert (await get(path.format("monthly", "2025-01"), base=sim.spot_rest))[0] == 404
    assert (await get(perpetual, base=sim.spot_rest))[0] == 404


async def test_rows_after_a_hole_are_found_from_before_it():
    """As the exchange does: the oldest rows from startTime, however far they are."""
    bars = np.full(400, 2.0, CANDLE_DTYPE)
    start = NOW // 60_000 * 60_000 - 9_000 * 60_000
    bars["ts"] = start + np.concatenate((np.arange(200), np.arange(5_000, 5_200))) * 60_000
    config = SimulatorConfig(speed=0.0, start_ms=NOW, symbols_per_market=1, markets=("binance-spot",))
    extra = {("binance-spot", "BTCUSDT"): bars}
    async with (
        Simulator(config, clock=SimulatedClock(NOW), extra_series=extra) as sim,
        aiohttp.ClientSession() as session,
    ):
        for interval, count in (("1m", 400), ("1h", 4 + 4)):
            url = f"{sim.spot_rest}/api/v3/klines?symbol=BTCUSDT&interval={interval}&startTime={start}&limit=1000"
            async with session.get(url) as reply:
                rows = await reply.json()
            times = [r[0] for r in rows]
            assert times == sorted(set(times))
            assert abs(len(rows) - count) <= 2


@pytest.mark.shared
async def test_replies_have_the_shape_of_recorded_ones(get):
    recorded = shared.data("messages/oanda/oandapyV20")
    candles = msgspec.json.decode((recorded / "instruments.json").read_bytes())["_v3_instruments_instrument_candles"]
    want = candles["response"]["candles"][0]
    made = (await get("/v3/instruments/EUR_USD/candles?count=5&granularity=M5"))[1]["candles"]
    assert len(made) == 5
    assert set(made[0]) == set(want)
    assert {k: type(v) for k, v in made[0]["mid"].items()} == {k: type(v) for k, v in want["mid"].items()}
    accounts = msgspec.json.decode((recorded / "accounts.json").read_bytes())
    listed = accounts["_v3_account_by_accountID_instruments"]["response"]["instruments"]
    euro = next(i for i in listed if i["name"] == "EUR_USD")
    found = (await get(f"/v3/accounts/{ACCOUNT}/instruments"))[1]["instruments"][0]
    assert {k: type(v) for k, v in found.items()} == {k: type(v) for k, v in euro.items()}
