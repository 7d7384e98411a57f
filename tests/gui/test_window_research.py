"""The back-test's flow through the whole window: form, run, progress, cancel, errors, report, jumps."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.contracts import commands as cmd
from engine.contracts.errors import BadInput
from tests.gui.fake_engine import FakeEngine
from tests.gui.windowing import desk


def ready(d):
    panel = d.ctl.parts["backtest"].build()
    panel.set_symbol(d.engine.info.instruments[0].symbol)
    return panel


def test_strategies_fill_form_and_panel(qtbot, tmp_path):
    with desk(tmp_path) as d:
        form = d.ctl.parts["backtest"].build().form
        assert form.strategy.count() == 5
        form.choose_strategy("rsi_revert")
        assert list(form.params) == ["n", "low"]
        assert form.params["n"].text() == "14"
        form.choose_strategy("gap_fade")
        assert not form.params


def test_run_shows_the_report(qtbot, tmp_path):
    with desk(tmp_path) as d:
        panel = ready(d)
        panel.form.choose_strategy("rsi_revert")
        panel.form.params["n"].setText("21")
        d.ctl.actions.run("run_backtest")
        d.until(lambda: panel.result is not None)
        spec = d.engine.of(cmd.RunBacktest)[0].spec
        assert spec.params == {"n": 21.0, "low": 30.0}
        assert spec.costs.fee is None
        assert panel.trades.row_count() == 64
        assert {f.name: f.text for f in panel.view.figures.figures}["Trades"] == "64"
        assert "ddof 1" in panel.view.convention_text.text()
        assert "market's taker fee" in panel.view.about.text()
        assert not panel.running
        assert panel.run_button.isEnabled()
        assert "9f3c2a7715d04be1" in panel.copy_report()
        assert QApplication.clipboard().text().startswith("rsi_revert · ")


def test_end_told_before_the_answer_is_not_lost(qtbot, tmp_path):
    class Quick(FakeEngine):
        def _RunBacktest(self, command):
            self.jobs["quick"] = command
            self.job("quick", "done", 1.0)
            return cmd.JobStarted(job="quick")

    with desk(tmp_path, Quick()) as d:
        panel = ready(d)
        panel.run()
        d.until(lambda: panel.result is not None)
        assert not panel.running


def test_progress_and_cancel(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.hold_jobs = True
        panel = ready(d)
        panel.run()
        d.settle()
        d.engine.job("job-1", "running", 0.4)
        assert panel.progress.value() == 400
        assert panel.status.text() == "40%, 4 s left"
        assert "40%" in d.window.status.job.text()
        qtbot.mouseClick(panel.cancel_button, Qt.MouseButton.LeftButton)
        d.settle()
        assert [c.job for c in d.engine.of(cmd.CancelJob)] == ["job-1"]
        assert not panel.running
        assert "Cancelled" in panel.message.text()
        assert d.window.status.job.text() == ""


def test_cancel_before_the_job_is_known_is_sent_as_soon_as_it_is(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.hold_jobs = True
        panel = ready(d)
        panel.run()
        panel.cancel()
        d.settle()
        assert [c.job for c in d.engine.of(cmd.CancelJob)] == ["job-1"]
        assert not panel.running


def test_other_jobs_do_not_move_our_bar(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.hold_jobs = True
        panel = ready(d)
        panel.run()
        d.settle()
        d.engine.job("somebody-else", "running", 0.9)
        assert panel.progress.value() == 0


def test_refused_and_failed_runs_say_why_and_keep_the_last_report(qtbot, tmp_path):
    with desk(tmp_path) as d:
        panel = ready(d)
        panel.run()
        d.until(lambda: panel.result is not None)
        d.engine.fail[cmd.RunBacktest] = BadInput("no bars in this range", fix="Choose a wider range.")
        panel.run()
        d.settle()
        assert panel.message.text() == "no bars in this range. Choose a wider range."
        assert panel.result is not None
        assert panel.trades.row_count() == 64
        d.engine.fail.clear()
        d.engine.hold_jobs = True
        panel.run()
        d.settle()
        d.engine.job("job-2", "failed", 0.2, "The lake's file is damaged; run data repair.")
        assert panel.message.text() == "The lake's file is damaged; run data repair."
        assert panel.run_button.isEnabled()


def test_wrong_fields_are_marked_and_nothing_is_run(qtbot, tmp_path):
    with desk(tmp_path) as d:
        panel = ready(d)
        panel.form.symbol.setText("NOSUCH")
        panel.form.from_text.setText("soon")
        d.ctl.actions.run("run_backtest")
        d.settle()
        assert not d.engine.of(cmd.RunBacktest)
        assert "not a known symbol" in panel.form.fields["symbol"].error
        assert "not a date" in panel.form.fields["from"].error
        assert not panel.form.fields["to"].error
        panel.form.symbol.setText(d.engine.info.instruments[0].symbol)
        panel.form.set_range(30)
        panel.run()
        d.until(lambda: panel.result is not None)
        assert not panel.form.fields["symbol"].error


def test_a_trade_jumps_the_chart(qtbot, tmp_path):
    with desk(tmp_path) as d:
        panel = ready(d)
        panel.run()
        d.until(lambda: panel.result is not None)
        panel.trades.sortAsked.emit(6, True)
        pnl = panel.trades.trades.rows["pnl"]
        best = panel.trades.row_key(0)
        assert pnl[best] == pnl.max()
        panel.trades.rowActivated.emit(best)
        d.settle()
        assert d.engine.of(cmd.OpenChart)[-1].timeframe == panel.result.spec.timeframe


def test_trades_are_exported(qtbot, tmp_path):
    with desk(tmp_path) as d:
        panel = ready(d)
        panel.run()
        d.until(lambda: panel.result is not None)
        target = tmp_path / "trades.csv"
        panel.export_trades(str(target))
        assert len(target.read_text(encoding="utf-8").splitlines()) == 65


def test_strategy_panel_hands_its_choice_over(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.ctl.parts["strategies"].do("backtest", "macd_cross")
        assert d.ctl.parts["backtest"].build().form.strategy_id() == "macd_cross"
        assert d.ctl.docks.is_visible("backtest")


def test_engine_lost_during_a_run_is_said(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.engine.hold_jobs = True
        panel = ready(d)
        panel.run()
        d.settle()
        d.add_engine(FakeEngine())
        d.engine.die("killed")
        d.until(lambda: not panel.running)
        assert "The run was lost" in panel.message.text()
