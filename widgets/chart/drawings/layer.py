"""What mouse and keys do with the drawings of one chart: place, take, move, copy, measure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

from engine.contracts.dtypes import PRICE_COLUMNS
from widgets.chart.drawings.kit import MEASURE, DrawKit
from widgets.chart.drawings.measure import Ruler
from widgets.chart.drawings.paint import Brush, RestItem, frame_of
from widgets.chart.drawings.words import WordField
from widgets.chart.pane import Pane
from widgets.chart.scales import AxisTag
from widgets.chart.tools import Tool
from widgets.viewmodels import drawings as dr
from widgets.viewmodels import shapes
from widgets.viewmodels.drawings import Drawing, Point

if TYPE_CHECKING:
    from widgets.chart.panel import ChartPanel

#: px within which the magnet draws to open, high, low or close; a press that moved more than DRAG_PX was a drag
MAGNET_PX, DRAG_PX = 14.0, 5.0
_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class DrawingLayer(Tool):
    """Drawings at rest are in the pane's kept picture; the one in hand is painted over it, so that moving it costs
    no more than the crosshair."""

    def __init__(self, panel: ChartPanel, kit: DrawKit) -> None:
        self.panel, self.stack, self.kit = panel, panel.stack, kit
        self.brush = Brush(panel.stack, panel.theme)
        self.ruler = Ruler(panel.stack, panel.theme)
        self.selected = 0
        self._placing: Drawing | None = None
        self._fixed = 0
        self._pressed_at = QPointF()
        self._grip: tuple[Drawing, int, QPointF] | None = None
        self._moving: Drawing | None = None
        self._measuring = False
        self.words = WordField(panel.stack)
        price = panel.stack.price
        price.add(RestItem(panel.stack, self.brush, self._resting, below=True))
        price.add(RestItem(panel.stack, self.brush, self._resting))
        price.overlays.insert(0, self.paint)
        price.overlays.append(self.paint_tag)
        panel.stack.tags.sources.append(self._tags)
        panel.stack.tools.insert(0, self)  # a tool in hand comes before everything else
        self._connect()

    def _connect(self) -> None:
        self.kit.toolChanged.connect(self._tool_changed)
        self.kit.changed.connect(self.stack.refresh)
        self.kit.bookChanged.connect(self._book_changed)

    def use(self, kit: DrawKit) -> None:
        """Share the book and the tool with other charts."""
        self.kit.toolChanged.disconnect(self._tool_changed)
        self.kit.changed.disconnect(self.stack.refresh)
        self.kit.bookChanged.disconnect(self._book_changed)
        self.kit = kit
        self._connect()
        self.stack.refresh()

    # what there is --------------------------------------------------------------------------------------------------
    @property
    def symbol(self) -> str:
        return self.panel.symbol

    def drawings(self) -> list[Drawing]:
        return [] if self.kit.hidden else self.kit.book.of(self.symbol)

    def chosen(self) -> Drawing | None:
        return self.kit.book.get(self.symbol, self.selected) if self.selected else None

    def _resting(self) -> list[Drawing]:
        return [d for d in self.drawings() if d.id != self.selected]

    def at(self, at: QPointF) -> tuple[Drawing | None, int]:
        """(what is under the mouse, its handle or -1); the selected one first, then what was drawn last."""
        frame, p = frame_of(self.stack), (at.x(), at.y())
        found = self.drawings()
        chosen = self.chosen()
        if chosen is not None and not self.kit.hidden and (k := shapes.handle_at(chosen, frame, p)) >= 0:
            return chosen, k
        for drawing in [*([chosen] if chosen else []), *reversed(found)]:
            if shapes.away(drawing, frame, p, self.brush.text_size(drawing)) <= shapes.REACH_PX:
                return drawing, -1
        return None, -1

    def fixed(self, drawing: Drawing) -> bool:
        return self.kit.locked or drawing.locked

    def _book_changed(self, symbol: str) -> None:
        if symbol == self.symbol:
            if self.chosen() is None:
                self.selected = 0
            self.stack.refresh()

    def _tool_changed(self, _tool: str) -> None:
        self._placing = None
        self.select(0)
        self.stack.price.hover()

    def select(self, number: int) -> None:
        if number != self.selected:
            self.selected = number
            self.stack.refresh()

    # places ---------------------------------------------------------------------------------------------------------
    def point(self, at: QPointF, *, magnet: bool = False) -> Point:
        """The bar's time and the price there, rounded to the tick, or drawn to the bar's prices."""
        stack = self.stack
        index = math.floor(stack.time.index_at(at.x()) + 0.5)
        ms = shapes.ms_of(stack.bars, float(index))
        scale = stack.price.yscale
        if magnet and 0 <= index < len(stack.bars):
            row = stack.bars.rows(index, index + 1)[0]
            near = min((abs(scale.y(float(row[f])) - at.y()), float(row[f])) for f in PRICE_COLUMNS[:4])
            if near[0] <= MAGNET_PX:
                return ms, near[1]
        return ms, stack.snapped(scale.value_at(at.y()))

    def _point(self, at: QPointF, event: QMouseEvent | None) -> Point:
        """With the magnet as it is set; Ctrl turns it over."""
        turned = event is not None and bool(event.modifiers() & _CTRL)
        return self.point(at, magnet=self.kit.magnet != turned)

    # mouse ----------------------------------------------------------------------------------------------------------
    def press(self, pane: Pane, event: QMouseEvent) -> bool:
        at = event.position()
        if pane is not self.stack.price or at.x() >= pane.plot_width or not self.symbol or not self.stack.count():
            return False
        self.words.finish()
        if self.ruler.clear():
            pane.hover()
        if event.button() == Qt.MouseButton.RightButton:
            return self._press_right(at, event)
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if self.kit.tool == MEASURE or (not self.kit.tool and event.modifiers() & _SHIFT):
            self.ruler.start = self.ruler.end = self._point(at, event)
            self._measuring = True
            return True
        if self.kit.tool:
            self._press_tool(at, event)
            return True
        return self._press_drawing(at, event)

    def _press_tool(self, at: QPointF, event: QMouseEvent) -> None:
        self._pressed_at = at
        point = self._point(at, event)
        if self._placing is None:
            kind = self.kit.tool
            self._placing = Drawing(0, kind, (point,) * dr.KINDS[kind][0])
            self._fixed = 1
        else:
            self._follow(point)
            self._fixed += 1

    def _press_drawing(self, at: QPointF, event: QMouseEvent) -> bool:
        drawing, handle = self.at(at)
        if drawing is None:
            self.select(0)
            return False
        if event.modifiers() & _CTRL and not self.fixed(drawing):
            drawing, handle = replace(drawing, id=0), -1  # a copy, that is there once it is put down elsewhere
        self.select(drawing.id)
        self._grip = (drawing, handle, at)
        self._moving = drawing
        return True

    def _press_right(self, at: QPointF, event: QMouseEvent) -> bool:
        if self._placing is not None or self.kit.tool:
            self.kit.choose("")
            return True
        drawing, _handle = self.at(at)
        if drawing is None:
            return False
        from widgets.chart.drawings.menu import drawing_menu

        self.select(drawing.id)
        drawing_menu(self, drawing).popup(event.globalPosition().toPoint())
        return True

    def _follow(self, point: Point) -> None:
        """The anchors that are not fixed yet go with the mouse."""
        if self._placing is not None:
            points = list(self._placing.points)
            points[self._fixed :] = [point] * (len(points) - self._fixed)
            self._placing = replace(self._placing, points=tuple(points))

    def drag(self, pane: Pane, at: QPointF, event: QMouseEvent) -> None:
        if pane is not self.stack.price:
            return
        if self._measuring:
            self.ruler.end = self._point(at, event)
        elif self._placing is not None:
            self._follow(self._point(at, event))
        elif self._grip is not None:
            before, handle, start = self._grip
            if not self.fixed(before):
                self._moving = self._dragged(before, handle, start, at, event)
        pane.hover()

    def _dragged(self, before: Drawing, handle: int, start: QPointF, at: QPointF, event: QMouseEvent) -> Drawing:
        stack = self.stack
        if handle >= 0:
            return before.with_handle(handle, *self._point(at, event))
        scale = stack.price.yscale
        bars = round((at.x() - start.x()) / stack.time.px_per_bar)
        if before.kind in dr.LEVEL_KINDS:
            _ms, price = self._point(QPointF(at.x(), scale.y(before.points[0][1]) + at.y() - start.y()), event)
            return before.with_points([(before.points[0][0], price)])
        return shapes.moved(
            before, stack.bars, scale.y, lambda y: stack.snapped(scale.value_at(y)), bars, at.y() - start.y()
        )

    def release(self, pane: Pane, event: QMouseEvent) -> None:
        at = event.position()
        if self._measuring:
            self._measuring = False
            if self.ruler.start == self.ruler.end:
                self.ruler.clear()
            if self.kit.tool == MEASURE:
                self.kit.choose("")
        elif self._placing is not None:
            if math.hypot(at.x() - self._pressed_at.x(), at.y() - self._pressed_at.y()) > DRAG_PX:
                self._follow(self._point(at, event))
                self._fixed += 1
            if self._fixed >= len(self._placing.points):
                self._commit(self._placing)
        elif self._grip is not None:
            self._put_down()
        pane.hover()

    def _put_down(self) -> None:
        assert self._grip is not None
        before, moved = self._grip[0], self._moving
        self._grip = self._moving = None
        if moved is None or moved == before:
            return
        if moved.id:
            self.kit.book.put(self.symbol, self.sided(moved))
        elif (made := self._add(moved)) is not None:
            self.select(made.id)

    def _add(self, d: Drawing) -> Drawing | None:
        try:
            made = self.kit.book.add(self.symbol, d.kind, d.points, colour=d.colour, width=d.width, text=d.text)
        except ValueError as error:
            self.kit.said.emit("warning", str(error))
            return None
        if made.kind == dr.ALERT:
            self.kit.book.settle(self.symbol, self.sided(made))
        return made

    def _commit(self, placed: Drawing) -> None:
        """The last anchor stands: it is in the book, selected, and the cursor is back in hand."""
        if len(placed.points) > 1 and len(set(placed.points[:2])) == 1:
            self._fixed = 1  # a second click at the first one's place
            return
        self._placing = None
        made = self._add(placed)
        self.kit.choose("")
        if made is None:
            return
        self.select(made.id)
        if made.kind == dr.TEXT:
            self.edit_words(made)

    def sided(self, drawing: Drawing) -> Drawing:
        """An alert line that was set or moved remembers on which side the price is now."""
        if not drawing.armed or drawing.side:
            return drawing
        price = self.kit.price_of(self.symbol)
        if price is None and self.stack.count():
            price = float(self.stack.bars.rows(self.stack.count() - 1, self.stack.count())[0]["close"])
        level = drawing.points[0][1]
        return replace(drawing, side=0 if price is None or price == level else 1 if price > level else -1)

    def copy(self, drawing: Drawing) -> None:
        """A second one, a little beside it."""
        scale, stack = self.stack.price.yscale, self.stack
        beside = shapes.moved(drawing, stack.bars, scale.y, lambda y: stack.snapped(scale.value_at(y)), 3, 14.0)
        if (made := self._add(beside)) is not None:
            self.select(made.id)

    def edit_words(self, drawing: Drawing) -> None:
        """Type the drawing's words in its place; a text that is left without any goes."""
        frame = frame_of(self.stack)
        x, y = shapes.pixels(drawing, frame)[0]
        if drawing.kind in dr.LEVEL_KINDS:
            x = 12.0
        number, symbol = drawing.id, self.symbol

        def done(words: str | None) -> None:
            now = self.kit.book.get(symbol, number)
            if now is None:
                return
            if words is not None:
                now = replace(now, text=words.strip()[: dr.MAX_TEXT])
                self.kit.book.put(symbol, now)
            if now.kind == dr.TEXT and not now.text:
                self.kit.book.remove(symbol, number)

        self.words.open_at(min(max(x, 4.0), frame.width - 120), min(max(y, 24.0), frame.height), drawing.text, done)

    def hover(self, pane: Pane, at: QPointF) -> Qt.CursorShape | None:
        if pane is not self.stack.price:
            return None
        if self._placing is not None:
            self._follow(self.point(at, magnet=self.kit.magnet))
        if self.kit.tool:
            return Qt.CursorShape.CrossCursor
        drawing, handle = self.at(at)
        if drawing is None:
            return None
        if self.fixed(drawing):
            return Qt.CursorShape.ArrowCursor
        return Qt.CursorShape.PointingHandCursor if handle < 0 else Qt.CursorShape.SizeAllCursor

    def double(self, pane: Pane, event: QMouseEvent) -> bool:
        if pane is not self.stack.price or event.position().x() >= pane.plot_width:
            return False
        if self._placing is not None or self.kit.tool:
            return True
        drawing, _handle = self.at(event.position())
        if drawing is None:
            return False
        if not self.fixed(drawing):
            self.edit_words(drawing)
        return True

    # keys -----------------------------------------------------------------------------------------------------------
    def key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            return self._escape()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and (chosen := self.chosen()) is not None:
            if not self.fixed(chosen):
                self.kit.book.remove(self.symbol, chosen.id)
            return True
        return False

    def _escape(self) -> bool:
        if self._grip is not None:
            self._grip = self._moving = None
        elif self._placing is not None or self.kit.tool:
            self._placing = None
            self.kit.choose("")
        elif not (self.ruler.clear() or self.selected):
            return False
        self.select(0)
        self.stack.price.hover()
        return True

    def start(self, tool: str) -> None:
        """By key: a level lies where the mouse is at once, the others are in hand."""
        pointer = self.stack.pointer
        if tool in dr.LEVEL_KINDS and pointer is not None and pointer[0] is self.stack.price and not self.kit.hidden:
            self._commit(Drawing(0, tool, (self.point(QPointF(pointer[1], pointer[2]), magnet=self.kit.magnet),)))
            return
        if self.kit.tool != tool:
            self.kit.choose(tool)

    # paint ----------------------------------------------------------------------------------------------------------
    def paint(self, painter: QPainter, pane: Pane) -> None:
        if not self.stack.count():
            return
        frame = frame_of(self.stack)
        painter.setClipRect(0, 0, pane.plot_width, pane.yscale.height)
        active = self._placing or self._moving or (None if self.kit.hidden else self.chosen())
        if active is not None:
            self.brush.fill(painter, active, frame, opaque=False)
            self.brush.stroke(painter, active, frame, strong=True)
            self.brush.handles(painter, active, frame)
        self.ruler.paint(painter, frame)
        painter.setClipping(False)

    def _tags(self) -> list[AxisTag]:
        """Of the levels at rest; the one in hand has its own, which goes with the mouse."""
        held = self._moving.id if self._moving is not None else 0
        return [
            AxisTag(d.points[0][1], self.stack.tag_text(self.stack.price, d.points[0][1]), token, 70, "tag_text")
            for d in self._resting()
            if d.kind in dr.LEVEL_KINDS and d.id != held
            for token in ("tag" if d.fired_ms else d.token,)
        ]

    def paint_tag(self, painter: QPainter, pane: Pane) -> None:
        """The tag of the level in hand, over all others."""
        active = self._placing or self._moving or (None if self.kit.hidden else self.chosen())
        if active is None or active.kind not in dr.LEVEL_KINDS or not self.stack.count():
            return
        price = active.points[0][1]
        y = pane.yscale.y(price)
        if 0 <= y <= pane.yscale.height:
            pane.paint_tag(painter, y, self.stack.tag_text(pane, price), self.brush.colour(active))
