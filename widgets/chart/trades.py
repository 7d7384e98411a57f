"""Trades of a back-test on the price pane: lines from entry to exit where they are apart, else their density."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from engine.contracts.dtypes import TRADE_DTYPE
from widgets.chart.draw import Lines, Rects, fade, mix, pen
from widgets.chart.items import PaneItem
from widgets.chart.model import BarSeries
from widgets.chart.view import Scale, TimeView
from widgets.theme import Theme

#: a trade at least this wide is a line; narrower ones are counted in a strip at the foot
LINE_PX = 3.0
#: more lines than this have dots for arrows; more than MOST_LINES are all counted
MOST_ARROWS, MOST_LINES = 160, 1_500
#: height of the strip, width of its columns, and how near a click must be
STRIP_PX, COLUMN_PX = 16, 3
#: px above the foot, where the strips of bands and of signals have their place
FOOT_PX = 14
REACH_PX = 6.0


class TradeItem(PaneItem):
    """A line from entry to exit in the colour of its result; arrows at both ends: entry in the side's colour."""

    def __init__(self, time: TimeView, scale: Scale, theme: Theme) -> None:
        super().__init__(time, scale, 9)
        self.bars: BarSeries | None = None
        self._pens = (pen(theme.up, 1.0), pen(theme.down, 1.0))
        self._sides = {1: QColor(theme.buy), -1: QColor(theme.sell)}
        self._ends = (QColor(theme.up), QColor(theme.down))
        self._strips = (mix(theme.up, theme.pane, 0.8), mix(theme.down, theme.pane, 0.8))
        self._glow = (fade(theme.up, 0.16), fade(theme.down, 0.16))
        self._ring = pen(theme.text, 1.5)
        self._edge = pen(theme.pane)
        self._lines, self._dots = Lines(), Rects()
        self.selected = -1
        self.set_trades(None)

    def set_trades(self, trades: np.ndarray | None) -> None:
        """TRADE_DTYPE rows in any order; `selected` and `at` speak of their place in it."""
        given = np.empty(0, TRADE_DTYPE) if trades is None else np.asarray(trades)
        self.order = np.argsort(given["entry_ts"], kind="stable")
        self.trades = given[self.order]
        self._entry = np.ascontiguousarray(self.trades["entry_ts"])
        self._exit = np.ascontiguousarray(self.trades["exit_ts"])
        self._won = self.trades["pnl"] >= 0
        self._drawn: tuple[np.ndarray, ...] | None = None
        self._reach = int((self._exit - self._entry).max()) if len(self.trades) else 0
        self.selected = -1

    def row(self, index: int) -> np.void | None:
        """The trade at a place of what was given to set_trades."""
        if not 0 <= index < len(self.trades):
            return None
        found: np.void = self.trades[int(np.flatnonzero(self.order == index)[0])]
        return found

    def neighbour(self, ts: int, way: int) -> tuple[int, int] | None:
        """(open time of the bar of its entry, place as in `row`) of the nearest trade entered in a bar after (way 1)
        or before (-1) the one that opened at ts."""
        length = self.bars.length_ms if self.bars is not None else 1
        at = int(np.searchsorted(self._entry, ts + length)) if way > 0 else int(np.searchsorted(self._entry, ts)) - 1
        if self.bars is None or not 0 <= at < len(self._entry):
            return None
        return self.bars.ts_at(self.bars.bar_at(int(self._entry[at]))), int(self.order[at])

    # geometry -------------------------------------------------------------------------------------------------------
    def _in_view(self, bars: BarSeries) -> np.ndarray:
        """Places, by entry, of the trades that touch the view."""
        lo, hi = self.time.span(len(bars))
        if hi <= lo or not len(self.trades):
            return np.empty(0, np.int64)
        t0, t1 = bars.ts_at(lo), bars.ts_at(hi - 1) + bars.length_ms
        a, b = np.searchsorted(self._entry, [t0 - self._reach, t1])
        places = np.arange(a, b)
        return places[self._exit[a:b] >= t0]

    def _ends_x(self, bars: BarSeries, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return (
            self.columns(bars.bars_at(self._entry[places])) + 0.5,
            self.columns(bars.bars_at(self._exit[places])) + 0.5,
        )

    def _ends_y(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = self.trades[places]
        return (
            np.clip(self.scale_.ys(rows["entry_price"]), -2e4, 2e4),
            np.clip(self.scale_.ys(rows["exit_price"]), -2e4, 2e4),
        )

    def _split(self, places: np.ndarray, x0: np.ndarray, x1: np.ndarray) -> np.ndarray:
        """bool[n]: those drawn as lines."""
        lines = x1 - x0 >= LINE_PX
        if np.count_nonzero(lines) > MOST_LINES:
            lines[:] = False
        # a bar's trade is a line as well where the bars themselves are wide enough to be told apart
        return lines | (self.time.px_per_bar >= LINE_PX)

    def at(self, x: float, y: float) -> int:
        """Place of the trade under the mouse in what was given to set_trades, of those that the last picture shows as
        lines; -1 when there is none."""
        if self._drawn is None:
            return -1
        places, x0, y0, x1, y1 = self._drawn
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((x - x0) * dx + (y - y0) * dy) / np.maximum(dx * dx + dy * dy, 1e-9), 0.0, 1.0)
        away = np.hypot(x0 + along * dx - x, y0 + along * dy - y)
        # arrows stand beside the ends of the line
        away = np.minimum(away, np.minimum(np.hypot(x0 - 4 - x, y0 - y), np.hypot(x1 + 4 - x, y1 - y)))
        best = int(np.argmin(away))
        return int(self.order[places[best]]) if away[best] <= REACH_PX else -1

    # paint ----------------------------------------------------------------------------------------------------------
    def draw(self, painter: QPainter) -> None:
        bars, self._drawn = self.bars, None
        if bars is None or not len(bars):
            return
        places = self._in_view(bars)
        if not len(places):
            return
        x0, x1 = self._ends_x(bars, places)
        lines = self._split(places, x0, x1)
        if not lines.all():
            self._density(painter, x0[~lines], self._won[places[~lines]], self.trades["pnl"][places[~lines]])
        chosen = self._place_of(self.selected)
        if lines.any():
            self._draw_lines(painter, places[lines], x0[lines], x1[lines])
        if chosen >= 0:
            self._draw_selected(painter, bars, np.array([chosen]))

    def _place_of(self, index: int) -> int:
        found = np.flatnonzero(self.order == index) if index >= 0 else np.empty(0, np.int64)
        return int(found[0]) if len(found) else -1

    def _draw_lines(self, painter: QPainter, places: np.ndarray, x0: np.ndarray, x1: np.ndarray) -> None:
        y0, y1 = self._ends_y(places)
        self._drawn = (places, x0, y0, x1, y1)
        # a line that reaches far beyond the view costs as if it were all seen
        a, b = np.clip(x0, -200.0, self.time.width + 200.0), np.clip(x1, -200.0, self.time.width + 200.0)
        slope = (y1 - y0) / np.maximum(x1 - x0, 1e-9)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        won = self._won[places]
        for side, mine in enumerate((won, ~won)):
            n = int(np.count_nonzero(mine))
            room = self._lines.room(n)
            room[:, 0], room[:, 2] = a[mine], b[mine]
            room[:, 1], room[:, 3] = (y0 + slope * (a - x0))[mine], np.where(b == x1, y1, y0 + slope * (b - x0))[mine]
            painter.setPen(self._pens[side])
            self._lines.draw(painter, n)
        long = self.trades["side"][places] > 0
        (self._arrows if len(places) <= MOST_ARROWS else self._draw_dots)(painter, x0, y0, x1, y1, long, won)

    def _arrows(self, painter: QPainter, *columns: np.ndarray) -> None:
        painter.setPen(self._edge)
        for x0, y0, x1, y1, long, won in zip(*(c.tolist() for c in columns), strict=True):
            painter.setBrush(self._sides[1 if long else -1])
            painter.drawPolygon(QPolygonF([QPointF(x0 - 9, y0 - 5), QPointF(x0, y0), QPointF(x0 - 9, y0 + 5)]))
            painter.setBrush(self._ends[0 if won else 1])
            painter.drawPolygon(QPolygonF([QPointF(x1 + 9, y1 - 5), QPointF(x1, y1), QPointF(x1 + 9, y1 + 5)]))

    def _draw_dots(
        self,
        painter: QPainter,
        x0: np.ndarray,
        y0: np.ndarray,
        x1: np.ndarray,
        y1: np.ndarray,
        long: np.ndarray,
        won: np.ndarray,
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for x, y, mine, colour in (
            (x0, y0, long, self._sides[1]),
            (x0, y0, ~long, self._sides[-1]),
            (x1, y1, won, self._ends[0]),
            (x1, y1, ~won, self._ends[1]),
        ):
            n = int(np.count_nonzero(mine))
            room = self._dots.room(n)
            room[:, 0], room[:, 1], room[:, 2:] = np.floor(x[mine]) - 1, np.floor(y[mine]) - 1, 3.0
            painter.setBrush(colour)
            self._dots.draw(painter, n)

    def _density(self, painter: QPainter, x: np.ndarray, won: np.ndarray, pnl: np.ndarray) -> None:
        """Near the foot of the pane: how many trades a column (height), winners above losers."""
        column = x.astype(np.int64) // COLUMN_PX
        seen = (column >= 0) & (column * COLUMN_PX < self.time.width)
        if not seen.any():
            return
        size = self.time.width // COLUMN_PX + 1
        good = np.bincount(column[seen & won], minlength=size)
        bad = np.bincount(column[seen & ~won], minlength=size)
        unit = STRIP_PX / max(1, int((good + bad).max()))
        painter.setPen(Qt.PenStyle.NoPen)
        below = np.zeros(size)
        for side, count in ((1, bad), (0, good)):
            tall = np.where(count > 0, np.maximum(1.0, np.round(count * unit)), 0.0)
            used = np.flatnonzero(count)
            room = self._dots.room(len(used))
            room[:, 0], room[:, 2] = used * COLUMN_PX, COLUMN_PX - 1
            room[:, 1] = self.scale_.height - FOOT_PX - below[used] - tall[used]
            room[:, 3] = tall[used]
            painter.setBrush(self._strips[side])
            self._dots.draw(painter, len(used))
            below += tall

    def _draw_selected(self, painter: QPainter, bars: BarSeries, place: np.ndarray) -> None:
        """The chosen trade: its time and range shaded, its line strong, its ends ringed."""
        (x0,), (x1,) = (v.tolist() for v in self._ends_x(bars, place))
        (y0,), (y1,) = (v.tolist() for v in self._ends_y(place))
        side = 0 if self._won[place[0]] else 1
        left, right = max(x0, -10.0), min(max(x1, x0 + 1), self.time.width + 10.0)
        painter.fillRect(QRectF(left, min(y0, y1), right - left, max(1.0, abs(y1 - y0))), self._glow[side])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        strong = pen(self._ends[side], 2.0)
        painter.setPen(strong)
        if math.hypot(x1 - x0, y1 - y0) < 8_000:
            painter.drawLine(QPointF(x0, y0), QPointF(x1, y1))
        self._arrows(
            painter, *(np.array([v]) for v in (x0, y0, x1, y1)), self.trades["side"][place] > 0, self._won[place]
        )
        painter.setPen(self._ring)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y in ((x0 - 4, y0), (x1 + 4, y1)):
            painter.drawEllipse(QPointF(x, y), 9, 9)
