"""Curves over time in one or more bands with one time axis: equity with its drawdown, rolling figures, comparisons."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QMouseEvent, QPainter, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QMenu, QWidget

from widgets.ink import Ink
from widgets.plots.base import Plot
from widgets.texts import tr
from widgets.viewmodels import formats, plot_shapes, plots

GAP = 8


@dataclass
class Curve:
    """ts: int64 ms, ascending; values: float64, nan where there is none; token: colour of the theme. fill: strength of
    the tint between the curve and the band's base, 0 = none. step: a level holds until the next point."""

    label: str
    ts: np.ndarray
    values: np.ndarray
    token: str
    fill: float = 0.0
    dashed: bool = False

    def at(self, ms: float) -> float:
        """The value that held at a moment."""
        place = int(np.searchsorted(self.ts, ms, side="right")) - 1
        return float(self.values[place]) if 0 <= place < len(self.values) else math.nan


@dataclass
class Band:
    """share: of the height. show: a value as text. base: from where fills go, None = the lowest drawn. level: a value
    that is marked with a line. growth: the legend says the change since the first value shown, too.
    tick: a value on the axis, short; None = as `show` where that is."""

    title: str
    curves: list[Curve] = field(default_factory=list)
    share: float = 1.0
    show: Callable[[float], str] = lambda value: formats.number(value)
    base: float | None = None
    level: float | None = None
    log: bool = False
    growth: bool = False
    tick: Callable[[float], str] | None = None


class TimePlot(Plot):
    """timeClicked(ms): a moment was clicked. Wheel zooms, dragging moves, a double click shows all."""

    timeClicked = Signal("qlonglong")

    def __init__(self, heading: str = "", height: int = 150, parent: QWidget | None = None) -> None:
        super().__init__(heading, height, parent)
        self.bands: list[Band] = []
        self.span = (0.0, 1.0)
        self.view = self.span
        #: inside something that scrolls, the wheel is not its own
        self.wheel_needs_ctrl = False
        self._pressed: tuple[QPointF, tuple[float, float]] | None = None

    def set_bands(self, bands: list[Band]) -> None:
        """Show these; the whole time is in view."""
        self.bands = bands
        times = [(c.ts[0], c.ts[-1]) for band in bands for c in band.curves if len(c.ts)]
        self.span = (float(min(a for a, _ in times)), float(max(b for _, b in times))) if times else (0.0, 1.0)
        self.view = self.span
        self.changed()

    def empty_text(self) -> str:
        return "" if any(len(c.ts) > 1 for band in self.bands for c in band.curves) else self.nothing

    # places ---------------------------------------------------------------------------------------------------------
    def band_areas(self) -> list[QRect]:
        area, total = self.area(), sum(b.share for b in self.bands) or 1.0
        room = area.height() - GAP * (len(self.bands) - 1)
        found, top = [], area.top()
        for band in self.bands:
            height = round(room * band.share / total)
            found.append(QRect(area.left(), top, area.width(), height))
            top += height + GAP
        return found

    def x_of(self, ms: np.ndarray | float) -> np.ndarray | float:
        area, (low, high) = self.area(), self.view
        return area.left() + (ms - low) / max(high - low, 1.0) * area.width()

    def ms_at(self, x: float) -> float:
        area, (low, high) = self.area(), self.view
        return low + (x - area.left()) / max(area.width(), 1) * (high - low)

    def _visible(self, curve: Curve) -> tuple[np.ndarray, np.ndarray]:
        a = max(int(np.searchsorted(curve.ts, self.view[0])) - 1, 0)
        b = int(np.searchsorted(curve.ts, self.view[1], side="right")) + 1
        return curve.ts[a:b], curve.values[a:b]

    def extent(self, band: Band) -> tuple[float, float]:
        """Lowest and highest value shown of a band, with some air."""
        parts = [v[np.isfinite(v)] for c in band.curves for v in [self._visible(c)[1]]]
        every = np.concatenate(parts) if parts else np.empty(0)
        if band.log:
            every = every[every > 0]
        if not every.size:
            return 0.0, 1.0
        low, high = float(every.min()), float(every.max())
        if band.base is not None:
            low, high = min(low, band.base), max(high, band.base)
        if band.log:
            a, b = plot_shapes.padded(math.log(low), math.log(high))
            return math.exp(a), math.exp(b)
        a, b = plot_shapes.padded(low, high)
        return (low if low == band.base else a), (high if high == band.base else b)

    # painting -------------------------------------------------------------------------------------------------------
    def draw(self, painter: QPainter, area: QRect, paint: Ink) -> None:
        times = plots.time_ticks(int(self.view[0]), int(self.view[1]), max(area.width() // 70, 2))
        for band, place in zip(self.bands, self.band_areas(), strict=True):
            self._draw_band(painter, band, place, paint, [self.x_of(float(ms)) for ms, _ in times])
        painter.setPen(paint["dim"])
        for ms, label in times:
            x = float(self.x_of(float(ms)))
            box = QRectF(x - 35, area.bottom() + 3, 70, 16)
            if box.right() < self.width() + 20:
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, label)

    def _draw_band(self, painter: QPainter, band: Band, place: QRect, paint: Ink, xs: list[float]) -> None:
        low, high = self.extent(band)
        painter.setPen(paint["grid"])
        for x in xs:
            painter.drawLine(round(x), place.top(), round(x), place.bottom())
        count = max(place.height() // 30, 2)
        marks = plots.ticks(low, high, count, band.log)
        for value in marks:
            y = self._y(band, place, low, high, value)
            painter.setPen(paint["grid_strong"] if value == band.level else paint["grid"])
            painter.drawLine(place.left(), round(y), place.right(), round(y))
            painter.setPen(paint["dim"])
            box = QRectF(0, y - 8, place.left() - 6, 16)
            painter.drawText(
                box,
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                band.tick(value) if band.tick is not None else formats.axis(value, band.show),
            )
        painter.save()
        painter.setClipRect(place.adjusted(0, -1, 1, 1))
        for curve in band.curves:
            self._draw_curve(painter, band, curve, place, (low, high), paint)
        painter.restore()

    def _y(self, band: Band, place: QRect, low: float, high: float, value: float) -> float:
        if band.log:
            value, low, high = math.log(max(value, 1e-300)), math.log(low), math.log(high)
        return place.bottom() - (value - low) / max(high - low, 1e-300) * place.height()

    def _points(self, band: Band, curve: Curve, place: QRect, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
        ts, values = self._visible(curve)
        values = values.astype(np.float64)
        if band.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.log(np.where(values > 0, values, np.nan))
            low, high = math.log(low), math.log(high)
        y = place.bottom() - (values - low) / max(high - low, 1e-300) * place.height()
        return plot_shapes.thinned(np.asarray(self.x_of(ts.astype(np.float64))), y, place.width())

    def _draw_curve(
        self, painter: QPainter, band: Band, curve: Curve, place: QRect, limits: tuple[float, float], paint: Ink
    ) -> None:
        x, y = self._points(band, curve, place, *limits)
        if not x.size:
            return
        line = QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if curve.fill:
            ground = float(place.bottom()) if band.base is None else self._y(band, place, *limits, band.base)
            tint = QColor(paint[curve.token])
            tint.setAlphaF(curve.fill)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tint)
            closed = [QPointF(float(x[0]), ground), *line, QPointF(float(x[-1]), ground)]
            painter.drawPolygon(QPolygonF(closed))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(paint[curve.token], 1, style))
        painter.drawPolyline(line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _legend(self, painter: QPainter, band: Band, place: QRect, paint: Ink, ms: float | None) -> None:
        """Names and values, at a moment or at the end, in the band's upper left corner."""
        x, y = place.left() + 6, place.top() + 2
        metrics = painter.fontMetrics()
        pieces = [(band.title, "dim")] if band.title else []
        for curve in band.curves:
            if len(curve.ts):
                pieces.append((self._said(band, curve, ms), curve.token))
        for text, token in pieces:
            width = metrics.horizontalAdvance(text)
            if x > place.left() + 6 and x + width > place.right():
                x, y = place.left() + 6, y + 14
            painter.fillRect(QRect(x - 2, y + 1, width + 4, 14), paint["panel"])
            painter.setPen(paint[token])
            painter.drawText(x, y + 12, text)
            x += width + 12

    def _said(self, band: Band, curve: Curve, ms: float | None) -> str:
        at = curve.at(self.view[1] if ms is None else ms)
        text = f"{curve.label} {band.show(at)}".strip()
        if band.growth:
            good = curve.values[np.isfinite(curve.values)]
            if good.size and good[0]:
                text += f" {formats.percent(at / good[0] - 1, 1)}"
        return text

    def draw_top(self, painter: QPainter, area: QRect, paint: Ink) -> None:
        inside = self.point is not None and area.left() <= self.point.x() <= area.right()
        ms = self.ms_at(self.point.x()) if inside and self.point is not None else None
        for band, place in zip(self.bands, self.band_areas(), strict=True):
            self._legend(painter, band, place, paint, ms)

    def draw_over(self, painter: QPainter, area: QRect, paint: Ink, point: QPointF) -> None:
        if not area.left() <= point.x() <= area.right():
            return
        ms = self.ms_at(point.x())
        painter.setPen(QPen(paint["crosshair"], 1, Qt.PenStyle.DashLine))
        painter.drawLine(round(point.x()), area.top(), round(point.x()), area.bottom())
        text = formats.day(int(ms)) if self.view[1] - self.view[0] > 10 * plots.DAY_MS else formats.minute(int(ms))
        width = painter.fontMetrics().horizontalAdvance(text) + 10
        x = min(max(point.x() - width / 2, 2.0), self.width() - width - 2.0)
        box = QRectF(x, area.bottom() + 2, width, 16)
        painter.fillRect(box, paint["tag"])
        painter.setPen(paint["tag_text"])
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    # mouse ----------------------------------------------------------------------------------------------------------
    def wheelEvent(self, event: QWheelEvent) -> None:
        turns = event.angleDelta().y() / 120
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if not turns or self.empty_text() or (self.wheel_needs_ctrl and not held):
            event.ignore()
            return
        event.accept()
        low, high = self.view
        at = self.ms_at(event.position().x())
        factor = 0.8**turns
        least = max((self.span[1] - self.span[0]) / 5000, 3_600_000.0)
        width = min(max((high - low) * factor, least), self.span[1] - self.span[0])
        start = at - (at - low) / max(high - low, 1.0) * width
        self._look(start, width)

    def _look(self, start: float, width: float) -> None:
        start = min(max(start, self.span[0]), self.span[1] - width)
        self.view = (start, start + width)
        self.changed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = (event.position(), self.view)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and self.view != self.span:
            start, view = self._pressed
            moved = (event.position().x() - start.x()) / max(self.area().width(), 1) * (view[1] - view[0])
            self._look(view[0] - moved, view[1] - view[0])
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None or event.button() != Qt.MouseButton.LeftButton or self.empty_text():
            return
        if (event.position() - pressed[0]).manhattanLength() < 4 and self.area().contains(event.position().toPoint()):
            self.timeClicked.emit(int(self.ms_at(event.position().x())))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.view = self.span
        self.changed()

    def more_actions(self, menu: QMenu) -> None:
        if self.bands and (self.bands[0].log or self.extent(self.bands[0])[0] > 0):
            action = QAction(tr("Logarithmic scale"), menu)
            action.setCheckable(True)
            action.setChecked(self.bands[0].log)
            action.triggered.connect(self.set_log)
            menu.addAction(action)
        fit = QAction(tr("Show all"), menu)
        fit.triggered.connect(lambda: self._look(self.span[0], self.span[1] - self.span[0]))
        menu.addAction(fit)

    def set_log(self, on: bool) -> None:
        """Of the first band."""
        if self.bands:
            self.bands[0].log = on
            self.changed()

    def table(self) -> tuple[list[str], list[list[str]]]:
        curves = [(band, c) for band in self.bands for c in band.curves if len(c.ts)]
        if not curves:
            return [], []
        every = np.unique(np.concatenate([c.ts for _, c in curves]))
        rows = [[formats.minute(int(t)), *(f"{c.at(float(t)):.10g}" for _, c in curves)] for t in every.tolist()]
        return [tr("Time"), *(c.label or band.title for band, c in curves)], rows
