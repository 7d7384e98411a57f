"""What all charts share about drawing: the book, the tool in hand, the magnet, whether drawings show, or are locked."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from widgets.texts import mark
from widgets.viewmodels import drawings as dr
from widgets.viewmodels.drawings import DrawingBook

MEASURE = "measure"
#: (tool, icon, title, key), in the order of the tool bar; '' is the plain cursor
TOOLS: tuple[tuple[str, str, str, str], ...] = (
    ("", "draw-cursor", mark("Cursor"), "Esc"),
    (dr.TREND, "draw-trend", mark("Trend line"), "Alt+T"),
    (dr.RAY, "draw-ray", mark("Ray"), "Alt+J"),
    (dr.HORIZONTAL, "draw-horizontal", mark("Horizontal line"), "Alt+H"),
    (dr.CHANNEL, "draw-channel", mark("Parallel channel"), "Alt+C"),
    (dr.FIBONACCI, "draw-fibonacci", mark("Fibonacci retracement"), "Alt+F"),
    (dr.RECTANGLE, "draw-rectangle", mark("Rectangle"), "Alt+B"),
    (dr.TEXT, "draw-text", mark("Text"), "Alt+N"),
    (dr.ALERT, "draw-alert", mark("Alert line: tells once when the price crosses it"), "Alt+A"),
    (MEASURE, "draw-measure", mark("Measure"), "Shift+drag"),
)


class DrawKit(QObject):
    """toolChanged: another tool is in hand. changed: shown, locked or magnet. bookChanged: drawings of a symbol.

    price_of: the live price of a symbol, None when there is none; an alert line remembers its side by it.
    """

    toolChanged = Signal(str)
    changed = Signal()
    bookChanged = Signal(str)
    said = Signal(str, str)

    def __init__(self, book: DrawingBook | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.book = book or DrawingBook()
        self.tool = ""
        self.magnet = False
        self.hidden = False
        self.locked = False
        self.price_of: Callable[[str], float | None] = lambda _symbol: None
        self.book.listen(self.bookChanged.emit)

    def choose(self, tool: str) -> None:
        """Take a tool in hand; the same again puts it away."""
        tool = "" if tool == self.tool else tool
        if tool and self.hidden:
            self.set_flag("hidden", False)
        if tool != self.tool:
            self.tool = tool
            self.toolChanged.emit(tool)

    def set_flag(self, name: str, on: bool) -> None:
        """name: magnet, hidden or locked."""
        if getattr(self, name) != on:
            setattr(self, name, on)
            if on and name == "hidden":
                self.choose("")
            self.changed.emit()
