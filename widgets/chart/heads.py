"""The mouse on legends and on the small buttons of panes: they take it before the pane does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from widgets.chart.legend import SETTINGS
from widgets.chart.pane import Pane
from widgets.chart.tools import Tool

if TYPE_CHECKING:
    from widgets.chart.price import PriceStack


class HeadTool(Tool):
    """Buttons act when they are pressed; a double click on a legend or a line opens its settings."""

    def __init__(self, stack: PriceStack) -> None:
        self._stack = stack

    def press(self, pane: Pane, event: QMouseEvent) -> bool:
        x, y = event.position().x(), event.position().y()
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if action := self._stack.buttons[pane].action_at(x, y):
            self._stack.buttons[pane].run(pane, action)
            return True
        found = self._stack.legends[pane].action_at(x, y)
        if found is not None and found[1]:
            self._stack.legendActed.emit(*found)
        return found is not None

    def hover(self, pane: Pane, at: QPointF) -> Qt.CursorShape | None:
        over = bool(self._stack.buttons[pane].action_at(at.x(), at.y()))
        over = over or self._stack.legends[pane].action_at(at.x(), at.y()) is not None
        return Qt.CursorShape.PointingHandCursor if over else None

    def double(self, pane: Pane, event: QMouseEvent) -> bool:
        x, y = event.position().x(), event.position().y()
        if x >= pane.plot_width:
            return False
        found = self._stack.indicator_at(pane, x, y)
        if found is not None:
            self._stack.legendActed.emit(found.title, SETTINGS)
        return found is not None or bool(self._stack.buttons[pane].action_at(x, y))
