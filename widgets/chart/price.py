"""The price pane and its indicator panes: what they draw, how they scale and what their legends say."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.instruments import Instrument
from engine.contracts.signals import LONG
from widgets.chart.axes import TAG_HEIGHT
from widgets.chart.draw import pen
from widgets.chart.indicators import Indicator
from widgets.chart.items import BAR_PX, VOLUME_SHARE, CandleItem, HistogramItem, LineItem, VolumeItem, group_size
from widgets.chart.legend import Legend, Piece, paint_badge
from widgets.chart.markers import SignalItem
from widgets.chart.model import BarSeries, LineSeries
from widgets.chart.pane import Pane
from widgets.chart.stack import PaneStack
from widgets.chart.ticks import countdown_text, decimals_for, price_text, value_decimals, volume_text
from widgets.chart.trades import TradeItem
from widgets.theme import Theme

TOP_MARGIN, FOOT_MARGIN = 0.10, 0.08
LEGEND_PX = 40


class PriceStack(PaneStack):
    """Candles with overlays, volume, signals and trades; one more pane for each indicator with its own scale.

    now_ms: the time of day for the count-down to the bar's close; without it there is none.
    """

    def __init__(self, theme: Theme, now_ms: Callable[[], int] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._now_ms = now_ms
        self.bars = BarSeries(np.empty(0, CANDLE_DTYPE), 60_000)
        self.instrument: Instrument | None = None
        self.timeframe = ""
        self.indicators: list[Indicator] = []
        self.series: dict[str, LineSeries] = {}
        self.badge: tuple[str, str] | None = None
        self._colours: dict[str, str] = {}
        self._lines: dict[str, LineItem | HistogramItem] = {}
        self._own: dict[str, Pane] = {}
        self.price = self.add_pane(5)
        self.candles = CandleItem(self.time, self.price.yscale, theme)
        self.volume = VolumeItem(self.time, self.price.yscale, theme)
        self.signals = SignalItem(self.time, self.price.yscale, theme)
        self.trades = TradeItem(self.time, self.price.yscale, theme)
        for item in (self.candles, self.volume, self.signals, self.trades):
            self.price.add(item)
        self.price.overlays[:] = [
            self._paint_last,
            Legend(theme, self._price_legend),
            self._paint_badge,
            *self.price.overlays,
        ]
        self.price.setMinimumHeight(110)

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

    def set_indicators(self, indicators: list[Indicator]) -> None:
        """Make the items and panes for these indicators; panes that stay keep their height."""
        wanted = {i.title: i for i in indicators}
        # a pane that joins or leaves the splitter resizes the others at once, before all is in its place
        self._building = True
        for gone in [i for i in self.indicators if wanted.get(i.title) != i]:
            self._drop(gone)
        have = {i.title for i in self.indicators if wanted.get(i.title) == i}
        self.indicators = list(indicators)
        for new in indicators:
            if new.title not in have:
                self._make(new)
        self._building = False

    def _colour(self, key: str) -> str:
        """A line's colour: one that no other line has, while there are enough."""
        taken, ring = set(self._colours.values()), self.theme.lines
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

    def _pane_for(self, indicator: Indicator) -> Pane:
        total = sum(self.splitter.sizes())
        pane = self.add_pane(1)
        pane.grid_item.guides = pane.fixed_ticks = list(indicator.guides)
        pane.overlays.insert(0, Legend(self.theme, lambda: [self._own_legend(indicator)]))
        pane.set_axis_width(self.price.axis_width)
        self._own[indicator.title] = pane
        if total > 300:
            part = max(70, total // (4 + len(self._own)))
            sizes = self.splitter.sizes()
            self.splitter.setSizes([max(110, sizes[0] - part), *sizes[1:-1], part])
        return pane

    def _drop(self, indicator: Indicator) -> None:
        pane = self._own.pop(indicator.title, None)
        for output in indicator.outputs:
            item = self._lines.pop(output.key)
            self._colours.pop(output.key, None)
            (pane or self.price).drop(item)
        if pane is not None:
            self.remove_pane(pane)

    def refresh(self) -> None:
        breaks = self._breaks()
        for pane in self.panes:
            pane.grid_item.breaks = breaks
        super().refresh()

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
            low, high = self.bars.extent(lo, hi)
            shown = [o.key for i in self.indicators if i.overlay for o in i.outputs]
            top = max(TOP_MARGIN, min(0.3, LEGEND_PX / pane.yscale.height))
            # candles may dip into the volume's upper part, never into its foot
            pane.yscale.fit(*self._extent(shown, lo, hi, low, high), top, FOOT_MARGIN + 0.5 * VOLUME_SHARE)
            pane.decimals = self.decimals
            self._reserve_tag(pane)
            return
        indicator = next((i for i in self.indicators if self._own.get(i.title) is pane), None)
        if indicator is None:
            return
        if indicator.bounds is not None:
            pane.yscale.fit(*indicator.bounds, 0.04, 0.04)
        else:
            keys = [o.key for o in indicator.outputs]
            low, high = (0.0, 0.0) if any(o.histogram for o in indicator.outputs) else (math.nan, math.nan)
            top = max(0.12, min(0.3, 22 / pane.yscale.height))
            pane.yscale.fit(*self._extent(keys, lo, hi, low, high), top, 0.1)

    def _reserve_tag(self, pane: Pane) -> None:
        """Keep axis labels away from the last price's tag."""
        n = len(self.bars)
        if not n:
            pane.axis.taken = None
            return
        height = TAG_HEIGHT + (13 if self._now_ms is not None else 0)
        y = pane.yscale.y(float(self.bars.column("close", n - 1, n)[0]))
        top = pane.tag_top(y, height) if math.isfinite(y) else -100.0
        pane.axis.taken = (top, top + height)

    def _extent(self, keys: list[str], lo: int, hi: int, low: float, high: float) -> tuple[float, float]:
        for key in keys:
            if key in self.series:
                a, b = self.series[key].extent(lo, hi)
                low, high = float(np.fmin(low, a)), float(np.fmax(high, b))
        return low, high

    def axis_texts(self) -> list[str]:
        n = len(self.bars)
        return [price_text(float(self.bars.column("close", n - 1, n)[0]), self.decimals)] if n else []

    def tag_decimals(self, pane: Pane) -> int:
        return self.decimals if pane is self.price else pane.axis.decimals + 2

    # overlays -------------------------------------------------------------------------------------------------------

    def legend_index(self) -> int:
        """The bar that the legends speak of: under the cursor, else the newest; -1 when there is none."""
        index = self.hovered()
        return len(self.bars) - 1 if index is None or not 0 <= index < len(self.bars) else index

    def _price_legend(self) -> list[list[Piece]]:
        t, index = self.theme, self.legend_index()
        name = self.instrument.name if self.instrument else ""
        market = self.instrument.market if self.instrument else ""
        head: list[Piece] = [(name, t.text), (market, t.dim), (self.timeframe, t.text)]
        if index < 0:
            return [[p for p in head if p[0]]]
        rows = self.bars.rows(max(0, index - 1), index + 1)
        bar, before = rows[-1], float(rows[0]["close"])
        d = self.decimals
        close = float(bar["close"])
        base = before if len(rows) > 1 else float(bar["open"])
        change = close - base
        colour = t.up if change >= 0 else t.down
        for letter, field in (("O", "open"), ("H", "high"), ("L", "low"), ("C", "close")):
            head += [(f"{letter} {price_text(float(bar[field]), d)}", colour)]
        percent = f" ({change / base * 100:+.2f} %)" if base else ""
        head += [(f"{'+' if change >= 0 else ''}{price_text(change, d)}{percent}", colour)]
        head += [(f"Vol {volume_text(float(bar['volume']))}", t.dim)]
        if (size := group_size(self.time.px_per_bar)) > 1:
            head += [(f"drawn {size} bars to a candle", t.faint)]
        row: list[Piece] = []
        for indicator in self.indicators:
            if indicator.overlay:
                row += self._values(indicator, index)
        return [[p for p in head if p[0]], row, self._signal_row(index)]

    def _values(self, indicator: Indicator, index: int) -> list[Piece]:
        pieces: list[Piece] = []
        found = [self.series[o.key].at(index) if o.key in self.series else math.nan for o in indicator.outputs]
        decimals = self.decimals if indicator.overlay else value_decimals(found)
        for number, (output, value) in enumerate(zip(indicator.outputs, found, strict=True)):
            text = price_text(value, decimals)
            colour = self._colours.get(output.key, self.theme.dim)
            if output.histogram and math.isfinite(value):
                colour = self.theme.up if value >= 0 else self.theme.down
            pieces.append((f"{indicator.title} {text}" if number == 0 and indicator.overlay else text, colour))
        return pieces

    def _own_legend(self, indicator: Indicator) -> list[Piece]:
        return [(indicator.title, self.theme.text), *self._values(indicator, self.legend_index())]

    def _signal_row(self, index: int) -> list[Piece]:
        if self.hovered() is None:
            return []
        found = self.signals.of_bar(index)
        pieces = [
            (
                f"{s.strategy} {s.side} {s.action}{'' if s.kind == 'confirmed' else f' ({s.kind})'}",
                self.theme.buy if s.side == LONG else self.theme.sell,
            )
            for s in found[:4]
        ]
        return pieces + ([(f"and {len(found) - 4} more", self.theme.dim)] if len(found) > 4 else [])

    def _paint_last(self, painter: QPainter, pane: Pane) -> None:
        n = len(self.bars)
        if not n:
            return
        bar = self.bars.rows(n - 1, n)[0]
        price = float(bar["close"])
        colour = QColor(self.theme.up if price >= bar["open"] else self.theme.down)
        y = pane.yscale.y(price)
        if not math.isfinite(y):
            return
        if 0 <= y <= pane.yscale.height:
            painter.setPen(pen(colour, 1.0, (1, 3)))
            painter.drawLine(0, int(y), pane.plot_width, int(y))
        left = ""
        if self._now_ms is not None:
            close = int(bar["ts"]) + self.bars.length_ms
            left_ms = close - self._now_ms()
            left = countdown_text(left_ms) if 0 <= left_ms <= self.bars.length_ms else ""
        pane.paint_tag(painter, y, price_text(price, self.decimals), colour, left)

    def _paint_badge(self, painter: QPainter, pane: Pane) -> None:
        if self.badge is not None:
            paint_badge(painter, pane, *self.badge)
