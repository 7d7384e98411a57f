"""The charts: several in a grid, linked by colour, with drawings kept on disk and alert lines that watch all symbols.

The part is there from the start; the chart library, the slowest import of the window, comes with `install`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from app import drawings
from app.actions import Spec
from app.chart_actions import answer
from app.parts.base import Desk, Part
from app.session import Client
from engine.contracts.commands import IndicatorInfo, IndicatorList, ListData, ListIndicators
from engine.contracts.events import Quotes
from engine.contracts.timeframes import TIMEFRAMES
from engine.contracts.watch import Spreads
from widgets import theme
from widgets.chart.commands import COMMANDS
from widgets.chart.drawings.kit import DrawKit
from widgets.chart.options import named_zone
from widgets.panel import Panel
from widgets.texts import mark, tr
from widgets.viewmodels import charts, formats
from widgets.viewmodels.alert_lines import AlertLines, Crossing
from widgets.viewmodels.drawings import ALERT

if TYPE_CHECKING:
    from app.charts import ChartLink
    from widgets.chart.grid import ChartGrid
    from widgets.chart.panel import ChartPanel

GROUP = mark("Chart")
#: commands of the chart that are actions of the window under another name
TAKEN = ("next_symbol", "previous_symbol")


class ChartPart(Part):
    name = "chart"
    title = mark("Chart")
    icon = "chart"
    eager = True
    keys = ("Alt+2",)
    actions = (
        *(
            Spec(f"chart_{c.id}", c.title, () if c.local else c.keys, GROUP, c.icon)
            for c in COMMANDS
            if c.id not in TAKEN
        ),
        *(Spec(f"charts_{name}", title, (), GROUP, "layout") for name, (title, _row, _parts) in charts.LAYOUTS.items()),
        Spec("charts_next", mark("Charts: next"), ("Ctrl+Tab",), GROUP),
        Spec("charts_previous", mark("Charts: previous"), ("Ctrl+Shift+Tab",), GROUP),
        Spec("charts_maximise", mark("Charts: this one alone, or all"), ("Ctrl+Shift+M",), GROUP, "maximise"),
        Spec("hide_drawings", mark("Drawings: hide or show all"), ("Ctrl+Alt+H",), GROUP, "draw-hide"),
        Spec("lock_drawings", mark("Drawings: lock or unlock all"), (), GROUP, "draw-lock"),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.kit = DrawKit()
        self.alerts = AlertLines(self.kit.book)
        self.kit.price_of = self.alerts.price_of
        self.kit.said.connect(lambda level, text: desk.say(level, text))
        problem = drawings.load(desk.config_folder, self.kit.book)
        if problem:
            desk.say("warning", problem)
        self._end_keeping = drawings.keep(desk.config_folder, self.kit.book, partial(desk.say, "error"))
        self.grid: ChartGrid | None = None
        self.links: list[ChartLink] = []
        self._each: list[Callable[[ChartLink], object]] = []
        self._catalogue: list[IndicatorInfo] = []
        self._rows: list[dict[str, Any]] = []
        self._ids: dict[str, int] = {}
        self._linking = False
        self._last: dict[int, tuple[str, str]] = {}

    # the panels -----------------------------------------------------------------------------------------------------
    def make(self) -> Panel:
        panel = Panel("chart")
        panel.bar.setContentsMargins(0, 0, 0, 0)
        return panel

    def install(self, first: tuple[str, str]) -> None:
        """Load the chart library and fill the panel. first: symbol and timeframe where nothing else was kept."""
        from widgets.chart.grid import ChartGrid

        panel = self.build()
        kept = dict(self._kept or {})
        rows = kept.get("charts")
        self._rows = [r for r in rows if isinstance(r, dict)][: charts.MOST] if isinstance(rows, list) else []
        if not self._rows:
            self._rows = [{"symbol": first[0], "timeframe": first[1]}]
        self.grid = ChartGrid(theme.current(), self.kit, self._new_panel)
        self.grid.links.restore(kept.get("links"))
        self.grid.shown.connect(lambda _numbers: self._stream())
        self.grid.activated.connect(lambda _number: self._tell())
        self.grid.symbolDropped.connect(self._dropped)
        self.grid.linksChanged.connect(self._links_changed)
        panel.set_body(self.grid)
        layout = kept.get("layout")
        self.grid.arrange(layout if isinstance(layout, str) and layout in charts.LAYOUTS else "1")
        self._restore_sizes(kept)
        if self.desk.client is not None:
            self.connected(self.desk.client)

    def _restore_sizes(self, kept: Mapping[str, Any]) -> None:
        assert self.grid is not None
        active, sizes = kept.get("active"), kept.get("sizes")
        if isinstance(active, int) and 0 <= active < charts.count(self.grid.layout_name):
            self.grid.activate(active)
        if isinstance(sizes, list) and all(isinstance(s, list) and all(type(v) is int for v in s) for s in sizes):
            self.grid.set_sizes(sizes)

    def _new_panel(self, number: int) -> ChartPanel:
        from app.charts import ChartClock, ChartLink
        from widgets.chart.panel import ChartPanel

        desk = self.desk
        clock = ChartClock(desk.now_ms)
        panel = ChartPanel(now_ms=clock)
        link = ChartLink(panel, desk.spawn, desk.instruments.get, partial(self._changed, number), clock)
        # a chart that is made for a grown grid begins with what the active one shows
        row = self._rows[number] if number < len(self._rows) else {}
        model = self.active or link
        # known before it takes anything back: what is restored asks for bars, which tells the others
        self.links.append(link)
        timeframe = row.get("timeframe")
        link.symbol = str(row.get("symbol") or model.symbol)
        link.timeframe = str(timeframe) if timeframe in TIMEFRAMES else model.timeframe
        panel.set_time_zone(named_zone(desk.settings.window.time_zone))
        if isinstance(row.get("panel"), dict):
            panel.restore(row["panel"])
        elif number:
            panel.restore(self.links[0].panel.keep())
        if self._catalogue:
            panel.set_catalogue(self._catalogue)
        answer(link, desk)
        # what a mark stands for is explained where its bar is
        panel.signalClicked.connect(lambda signal: panel.whyRequested.emit(signal.bar_ts))
        panel.alertRequested.connect(lambda price: self.add_alert(link.symbol, price))
        panel.compareRequested.connect(lambda: desk.pick_symbol(tr("Compare with…"), panel.add_compare))
        for do in self._each:
            do(link)
        return panel

    def each(self, do: Callable[[ChartLink], object]) -> None:
        """Call this with every chart there is and with those that are made later; to connect to their signals."""
        self._each.append(do)
        for link in self.links:
            do(link)

    def linked(self, link: ChartLink) -> list[ChartLink]:
        """The charts on show that follow this one in its symbol, with itself first."""
        if self.grid is None or link not in self.links:
            return [link]
        return [link, *(self.links[k] for k in self.grid.followers(self.links.index(link), "symbol"))]

    @property
    def active(self) -> ChartLink | None:
        return self.links[self.grid.active] if self.grid is not None and self.links else None

    def shown(self) -> list[ChartLink]:
        return [self.links[k] for k in self.grid.visible_numbers()] if self.grid is not None else []

    # engine ---------------------------------------------------------------------------------------------------------
    def connected(self, client: Client) -> None:
        self.alerts.load(list(self.desk.instruments))
        self._ids = {symbol: number for number, symbol in enumerate(self.desk.instruments)}
        self.listen(Quotes, self._quotes)
        self.listen(Spreads, self._spreads)
        if self.grid is None:
            return
        self._stream()
        self.desk.ask(ListIndicators(), self._offer)
        self._tell()

    def _stream(self) -> None:
        """Charts on show are attached to the engine, the others are not streamed."""
        client, instruments = self.desk.client, self.desk.instruments
        shown = self.shown()
        for link in self.links:
            if link in shown and client is not None and link.client is not client:
                if link.symbol in instruments:
                    link.attach(client)
                elif link.symbol:
                    self._ask_stored(link, client)
                else:
                    self._attach(link, client, ())
            elif link not in shown and link.client is not None:
                link.close()

    def _ask_stored(self, link: ChartLink, client: Client) -> None:
        """A symbol that is not traded here is shown all the same where candles of it were imported."""
        self.desk.ask(
            ListData(),
            lambda found: self._attach(link, client, {s.symbol for s in found.series}),
            lambda _error: self._attach(link, client, ()),
        )

    def _attach(self, link: ChartLink, client: Client, stored: Collection[str]) -> None:
        """Attach what no instrument stands for, unless it was closed or attached meanwhile."""
        if link not in self.shown() or self.desk.client is not client or link.client is client:
            return
        if link.symbol not in stored and link.symbol not in self.desk.instruments:
            link.symbol = next(iter(self.desk.instruments), "")
        link.attach(client)

    def _offer(self, found: IndicatorList) -> None:
        self._catalogue = found.indicators
        for link in self.links:
            link.panel.set_catalogue(self._catalogue)

    def lost(self, text: str) -> None:
        for link in self.links:
            link.lose(text)

    def _quotes(self, event: Quotes) -> None:
        for crossing in self.alerts.apply(event.rows, self.desk.now_ms()):
            self._fired(crossing)

    def _spreads(self, event: Spreads) -> None:
        """Bid and ask of the symbols on show, as tags."""
        ids = np.frombuffer(event.ids, "<i4")
        for link in self.shown():
            found = np.flatnonzero(ids == self._ids.get(link.symbol, -1))
            if len(found) and not link.replaying and link.panel.symbol == link.symbol:
                bid, ask = (float(np.frombuffer(side, "<f8")[found[0]]) for side in (event.bid, event.ask))
                link.panel.set_quote(bid, ask)

    # links ----------------------------------------------------------------------------------------------------------
    def _changed(self, number: int, symbol: str, timeframe: str) -> None:
        """A chart was opened on something: those of its colour follow."""
        link = self.links[number]
        link.panel.layers.coming = symbol if symbol != link.panel.symbol else ""
        if self.grid is None:
            return
        if number == self.grid.active:
            self._tell()
        before, self._last[number] = self._last.get(number), (symbol, timeframe)
        # a chart that is only asked for anew, or comes back after a restart, leads nobody
        if self._linking or before is None or before == (symbol, timeframe):
            return
        self._linking = True
        try:
            with_time = self.grid.followers(number, "timeframe")
            for k in {*self.grid.followers(number, "symbol"), *with_time}:
                other = self.links[k]
                wanted = symbol if k in self.grid.followers(number, "symbol") else other.symbol
                time = timeframe if k in with_time else other.timeframe
                if (wanted, time) != (other.symbol, other.timeframe):
                    other.open(wanted, time)
        finally:
            self._linking = False

    def _links_changed(self, number: int) -> None:
        """A chart took a colour, or the colour another option: it follows the others of it."""
        assert self.grid is not None
        mates = self.grid.followers(number, "symbol")
        if mates:
            leader = self.links[self.grid.active if self.grid.active in mates else mates[0]]
            own = self.links[number]
            time = leader.timeframe if mates[0] in self.grid.followers(number, "timeframe") else own.timeframe
            if (leader.symbol, time) != (own.symbol, own.timeframe):
                own.open(leader.symbol, time)

    def _dropped(self, number: int, symbol: str) -> None:
        assert self.grid is not None
        found = symbol if symbol in self.desk.instruments else ""
        found = found or next((s for s in self.desk.instruments if s.partition(":")[2] == symbol), "")
        if not found:
            self.desk.say("warning", tr("{symbol} is not a symbol of this engine.").format(symbol=symbol))
            return
        self.grid.activate(number)
        self.links[number].open(found)

    def _tell(self) -> None:
        if self.active is not None and self.active.symbol:
            self.desk.chart_changed(self.active.symbol, self.active.timeframe)

    # alert lines ----------------------------------------------------------------------------------------------------
    def add_alert(self, symbol: str, price: float) -> None:
        """An alert line at this price."""
        try:
            self.kit.book.add(symbol, ALERT, [(self.desk.now_ms(), price)])
        except ValueError as error:
            self.desk.say("warning", str(error))

    def _fired(self, crossing: Crossing) -> None:
        name = crossing.symbol.partition(":")[2]
        decimals = self.desk.instruments[crossing.symbol].decimals
        level = formats.price(crossing.drawing.points[0][1], decimals)
        words = tr("{symbol} rose to {price}") if crossing.rising else tr("{symbol} fell to {price}")
        text = words.format(symbol=name, price=formats.price(crossing.price, decimals))
        detail = tr("alert line at {price}").format(price=level)
        if crossing.drawing.text:
            detail = f"{crossing.drawing.text}, {detail}"
        self.desk.notify(text, detail, crossing.symbol, crossing.drawing.fired_ms)

    # actions --------------------------------------------------------------------------------------------------------
    def handlers(self) -> dict[str, Callable[[], object]]:
        made: dict[str, Callable[[], object]] = {
            f"chart_{c.id}": partial(self._command, c.id) for c in COMMANDS if c.id not in TAKEN
        }
        made |= {f"charts_{name}": partial(self._arrange, name) for name in charts.LAYOUTS}
        return made | {
            "charts_next": lambda: self._grid_do(lambda grid: grid.step(1)),
            "charts_previous": lambda: self._grid_do(lambda grid: grid.step(-1)),
            "charts_maximise": lambda: self._grid_do(lambda grid: grid.maximise()),
            "hide_drawings": lambda: self.kit.set_flag("hidden", not self.kit.hidden),
            "lock_drawings": lambda: self.kit.set_flag("locked", not self.kit.locked),
        }

    def _grid_do(self, do: Callable[[ChartGrid], None]) -> None:
        if self.grid is not None:
            do(self.grid)

    def _command(self, name: str) -> None:
        if self.active is not None:
            self.active.panel.run(name)

    def _arrange(self, name: str) -> None:
        if self.grid is not None:
            self.desk.show("chart")
            self.grid.arrange(name)

    # kept -----------------------------------------------------------------------------------------------------------
    def keep(self) -> dict[str, Any]:
        if self.grid is None:
            return dict(self._kept or {})
        return {
            "layout": self.grid.layout_name,
            "active": self.grid.active,
            "sizes": self.grid.sizes(),
            "links": self.grid.links.keep(),
            "charts": [
                {"symbol": link.symbol, "timeframe": link.timeframe, "panel": link.panel.keep()} for link in self.links
            ],
        }
