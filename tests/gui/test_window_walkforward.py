"""The walk-forward in the whole window: a run, a window on the real chart, the engine lost in the middle of another."""

from engine.contracts import walkforward as wf
from tests.gui.test_workspace_restore import Engine
from tests.gui.windowing import desk


def test_a_run_a_window_on_the_chart_and_an_engine_that_is_lost(qtbot, tmp_path):
    with desk(tmp_path, Engine()) as d:
        d.ctl.docks.show("walkforward")
        d.settle()
        panel = d.ctl.part("walkforward").panel
        symbol = d.engine.info.instruments[0].symbol
        assert panel.form.form().symbol == symbol
        d.ctl.actions.run("run_walkforward")
        d.until(lambda: not panel.running and panel.detail.walk is not None, 20)
        d.settle()
        panel.timeline.foldClicked.emit(4)
        d.until(lambda: "on the chart" in panel.detail.windows.status.text(), 20)
        d.settle()
        chart = d.ctl.chart.panel
        assert (chart.symbol, chart.timeframe) == (symbol, "1h")
        assert len(chart.stack.trades.trades) == 64

        d.engine.hold_walks = True
        d.ctl.actions.run("run_walkforward")
        d.settle()
        job, second = panel.job, Engine()
        d.engine.walk_row(job, "macd_cross")
        second.walk_specs, second.walks = d.engine.walk_specs, d.engine.walks
        d.add_engine(second)
        d.engine.die()
        d.until(lambda: not panel.running, 20)
        d.until(lambda: d.ctl.client is second and not panel.stale_text, 20)
        d.settle()
        assert not panel.resume_button.isHidden()
        assert "kept" in panel.message.text()
        panel.resume_button.click()
        d.until(lambda: not panel.running, 20)
        assert second.of(wf.RunWalkForward)[-1].spec.run_id == job
        d.settle()
