"""Lists of back-tests, portfolios, kept runs, the data panel and the SQL console through the whole window."""

import asyncio

import msgspec
import numpy as np

from engine.backtest.report import Run, compare
from engine.contracts import commands as cmd
from engine.contracts.commands_base import JobStarted, Ok
from engine.contracts.console import CancelSql
from engine.contracts.coverage import Coverage, FilePeek, SeriesCoverage
from engine.contracts.data import DownloadData
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.events import JobProgress
from engine.contracts.portfolios import PortfolioResult
from engine.contracts.reports import DeleteRun
from tests.gui.fake_engine import NOW, FakeEngine, result
from tests.gui.windowing import desk

JANUARY_2024 = (2024 - 1970) * 12


class LabEngine(FakeEngine):
    """A FakeEngine with kept runs, a lake, and queries."""

    def __init__(self):
        super().__init__()
        self.gone, self.lake = set(), 2
        self.portfolio_cancelled = asyncio.Event()
        self.hold_sql = False

    def _CancelJob(self, c):
        if c.job.startswith("portfolio"):
            self.portfolio_cancelled.set()
            return Ok()
        return super()._CancelJob(c)

    async def ask(self, command):
        if isinstance(command, cmd.RunPortfolio) and self.hold_jobs:
            self.asked.append(command)
            self.emit(JobProgress(job=command.spec.run_id, kind="portfolio", title="p", state="running", fraction=0.5))
            await self.portfolio_cancelled.wait()
            raise Cancelled("cancelled")
        if isinstance(command, cmd.RunSql) and self.hold_sql:
            self.asked.append(command)
            while not self.of(CancelSql):
                await asyncio.sleep(0.01)
            raise Cancelled("The query was stopped.")
        return await super().ask(command)

    def _RunPortfolio(self, c):
        one = result(cmd.RunBacktest(spec=None))
        trades = np.frombuffer(one.trades, TRADE_DTYPE)
        return PortfolioResult(
            spec=c.spec, first_ms=NOW, last_ms=NOW, metrics=one.metrics, lane_metrics=[], convention="daily",
            trade_hash="00", code_version="1", assumptions=["one account"], skipped=3, seconds=0.1, trades=one.trades,
            trade_lanes=(np.arange(len(trades)) % 2).astype("<i4").tobytes(), day_ts=one.equity_ts, equity=one.equity,
            returns=one.equity, correlation=[],
        )  # fmt: skip

    def _ListRuns(self, c):
        made = [
            cmd.RunSummary(job=job, created_ms=NOW + k, spec=run.spec, trade_hash="00", metrics={"sharpe": 1.0 + k})
            for k, (job, run) in enumerate(self.jobs.items())
        ]
        return cmd.RunList(runs=[r for r in made if r.job not in self.gone])

    def _CompareRuns(self, c):
        return compare([Run(job, NOW, result(self.jobs[job])) for job in c.jobs])

    def _DeleteRun(self, c):
        self.gone.add(c.job)
        return Ok()

    def _KeepRun(self, c):
        self.gone.discard(c.job)
        return JobStarted(job=c.job)

    def _GetCoverage(self, c):
        return Coverage(
            series=[
                SeriesCoverage(
                    symbol=f"binance-spot:S{k}USDT", timeframe="1h", total=100 + k, first_ms=1_704_067_200_000,
                    last_ms=NOW, files=1, size=1000, first_month=JANUARY_2024,
                    bars=np.array([60, 40 + k], "<i4").tobytes(), missing=np.array([0, k], "<i4").tobytes(),
                )
                for k in range(self.lake)
            ]
        )  # fmt: skip

    def _PeekFile(self, c):
        if "broken" in c.path:
            raise BadInput("This file is damaged.", where=c.path)
        columns = ["when", "o", "h", "l", "c"]
        return FilePeek(
            columns=columns,
            rows=[["2024-01-01", "1", "2", "0.5", "1"]],
            roles={},
            problem="There is no column for time.",
        )

    def _ImportData(self, c):
        return JobStarted(job="import-1")

    def _DownloadData(self, c):
        return JobStarted(job=f"download-{len(self.of(DownloadData))}")

    def _RunSql(self, c):
        if "wrong" in c.query:
            raise BadInput('no column "wrong"', where="query, line 2, column 8")
        symbol = self.info.instruments[0].symbol
        return cmd.SqlResult(columns=["symbol", "ts"], rows=[[symbol, NOW - k * 3_600_000] for k in range(50)])

    def _CancelSql(self, c):
        return Ok()


def test_a_list_of_symbols_is_a_table_of_runs(qtbot, tmp_path):
    with desk(tmp_path, LabEngine()) as d:
        panel = d.ctl.parts["backtest"].build()
        symbols = [i.symbol for i in d.engine.info.instruments[:3]]
        panel.set_symbol(", ".join(symbols))
        d.engine.hold_jobs = True
        panel.run()
        d.settle()
        jobs = list(d.engine.jobs)
        assert [c.spec.symbol for c in d.engine.of(cmd.RunBacktest)] == symbols
        d.engine.job(jobs[0], "done", 1.0)
        d.until(lambda: panel.result is not None)
        assert panel.running
        d.engine.job(jobs[1], "failed", 0.0, "no candles")
        d.engine.job(jobs[2], "done", 1.0)
        d.until(lambda: not panel.running)
        assert panel.batch.isVisibleTo(panel)
        assert [panel.batch.row_text(k)[0] for k in range(3)] == symbols
        assert panel.batch.row_text(1)[1] == "failed"
        assert "1 of 3 runs failed" in panel.message.text()
        panel.batch.rowActivated.emit(2)
        d.until(lambda: panel.result.spec.symbol == symbols[2])
        d.until(lambda: panel.view.report is not None)
        assert panel.view.hours.groups
        panel.view.conventionAsked.emit("vnpy")
        d.until(lambda: panel.view.report.convention == "vnpy")
        assert "240 days" in panel.view.convention_text.text()


def test_a_portfolio_is_shown_and_can_be_stopped(qtbot, tmp_path):
    with desk(tmp_path, LabEngine()) as d:
        panel = d.ctl.parts["backtest"].build()
        symbols = [i.symbol for i in d.engine.info.instruments[:2]]
        panel.set_symbol(", ".join(symbols))
        panel.form.together.setCurrentIndex(1)
        panel.run()
        d.until(lambda: not panel.running)
        assert panel.shown.portfolio is not None
        assert "2 symbols, one account" in panel.view.headline.text()
        assert panel.trades.row_text(1)[9].endswith(symbols[1].partition(":")[2])
        target = tmp_path / "trades.csv"
        d.ctl.parts["backtest"].export("csv", str(target))
        assert target.read_text(encoding="utf-8").splitlines()[2].startswith(symbols[1])
        d.engine.hold_jobs = True
        panel.run()
        d.until(lambda: "50%" in panel.status.text())
        panel.cancel()
        d.until(lambda: not panel.running)
        assert "Cancelled" in panel.message.text()


def test_trades_and_chart_know_each_other_and_the_form_comes_back(qtbot, tmp_path):
    with desk(tmp_path, LabEngine()) as d:
        part = d.ctl.parts["backtest"]
        panel = part.build()
        symbol = d.engine.info.instruments[0].symbol
        part.choose(symbol=symbol, strategy="rsi_revert", timeframe="1h", params={"n": 21.0})
        assert panel.form.params["n"].text() == "21"
        panel.form.more.lines["fee"].setText("0.02")
        d.ctl.jump(symbol, "1h", NOW)
        d.until(lambda: (d.ctl.chart.panel.symbol, d.ctl.chart.panel.timeframe) == (symbol, "1h"))
        panel.run()
        d.until(lambda: panel.result is not None)
        last = len(panel.shown.trades) - 1
        d.ctl.chart.panel.tradeClicked.emit(last)
        assert panel.trades.current == last
        panel.view.trades_view.choose("lost")
        winner = int(np.argmax(panel.shown.trades["pnl"]))
        d.ctl.chart.panel.tradeClicked.emit(winner)
        assert panel.trades.current == winner, "a filter that hides it is taken off"
        panel.trades.tradeActivated.emit(last)
        d.until(lambda: d.ctl.chart.panel.stack.trades.selected == last)
        kept = msgspec.json.decode(msgspec.json.encode(part.keep()))
        panel.form.more.lines["fee"].setText("")
        panel.form.choose_strategy("gap_fade")
        part.restore(kept)
        assert panel.form.strategy_id() == "rsi_revert"
        assert panel.form.params["n"].text() == "21"
        assert panel.form.more.lines["fee"].text() == "0.02"


def test_runs_are_searched_compared_deleted_and_brought_back(qtbot, tmp_path):
    with desk(tmp_path, LabEngine()) as d:
        panel = d.ctl.parts["backtest"].build()
        for k in range(3):
            panel.set_symbol(d.engine.info.instruments[k].symbol)
            panel.run()
            d.until(lambda: not panel.running)
        d.ctl.run("show_runs")
        runs = d.ctl.parts["runs"].build()
        d.until(lambda: runs.table.row_count() == 3)
        jobs = [runs.table.row_key(k) for k in range(3)]
        assert not runs.compare_button.isEnabled()
        runs.table.selected = set(jobs[:2])
        runs._selection()
        runs.compare_button.click()
        d.until(lambda: runs.comparison is not None)
        assert runs.figures.rows[1].title == "symbol"
        assert len(runs.growth.bands[0].curves) == 2
        runs.deleteAsked.emit(jobs[:1])
        d.until(lambda: runs.table.row_count() == 2)
        assert [c.job for c in d.engine.of(DeleteRun)] == jobs[:1]
        d.ctl.parts["runs"]._restore({jobs[0]: result(d.engine.jobs[jobs[0]])})
        d.until(lambda: runs.table.row_count() == 3)
        runs.search.setText("nothing like this")
        assert "nothing like this" in runs.state_text
        runs.search.setText("")
        runs.openAsked.emit(jobs[2])
        d.until(lambda: panel.shown.job == jobs[2])


def test_data_is_mapped_filtered_imported_and_resumed(qtbot, tmp_path):
    with desk(tmp_path, LabEngine()) as d:
        d.ctl.run("show_data")
        part = d.ctl.parts["data"]
        panel = part.build()
        d.until(lambda: panel.table.row_count() == 2)
        assert "2 series" in panel.totals.text()
        panel.faulty.setChecked(True)
        assert [r.name for r in panel.model.rows] == ["S1USDT"]
        panel.faulty.setChecked(False)
        panel.peekAsked.emit("/somewhere/odd.csv")
        d.until(lambda: panel.question is not None)
        question = panel.question
        question._accept()
        assert question.fields["symbol"].error
        question.symbol.setText("ODDUSDT")
        for box, role in zip(question.roles, ("time", "open", "high", "low", "close"), strict=True):
            box.setCurrentIndex(box.findData(role))
        question._accept()
        d.settle()
        asked = d.engine.of(cmd.ImportData)[0]
        assert (asked.symbol.partition(":")[2], asked.columns["close"]) == ("ODDUSDT", "c")
        d.engine.lake = 3
        d.engine.emit(JobProgress(job="import-1", kind="import", title="", state="done", step="1 bars"))
        d.until(lambda: panel.table.row_count() == 3)
        assert panel.lines.lines[0].text.text() == "1 bars"
        part.start(DownloadData(symbols=["binance-spot:S0USDT"]))
        d.settle()
        line = panel.lines.lines[0]
        line.stop.click()
        d.settle()
        assert [c.job for c in d.engine.of(cmd.CancelJob)] == ["download-1"]
        assert line.state == "cancelled"
        line.again.click()
        d.settle()
        assert len(d.engine.of(DownloadData)) == 2
        panel.search.setText("nothing")
        assert "No series fits" in panel.state_text


def test_sql_runs_fails_stops_and_sends_on(qtbot, tmp_path):
    with desk(tmp_path, LabEngine()) as d:
        d.ctl.run("show_sql")
        panel = d.ctl.parts["sql"].build()
        panel.put("SELECT symbol, ts\nFROM trades")
        panel.editor.runAsked.emit()
        d.until(lambda: not panel.running)
        assert panel.table.row_count() == 50
        symbol = d.engine.info.instruments[0].symbol
        panel.jump()
        d.settle()
        assert d.ctl.chart.symbol == symbol
        d.ctl.run("show_sql")
        panel.watchAsked.emit(panel.answer.symbols())
        panel.put("SELECT 1,\n       wrong")
        panel.run()
        d.until(lambda: not panel.running)
        assert "line 2, column 8" in panel.error.text()
        assert panel.editor.extraSelections()
        assert panel.table.row_count() == 50, "the last answer stays"
        d.engine.hold_sql = True
        panel.put("SELECT 2")
        panel.run()
        panel.cancel()
        d.until(lambda: not panel.running)
        assert d.engine.of(CancelSql)[0].id == d.engine.of(cmd.RunSql)[-1].id
        assert panel.status.text() == "Cancelled"
        assert [q.split()[1] for q in d.ctl.parts["sql"].keep()["history"]] == ["2", "1,", "symbol,"]
