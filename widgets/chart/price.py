"""The price pane and its indicator panes: what they draw and how they scale."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from engine.contracts.commands import SeriesRequest
from engine.contracts.dtypes import CANDLE_DTYPE, PRICE_COLUMNS
from engine.contracts.instruments import Instrument
from widgets.chart import panes as arranging
from widgets.chart.backdrop import BackdropItem
from widgets.chart.compare import Compares
from widgets.chart.draw import pen
from widgets.chart.heads import HeadTool
from widgets.chart.indicators import Indicator
from widgets.chart.items import BAR_PX, VOLUME_SHARE, HistogramItem, LineItem, VolumeItem
from widgets.chart.legend import ROW, TOP, GroupLegend, badge_room, paint_badge
from widgets.chart.markers import SignalItem
from widgets.chart.model import BarSeries, LineSeries
from widgets.chart.options import ChartOptions
from widgets.chart.pane import Pane
from widgets.chart.readout import VOLUME_KEY, Readout
from widgets.chart.ribbon import RibbonItem, RibbonText
from widgets.chart.scales import base_of
from widgets.chart.sessions import closed_spans, day_starts, session_spans
from widgets.chart.stack import PaneStack
from widgets.chart.styles import AreaItem, PriceItem
from widgets.chart.tags import PriceTags
from widgets.chart.ticks import decimals_for, volume_text
from widgets.chart.trades import TradeItem
from widgets.chart.view import Scale
from widgets.theme import Theme

TOP_MARGIN, FOOT_MARGIN = 0.10, 0.08
#: px that a day takes at least where it is parted from the next
DAY_PX = 24
#: share of its own pane that the largest volume in view takes
VOLUME_FULL = 0.82
#: px from a bar's price within which the magnet takes the crosshair
MAGNET_PX = 60.0
#: px from a line within which a click is meant for it
NEAR_PX = 6.0
#: name in the engine's reply of the mean of the volume
VOLUME_MEAN = "Volume mean"


class PriceStack(PaneStack):
    """Candles with overlays, volume, signals and trades; one more pane for each indicator with its own scale.

    now_ms: the time of day for the count-down to the bar's close; without it there is none. legendActed(title,
    action): a button of a legend.
    """

    legendActed = Signal(str, str)

    def __init__(self, theme: Theme, now_ms: Callable[[], int] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.bars = BarSeries(np.empty(0, CANDLE_DTYPE), 60_000)
        self.instrument: Instrument | None = None
        self.timeframe = ""
        #: MARKET:NAME, known also where there is no instrument
        self.symbol = ""
        self.options = ChartOptions()
        self.quote: tuple[float, float] | None = None
        self.indicators: list[Indicator] = []
        self.series: dict[str, LineSeries] = {}
        self.badge: tuple[str, str] | None = None
        self._colours: dict[str, str] = {}
        self._lines: dict[str, LineItem | HistogramItem] = {}
        self._own: dict[str, Pane] = {}
        self._backdrops: dict[Pane, BackdropItem] = {}
        self.legends: dict[Pane, GroupLegend] = {}
        self.buttons: dict[Pane, arranging.PaneButtons] = {}
        self.readout = Readout(self)
        self.compares = Compares(self)
        self.tags = PriceTags(self, now_ms)
        self.volume_pane: Pane | None = None
        self.price = self.add_pane(5)
        self.candles = PriceItem(self.time, self.price.yscale, theme)
        self.volume = VolumeItem(self.time, self.price.yscale, theme)
        self.volume_scale = Scale()
        self.volume_mean = LineItem(self.time, self.volume_scale, theme.ma5, -4, thin=True)
        self.signals = SignalItem(self.time, self.price.yscale, theme)
        self.trades = TradeItem(self.time, self.price.yscale, theme)
        self.price.add(AreaItem(self.candles, theme))
        self.ribbon = RibbonItem(self.time, self.price.yscale, theme, lambda: self.bars)
        for item in (self.candles, self.volume, self.volume_mean, self.signals, self.trades, self.ribbon):
            self.price.add(item)
        self._dress(self.price, self.readout.price_groups)
        self.price.overlays[:0] = [self.tags]
        self.price.overlays += [self._paint_badge, RibbonText(self.ribbon, theme, self._pointer_in)]
        self.price.setMinimumHeight(110)
        self.tools.append(HeadTool(self))

    def _dress(self, pane: Pane, groups: Callable[[], list]) -> None:  # type: ignore[type-arg]
        """Backdrop and legend of a new pane."""
        price = pane is self.panes[0]
        self._backdrops[pane] = BackdropItem(self.time, pane.yscale, self.theme)
        pane.add(self._backdrops[pane])
        self.legends[pane] = GroupLegend(self.theme, groups, self._pointer_in, bold=price)
        self.buttons[pane] = arranging.PaneButtons(self)
        # over the crosshair, whose line would strike the words out
        pane.overlays += [self.legends[pane], self.buttons[pane]]

    def _pointer_in(self, pane: Pane) -> tuple[float, float] | None:
        pointer = self.pointer
        return (pointer[1], pointer[2]) if pointer is not None and pointer[0] is pane else None

    # data -----------------------------------------------------------------------------------------------------------

    def times(self) -> BarSeries:
        return self.bars

    def count(self) -> int:
        return len(self.bars)

    def load(self, bars: BarSeries, series: dict[str, LineSeries]) -> None:
        """Show other bars; the time axis is left as it is."""
        self.bars = bars
        for item in (self.candles, self.volume, self.signals, self.trades):
            item.bars = bars
        self.set_series(series)

    def set_series(self, series: dict[str, LineSeries]) -> None:
        self.series = series
        for key, item in self._lines.items():
            item.series = series.get(key)
        self.volume_mean.series = series.get(VOLUME_MEAN)
        self.compares.take(series)

    def requests(self) -> list[SeriesRequest]:
        """What to ask the engine for with the bars."""
        made = [r for i in self.indicators for r in i.requests()]
        if self.options.volume != "off" and self.options.volume_mean:
            made.append(SeriesRequest(name=VOLUME_MEAN, expression=f"SMA({self.options.volume_mean}, volume)"))
        return made + self.compares.requests()

    @property
    def decimals(self) -> int:
        """Decimals of a price: the instrument's, else by the size of the last close."""
        if self.instrument is not None and self.instrument.tick_size > 0:
            return self.instrument.decimals
        n = len(self.bars)
        return decimals_for(float(self.bars.column("close", n - 1, n)[0])) if n else 2

    def snapped(self, price: float) -> float:
        """The price rounded to the instrument's tick."""
        tick = self.instrument.tick_size if self.instrument is not None else 0.0
        return round(round(price / tick) * tick, self.decimals + 2) if tick > 0 else price

    # indicators -----------------------------------------------------------------------------------------------------

    def set_indicators(self, indicators: list[Indicator]) -> None:
        """Make the items and panes for these indicators; panes that stay keep their height."""
        wanted = {i.title: i for i in indicators}
        # a pane that joins or leaves the splitter resizes the others at once, before all is in its place
        self._building = True
        kept = {i.title for i in self.indicators if i.title in wanted and i.alike(wanted[i.title])}
        for gone in [i for i in self.indicators if i.title not in kept]:
            self._drop(gone)
        self.indicators = list(indicators)
        for new in sorted(indicators, key=lambda i: bool(i.host)):
            if new.title not in kept:
                self._make(new)
        for indicator in indicators:
            self._show_look(indicator)
        self._building = False

    def colour_of(self, key: str) -> str:
        """The colour of an output's line."""
        return self._colours.get(key, self.theme.dim)

    def pane_of(self, indicator: Indicator) -> Pane:
        return self._own.get(indicator.title, self.price)

    def host_of(self, pane: Pane) -> Indicator | None:
        """The first indicator of a pane."""
        return next((i for i in self.indicators if self._own.get(i.title) is pane), None)

    def _colour(self, key: str) -> str:
        """A line's colour: one that no other line has, while there are enough."""
        taken, more = set(self._colours.values()), (self.theme.sell, self.theme.warn, self.theme.info, self.theme.buy)
        ring = (*self.theme.lines, *more, self.theme.benchmark)
        return self._colours.setdefault(key, next((c for c in ring if c not in taken), ring[0]))

    def _make(self, indicator: Indicator) -> None:
        pane = self.price if indicator.overlay else self._pane_for(indicator)
        for number, output in enumerate(indicator.outputs):
            item: LineItem | HistogramItem
            if output.histogram:
                item = HistogramItem(self.time, pane.yscale, self.theme)
                self._colours[output.key] = self.theme.text
            elif indicator.overlay:
                # the lines of one band are of one colour
                first = indicator.outputs[0].key
                self._colours[output.key] = self._colours.get(first) or self._colour(output.key)
                item = LineItem(self.time, pane.yscale, self._colours[output.key], thin=True)
            else:
                lines = self.theme.lines
                self._colours[output.key] = lines[2] if len(indicator.outputs) == 1 else lines[number % len(lines)]
                item = LineItem(self.time, pane.yscale, self._colours[output.key])
            item.series = self.series.get(output.key)
            self._lines[output.key] = item
            pane.add(item)

    def _show_look(self, indicator: Indicator) -> None:
        """Colours, width and whether it is shown, as the person chose."""
        for number, output in enumerate(indicator.outputs):
            item, chosen = self._lines[output.key], indicator.colour(number)
            if chosen:
                self._colours[output.key] = str(getattr(self.theme, chosen, chosen))
            if isinstance(item, LineItem):
                item._pen = pen(self._colours[output.key], indicator.width)
            item.setVisible(not indicator.hidden)

    def _pane_for(self, indicator: Indicator) -> Pane:
        shared = self._own.get(indicator.host)
        if shared is not None:
            self._own[indicator.title] = shared
            return shared
        pane = self._new_pane()
        pane.grid_item.guides = pane.fixed_ticks = list(indicator.guides)
        self._dress(pane, lambda: self.readout.pane_groups(pane))
        self._own[indicator.title] = pane
        return pane

    def _new_pane(self) -> Pane:
        """One more at the foot, with a share of the others' height."""
        pane = self.add_pane(1)
        pane.set_axis_width(self.price.axis_width)
        arranging.make_room(self, pane)
        return pane

    def _drop(self, indicator: Indicator) -> None:
        pane = self._own.pop(indicator.title, None)
        for output in indicator.outputs:
            item = self._lines.pop(output.key)
            self._colours.pop(output.key, None)
            (pane or self.price).drop(item)
        if pane is not None and pane not in self._own.values():
            self.remove_pane(pane)

    def remove_pane(self, pane: Pane) -> None:
        self._backdrops.pop(pane, None)
        self.legends.pop(pane, None)
        self.buttons.pop(pane, None)
        super().remove_pane(pane)

    def pane_names(self) -> dict[Pane, str]:
        """What the heights of the panes are kept under."""
        names = {self.price: "price"} | {p: t for t, p in reversed(self._own.items())}
        return names if self.volume_pane is None else names | {self.volume_pane: VOLUME_KEY}

    def line_at(self, pane: Pane, x: float, y: float) -> Indicator | None:
        """The indicator whose line passes here."""
        index = round(self.time.index_at(x))
        for indicator in reversed(self.indicators):
            if self.pane_of(indicator) is not pane or indicator.hidden:
                continue
            for output in indicator.outputs:
                value = self.series[output.key].at(index) if output.key in self.series else math.nan
                if math.isfinite(value) and abs(pane.yscale.y(value) - y) <= NEAR_PX:
                    return indicator
        return None

    # options --------------------------------------------------------------------------------------------------------

    def apply_options(self) -> None:
        """Draw as the options say from now on."""
        self._building = True
        options, scale = self.options, self.price.yscale
        self.candles.style = options.style
        if (scale.mode, scale.inverted) != (options.mode, options.inverted):
            scale.mode, scale.inverted = options.mode, options.inverted
            self.price.auto = True
        own = options.volume == "pane"
        if own and self.volume_pane is None:
            self.volume_pane = self._new_pane()
            self.volume_pane.axis.text = volume_text
            self._dress(self.volume_pane, lambda: self.readout.pane_groups(self.volume_pane or self.price))
            self._move_volume(self.volume_pane, VOLUME_FULL)
            arranging.move(self, self.volume_pane, 1 - len(self.panes) + 1) if len(self.panes) > 2 else None
        elif not own and self.volume_pane is not None:
            gone, self.volume_pane = self.volume_pane, None
            self._move_volume(self.price, VOLUME_SHARE)
            self.remove_pane(gone)
        shown = options.volume != "off"
        self.volume.setVisible(shown)
        self.volume_mean.setVisible(shown and options.volume_mean > 0)
        self.ribbon.setVisible(options.ribbon)
        self._building = False

    def _move_volume(self, pane: Pane, share: float) -> None:
        for item in (self.volume, self.volume_mean):
            if item.scene() is not None:
                item.scene().removeItem(item)
            pane.add(item)
        self.volume.scale_, self.volume.share = pane.yscale, share

    def refresh(self) -> None:
        if self._building:
            return
        breaks = self._breaks()
        lo = max(0, math.floor(self.time.left + 0.5))
        scale = self.price.yscale
        if scale.mode in ("percent", "indexed"):
            scale.base = base_of(self.bars.column("close", lo, min(lo + 50, len(self.bars))).tolist())
        self.compares.rebase()
        self._fit_backdrop()
        for pane in self.panes:
            pane.grid_item.breaks = breaks
        super().refresh()

    def _fit_backdrop(self) -> None:
        options, market = self.options, self.instrument.market if self.instrument else ""
        left, right, n = self.time.left, self.time.right, len(self.bars)
        days = day_starts(self.bars, self.zone, n, left, right) if options.days else []
        if len(days) * DAY_PX > self.time.width:
            days = []
        spans = []
        if n:
            spans = closed_spans(self.bars, market, left, min(right, n - 1)) if market else []
            if options.sessions == "on" or (options.sessions == "auto" and "forex" in market):
                spans = spans + session_spans(self.bars, left, right)
        for item in self._backdrops.values():
            item.spans, item.days = spans, days
        self._backdrops[self.price].names = float(self._legend_foot())
        self.time_axis.spans = spans

    def _breaks(self) -> list[int]:
        """Bars in view before which time is missing; none when there are so many that they say nothing."""
        lo, hi = self.time.span(len(self.bars))
        if hi - lo < 2 or self.time.px_per_bar < BAR_PX:
            return []
        found = np.flatnonzero(np.diff(self.bars.column("ts", lo, hi)) > self.bars.length_ms) + lo + 1
        return [int(i) for i in found] if len(found) <= 24 else []

    # scale ----------------------------------------------------------------------------------------------------------

    def fit_pane(self, pane: Pane) -> None:
        lo, hi = math.floor(self.time.left + 0.5), math.ceil(self.time.right + 0.5)
        if pane is self.price:
            self._fit_price(pane, lo, hi)
            return
        if pane is self.volume_pane:
            largest = self.bars.max_volume(lo, hi)
            pane.yscale.lo, pane.yscale.hi = 0.0, (largest if largest > 0 else 1.0) / VOLUME_FULL
            return
        mine = [i for i in self.indicators if self._own.get(i.title) is pane]
        if not mine:
            return
        bounds = {i.bounds for i in mine}
        both = bounds.pop() if len(bounds) == 1 else None
        if both is not None:
            pane.yscale.fit(*both, 0.04, 0.04)
        else:
            outputs = [o for i in mine if not i.hidden for o in i.outputs]
            low, high = (0.0, 0.0) if any(o.histogram for o in outputs) else (math.nan, math.nan)
            top = max(0.12, min(0.3, 22 / pane.yscale.height))
            pane.yscale.fit(*self._extent([o.key for o in outputs], lo, hi, low, high), top, 0.1)

    def _fit_price(self, pane: Pane, lo: int, hi: int) -> None:
        low, high = self.compares.extent(lo, hi, *self.candles.extent(lo, hi))
        pane.positive = bool(low > 0)
        shown: list[str] = []
        if self.options.fit_overlays:
            over = [i for i in self.indicators if self.pane_of(i) is pane and not i.hidden]
            shown = [o.key for i in over for o in i.outputs]
        top = max(TOP_MARGIN, min(0.3, self._legend_foot() / pane.yscale.height))
        # candles may dip into the volume's upper part, never into its foot
        foot = 0.5 * VOLUME_SHARE if self.options.volume == "overlay" else 0.0
        over_log = pane.yscale.log and low > 0
        pane.yscale.fit(*self._extent(shown, lo, hi, low, high, positive=over_log), top, FOOT_MARGIN + foot)

    def _legend_foot(self) -> int:
        return TOP + ROW * (self.legends[self.price].rows - 1) + 8

    def fitted(self, pane: Pane) -> None:
        if pane is self.price:
            pane.decimals = self.decimals
            self.tags.arrange(pane)
            share, height = self.volume.share, pane.yscale.height
            if self.volume_pane is not None:
                height = self.volume_pane.yscale.height
            largest = self.bars.max_volume(*self.time.span(len(self.bars)))
            self.volume_scale.height = height
            self.volume_scale.hi = (largest if largest > 0 else 1.0) / share

    def _extent(
        self, keys: list[str], lo: int, hi: int, low: float, high: float, *, positive: bool = False
    ) -> tuple[float, float]:
        """(low, high) widened to these outputs in bars [lo, hi). positive: an end that a logarithm does not reach is
        left out, as a band below nothing would flatten the candles."""
        for key in keys:
            if key in self.series:
                a, b = self.series[key].extent(lo, hi)
                if positive:
                    a, b = (end if end > 0 else math.nan for end in (a, b))
                low, high = float(np.fmin(low, a)), float(np.fmax(high, b))
        return low, high

    def axis_texts(self) -> list[str]:
        return self.tags.texts()

    def tag_decimals(self, pane: Pane) -> int:
        return self.decimals if pane is self.price else pane.axis.decimals + 2

    # mouse ----------------------------------------------------------------------------------------------------------

    def snap(self, pane: Pane, x: float, y: float, event: QMouseEvent) -> float:
        """With the magnet on (Ctrl turns it round for as long as it is held) the nearest of the bar's four prices."""
        turned = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        index = math.floor(self.time.index_at(x) + 0.5)
        if self.options.magnet == turned or pane is not self.price or not 0 <= index < len(self.bars):
            return y
        bar = self.bars.rows(index, index + 1)[0]
        places = [pane.yscale.y(float(bar[name])) for name in PRICE_COLUMNS[:4]]
        nearest = min(places, key=lambda p: abs(p - y))
        return nearest if abs(nearest - y) <= MAGNET_PX else y

    def indicator_at(self, pane: Pane, x: float, y: float) -> Indicator | None:
        """The indicator whose legend or line is here."""
        legend = self.legends[pane].action_at(x, y)
        if legend is not None:
            return next((i for i in self.indicators if i.title == legend[0]), None)
        return self.line_at(pane, x, y)

    # overlays -------------------------------------------------------------------------------------------------------

    def legend_index(self) -> int:
        """The bar that the legends speak of: under the cursor, else the newest; -1 when there is none."""
        index = self.hovered()
        return len(self.bars) - 1 if index is None or not 0 <= index < len(self.bars) else index

    def show_badge(self, badge: tuple[str, str] | None) -> None:
        """Text and colour of the pill in the corner; the legend leaves it room."""
        self.badge = badge
        self.legends[self.price].reserved = badge_room(badge[0]) if badge else 0
        self.price.hover()

    def _paint_badge(self, painter: QPainter, pane: Pane) -> None:
        if self.badge is not None:
            paint_badge(painter, pane, *self.badge)
