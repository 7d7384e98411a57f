"""The window's own bars: mode buttons, command field and perspectives on top; connection, counts and clock below."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from widgets.ink import ink, painting
from widgets.viewmodels import formats

#: id, title, icon, tip
MODES: tuple[tuple[str, str, str, str], ...] = (
    ("show_chart", "Live", "live", "Chart and live signals"),
    ("show_backtest", "Backtest", "backtest", "Back-test a strategy"),
    ("show_strategies", "Strategies", "strategies", "What each strategy does"),
    ("show_health", "Engine", "engine", "Health of feeds and engine"),
    ("shortcuts", "Keys", "keyboard", "All shortcuts (F1)"),
)
PERSPECTIVES = ("Trade", "Research", "Optimise", "Data")


class TopBar(QFrame):
    """modeAsked(action id); commandAsked(); perspectiveAsked(name)."""

    modeAsked = Signal(str)
    commandAsked = Signal()
    perspectiveAsked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(36)
        self.setObjectName("topBar")
        colour = ink()
        self.setStyleSheet(f"QFrame#topBar {{ background: {colour['background'].name()}; }}")
        box = QHBoxLayout(self)
        box.setContentsMargins(6, 2, 6, 2)
        box.setSpacing(2)
        self.modes: dict[str, QToolButton] = {}
        left = QHBoxLayout()
        left.setSpacing(2)
        for name, title, _icon, tip in MODES:
            button = QToolButton()
            button.setText(title)
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setIconSize(QSize(16, 16))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(lambda _on=False, n=name: self.modeAsked.emit(n))
            left.addWidget(button)
            self.modes[name] = button
        left.addStretch(1)
        self.command = QPushButton("Type a symbol or command    Ctrl+K")
        self.command.setProperty("outlined", True)
        self.command.setAccessibleName("Command palette")
        self.command.setMinimumWidth(210)
        self.command.setMaximumWidth(420)
        self.command.setStyleSheet(f"text-align: left; color: {colour['dim'].name()}; padding: 4px 12px;")
        self.command.clicked.connect(lambda: self.commandAsked.emit())
        right = QHBoxLayout()
        right.setSpacing(2)
        right.addStretch(1)
        self.perspectives = QButtonGroup(self)
        for number, name in enumerate(PERSPECTIVES, 1):
            made = QPushButton(name)
            made.setCheckable(True)
            made.setToolTip(f"Layout {name} (Ctrl+{number})")
            made.clicked.connect(lambda _on=False, n=name: self.perspectiveAsked.emit(n))
            self.perspectives.addButton(made)
            right.addWidget(made)
        box.addLayout(left, 5)
        box.addWidget(self.command, 4)
        box.addLayout(right, 5)
        self.show_perspective(PERSPECTIVES[0])

    def load_icons(self) -> None:
        """After the first paint: rendering SVGs is not needed for it."""
        from widgets.icons import icon

        for name, _title, symbol, _tip in MODES:
            self.modes[name].setIcon(icon(symbol))

    def show_perspective(self, name: str) -> None:
        for button in self.perspectives.buttons():
            button.setChecked(button.text() == name)


class Lamp(QWidget):
    """A round lamp; its words stand beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(12, 12)
        self.token = "faint"

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink()[self.token])
            painter.drawEllipse(2, 2, 8, 8)


class StatusLine(QFrame):
    """Connection in words with a lamp, rate, symbols, UTC clock, frame time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(22)
        self.setObjectName("statusLine")
        colour = ink()
        self.setStyleSheet(
            f"QFrame#statusLine {{ background: {colour['background'].name()};"
            f" border-top: 1px solid {colour['border'].name()}; }}"
            f" QLabel {{ color: {colour['dim'].name()}; font-size: 11px; }}"
        )
        self._lamp = Lamp()
        self.words, self.rate, self.symbols = QLabel("Starting"), QLabel(), QLabel()
        self.job, self.frame_time, self.clock = QLabel(), QLabel(), QLabel()
        self.frame_time.setToolTip("Longest refresh of the last second")
        box = QHBoxLayout(self)
        box.setContentsMargins(8, 0, 10, 0)
        box.setSpacing(14)
        box.addWidget(self._lamp)
        box.addSpacing(-8)
        for label in (self.words, self.rate, self.symbols, self.job):
            box.addWidget(label)
        box.addStretch(1)
        for label in (self.frame_time, self.clock):
            box.addWidget(label)

    def show_connection(self, lamp: str, words: str) -> None:
        token = {"green": "up", "amber": "warn", "red": "down"}.get(lamp, "faint")
        if (token, words) != (self._lamp.token, self.words.text()):
            self._lamp.token = token
            self._lamp.update()
            self.words.setText(words)

    def show_counts(self, updates_per_s: float, live: int, settling: int, warming: int, total: int) -> None:
        self.rate.setText(f"{formats.compact(updates_per_s)} upd/s" if total else "")
        parts = [f"{live:,} live"]
        parts += [f"{settling:,} settling"] if settling else []
        parts += [f"{warming:,} warming"] if warming else []
        self.symbols.setText(f"{total:,} symbols · {' · '.join(parts)}" if total else "")

    def show_clock(self, now_ms: int, frame_ms: float) -> None:
        self.clock.setText(f"{formats.clock(now_ms)} UTC")
        self.frame_time.setText(f"frame {frame_ms:.1f} ms" if frame_ms else "")
