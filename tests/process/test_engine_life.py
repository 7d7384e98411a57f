"""The real program as processes: an engine without a window, those who attach to it, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from engine.contracts.backtests import BacktestSpec
from engine.contracts.checks import CheckReport
from engine.contracts.commands import (
    CancelJob,
    Candles,
    CheckStrategies,
    Explain,
    GetCandles,
    ListSignals,
    ListStrategies,
    RunBacktest,
    SignalPage,
    StrategyList,
)
from engine.contracts.errors import PyroError
from engine.contracts.events import Health, JobProgress, Notice
from engine.contracts.why import Why
from engine.runtime.client import EngineClient, attach
from engine.runtime.folder import DataFolder

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--set", "feeds.symbols_per_connection=3", "--set", "feeds.shards_per_market=1"]


def pyroquant(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "app", "--data", str(folder), *arguments]


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYROQUANT_CONFIG": ""}
    with open(folder / "engine.out", "w") as out:
        return subprocess.Popen(
            pyroquant(folder, *arguments), cwd=ROOT, env=environment, stdout=out, stderr=out, text=True
        )


def said(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and stderr of a command that ends by itself."""
    done = subprocess.run(
        pyroquant(folder, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stderr


async def attached(folder: Path) -> EngineClient:
    async with asyncio.timeout(120):
        while True:
            with contextlib.suppress(PyroError):
                return await attach(DataFolder(folder), "test")
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A demo engine with six symbols; ended by SIGTERM, with exit code 0 and nothing left behind."""
    folder = tmp_path_factory.mktemp("data")
    process = start(folder, *SMALL, "--demo", "--headless")
    try:
        yield folder, process
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, (folder / "engine.out").read_text()
        assert not psutil.wait_procs(family, timeout=20)[1]
        assert not DataFolder(folder).endpoint.exists()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@contextlib.asynccontextmanager
async def client(folder: Path) -> AsyncIterator[EngineClient]:
    found = await attached(folder)
    try:
        yield found
    finally:
        await found.close()


async def test_an_engine_answers_and_its_pulse_shows_all_symbols(engine: tuple[Path, subprocess.Popen[str]]) -> None:
    folder, _ = engine
    async with client(folder) as c:
        assert c.info.demo
        assert len(c.info.instruments) == 6
        strategies: StrategyList = await c.ask(ListStrategies())
        assert len(strategies.strategies) >= 6
        page: SignalPage = await c.ask(ListSignals())
        assert isinstance(page.signals, list)
        bars: Candles = await c.ask(GetCandles(symbol=c.info.instruments[0].symbol, timeframe="15m", limit=50))
        assert bars.bars
        pulse: asyncio.Future[Health] = asyncio.get_running_loop().create_future()
        c.on(Health, lambda e: None if pulse.done() or e.warming else pulse.set_result(e))
        await c.subscribe("health")
        health = await asyncio.wait_for(pulse, 120)
        assert health.symbols == 6
        assert {s.market for s in health.shards} == {"demo-binance-spot", "demo-binance-futures"}


async def test_a_second_engine_on_the_same_folder_is_refused_in_one_sentence(
    engine: tuple[Path, subprocess.Popen[str]],
) -> None:
    folder, process = engine
    async with client(folder):
        code, text = await asyncio.to_thread(said, folder, "--headless", "--demo")
    assert code == 1
    assert f"another engine (process {process.pid}) already runs" in text
    assert "Traceback" not in text


EVERY_BAR = "strategy every_bar\ndirection long\nlong entry: close > open\nlong exit: close < open\n"
LOOP = "while True:\n    pass\n"


async def test_an_own_strategy_is_live_once_its_file_is_saved(engine: tuple[Path, subprocess.Popen[str]]) -> None:
    """Saved, explained, checked; a file with an endless loop is refused and the engine goes on."""
    folder, process = engine
    async with client(folder) as c:
        notices: asyncio.Queue[Notice] = asyncio.Queue()
        c.on(Notice, notices.put_nowait)
        await c.subscribe("notice")
        (folder / "strategies" / "mine.txt").write_text(EVERY_BAR)
        async with asyncio.timeout(60):
            while "every_bar" not in (await notices.get()).text:
                pass
        async with asyncio.timeout(100):
            while not await spoken(c, "every_bar"):
                await asyncio.sleep(1.0)
        symbol = c.info.instruments[0].symbol
        found: Why = await c.ask(Explain(strategy="every_bar", symbol=symbol, timeframe="1m"))
        assert found.rules[0].lines[0].text == "close > open"
        assert found.rules[0].lines[0].held == (found.close > found.open)
        report: CheckReport = await c.ask(CheckStrategies(strategies=["every_bar"]))
        assert [(check.strategy, check.badge) for check in report.checks] == [("every_bar", "clean")]
        listed: StrategyList = await c.ask(ListStrategies())
        assert next(s for s in listed.strategies if s.id == "every_bar").badge == "clean"

        (folder / "strategies" / "bad.py").write_text(LOOP)
        async with asyncio.timeout(60):
            while "endless loop" not in (await notices.get()).text:
                pass
        assert process.poll() is None
        assert await spoken(c, "every_bar")


async def spoken(c: EngineClient, strategy: str) -> bool:
    page: SignalPage = await c.ask(ListSignals(limit=5_000))
    return any(s.strategy == strategy for s in page.signals)


async def test_signals_follow_prints_json_lines(engine: tuple[Path, subprocess.Popen[str]]) -> None:
    folder, _ = engine
    async with client(folder) as c:
        while not (await c.ask(ListSignals(limit=1))).signals:
            await asyncio.sleep(0.5)
    follower = await asyncio.create_subprocess_exec(
        *pyroquant(folder, "signals", "--follow"), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert follower.stdout is not None
    try:
        line = json.loads(await asyncio.wait_for(follower.stdout.readline(), 60))
        assert {"strategy", "symbol", "timeframe", "bar_ts", "side", "kind", "price", "seq"} <= set(line)
        assert line["symbol"].startswith("demo-binance-")
    finally:
        follower.terminate()
        await follower.wait()


async def test_a_killed_jobs_process_fails_its_job_and_the_next_one_works(
    engine: tuple[Path, subprocess.Popen[str]],
) -> None:
    folder, process = engine
    async with client(folder) as c:
        spec = BacktestSpec(strategy="sma_cross", symbol=c.info.instruments[0].symbol, timeframe="15m")
        last: dict[str, JobProgress] = {}
        c.on(JobProgress, lambda e: last.__setitem__(e.job, e))
        await c.subscribe("jobs")

        async def ended(job: str) -> JobProgress:
            async with asyncio.timeout(120):
                while job not in last or last[job].state in ("queued", "running"):
                    await asyncio.sleep(0.02)
            return last[job]

        assert (await ended((await c.ask(RunBacktest(spec=spec))).job)).state == "done"
        worker = next(
            p for p in psutil.Process(process.pid).children() if "worker" in p.cmdline() and '"jobs"' in p.cmdline()[-1]
        )
        worker.suspend()
        job = (await c.ask(RunBacktest(spec=spec))).job
        while job not in last or last[job].state != "running":
            await asyncio.sleep(0.02)
        await asyncio.sleep(1.0)
        worker.kill()
        failed = await ended(job)
        assert failed.state == "failed"
        assert "process ended" in failed.error
        assert (await ended((await c.ask(RunBacktest(spec=spec))).job)).state == "done"

        worker = next(
            p for p in psutil.Process(process.pid).children() if "worker" in p.cmdline() and '"jobs"' in p.cmdline()[-1]
        )
        worker.suspend()
        job = (await c.ask(RunBacktest(spec=spec))).job
        while job not in last or last[job].state != "running":
            await asyncio.sleep(0.02)
        # running begins with a look at the history; the worker has it a moment later
        await asyncio.sleep(1.0)
        await c.ask(CancelJob(job=job))
        assert (await ended(job)).state == "cancelled"
        assert (await ended((await c.ask(RunBacktest(spec=spec))).job)).state == "done"


async def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        code, text = await asyncio.to_thread(said, tmp_path, "--headless", "--no-demo", "--bus", str(port))
    finally:
        server.close()
        await server.wait_closed()
    assert code == 1
    assert "cannot listen on this port" in text
    assert "Traceback" not in text
