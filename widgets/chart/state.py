"""What stands in a pane instead of bars: loading, nothing there, or what went wrong and a way to try again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from widgets import theme as look
from widgets.texts import mark, tr
from widgets.theme import Theme

#: kinds that cover the pane, and their heading
COVERING = {"loading": mark("Loading"), "empty": mark("No bars"), "error": mark("Not available")}
#: kinds shown as a badge over living prices
BADGES = {
    "stale": mark("Stale"),
    "gap": mark("Gap, filling"),
    "warming": mark("Warming up"),
    "settling": mark("Settling"),
    "demo": mark("Demo"),
}


class StateCover(QFrame):
    """Heading, sentence and a Retry button (errors and empty charts only)."""

    retry = Signal()
    _wrap = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignHCenter.value

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("stateCover")
        self.setStyleSheet(f"#stateCover {{ background: {theme.pane}; border: 0; }}")
        self.heading, self.text = QLabel(self), QLabel(self)
        self.heading.setFont(look.font(15, bold=True))
        self.text.setStyleSheet(f"color: {theme.dim};")
        self.text.setWordWrap(True)
        self.button = QPushButton(tr("Retry"), self)
        self.button.setProperty("outlined", True)
        self.button.clicked.connect(self.retry)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 12, 24, 12)
        column.setSpacing(8)
        column.addStretch(1)
        for widget in (self.heading, self.text, self.button):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.hide()

    def show_state(self, kind: str, text: str) -> None:
        """kind: a key of COVERING."""
        self.heading.setText(tr(COVERING[kind]))
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.button.setVisible(kind != "loading")
        self.show()
        self.raise_()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # a wrapped label in a centring column has no width of its own
        width = max(80, min(460, self.width() - 48))
        box = self.text.fontMetrics().boundingRect(0, 0, width - 4, 10_000, self._wrap, self.text.text())
        self.text.setFixedSize(width, box.height() + 4)
