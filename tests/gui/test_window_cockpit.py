"""Engine, jobs, log and parity panels in the window, on a small engine with real contract types."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.contracts.commands import CancelJob, JobStarted, Ok, RestartShard
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.events import Freshness, JobProgress, LogLine
from engine.contracts.parity import GetParity, ParityDifference, ParityReport, RunParity
from tests.gui.fake_engine import NOW, FakeEngine
from tests.gui.windowing import desk
from widgets.health import HealthPanel
from widgets.jobs import JobsPanel
from widgets.log import LogPanel
from widgets.parity import ParityPanel

pytestmark = pytest.mark.usefixtures("qapp")


class ParityEngine(FakeEngine):
    made: ParityReport | None = None

    def _RunParity(self, c: RunParity) -> JobStarted:
        return JobStarted(job="parity-1")

    def _GetParity(self, c: GetParity) -> ParityReport:
        if self.made is None:
            raise BadInput("There is no such report.")
        return self.made

    def _CancelJob(self, c: CancelJob) -> Ok:
        return Ok()


def test_the_cockpit_shows_every_shard_and_symbol(tmp_path: Path) -> None:
    with desk(tmp_path, FakeEngine()) as d:
        engine = d.engine
        panel = d.ctl.parts["health"].build()
        assert isinstance(panel, HealthPanel)
        engine.health("ggagrg")
        ages = np.linspace(0, 400, len(engine.info.instruments)).astype("<f4")
        engine.emit(Freshness(ts=NOW, ages=ages.tobytes()))
        d.ctl.docks.show("health")
        d.settle()
        assert panel.shards.row_count() == 6
        assert panel.shards.row_text(4)[1] == "down"
        assert panel.shards.height() > 6 * 20
        at = QPoint(14, 26)
        assert panel.map.symbol_at(at) == 0
        QTest.mouseMove(panel.map, at)
        QTest.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=at)
        assert d.ctl.chart is not None
        assert d.ctl.chart.symbol == engine.info.instruments[0].symbol
        assert panel.map.symbol_at(QPoint(2, 2)) == -1
        panel.restartRequested.emit("demo-binance-spot", 2)
        d.settle()
        (asked,) = engine.of(RestartShard)
        assert (asked.market, asked.shard) == ("demo-binance-spot", 2)
        d.add_engine(PyroError("it is gone"))
        engine.die()
        d.until(lambda: panel.stale_text.startswith("Stale since"))
        assert d.ctl.parts["health"].model.lost  # type: ignore[attr-defined]
        d.add_engine(FakeEngine())
        d.until(lambda: not panel.stale_text)


def test_jobs_are_followed_cancelled_and_opened(tmp_path: Path) -> None:
    with desk(tmp_path, ParityEngine()) as d:
        engine = d.engine
        panel = d.ctl.parts["jobs"].build()
        assert isinstance(panel, JobsPanel)
        opened: list[str] = []
        d.ctl.parts["backtest"].open_run = opened.append  # type: ignore[attr-defined]
        for job, state in (("one", "running"), ("two", "done"), ("three", "failed")):
            engine.job(job, state, 0.5, "no candles" if state == "failed" else "")
        d.ctl.docks.show("jobs")
        d.settle()
        assert [panel.table.row_text(r)[0] for r in range(3)] == ["running", "failed", "done"]
        panel.cancel.click()
        d.settle()
        assert [c.job for c in engine.of(CancelJob)] == ["one"]
        panel.table.select("two")
        panel.refresh()
        assert panel.open.isEnabled()
        panel.open.click()
        panel.table.opened.emit("three")
        assert opened == ["two"]
        panel.clear.click()
        assert [panel.table.row_key(r) for r in range(panel.table.row_count())] == ["one"]
        engine.die()
        d.until(lambda: panel.table.row_text(0)[0] == "failed")
        d.until(lambda: d.ctl.client is not None)


def test_the_log_is_kept_from_the_start_and_filtered(tmp_path: Path) -> None:
    with desk(tmp_path, FakeEngine()) as d:
        for k, level in enumerate(("info", "warning", "error", "debug")):
            d.engine.emit(LogLine(ts=NOW + k, level=level, source=("feeds", "store")[k % 2], text=f"line {k}"))
        panel = d.ctl.parts["log"].build()
        assert isinstance(panel, LogPanel)
        d.ctl.docks.show("log")
        d.settle()
        assert panel.table.row_count() == 3
        panel.source.setCurrentIndex(panel.source.findData("store"))
        assert [panel.table.row_text(r)[3] for r in range(panel.table.row_count())] == ["line 1"]
        panel.level.setCurrentIndex(panel.level.findData("error"))
        assert "source store" in panel.state_text
        panel.source.setCurrentIndex(0)
        panel.level.setCurrentIndex(panel.level.findData("debug"))
        assert panel.table.row_count() == 4
        assert "line 2" in panel.table.copy()
        assert d.ctl.parts["log"].kept() == {"level": "debug"}


def test_parity_runs_reports_and_leads_to_the_bar(tmp_path: Path) -> None:
    with desk(tmp_path, ParityEngine()) as d:
        engine = d.engine
        assert isinstance(engine, ParityEngine)
        panel = d.ctl.parts["parity"].build()
        assert isinstance(panel, ParityPanel)
        d.ctl.docks.show("parity")
        d.settle()
        assert "Does live say" in panel.state_text
        panel.day.setText("someday")
        panel.start.click()
        assert not engine.of(RunParity)
        panel.day.setText("2026-09-20")
        panel.start.click()
        d.settle()
        assert engine.of(RunParity)[0].day_ms == 1_789_862_400_000
        engine.emit(JobProgress(job="parity-1", kind="parity", title="p", state="running", fraction=0.4, step="BTC"))
        d.settle()
        assert panel.cancel.isVisible()
        assert "40% · BTC" in panel.words.text()
        panel.cancel.click()
        d.settle()
        assert engine.of(CancelJob)[0].job == "parity-1"
        symbol = engine.info.instruments[3].symbol
        bad = ParityDifference(
            kind="missing", symbol=symbol, timeframe="5m", bar_ts=NOW - 3_600_000, strategy="macd_cross", params="",
            side="long", action="entry", price=1.5,
        )  # fmt: skip
        engine.made = ParityReport(
            job="parity-1", day_ms=NOW, to_ms=NOW, symbols=1, idle=0, strategies=1, timeframes=["5m"], compared=10,
            same=9, missing=1, unexplained=1, differences=[bad],
        )  # fmt: skip
        engine.emit(JobProgress(job="parity-1", kind="parity", title="p", state="done", fraction=1.0))
        d.settle()
        assert panel.table.row_count() == 1
        assert "10 signals compared, 1 differ" in panel.model.headline()
        panel.table.rowActivated.emit(0)
        assert d.ctl.chart is not None
        assert (d.ctl.chart.symbol, d.ctl.chart.timeframe) == (symbol, "5m")
        d.settle()
