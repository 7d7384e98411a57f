"""The forms in which prices are drawn: candles, hollow candles, bars, line, area and Heikin-Ashi."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from widgets.chart.draw import Rects, draw_polyline, mix, pen, polygon
from widgets.chart.items import LINE_PX, CandleItem, PaneItem, body_width, group_size
from widgets.chart.model import BarSeries
from widgets.chart.pyramid import bucket_size
from widgets.chart.view import Scale, TimeView
from widgets.texts import mark
from widgets.theme import Theme

CANDLES, HOLLOW, BARS, LINE, AREA, HEIKIN = STYLES = ("candles", "hollow", "bars", "line", "area", "heikin")
#: style -> what it is called
NAMES = {
    CANDLES: mark("Candles"),
    HOLLOW: mark("Hollow candles"),
    BARS: mark("Bars (OHLC)"),
    LINE: mark("Line"),
    AREA: mark("Area"),
    HEIKIN: mark("Heikin-Ashi"),
}
#: candles before the view from which Heikin-Ashi is recursed: an open's weight halves with each, and after 64 of them
#: nothing of the start is left in a double
HEIKIN_START = 64


def heikin_ashi(o: np.ndarray, h: np.ndarray, low: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, ...]:
    """(open, high, low, close) of the Heikin-Ashi candles: close = mean of the four; open = mean of the candle
    before's open and close, of the first its own open and close; high and low reach over both."""
    close = (o + h + low + c) / 4.0
    opens = np.empty_like(close)
    at = (float(o[0]) + float(c[0])) / 2.0 if len(o) else 0.0
    for k, value in enumerate(close.tolist()):
        opens[k] = at
        at = (at + value) / 2.0
    return opens, np.fmax(h, np.fmax(opens, close)), np.fmin(low, np.fmin(opens, close)), close


class PriceItem(CandleItem):
    """Prices in the chosen style. All draw the visible slice only, in groups of bars when they are narrow.

    Heikin-Ashi candles are made of what would be drawn as candles: below some pixels a bar they are those of groups.
    """

    def __init__(self, time: TimeView, scale: Scale, theme: Theme) -> None:
        super().__init__(time, scale, theme)
        self.style = CANDLES
        self._up, self._down = QColor(theme.up), QColor(theme.down)
        self._line = pen(theme.text, 1.5)
        self._hole = QColor(theme.pane)
        self._hollow_rects = Rects()

    def extent(self, lo: int, hi: int) -> tuple[float, float]:
        """(lowest, highest) of what is drawn for bars [lo, hi)."""
        bars = self.bars
        if bars is None or self.style != HEIKIN:
            return bars.extent(lo, hi) if bars is not None else (math.nan, math.nan)
        lo, hi = max(0, lo), min(len(bars), hi)
        if hi <= lo:
            return math.nan, math.nan
        _first, (_o, h, low, _c) = self._candles(bars, lo, hi, group_size(self.time.px_per_bar))
        return float(np.fmin.reduce(low)), float(np.fmax.reduce(h))

    def _candles(self, bars: BarSeries, lo: int, hi: int, size: int) -> tuple[int, tuple[np.ndarray, ...]]:
        """First group and its (open, high, low, close) columns as the style wants them."""
        if self.style != HEIKIN:
            first, columns = bars.pyramid.buckets(lo, hi, size)
            return first, tuple(columns[:4])
        first, columns = bars.pyramid.buckets(max(0, lo - HEIKIN_START * size), hi, size)
        made = heikin_ashi(*columns[:4])
        skip = (lo - bars.pyramid.origin) // size - first
        return first + skip, tuple(m[skip:] for m in made)

    def draw(self, painter: QPainter) -> None:
        if self.style == CANDLES and not self.scale_.inverted:
            super().draw(painter)
            return
        bars = self.bars
        if bars is None or not len(bars):
            return
        lo, hi = self.time.span(len(bars))
        if hi <= lo:
            return
        if self.style in (LINE, AREA):
            self._draw_line(painter)
            return
        size = group_size(self.time.px_per_bar)
        # one more in front: hollow candles are coloured by the close before
        first, (o, h, low, c) = self._candles(bars, max(0, lo - size), hi, size)
        x = self.columns(bars.pyramid.centres(first, len(o), size))
        width = body_width(self.time.px_per_bar * size, self.time.ratio)
        ends = self.rows(h), self.rows(low)
        high, foot = np.minimum(*ends), np.maximum(*ends)
        if self.style == BARS:
            self._draw_bars(painter, x, self.rows(o), high, foot, self.rows(c), c >= o, width)
        else:
            rising = c >= o
            if self.style == HOLLOW:
                rising = c >= np.concatenate((o[:1], c[:-1]))
            self._draw_candles(painter, x, (self.rows(o), high, foot, self.rows(c)), rising, width, c > o)

    def closes(self) -> tuple[np.ndarray, np.ndarray]:
        """(x, y) of the closes in view, one a column at most."""
        bars = self.bars
        lo, hi = self.time.span(len(bars)) if bars is not None else (0, 0)
        if bars is None or hi <= lo:
            return np.empty(0), np.empty(0)
        size = bucket_size(self.time.px_per_bar, LINE_PX)
        first, columns = bars.pyramid.buckets(lo, hi, size)
        close = columns[3]
        return self.time.xs(bars.pyramid.centres(first, len(close), size)), self.scale_.ys(close)

    def _draw_line(self, painter: QPainter) -> None:
        x, y = self.closes()
        # smooth only where it can be seen: narrow columns are drawn as they are, three times as fast
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(self._line if self.time.px_per_bar >= 1 else pen(self._line.color()))
        draw_polyline(painter, x, y)

    def _draw_candles(
        self,
        painter: QPainter,
        x: np.ndarray,
        rows: tuple[np.ndarray, ...],
        rising: np.ndarray,
        width: int,
        hollow: np.ndarray,
    ) -> None:
        o, high, foot, c = rows
        top, bottom = np.minimum(o, c), np.maximum(o, c)
        px = 1.0 / self.time.ratio
        good = np.isfinite(high) & np.isfinite(foot) & np.isfinite(top) & np.isfinite(bottom)
        hollow = hollow if self.style == HOLLOW and width >= 3 else np.zeros(len(x), bool)
        painter.setPen(Qt.PenStyle.NoPen)
        for side, chosen in enumerate((good & rising, good & ~rising)):
            n = int(np.count_nonzero(chosen))
            if not n:
                continue
            xs, wick, body = x[chosen], self._wicks.room(n), self._rects.room(n)
            wick[:, 0], wick[:, 1], wick[:, 2] = xs, high[chosen], px
            wick[:, 3] = foot[chosen] - high[chosen] + px
            body[:, 0], body[:, 1], body[:, 2] = xs - (width // 2) * px, top[chosen], width * px
            body[:, 3] = bottom[chosen] - top[chosen] + px
            painter.setBrush(self._colours[side] if width > 1 else self._thin_wicks[side])
            self._wicks.draw(painter, n)
            painter.setBrush(self._colours[side])
            self._rects.draw(painter, n)
            self._cut_out(painter, body[:n][hollow[chosen]], px)

    def _cut_out(self, painter: QPainter, bodies: np.ndarray, px: float) -> None:
        """Leave the outline of these bodies."""
        bodies = bodies[bodies[:, 3] > 2 * px]
        if not len(bodies):
            return
        holes = self._hollow_rects.room(len(bodies))
        holes[:] = bodies + np.array([px, px, -2 * px, -2 * px])
        painter.setBrush(self._hole)
        self._hollow_rects.draw(painter, len(bodies))

    def _draw_bars(
        self,
        painter: QPainter,
        x: np.ndarray,
        o: np.ndarray,
        high: np.ndarray,
        foot: np.ndarray,
        c: np.ndarray,
        rising: np.ndarray,
        width: int,
    ) -> None:
        px = 1.0 / self.time.ratio
        thick = px * (2 if width >= 9 else 1)
        arm = max(1, width // 2) * px
        good = np.isfinite(high) & np.isfinite(foot) & np.isfinite(o) & np.isfinite(c)
        painter.setPen(Qt.PenStyle.NoPen)
        for side, chosen in enumerate((good & rising, good & ~rising)):
            n = int(np.count_nonzero(chosen))
            if not n:
                continue
            xs, rects = x[chosen], self._rects.room(3 * n)
            rects[:n, 0], rects[:n, 1], rects[:n, 2] = xs, high[chosen], thick
            rects[:n, 3] = foot[chosen] - high[chosen] + thick
            rects[n:, 2], rects[n:, 3] = arm, thick
            rects[n : 2 * n, 0], rects[n : 2 * n, 1] = xs - arm, o[chosen]
            rects[2 * n : 3 * n, 0], rects[2 * n : 3 * n, 1] = xs + thick, c[chosen]
            painter.setBrush(self._colours[side])
            self._rects.draw(painter, n if width <= 1 else 3 * n)


class AreaItem(PaneItem):
    """The area below the closes, behind grid and volume, for the style that has one."""

    def __init__(self, price: PriceItem, theme: Theme) -> None:
        super().__init__(price.time, price.scale_, -12)
        self._price = price
        self._fill = mix(theme.accent, theme.pane, 0.16)

    def draw(self, painter: QPainter) -> None:
        x, y = self._price.closes() if self._price.style == AREA else (np.empty(0), np.empty(0))
        if len(x) and np.isfinite(y).all():
            base = 0.0 if self.scale_.inverted else float(self.scale_.height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._fill)
            painter.drawPolygon(polygon(np.r_[x[0], x, x[-1]], np.r_[base, y, base]))
