"""The badge on a chart that shows the past: amber, with the word, so that nobody takes it for live."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from widgets import theme
from widgets.ink import ink
from widgets.texts import tr

#: px; the legend's first line is longer than the others
TOP, GAP = 26, 8


class ReplayBadge(QLabel):
    """Lies on its parent, at the top and right of what it may not cover, and lets the mouse through."""

    def __init__(self, parent: QWidget, right: Callable[[], int]) -> None:
        """right: x in the parent that it ends before."""
        super().__init__(parent)
        self._right = right
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(theme.font(12, bold=True))
        self.setObjectName("replayBadge")
        self.setStyleSheet(
            f"QLabel#replayBadge {{ background: {ink()['warn'].name()}; color: {ink()['background'].name()};"
            " border-radius: 3px; padding: 2px 10px; }"
        )
        parent.installEventFilter(self)
        self.hide()

    def say(self, moment: str) -> None:
        """The moment at which the replay stands; '' takes the badge away."""
        text = tr("REPLAY {moment}").format(moment=moment) if moment else ""
        if text != self.text():
            self.setText(text)
            self._place()
        if self.isHidden() == bool(text):
            self.setVisible(bool(text))
            self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False

    def _place(self) -> None:
        self.adjustSize()
        self.move(max(self._right() - self.width() - GAP, 0), TOP)
