"""A line for an expression of the rules language, with a mark under the place that is wrong."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLineEdit, QWidget

from widgets.ink import ink, painting
from widgets.theme import font


class ExpressionEdit(QLineEdit):
    """`mark_wrong(at)` underlines from the character `at` on, -1 the whole text; `mark_right()` takes it away."""

    def __init__(self, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(hint)
        self.setFont(font(12))
        self._wrong: int | None = None

    @property
    def wrong_at(self) -> int | None:
        """Where the mark is; None without one, -1 under the whole."""
        return self._wrong

    def mark_wrong(self, at: int, why: str) -> None:
        self._wrong = at
        self.setToolTip(why)
        self.update()

    def mark_right(self) -> None:
        self._wrong = None
        self.setToolTip("")
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._wrong is None or not self.text():
            return
        text, metrics = self.text(), self.fontMetrics()
        zero = self.cursorRect().center().x() - metrics.horizontalAdvance(text[: self.cursorPosition()])
        first = max(self._wrong, 0)
        start = zero + metrics.horizontalAdvance(text[:first])
        end = zero + metrics.horizontalAdvance(text[: _word_end(text, first)] if self._wrong >= 0 else text)
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(ink()["down"], 1.2))
            painter.drawPolyline(_wave(max(start, 3), min(max(end, start + 7), self.width() - 4), self.height() - 5))


def _word_end(text: str, at: int) -> int:
    """One after the word that begins at a place."""
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] in "_."):
        end += 1
    return max(end, at + 1)


def _wave(left: float, right: float, y: float) -> QPolygonF:
    points, x, up = [], left, False
    while x <= right:
        points.append(QPointF(x, y - 2 * up))
        x, up = x + 2.5, not up
    return QPolygonF(points)
