"""What lies on the candles besides indicators: trades, bands, levels, hits, drawings; and clicks on bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QMouseEvent

from widgets.chart.bands import Band, BandItem
from widgets.chart.drawings.kit import DrawKit
from widgets.chart.drawings.layer import DrawingLayer
from widgets.chart.hints import Hints
from widgets.chart.hits import HitItem
from widgets.chart.levels import Level, Levels
from widgets.chart.pane import Pane
from widgets.chart.view import MAX_PX_PER_BAR, MIN_BARS
from widgets.viewmodels import shapes

if TYPE_CHECKING:
    from widgets.chart.panel import ChartPanel


class Layers(QObject):
    """Of one chart panel, whose signals it emits."""

    def __init__(self, panel: ChartPanel) -> None:
        super().__init__(panel)
        self.panel, self.stack = panel, panel.stack
        #: the symbol that was asked for and is not on show yet
        self.coming = ""
        self._given_for = ""
        stack, price, theme = panel.stack, panel.stack.price, panel.theme
        self.bands = BandItem(stack.time, price.yscale, theme, lambda: stack.bars)
        self.hits = HitItem(stack.time, price.yscale, theme, lambda: stack.bars)
        for item in (self.bands, self.bands.strip, self.hits):
            price.add(item)
        self.levels = Levels(stack, theme, panel.levelMoved.emit)
        self.kit = DrawKit(parent=self)
        self.drawings = DrawingLayer(panel, self.kit)
        self.hints = Hints(stack)
        stack.clicked.connect(self._clicked)

    # given by others ------------------------------------------------------------------------------------------------
    def set_trades(self, trades: np.ndarray | None) -> None:
        self._given_for = self.coming or self.panel.symbol
        self.stack.trades.set_trades(trades)
        self.stack.refresh()

    def select_trade(self, index: int) -> None:
        """Mark a trade by its place in what set_trades was given and bring it into the middle; -1 marks none."""
        trades, bars, view = self.stack.trades, self.stack.bars, self.stack.time
        trades.selected = index
        row = trades.row(index)
        if row is None or not len(bars):
            self.stack.refresh()
            return
        first, last = bars.bar_at(int(row["entry_ts"])), bars.bar_at(int(row["exit_ts"]))
        wide = last - first + 1
        if wide * view.px_per_bar > 0.8 * view.width:
            view.px_per_bar = max(0.6 * view.width / wide, 0.01)
        view.right = (first + last) / 2 + view.visible_bars / 2
        view.clamp(len(bars))
        self.stack.changed()

    def step_trade(self, way: int) -> bool:
        """Go to the next (1) or previous (-1) trade by entry, from the marked one or from the middle of the view;
        tradeClicked tells. False when there are none."""
        trades, stack = self.stack.trades, self.stack
        n = len(trades.trades)
        if not n or not stack.count():
            return False
        if trades.selected >= 0:
            at = int(np.flatnonzero(trades.order == trades.selected)[0]) + way
        else:
            middle = stack.bars.ts_at(round((stack.time.left + stack.time.right) / 2))
            at = int(np.searchsorted(trades.trades["entry_ts"], middle)) - (way < 0)
        number = int(trades.order[min(max(at, 0), n - 1)])
        self.select_trade(number)
        self.panel.tradeClicked.emit(number)
        return True

    def set_bands(self, bands: Sequence[Band]) -> None:
        self._given_for = self.coming or self.panel.symbol
        self.bands.set_bands(bands)
        self.stack.refresh()

    def set_levels(self, levels: Sequence[Level]) -> None:
        self._given_for = self.coming or self.panel.symbol
        self.levels.set_levels(levels)

    def set_hits(self, ts: np.ndarray, side: np.ndarray) -> None:
        self.hits.set_hits(ts, side)
        self.stack.refresh()

    def show(self, symbol: str) -> None:
        """Another symbol or timeframe is shown: what was not given for it goes. What was given while it was on its way
        stays."""
        self.coming = ""
        self.hits.set_hits(np.empty(0, np.int64), np.empty(0, np.int8))
        if symbol != self._given_for:
            self.stack.trades.set_trades(None)
            self.bands.set_bands([])
            self.levels.set_levels([])
        self._given_for = symbol

    def use_kit(self, kit: DrawKit) -> None:
        """Share drawings and the tool in hand with other charts."""
        self.kit = kit
        self.drawings.use(kit)

    # linked charts --------------------------------------------------------------------------------------------------
    def mirror(self, ms: int, price: float | None) -> None:
        """The crosshair of another chart: at the bar that holds the moment, and at its price where that is known."""
        stack = self.stack
        if not stack.count():
            return
        x = stack.time.x(math.floor(shapes.index_of(stack.bars, ms)))
        inside = 0 <= x <= stack.time.width
        pane = stack.price if price is not None else None
        pointer = (pane, x, stack.price.yscale.y(price) if price is not None else -1.0) if inside else None
        if pointer is None:
            stack.clear_cursor()
        elif pointer != stack.pointer:
            stack.set_cursor(*pointer)

    def show_span(self, left: int, right: int) -> None:
        """Show the time between two moments."""
        stack, view = self.stack, self.stack.time
        if not stack.count():
            return
        first, last = (shapes.index_of(stack.bars, ms) for ms in (left, right))
        view.px_per_bar = min(view.width / max(last - first, MIN_BARS), MAX_PX_PER_BAR)
        view.right = last
        stack.changed()

    # mouse ----------------------------------------------------------------------------------------------------------
    def _clicked(self, pane: Pane, event: QMouseEvent) -> None:
        """A press and release at one place of the plot, which no tool took."""
        stack, at = self.stack, event.position()
        if event.button() != Qt.MouseButton.LeftButton or at.x() >= pane.plot_width:
            return
        if pane is stack.price and (found := stack.signals.mark_at(at.x(), at.y())) is not None:
            self.panel.signalClicked.emit(stack.signals.of_mark(found)[0])
            return
        if pane is stack.price and (trade := stack.trades.at(at.x(), at.y())) >= 0:
            stack.trades.selected = trade
            stack.refresh()
            self.panel.tradeClicked.emit(trade)
            return
        index = math.floor(stack.time.index_at(at.x()) + 0.5)
        if 0 <= index < stack.count():
            self.panel.barClicked.emit(stack.bars.ts_at(index))
