"""What all panels share: a strip that says when the figures are old, and an overlay for loading, empty and error."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from widgets.icons import pixmap
from widgets.ink import ink, painting
from widgets.texts import tr
from widgets.throttle import Ticker


class Spinner(QWidget):
    """A turning arc; its ticker runs only while it is visible."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(26, 26)
        self._angle = 0
        self._ticker = Ticker(60, self._turn, self)

    def _turn(self) -> None:
        self._angle = (self._angle + 24) % 360
        self.update()

    def showEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self._ticker.start()
        super().showEvent(event)

    def hideEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self._ticker.stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for colour, start, span in (("border", 0, 360), ("accent", -self._angle, 100)):
                painter.setPen(QPen(ink()[colour], 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawArc(3, 3, 20, 20, start * 16, span * 16)


class Overlay(QFrame):
    """Covers its parent while there is nothing to show; one sentence, and a button where there is a way out."""

    retry = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("overlay")
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._spinner = Spinner()
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = QPushButton(tr("Try again"))
        self._button.setProperty("outlined", True)
        self._button.clicked.connect(self.retry)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 12, 20, 12)
        box.setSpacing(8)
        box.addStretch(2)
        for widget in (self._spinner, self._icon, self._text, self._button):
            box.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter if widget is not self._text else Qt.AlignmentFlag(0))
        box.addStretch(3)
        parent.installEventFilter(self)
        self.hide()

    def show_state(self, state: str, text: str) -> None:
        """state: loading, empty or error."""
        colour = "down" if state == "error" else "dim"
        self._text.setText(text)
        self._text.setStyleSheet(f"color: {ink()[colour].name()};")
        self._spinner.setVisible(state == "loading")
        self._icon.setVisible(state == "error")
        if state == "error":
            self._icon.setPixmap(pixmap("warning", "down", 26, self.devicePixelRatioF()))
        self._button.setVisible(state == "error")
        self._cover()
        self.show()
        self.raise_()

    @property
    def text(self) -> str:
        return self._text.text() if self.isVisibleTo(self.parentWidget()) else ""

    def _cover(self) -> None:
        self.setGeometry(self.parentWidget().rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisibleTo(self.parentWidget()):
            self._cover()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(self.rect(), QColor(ink()["panel"]))


class Panel(QWidget):
    """A dockable panel: strip, bar, body. Subclasses fill `bar` and give their body to `set_body`."""

    retryRequested = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"QWidget#{name} {{ background: {ink()['panel'].name()}; }}")
        self.state = "ready"
        self._strip = QLabel()
        self._strip.setObjectName("staleStrip")
        self._strip.setStyleSheet(
            f"background: {ink().mix('warn', 'panel', 0.18).name()}; color: {ink()['warn'].name()}; padding: 3px 8px;"
        )
        self._strip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._strip.hide()
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(6, 5, 6, 4)
        self.bar.setSpacing(4)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(self._strip)
        self.column.addLayout(self.bar)
        self._overlay: Overlay | None = None

    def set_body(self, body: QWidget) -> None:
        if isinstance(body, QSplitter):
            # a splitter would make the overlay one of its panes
            inner, body = body, QWidget()
            box = QVBoxLayout(body)
            box.setContentsMargins(0, 0, 0, 0)
            box.addWidget(inner)
        self.column.addWidget(body, 1)
        self._overlay = Overlay(body)
        self._overlay.retry.connect(self.retryRequested)

    def set_loading(self, text: str = "") -> None:
        self._cover("loading", text or tr("Loading"))

    def set_empty(self, text: str) -> None:
        self._cover("empty", text)

    def set_error(self, text: str) -> None:
        self._cover("error", text)

    def set_ready(self) -> None:
        if self.state != "ready":
            self.state = "ready"
            if self._overlay is not None:
                self._overlay.hide()

    def set_stale(self, text: str) -> None:
        """Keep what is shown and say above it that it is old; '' takes the strip away."""
        if text != self._strip.text() or bool(text) == self._strip.isHidden():
            self._strip.setText(text)
            self._strip.setVisible(bool(text))

    @property
    def stale_text(self) -> str:
        return "" if self._strip.isHidden() else self._strip.text()

    @property
    def state_text(self) -> str:
        return self._overlay.text if self._overlay is not None else ""

    def _cover(self, state: str, text: str) -> None:
        if self._overlay is not None and (self.state, self._overlay.text) != (state, text):
            self.state = state
            self._overlay.show_state(state, text)
