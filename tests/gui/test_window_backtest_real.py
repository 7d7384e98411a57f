"""A back-test asked in the window of a real engine process, and the same one on the command line: the same trades."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from app.cli import run as pyroquant
from app.options import WindowOptions
from engine.clock import parse_iso
from engine.contracts.commands import EngineInfo
from engine.runtime import client
from engine.runtime.folder import DataFolder
from tests.gui.fake_engine import FakeEngine
from tests.gui.windowing import Desk, desk
from tests.shared import data

SYMBOL = "binance-spot:BTCUSDT"
FIRST, LAST = "2021-05-01", "2021-06-30"
#: the run, as the form takes it and as the command line takes it
STRATEGY, FROM, TO = "turtle_slow", "2021-05-03", "2021-06-20"
#: nothing listens on the discard port of this computer, so that no test asks a real exchange
NOWHERE = {
    f"feeds.{market}_{kind}": f"{scheme}://127.0.0.1:9"
    for market in ("spot", "futures")
    for kind, scheme in (("rest", "http"), ("ws", "ws"))
}


class RealDesk(Desk):
    """The window attaches to the engine process of its data folder."""

    async def _connect(self, options: WindowOptions) -> client.EngineClient:
        return await client.attach(DataFolder(options.data_folder), "window")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with two months of real minutes, and a running engine on it that reaches no venue."""
    root = tmp_path_factory.mktemp("desk")
    minutes = pl.scan_parquet(data("candles/binance-spot/BTCUSDT/1m.parquet"))
    slice_ = root / "slice.parquet"
    minutes.filter(pl.col("ts").is_between(parse_iso(FIRST), parse_iso(LAST))).sink_parquet(slice_)
    home = root / "data"
    assert pyroquant(["--data", str(home), "data", "import", str(slice_), "--symbol", SYMBOL]) == 0
    settings = [word for key, value in NOWHERE.items() for word in ("--set", f"{key}={value}")]
    said = (root / "engine.txt").open("wb")
    engine = subprocess.Popen(
        [sys.executable, "-m", "app", "--headless", "--no-demo", "--data", str(home), *settings],
        stdout=said,
        stderr=said,
    )
    try:
        asyncio.run(_until_offline(engine, DataFolder(home)))
        yield root
    finally:
        engine.send_signal(signal.SIGTERM)
        assert engine.wait(20) == 0, (root / "engine.txt").read_text()
        said.close()


async def _until_offline(engine: subprocess.Popen[bytes], home: DataFolder) -> EngineInfo:
    async with asyncio.timeout(60):
        while True:
            assert engine.poll() is None, "the engine ended"
            if home.read_endpoint() is not None:
                found = await client.attach(home, "test")
                await found.close()
                if found.info.state == "offline":
                    return found.info
            await asyncio.sleep(0.1)


@contextmanager
def window(folder: Path) -> Iterator[Desk]:
    """The open window, attached, its form filled with the real strategies."""
    with desk(folder, FakeEngine(), kind=RealDesk) as opened:
        form = opened.ctl.parts["backtest"].build().form
        opened.until(lambda: form.strategy.count(), 30.0)
        opened.settle()
        form.choose_strategy(STRATEGY)
        yield opened


def opened_parts(d: Desk, trade_hash: str) -> None:
    """What the other research panels say of the same engine: the map of its lake, its kept run, and SQL over both."""
    data, runs, sql = (d.ctl.parts[name].build() for name in ("data", "runs", "sql"))
    d.until(lambda: data.model.every and runs.model.runs, 60.0)
    row = data.model.find((SYMBOL, "1m"))
    assert row is not None
    assert int(row.bars.sum()) == row.found.total > 80_000
    assert runs.model.runs[0].trade_hash == trade_hash
    sql.put("SELECT (SELECT count(*) FROM candles) AS bars, (SELECT trade_hash FROM runs) AS hash")
    sql.run()
    d.until(lambda: not sql.running, 60.0)
    assert sql.answer.rows == [[row.found.total, trade_hash]], sql.error.text()


@pytest.mark.shared
def test_window_and_command_line_give_the_same_trades(
    qtbot: object, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with window(folder) as d:
        panel = d.ctl.parts["backtest"].build()
        panel.set_symbol(SYMBOL)
        panel.form.timeframe.setCurrentText("1h")
        panel.form.from_text.setText(FROM)
        panel.form.to_text.setText(TO)
        panel.run_button.click()
        d.until(lambda: not panel.running, 120.0)
        assert panel.result is not None, panel.message.text()
        shown = panel.result
        rows = panel.trades.row_count()
        report = panel.copy_report()
        opened_parts(d, shown.trade_hash)
    assert rows > 3
    assert shown.first_ms == parse_iso(FROM)
    assert shown.trade_hash in report

    arguments = ["backtest", STRATEGY, SYMBOL, "--timeframe", "1h", "--from", FROM, "--to", TO, "--json"]
    capsys.readouterr()
    assert pyroquant(["--data", str(folder / "data"), *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["trade_hash"] == shown.trade_hash
    assert told["data_fingerprint"] == shown.data_fingerprint
    assert len(told["trades"]) == rows
    assert {k: v for k, v in told["metrics"].items() if v is not None} == {
        k: v for k, v in shown.metrics.items() if v == v
    }


@pytest.mark.shared
@pytest.mark.parametrize(
    ("symbol", "first", "last", "word"),
    [
        (SYMBOL, "2015-01-01", "2015-02-01", "2015-02-01"),
        ("binance-spot:NOSUCHUSDT", FROM, TO, "NOSUCHUSDT"),
    ],
)
def test_a_run_that_cannot_be_tells_why_in_the_panel(
    qtbot: object, folder: Path, symbol: str, first: str, last: str, word: str
) -> None:
    with window(folder) as d:
        panel = d.ctl.parts["backtest"].build()
        panel.set_symbol(symbol)
        panel.form.from_text.setText(first)
        panel.form.to_text.setText(last)
        panel.run_button.click()
        d.until(lambda: not panel.running, 60.0)
        assert panel.result is None
        said = panel.message.text() + "".join(f.error for f in panel.form.fields.values())
        assert word in said
        assert panel.run_button.isEnabled()
