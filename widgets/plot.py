"""The ground of all plots that are no candle charts: axes, hover, and a menu to copy the picture or its values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHideEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from widgets.ink import LEFT, RIGHT, Ink, ink, painting
from widgets.texts import tr
from widgets.viewmodels.plots import Scale, ticks, time_ticks

#: points of a line that are drawn at most, in pixels of its width
POINTS_A_PIXEL = 2


class Plot(QWidget):
    """Subclasses write `draw` and, where they have them, `draw_over` and `values`. hover: the mouse, None when it is
    outside. note: said instead where there is nothing to draw. cached: `draw` is painted once until `changed`, and
    `draw_over`, which alone may look at the mouse, over it."""

    cached = False

    clicked = Signal(QPointF)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMinimumSize(80, 40)
        self.name = name
        self.hover: QPointF | None = None
        self.note = ""
        self._layer: tuple[object, QPixmap] | None = None

    # to be written --------------------------------------------------------------------------------------------------
    def draw(self, painter: QPainter, paint: Ink) -> None:
        """Paint everything; the background is filled."""

    def draw_over(self, painter: QPainter, paint: Ink) -> None:
        """What follows the mouse."""

    def values(self) -> str:
        """What is drawn as CSV, "" where there is none."""
        return ""

    # what subclasses use --------------------------------------------------------------------------------------------
    def changed(self) -> None:
        """There is something else to draw."""
        self._layer = None
        self.update()

    def grid_y(
        self, painter: QPainter, paint: Ink, area: QRectF, scale: Scale, text: Callable[[float], str], most: int = 0
    ) -> None:
        """Horizontal lines with labels left of the area."""
        painter.setFont(paint.small)
        found = ticks(scale.lo, scale.hi, most or max(2, int(area.height() / 34)), scale.log)
        for value in found:
            y = round(scale.at(value)) + 0.5
            painter.setPen(QPen(paint["grid"], 1))
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            painter.setPen(paint["dim"])
            painter.drawText(QRectF(0, y - 8, area.left() - 6, 16), RIGHT, text(value))

    def grid_time(self, painter: QPainter, paint: Ink, area: QRectF, scale: Scale, *, lines: bool = True) -> None:
        """Vertical lines with dates below the area."""
        painter.setFont(paint.small)
        last = -1e9
        for ms, label in time_ticks(scale.lo, scale.hi, max(2, int(area.width() / 64))):
            x = round(scale.at(ms)) + 0.5
            if lines:
                painter.setPen(QPen(paint["grid"], 1))
                painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
            width = painter.fontMetrics().horizontalAdvance(label)
            left = min(max(x - width / 2, 2), self.width() - width - 2)
            if left > last + 8:
                painter.setPen(paint["dim"])
                painter.drawText(QPointF(left, area.bottom() + 13), label)
                last = left + width

    def tip(self, painter: QPainter, paint: Ink, at: QPointF, lines: Sequence[tuple[str, str]]) -> None:
        """A small box beside a point: (text, token) a line; kept inside the widget."""
        painter.setFont(paint.small)
        metrics = painter.fontMetrics()
        width = max(metrics.horizontalAdvance(text) for text, _ in lines) + 14
        height = len(lines) * 15 + 7
        x = at.x() + 12 if at.x() + 14 + width < self.width() else at.x() - 12 - width
        y = min(max(at.y() - height / 2, 2), self.height() - height - 2)
        box = QRectF(round(max(x, 2)) + 0.5, round(y) + 0.5, width, height)
        painter.setPen(QPen(paint["border"], 1))
        painter.setBrush(paint["raised"])
        painter.drawRoundedRect(box, 4, 4)
        for k, (text, token) in enumerate(lines):
            painter.setPen(paint[token])
            painter.drawText(QRectF(box.left() + 7, box.top() + 3 + 15 * k, width, 15), LEFT, text)

    def line(self, painter: QPainter, xs: np.ndarray, ys: np.ndarray) -> None:
        """A line through float64 pixels in the painter's pen, with a hole where a value is nan."""
        for poly in polygons(xs, ys):
            painter.drawPolyline(poly)

    def fill(self, painter: QPainter, xs: np.ndarray, ys: np.ndarray, base: float) -> None:
        """The area between a line and a level, in the painter's brush."""
        painter.setPen(Qt.PenStyle.NoPen)
        for poly in polygons(xs, ys):
            if poly.count() > 1:
                whole = QPolygonF(poly)
                whole.append(QPointF(poly.last().x(), base))
                whole.append(QPointF(poly.first().x(), base))
                painter.drawPolygon(whole)

    # Qt -------------------------------------------------------------------------------------------------------------
    def sizeHint(self) -> QSize:
        return QSize(320, 180)

    def hideEvent(self, event: QHideEvent) -> None:
        self._layer = None
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            if self.cached and not self.note:
                painter.drawPixmap(0, 0, self._drawn())
                self.draw_over(painter, ink())
            else:
                self._paint(painter)

    def _drawn(self) -> QPixmap:
        """Everything but what follows the mouse."""
        state = (self.size(), self.devicePixelRatioF(), ink())
        if self._layer is None or self._layer[0] != state:
            made = QPixmap(self.size() * self.devicePixelRatioF())
            made.setDevicePixelRatio(self.devicePixelRatioF())
            with painting(made) as painter:
                painter.fillRect(self.rect(), ink()["panel"])
                self.draw(painter, ink())
            self._layer = (state, made)
        return self._layer[1]

    def _paint(self, painter: QPainter) -> None:
        paint = ink()
        painter.fillRect(self.rect(), paint["panel"])
        if self.note:
            painter.setFont(paint.font)
            painter.setPen(paint["dim"])
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect().adjusted(12, 4, -12, -4), flags, self.note)
            return
        self.draw(painter, paint)
        self.draw_over(painter, paint)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hover = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.hover = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position())
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

    def menu(self) -> QMenu:
        """What a right click offers."""
        menu = QMenu(self)
        menu.addAction(tr("Copy the picture"), self.copy_picture)
        menu.addAction(tr("Save the picture …"), self.save_picture)
        if self.values():
            menu.addSeparator()
            menu.addAction(tr("Copy the values"), self.copy_values)
            menu.addAction(tr("Export the values as CSV …"), self.export_values)
        return menu

    def picture(self) -> QPixmap:
        """What is seen, at twice the size, without the mouse's traces."""
        made = QPixmap(self.size() * 2)
        made.setDevicePixelRatio(2.0)
        hover, self.hover = self.hover, None
        try:
            with painting(made) as painter:
                self._paint(painter)
        finally:
            self.hover = hover
        return made

    def copy_picture(self) -> None:
        QGuiApplication.clipboard().setPixmap(self.picture())

    def save_picture(self, path: str = "") -> None:
        """Asks for the file unless one is given."""
        if not path:
            path, _ = QFileDialog.getSaveFileName(self, tr("Save the picture"), f"{self.name}.png", "PNG (*.png)")
        if path:
            self.picture().save(path)

    def copy_values(self) -> None:
        QGuiApplication.clipboard().setText(self.values())

    def export_values(self, path: str = "") -> None:
        if not path:
            path, _ = QFileDialog.getSaveFileName(self, tr("Export the values"), f"{self.name}.csv", "CSV (*.csv)")
        if path:
            write_text(path, self.values())


def write_text(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(text)


def polygons(xs: np.ndarray, ys: np.ndarray) -> list[QPolygonF]:
    """Connected pieces of a line, thinned to what its pixels can show: the lowest and highest of each pixel column."""
    known = np.isfinite(xs) & np.isfinite(ys)
    if not known.any():
        return []
    breaks = np.flatnonzero(np.diff(known.astype(np.int8)))
    pieces = np.split(np.arange(len(xs)), breaks + 1)
    made = []
    for piece in pieces:
        if not known[piece[0]]:
            continue
        x, y = _thinned(xs[piece], ys[piece])
        poly = QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
        made.append(poly)
    return made


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    width = abs(float(x[-1] - x[0])) if len(x) else 0.0
    if len(x) <= max(POINTS_A_PIXEL * width, 16):
        return x, y
    column = np.floor(x).astype(np.int64)
    starts = np.flatnonzero(np.r_[True, np.diff(column) != 0])
    keep = set(starts.tolist()) | {len(x) - 1}
    ends = np.r_[starts[1:], len(x)]
    for a, b in zip(starts.tolist(), ends.tolist(), strict=True):
        keep |= {a + int(y[a:b].argmin()), a + int(y[a:b].argmax())}
    at = np.array(sorted(keep))
    return x[at], y[at]


def area_of(widget: QWidget, left: float, top: float, right: float, bottom: float) -> QRectF:
    """The widget without its margins."""
    return QRectF(left, top, max(widget.width() - left - right, 1), max(widget.height() - top - bottom, 1))


def short(value: float) -> str:
    """An axis label without needless zeros."""
    if not math.isfinite(value):
        return ""
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"


__all__ = ["Plot", "area_of", "polygons", "short", "write_text"]
