"""Toasts at the lower right of the window: what happened, what was kept and what to do, with details to copy.

News goes by itself, a warning stays longer, an error stays until it is closed. The same text again counts up instead of
standing there twice; what does not fit waits until there is room, and the oldest news gives way where too much waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from widgets.icons import icon, pixmap
from widgets.ink import ink
from widgets.texts import tr
from widgets.throttle import Ticker

WIDTH, MARGIN, GAP = 400, 14, 8
#: shown at once; more wait behind them
MOST = 4
#: wait at most: while errors stand unclosed, news would wait for hours and then be none
MOST_WAITING = 20
#: s that a toast stays by itself; 0 = until it is closed
STAYS = {"info": 7, "warning": 20, "error": 0}
TOKENS = {"error": "down", "warning": "warn"}


@dataclass
class Said:
    """One toast's content. do: what its button does."""

    level: str
    text: str
    details: str = ""
    action: str = ""
    do: Callable[[], object] | None = None
    times: int = 1
    left: int = 0

    @property
    def copied(self) -> str:
        return f"{self.text}\n{self.details}".strip()


class Toast(QFrame):
    """One sentence or two with its buttons."""

    def __init__(self, said: Said, parent: QWidget, closed: Callable[[Toast], None]) -> None:
        super().__init__(parent)
        self.said = said
        self.setObjectName("toast")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(said.text)
        paint, token = ink(), TOKENS.get(said.level, "info")
        self.setStyleSheet(
            f"QFrame#toast {{ background: {paint['raised'].name()}; border: 1px solid {paint['border'].name()};"
            f" border-left: 3px solid {paint[token].name()}; border-radius: 6px; }}"
        )
        mark = QLabel()
        mark.setPixmap(pixmap("warning" if token != "info" else "check", token, 16, self.devicePixelRatioF()))
        head, _, rest = said.text.partition("\n")
        self.text = QLabel(head, wordWrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = QLabel(rest, wordWrap=True)
        self.more.setStyleSheet(f"color: {paint['dim'].name()};")
        self.more.setVisible(bool(rest))
        self.count = QLabel()
        self.count.setStyleSheet(f"color: {paint['dim'].name()};")
        shut = QToolButton()
        shut.setIcon(icon("close"))
        shut.setToolTip(tr("Dismiss"))
        shut.clicked.connect(lambda: closed(self))
        top = QHBoxLayout()
        top.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.text, 1)
        top.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(shut, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 6, 8)
        column.addLayout(top)
        column.addWidget(self.more)
        column.addLayout(self._buttons(closed))
        self.show_count()

    def _buttons(self, closed: Callable[[Toast], None]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        self.action_button = QPushButton(self.said.action)
        self.copy_button = QPushButton(tr("Copy details"))
        for button, there in ((self.action_button, bool(self.said.do)), (self.copy_button, bool(self.said.details))):
            button.setProperty("outlined", True)
            button.setVisible(there)
            row.addWidget(button)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.said.copied))
        self.action_button.clicked.connect(lambda: (closed(self), self.said.do and self.said.do()))
        return row

    def show_count(self) -> None:
        self.count.setText(f"×{self.said.times}" if self.said.times > 1 else "")


class Toasts(QObject):
    """All toasts of one window. `history` keeps the last hundred, newest last."""

    def __init__(self, host: QWidget, bottom: QWidget | None = None) -> None:
        """bottom: the widget above which they stand."""
        super().__init__(host)
        self._host, self._bottom = host, bottom
        self._shown: list[Toast] = []
        self._waiting: deque[Said] = deque()
        self.history: deque[Said] = deque(maxlen=100)
        self._ticker = Ticker(1000, self._second, self)
        host.installEventFilter(self)

    def say(
        self, level: str, text: str, details: str = "", action: str = "", do: Callable[[], object] | None = None
    ) -> None:
        """level: info, warning or error. text: the first line is what happened, further ones what to do."""
        for said in [*(t.said for t in self._shown), *self._waiting]:
            if (said.level, said.text) == (level, text):
                said.times, said.details, said.left = said.times + 1, details or said.details, STAYS[level]
                self._count()
                return
        said = Said(level, text, details, action, do, left=STAYS[level])
        self.history.append(said)
        self._waiting.append(said)
        if len(self._waiting) > MOST_WAITING:
            # what offers a button, as Undo, is offered nowhere else
            plain = (s for s in self._waiting if s.level == "info" and s.do is None)
            self._waiting.remove(next(plain, self._waiting[0]))
        self._fill()

    @property
    def text(self) -> str:
        """Of the newest one on show; '' where there is none."""
        return self._shown[-1].said.text if self._shown else ""

    @property
    def shown(self) -> list[Toast]:
        return list(self._shown)

    def copy(self) -> str:
        """The newest warning or error with its details, on the clipboard."""
        found = [s for s in self.history if s.level != "info"] or list(self.history)
        text = found[-1].copied if found else ""
        QGuiApplication.clipboard().setText(text)
        return text

    def dismiss(self, toast: Toast | None = None) -> None:
        """Close one, or all."""
        if toast is None:
            self._waiting.clear()
        for gone in [toast] if toast is not None else list(self._shown):
            if gone in self._shown:
                self._shown.remove(gone)
                gone.hide()
                gone.deleteLater()
        self._fill()

    def _fill(self) -> None:
        while self._waiting and len(self._shown) < MOST:
            toast = Toast(self._waiting.popleft(), self._host, self.dismiss)
            self._shown.append(toast)
            toast.show()
        self._place()
        self._ticker.start() if any(t.said.left for t in self._shown) else self._ticker.stop()

    def _count(self) -> None:
        for toast in self._shown:
            toast.show_count()

    def _second(self) -> None:
        for toast in list(self._shown):
            if toast.said.left and not toast.underMouse():
                toast.said.left -= 1
                if toast.said.left == 0:
                    self.dismiss(toast)

    def _place(self) -> None:
        floor = self._host.height()
        if self._bottom is not None and self._bottom.isVisible():
            floor = self._bottom.mapTo(self._host, QPoint(0, 0)).y()
        y = floor - MARGIN
        for toast in reversed(self._shown):
            toast.adjustSize()
            y -= toast.height()
            toast.move(max(0, self._host.width() - WIDTH - MARGIN), y)
            toast.raise_()
            y -= GAP

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._shown:
            self._place()
        return False
