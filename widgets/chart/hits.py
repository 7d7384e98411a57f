"""Where a strategy that is being written would have signalled: hollow marks, or their density."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPolygonF

from widgets.chart.draw import pen
from widgets.chart.items import PaneItem
from widgets.chart.model import BarSeries
from widgets.chart.view import Scale, TimeView
from widgets.theme import Theme

#: more in view than this, or closer than this on average, are a strip
MOST, SPACE_PX = 500, 3.0


class HitItem(PaneItem):
    """Hollow diamonds below (long) and above (short) their bars."""

    def __init__(self, time: TimeView, scale: Scale, theme: Theme, bars: Callable[[], BarSeries]) -> None:
        super().__init__(time, scale, 11)
        self._bars = bars
        self.ts, self.side = np.empty(0, np.int64), np.empty(0, np.int8)
        self._pens = {True: pen(theme.ma4, 1.5), False: pen(theme.ma2, 1.5)}
        self._colours = {True: QColor(theme.ma4), False: QColor(theme.ma2)}
        self._pane = QColor(theme.pane)

    def set_hits(self, ts: np.ndarray, side: np.ndarray) -> None:
        """ts: int64[n], times of bars, ms; side: int8[n], above 0 for long."""
        order = np.argsort(ts, kind="stable")
        self.ts, self.side = np.asarray(ts, np.int64)[order], np.asarray(side, np.int8)[order]

    def draw(self, painter: QPainter) -> None:
        bars = self._bars()
        lo, hi = self.time.span(len(bars))
        if hi <= lo or not len(self.ts):
            return
        a, b = np.searchsorted(self.ts, [bars.ts_at(lo), bars.ts_at(hi - 1) + bars.length_ms])
        if b <= a:
            return
        index, long = bars.bars_at(self.ts[a:b]), self.side[a:b] > 0
        if len(index) > MOST or len(index) * SPACE_PX > self.time.width:
            self.density(painter, index, long)
        else:
            self._marks(painter, bars, index, long)

    def density(self, painter: QPainter, index: np.ndarray, long: np.ndarray) -> None:
        """Numbers of hits a column: long at the foot, short at the top."""
        height = self.scale_.height
        for side in (True, False):
            column = self.time.xs(index[long == side]).astype(np.int64) // 3
            column = column[(column >= 0) & (column * 3 < self.time.width)]
            if not len(column):
                continue
            count = np.bincount(column)
            most = int(count.max())
            for x in np.flatnonzero(count).tolist():
                tall = 3 + round(11 * int(count[x]) / most)
                painter.fillRect(QRectF(x * 3, height - tall if side else 0, 2, tall), self._colours[side])

    def _marks(self, painter: QPainter, bars: BarSeries, index: np.ndarray, long: np.ndarray) -> None:
        first = int(index[0])
        rows = bars.rows(first, int(index[-1]) + 1)
        x = self.columns(index) + 0.5
        y = np.where(long, self.rows(rows["low"])[index - first] + 16, self.rows(rows["high"])[index - first] - 16)
        size = 4.5 if self.time.px_per_bar >= 4 else 3.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(self._pane)
        for a, b, side in zip(x.tolist(), y.tolist(), long.tolist(), strict=True):
            painter.setPen(self._pens[side])
            corners = [(a, b - size), (a + size, b), (a, b + size), (a - size, b)]
            painter.drawPolygon(QPolygonF([QPointF(*c) for c in corners]))
