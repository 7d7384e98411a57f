"""How others draw candles, rebuilt by ourselves for comparison: pyqtgraph's stock example, and vn.py's way."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPicture
from PySide6.QtWidgets import QApplication, QGraphicsItem

#: more bars would take the example minutes: it plays all of them in every frame
EXAMPLE_BARS, VNPY_BARS = 10_000, 100_000


class ExampleItem(pg.GraphicsObject):
    """As in pyqtgraph's customGraphicsItem example: all candles in one picture, which is played in every frame."""

    def __init__(self, bars: np.ndarray) -> None:
        super().__init__()
        self.picture = QPicture()
        p = QPainter(self.picture)
        p.setPen(pg.mkPen("w"))
        for t, row in enumerate(bars):
            draw(p, t, row)
        p.end()

    def paint(self, p: QPainter, *_args: object) -> None:
        p.drawPicture(0, 0, self.picture)

    def boundingRect(self) -> QRectF:
        return QRectF(self.picture.boundingRect())


class VnpyItem(pg.GraphicsObject):
    """As in vnpy.chart: a picture for each bar, made when it is first seen; those that are exposed are played into
    one picture whenever the view has moved, and that is played in the frame."""

    def __init__(self, bars: np.ndarray) -> None:
        super().__init__()
        self.bars = bars
        self._pictures: dict[int, QPicture] = {}
        self._whole: QPicture | None = None
        self._area: tuple[float, float] | None = None
        self._range = (float(bars["low"].min()), float(bars["high"].max()))
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def boundingRect(self) -> QRectF:
        low, high = self._range
        return QRectF(0, low, len(self.bars), high - low)

    def _of(self, index: int) -> QPicture:
        picture = self._pictures.get(index)
        if picture is None:
            picture = self._pictures[index] = QPicture()
            p = QPainter(picture)
            draw(p, index, self.bars[index])
            p.end()
        return picture

    def paint(self, painter: QPainter, option: object, _widget: object) -> None:
        rect = option.exposedRect  # type: ignore[attr-defined]
        lo, hi = max(0, int(rect.left())), min(len(self.bars), int(rect.right()) + 1)
        if (lo, hi) != self._area or self._whole is None:
            self._area, self._whole = (lo, hi), QPicture()
            p = QPainter(self._whole)
            for index in range(lo, hi):
                self._of(index).play(p)
            p.end()
        self._whole.play(painter)


def draw(p: QPainter, t: int, row: np.void) -> None:
    """One candle in data coordinates."""
    rising = row["open"] <= row["close"]
    p.setPen(pg.mkPen("g" if rising else "r"))
    p.setBrush(pg.mkBrush("g" if rising else "r"))
    if row["high"] > row["low"]:
        p.drawLine(QPointF(t, row["low"]), QPointF(t, row["high"]))
    p.drawRect(QRectF(t - 0.33, row["open"], 0.66, row["close"] - row["open"]))


def plot(item: pg.GraphicsObject) -> pg.PlotWidget:
    """The item alone in a stock plot of the size of our chart."""
    widget = pg.PlotWidget()
    widget.resize(1600, 900)
    widget.showGrid(x=True, y=True)
    widget.addItem(item)
    widget.show()
    QApplication.processEvents()
    return widget
