"""Arrays to QPainter without a Python object a primitive, and colours mixed once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from shiboken6 import Shiboken


class _Primitives:
    """A float64 array that QPainter reads as an array of rectangles or lines; kept alive with this object."""

    kind: type = QRectF

    def __init__(self) -> None:
        self._grow(256)

    def _grow(self, size: int) -> None:
        self._array = np.empty((size, 4))
        self._pointer = Shiboken.wrapInstance(self._array.ctypes.data, self.kind)

    def room(self, n: int) -> np.ndarray:
        """Float64 (n, 4) to fill: x, y, width, height, or x1, y1, x2, y2."""
        if n > len(self._array):
            self._grow(n + n // 2)
        return self._array[:n]


class Rects(_Primitives):
    kind = QRectF

    def draw(self, painter: QPainter, n: int) -> None:
        if n:
            painter.drawRects(self._pointer, n)


class Lines(_Primitives):
    kind = QLineF

    def draw(self, painter: QPainter, n: int) -> None:
        if n:
            painter.drawLines(self._pointer, n)


def draw_polyline(painter: QPainter, xs: np.ndarray, ys: np.ndarray) -> None:
    """A line through the points, broken where y is nan."""
    good = np.isfinite(ys)
    if not good.all():
        edges = np.flatnonzero(np.diff(good.astype(np.int8), prepend=0, append=0))
        if len(edges) > 400:  # more holes than line: leave out the holes
            xs, ys = xs[good], ys[good]
            edges = np.array([0, len(xs)])
    else:
        edges = np.array([0, len(xs)])
    for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if b - a == 1:
            painter.drawPoint(int(xs[a]), int(ys[a]))
        elif b > a:
            painter.drawPolyline(polygon(xs[a:b], ys[a:b]))


def polygon(xs: np.ndarray, ys: np.ndarray) -> QPolygonF:
    """A QPolygonF of the points; y is kept within what the rasteriser can take."""
    shape: QPolygonF = pg.functions.create_qpolygonf(len(xs))
    view = pg.functions.ndarray_from_qpolygonf(shape)
    view[:, 0] = xs
    np.clip(ys, -20_000.0, 20_000.0, out=view[:, 1])
    return shape


def mix(a: str, b: str, share: float) -> QColor:
    """share of a over b, opaque: cheaper to paint than alpha, and equal on any background of colour b."""
    x, y = QColor(a), QColor(b)
    part = [round(p * share + q * (1 - share)) for p, q in zip(x.getRgb()[:3], y.getRgb()[:3], strict=True)]
    return QColor(*part)


def fade(colour: str, alpha: float) -> QColor:
    c = QColor(colour)
    c.setAlphaF(alpha)
    return c


def pen(colour: str | QColor, width: float = 1.0, dash: tuple[float, ...] = ()) -> QPen:
    """A cosmetic pen; dash in pixels on, off."""
    # a dash pattern takes longer to set than a frame's lines to draw
    return QPen(_pen(QColor(colour).rgba(), width, dash))


@lru_cache(maxsize=512)
def _pen(rgba: int, width: float, dash: tuple[float, ...]) -> QPen:
    p = QPen(QColor.fromRgba(rgba))
    p.setWidthF(width)
    p.setCosmetic(True)
    if dash:
        p.setDashPattern(list(dash))
    return p
