"""The equity curve of a backtest against buy and hold, with its drawdown linked below."""

from __future__ import annotations

import math
from datetime import UTC, tzinfo

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from widgets import theme as look
from widgets.chart.items import LineItem
from widgets.chart.legend import Legend, Piece
from widgets.chart.model import LineSeries
from widgets.chart.pane import Pane
from widgets.chart.stack import PaneStack
from widgets.chart.ticks import Zone, price_text
from widgets.theme import Theme


class _Times:
    """Index <-> time of points that need not be evenly spaced."""

    def __init__(self, ts: np.ndarray) -> None:
        self.ts = ts
        self.length_ms = max(1, int(np.median(np.diff(ts)))) if len(ts) > 1 else 86_400_000

    def ts_at(self, index: int) -> int:
        n = len(self.ts)
        if n == 0:
            return 0
        inside = min(max(index, 0), n - 1)
        return int(self.ts[inside]) + (index - inside) * self.length_ms

    def index_at(self, ts: int) -> int:
        n = len(self.ts)
        if n and ts > self.ts[-1]:
            return n - 1 - (int(self.ts[-1]) - ts) // self.length_ms
        return int(np.searchsorted(self.ts, ts))


class EquityView(PaneStack):
    """Equity with its area, buy and hold as a plain line, drawdown in red below; the whole run is in view."""

    def __init__(self, theme: Theme | None = None, parent: QWidget | None = None) -> None:
        theme = theme or look.current()
        super().__init__(theme, parent)
        self._times = _Times(np.empty(0, np.int64))
        self._equity = self._benchmark = self._drawdown = LineSeries(np.empty(0))
        self.currency = ""
        self.main, self.under = self.add_pane(3), self.add_pane(1)
        self.hold_item = LineItem(self.time, self.main.yscale, theme.benchmark, 3)
        self.equity_item = LineItem(self.time, self.main.yscale, theme.up, 5, fill=0.16)
        self.drawdown_item = LineItem(self.time, self.under.yscale, theme.down, 5, fill=0.28)
        self.drawdown_item.base = 0.0
        self.main.add(self.hold_item)
        self.main.add(self.equity_item)
        self.under.add(self.drawdown_item)
        self.main.overlays.insert(0, Legend(theme, self._main_legend))
        self.main.overlays.append(self._paint_empty)
        self.under.overlays.insert(0, Legend(theme, self._under_legend))
        self.main.setMinimumHeight(80)

    def set_result(
        self, ts: np.ndarray, equity: np.ndarray, drawdown: np.ndarray, benchmark: np.ndarray | None = None
    ) -> None:
        """Show a run. ts: int64 ms, rising; equity and benchmark in the account's currency; drawdown as fractions
        of the peak, of either sign; all of one length. An empty run clears the view."""
        ts = np.asarray(ts, np.int64)
        hold = np.full(len(ts), np.nan) if benchmark is None else np.asarray(benchmark, np.float64)
        if not len(ts) == len(equity) == len(drawdown) == len(hold):
            raise ValueError(
                f"ts, equity, drawdown and benchmark must be of one length, not "
                f"{len(ts)}, {len(equity)}, {len(drawdown)}, {len(hold)}"
            )
        self._times = _Times(ts)
        self._equity, self._benchmark = LineSeries(np.asarray(equity, np.float64)), LineSeries(hold)
        self._drawdown = LineSeries(-np.abs(np.asarray(drawdown, np.float64)) * 100.0)
        self.equity_item.series, self.hold_item.series = self._equity, self._benchmark
        self.drawdown_item.series = self._drawdown
        self.fit_all()

    def set_time_zone(self, tz: tzinfo = UTC) -> None:
        self.zone = Zone(tz)
        self.refresh()

    def fit_all(self) -> None:
        """The whole run in view."""
        n = max(len(self._equity), 2)
        self.time.px_per_bar = max(self.time.width, 50) / (n - 1 + 0.02 * n)
        self.time.right = (n - 1) * 1.01
        for pane in self.panes:
            pane.auto = True
        self.changed()

    def go_to_latest(self) -> None:
        self.fit_all()

    def set_width(self, width: int) -> None:
        """The same points stay in view when the panel is made larger."""
        shown = self.time.visible_bars
        self.time.width = width
        self.time.px_per_bar = width / shown

    def times(self) -> _Times:
        return self._times

    def count(self) -> int:
        return len(self._equity)

    def fit_pane(self, pane: Pane) -> None:
        lo, hi = math.floor(self.time.left + 0.5), math.ceil(self.time.right + 0.5)
        if pane is self.main:
            a, b = self._equity.extent(lo, hi)
            c, d = self._benchmark.extent(lo, hi)
            top = max(0.08, min(0.3, 24 / pane.yscale.height))
            pane.yscale.fit(float(np.fmin(a, c)), float(np.fmax(b, d)), top, 0.06)
        else:
            low, _high = self._drawdown.extent(lo, hi)
            top = max(0.08, min(0.35, 22 / pane.yscale.height))
            pane.yscale.fit(low if math.isfinite(low) and low < 0 else -1.0, 0.0, top, 0.1)

    def tag_decimals(self, pane: Pane) -> int:
        return 2

    def _index(self) -> int:
        index, n = self.hovered(), len(self._equity)
        return n - 1 if index is None else min(max(index, 0), n - 1)

    def _main_legend(self) -> list[list[Piece]]:
        if not self.count():
            return []
        index = self._index()
        start, value, hold = self._equity.at(0), self._equity.at(index), self._benchmark.at(index)
        colour = self.theme.up if value >= start else self.theme.down
        unit = f" {self.currency}" if self.currency else ""
        row: list[Piece] = [("Equity", self.theme.text), (f"{price_text(value, 2)}{unit}", colour)]
        if start:
            row.append((f"{(value / start - 1) * 100:+.2f} %", colour))
        if math.isfinite(hold):
            first = self._benchmark.at(0)
            gain = f"  {(hold / first - 1) * 100:+.2f} %" if first else ""
            row.append((f"Buy and hold {price_text(hold, 2)}{gain}", self.theme.dim))
        return [row]

    def _under_legend(self) -> list[list[Piece]]:
        if not self.count():
            return []
        worst, _ = self._drawdown.extent(0, self.count())
        now = f"{self._drawdown.at(self._index()):.2f} %"
        return [[("Drawdown", self.theme.text), (now, self.theme.down), (f"worst {worst:.2f} %", self.theme.dim)]]

    def _paint_empty(self, painter: QPainter, pane: Pane) -> None:
        if not self.count():
            painter.setPen(QColor(self.theme.dim))
            painter.setFont(look.font(12))
            painter.drawText(pane.viewport().rect(), Qt.AlignmentFlag.AlignCenter, "No result yet: run a backtest.")
