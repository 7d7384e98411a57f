"""The list of what can stand at the cursor, below it: arrows choose, Tab and Enter take, Escape closes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from widgets.ink import LEFT, ROW_HEIGHT, ink, painting
from widgets.texts import tr
from widgets.viewmodels import language as lang

SHOWN, WIDTH, NAME_WIDTH = 9, 460, 150
_BADGES = {
    lang.INDICATOR: ("I", "ma4"),
    lang.FUNCTION: ("F", "ma3"),
    lang.SERIES: ("S", "up"),
    lang.PARAM: ("P", "warn"),
    lang.HEAD: ("R", "accent"),
    lang.LOGIC: ("L", "sell"),
    lang.NAME: ("·", "dim"),
}


class OfferList(QWidget):
    """chosen(offer, characters before the cursor that it takes the place of). Never has the focus."""

    chosen = Signal(object, int)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self.offers: list[lang.Offer] = []
        self.at = 0
        self._typed = 0
        self._first = 0
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.hide()

    def offer(self, typed: int, offers: Sequence[lang.Offer], corner: QPoint, line_height: int) -> None:
        """Show below `corner` (of the window), or above the line where there is no room."""
        self._typed, self.offers, self.at, self._first = typed, list(offers), 0, 0
        window = self.window() if self.parentWidget() is None else self.parentWidget().window()
        if self.parentWidget() is not window:
            self.setParent(window)
        rows = min(len(self.offers), SHOWN)
        width, height = min(WIDTH, window.width() - 16), rows * ROW_HEIGHT + 24
        x = min(max(corner.x() - 26, 4), window.width() - width - 4)
        y = corner.y() + 2
        if y + height > window.height() - 4:
            y = corner.y() - line_height - height - 2
        self.setGeometry(x, max(y, 4), width, height)
        self.show()
        self.raise_()
        self.update()

    def take_key(self, event: QKeyEvent) -> bool:
        """True when the key was for this list."""
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._move(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self._move(SHOWN if key == Qt.Key.Key_PageDown else -SHOWN)
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.offers:
            self.chosen.emit(self.offers[self.at], self._typed)
        elif key == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True

    def _move(self, step: int) -> None:
        self.at = min(max(self.at + step, 0), len(self.offers) - 1)
        self._first = min(max(self._first, self.at - SHOWN + 1), self.at)
        self.update()

    def _row_at(self, point: QPoint) -> int:
        row = self._first + (point.y() - 1) // ROW_HEIGHT
        return row if 0 <= row < min(self._first + SHOWN, len(self.offers)) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().toPoint())
        if row >= 0 and row != self.at:
            self.at = row
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().toPoint())
        if row >= 0:
            self.chosen.emit(self.offers[row], self._typed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._move(-1 if event.angleDelta().y() > 0 else 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint = ink()
        with painting(self) as painter:
            painter.fillRect(self.rect(), paint["raised"])
            painter.setPen(paint["grid_strong"])
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            rows = self.offers[self._first : self._first + SHOWN]
            for k, offer in enumerate(rows):
                self._paint_row(painter, k, offer, self._first + k == self.at)
            self._paint_foot(painter, len(rows))

    def _paint_row(self, painter: QPainter, k: int, offer: lang.Offer, chosen: bool) -> None:
        paint = ink()
        top = 1 + k * ROW_HEIGHT
        if chosen:
            painter.fillRect(1, top, self.width() - 2, ROW_HEIGHT, paint["accent_soft"])
        letter, token = _BADGES.get(offer.kind, _BADGES[lang.NAME])
        painter.setFont(paint.badge)
        painter.setPen(paint[token])
        painter.drawText(QRect(8, top, 14, ROW_HEIGHT), LEFT, letter)
        painter.setFont(paint.font)
        painter.setPen(paint["text"])
        name = painter.fontMetrics().elidedText(offer.name, Qt.TextElideMode.ElideRight, NAME_WIDTH)
        painter.drawText(QRect(26, top, NAME_WIDTH, ROW_HEIGHT), LEFT, name)
        painter.setPen(paint["dim"])
        room = self.width() - NAME_WIDTH - 44
        said = painter.fontMetrics().elidedText(tr(offer.meaning), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(NAME_WIDTH + 34, top, room, ROW_HEIGHT), LEFT, said)

    def _paint_foot(self, painter: QPainter, rows: int) -> None:
        """How the chosen one is written."""
        paint = ink()
        top = 1 + rows * ROW_HEIGHT
        painter.fillRect(1, top, self.width() - 2, self.height() - top - 1, paint["hover"])
        painter.setFont(paint.small)
        painter.setPen(paint["text"])
        form = self.offers[self.at].form if self.offers else ""
        left = f"{self.at + 1} / {len(self.offers)}"
        form = painter.fontMetrics().elidedText(form, Qt.TextElideMode.ElideRight, self.width() - 70)
        painter.drawText(QRect(8, top, self.width() - 66, self.height() - top - 1), LEFT, form)
        painter.setPen(paint["dim"])
        painter.drawText(
            QRect(self.width() - 58, top, 50, self.height() - top - 1),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            left,
        )
