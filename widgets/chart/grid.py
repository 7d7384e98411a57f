"""Charts in a grid, one of them active; charts of one colour follow each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from widgets.chart.drawings.bar import DrawBar
from widgets.chart.drawings.kit import DrawKit
from widgets.chart.link_square import LinkSquare
from widgets.chart.panel import ChartPanel
from widgets.theme import Theme
from widgets.viewmodels import charts, shapes

#: what a row of the watchlist is dragged as
MIMES = ("application/x-pyroquant-symbol", "text/x-pyroquant-symbol", "text/plain")


#: px that strip and time axis take, and that a pane of an indicator needs at least
HEAD_PX, PANE_PX = 60, 56


def symbol_of(mime: QMimeData) -> str:
    """MARKET:NAME out of what is dragged, '' when it is no symbol."""
    for kind in MIMES:
        if mime.hasFormat(kind):
            text = bytes(mime.data(kind).data()).decode("utf-8", "replace").strip()
            words = text.split()
            if words and len(words[0]) < 60 and (":" in words[0] or kind != "text/plain"):
                return words[0]
    return ""


class ChartCell(QFrame):
    """One chart with its square; a thin frame while it is the active one of several."""

    dropped = Signal(str)

    def __init__(self, panel: ChartPanel, square: LinkSquare, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panel, self.square = panel, square
        self._accent, self._plain = QColor(theme.accent), QColor(theme.border)
        self.framed = self.active = self._alone = False
        self.setAcceptDrops(True)
        self.setMinimumSize(140, HEAD_PX + 110)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addWidget(panel)
        self.setFocusProxy(panel)
        row = panel.strip.layout()
        if isinstance(row, QHBoxLayout):
            row.insertWidget(0, square)
        self.show_frame(framed=False, active=False)

    def show_frame(self, *, framed: bool, active: bool) -> None:
        self.framed, self.active = framed, active
        edge = 1 if framed else 0
        self._column.setContentsMargins(edge, edge, edge, edge)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the panes do not fit one below the other, the price is alone until there is room again."""
        super().resizeEvent(event)
        stack = self.panel.stack
        needed = HEAD_PX + stack.price.minimumHeight() + PANE_PX * (len(stack.panes) - 1)
        if self.height() < needed and stack.maximised is None and len(stack.panes) > 1:
            self._alone = True
            stack.maximise(stack.price)
        elif self.height() >= needed and self._alone:
            self._alone = False
            if stack.maximised is stack.price:
                stack.maximise(stack.price)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.framed:
            painter = QPainter(self)
            painter.fillRect(self.rect(), self._accent if self.active else self._plain)
            painter.end()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if symbol_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if symbol := symbol_of(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(symbol)


class ChartGrid(QWidget):
    """make: a new chart panel for a number. shown(list of numbers) when other charts are on show; activated(number)."""

    shown = Signal(object)
    activated = Signal(int)
    symbolDropped = Signal(int, str)
    linksChanged = Signal(int)

    def __init__(
        self, theme: Theme, kit: DrawKit, make: Callable[[int], ChartPanel], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._make = theme, make
        self.links = charts.Links()
        self.cells: list[ChartCell] = []
        self.layout_name = ""
        self.active = 0
        self.maximised = False
        self._syncing = False
        self._splitter: QSplitter | None = None
        self.kit = kit
        self.bar = DrawBar(kit, theme, self._remove_drawings, self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.bar)

    @property
    def panel(self) -> ChartPanel:
        """The active one."""
        return self.cells[self.active].panel

    def visible_numbers(self) -> list[int]:
        return [self.active] if self.maximised else list(range(charts.count(self.layout_name)))

    # arrangement ----------------------------------------------------------------------------------------------------
    def arrange(self, name: str) -> None:
        """Show one of charts.LAYOUTS; charts that it has no place for are kept for later."""
        if name == self.layout_name and not self.maximised:
            return
        self.layout_name, self.maximised = name, False
        while len(self.cells) < charts.count(name):
            self._add()
        self.active = min(self.active, charts.count(name) - 1)
        _title, in_row, parts = charts.LAYOUTS[name]
        outer = QSplitter(Qt.Orientation.Horizontal if in_row else Qt.Orientation.Vertical, self)
        across = Qt.Orientation.Vertical if in_row else Qt.Orientation.Horizontal
        number = 0
        for size in parts:
            inner = _thin(QSplitter(across, outer))
            for _ in range(size):
                inner.addWidget(self.cells[number])
                self.cells[number].show()
                number += 1
            inner.setSizes([1000] * size)
        for cell in self.cells[number:]:
            cell.hide()
            cell.setParent(self)
        self._replace(_thin(outer))
        first = charts.LARGE.get(name, 1 / len(parts))
        rest = (1 - first) / max(1, len(parts) - 1)
        outer.setSizes([round(10_000 * s) for s in [first, *[rest] * (len(parts) - 1)]])
        self._told()

    def _replace(self, outer: QSplitter) -> None:
        old, self._splitter = self._splitter, outer
        self._row.addWidget(outer, 1)
        if old is not None:
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()

    def sizes(self) -> list[list[int]]:
        """Of the parts, then of the charts in each."""
        outer = self._splitter
        if outer is None:
            return []
        inner = [outer.widget(k) for k in range(outer.count())]
        return [outer.sizes(), *[w.sizes() for w in inner if isinstance(w, QSplitter)]]

    def set_sizes(self, sizes: Sequence[Sequence[int]]) -> None:
        """What `sizes` gave; nothing when it does not fit the layout."""
        outer = self._splitter
        if outer is None or len(sizes) != outer.count() + 1 or any(sum(s) <= 0 for s in sizes):
            return
        for splitter, wanted in zip([outer, *[outer.widget(k) for k in range(outer.count())]], sizes, strict=True):
            if isinstance(splitter, QSplitter) and len(wanted) == splitter.count():
                splitter.setSizes([max(0, int(w)) for w in wanted])

    def _add(self) -> None:
        number = len(self.cells)
        panel = self._make(number)
        panel.layers.use_kit(self.kit)
        square = LinkSquare(self._theme, self.links.options)
        square.set_colour(self.links.of[number])
        cell = ChartCell(panel, square, self._theme, self)
        self.cells.append(cell)
        square.chosen.connect(lambda colour: self._coloured(number, colour))
        square.optioned.connect(lambda colour, what, on: self._optioned(number, colour, what, on))
        cell.dropped.connect(lambda symbol: self.symbolDropped.emit(number, symbol))
        stack, strip = panel.stack, panel.strip
        stack.pressed.connect(lambda: self.activate(number))
        for asked in (strip.symbolClicked, strip.timeframeClicked, strip.asked, strip.menuAsked):
            asked.connect(lambda *_a: self.activate(number))
        stack.cursorMoved.connect(lambda: self._cursor_moved(number))
        stack.viewChanged.connect(lambda: self._view_changed(number))

    def activate(self, number: int) -> None:
        if number != self.active and number < charts.count(self.layout_name):
            self.active = number
            self._told()

    def step(self, way: int) -> None:
        """The next (1) or previous (-1) chart becomes the active one."""
        n = charts.count(self.layout_name)
        self.active = (self.active + way) % n
        if self.maximised:
            self._show_maximised()
        self._told()
        self.panel.setFocus()

    def maximise(self) -> None:
        """The active chart alone, or all again."""
        if charts.count(self.layout_name) > 1:
            self.maximised = not self.maximised
            self._show_maximised()
            self._told()

    def _show_maximised(self) -> None:
        chosen = self.visible_numbers()
        outer = self._splitter
        for k in range(charts.count(self.layout_name)):
            self.cells[k].setVisible(k in chosen)
        for k in range(outer.count() if outer is not None else 0):
            inner = outer.widget(k) if outer is not None else None
            if isinstance(inner, QSplitter):
                inner.setVisible(any(cell.parentWidget() is inner and not cell.isHidden() for cell in self.cells))

    def _told(self) -> None:
        several = len(self.visible_numbers()) > 1
        for k, cell in enumerate(self.cells):
            cell.show_frame(framed=several, active=k == self.active)
        self.shown.emit(self.visible_numbers())
        self.activated.emit(self.active)

    def _remove_drawings(self) -> None:
        if not self.kit.locked:
            self.kit.book.remove_all(self.panel.symbol)

    # links ----------------------------------------------------------------------------------------------------------
    def _coloured(self, number: int, colour: str) -> None:
        self.links.of[number] = colour
        self.cells[number].square.set_colour(colour)
        self.linksChanged.emit(number)

    def _optioned(self, number: int, colour: str, what: str, on: bool) -> None:
        setattr(self.links.options[colour], what, on)
        self.linksChanged.emit(number)
        if what == "span" and on:
            self._view_changed(self.active)

    def followers(self, number: int, what: str) -> list[int]:
        """Charts on show that share `what` with this one."""
        shown = self.visible_numbers()
        return [k for k in self.links.followers(number, what, len(self.cells)) if k in shown]

    def show_links(self) -> None:
        """The colours were restored."""
        for k, cell in enumerate(self.cells):
            cell.square.set_colour(self.links.of[k])

    def _cursor_moved(self, number: int) -> None:
        """The others get the crosshair at the same time; only what lies over their pictures is painted."""
        followers = self.followers(number, "crosshair")
        if not followers:
            return
        source = self.cells[number].panel
        index, pointer = source.stack.hovered(), source.stack.pointer
        for k in followers:
            panel = self.cells[k].panel
            if index is None or pointer is None:
                panel.stack.clear_cursor()
                continue
            ms = source.stack.bars.ts_at(index)
            price = None
            if panel.symbol == source.symbol and pointer[0] is source.stack.price:
                price = source.stack.price.yscale.value_at(pointer[2])
            panel.layers.mirror(ms, price)

    def _view_changed(self, number: int) -> None:
        if self._syncing or number != self.active:
            return
        followers = self.followers(number, "span")
        stack = self.cells[number].panel.stack
        if not followers or not stack.count():
            return
        left, right = (shapes.ms_of(stack.bars, i) for i in (stack.time.left, stack.time.right))
        self._syncing = True
        try:
            for k in followers:
                self.cells[k].panel.layers.show_span(left, right)
        finally:
            self._syncing = False


def _thin(splitter: QSplitter) -> QSplitter:
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    return splitter
