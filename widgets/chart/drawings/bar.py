"""The slim tool bar at the left edge of the charts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from widgets.chart.drawings.kit import MEASURE, TOOLS, DrawKit
from widgets.icons import icon
from widgets.texts import mark, tr
from widgets.theme import Theme
from widgets.viewmodels import drawings as dr

WIDTH = 34
#: (flag of the kit, icon, title)
FLAGS = (
    ("magnet", "draw-magnet", mark("Magnet: anchors snap to open, high, low and close (Ctrl turns it over)")),
    ("locked", "draw-lock", mark("Lock all drawings")),
    ("hidden", "draw-hide", mark("Hide all drawings")),
)


class DrawBar(QWidget):
    """Buttons only; the kit knows what is in hand. remove: what the bin does with the drawings of the symbol."""

    def __init__(self, kit: DrawKit, theme: Theme, remove: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kit = kit
        self.setFixedWidth(WIDTH)
        self._background, self._border = QColor(theme.panel), QColor(theme.border)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(3, 5, 4, 5)
        column.setSpacing(1)
        self.tools: dict[str, QToolButton] = {}
        for tool, image, title, key in TOOLS:
            self.tools[tool] = self._button(image, f"{tr(title)} ({key})", partial(self._take, tool))
        line = QFrame(self)
        line.setFixedHeight(9)
        column.addWidget(line)
        self.flags: dict[str, QToolButton] = {}
        for flag, image, title in FLAGS:
            self.flags[flag] = self._button(image, tr(title), partial(self._toggle, flag))
        self.bin = self._button(
            "draw-remove", tr("Remove all drawings of this symbol (Ctrl+Z brings them back)"), remove
        )
        self.bin.setCheckable(False)
        column.addStretch(1)
        kit.toolChanged.connect(self._show)
        kit.changed.connect(self._show)
        self._show()

    def _button(self, image: str, tip: str, done: Callable[[], None]) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(image, "dim"))
        button.setIconSize(QSize(18, 18))
        button.setFixedSize(27, 27)
        button.setCheckable(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setStyleSheet("QToolButton { padding: 0; }")
        button.clicked.connect(lambda _on=False: done())
        self._column.addWidget(button)
        return button

    def _take(self, tool: str) -> None:
        self.kit.choose(tool)
        self._show()

    def _toggle(self, flag: str) -> None:
        self.kit.set_flag(flag, not getattr(self.kit, flag))
        self._show()

    def _show(self) -> None:
        for tool, button in self.tools.items():
            button.setChecked(tool == self.kit.tool)
        for flag, button in self.flags.items():
            button.setChecked(getattr(self.kit, flag))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What does not fit is left out, the least needed first; all of it has a key or stands in Ctrl+K."""
        super().resizeEvent(event)
        kept = ["", dr.TREND, dr.HORIZONTAL, dr.ALERT, dr.FIBONACCI, dr.RECTANGLE, MEASURE, dr.TEXT, dr.CHANNEL, dr.RAY]
        order = [*(self.tools[t] for t in kept[:4]), self.flags["hidden"], *(self.tools[t] for t in kept[4:])]
        order += [self.flags["magnet"], self.flags["locked"], self.bin]
        spare = self.height() - 20
        for button in order:
            spare -= 28
            button.setVisible(spare >= 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(WIDTH, 60)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._background)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self._border)
        painter.end()
