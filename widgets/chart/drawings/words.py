"""Typing words on the chart, in their place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from widgets import theme as look
from widgets.texts import tr
from widgets.viewmodels.drawings import MAX_TEXT


class WordField(QLineEdit):
    """Enter and a click elsewhere keep what was typed, Escape does not."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(look.font(13))
        self.setMaxLength(MAX_TEXT)
        self.setAccessibleName(tr("Words of a drawing"))
        self._done: Callable[[str | None], None] | None = None
        self.returnPressed.connect(self.finish)
        self.hide()

    def open_at(self, x: float, foot: float, text: str, done: Callable[[str | None], None]) -> None:
        """done(words), or done(None) when it was given up."""
        self.finish()
        self._done = done
        self.setText(text)
        self.setPlaceholderText(tr("Text, Enter"))
        self.setFixedWidth(220)
        self.adjustSize()
        self.move(int(x), int(foot) - self.height())
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()

    def finish(self) -> None:
        self._end(self.text())

    def _end(self, words: str | None) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        had = self.hasFocus()
        self.hide()
        if had:
            self.parentWidget().setFocus(Qt.FocusReason.OtherFocusReason)
        done(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._end(None)
        else:
            super().keyPressEvent(event)
            event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.finish()
