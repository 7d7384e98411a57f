"""What may take the mouse and the keys before the chart itself does: levels, drawings, markers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from widgets.chart.pane import Pane


class Tool:
    """One of PaneStack.tools, asked in order. A tool that takes the press gets every move until the release."""

    def press(self, pane: Pane, event: QMouseEvent) -> bool:
        """True to take the mouse."""
        return False

    def drag(self, pane: Pane, at: QPointF, event: QMouseEvent) -> None:
        """The mouse moved with the button down."""

    def release(self, pane: Pane, event: QMouseEvent) -> None:
        """The button went up."""

    def hover(self, pane: Pane, at: QPointF) -> Qt.CursorShape | None:
        """The mouse moved without a button; the cursor to show, None when nothing of this tool lies there."""
        return None

    def leave(self) -> None:
        """The mouse left the panes."""

    def double(self, pane: Pane, event: QMouseEvent) -> bool:
        return False

    def key(self, event: QKeyEvent) -> bool:
        return False
