"""Walk-forwards on a real engine's bus: rows as they come, a closer look, a queue that outlives a kill, promotions."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.contracts.backtests import BacktestResult
from engine.contracts.commands import CancelJob
from engine.contracts.commands_base import Command, JobStarted
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.contracts.events import JobProgress, WalkRow
from engine.contracts.portfolios import Lane, PortfolioResult, PortfolioSpec, RunPortfolio
from engine.contracts.robustness import Limits, MonteCarloFan
from engine.contracts.walk_views import GetFold, Judged, JudgeWalkForward
from engine.contracts.walkforward import (
    Demote,
    Estimate,
    EstimateWalkForward,
    GetMonteCarlo,
    GetWalk,
    GetWalkForward,
    GetWalkMatrix,
    GetWalkPage,
    ListPromoted,
    ListWalkForwardQueue,
    ListWalkForwards,
    Promote,
    PromotedList,
    RunWalkForward,
    RunWalkForwardQueue,
    SearchSpec,
    SetWalkForwardQueue,
    WalkForwardQueue,
    WalkForwardResult,
    WalkForwardSpec,
    WalkMatrix,
    WalkResult,
    WindowSpec,
)
from engine.runtime.client import EngineClient, attach
from engine.runtime.folder import DataFolder
from engine.runtime.strategies import built_in
from engine.store.lake import Lake
from tests.headless.test_cli_walkforward import bars

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).resolve().parents[2]
SYMBOLS = ["binance-spot:AUSDT", "binance-spot:BUSDT", "binance-spot:CUSDT"]
FEW = [s.id for s in built_in()[::40]]
NOWHERE = "127.0.0.1:9"
LIMITS = [name for name in Limits.__struct_fields__ if name != "must"]


def start(folder: Path) -> subprocess.Popen[bytes]:
    """An engine on its own data with no venue in reach."""
    hosts = [f"feeds.spot_rest=http://{NOWHERE}", f"feeds.spot_ws=ws://{NOWHERE}"]
    command = [sys.executable, "-m", "app", "--data", str(folder), "--no-demo", "--markets", "binance-spot"]
    command += [word for host in hosts for word in ("--set", host)]
    with open(folder / "engine.out", "ab") as out:
        return subprocess.Popen(
            [*command, "--headless"], cwd=ROOT, env={**os.environ, "PYROQUANT_CONFIG": ""}, stdout=out, stderr=out
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = DataFolder(tmp_path_factory.mktemp("walks"))
    root.prepare()
    for seed, symbol in enumerate(SYMBOLS):
        Lake(root.lake).write(symbol, "1m", bars(seed))
    return root.root


@pytest.fixture
def engine(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = start(folder)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.asynccontextmanager
async def attached(folder: Path) -> AsyncIterator[EngineClient]:
    async with asyncio.timeout(120):
        while True:
            with contextlib.suppress(PyroError):
                client = await attach(DataFolder(folder), "test")
                break
            await asyncio.sleep(0.1)
    try:
        yield client
    finally:
        await client.close()


def spec(strategies: list[str], **other: object) -> WalkForwardSpec:
    return WalkForwardSpec(
        symbol=SYMBOLS[0],
        strategies=strategies,
        timeframe="15m",
        windows=WindowSpec(train="20d", test="10d"),
        search=SearchSpec(most_sets=4, min_trades=2),
        **other,  # type: ignore[arg-type]
    )


async def finished(client: EngineClient, job: str, ended: dict[str, str]) -> None:
    async with asyncio.timeout(200):
        while ended.get(job) not in ("done", "failed", "cancelled"):
            await asyncio.sleep(0.05)


async def stopped(client: EngineClient, command: Command, job: str, ended: dict[str, str]) -> None:
    """What takes long is a job with progress, and cancelling it ends the wait for its answer."""
    asked = asyncio.ensure_future(client.ask(command))
    async with asyncio.timeout(100):
        while ended.get(job) != "running":
            await asyncio.sleep(0.02)
        await client.ask(CancelJob(job=job))
        with pytest.raises(Cancelled):
            await asked
        while ended.get(job) != "cancelled":
            await asyncio.sleep(0.02)


async def test_a_walk_forward_on_the_bus(folder: Path, engine: subprocess.Popen[bytes], tmp_path: Path) -> None:
    async with attached(folder) as client:
        rows: list[str] = []
        ended: dict[str, str] = {}
        client.on(WalkRow, lambda event: rows.append(event.row.strategy))
        client.on(JobProgress, lambda event: ended.__setitem__(event.job, event.state))
        await client.subscribe(WalkRow.topic, JobProgress.topic)
        guess: Estimate = await client.ask(EstimateWalkForward(spec=spec(FEW)))
        assert (guess.strategies, guess.sets, guess.windows) == (len(FEW), 4 * len(FEW), 5)
        started: JobStarted = await client.ask(RunWalkForward(spec=spec(FEW)))
        await finished(client, started.job, ended)
        assert ended[started.job] == "done"
        assert set(rows) == set(FEW)
        result: WalkForwardResult = await client.ask(GetWalkForward(job=started.job))
        assert {row.strategy for row in result.rows} == set(FEW)
        listed = await client.ask(ListWalkForwards())
        assert listed.runs[0].job == started.job
        best = result.rows[0].strategy
        walk: WalkResult = await client.ask(GetWalk(job=started.job, strategy=best))
        assert len(walk.folds) == 5
        assert walk.verdict is not None
        fan: MonteCarloFan = await client.ask(GetMonteCarlo(job=started.job, strategy=best, paths=200))
        assert fan.paths == 200
        matrix: WalkMatrix = await client.ask(
            GetWalkMatrix(spec=spec([best]), trains=["10d", "20d"], tests=["5d", "900d"])
        )
        assert [len(row) for row in matrix.cells] == [2, 2]
        assert matrix.cells[0][0].windows > matrix.cells[1][0].windows - 2
        await stopped(
            client, GetMonteCarlo(job=started.job, strategy=best, kind="candles", run_id="fan-1"), "fan-1", ended
        )
        wide = msgspec.structs.replace(spec([best]), run_id="matrix-1")
        lengths = [f"{days}d" for days in range(5, 25)]
        await stopped(client, GetWalkMatrix(spec=wide, trains=lengths, tests=lengths), "matrix-1", ended)
        none = JudgeWalkForward(job=started.job, limits=Limits(**dict.fromkeys(LIMITS), must=()), strategies=[best])
        judged: Judged = await client.ask(none)
        assert [row.strategy for row in judged.rows] == [row.strategy for row in result.rows]
        assert all(row.passed for row in judged.rows if not row.error)
        assert judged.verdicts[best].checks == []
        same: Judged = await client.ask(JudgeWalkForward(job=started.job, limits=result.spec.limits))
        assert [(r.level, r.words) for r in same.rows] == [(r.level, r.words) for r in result.rows]
        fold = next(k for k, f in enumerate(walk.folds) if f.chosen >= 0)
        alone: BacktestResult = await client.ask(GetFold(job=started.job, strategy=best, fold=fold))
        assert len(np.frombuffer(alone.trades, TRADE_DTYPE)) == walk.folds[fold].test["trades"]
        with pytest.raises(BadInput, match="no window 99"):
            await client.ask(GetFold(job=started.job, strategy=best, fold=98))
        page = tmp_path / "page.html"
        await client.ask(GetWalkPage(job=started.job, path=str(page)))
        assert page.read_text().count("</html>") == 1
        live: PromotedList = await client.ask(Promote(job=started.job, strategies=[best]))
        assert [p.strategy for p in live.promoted] == [best]
        assert (await client.ask(Demote(number=live.promoted[0].number))).promoted == []
        history: PromotedList = await client.ask(ListPromoted(history=True))
        assert history.promoted[0].until_ms > 0
        with pytest.raises(BadInput, match="has no walk of"):
            await client.ask(Promote(job=started.job, strategies=["nothing"]))


async def test_a_portfolio_on_the_bus(folder: Path, engine: subprocess.Popen[bytes]) -> None:
    lanes = [Lane(strategy="turtle_fast", symbol=symbol, timeframe="1h") for symbol in SYMBOLS[:2]]
    async with attached(folder) as client:
        made: PortfolioResult = await client.ask(RunPortfolio(spec=PortfolioSpec(lanes=lanes, max_positions=1)))
        assert len(made.lane_metrics) == 2
        assert len(made.correlation) == 2
        assert made.metrics["trades"] > 10
        other = [Lane(strategy="turtle_fats", symbol=SYMBOLS[0], timeframe="1h")]
        with pytest.raises(BadInput, match="turtle_fats"):
            await client.ask(RunPortfolio(spec=PortfolioSpec(lanes=other)))


@pytest.mark.long
async def test_a_queue_outlives_the_engine(folder: Path) -> None:
    first = start(folder)
    try:
        async with attached(folder) as client:
            rows: list[str] = []
            client.on(WalkRow, lambda event: rows.append(event.symbol))
            await client.subscribe(WalkRow.topic)
            asked = RunWalkForwardQueue(spec=spec([]), symbols=[SYMBOLS[0], "binance-spot:NOSUCH", *SYMBOLS[1:]])
            queue: WalkForwardQueue = await client.ask(asked)
            assert len(queue.entries) == 4
            async with asyncio.timeout(200):
                while len(rows) < 5:
                    await asyncio.sleep(0.02)
            under_way = (await client.ask(ListWalkForwards())).runs[0]
            assert not under_way.complete
            assert under_way.rows > 0
            so_far: WalkForwardResult = await client.ask(GetWalkForward(job=under_way.job))
            assert len(so_far.rows) >= under_way.rows
            os.kill(first.pid, signal.SIGKILL)
    finally:
        first.kill()
        first.wait()
    second = start(folder)
    try:
        async with attached(folder) as client:
            left: WalkForwardQueue = await client.ask(ListWalkForwardQueue())
            assert len(left.entries) >= 3
            async with asyncio.timeout(250):
                while [e.state for e in (await client.ask(ListWalkForwardQueue())).entries] != ["failed"]:
                    await asyncio.sleep(0.2)
            (failed,) = (await client.ask(ListWalkForwardQueue())).entries
            assert "NOSUCH" in failed.error
            runs = (await client.ask(ListWalkForwards())).runs
            done = {run.spec.symbol: run for run in runs if not run.spec.strategies}
            assert set(done) == set(SYMBOLS)
            assert all(run.rows == len(built_in()) for run in done.values())
            cleared: WalkForwardQueue = await client.ask(SetWalkForwardQueue(clear=True))
            assert cleared.entries == []
    finally:
        end(second)
