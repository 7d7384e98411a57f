"""The strategies of the engine, what they did of late, and what can be done with one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from app.actions import Spec
from app.parts.base import Desk, Part
from app.session import Client
from app.whatif import WhatIfLink
from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands import (
    GetLanguage,
    IndicatorInfo,
    IndicatorList,
    Language,
    ListIndicators,
    ListStrategies,
    StrategyInfo,
    StrategyList,
)
from engine.contracts.errors import PyroError
from engine.contracts.events import Notice
from engine.contracts.studio import GetStrategyStats, StrategyStats, Tried, TryStrategy
from widgets.panel import Panel
from widgets.strategies import StrategiesPanel
from widgets.texts import mark, tr
from widgets.throttle import Ticker
from widgets.viewmodels import palette as pal
from widgets.viewmodels.language import LanguageModel
from widgets.viewmodels.strategies import StrategyModel, indicator_calls

#: ms between two counts of the journal while the panel is in sight
COUNT_MS = 60_000
#: notices of the engine that mean another list
_CHANGES = ("strategy", "promoted")


class StrategiesPart(Part):
    name, title, icon = "strategies", mark("Strategies"), "strategies"
    kin = ("backtest", "signals")
    keys = ("Alt+7",)
    actions = (
        Spec(
            "what_if",
            mark("What if: drag the strategy's numbers on the chart"),
            ("Ctrl+Alt+I",),
            "Research",
            "whatif",
        ),
        Spec("clear_hits", mark("Chart: take hits and what-if off"), (), "Research", "close"),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model, self.words = StrategyModel(), LanguageModel()
        self.indicators: dict[str, IndicatorInfo] = {}
        self.whatif = WhatIfLink(desk)
        #: called with the engine's list whenever it is another one
        self.listeners: list[Callable[[list[StrategyInfo]], None]] = []
        self._ticker: Ticker | None = None
        self._chosen = ""

    # the panel ------------------------------------------------------------------------------------------------------
    def make(self) -> Panel:
        panel = StrategiesPanel(self.model, self.words, self.desk.now_ms)
        panel.wanted.connect(self.do)
        panel.retryRequested.connect(self.reload)
        self._ticker = Ticker(COUNT_MS, self._count, panel)
        self._ticker.start()
        if self.model.strategies:
            panel.set_strategies(list(self.model.strategies.values()))
        return panel

    @property
    def view(self) -> StrategiesPanel:
        panel = self.build()
        assert isinstance(panel, StrategiesPanel)
        return panel

    def attach(self, client: Client) -> None:
        """The list is wanted by others too, whether or not the panel was ever seen."""
        super().attach(client)
        self.reload()
        self.desk.ask(GetLanguage(), self._take_language, lambda _error: None)
        self.listen(Notice, self._on_notice)
        self.whatif.connected()

    def connected(self, client: Client) -> None:
        self._count()

    def lose(self, text: str) -> None:
        super().lose(text)
        self.whatif.lost(text)
        if isinstance(self.panel, StrategiesPanel):
            self.panel.table.dimmed = True
            self.panel.table.refreshed()

    def reload(self) -> None:
        """Ask for the list anew."""
        self.desk.ask(ListStrategies(), lambda found: self.take(found), self._no_list)

    def _no_list(self, error: PyroError) -> None:
        if isinstance(self.panel, StrategiesPanel) and not self.model.strategies:
            self.panel.set_error(str(error))

    def take(self, found: StrategyList) -> None:
        """The engine's list."""
        self.model.load(found.strategies)
        if isinstance(self.panel, StrategiesPanel):
            self.panel.table.dimmed = False
            self.panel.set_strategies(found.strategies)
            if self._chosen:
                self.panel.choose(self._chosen)
                self._chosen = ""
        for listener in self.listeners:
            listener(found.strategies)

    def _take_language(self, language: Language) -> None:
        self.desk.ask(ListIndicators(), lambda found: self._take_words(language, found), lambda _error: None)

    def _take_words(self, language: Language, found: IndicatorList) -> None:
        self.indicators = {i.name: i for i in found.indicators}
        self.words.load(language, found.indicators)
        if isinstance(self.panel, StrategiesPanel):
            self.panel.detail.rule.recolour()

    def _on_notice(self, notice: Notice) -> None:
        if notice.code in _CHANGES:
            self.reload()

    def _count(self) -> None:
        if self.desk.client is not None and self.slot.isVisible():
            self.desk.ask(GetStrategyStats(), self._counted, lambda _error: None)

    def _counted(self, stats: StrategyStats) -> None:
        if isinstance(self.panel, StrategiesPanel):
            self.panel.set_stats(stats)

    # what can be done -----------------------------------------------------------------------------------------------
    def handlers(self) -> dict[str, Callable[[], object]]:
        return {"what_if": self._what_if_chosen, "clear_hits": self._clear}

    def found(self) -> list[pal.Entry]:
        return [
            pal.Entry(pal.STRATEGY, info.id, tr("Back-test: {title}").format(title=info.title), info.family, info.id)
            for info in self.model.strategies.values()
        ]

    def chosen(self, entry: pal.Entry) -> bool:
        if entry.kind != pal.STRATEGY:
            return False
        self.do("backtest", entry.key)
        return True

    def do(self, what: str, strategy: str) -> None:
        """'backtest', 'walkforward', 'chart', 'whatif', 'copy' or 'show' of a strategy."""
        info = self.model.strategies.get(strategy)
        if info is None:
            return
        {
            "backtest": self._backtest,
            "walkforward": self._walkforward,
            "chart": self._on_chart,
            "whatif": self._whatif,
            "copy": self._copy,
            "show": self._show,
        }[what](info)

    def _show(self, info: StrategyInfo) -> None:
        self.view.choose(info.id)
        self.desk.show(self.name)

    def _backtest(self, info: StrategyInfo) -> None:
        part: Any = self.desk.part("backtest")
        part.choose(self._symbol(), info.id)

    def _walkforward(self, info: StrategyInfo) -> None:
        try:
            part: Any = self.desk.part("walkforward")
        except KeyError:
            self.desk.say("info", tr("This window has no walk-forward panel; use: pyroquant walkforward"))
            return
        if hasattr(part, "choose"):
            part.choose(self._symbol(), info.id)
        self.desk.show("walkforward")

    def _symbol(self) -> str:
        return self.desk.chart.symbol if self.desk.chart is not None else ""

    def _on_chart(self, info: StrategyInfo) -> None:
        """Its indicators, and where it would have entered."""
        from widgets.chart import indicators as ind

        chart = self.desk.chart
        if chart is None or not chart.symbol:
            self.desk.say("info", tr("There is no chart to show it on."))
            return
        calls = indicator_calls(info, self.indicators)
        made = []
        for name, params in calls:
            known = self.indicators[name]
            drawn = ind.make(name, params, tuple(known.outputs), known.scale == "overlay")
            made.append(drawn)
        have = {i.title for i in chart.panel.stack.indicators}
        fresh = [m for m in made if m.title not in have]
        if fresh:
            chart.panel.set_indicators([*chart.panel.stack.indicators, *fresh])
        ask = TryStrategy(text=info.text, symbol=chart.symbol, timeframe=chart.timeframe)
        self.desk.ask(ask, lambda tried: self._hits(tried, info, chart.symbol, chart.timeframe))

    def _hits(self, tried: Tried, info: StrategyInfo, symbol: str, timeframe: str) -> None:
        chart = self.desk.chart
        if chart is None or (chart.symbol, chart.timeframe) != (symbol, timeframe):
            return
        if tried.note:
            self.desk.say("warning", f"{info.title}: {tried.note}")
            return
        chart.panel.set_hits(np.frombuffer(tried.ts, np.int64), np.frombuffer(tried.side, np.int8))
        text = tr("{title}: {n} entries on {bars} bars are marked on the chart.")
        self.desk.say(
            "info", text.format(title=info.title, n=f"{tried.longs + tried.shorts:,}", bars=f"{tried.bars:,}")
        )

    def _clear(self) -> None:
        self.whatif.close()
        if self.desk.chart is not None:
            self.desk.chart.panel.set_hits(np.empty(0, np.int64), np.empty(0, np.int8))

    def _copy(self, info: StrategyInfo) -> None:
        part: Any = self.desk.part("editor")
        part.copy(info)

    def _whatif(self, info: StrategyInfo) -> None:
        chart = self.desk.chart
        if chart is None or not chart.symbol:
            self.desk.say("info", tr("There is no chart to show it on."))
            return
        spec = BacktestSpec(strategy=info.id, symbol=chart.symbol, timeframe=chart.timeframe)
        self.what_if(spec, info.title)

    def _what_if_chosen(self) -> None:
        name = self.view.chosen()
        if name:
            self.do("whatif", name)

    def what_if(self, spec: BacktestSpec, title: str = "") -> None:
        """Drag the numbers of a run on its chart; for other panels, such as the back-test's."""
        info = self.model.strategies.get(spec.strategy)
        self.whatif.open(spec, title or (info.title if info is not None else spec.strategy))
        self.desk.show("chart")

    # kept -----------------------------------------------------------------------------------------------------------
    def keep(self) -> dict[str, Any]:
        return {
            "chosen": self.view.chosen(),
            "closed": sorted(self.model.closed),
            "sort": [self.model.sort_column, self.model.descending],
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        closed, sort, chosen = kept.get("closed"), kept.get("sort"), kept.get("chosen")
        if isinstance(closed, Iterable) and not isinstance(closed, str):
            self.model.closed = {c for c in closed if isinstance(c, str)}
        if isinstance(sort, list) and len(sort) == 2 and isinstance(sort[0], int) and 0 <= sort[0] < 9:
            self.model.sort(sort[0], bool(sort[1]))
            self.view.table.show_sort(sort[0], bool(sort[1]))
        if isinstance(chosen, str):
            self._chosen = chosen
            if chosen in self.model.strategies:
                self.view.choose(chosen)
                self._chosen = ""
