"""The first-run tour: short hints one after the other, each beside what it speaks of, never in the way for long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from widgets.ink import ink, painting
from widgets.texts import tr
from widgets.throttle import Ticker

WIDTH, GAP = 320, 10
#: ms between two looks at where the target is: panels are moved, hidden and given away
FOLLOW_MS = 150


class Hint(NamedTuple):
    """target: what it points at; None where that is not on show, and the hint is left out."""

    target: Callable[[], QWidget | None]
    title: str
    text: str


class Halo(QWidget):
    """A frame around what is spoken of; the mouse goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = painter.pen()
            pen.setColor(ink()["accent"])
            pen.setWidth(2)
            painter.setPen(pen)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)


class Tour(QFrame):
    """finished() is called once: at the end, or when it is skipped with Skip or Escape."""

    def __init__(self, host: QWidget, hints: Sequence[Hint], finished: Callable[[], None]) -> None:
        super().__init__(host)
        self._host, self._hints, self._finished = host, list(hints), finished
        self.at = -1
        self.setObjectName("tour")
        paint = ink()
        self.setStyleSheet(
            f"QFrame#tour {{ background: {paint['raised'].name()}; border: 1px solid {paint['accent'].name()};"
            " border-radius: 8px; }"
        )
        self.setFixedWidth(WIDTH)
        self.halo = Halo(host)
        self.title, self.text, self.count = QLabel(), QLabel(wordWrap=True), QLabel()
        self.title.setFont(paint.bold)
        self.count.setStyleSheet(f"color: {paint['dim'].name()};")
        self.next, self.skip = QPushButton(), QPushButton(tr("Skip"))
        self.next.setProperty("primary", True)
        self.next.clicked.connect(self.forward)
        self.skip.clicked.connect(self.end)
        row = QHBoxLayout()
        row.addWidget(self.count, 1)
        row.addWidget(self.skip)
        row.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 10)
        for widget in (self.title, self.text):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addLayout(row)
        host.installEventFilter(self)
        self._ticker = Ticker(FOLLOW_MS, self._follow, self)
        self._ticker.start()
        self.forward()

    def forward(self) -> None:
        """The next hint whose target is on show; the end after the last."""
        self.at += 1
        while self.at < len(self._hints) and not self._shown(self._hints[self.at]):
            self.at += 1
        if self.at >= len(self._hints):
            self.end()
            return
        hint = self._hints[self.at]
        self.title.setText(tr(hint.title))
        self.text.setText(tr(hint.text))
        self.count.setText(f"{self.at + 1} / {len(self._hints)}")
        self.next.setText(tr("Next") if self.at + 1 < len(self._hints) else tr("Done"))
        self._place()
        self.show()
        self.raise_()
        self.next.setFocus()

    def stop(self) -> None:
        """Stay where it is."""
        self._ticker.stop()

    def end(self) -> None:
        self._host.removeEventFilter(self)
        self.stop()
        for widget in (self.halo, self):
            widget.hide()
            widget.deleteLater()
        self._finished()

    @staticmethod
    def _shown(hint: Hint) -> bool:
        target = hint.target()
        return target is not None and target.isVisible()

    def _follow(self) -> None:
        """Go on where the target has gone; stay beside it where it was moved."""
        if not self._shown(self._hints[self.at]):
            self.forward()
        elif self._box() != self.halo.geometry():
            self._place()

    def _box(self) -> QRect:
        target = self._hints[self.at].target()
        return QRect() if target is None else QRect(target.mapTo(self._host, QPoint(0, 0)), target.size())

    def _place(self) -> None:
        box = self._box()
        if box.isNull():
            return
        self.halo.setGeometry(box)
        self.halo.show()
        self.halo.raise_()
        self.adjustSize()
        size, room = self.size(), self._host.rect()
        places = (
            QPoint(box.right() + GAP, box.top() + 40),
            QPoint(box.left() - size.width() - GAP, box.top() + 40),
            QPoint(box.center().x() - size.width() // 2, box.bottom() + GAP),
            QPoint(box.center().x() - size.width() // 2, box.center().y()),
        )
        fits = [p for p in places if room.contains(QRect(p, size))]
        self.move(fits[0] if fits else places[-1])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.end() if event.key() == Qt.Key.Key_Escape else super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and 0 <= self.at < len(self._hints):
            self._place()
            self.raise_()
        return False
