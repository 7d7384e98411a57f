"""kill -9 of a whole engine, ten times: after each restart no candle and no signal is lost or doubled, no file is
broken, and what happened while it was dead is fetched, its signals marked late."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest

from engine.clock import SYSTEM_CLOCK
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.runtime.config import EngineConfig, VenueHosts
from engine.runtime.folder import DataFolder
from engine.runtime.strategies import built_in, market_programs
from engine.signals.history import decide
from engine.signals.types import SLOTS
from engine.simulator.server import Simulator, SimulatorConfig
from engine.store import lake_files
from engine.store.lake import Lake
from engine.store.recent import history
from engine.store.state import State
from tests.process.engine_child import Plan

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX signal")

ROOT = Path(__file__).resolve().parents[2]
MARKET = "binance-spot"
NAMES = ("AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT")
TIMEFRAMES = ("1m", "5m")
#: 2026-02-27T21:00Z: the runs cross midnight and, the slow ones, a month's end
START = 1_772_226_000_000
#: minutes before START that the lake has
PAST = 15_000
#: exchange minutes per second
SPEED = 60.0
KILLS = 10
#: s; the first start on a machine compiles
PATIENCE_S = 180.0
#: ms on the exchange (0.75 s of ours) in which no process can have started and connected: its imports take longer
UP_MS = 45_000


def series(seed: int, minutes: int) -> np.ndarray:
    """A random walk in whole cents; every twelfth minute or so has no trade."""
    rng = np.random.default_rng(seed)
    swing = 40 * np.sin(np.arange(minutes) / (9 + seed)) + 25 * np.sin(np.arange(minutes) / 61)
    close = 20_000 + 3_000 * seed + np.cumsum(rng.integers(-6, 7, minutes)) + swing.astype(np.int64)
    quiet = rng.random(minutes) < 0.08
    quiet[0] = False
    close = close[np.maximum.accumulate(np.where(quiet, 0, np.arange(minutes)))]
    opened = np.r_[close[0], close[:-1]]
    out = np.empty(minutes, CANDLE_DTYPE)
    out["ts"] = START + (np.arange(minutes) - PAST) * MINUTE_MS
    out["open"], out["close"] = opened / 100, close / 100
    out["high"] = (np.maximum(opened, close) + np.where(quiet, 0, rng.integers(0, 5, minutes))) / 100
    out["low"] = (np.minimum(opened, close) - np.where(quiet, 0, rng.integers(0, 5, minutes))) / 100
    out["volume"] = np.where(quiet, 0, rng.integers(1, 5_000, minutes)) / 1000
    return out


class Runs:
    """Starts engines on one folder, one after the other."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.folder = DataFolder(folder)
        self.log = folder / "engine.log"
        self.simulator = simulator
        config = EngineConfig(
            markets=(MARKET,),
            hosts={MARKET: VenueHosts(ws=simulator.spot_ws, rest=simulator.spot_rest)},
            timeframes=TIMEFRAMES,
            demo=False,
            history_bars=3_000,
            upkeep_s=0.1,
            flush_bars=4,
            keep_bars=1,
            compact_parts=3,
        )
        base, since = simulator.time.now_ms(), SYSTEM_CLOCK.monotonic_ns()
        self.plan = msgspec.json.encode(Plan(str(folder), config, base, since, SPEED)).decode()

    def start(self) -> subprocess.Popen[bytes]:
        with open(self.log, "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.process.engine_child", self.plan],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def newest(self) -> int:
        """Open time of the newest bar that lake or state has of all symbols."""
        state = State(self.folder.state, readonly=True)
        try:
            kept = state.last_final()
        finally:
            state.close()
        return min((kept.get((f"{MARKET}:{name}", "1m"), 0) for name in NAMES), default=0)

    async def caught_up(self, child: subprocess.Popen[bytes], after_ms: int) -> None:
        """Until the engine has stored every symbol's bar of after_ms."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not self._has(child, after_ms):
                    assert child.poll() is None, self.log.read_text()[-4000:]
                    await asyncio.sleep(0.05)
        except TimeoutError:
            child.send_signal(signal.SIGUSR1)
            await asyncio.sleep(0.5)
            pytest.fail(f"no progress beyond {self.newest()}:\n{self.log.read_text()[-12000:]}")

    def _has(self, child: subprocess.Popen[bytes], after_ms: int) -> bool:
        said = self.folder.read_endpoint()
        # a killed engine leaves its endpoint file behind
        return said is not None and said.pid == child.pid and self.newest() >= after_ms

    async def writing(self) -> None:
        """Until a file of the lake is being written, by the engine or by the compaction of its worker."""
        async with asyncio.timeout(30):
            while not any(self.folder.lake.rglob("*.writing")):
                await asyncio.sleep(0)

    async def replacing(self) -> None:
        """Until a part and those it replaces stand side by side (compaction); 3 s at most."""
        years = [next((self.folder.lake).glob(f"market=*/timeframe=1m/symbol={n}/year=*")) for n in NAMES]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3):
                while not any(len(g) > 1 for y in years for g in lake_files.clusters(lake_files.parts_in(y))):
                    await asyncio.sleep(0)


async def kill(child: subprocess.Popen[bytes]) -> int:
    """SIGKILL; the workers must find out by themselves. Returns how many there were."""
    family = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(signal.SIGKILL)
    assert await asyncio.to_thread(child.wait, 10) == -signal.SIGKILL
    async with asyncio.timeout(60):
        while any(lives(p) for p in family):
            await asyncio.sleep(0.05)
    return len(family)


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def check_files(folder: DataFolder) -> None:
    """Nothing broken, nothing doubled, no hole within what lake and state hold together."""
    lake, state = Lake(folder.lake), State(folder.state, readonly=True)
    try:
        for name in NAMES:
            symbol = f"{MARKET}:{name}"
            assert lake.check(symbol, "1m") == []
            steps = np.diff(history(state, lake, symbol)["ts"])
            assert (steps == MINUTE_MS).all(), f"{symbol}: a bar is missing or doubled"
        journal = state.signals(after=0, limit=10**6)
        doubled = [k for k, n in Counter(s.key for s in journal).items() if n > 1]
        assert doubled == []
    finally:
        state.close()


def expected(bars: dict[str, np.ndarray]) -> set[tuple[object, ...]]:
    """Keys of every confirmed signal on bars that close after START, by the history path, from the first bar on."""
    from engine.candles.minutes import aggregate

    programs = market_programs(built_in(), TIMEFRAMES)
    found: set[tuple[object, ...]] = set()
    for name, minutes in bars.items():
        end = int(minutes["ts"][-1]) + MINUTE_MS
        for timeframe, program in zip(TIMEFRAMES, programs, strict=True):
            length = timeframe_ms(timeframe)
            own = minutes if timeframe == "1m" else aggregate(minutes, timeframe)
            own = own[own["ts"] + length <= end]
            for bound, decisions in zip(program.bounds, decide(program, own, timeframe), strict=True):
                who = (bound.strategy.id, bound.strategy.version, bound.params_text, f"{MARKET}:{name}", timeframe)
                for slot, (side, action) in enumerate(SLOTS):
                    hits = own["ts"][(decisions.masks[slot] != 0) & (own["ts"] + length > START)]
                    found |= {(*who, int(ts), side, action, "confirmed") for ts in hits}
    return found


@pytest.mark.timeout(480)
async def test_ten_kills_lose_and_double_nothing(tmp_path):
    rng = random.Random(11)
    source = {name: series(k + 1, PAST + 1_440) for k, name in enumerate(NAMES)}
    lake = Lake(tmp_path / "lake")
    for name, bars in source.items():
        lake.write(f"{MARKET}:{name}", "1m", bars[:PAST])
    config = SimulatorConfig(
        markets=(MARKET,), speed=SPEED, start_ms=START, symbols_per_market=len(NAMES), trades_per_minute=3.0,
        base_activity=1.0, updates_per_minute=6,
    )  # fmt: skip
    dead: list[tuple[int, int]] = []
    killed = workers = 0
    async with Simulator(config, extra_series={(MARKET, n): b for n, b in source.items()}) as simulator:
        runs = Runs(tmp_path, simulator)
        for number in range(KILLS):
            dead.append((killed, simulator.time.now_ms()))
            child = runs.start()
            try:
                await until_a_moment(number, rng, runs, child)
            finally:
                workers += await kill(child)
                killed = simulator.time.now_ms()
            if number % 3 == 2:
                await asyncio.to_thread(check_files, runs.folder)
        dead.append((killed, simulator.time.now_ms()))
        child = runs.start()
        try:
            await runs.caught_up(child, simulator.time.now_ms() + 5 * MINUTE_MS)
        finally:
            child.send_signal(signal.SIGTERM)
            code = await asyncio.to_thread(child.wait, 30)
    assert workers, "no worker was running at any kill"
    assert code == 0, runs.log.read_text()[-4000:]
    assert runs.folder.read_endpoint() is None
    compare(runs.folder, source, dead)


async def until_a_moment(number: int, rng: random.Random, runs: Runs, child: subprocess.Popen[bytes]) -> None:
    """Rounds 3 and 7 die while starting, the others at work: in a write, in a compaction, or wherever they are."""
    if number in (3, 7):
        await asyncio.sleep(rng.uniform(0.3, 3.0))
        return
    await runs.caught_up(child, runs.simulator.time.now_ms() - MINUTE_MS)
    await asyncio.sleep(rng.uniform(0.0, 1.0))
    if number % 3 == 0:
        await runs.writing()
    elif number % 3 == 1:
        await runs.replacing()


def compare(folder: DataFolder, source: dict[str, np.ndarray], dead: list[tuple[int, int]]) -> None:
    """Bit for bit what the exchange had, and exactly the signals that its candles make."""
    check_files(folder)
    lake, state = Lake(folder.lake), State(folder.state)
    kept = {name: history(state, lake, f"{MARKET}:{name}") for name in NAMES}
    journal = [s for s in state.signals(after=0, limit=10**6) if s.kind == "confirmed"]
    state.close()
    assert not list(folder.lake.rglob("*.writing"))
    for name, bars in kept.items():
        assert len(bars) > PAST + KILLS
        assert np.array_equal(bars, source[name][: len(bars)]), name
    wanted = expected(kept)
    assert {s.key for s in journal} == wanted
    assert len(wanted) > 50
    # strategies that look back for weeks settle for longer than this; what all of them said is compared above
    assert not any(s.revised for s in journal)
    missed = [s for s in journal if any(a < s.bar_ts + timeframe_ms(s.timeframe) < b + UP_MS for a, b in dead[1:])]
    assert missed
    assert all(s.late for s in missed)
