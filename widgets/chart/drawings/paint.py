"""Paints drawings: those at rest into the pane's kept picture, the one in hand over it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from widgets import theme as look
from widgets.chart.draw import fade, mix, pen
from widgets.chart.items import PaneItem
from widgets.chart.price import PriceStack
from widgets.chart.ticks import price_text
from widgets.icons import pixmap
from widgets.texts import tr
from widgets.theme import Theme
from widgets.viewmodels import drawings as dr
from widgets.viewmodels import shapes
from widgets.viewmodels.drawings import Drawing
from widgets.viewmodels.shapes import Frame, Line

#: share of a drawing's colour in what it encloses
FILL = 0.12
#: px between the labels of two ratios; px that a level's words keep from the price axis, for the names of its tags
LABEL_PX, NAMES_PX = 13.0, 84.0
#: colours of the stretches between the ratios of a retracement, from 0 on
FIB_TOKENS = ("down", "ma2", "ma5", "up", "ma4", "info", "ma3")


def frame_of(stack: PriceStack) -> Frame:
    bars, time, scale = stack.bars, stack.time, stack.price.yscale
    return Frame(lambda ms: time.x(shapes.index_of(bars, ms)), scale.y, float(time.width), float(scale.height))


class Brush:
    """How each kind looks, at rest and in hand."""

    def __init__(self, stack: PriceStack, theme: Theme) -> None:
        self._stack, self._theme = stack, theme
        self._font, self._text_font = look.font(11), look.font(13)
        self._metrics, self._text_metrics = QFontMetrics(self._font), QFontMetrics(self._text_font)
        self._veil = fade(theme.pane, 0.75)
        self._pane = QColor(theme.pane)

    def colour(self, drawing: Drawing) -> QColor:
        if drawing.kind == dr.ALERT and drawing.fired_ms:
            return QColor(self._theme.faint)
        return QColor(getattr(self._theme, drawing.token))

    def text_size(self, drawing: Drawing) -> tuple[float, float]:
        """Of a text as it is painted, from its anchor to the right and up."""
        words = drawing.text or tr("Text")
        return self._text_metrics.horizontalAdvance(words) + 12.0, 20.0

    def fill(self, painter: QPainter, drawing: Drawing, frame: Frame, *, opaque: bool) -> None:
        """What it encloses. opaque: below the candles, else over them."""
        for box, token in self._areas(drawing, frame):
            colour = getattr(self._theme, token)
            painter.fillRect(box, mix(colour, self._theme.pane, FILL) if opaque else fade(colour, FILL))

    def _areas(self, drawing: Drawing, frame: Frame) -> list[tuple[QRectF, str]]:
        if drawing.kind == dr.RECTANGLE:
            (x0, y0), (x1, y1) = shapes.pixels(drawing, frame)
            return [(_box(x0, y0, x1, y1, frame), drawing.token)]
        if drawing.kind == dr.FIBONACCI:
            found = [line for line in shapes.lines(drawing, frame) if line.role == "fib"]
            return [
                (_box(a.a[0], a.a[1], b.b[0], b.b[1], frame), FIB_TOKENS[a.number])
                for a, b in itertools.pairwise(found)
            ]
        return []

    def stroke(self, painter: QPainter, drawing: Drawing, frame: Frame, *, strong: bool = False) -> None:
        """Lines and words. strong: under the mouse or selected."""
        colour = self.colour(drawing)
        if drawing.kind == dr.TEXT:
            self._words(painter, drawing, frame, colour)
            return
        level = drawing.kind in dr.LEVEL_KINDS
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not level and drawing.kind != dr.RECTANGLE)
        painter.setFont(self._font)
        written: list[float] = []
        for line in shapes.lines(drawing, frame):
            cut = shapes.clipped(line.a, line.b, frame.width, frame.height)
            if cut is None:
                continue
            dash = (5.0, 4.0) if drawing.kind == dr.ALERT else (3.0, 4.0) if line.role == "soft" else ()
            ink = QColor(getattr(self._theme, FIB_TOKENS[min(line.number, 6)])) if line.role == "fib" else colour
            width = drawing.width + (1 if strong and line.role != "soft" else 0)
            painter.setPen(pen(ink, float(width), tuple(d / width for d in dash)))
            (ax, ay), (bx, by) = cut
            painter.drawLine(QPointF(ax, ay), QPointF(bx, by))
            if line.role == "fib" and all(abs(line.a[1] - y) >= LABEL_PX for y in written):
                written.append(line.a[1])
                self._ratio(painter, drawing, line, frame, ink)
        self._caption(painter, drawing, frame, colour)

    def _ratio(self, painter: QPainter, drawing: Drawing, line: Line, frame: Frame, ink: QColor) -> None:
        ratio = dr.FIB_RATIOS[line.number]
        text = f"{ratio:g}  {price_text(shapes.fib_price(drawing, ratio), self._stack.decimals)}"
        width = self._metrics.horizontalAdvance(text)
        left = line.a[0] - width - 8
        if left < 4:  # no room at the left: inside, over the line
            left = max(line.a[0], 0.0) + 6
        self._label(painter, text, left, line.a[1] + 4 if left < line.a[0] else line.a[1] - 4, ink)

    def _label(self, painter: QPainter, text: str, x: float, baseline: float, ink: QColor) -> None:
        width = self._metrics.horizontalAdvance(text)
        painter.fillRect(QRectF(x - 2, baseline - 10, width + 4, 13), self._veil)
        painter.setPen(ink)
        painter.drawText(QPointF(x, baseline), text)

    def _caption(self, painter: QPainter, drawing: Drawing, frame: Frame, ink: QColor) -> None:
        text = self.caption(drawing)
        found = [line for line in shapes.lines(drawing, frame) if line.role == "line"]
        if not text or not found:
            return
        width = self._metrics.horizontalAdvance(text)
        if drawing.kind in dr.LEVEL_KINDS:
            y = found[0].a[1]
            if drawing.kind == dr.ALERT:
                self._bell(painter, drawing, max(26.0, frame.width - width - NAMES_PX) - 17, y)
            self._label(painter, text, max(26.0, frame.width - width - NAMES_PX), y - 4 if y > 16 else y + 13, ink)
            return
        (x0, y0), (x1, y1) = found[0].a, found[0].b
        x = min(max((x0 + x1) / 2 - width / 2, 4.0), frame.width - width - 4)
        y = y0 if x1 == x0 else y0 + (y1 - y0) * (x + width / 2 - x0) / (x1 - x0)
        self._label(painter, text, x, min(y0, y1) - 5 if drawing.kind == dr.RECTANGLE else y - 6, ink)

    def _bell(self, painter: QPainter, drawing: Drawing, x: float, y: float) -> None:
        ratio = self._stack.devicePixelRatioF()
        token = "faint" if drawing.fired_ms else drawing.token
        painter.drawPixmap(QPointF(x, y - 15 if y > 16 else y + 2), pixmap("draw-alert", token, 13, ratio))

    def caption(self, drawing: Drawing) -> str:
        """Its own words, and of an alert line what became of it."""
        if drawing.kind == dr.TEXT:
            return ""
        if drawing.kind != dr.ALERT:
            return drawing.text
        if drawing.fired_ms:
            when = self._stack.zone.local(drawing.fired_ms)
            state = tr("fired {time}").format(time=f"{when.hour:02d}:{when.minute:02d}")
        else:
            state = tr("Alert")
        return f"{drawing.text}  ·  {state}" if drawing.text else state

    def _words(self, painter: QPainter, drawing: Drawing, frame: Frame, ink: QColor) -> None:
        x, y = shapes.pixels(drawing, frame)[0]
        if not (math.isfinite(y) and -300 < x < frame.width + 50 and -50 < y < frame.height + 50):
            return
        width, height = self.text_size(drawing)
        box = QRectF(x, y - height, width, height)
        painter.setFont(self._text_font)
        painter.fillRect(box, self._veil)
        painter.fillRect(QRectF(x, y - height, 2, height), ink)
        painter.setPen(ink)
        painter.drawText(box.adjusted(8, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, drawing.text or tr("Text"))

    def handles(self, painter: QPainter, drawing: Drawing, frame: Frame) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(pen(self.colour(drawing), 1.6))
        painter.setBrush(self._pane)
        for ms, price in drawing.handles():
            x, y = frame.x(ms), frame.y(price)
            if math.isfinite(y) and -20 < x < frame.width + 20 and -20 < y < frame.height + 20:
                painter.drawEllipse(QPointF(x, y), 4.5, 4.5)


def _box(x0: float, y0: float, x1: float, y1: float, frame: Frame) -> QRectF:
    """Between two corners, cut to what the plot shows and a little more."""
    left, right = sorted((min(max(x0, -20.0), frame.width + 20), min(max(x1, -20.0), frame.width + 20)))
    top, foot = sorted((min(max(y0, -20.0), frame.height + 20), min(max(y1, -20.0), frame.height + 20)))
    return QRectF(left, top, right - left, foot - top)


class RestItem(PaneItem):
    """The drawings at rest, a part of the kept picture. below: what they enclose, under grid and candles."""

    def __init__(
        self, stack: PriceStack, brush: Brush, shown: Callable[[], list[Drawing]], *, below: bool = False
    ) -> None:
        super().__init__(stack.time, stack.price.yscale, -11 if below else 8)
        self._stack, self._brush, self._shown, self._below = stack, brush, shown, below

    def draw(self, painter: QPainter) -> None:
        if not len(self._stack.bars):
            return
        frame = frame_of(self._stack)
        for drawing in self._shown():
            if self._below:
                self._brush.fill(painter, drawing, frame, opaque=True)
            else:
                self._brush.stroke(painter, drawing, frame)
