"""Kept runs on the bus of a real engine, and beside one on the command line: one process writes the state."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from engine.backtest.breakdown import points
from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands import GetResult, KeepRun, ListRuns, RunBacktest, RunSql, SqlResult
from engine.contracts.errors import BadInput
from engine.contracts.events import JobProgress
from engine.contracts.metrics import METRICS
from engine.contracts.reports import CompareRuns, Comparison, DeleteRun, Exported, ExportRun, GetReport, Report
from engine.runtime.client import EngineClient
from tests.process.test_engine_life import client, engine, pyroquant  # noqa: F401 - a fixture

pytestmark = pytest.mark.timeout(300)


async def run_once(c: EngineClient, spec: BacktestSpec) -> str:
    ended: asyncio.Future[JobProgress] = asyncio.get_running_loop().create_future()
    c.on(JobProgress, lambda e: ended.done() or e.state in ("queued", "running") or ended.set_result(e))
    await c.subscribe("jobs")
    job = (await c.ask(RunBacktest(spec=spec))).job
    assert (await asyncio.wait_for(ended, 120)).state == "done"
    return job


async def test_reports_comparisons_and_files_on_the_bus(engine, tmp_path: Path) -> None:  # noqa: F811
    folder, _ = engine
    async with client(folder) as c:
        symbol = c.info.instruments[0].symbol
        spec = BacktestSpec(strategy="sma_cross", symbol=symbol, timeframe="1m")
        job = await run_once(c, spec)
        report: Report = await c.ask(GetReport(job=job))
        assert report.spec.symbol == symbol
        assert set(report.metrics) == set(METRICS)
        assert points(report.equity)["values"][0] == 10_000
        other: Report = await c.ask(GetReport(job=job, convention="vnpy"))
        assert other.convention_text.startswith("vnpy")

        # what was computed elsewhere is kept under its own name
        result = await c.ask(GetResult(job=job))
        kept = await c.ask(KeepRun(result=result, job="mine"))
        assert kept.job == "mine"
        found: Comparison = await c.ask(CompareRuns(jobs=[job, "mine"]))
        assert found.differences == []
        with pytest.raises(BadInput, match="cannot be compared"):
            await c.ask(CompareRuns(jobs=[job]))

        for ending in ("html", "json", "csv", "parquet"):
            made: Exported = await c.ask(ExportRun(job="mine", path=str(tmp_path / f"x.{ending}")))
            assert all(Path(f).exists() for f in made.files)
        with pytest.raises(BadInput, match="not a format"):
            await c.ask(ExportRun(job="mine", path=str(tmp_path / "x.doc")))

        answer: SqlResult = await c.ask(RunSql(query="SELECT DISTINCT job FROM metrics WHERE job = 'mine'"))
        assert answer.rows == [["mine"]]
        with pytest.raises(BadInput, match="nope") as caught:
            await c.ask(RunSql(query="SELECT nope FROM runs"))
        assert caught.value.where == "query, line 1, column 8"

        await c.ask(DeleteRun(job="mine"))
        assert "mine" not in [r.job for r in (await c.ask(ListRuns())).runs]
        with pytest.raises(BadInput, match="no result"):
            await c.ask(GetReport(job="mine"))


async def test_the_command_line_hands_its_run_to_the_engine_that_holds_the_state(engine) -> None:  # noqa: F811
    folder, _ = engine
    async with client(folder) as c:
        symbol = c.info.instruments[0].symbol
        await run_once(c, BacktestSpec(strategy="sma_cross", symbol=symbol, timeframe="1m"))

        async def says(*words: str) -> dict:
            command = pyroquant(folder, "--demo", *words, "--json")
            process = await asyncio.create_subprocess_exec(*command, stdout=-1, stderr=-1)
            out, err = await asyncio.wait_for(process.communicate(), 120)
            assert process.returncode == 0, err.decode()
            return json.loads(out)

        made = await says("backtest", "sma_cross", symbol, "--timeframe", "1m")
        assert made["job"] in [r.job for r in (await c.ask(ListRuns())).runs]
        assert (await c.ask(GetResult(job=made["job"]))).trade_hash == made["trade_hash"]
        assert (await says("runs", "delete", made["job"])) == {"deleted": [made["job"]]}
        assert made["job"] not in [r.job for r in (await c.ask(ListRuns())).runs]
