"""Bars across the window: the demo banner, the notice that the engine is gone, and the last error with its details."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPolygon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from widgets.icons import icon, pixmap
from widgets.ink import CENTRE, ink, painting
from widgets.texts import mark, tr

DEMO_TEXT = mark("DEMO MARKET: invented prices")


class DemoBanner(QFrame):
    """A hatched amber bar over the whole width. It has no close button: invented prices stay named as such."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(24)
        self.setAccessibleName(tr(DEMO_TEXT))
        self.setToolTip(
            tr("Every price, volume and signal here is made by a simulator. Nothing of it mixes with real data.")
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        paint = ink()
        with painting(self) as painter:
            painter.fillRect(self.rect(), paint["warn"])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint.mix("background", "warn", 0.16))
            h = self.height()
            for x in range(-h, self.width() + h, 26):
                painter.drawPolygon(
                    QPolygon([QPoint(x, h), QPoint(x + h, 0), QPoint(x + h + 12, 0), QPoint(x + 12, h)])
                )
            painter.setFont(paint.bold)
            width = painter.fontMetrics().horizontalAdvance(tr(DEMO_TEXT)) + 36
            box = QRect((self.width() - width) // 2, 0, width, h)
            painter.fillRect(box, paint["warn"])
            painter.setPen(paint["background"])
            painter.drawText(box, CENTRE, tr(DEMO_TEXT))


class NoticeBar(QFrame):
    """One line: icon, sentence, buttons. level: info, warning or error. Never modal, never hides anything else."""

    actionAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.details = ""
        self.level = "info"
        self.setObjectName("notice")
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.copy_button = QPushButton(tr("Copy details"))
        self.action_button = QPushButton()
        for button in (self.copy_button, self.action_button):
            button.setProperty("outlined", True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close = QToolButton()
        self._close.setIcon(icon("close"))
        self._close.setToolTip(tr("Dismiss"))
        box = QHBoxLayout(self)
        box.setContentsMargins(10, 3, 6, 3)
        box.addWidget(self._icon)
        box.addWidget(self._text, 1)
        for widget in (self.action_button, self.copy_button, self._close):
            box.addWidget(widget)
        self.copy_button.clicked.connect(self.copy)
        self.action_button.clicked.connect(self.actionAsked)
        self._close.clicked.connect(self.dismiss)
        self.hide()

    def say(self, level: str, text: str, details: str = "", action: str = "", *, closable: bool = True) -> None:
        """Show one sentence; details go to the clipboard with the button; action: title of the other button."""
        token = {"error": "down", "warning": "warn"}.get(level, "info")
        self.level, self.details = level, details
        self._icon.setPixmap(pixmap("warning" if level != "info" else "check", token, 16, self.devicePixelRatioF()))
        self._text.setText(text)
        self._text.setToolTip(text)
        self.copy_button.setVisible(bool(details))
        self.action_button.setVisible(bool(action))
        self.action_button.setText(action)
        self._close.setVisible(closable)
        back = ink().mix(token, "panel", 0.16).name()
        self.setStyleSheet(f"QFrame#notice {{ background: {back}; border-bottom: 1px solid {ink()[token].name()}; }}")
        self.show()

    @property
    def text(self) -> str:
        return "" if self.isHidden() else self._text.text()

    def copy(self) -> str:
        text = f"{self._text.text()}\n{self.details}".strip()
        QGuiApplication.clipboard().setText(text)
        return text

    def dismiss(self) -> None:
        self.hide()
