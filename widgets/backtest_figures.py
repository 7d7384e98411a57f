"""The ten figures of a back-test, in two dense rows."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QFont, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets import theme
from widgets.ink import LEFT, ink, painting
from widgets.texts import tr
from widgets.viewmodels import backtest as vm

_CELL_HEIGHT = 40


class FigureGrid(QWidget):
    """Ten figures, in rows of five, or of four where the panel is narrow; the meaning is in the tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.figures: list[vm.Figure] = []
        self._big: QFont = theme.font(15, bold=True)
        self._small: QFont = theme.font(13, bold=True)
        self.setAccessibleName(tr("Figures"))
        self.setMouseTracking(True)

    def show_figures(self, figures: list[vm.Figure]) -> None:
        self.figures = figures
        self.updateGeometry()
        self.setFixedHeight(self.heightForWidth(self.width()))
        self.update()

    def columns(self) -> int:
        return 5 if self.width() >= 400 else 4

    def heightForWidth(self, width: int) -> int:
        return -(-len(self.figures) // self.columns()) * _CELL_HEIGHT + 6

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(self.width()))

    def resizeEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self.setFixedHeight(self.heightForWidth(self.width()))

    def cell(self, number: int) -> QRect:
        columns = self.columns()
        width = (self.width() - 20) // columns
        return QRect(10 + number % columns * width, 4 + number // columns * _CELL_HEIGHT, width, _CELL_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint = ink()
        with painting(self) as painter:
            for number, figure in enumerate(self.figures):
                box = self.cell(number)
                painter.setFont(paint.small)
                painter.setPen(paint["dim"])
                painter.drawText(QRect(box.x(), box.y(), box.width() - 4, 16), LEFT, figure.name)
                painter.setFont(self._big if self.width() >= 400 else self._small)
                painter.setPen(paint[{"good": "up", "bad": "down"}.get(figure.tone, "text")])
                painter.drawText(QRect(box.x(), box.y() + 15, box.width() - 2, 22), LEFT, figure.text)
                used = painter.fontMetrics().horizontalAdvance(figure.text) + 4
                painter.setFont(paint.small)
                if figure.unit and used + painter.fontMetrics().horizontalAdvance(figure.unit) <= box.width() - 10:
                    painter.setPen(paint["dim"])
                    painter.drawText(QRect(box.x() + used, box.y() + 17, box.width() - used, 20), LEFT, figure.unit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        hit = next((f for k, f in enumerate(self.figures) if self.cell(k).contains(point)), None)
        self.setToolTip(f"{hit.name}: {hit.text}\n{hit.tip}" if hit else "")
