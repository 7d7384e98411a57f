"""Why here: the bar that is clicked, asked of all strategies."""

from __future__ import annotations

from collections.abc import Callable

from app.actions import Spec
from app.chart_watch import ChartWatch
from app.parts.base import Desk, Part
from app.session import Client
from engine.contracts.commands import Explain
from engine.contracts.errors import Cancelled, PyroError
from engine.contracts.studio import ExplainAll, FindSignal, NextSignal, WhyAll
from engine.contracts.timeframes import TIMEFRAME_MS
from engine.contracts.why import Why
from widgets.panel import Panel
from widgets.texts import mark, tr
from widgets.viewmodels.why import WhyModel
from widgets.why import WhyPanel


class WhyPart(Part):
    name, title, icon = "why", mark("Why"), "why"
    kin = ("backtest", "strategies")
    keys = ("Alt+0",)
    actions = (Spec("why_here", mark("Why here? The bar under the crosshair"), ("Ctrl+Alt+W",), "Research", "why"),)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = WhyModel()
        self.watch: ChartWatch | None = None
        self._ask: ExplainAll | None = None

    @property
    def view(self) -> WhyPanel:
        panel = self.build()
        assert isinstance(panel, WhyPanel)
        return panel

    def make(self) -> Panel:
        panel = WhyPanel(self.model, self._decimals)
        panel.asked.connect(self._explain)
        panel.stepped.connect(self._step)
        panel.wanted.connect(self._do)
        panel.retryRequested.connect(self._again)
        return panel

    def attach(self, client: Client) -> None:
        """A chart's menu asks, whether or not the panel was ever seen."""
        if self.watch is None:
            self.watch = ChartWatch(self.desk, self.slot)
            self.watch.barClicked.connect(self._clicked)
            self.watch.whyRequested.connect(self._requested)
        super().attach(client)

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {"why_here": self.here}

    def connected(self, client: Client) -> None:
        """The bar that is shown, else the chart's newest: what answers is warm when a bar is clicked."""
        chart = self.desk.chart
        if self._ask is not None:
            self._send(self._ask)
        elif chart is not None and chart.symbol:
            self._send(ExplainAll(symbol=chart.symbol, timeframe=chart.timeframe))

    def _decimals(self, symbol: str) -> int:
        found = self.desk.instruments.get(symbol)
        return found.decimals if found is not None else 2

    # asked ----------------------------------------------------------------------------------------------------------
    def here(self) -> None:
        """The bar under the crosshair of the chart, else its newest."""
        chart = self.desk.chart
        if chart is None or not chart.panel.stack.count():
            return
        stack = chart.panel.stack
        index = stack.legend_index()
        self.ask(chart.symbol, chart.timeframe, stack.bars.ts_at(index if index >= 0 else stack.count() - 1))

    def ask(self, symbol: str, timeframe: str, at_ms: int | None) -> None:
        """Show the panel with what all strategies say of a bar."""
        self.build()
        self.desk.show(self.name)
        self._send(ExplainAll(symbol=symbol, timeframe=timeframe, at_ms=at_ms))

    def _clicked(self, ms: object) -> None:
        """A bar was clicked: answered where the panel is in sight."""
        if self.slot.isVisible() and self.watch is not None and isinstance(ms, int):
            self._send(ExplainAll(symbol=self.watch.symbol, timeframe=self.watch.timeframe, at_ms=ms))

    def _requested(self, ms: object) -> None:
        if self.watch is not None and isinstance(ms, int):
            self.ask(self.watch.symbol, self.watch.timeframe, ms)

    def _send(self, ask: ExplainAll) -> None:
        self._ask = ask
        view = self.view
        if self.desk.client is None:
            return
        if self.model.answer is None:
            view.set_loading(tr("Asking all strategies"))
        self.desk.ask(ask, lambda answer: self._answered(ask, answer), lambda error: self._failed(ask, error))

    def _again(self) -> None:
        if self._ask is not None:
            self._send(self._ask)

    def _answered(self, ask: ExplainAll, answer: WhyAll) -> None:
        if ask is self._ask:
            self.view.show_answer(answer)

    def _failed(self, ask: ExplainAll, error: PyroError) -> None:
        if ask is self._ask and not isinstance(error, Cancelled):
            self.view.set_error(str(error))

    def _step(self, way: int) -> None:
        answer = self.model.answer
        if answer is not None:
            at = answer.bar_ts + way * TIMEFRAME_MS[answer.timeframe]
            self._send(ExplainAll(symbol=answer.symbol, timeframe=answer.timeframe, at_ms=at))
            if self.desk.chart is not None and self.desk.chart.symbol == answer.symbol:
                self.desk.chart.panel.focus_time(at)

    def _explain(self, strategy: str) -> None:
        answer = self.model.answer
        if answer is None:
            return
        ask = Explain(strategy=strategy, symbol=answer.symbol, timeframe=answer.timeframe, at_ms=answer.bar_ts)
        self.desk.ask(ask, self._explained, lambda error: self.view.show_why_error(str(error)))

    def _explained(self, why: Why) -> None:
        answer = self.model.answer
        if answer is not None and why.strategy == self.view.chosen() and why.bar_ts == answer.bar_ts:
            self.view.show_why(why)

    # done -----------------------------------------------------------------------------------------------------------
    def _do(self, what: str, strategy: str) -> None:
        answer = self.model.answer
        if answer is None:
            return
        if what in ("last", "next"):
            ask = FindSignal(
                strategy=strategy, symbol=answer.symbol, timeframe=answer.timeframe, at_ms=answer.bar_ts,
                way=1 if what == "next" else -1,
            )  # fmt: skip
            self.desk.ask(ask, lambda found: self._go(found, answer, what))
        else:
            # the strategies panel knows how
            self.desk.part("strategies").do(what, strategy)  # type: ignore[attr-defined]

    def _go(self, found: NextSignal, answer: WhyAll, what: str) -> None:
        if found.ts < 0:
            text = tr("There is no later signal.") if what == "next" else tr("There is no earlier signal.")
            self.desk.say("info", text)
            return
        self.desk.jump(answer.symbol, answer.timeframe, found.ts)
        self._send(ExplainAll(symbol=answer.symbol, timeframe=answer.timeframe, at_ms=found.ts))
