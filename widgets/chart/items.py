"""Graphics items of a pane. They paint in pixels, from the visible slice only, at most a few values a column."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from widgets.chart.draw import Rects, draw_polyline, fade, mix, pen, polygon
from widgets.chart.model import BarSeries, LineSeries
from widgets.chart.pyramid import bucket_size
from widgets.chart.ticks import TimeTick
from widgets.chart.view import Scale, TimeView
from widgets.theme import Theme

#: share of the price pane's height that the volume takes
VOLUME_SHARE = 0.18
#: below BAR_PX a bar, bars are drawn in groups at least GROUP_PX wide, so that candles stay candles
BAR_PX, GROUP_PX, LINE_PX = 2.5, 4.0, 1.0
#: bars to a pixel column from which on a line is drawn as a cloud of its range with its middle in it
CLOUD_BARS = 64


class PaneItem(QGraphicsItem):
    """A child of a view box whose coordinates are pixels of the pane; z orders the items."""

    def __init__(self, time: TimeView, scale: Scale, z: float) -> None:
        super().__init__()
        self.time = time
        self.scale_ = scale
        self.setZValue(z)

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self.time.width, self.scale_.height)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self.draw(painter)

    def draw(self, painter: QPainter) -> None:
        raise NotImplementedError

    def columns(self, index: np.ndarray) -> np.ndarray:
        """Left edge, in logical pixels on the device's grid, of the one device pixel at each index."""
        # the last bits of an index among millions must not move a candle by a pixel
        return np.floor(self.time.xs(index) * self.time.ratio + 1e-6) / self.time.ratio

    def rows(self, values: np.ndarray) -> np.ndarray:
        """y of values on the device's grid, kept within what the rasteriser can take."""
        return np.clip(np.floor(self.scale_.ys(values) * self.time.ratio) / self.time.ratio, -20_000.0, 20_000.0)


def body_width(px_per_bar: float, ratio: float) -> int:
    """Device pixels of a candle's body: odd, so that the wick is its middle; 2 where 3 would leave no gap."""
    wide = px_per_bar * ratio
    return 2 if 2.5 <= wide < 3.75 else max(1, (int(wide * 0.8 + 1) // 2) * 2 - 1)


def group_size(px_per_bar: float) -> int:
    """Bars drawn as one candle, column or histogram bar."""
    return 1 if px_per_bar >= BAR_PX else bucket_size(px_per_bar, GROUP_PX)


class GridItem(PaneItem):
    """Horizontal lines at the price ticks, vertical ones at the time labels; days stand out.

    breaks: bars before which others are missing (closed hours, or a gap), dotted.
    """

    def __init__(self, time: TimeView, scale: Scale, theme: Theme) -> None:
        super().__init__(time, scale, -10)
        self.values: list[float] = []
        self.ticks: list[TimeTick] = []
        self.guides: list[float] = []
        self.breaks: list[int] = []
        self._thin, self._strong = QColor(theme.grid), mix(theme.grid_strong, theme.pane, 0.7)
        self._guide = pen(theme.grid_strong, 1.0, (4, 4))
        self._break = pen(mix(theme.warn, theme.pane, 0.4), 1.0, (2, 4))

    def draw(self, painter: QPainter) -> None:
        width, height, px = self.time.width, self.scale_.height, 1.0 / self.time.ratio
        for value in self.values:
            painter.fillRect(QRectF(0, np.floor(self.scale_.y(value)), width, px), self._thin)
        for tick in self.ticks:
            x = float(self.columns(np.array([tick.index]))[0])
            painter.fillRect(QRectF(x, 0, px, height), self._strong if tick.weight else self._thin)
        painter.setPen(self._break)
        for index in self.breaks:
            x = int(self.time.x(index - 0.5))
            painter.drawLine(x, 0, x, height)
        painter.setPen(self._guide)
        for value in self.guides:
            y = int(self.scale_.y(value))
            painter.drawLine(0, y, width, y)


class CandleItem(PaneItem):
    """Candles: one-pixel wicks, odd bodies; below BAR_PX a bar they are candles of aligned groups of bars."""

    def __init__(self, time: TimeView, scale: Scale, theme: Theme) -> None:
        super().__init__(time, scale, 0)
        self.bars: BarSeries | None = None
        self._colours = (QColor(theme.up), QColor(theme.down))
        self._thin_wicks = (mix(theme.up, theme.pane, 0.62), mix(theme.down, theme.pane, 0.62))
        self._rects, self._wicks = Rects(), Rects()

    def draw(self, painter: QPainter) -> None:
        if self.bars is None or not len(self.bars):
            return
        lo, hi = self.time.span(len(self.bars))
        if hi <= lo:
            return
        size = group_size(self.time.px_per_bar)
        first, (o, h, low, c, _v) = self.bars.pyramid.buckets(lo, hi, size)
        x = self.columns(self.bars.pyramid.centres(first, len(o), size))
        px = 1.0 / self.time.ratio
        width = body_width(self.time.px_per_bar * size, self.time.ratio)
        top, bottom = self.rows(np.maximum(o, c)), self.rows(np.minimum(o, c))
        high, low_y = self.rows(h), self.rows(low)
        good = np.isfinite(high) & np.isfinite(low_y) & np.isfinite(top) & np.isfinite(bottom)
        painter.setPen(Qt.PenStyle.NoPen)
        for side, rising in enumerate((good & (c >= o), good & (c < o))):
            n = int(np.count_nonzero(rising))
            if not n:
                continue
            wick, body = self._wicks.room(n), self._rects.room(n)
            xs = x[rising]
            wick[:, 0], wick[:, 1], wick[:, 2] = xs, high[rising], px
            wick[:, 3] = low_y[rising] - high[rising] + px
            body[:, 0], body[:, 1], body[:, 2] = xs - (width // 2) * px, top[rising], width * px
            body[:, 3] = bottom[rising] - top[rising] + px
            # a body as narrow as its wick is told from it by strength
            painter.setBrush(self._colours[side] if width > 1 else self._thin_wicks[side])
            self._wicks.draw(painter, n)
            painter.setBrush(self._colours[side])
            self._rects.draw(painter, n)


class VolumeItem(PaneItem):
    """Volume columns at the foot of the price pane, scaled to the largest in view."""

    def __init__(self, time: TimeView, scale: Scale, theme: Theme) -> None:
        super().__init__(time, scale, -5)
        self.bars: BarSeries | None = None
        self.share = VOLUME_SHARE
        self._colours = (mix(theme.up, theme.pane, 0.36), mix(theme.down, theme.pane, 0.36))
        self._rects = Rects()

    def draw(self, painter: QPainter) -> None:
        if self.bars is None or not len(self.bars):
            return
        lo, hi = self.time.span(len(self.bars))
        largest = self.bars.max_volume(lo, hi)
        if hi <= lo or not largest > 0:
            return
        size = group_size(self.time.px_per_bar)
        first, (o, _h, _l, c, v) = self.bars.pyramid.buckets(lo, hi, size)
        x = self.columns(self.bars.pyramid.centres(first, len(o), size))
        px = 1.0 / self.time.ratio
        width = body_width(self.time.px_per_bar * size, self.time.ratio)
        tall = np.ceil(np.nan_to_num(v) * (self.scale_.height * self.share / largest))
        painter.setPen(Qt.PenStyle.NoPen)
        for side, rising in enumerate((c >= o, c < o)):
            n = int(np.count_nonzero(rising))
            rects = self._rects.room(n)
            rects[:, 0], rects[:, 2] = x[rising] - (width // 2) * px, width * px
            rects[:, 1], rects[:, 3] = self.scale_.height - tall[rising], tall[rising]
            painter.setBrush(self._colours[side])
            self._rects.draw(painter, n)


class LineItem(PaneItem):
    """One line, at most two points a pixel column; `fill` colours the area down to `base`.

    thin: where a column holds many values draw their middle, not their range, so that candles below stay visible.
    """

    def __init__(
        self, time: TimeView, scale: Scale, colour: str, z: float = 5, fill: float = 0.0, thin: bool = False
    ) -> None:
        super().__init__(time, scale, z)
        self.series: LineSeries | None = None
        self.base: float | None = None
        #: values are drawn multiplied by this
        self.gain = 1.0
        self._rects = Rects()
        self._thin = thin
        self._pen = pen(colour, 1.0)
        self._fill = fade(colour, fill) if fill else None

    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """(x, y) of what is in view; y is nan where the line is broken."""
        series = self.series
        if series is None:
            return np.empty(0), np.empty(0)
        lo, hi = self.time.span(len(series))
        if hi <= lo:
            return np.empty(0), np.empty(0)
        size = bucket_size(self.time.px_per_bar, LINE_PX)
        half = 0.5 / self.time.ratio
        if size == 1:
            x = self.columns(np.arange(lo, hi)) + half
            return x, self.scale_.ys(self._gained(series.values(lo, hi)))
        first, (least, most) = series.pyramid.buckets(lo, hi, size)
        if self._thin:
            middles = series.pyramid.centres(first, len(least), size)
            return self.time.xs(middles), self.scale_.ys(self._gained((least + most) / 2))
        x = self.time.xs(series.pyramid.centres(first, len(least), size))
        if size >= CLOUD_BARS:
            return x, self.scale_.ys(self._gained((least + most) / 2))
        y = np.empty(2 * len(least))
        # low then high, high then low: the joints between columns stay short
        y[0::4], y[1::4] = least[0::2], most[0::2]
        y[2::4], y[3::4] = most[1::2], least[1::2]
        return np.repeat(x, 2), self.scale_.ys(self._gained(y))

    def _gained(self, values: np.ndarray) -> np.ndarray:
        return values if self.gain == 1.0 else values * self.gain

    def _draw_cloud(self, painter: QPainter) -> None:
        """The range of each column, faint, where so many values fall on it that a line would be a solid block."""
        series, size = self.series, bucket_size(self.time.px_per_bar, LINE_PX)
        if series is None or self._thin or size < CLOUD_BARS:
            return
        lo, hi = self.time.span(len(series))
        first, (least, most) = series.pyramid.buckets(lo, hi, size)
        x = self.time.xs(series.pyramid.centres(first, len(least), size) - size / 2)
        ends = np.sort(np.stack([self.rows(self._gained(least)), self.rows(self._gained(most))]), axis=0)
        good = np.isfinite(ends[0])
        rects = self._rects.room(n := int(np.count_nonzero(good)))
        rects[:, 0], rects[:, 1], rects[:, 2] = x[good], ends[0][good], size * self.time.px_per_bar
        rects[:, 3] = ends[1][good] - ends[0][good] + 1
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fade(self._pen.color().name(), 0.3))
        self._rects.draw(painter, n)

    def draw(self, painter: QPainter) -> None:
        self._draw_cloud(painter)
        x, y = self.points()
        if not len(x):
            return
        if self._fill is not None:
            good = np.isfinite(y)
            if good.any():
                xs, ys = x[good], y[good]
                base = self.scale_.y(self.base) if self.base is not None else float(self.scale_.height)
                base = min(max(base, 0.0), float(self.scale_.height))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._fill)
                painter.drawPolygon(polygon(np.r_[xs[0], xs, xs[-1]], np.r_[base, ys, base]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(self._pen)
        draw_polyline(painter, x, y)


class HistogramItem(PaneItem):
    """Columns from zero; darker where they come back towards zero."""

    def __init__(self, time: TimeView, scale: Scale, theme: Theme) -> None:
        super().__init__(time, scale, 2)
        self.series: LineSeries | None = None
        self._colours = (
            QColor(theme.up),
            mix(theme.up, theme.pane, 0.5),
            QColor(theme.down),
            mix(theme.down, theme.pane, 0.5),
        )
        self._rects = Rects()

    def draw(self, painter: QPainter) -> None:
        if self.series is None:
            return
        lo, hi = self.time.span(len(self.series))
        if hi <= lo:
            return
        size = group_size(self.time.px_per_bar)
        first, (least, most) = self.series.pyramid.buckets(lo, hi, size)
        value = np.where(-least > most, least, most)
        x = self.columns(self.series.pyramid.centres(first, len(value), size))
        width = body_width(self.time.px_per_bar * size, self.time.ratio)
        px = 1.0 / self.time.ratio
        zero = float(np.floor(self.scale_.y(0.0)))
        y = self.rows(value)
        growing = np.abs(value) >= np.abs(np.concatenate((value[:1], value[:-1])))
        painter.setPen(Qt.PenStyle.NoPen)
        for k, chosen in enumerate(
            (
                (value >= 0) & growing,
                (value >= 0) & ~growing,
                (value < 0) & growing,
                (value < 0) & ~growing,
            )
        ):
            n = int(np.count_nonzero(chosen))
            rects = self._rects.room(n)
            rects[:, 0], rects[:, 2] = x[chosen] - (width // 2) * px, width * px
            rects[:, 1] = np.minimum(y[chosen], zero)
            rects[:, 3] = np.maximum(np.abs(y[chosen] - zero), px)
            painter.setBrush(self._colours[k])
            self._rects.draw(painter, n)
