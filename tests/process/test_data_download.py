"""Downloads from the simulated venues: the whole history comes, once, whatever is absent, broken, cut off or killed."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.clock import SimulatedClock
from engine.contracts.data import QUOTE_COLUMNS, CheckData, DownloadData, RepairData
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.contracts.sessions import closed_ranges
from engine.feeds.oanda import TOKEN_VARIABLE
from engine.runtime.download import DownloadReport, download
from engine.runtime.folder import DataFolder
from engine.runtime.kept import TaskContext
from engine.runtime.tasks_data import check, repair_data
from engine.runtime.worker_wire import Sites
from engine.simulator.oanda import TOKEN
from engine.simulator.server import Simulator, SimulatorConfig

ROOT = Path(__file__).resolve().parents[2]
MINUTE, DAY = 60_000, 86_400_000
SPOT, FUTURES = "binance-spot:BTCUSDT", "binance-futures:ETHUSDT"
#: Wednesday: December's monthly file is there, so are the days of January; microseconds begin with 2025
NOW = 1_736_337_600_000  # 2025-01-08T12:00Z
BEGIN = 1_733_097_600_000  # 2024-12-02T00:00Z
CONFIG = SimulatorConfig(speed=0.0, start_ms=NOW, symbols_per_market=3, history_minutes=40 * 1440)


def series() -> np.ndarray:
    """Minutes from BEGIN to NOW with holes: two hours on one day, and a whole day."""
    ts = np.arange(BEGIN, NOW, MINUTE)
    gone = ((ts >= BEGIN + 3 * DAY + 7_200_000) & (ts < BEGIN + 3 * DAY + 14_400_000)) | (
        (ts >= BEGIN + 10 * DAY) & (ts < BEGIN + 11 * DAY)
    )
    out = np.empty(np.count_nonzero(~gone), CANDLE_DTYPE)
    out["ts"] = ts[~gone]
    walk = np.round(60_000 + np.cumsum(np.random.default_rng(1).normal(0, 5, out.size)), 2)
    out["close"], out["open"] = walk, np.concatenate(([60_000.0], walk[:-1]))
    out["high"], out["low"] = np.maximum(out["open"], walk) + 1, np.minimum(out["open"], walk) - 1
    out["high"], out["low"] = np.round(out["high"], 2), np.round(out["low"], 2)
    out["volume"] = np.round(1 + np.arange(out.size) % 97 * 0.25, 2)
    return out


@pytest.fixture
async def sim():
    extra = {("binance-spot", "BTCUSDT"): series(), ("binance-futures", "ETHUSDT"): series()}
    extra[("binance-futures", "币安人生USDT")] = series()[:9000]
    async with Simulator(CONFIG, clock=SimulatedClock(NOW), extra_series=extra) as made:
        yield made


@pytest.fixture
def context(tmp_path):
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    made = TaskContext(folder)
    yield made
    made.close()


def sites(sim: Simulator) -> Sites:
    rest = {"binance-spot": sim.spot_rest, "binance-futures": sim.futures_rest}
    oanda = dict.fromkeys(("oanda-forex", "oanda-commodities"), sim.oanda_rest) if sim.oanda else {}
    return Sites(rest=rest | oanda, archive=rest)


async def fetch(sim, context, *symbols, stopped=lambda: False, report=lambda *_: None, **keywords) -> DownloadReport:
    ask = DownloadData(symbols=list(symbols), **keywords)
    clock = SimulatedClock(sim.time.now_ms())
    return await asyncio.to_thread(download, ask, context, sites(sim), report, stopped, clock=clock)


def asked(sim: Simulator, market: str) -> list[str]:
    """Periods of the zips that were fetched since the last look, in order."""
    found = [p.rpartition("-1m-")[2].removesuffix(".zip") for p in sim.archive(market).asked if p.endswith(".zip")]
    sim.archive(market).asked.clear()
    return found


@pytest.mark.parametrize("source", ["auto", "archive", "rest"])
async def test_the_whole_history_comes_from_every_source(sim, context, source):
    """With header and without, in milliseconds and microseconds, two symbols at once."""
    told: list[float] = []
    start = BEGIN if source == "archive" else None
    done = await fetch(sim, context, SPOT, FUTURES, source=source, from_ms=start, report=lambda f, *_: told.append(f))
    assert not done.failed
    want = series()
    if source == "archive":
        want = want[want["ts"] < NOW // DAY * DAY]  # today has no file yet
    for symbol in (SPOT, FUTURES):
        assert np.array_equal(context.lake.read(symbol, "1m"), want)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0, abs=0.02)
    zips = asked(sim, "binance-spot")
    if source == "rest":
        assert zips == []
    else:
        assert zips[:2] == ["2024-12", "2025-01-01"]
        assert "2025-01-07" in zips
    assert all(not part.name.startswith(".") for part in context.lake.root.rglob("*.parquet"))


async def test_only_what_is_missing_is_asked_for_and_holes_are_remembered(sim, context):
    first = await fetch(sim, context, SPOT)
    assert (first.symbols[0].empty, first.symbols[0].holes) == (120 + 1440, 2)
    assert context.state.empty_ranges(SPOT, "1m") == [
        (BEGIN + 3 * DAY + 7_200_000, BEGIN + 3 * DAY + 14_400_000),
        (BEGIN + 10 * DAY, BEGIN + 11 * DAY),
    ]
    asked(sim, "binance-spot")
    again = await fetch(sim, context, SPOT)
    assert (again.symbols[0].missing, again.written) == (0, 0)
    assert asked(sim, "binance-spot") == []
    sim.time.move_to(NOW + 30 * MINUTE)
    # nothing new is traded in this series, and the newest minutes are not yet taken as empty
    later = await fetch(sim, context, SPOT)
    assert later.symbols[0].missing == 30
    assert context.state.empty_ranges(SPOT, "1m")[-1] == (NOW, NOW + 20 * MINUTE)
    found = check(CheckData(symbols=[SPOT]), context, lambda *_: None, lambda: False)
    assert not found.negative
    assert [(y.missing, y.known_empty) for y in found.series[0].years] == [(0, 1560), (0, 0)]


@pytest.mark.parametrize("source", ["archive", "rest"])
async def test_a_symbol_in_chinese_signs(sim, context, source):
    name = "binance-futures:币安人生USDT"
    to_ms = BEGIN + 3 * DAY
    done = await fetch(sim, context, name, source=source, from_ms=BEGIN, to_ms=to_ms)
    assert not done.failed
    assert context.lake.read(name, "1m").size == 3 * 1440


async def test_a_delisted_symbol_comes_from_the_archive_alone(sim, context):
    sim.delist("BTCUSDT", "binance-spot")
    for written in (1, 0):
        done = await fetch(sim, context, SPOT)
        assert not done.failed
        assert "no longer lists it" in done.symbols[0].notes[0]
        assert bool(done.written) == bool(written)
    want = series()
    assert np.array_equal(context.lake.read(SPOT, "1m"), want[want["ts"] < 1_735_689_600_000])
    assert "does not know" in (await fetch(sim, context, SPOT, source="rest")).failed[0].error


async def test_files_that_are_absent_or_broken_are_made_up_for(sim, context):
    monthly = "/data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-12.zip"
    day = "/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-01-{}.zip"
    archive = sim.archive("binance-spot")
    archive.gone |= {monthly, day.format("02")}
    archive.broken |= {day.format("03")}
    done = await fetch(sim, context, SPOT)
    assert np.array_equal(context.lake.read(SPOT, "1m"), series())
    assert any("2025-01-03" in note and "checksum" in note for note in done.symbols[0].notes)
    assert {"2024-12-05", "2024-12-31"} <= set(asked(sim, "binance-spot")), "days stand in for the month"
    only = await fetch(sim, context, "binance-spot:NOPE", SPOT)
    assert [bool(s.error) for s in only.symbols] == [True, False]
    assert "NOPE" in only.failed[0].error


async def test_without_rest_a_broken_file_is_an_error_and_a_holey_one_is_not_fetched_again(sim, context):
    sim.archive("binance-spot").broken.add("/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-01-03.zip")
    done = await fetch(sim, context, SPOT, source="archive", from_ms=BEGIN)
    assert "checksum" in done.failed[0].error
    sim.archive("binance-spot").broken.clear()
    await fetch(sim, context, SPOT, source="archive", from_ms=BEGIN)
    asked(sim, "binance-spot")
    await fetch(sim, context, SPOT, source="archive", from_ms=BEGIN)
    assert asked(sim, "binance-spot") == [], "the checksum of the month with the holes is the one that is known"
    context.lake.delete(SPOT, "1m")
    await fetch(sim, context, SPOT, source="archive", from_ms=BEGIN)
    assert context.lake.read(SPOT, "1m").size == np.count_nonzero(series()["ts"] < NOW // DAY * DAY), (
        "removed, and back"
    )


async def test_cancel_keeps_what_came_and_the_next_run_goes_on(sim, context):
    seen: list[float] = []

    def stop() -> bool:
        return len(seen) >= 2

    with pytest.raises(Cancelled, match="cancelled"):
        await fetch(sim, context, SPOT, source="rest", stopped=stop, report=lambda f, *_: seen.append(f))
    kept = context.lake.read(SPOT, "1m")
    want = series()
    assert 0 < kept.size < want.size
    assert np.array_equal(kept, want[np.isin(want["ts"], kept["ts"])])
    rest = await fetch(sim, context, SPOT, source="rest")
    assert rest.symbols[0].missing <= want.size - kept.size + 1560
    assert np.array_equal(context.lake.read(SPOT, "1m"), want)


async def test_repair_asks_for_holes_and_for_bars_that_cannot_be(sim, context):
    want = series()
    spoilt = want.copy()
    spoilt["high"][700] = spoilt["low"][700] - 5
    cut = np.concatenate([spoilt[:5000], spoilt[9000:]])
    context.lake.write(SPOT, "1m", cut)
    before = check(CheckData(symbols=[SPOT]), context, lambda *_: None, lambda: False)
    assert before.negative
    assert before.series[0].impossible == [int(want["ts"][700])]
    part = max(context.lake.root.rglob("*.parquet"))
    data = bytearray(part.read_bytes())
    data[len(data) // 3] ^= 0xFF
    part.write_bytes(data)
    ask = RepairData(symbols=[SPOT])
    done = await asyncio.to_thread(repair_data, ask, context, sites(sim), lambda *_: None, lambda: False)
    one = done.series[0]
    assert len(one.aside) == 1
    assert one.error == ""
    assert one.left == 0
    assert np.array_equal(context.lake.read(SPOT, "1m"), want)
    assert Path(one.aside[0]).exists(), "a damaged file is never deleted"
    assert not check(CheckData(symbols=[SPOT]), context, lambda *_: None, lambda: False).negative


async def test_oanda_minutes_with_bid_and_ask(context, monkeypatch):
    config = SimulatorConfig(speed=0.0, start_ms=NOW, markets=(), history_minutes=20 * 1440, oanda=True)
    names = ["oanda-forex:EUR_USD", "oanda-commodities:XAU_USD"]
    async with Simulator(config, clock=SimulatedClock(NOW)) as sim:
        site = Sites(rest=dict.fromkeys(("oanda-forex", "oanda-commodities"), sim.oanda_rest))

        async def run(**keywords) -> DownloadReport:
            ask = DownloadData(symbols=names, **keywords)
            clock = SimulatedClock(NOW)
            return await asyncio.to_thread(download, ask, context, site, lambda *_: None, lambda: False, clock=clock)

        monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        assert all("token" in s.error for s in (await run()).failed)
        monkeypatch.setenv(TOKEN_VARIABLE, "wrong")
        assert all("does not accept the token" in s.error for s in (await run()).failed)
        monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
        assert not (await run()).failed
        assert sim.oanda is not None
        for name in names:
            bars = context.lake.read_wide(name, "1m")
            assert set(QUOTE_COLUMNS) <= set(bars.dtype.names or ())
            assert bars.size > 15_000
            assert (bars["ask_close"] > bars["close"]).all()
            assert (bars["bid_close"] < bars["close"]).all()
            shut = closed_ranges(name.partition(":")[0], int(bars["ts"][0]), NOW)
            inside = np.searchsorted(shut[:, 0], bars["ts"], side="right") - 1
            assert not (bars["ts"] < shut[np.maximum(inside, 0), 1])[inside >= 0].any(), "a bar while it was closed"
            want = sim.oanda._minutes(name.partition(":")[2], int(bars["ts"][0]), NOW // MINUTE * MINUTE)
            assert np.array_equal(bars["close"], want["close"])
        calls = len(sim.oanda.asked)
        again = await run()
        assert again.written == 0
        assert len(sim.oanda.asked) - calls <= 4, "quiet minutes are not asked for again"
        context.lake.delete(names[0], "1m")
        assert (await run()).symbols[0].written > 15_000, "what was removed since is fetched again"
        assert "no archive" in (await run(source="archive")).failed[0].error
    assert not check(CheckData(), context, lambda *_: None, lambda: False).negative


async def test_what_cannot_be_asked(sim, context):
    for words, keywords in (
        ("names no market", {"symbols": ["BTCUSDT"]}),
        ("is not a source", {"symbols": [SPOT], "source": "ftp"}),
        ("is empty", {"symbols": [SPOT], "from_ms": 2, "to_ms": 1}),
        ("not a timeframe", {"symbols": [SPOT], "timeframe": "7m"}),
        ("No symbol", {"symbols": []}),
    ):
        with pytest.raises(BadInput, match=words):
            await asyncio.to_thread(
                download, DownloadData(**keywords), context, sites(sim), lambda *_: None, lambda: False
            )
    unknown = await fetch(sim, context, "oanda-forex:EUR_USD")
    assert "not known where the history" in unknown.failed[0].error


async def test_a_full_disk_stops_it_with_a_clear_word_and_leaves_nothing_half_written(sim, context, monkeypatch):
    """Files may not grow beyond 100 kB: what the month comes to does not fit, and the state goes on working."""
    import resource

    _ = context.written_state, context.state
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, old[1]))
    try:
        with pytest.raises(PyroError, match="no room left") as caught:
            await fetch(sim, context, SPOT, FUTURES, to_ms=BEGIN + 20 * DAY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert "what was there before is kept" in str(caught.value)
    assert not list(context.lake.root.rglob("*.writing"))
    assert all(context.lake.check(s, t) == [] for s, t in context.lake.names())
    assert not (await fetch(sim, context, SPOT, FUTURES)).failed
    assert np.array_equal(context.lake.read(SPOT, "1m"), series())


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX signal")
async def test_killed_in_the_middle_it_goes_on(tmp_path):
    """The real program over rows by REST, killed as soon as something is in the lake; the next run does the rest."""
    config = SimulatorConfig(symbols_per_market=3, history_minutes=45 * 1440)
    async with Simulator(config) as sim:
        names = ["binance-spot:BTCUSDT", "binance-spot:ETHUSDT"]
        command = [sys.executable, "-m", "app", "--data", str(tmp_path / "d")]
        command += ["--set", f"feeds.spot_rest={sim.spot_rest}", "--set", f"feeds.archive_url={sim.spot_rest}"]
        command += ["data", "download", *names, "--source", "rest"]
        child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lake = tmp_path / "d" / "lake"
        while child.poll() is None and not list(lake.rglob("part-*.parquet")):
            await asyncio.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        assert await asyncio.to_thread(child.wait) == -signal.SIGKILL, "it was done before it could be killed"
        context = TaskContext(DataFolder(tmp_path / "d"))
        before = {name: context.lake.read(name, "1m").size for name in names}
        assert 0 < sum(before.values()) < 2 * 45 * 1440
        done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        exchange = sim.exchanges["binance-spot"]
        for name in names:
            bars = context.lake.read(name, "1m")
            assert np.array_equal(np.diff(bars["ts"]), np.full(bars.size - 1, MINUTE))
            assert bars.size >= 45 * 1440 - 1
            row = exchange.source.index[name.partition(":")[2]]
            first = int(bars["ts"][0]) // MINUTE
            want = exchange.source.rows(row, first, first + bars.size - 1)
            assert np.array_equal(bars["close"], want["c"] / exchange.source.price_scale[row])
        context.close()
