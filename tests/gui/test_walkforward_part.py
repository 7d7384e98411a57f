"""The walk-forward's part on the small engine: run, rows, one strategy, a window, limits, promotion, lists."""

import msgspec
import pytest
from PySide6.QtGui import QGuiApplication

from app.parts.walkforward import WalkForwardPart
from engine.contracts import walkforward as wf
from engine.contracts.errors import BadInput
from engine.contracts.robustness import Limits
from engine.contracts.walk_views import GetFold, JudgeWalkForward
from tests.gui.light_desk import LightDesk
from widgets.viewmodels import walkforward as vm
from widgets.walkforward import detail as pages


@pytest.fixture
def desk(qtbot):
    made = LightDesk()
    made.part_ = WalkForwardPart(made)
    qtbot.addWidget(made.part_.slot)
    return made


def ready(d, *, run=True):
    """(panel, part) of an open panel; run: after a whole walk-forward."""
    part = d.part_
    panel = part.build()
    panel.form.set_symbol(d.engine.info.instruments[0].symbol)
    if run:
        part.handlers()["run_walkforward"]()
    return panel, part


def test_a_run_fills_the_ranking_and_shows_the_best(desk, tmp_path):
    d = desk
    panel, part = ready(d)
    asked = d.engine.of(wf.RunWalkForward)[-1].spec
    assert asked.symbol == d.engine.info.instruments[0].symbol
    assert asked.run_id
    assert [r.key for r in panel.ranking.cells.shown] == ["rsi_revert", "macd_cross", "gap_fade"]
    assert panel.detail.walk.summary.strategy == "rsi_revert"
    assert panel.detail.chip.text() == "✓ Passed"
    assert len(panel.timeline.folds) == 5
    assert len(panel.detail.equity.plot.curve) == 151
    assert "rsi_revert" in panel.rank_page.table.copy()
    assert len(panel.kept.model) == 1
    part.closer.choose("gap_fade")
    assert panel.detail.chip.text() == "✗ Not passed"


def test_rows_come_while_it_runs_and_a_stopped_one_goes_on(desk, tmp_path):
    d = desk
    d.engine.hold_walks = True
    panel, part = ready(d, run=False)
    part.handlers()["run_walkforward"]()
    job = panel.job
    d.engine.walk_row(job, "macd_cross", 0.4)
    d.engine.walk_state(job, "running", 0.4)
    assert panel.running
    assert [r.key for r in panel.ranking.cells.shown] == ["macd_cross"]
    assert not panel.timeline.judged
    assert "1 done" in panel.status.text()
    part.handlers()["stop_walkforward"]()
    assert not panel.running
    assert not panel.resume_button.isHidden()
    assert "Stopped" in panel.message.text()
    assert panel.kept.model.shown[0].cells[-1].text == "stopped"
    part.handlers()["resume_walkforward"]()
    again = d.engine.of(wf.RunWalkForward)
    assert [c.spec.run_id for c in again] == [job, job]
    assert len(panel.ranking.rows) == 1
    d.engine.walk_row(job, "rsi_revert", 0.01)
    d.engine.walk_state(job, "done", 1.0)
    assert len(panel.ranking.rows) == 2


def test_rows_of_another_run_are_left_out(desk, tmp_path):
    d = desk
    panel, _part = ready(d)
    d.engine.walk_specs["other"] = d.engine.walk_specs[panel.job]
    d.engine.walk_row("other", "donchian_breakout")
    assert "donchian_breakout" not in panel.ranking.rows


def test_limits_are_edited_judged_anew_and_reset(desk, tmp_path):
    d = desk
    panel, part = ready(d)
    part.closer.choose("macd_cross")
    card = panel.detail.verdict
    assert card.verdict.level == "fail"
    line = card.lines["luck"]
    line.limit.setText("not a number")
    line.limit.editingFinished.emit()
    assert not d.engine.of(JudgeWalkForward)
    line.limit.setText("")
    line.limit.editingFinished.emit()
    asked = d.engine.of(JudgeWalkForward)[-1]
    assert asked.limits.luck is None
    assert asked.strategies == ["macd_cross"]
    assert {c.name for c in card.verdict.checks} == {"sharpe"}
    assert card.reset.isEnabled()
    assert panel.limits.luck is None
    counts = panel.ranking.counts()
    card.reset.click()
    assert card.verdict.level == "fail"
    assert panel.limits == Limits()
    assert not card.reset.isEnabled()
    assert panel.ranking.counts() != counts or counts == {"fail": 3}


def test_promote_says_what_it_does_before_it_does_it_and_is_rolled_back(desk, tmp_path):
    d = desk
    panel, _part = ready(d)
    panel.detail.promote.click()
    assert not d.engine.of(wf.Promote)
    assert "No orders are placed" in panel.detail.question.text()
    assert not panel.detail.confirm.isHidden()
    panel.detail._promote()
    assert d.engine.of(wf.Promote)[-1].strategies == ["rsi_revert"]
    (row,) = panel.live.model.shown
    assert row.cells[5].text == "● live"
    panel.live.table.select(row.key)
    panel.live._update()
    panel.live.roll_back.click()
    assert d.engine.of(wf.Demote)[-1].number == row.key
    assert panel.live.model.shown[0].cells[5].text.startswith("until")
    assert not panel.live.roll_back.isEnabled()


def test_one_that_did_not_pass_is_promoted_with_a_warning(desk, tmp_path):
    d = desk
    panel, part = ready(d)
    part.closer.choose("gap_fade")
    panel.detail.ask_promote()
    assert "It did not pass" in panel.detail.question.text()


def test_parameters_matrix_and_fan(desk, tmp_path):
    d = desk
    panel, _part = ready(d)
    detail = panel.detail
    detail.tabs.setCurrentIndex(pages.FAN)
    assert d.engine.of(wf.GetMonteCarlo)[-1].kind == "bootstrap"
    assert detail.fan.plot.fan is not None
    assert "lose money" in detail.fan.words.text()
    detail.fan.kind.setCurrentIndex(1)
    detail.fan.kind.activated.emit(1)
    assert d.engine.of(wf.GetMonteCarlo)[-1].kind == "shuffle"
    asked = len(d.engine.of(wf.GetMonteCarlo))
    detail.fan.stopped()
    assert "Choose the kind again" in detail.fan.plot.note
    detail.fan.kind.activated.emit(1)
    assert len(d.engine.of(wf.GetMonteCarlo)) == asked + 1
    assert detail.fan.plot.fan is not None
    detail.tabs.setCurrentIndex(pages.PARAMETERS)
    assert detail.parameters.heat.cells.shape == (3, 3)
    detail.parameters.y_box.setCurrentText("n")
    assert detail.parameters.heat.cells.shape == (1, 3)
    detail.parameters.sliders["k"][0].setValue(1)
    assert "k: 2" in detail.parameters.sliders["k"][1].text()
    detail.tabs.setCurrentIndex(pages.MATRIX)
    detail.matrix.run.click()
    assert detail.matrix.plot.cells.shape == (3, 3)
    detail.matrix.plot.cellClicked.emit(0, 0)
    assert len(d.engine.of(wf.RunWalkForward)) == 1
    detail.matrix.plot.cellClicked.emit(2, 1)
    assert len(d.engine.of(wf.RunWalkForward)) == 2
    spec = d.engine.of(wf.RunWalkForward)[-1].spec
    assert (spec.windows.train, spec.windows.test, spec.strategies) == ("24mo", "3mo", ["rsi_revert"])


def test_the_estimate_follows_the_form_and_says_what_is_wrong(desk, tmp_path):
    d = desk
    panel, _part = ready(d, run=False)
    panel.ask_estimate()
    panel._estimate.flush()
    assert "12 s" in panel.status.text()
    panel.form.editors["train"].setText("90y")
    panel._estimate.flush()
    assert "leaves no bar" in panel.status.text()
    panel.form.editors["train"].setText("soon")
    panel.run()
    assert "12mo" in panel.form.fields["train"].error
    assert not d.engine.of(wf.RunWalkForward)


def test_a_refused_run_says_why(desk, tmp_path):
    d = desk
    panel, part = ready(d, run=False)
    d.engine.fail[wf.RunWalkForward] = BadInput("There are no bars to cut into windows.", fix="Take more.")
    part.handlers()["run_walkforward"]()
    assert "no bars" in panel.message.text()


def test_others_can_choose_and_the_palette_finds_it(desk, tmp_path):
    d = desk
    part = d.part_
    symbol = d.engine.info.instruments[2].symbol
    entry = next(e for e in part.found() if e.key == symbol)
    assert "Walk-forward" in entry.title
    part.choose(symbol, "macd_cross")
    assert part.panel.form.strategies_text() == "macd_cross"
    assert part.panel.form.form().symbol == symbol


def test_two_kept_ones_are_compared_and_a_queue_is_made(desk, tmp_path):
    d = desk
    panel, part = ready(d)
    d.now += 5
    part.handlers()["run_walkforward"]()
    jobs = [str(r.key) for r in panel.kept.model.shown]
    assert len(jobs) == 2
    panel.kept.table.selected = set(jobs)
    panel.kept._update()
    panel.kept.compare.click()
    assert panel.lists.currentWidget() is panel.compare
    assert len(panel.compare.model) == 3
    panel.compare.closeAsked.emit()
    symbols = [i.symbol for i in d.engine.info.instruments[:2]]
    part._ask_queue(wf.RunWalkForwardQueue(spec=panel.spec, symbols=symbols))
    assert [r.cells[0].text for r in panel.queue.model.shown] == symbols
    panel.queue.hold.click()
    assert panel.queue.hold.text() == "Go on"
    panel.queue.clear.click()
    assert len(panel.queue.model) == 0


@pytest.mark.parametrize("width", [430, 1056])
def test_every_page_paints_and_gives_its_values(desk, tmp_path, width):
    d = desk
    panel, _part = ready(d)
    detail = panel.detail
    panel.resize(width, 900)
    for page in range(detail.tabs.count()):
        detail.tabs.setCurrentIndex(page)
    plots = [panel.timeline, detail.equity.tiles, detail.equity.plot, detail.windows.bars, detail.parameters.heat,
             detail.parameters.drift, detail.fan.plot]  # fmt: skip
    for plot in plots:
        plot.resize(width - 20, 200)
        for x in (30.0, width / 2, width - 60.0):
            plot.hover = plot.rect().center().toPointF() if x == width / 2 else plot.rect().topLeft().toPointF()
            assert not plot.grab().isNull()
        assert plot.picture().width() == 2 * plot.width()
        if plot is not panel.timeline:
            assert plot.values().count("\n") >= 2
    detail.equity.plot.copy_values()
    assert QGuiApplication.clipboard().text().startswith("day,equity")
    path = tmp_path / "rows.csv"
    panel.rank_page.table.export(str(path))
    assert path.read_text().splitlines()[0].startswith("Strategy,TF,Net")
    detail.equity.plot.save_picture(str(tmp_path / "x.png"))
    assert (tmp_path / "x.png").stat().st_size > 500


def test_a_walk_that_failed_says_why(desk, tmp_path):
    d = desk
    panel, part = ready(d)
    row = panel.ranking.rows["gap_fade"]
    panel.ranking.put(msgspec.structs.replace(row, error="needs 900 bars to warm up", metrics={}))
    part.closer.choose("gap_fade")
    assert "900 bars" in panel.detail.verdict.words.text()
    assert panel.detail.promote.isHidden()


def test_a_window_goes_onto_the_chart_with_bands_trades_and_its_indicators(desk):
    d = desk
    panel, part = ready(d)
    part.slot.show()
    fold = panel.detail.walk.folds[3]
    panel.timeline.foldClicked.emit(3)
    assert d.engine.of(GetFold)[-1].fold == 3
    assert d.jumps[-1] == (panel.spec.symbol, "1h", fold.test_from_ms)
    assert panel.timeline.current == 3
    assert panel.detail.tabs.currentIndex() == pages.WINDOWS
    assert len(d.chart.trades) == 64
    assert d.chart.span == (fold.test_from_ms, fold.test_to_ms)
    assert [b.kind for b in d.chart.bands].count("train") == 1
    assert (d.chart.bands[3].from_ms, d.chart.bands[3].to_ms) == (fold.test_from_ms, fold.test_to_ms)
    assert "on the chart" in panel.detail.windows.status.text()
    part.slot.hide()
    assert d.chart.bands == []
    part.slot.show()
    assert len(d.chart.bands) > 3
    panel.bands.setChecked(False)
    assert d.chart.bands == []
    panel.bands.setChecked(True)
    assert len(d.chart.bands) == 6
    other = d.engine.info.instruments[5].symbol
    d.chart.show(other, "1h")
    part.charted(other, "1h")
    assert d.chart.bands == []
    assert panel.form.form().symbol == other


def test_an_answer_about_a_strategy_that_is_no_longer_chosen_is_dropped(desk):
    d = desk
    panel, part = ready(d)
    late = []
    plain = d.ask

    def ask(command, then, failed=None):
        if isinstance(command, wf.GetWalk) and command.strategy == "gap_fade":
            late.append((command, then))
        else:
            plain(command, then, failed)

    d.ask = ask
    part.closer.choose("gap_fade")
    part.closer.choose("macd_cross")
    command, then = late[0]
    then(d.engine._GetWalk(command))
    assert panel.detail.walk.summary.strategy == "macd_cross"


def test_what_is_kept_comes_back(desk, qtbot):
    panel, part = ready(desk)
    part.closer.choose("gap_fade")
    panel.form.editors["train"].setText("200d")
    panel.rank_page.table.sort_by(vm.SHARPE, False)
    panel.bands.setChecked(False)
    panel.detail.verdict.limitsChanged.emit(msgspec.structs.replace(panel.limits, luck=0.9))
    kept = msgspec.json.decode(msgspec.json.encode(part.kept()))
    other = LightDesk()
    other.engine.walk_specs, other.engine.walks = desk.engine.walk_specs, desk.engine.walks
    other.engine.complete = desk.engine.complete
    again = other.part_ = WalkForwardPart(other)
    qtbot.addWidget(again.slot)
    again.remember(kept)
    panel = again.build()
    assert panel.detail.walk.summary.strategy == "gap_fade"
    assert panel.form.form().train == "200d"
    assert (panel.ranking.cells.sort_column, panel.ranking.cells.descending) == (vm.SHARPE, False)
    assert not panel.bands.isChecked()
    assert panel.limits.luck == 0.9
    assert panel.detail.chip.text() == "✓ Passed"


@pytest.mark.parametrize(
    "kept", [{}, {"form": 3, "limits": {"luck": "x"}, "sort": [99, 1], "job": "gone"}, {"sort": "no"}]
)
def test_what_was_kept_wrongly_is_left_out(desk, kept):
    desk.part_.remember(kept)
    panel, _ = ready(desk)
    assert panel.limits == Limits()
    assert len(panel.ranking.rows) == 3
