"""Typing a timeframe over the chart: 5, 1h, 1d, then Enter."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from engine.contracts.timeframes import MINUTE_MS, TIMEFRAME_MS
from widgets import theme as look
from widgets.texts import tr


def timeframe_of(text: str) -> str:
    """The timeframe that was typed ('5' and '60' are minutes, '1H' an hour); '' when there is none such."""
    wanted = text.strip().lower()
    if wanted in TIMEFRAME_MS:
        return wanted
    minutes = int(wanted) if wanted.isascii() and wanted.isdigit() else 0
    return next((name for name, ms in TIMEFRAME_MS.items() if ms == minutes * MINUTE_MS), "")


class IntervalField(QLineEdit):
    """Opens with the first digit, closes with Enter, Escape or when the focus goes elsewhere."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(look.font(15, bold=True))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMaxLength(4)
        self.setFixedSize(150, 38)
        self.setAccessibleName(tr("Timeframe"))
        self.setToolTip(tr("One of {names}; plain numbers are minutes").format(names=", ".join(TIMEFRAME_MS)))
        self.returnPressed.connect(self._accept)
        self.hide()

    def open_with(self, text: str) -> None:
        """Show over the middle of the parent, with the first key already typed."""
        parent = self.parentWidget()
        self.move(max(0, (parent.width() - self.width()) // 2), max(0, parent.height() // 3))
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setText(text)

    def _accept(self) -> None:
        name = timeframe_of(self.text())
        if not name:
            self.setText("")
            self.setPlaceholderText(tr("not a timeframe"))
            return
        self._close()
        self.chosen.emit(name)

    def _close(self) -> None:
        self.setPlaceholderText("")
        self.hide()
        self.parentWidget().setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._close()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.hide()
