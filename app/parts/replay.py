"""Replay: the linked charts go back to a bar and on from there, with what the signal engine says on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QApplication

from app.actions import Spec
from app.parts.base import Desk, Part
from app.session import Client
from engine.contracts.errors import PyroError
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
from widgets.panel import Panel
from widgets.replay import ReplayPanel
from widgets.texts import mark, tr
from widgets.viewmodels.replay import SPEEDS, ReplayModel, alert_words

if TYPE_CHECKING:
    from app.charts import ChartLink
    from app.parts.replay_view import ReplayView

#: ms between two sounds, and between two messages about alerts; the others are counted on the panel
SOUND_EVERY, TOLD_EVERY = 400, 1_500
_GROUP = mark("Replay")


class ReplayPart(Part):
    name = "replay"
    title = mark("Replay")
    icon = "replay"
    kin = ("signals", "log", "chart")
    actions = (
        Spec("replay_here", mark("Replay from here"), ("Alt+Y",), _GROUP, "replay"),
        Spec("replay_toggle", mark("Replay: play or pause"), ("Ctrl+Alt+Space",), _GROUP, "play"),
        Spec("replay_step", mark("Replay: on to the close of the bar"), ("Ctrl+Alt+Right",), _GROUP, "step"),
        Spec("replay_stop", mark("Replay: back to live"), (), _GROUP, "live"),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = ReplayModel()
        self.views: list[ReplayView] = []
        self._sound, self._told = QElapsedTimer(), QElapsedTimer()

    # the part -------------------------------------------------------------------------------------------------------
    def make(self) -> Panel:
        panel = ReplayPanel(self.model, self._decimals)
        panel.hereAsked.connect(self.here)
        panel.startAsked.connect(self.start)
        panel.jumpAsked.connect(self.jump)
        panel.playAsked.connect(self._play)
        panel.pauseAsked.connect(lambda: self._send(PauseReplay(session=self.model.session)))
        panel.stepAsked.connect(self._step)
        panel.stopAsked.connect(self.stop)
        panel.barAsked.connect(self.desk.jump)
        return panel

    def connected(self, client: Client) -> None:
        self.listen(ReplayState, self._state)
        self.listen(ReplaySignals, self._signals)
        self.listen(ReplayAlert, self._alert)
        self._show()

    def lost(self, text: str) -> None:
        """The session went with the engine; the charts come back live, and it can go on where it was."""
        super().lost(text)
        self.model.lose()
        self._leave()
        self._show()

    def refresh(self) -> None:
        chart = self.desk.chart
        if chart is not None:
            self.model.timeframe = chart.timeframe
        if self.panel is not None:
            self._panel_of().refresh()

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "replay_here": self.here,
            "replay_toggle": lambda: self._panel_of().toggle() if self.made else None,
            "replay_step": lambda: self._step("") if self.model.on else None,
            "replay_stop": self.stop,
        }

    def keep(self) -> dict[str, Any]:
        panel = self._panel_of()
        return {"speed": panel.speed, "provisional": panel.provisional.isChecked()}

    def restore(self, kept: Mapping[str, Any]) -> None:
        if kept.get("speed") in SPEEDS:
            self._panel_of().set_speed(float(kept["speed"]))
        self._panel_of().provisional.setChecked(kept.get("provisional") is not False)

    # commands -------------------------------------------------------------------------------------------------------
    def here(self) -> None:
        """Begin at the bar under the crosshair, else at the one that was clicked, else in the middle of the view."""
        if self.model.resume is not None and not self.model.on:
            self.start(self.model.resume[0])
            return
        ms = self._bar()
        if ms is None:
            self.desk.say("info", tr("Open a chart first; the replay begins at one of its bars."))
            return
        self.from_bar(ms)

    def from_bar(self, ms: int) -> None:
        """Begin at a bar, or go there where one has begun."""
        (self.jump if self.model.on else self.start)(ms)

    def start(self, at_ms: int) -> None:
        """The linked charts go back to a moment; what opens there is not known yet."""
        self.desk.show("replay")
        panel = self._panel_of()
        self._leave()
        links = self._linked()
        symbols = list(dict.fromkeys([*(link.symbol for link in links), *(self.model.resume or (0, []))[1]]))
        if not any(symbols):
            self.desk.say("info", tr("Open a chart first; the replay begins at one of its bars."))
            return
        self.model.busy = True
        self._show()
        command = StartReplay(
            at_ms=int(at_ms),
            symbols=[s for s in symbols if s],
            charts=[link.chart for link in links],
            provisional=panel.provisional.isChecked(),
        )
        self.desk.ask(command, lambda state: self._started(state, links), self._failed)

    def jump(self, at_ms: int) -> None:
        self.model.busy = True
        self._show()
        command = JumpReplay(session=self.model.session, at_ms=int(at_ms))
        self.desk.ask(command, lambda state: self._jumped(state), self._failed)

    def stop(self) -> None:
        """Back to live."""
        if self.model.on:
            self._send(StopReplay(session=self.model.session))
        self.model.state = self.model.resume = None
        self._leave()
        self._show()

    def _play(self, speed: float) -> None:
        self._send(PlayReplay(session=self.model.session, speed=speed))

    def _step(self, timeframe: str) -> None:
        chart = self.desk.chart
        self._send(StepReplay(session=self.model.session, timeframe=timeframe or (chart.timeframe if chart else "1m")))

    def _send(self, command: Any) -> None:
        if self.desk.client is not None:
            self.desk.ask(command, self._state)

    def _failed(self, error: PyroError) -> None:
        self.model.busy = False
        self.desk.say("error", str(error), str(error))
        self._show()

    # what the engine says -------------------------------------------------------------------------------------------
    def _started(self, state: ReplayState, links: list[ChartLink]) -> None:
        self.model.busy = False
        self.model.begin(state)
        self.model.forget_signals()
        # with the chart library, which is loaded by now
        from app.parts.replay_view import ReplayView

        self.views = [ReplayView(link, self.now_ms) for link in links]
        self._reopen()
        self._badges()
        self._show()

    def _jumped(self, state: ReplayState) -> None:
        self.model.busy = False
        self.model.apply(state)
        self._reopen()
        self._show()

    def _state(self, state: ReplayState) -> None:
        if self.model.apply(state):
            if not self.model.on:
                self._leave()
            self._badges()
            self._show()

    def _signals(self, event: ReplaySignals) -> None:
        if self.model.busy and event.reset and not self.model.on:
            return
        if self.model.take(event):
            for view in self.views:
                view.take(event.batch, reset=event.reset)
            self._hand_on(event)
            self._show()

    def _hand_on(self, event: ReplaySignals | None) -> None:
        """The signals panel shows them too, where it can."""
        try:
            show = getattr(self.desk.part("signals"), "show_replay", None)
        except KeyError:
            return
        if show is not None:
            show(event.batch if event is not None else None)

    def _alert(self, alert: ReplayAlert) -> None:
        if not self.model.hear(alert):
            return
        if alert.sound and (not self._sound.isValid() or self._sound.elapsed() > SOUND_EVERY):
            self._sound.start()
            QApplication.beep()
        if not self._told.isValid() or self._told.elapsed() > TOLD_EVERY:
            self._told.start()
            self.desk.say("info", alert_words(alert), alert.rule)
        self._show()

    # charts ---------------------------------------------------------------------------------------------------------
    def _linked(self) -> list[ChartLink]:
        """The active chart and those that are linked with it."""
        return self.desk.linked_charts()

    def _bar(self) -> int | None:
        chart = self.desk.chart
        if chart is None or not chart.panel.stack.count():
            return None
        stack = chart.panel.stack
        index = stack.hovered()
        if index is not None and 0 <= index < stack.count():
            return int(stack.bars.ts_at(index))
        if chart.clicked_ms is not None:
            return chart.clicked_ms
        lo, hi = stack.time.span(stack.count())
        return int(stack.bars.ts_at((lo + max(hi - 1, lo)) // 2))

    def _reopen(self) -> None:
        for view in self.views:
            view.reopen()

    def _leave(self) -> None:
        """The charts are live again."""
        views, self.views = self.views, []
        for view in views:
            view.close()
        if views:
            self._hand_on(None)

    def _badges(self) -> None:
        for view in self.views:
            view.show_clock(self.model.clock())

    def now_ms(self) -> int:
        """The session's clock; the time of day while there is none."""
        return self.model.state.ts if self.model.state is not None else self.desk.now_ms()

    # small things ---------------------------------------------------------------------------------------------------
    def _panel_of(self) -> ReplayPanel:
        panel = self.build()
        assert isinstance(panel, ReplayPanel)
        return panel

    def _decimals(self, symbol: str) -> int:
        found = self.desk.instruments.get(symbol)
        return found.decimals if found is not None else 2

    def _show(self) -> None:
        self.desk.mark("replay")
