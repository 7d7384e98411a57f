"""Work on candles as clients of an engine ask for it: jobs with progress and Cancel, and the judgement as an answer."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from engine.clock import SYSTEM_CLOCK, now_ms
from engine.contracts.commands import CancelJob, DataList, ImportData, JobStarted, ListData
from engine.contracts.data import CheckData, DataQuality, DownloadData, ExportData, RepairData
from engine.contracts.errors import BadInput
from engine.contracts.events import JobProgress
from engine.runtime.client import EngineClient
from tests.headless.test_cli_bad_input import csv
from tests.process.test_engine_life import SMALL, client, start

pytestmark = pytest.mark.timeout(300)
DAY = 86_400_000
SPOT, FUTURES = "demo-binance-spot:BTCUSDT", "demo-binance-futures:ETHUSDT"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("data")
    process = start(root, *SMALL, "--demo", "--headless")
    try:
        yield root
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, (root / "engine.out").read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


async def finished(c: EngineClient, command: object) -> tuple[JobProgress, list[JobProgress]]:
    """The last event of the job that a command starts, and all of them."""
    events: asyncio.Queue[JobProgress] = asyncio.Queue()
    away = c.on(JobProgress, events.put_nowait)
    await c.subscribe("jobs")
    started: JobStarted = await c.ask(command)  # type: ignore[arg-type]
    seen: list[JobProgress] = []
    try:
        async with asyncio.timeout(120):
            while True:
                event = await events.get()
                if event.job == started.job:
                    seen.append(event)
                    if event.state in ("done", "failed", "cancelled"):
                        return event, seen
    finally:
        away()


async def test_download_check_repair_export_import(folder: Path, tmp_path: Path) -> None:
    begin = now_ms(SYSTEM_CLOCK) // DAY * DAY - 5 * DAY
    async with client(folder) as c:
        ask = DownloadData(symbols=[SPOT, FUTURES], from_ms=begin)
        last, seen = await finished(c, ask)
        assert last.state == "done", last.error
        assert "bars new or changed in 2 symbols" in last.step
        fractions = [e.fraction for e in seen]
        assert fractions == sorted(fractions)
        found: DataQuality = await c.ask(CheckData(symbols=[SPOT, FUTURES], timeframe="1m"))
        assert [s.bars >= 5 * 1440 for s in found.series] == [True, True]
        assert not found.negative
        last, _ = await finished(c, RepairData(symbols=[SPOT]))
        assert last.state == "done", last.error
        file = tmp_path / "out.parquet"
        last, _ = await finished(c, ExportData(symbol=SPOT, path=str(file), from_ms=begin, to_ms=begin + DAY))
        assert (last.state, pl.read_parquet(file).height) == ("done", 1440), last.error
        last, _ = await finished(c, ExportData(symbol=SPOT, path=str(file)))
        assert last.state == "failed"
        assert "there already" in last.error
        bars = csv(tmp_path / "MINEUSDT_1m.csv", 500)
        last, _ = await finished(c, ImportData(path=str(bars), market="demo-binance-spot"))
        assert (last.state, last.step) == ("done", "500 bars, 500 of them new or changed, 0 gaps")
        stored: DataList = await c.ask(ListData())
        assert {SPOT, FUTURES, "demo-binance-spot:MINEUSDT"} <= {s.symbol for s in stored.series}
        with pytest.raises(BadInput, match="no candles of"):
            await c.ask(CheckData(symbols=["binance-spot:NOPEUSDT"]))


async def test_cancel(folder: Path) -> None:
    async with client(folder) as c:
        ended: asyncio.Future[JobProgress] = asyncio.get_running_loop().create_future()
        running = asyncio.Event()
        steps: list[str] = []

        def hear(event: JobProgress) -> None:
            if event.kind == "download" and event.state == "running" and 0 < event.fraction < 1:
                steps.append(event.step)
                running.set()
            if event.state == "cancelled" and not ended.done():
                ended.set_result(event)

        c.on(JobProgress, hear)
        await c.subscribe("jobs")
        symbols = [i.symbol for i in c.info.instruments]
        job: JobStarted = await c.ask(DownloadData(symbols=symbols, source="rest"))
        async with asyncio.timeout(60):
            await running.wait()
            await c.ask(CancelJob(job=job.job))
            await ended
        assert any(symbol in steps[0] for symbol in symbols), "it says what it is at"
        stored: DataList = await c.ask(ListData())
        assert sum(s.bars for s in stored.series) > 0, "what came is kept"
