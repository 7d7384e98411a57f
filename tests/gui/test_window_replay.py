"""The replay in the window: charts go back with a badge, transport and jumps ask the engine, and live comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.parts.replay import ReplayPart
from app.parts.signals import SignalsPart
from engine.contracts.commands import Candles, OpenChart
from engine.contracts.errors import BadInput
from engine.contracts.replay import (
    JumpReplay,
    PauseReplay,
    PlayReplay,
    ReplayAlert,
    ReplaySignals,
    ReplayState,
    StartReplay,
    StepReplay,
    StopReplay,
)
from engine.contracts.signals import SignalBatch
from tests.gui.fake_engine import NOW, FakeEngine, bars
from tests.gui.windowing import Desk, desk
from widgets.replay import ReplayPanel

pytestmark = pytest.mark.usefixtures("qapp")
MINUTE = 60_000
THEN = NOW - NOW % MINUTE - 600 * MINUTE


class PastEngine(FakeEngine):
    """Its one session is where the test puts it; its charts end there."""

    def __init__(self) -> None:
        super().__init__()
        self.at: ReplayState | None = None

    def tell(self, **change: Any) -> ReplayState:
        before = {f: getattr(self.at, f) for f in ReplayState.__struct_fields__} if self.at else {"session": "r1"}
        self.at = ReplayState(**{**before, "first_ms": THEN - 10**9, "last_ms": NOW, **change})
        self.emit(self.at)
        return self.at

    def _StartReplay(self, c: StartReplay) -> ReplayState:
        return self.tell(state="paused", ts=c.at_ms, symbols=c.symbols, charts=c.charts, provisional=c.provisional)

    def _PlayReplay(self, c: PlayReplay) -> ReplayState:
        return self.tell(state="playing", speed=c.speed)

    def _PauseReplay(self, c: PauseReplay) -> ReplayState:
        return self.tell(state="paused")

    def _StepReplay(self, c: StepReplay) -> ReplayState:
        assert self.at is not None
        return self.tell(state="paused", ts=self.at.ts + MINUTE)

    def _JumpReplay(self, c: JumpReplay) -> ReplayState:
        if c.at_ms < THEN - 10**9:
            raise BadInput("cannot be replayed from there", fix="Its candles begin later.")
        return self.tell(state="paused", ts=c.at_ms)

    def _StopReplay(self, c: StopReplay) -> ReplayState:
        told, self.at = self.tell(state="stopped"), None
        return told

    def _OpenChart(self, c: OpenChart) -> Candles:
        end = self.at.ts - 1 if self.at is not None and c.chart in self.at.charts else NOW
        return self._candles(c.symbol, c.timeframe, end, c.limit, c.series)


def parts_of(d: Desk) -> tuple[PastEngine, ReplayPart, ReplayPanel]:
    part = d.ctl.part("replay")
    assert isinstance(part, ReplayPart)
    panel = part.build()
    assert isinstance(panel, ReplayPanel)
    assert isinstance(d.engine, PastEngine)
    return d.engine, part, panel


def last_bar(d: Desk) -> int:
    assert d.ctl.chart is not None
    stack = d.ctl.chart.panel.stack
    return int(stack.bars.ts_at(stack.count() - 1))


def begun(d: Desk) -> tuple[PastEngine, ReplayPart, ReplayPanel]:
    """A replay from the bar that was clicked."""
    d.until(lambda: d.ctl.chart is not None and d.ctl.chart.panel.stack.count())
    chart = d.ctl.chart
    assert chart is not None
    chart.panel.stack.clear_cursor()
    chart.panel.barClicked.emit(THEN)
    d.ctl.actions.run("replay_here")
    d.settle()
    engine, part, panel = parts_of(d)
    d.until(lambda: part.model.on and last_bar(d) < THEN)
    d.settle()
    return engine, part, panel


def test_from_a_clicked_bar_and_back_to_live(tmp_path: Path) -> None:
    with desk(tmp_path, PastEngine()) as d:
        d.until(lambda: d.ctl.chart is not None and d.ctl.chart.panel.stack.count())
        live = last_bar(d)
        engine, part, panel = begun(d)
        chart = d.ctl.chart
        assert chart is not None
        (command,) = engine.of(StartReplay)
        assert (command.at_ms, command.symbols, command.provisional) == (THEN, [chart.symbol], True)
        assert last_bar(d) == THEN - MINUTE
        badge = chart.panel.stack.findChild(type(part.views[0]._badge))
        assert badge is not None
        assert badge.isVisible()
        assert badge.text().startswith("REPLAY 2026-")
        assert panel.clock.text() == part.model.clock() != ""

        # what is live now is not of the time that is shown
        engine.signal(0, symbol=chart.symbol)
        d.settle()
        assert chart.panel.stack.signals.neighbour(NOW - 2 * MINUTE, 1) is None

        d.ctl.actions.run("replay_stop")
        d.until(lambda: last_bar(d) == live)
        assert engine.of(StopReplay)
        assert not part.views
        assert not chart.replaying
        d.settle()
        assert "Click a bar" in panel.state_text


def test_transport_speed_and_keys(tmp_path: Path) -> None:
    with desk(tmp_path, PastEngine()) as d:
        engine, part, panel = begun(d)
        QTest.keyClick(panel, Qt.Key.Key_Space)
        d.settle()
        assert [c.speed for c in engine.of(PlayReplay)] == [60.0]
        panel.speeds.button(3).click()
        d.settle()
        assert [c.speed for c in engine.of(PlayReplay)] == [60.0, 600.0]
        QTest.keyClick(panel, Qt.Key.Key_Space)
        d.settle()
        assert len(engine.of(PauseReplay)) == 1
        QTest.keyClick(panel, Qt.Key.Key_Right)
        QTest.keyClick(panel, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        d.settle()
        assert d.ctl.chart is not None
        assert [c.timeframe for c in engine.of(StepReplay)] == [d.ctl.chart.timeframe, "1m"]
        engine.tell(state="playing", rate=12.3, signals=4321, alerts=2)
        d.settle()
        assert "12 bars a second · 4,321 signals, 2 alerts" in panel.words.text()
        engine.tell(state="ended")
        d.settle()
        assert not panel.play.isEnabled()
        # another window's session is not ours
        engine.emit(ReplayState(session="other", state="playing", ts=1))
        assert part.model.state is not None
        assert part.model.state.ts != 1


def test_jumping_by_a_date_and_on_the_span(tmp_path: Path) -> None:
    with desk(tmp_path, PastEngine()) as d:
        engine, part, panel = begun(d)
        panel.jump.setText("nonsense")
        QTest.keyClick(panel.jump, Qt.Key.Key_Return)
        assert not engine.of(JumpReplay)
        assert "2023-11-14" in panel.jump.toolTip()
        moment = THEN - 77 * MINUTE
        from widgets.viewmodels import formats

        panel.jump.setText(formats.minute(moment))
        QTest.keyClick(panel.jump, Qt.Key.Key_Return)
        d.settle()
        assert [c.at_ms for c in engine.of(JumpReplay)] == [moment]
        d.until(lambda: last_bar(d) == moment - MINUTE)
        QTest.mouseClick(panel.span, Qt.MouseButton.LeftButton, pos=QPoint(panel.span.width() // 2, 8))
        d.settle()
        half = (THEN - 10**9 + NOW) // 2
        assert engine.of(JumpReplay)[-1].at_ms == pytest.approx(half, abs=2 * 10**9 / panel.span.width())
        # where it cannot go it says so and stays
        stays = part.model.state
        panel.jump.setText("2001-01-01")
        QTest.keyClick(panel.jump, Qt.Key.Key_Return)
        d.settle()
        assert part.model.state is stays
        assert not part.model.busy


def test_its_signals_and_alerts_are_its_own(tmp_path: Path) -> None:
    with desk(tmp_path, PastEngine()) as d:
        engine, part, panel = begun(d)
        chart = d.ctl.chart
        assert chart is not None
        d.ctl.docks.show("replay")
        made = PastEngine()
        some = [made.signal(0, symbol=chart.symbol, at_ms=THEN - MINUTE, timeframe=chart.timeframe) for _ in range(3)]
        feed = d.ctl.part("signals")
        assert isinstance(feed, SignalsPart)
        shown = feed.model.total
        engine.emit(ReplaySignals(session="r1", block=SignalBatch.of(some).block()))
        d.settle()
        assert part.model.signals.total == 3
        assert panel.table.row_count() == 3
        # the feed shows them with the word, apart from the journal's
        assert feed.model.total == shown
        feed.widget.model.refresh()
        assert feed.widget.model.total == 3
        engine.emit(ReplaySignals(session="other", block=SignalBatch.of(some).block()))
        engine.emit(ReplaySignals(session="r1", block=SignalBatch.of(some[:1]).block(), reset=True))
        d.settle()
        assert part.model.signals.total == 1
        said: list[str] = []
        part.desk.say = lambda level, text, *_: said.append(text)  # type: ignore[misc]
        alert = ReplayAlert(session="r1", ts=THEN, signal=some[0], rule="strategy=* desktop", desktop=True, more=4)
        engine.emit(alert)
        engine.emit(alert)
        assert len(said) == 1
        assert said[0].startswith("Replay, 2026-")
        assert "4 more of this rule" in said[0]
        assert len(part.model.alerts) == 2


def test_an_engine_that_is_lost_leaves_a_place_to_go_on_from(tmp_path: Path) -> None:
    with desk(tmp_path, PastEngine(), PastEngine()) as d:
        engine, part, panel = begun(d)
        engine.tell(ts=THEN + 5 * MINUTE)
        engine.die()
        d.until(lambda: d.engine is not engine and d.ctl.client is not None)
        d.settle()
        assert not part.views
        assert part.model.resume is not None
        assert part.model.resume[0] == THEN + 5 * MINUTE
        assert panel.here.text().startswith("Go on from 2026-")
        d.until(lambda: last_bar(d) == int(bars("x", "1m", NOW, 1)["ts"][0]))
        panel.here.click()
        d.until(lambda: part.model.on)
        assert isinstance(d.engine, PastEngine)
        assert d.engine.of(StartReplay)[-1].at_ms == THEN + 5 * MINUTE
