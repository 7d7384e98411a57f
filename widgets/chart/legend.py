"""Coloured words in a pane's corner, with buttons where the mouse is, and the badges that lie over its picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from widgets import icons
from widgets import theme as look
from widgets.chart.draw import mix
from widgets.chart.pane import Pane
from widgets.theme import Theme

Piece = tuple[str, str]
LEFT, TOP, ROW = 10, 16, 17
ICON = 14
MOST_WIDTHS = 500
HIDE, SETTINGS, REMOVE = "hide", "settings", "remove"


class Legend:
    """Rows of (text, colour) pieces; `rows` is called at each paint, so it may follow the crosshair."""

    def __init__(self, theme: Theme, rows: Callable[[], list[list[Piece]]]) -> None:
        self._rows = rows
        self._font = look.font(12)
        self._bold = look.font(12, bold=True)
        self._metrics = (QFontMetrics(self._font), QFontMetrics(self._bold))
        self._veil = QColor(theme.pane)
        self._veil.setAlphaF(0.72)
        self._colours: dict[str, QColor] = {}

    def __call__(self, painter: QPainter, pane: Pane) -> None:
        y = TOP
        for number, row in enumerate(self._rows()):
            x = LEFT
            placed = []
            for k, (text, colour) in enumerate(row):
                bold = number == 0 and k == 0
                width = self._metrics[bold].horizontalAdvance(text)
                if x > LEFT and x + width > pane.plot_width - 8:
                    break
                placed.append((x, text, colour, bold))
                x += width + 9
            self._paint(painter, y, x, placed)
            y += ROW

    def _paint(self, painter: QPainter, y: int, x: int, placed: list[tuple[int, str, str, bool]]) -> None:
        if placed:
            painter.fillRect(QRectF(LEFT - 4, y - 13, x - LEFT, ROW), self._veil)
        for left, text, colour, bold in placed:
            painter.setFont(self._bold if bold else self._font)
            painter.setPen(self._colours.setdefault(colour, QColor(colour)))
            painter.drawText(QPointF(left, y), text)


@dataclass(slots=True)
class Group:
    """Pieces that belong together. key: what is told when it is clicked, '' for nothing. start: begins a row."""

    key: str
    pieces: list[Piece]
    start: bool = False
    hidden: bool = False


@dataclass(slots=True)
class _Box:
    """Where a group was painted, and its buttons while the mouse is over it."""

    group: Group
    rect: QRectF
    buttons: list[tuple[QRectF, str]] = field(default_factory=list)


class GroupLegend(Legend):
    """Groups in rows that wrap at the plot's width. The one under the pointer has buttons: hide, settings, remove.

    groups: called at each paint. pointer: (x, y) in this pane or None. What does not fit into `most` rows is left out,
    with a count of it.
    """

    def __init__(
        self,
        theme: Theme,
        groups: Callable[[], list[Group]],
        pointer: Callable[[Pane], tuple[float, float] | None],
        *,
        bold: bool = False,
    ) -> None:
        super().__init__(theme, list)
        self._groups, self._pointer = groups, pointer
        self._head = bold
        self._raised, self._edge, self._faint = QColor(theme.raised), QColor(theme.border), theme.faint
        self._dim = theme.dim
        self._boxes: list[_Box] = []
        self._widths: dict[tuple[str, bool], int] = {}
        self._hot = ""
        self.rows = 1
        #: px at the end of the first row that something else takes
        self.reserved = 0

    def action_at(self, x: float, y: float) -> tuple[str, str] | None:
        """(key, action) at a point: a button's, or '' for the words themselves; None beside all groups."""
        for box in self._boxes:
            for rect, action in box.buttons:
                if rect.contains(x, y):
                    return box.group.key, action
        for box in self._boxes:
            if box.group.key and box.rect.contains(x, y):
                return box.group.key, ""
        return None

    def __call__(self, painter: QPainter, pane: Pane) -> None:
        self._boxes = []
        most = max(1, int(pane.yscale.height * 0.6) // ROW)
        x, y, rows = LEFT, TOP, 1
        groups = self._groups()
        for number, group in enumerate(groups):
            widths = [self._width(t, self._head and number == 0 and k == 0) for k, (t, _c) in enumerate(group.pieces)]
            wide = sum(widths) + 9 * len(widths)
            if x > LEFT and (group.start or x + wide > pane.plot_width - 8):
                if rows == most:
                    self._words(painter, x, y, [(f"+{len(groups) - number}", self._dim)], False)
                    break
                x, y, rows = LEFT, y + ROW, rows + 1
            shown = self._fitting(group.pieces, widths, pane.plot_width - 8 - x - (self.reserved if rows == 1 else 0))
            end = self._words(painter, x, y, shown, self._head and number == 0)
            self._boxes.append(_Box(group, QRectF(x - 4, y - 13, end - x, ROW)))
            x = end + 3
        self.rows = rows
        self._paint_buttons(painter, pane)

    def _width(self, text: str, bold: bool) -> int:
        """In pixels; most words of a legend are the same from paint to paint."""
        key = (text, bold)
        if key not in self._widths:
            if len(self._widths) > MOST_WIDTHS:
                self._widths.clear()
            self._widths[key] = self._metrics[bold].horizontalAdvance(text)
        return self._widths[key]

    def _fitting(self, pieces: list[Piece], widths: list[int], room: int) -> list[Piece]:
        used = 0
        for k, width in enumerate(widths):
            used += width + 9
            if used > room and k:
                return pieces[:k]
        return pieces

    def _words(self, painter: QPainter, x: int, y: int, pieces: list[Piece], head: bool) -> int:
        placed, begin = [], x
        for k, (text, colour) in enumerate(pieces):
            bold = head and k == 0
            placed.append((x, text, colour, bold))
            x += self._width(text, bold) + 9
        painter.fillRect(QRectF(begin - 4, y - 13, x - begin, ROW), self._veil)
        for left, text, colour, bold in placed:
            painter.setFont(self._bold if bold else self._font)
            painter.setPen(self._colours.setdefault(colour, QColor(colour)))
            painter.drawText(QPointF(left, y), text)
        return x

    def _paint_buttons(self, painter: QPainter, pane: Pane) -> None:
        at = self._pointer(pane)
        if at is None:
            return
        keyed = [b for b in self._boxes if b.group.key]
        # the buttons stay while the mouse is on them, though they lie over the words beside
        before = (b for b in keyed if b.group.key == self._hot and self._bar(b.rect, pane.plot_width).contains(*at))
        hot = next(before, next((b for b in keyed if b.rect.contains(*at)), None))
        self._hot = hot.group.key if hot is not None else ""
        if hot is not None:
            self._paint_bar(painter, pane, hot, at)

    def _paint_bar(self, painter: QPainter, pane: Pane, box: _Box, at: tuple[float, float]) -> None:
        bar = self._bar(box.rect, pane.plot_width)
        painter.fillRect(bar, self._edge)
        painter.fillRect(bar.adjusted(1, 1, -1, -1), self._raised)
        names = (("eye_off" if box.group.hidden else "eye", HIDE), ("settings", SETTINGS), ("close", REMOVE))
        for k, (name, action) in enumerate(names):
            rect = QRectF(bar.left() + 3 + k * (ICON + 6), bar.top(), ICON + 6, bar.height())
            token = "text" if rect.contains(*at) else "dim"
            picture = icons.pixmap(name, token, ICON, pane.devicePixelRatioF())
            painter.drawPixmap(QPointF(rect.left() + 3, rect.top() + 2), picture)
            box.buttons.append((rect, action))

    def _bar(self, words: QRectF, width: int) -> QRectF:
        wide = 3 * (ICON + 6) + 6
        return QRectF(min(words.right() - 4, width - wide - 2), words.top() - 1, wide, ROW + 1)


def badge_room(text: str) -> int:
    """Width that a badge takes of the first line, px."""
    return QFontMetrics(look.font(11, bold=True)).horizontalAdvance(text) + 36


def paint_badge(painter: QPainter, pane: Pane, text: str, colour: str) -> None:
    """A pill in the upper right corner: what is wrong with these prices, in words."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setFont(look.font(11, bold=True))
    width = badge_room(text) - 16
    box = QRectF(pane.plot_width - width - 10, 4, width, 20)
    painter.setPen(QColor(colour))
    # opaque: bars and words below would make it unreadable
    painter.setBrush(mix(colour, pane.theme.pane, 0.22))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
