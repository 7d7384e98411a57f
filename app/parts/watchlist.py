"""The watchlist on the engine: its rows, the columns and the filter that the engine computes, and one's own lists."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from app.actions import Spec
from app.parts.base import Part
from app.session import Client
from engine.contracts.errors import PyroError
from engine.contracts.events import Quotes, Signals, Sparks
from engine.contracts.signals import SignalBatch
from engine.contracts.watch import SetWatch, Spreads, WatchItem, WatchProblem, WatchReply, WatchValues
from widgets.texts import mark, tr
from widgets.viewmodels import palette as pal
from widgets.viewmodels import watchlist as vm
from widgets.viewmodels.charts import LAYOUTS, count
from widgets.viewmodels.scans import Scan
from widgets.watchlist import WatchlistPanel

#: ms after the last quote in which a flash still fades
FADES_MS = 600
#: opened at once in charts of their own
MOST_CHARTS = 3
LIST_ENTRY = "list"


class WatchlistPart(Part):
    """What other parts may use: model (rows by id of the engine's list), take_list, take_signals, add_scan."""

    name = "watchlist"
    title = mark("Watchlist")
    icon = "watchlist"
    eager = True
    keys = ("Alt+1",)
    actions = (
        Spec("filter_watchlist", mark("Filter the watchlist"), ("Ctrl+F",), "Market", "search"),
        Spec("scan_watchlist", mark("Scan: filter in the rules language"), ("Ctrl+Shift+F",), "Market", "scan"),
        Spec("heat_map", mark("Heat map of the watchlist"), ("Ctrl+H",), "Market", "heatmap"),
        Spec("add_column", mark("Watchlist: add a column of the rules language"), (), "Market", "watchlist"),
        Spec("new_list", mark("Watchlist: new list"), (), "Market", "list"),
        Spec("next_symbol", mark("Next symbol"), ("Ctrl+PgDown",), "Market"),
        Spec("previous_symbol", mark("Previous symbol"), ("Ctrl+PgUp",), "Market"),
        Spec("star_symbol", mark("Star this symbol"), ("Ctrl+D", "Alt+W"), "Market", "star"),
    )

    def __init__(self, desk: Any) -> None:
        super().__init__(desk)
        self.model = vm.WatchlistModel()
        self._view = f"watchlist-{secrets.token_hex(4)}"
        #: told when lists, or what is muted, have changed
        self.on_lists: list[Callable[[], None]] = []
        self.on_muted: list[Callable[[], None]] = []

    @property
    def widget(self) -> WatchlistPanel:
        """The panel; made if need be."""
        return self.build()  # type: ignore[return-value]

    def make(self) -> WatchlistPanel:
        panel = WatchlistPanel(self.model, self.desk.now_ms)
        panel.symbolActivated.connect(self.desk.open_symbol)
        panel.backtestAsked.connect(self._backtest)
        panel.newChartAsked.connect(self._new_chart)
        panel.watchChanged.connect(self._watch)
        panel.checkAsked.connect(self._check)
        panel.scanAsked.connect(self._read_scan)
        panel.alertAsked.connect(self._alert)
        panel.listsChanged.connect(lambda: self._tell(self.on_lists))
        panel.mutedChanged.connect(lambda: self._tell(self.on_muted))
        panel.said.connect(self.desk.say)
        return panel

    def connected(self, client: Client) -> None:
        info, panel = client.info, self.widget
        symbols = [i.symbol for i in info.instruments]
        # the same list keeps its rows
        if symbols != self.model.symbols or not symbols:
            self.model.load(info.instruments)
            panel.reload()
        panel.timeframes = list(info.timeframes)
        panel.scan_bar.set_timeframes(info.timeframes)
        panel.set_dimmed(False)
        if info.state == "offline" and not symbols:
            panel.set_empty(tr("No symbols: no exchange can be reached."))
        self.listen(Quotes, self._quotes)
        self.listen(Sparks, self._sparks)
        self.listen(Spreads, self._spreads)
        self.listen(Signals, lambda event: self.take_signals(event.batch))
        self.listen(WatchValues, self._values)
        if self.model.columns or self.model.scan:
            self._watch()

    def lost(self, text: str) -> None:
        super().lost(text)
        self.widget.set_dimmed(True)

    def refresh(self) -> None:
        self.widget.refresh()
        if self.desk.now_ms() - self.model.last_quote_ms < FADES_MS:
            self.desk.mark(self.name)

    def charted(self, symbol: str, timeframe: str) -> None:
        """A chart shows another symbol now."""
        self.widget.select(symbol)

    # used by others ----
    def take_list(self, name: str, symbols: Sequence[str]) -> None:
        """A list of symbols under a name, instead of one that was there; it is shown."""
        self.desk.show(self.name)
        self.widget.take_list(name, symbols)

    def take_signals(self, batch: SignalBatch) -> None:
        """Signals in journal order: the newest of a symbol is its badge."""
        self.model.apply_signals(batch)
        self.desk.mark(self.name)

    def add_scan(self, text: str, timeframe: str) -> None:
        """Filter by an expression of the rules language."""
        self.desk.show(self.name)
        self.widget.show_scan(True)
        self.widget.scan_bar.put(Scan(text, timeframe))

    # the engine's events ----
    def _quotes(self, event: Quotes) -> None:
        self.model.apply_quotes(event.rows, self.desk.now_ms())
        self.desk.mark(self.name)

    def _sparks(self, event: Sparks) -> None:
        self.model.apply_sparks(event.ids, event.points, event.closes)
        self.desk.mark(self.name)

    def _spreads(self, event: Spreads) -> None:
        self.model.apply_spreads(event.ids, event.bid, event.ask)
        self.desk.mark(self.name)

    def _values(self, event: WatchValues) -> None:
        if event.view == self._view:
            self.model.apply_values(np.frombuffer(event.values, "<f4").reshape(event.items, -1))
            self.widget.values_came()
            self.desk.mark(self.name)

    # columns and filter ----
    def _watch(self) -> None:
        """Ask for the columns' values and the filter's, the filter last."""
        model = self.model
        items = [WatchItem(expression=c.expression, timeframe=c.timeframe) for c in model.columns]
        scan = self.widget.scans.active
        if model.scan:
            items.append(WatchItem(expression=scan.text, timeframe=scan.timeframe, condition=True))
        count = len(model.columns)

        def answered(reply: WatchReply) -> None:
            for found in reply.problems:
                if found.item == count:
                    self.widget.scan_answered(scan, found)
                elif found.item < count:
                    heading = items[found.item].expression
                    words = tr("The column {column} stays empty: {what}").format(column=heading, what=found.what)
                    self.desk.say("warning", words, found.fix)

        if self.desk.client is not None:
            self.desk.ask(SetWatch(view=self._view, items=items), answered)

    def _ask_one(self, item: WatchItem, then: Callable[[WatchProblem | None], None]) -> None:
        """Whether an expression can be computed."""
        if self.desk.client is None:
            then(WatchProblem(item=0, what=tr("There is no engine to read it at the moment.")))
            return

        def failed(error: PyroError) -> None:
            then(WatchProblem(item=0, what=error.what, fix=error.fix))

        def answered(reply: WatchReply) -> None:
            then(reply.problems[0] if reply.problems else None)

        self.desk.ask(SetWatch(view="", items=[item]), answered, failed)

    def _check(self, column: vm.ValueColumn, answer: Callable[[WatchProblem | None], None]) -> None:
        self._ask_one(WatchItem(expression=column.expression, timeframe=column.timeframe), answer)

    def _read_scan(self, scan: Scan) -> None:
        item = WatchItem(expression=scan.text, timeframe=scan.timeframe, condition=True)
        self._ask_one(item, lambda found: self.widget.scan_answered(scan, found))

    def _alert(self, scan: Scan) -> None:
        add = getattr(self.desk.part("signals"), "new_alert", None)
        if add is not None:
            add(scan=scan.text, timeframe=scan.timeframe)

    # menus ----
    def _backtest(self, symbols: list[str]) -> None:
        choose = getattr(self.desk.part("backtest"), "choose", None)
        if choose is not None:
            choose(symbol=", ".join(symbols))

    def _new_chart(self, symbols: list[str]) -> None:
        """In as many further charts of the grid as it has room for; the last one keeps what it shows else."""
        part = self.desk.part("chart")
        shown, wanted = len(part.shown()), symbols[:MOST_CHARTS]  # type: ignore[attr-defined]
        fitting = [n for n in LAYOUTS if count(n) >= shown + len(wanted)]
        if not shown or not fitting:
            self.desk.open_symbol(symbols[0])
            return
        self.desk.run(f"charts_{min(fitting, key=count)}")
        for link, symbol in zip(part.links[shown:], wanted):  # type: ignore[attr-defined]
            link.open(symbol)

    def _tell(self, heard: list[Callable[[], None]]) -> None:
        for each in heard:
            each()

    def handlers(self) -> dict[str, Callable[[], object]]:
        show = self.desk.show
        return {
            "filter_watchlist": lambda: (show(self.name), self.widget.focus_filter()),
            "scan_watchlist": lambda: (show(self.name), self.widget.show_scan(True)),
            "heat_map": lambda: (show(self.name), self.widget.map_switch.toggle()),
            "add_column": lambda: (show(self.name), self.widget.edit_column(-1)),
            "new_list": lambda: (show(self.name), self.widget.ask_list_name()),
            "next_symbol": lambda: self.widget.table.step(1),
            "previous_symbol": lambda: self.widget.table.step(-1),
            "star_symbol": lambda: self.desk.chart and self.widget.toggle_star(self.desk.chart.symbol),
        }

    def found(self) -> list[pal.Entry]:
        lists = [pal.Entry(LIST_ENTRY, name, tr("List: {name}").format(name=name), "") for name in self.model.lists]
        scans = self.widget.scans.saved.items()
        named = [pal.Entry("scan", name, tr("Scan: {name}").format(name=name), scan.timeframe) for name, scan in scans]
        return lists + named

    def chosen(self, entry: pal.Entry) -> bool:
        if entry.kind == LIST_ENTRY and entry.key in self.model.lists:
            self.desk.show(self.name)
            self.widget.choose_chip(vm.LIST + entry.key)
            return True
        if entry.kind == "scan" and entry.key in self.widget.scans.saved:
            self.add_scan(*self.widget.scans.saved[entry.key])
            return True
        return False

    # what is kept ----
    def keep(self) -> dict[str, Any]:
        panel = self.widget
        return self.model.keep() | {
            "header": panel.table.keep_columns(),
            "scans": panel.scans.keep(),
            "map": panel.map_switch.isChecked(),
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        panel = self.widget
        self.model.restore(kept)
        panel.table.columns_changed()
        panel.table.restore_columns(kept.get("header"))
        panel.table.show_sort(self.model.sort_column, self.model.descending)
        panel.scans.restore(kept.get("scans"))
        if panel.scans.active:
            self.model.set_scan(panel.scans.active.text)
            panel.show_scan(True)
        panel.show_map(kept.get("map") is True)
