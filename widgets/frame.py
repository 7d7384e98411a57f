"""The window's own bars: mode buttons, command field and perspectives on top; connection, counts and clock below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from widgets.ink import ink, painting
from widgets.key_names import native
from widgets.texts import mark, tr
from widgets.viewmodels import formats

#: id, title, icon, tip
MODES: tuple[tuple[str, str, str, str], ...] = (
    ("show_chart", mark("Live"), "live", mark("Chart and live signals")),
    ("show_backtest", mark("Backtest"), "backtest", mark("Back-test a strategy")),
    ("show_strategies", mark("Strategies"), "strategies", mark("What each strategy does")),
    ("show_health", mark("Engine"), "engine", mark("Health of feeds and engine")),
    ("settings", mark("Settings"), "settings", mark("Settings (Ctrl+,)")),
)


class TopBar(QFrame):
    """modeAsked(action id); commandAsked(); workspaceAsked(name); menuAsked(); workspaceMenuAsked()."""

    modeAsked = Signal(str)
    commandAsked = Signal()
    workspaceAsked = Signal(str)
    menuAsked = Signal()
    workspaceMenuAsked = Signal()

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
        self.menu = _tool(tr("Everything the window can do, by group"))
        self.menu.clicked.connect(lambda: self.menuAsked.emit())
        left.addWidget(self.menu)
        for name, title, _icon, tip in MODES:
            button = _tool(tr(tip))
            button.setText(tr(title))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(lambda _on=False, n=name: self.modeAsked.emit(n))
            left.addWidget(button)
            self.modes[name] = button
        left.addStretch(1)
        self.command = QPushButton(f"{tr('Type a symbol or command')}    {native('Ctrl+K')}")
        self.command.setProperty("outlined", True)
        self.command.setAccessibleName(tr("Command palette"))
        self.command.setMinimumWidth(210)
        self.command.setMaximumWidth(420)
        self.command.setStyleSheet(f"text-align: left; color: {colour['dim'].name()}; padding: 4px 12px;")
        self.command.clicked.connect(lambda: self.commandAsked.emit())
        self._right = QHBoxLayout()
        self._right.setSpacing(2)
        self._right.addStretch(1)
        self.workspaces: dict[str, QPushButton] = {}
        self.more = _tool(tr("Save, rename or reset this workspace"))
        self.more.clicked.connect(lambda: self.workspaceMenuAsked.emit())
        self._right.addWidget(self.more)
        box.addLayout(left, 5)
        box.addWidget(self.command, 4)
        box.addLayout(self._right, 5)

    def load_icons(self) -> None:
        """After the first paint: rendering SVGs is not needed for it."""
        from widgets.icons import icon

        for name, _title, symbol, _tip in MODES:
            self.modes[name].setIcon(icon(symbol))
        self.menu.setIcon(icon("hamburger"))
        self.more.setIcon(icon("layout"))

    def show_workspaces(self, names: Sequence[str], current: str) -> None:
        """A button each, those of the program first."""
        if list(names) != list(self.workspaces):
            for gone in self.workspaces.values():
                gone.hide()
                gone.deleteLater()
            self.workspaces = {}
            for number, name in enumerate(names, 1):
                made = QPushButton(tr(name))
                made.setCheckable(True)
                keys = f" ({native(f'Ctrl+{number}')})" if number < 5 else ""
                made.setToolTip(tr("Workspace {name}").format(name=tr(name)) + keys)
                made.clicked.connect(lambda _on=False, n=name: self.workspaceAsked.emit(n))
                self._right.insertWidget(self._right.count() - 1, made)
                self.workspaces[name] = made
        for name, button in self.workspaces.items():
            button.setChecked(name == current)

    def pop_up(self, menu: QMenu, below: QWidget) -> None:
        """Open a menu under one of the buttons; it goes when it is closed."""
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(below.mapToGlobal(QPoint(0, below.height())))


def _tool(tip: str) -> QToolButton:
    made = QToolButton()
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setIconSize(QSize(16, 16))
    return made


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
        self.words, self.rate, self.symbols = QLabel(tr("Starting")), QLabel(), QLabel()
        self.job, self.frame_time, self.clock = QLabel(), QLabel(), QLabel()
        self.frame_time.setToolTip(tr("Longest refresh, and longest time without an answer, of the last second"))
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
        self.rate.setText(tr("{n} upd/s").format(n=formats.compact(updates_per_s)) if total else "")
        parts = [tr("{n} live").format(n=f"{live:,}")]
        parts += [tr("{n} settling").format(n=f"{settling:,}")] if settling else []
        parts += [tr("{n} warming").format(n=f"{warming:,}")] if warming else []
        self.symbols.setText(f"{tr('{n} symbols').format(n=f'{total:,}')} · {' · '.join(parts)}" if total else "")

    def show_clock(self, now_ms: int, frame_ms: float, block_ms: float = 0.0, alarms: int = 0) -> None:
        """frame_ms: longest refresh; block_ms: longest time in which the window did not answer; alarms: how many of
        these were 50 ms or more since the start."""
        self.clock.setText(f"{formats.clock(now_ms)} UTC")
        words = [tr("frame {ms} ms").format(ms=f"{frame_ms:.1f}")] if frame_ms else []
        words += [tr("loop {ms} ms").format(ms=f"{block_ms:.0f}")]
        words += [tr("{n} stalls").format(n=alarms)] if alarms else []
        self.frame_time.setText(" · ".join(words))
