"""Go to date: a small field over the chart."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from engine.contracts.errors import BadInput
from widgets import theme as look
from widgets.chart.moments import EXAMPLES, parse_moment
from widgets.chart.ticks import Zone, moment_text
from widgets.texts import tr
from widgets.theme import Theme

WIDTH = 330


class GoToField(QFrame):
    """Enter goes there, Escape closes it. What is not understood is said at once, below the field."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, zone: Callable[[], Zone], now_ms: Callable[[], int]) -> None:
        super().__init__(parent)
        self._zone, self._now_ms, self._theme = zone, now_ms, theme
        self.setObjectName("goTo")
        self.setStyleSheet(
            f"#goTo {{ background: {theme.raised}; border: 1px solid {theme.border}; border-radius: 6px; }}"
        )
        self.edit, self.note = QLineEdit(self), QLabel(self)
        self.edit.setAccessibleName(tr("Go to date"))
        self.edit.setFont(look.font(14))
        self.edit.setMaxLength(40)
        self.note.setWordWrap(True)
        head = QLabel(tr("Go to date"), self)
        head.setFont(look.font(12, bold=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(6)
        for widget in (head, self.edit, self.note):
            column.addWidget(widget)
        self.setFixedWidth(WIDTH)
        self.edit.textChanged.connect(self._said)
        self.edit.returnPressed.connect(self._accept)
        self.hide()

    def open(self) -> None:
        parent = self.parentWidget()
        self.edit.clear()
        self._said("")
        self.adjustSize()
        self.move(max(0, (parent.width() - self.width()) // 2), max(0, parent.height() // 4))
        self.show()
        self.raise_()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _said(self, text: str) -> None:
        if not text.strip():
            self._say(tr(EXAMPLES), self._theme.dim)
            return
        try:
            ms = parse_moment(text, self._zone(), self._now_ms())
        except BadInput as error:
            self._say(error.what, self._theme.warn)
        else:
            self._say(moment_text(self._zone(), ms, 60_000), self._theme.text)

    def _say(self, text: str, colour: str) -> None:
        self.note.setText(text)
        self.note.setStyleSheet(f"color: {colour};")
        self.adjustSize()

    def _accept(self) -> None:
        try:
            ms = parse_moment(self.edit.text(), self._zone(), self._now_ms())
        except BadInput as error:
            self._say(str(error), self._theme.warn)
            return
        self.close_field()
        self.chosen.emit(ms)

    def close_field(self) -> None:
        self.hide()
        self.parentWidget().setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_field()
        else:
            event.accept()  # nothing that is typed here is meant for the chart behind
