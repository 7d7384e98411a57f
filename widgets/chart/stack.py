"""Panes one above the other over one time axis: zoom, pan, keys and the crosshair. What is shown comes from below."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from widgets.chart.axes import TimeAxis
from widgets.chart.kinetic import Flick
from widgets.chart.pane import Pane
from widgets.chart.scales import axis_text
from widgets.chart.ticks import Times, Zone, moment_text, price_text, time_ticks
from widgets.chart.tools import Tool
from widgets.chart.view import TimeView
from widgets.theme import Theme
from widgets.throttle import Ticker

TIME_TICK_PX = 110.0
MIN_AXIS_WIDTH = 62
GLIDE_MS = 16
#: px that a bar has when the time axis is fitted anew
DEFAULT_PX = 7.0


class PaneStack(QWidget):
    """Base of the price chart and the equity view. A subclass gives `times` and `count`, and fits each pane."""

    viewChanged = Signal()
    menuRequested = Signal(object, object)
    axisMenuRequested = Signal(object, object)
    clicked = Signal(object, object)
    pressed = Signal()
    cursorMoved = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.time = TimeView()
        self.zone = Zone()
        self.panes: list[Pane] = []
        self.pointer: tuple[Pane | None, float, float] | None = None
        self._drag: tuple[str, Pane | None, QPointF, bool] | None = None
        self.maximised: Pane | None = None
        self._flick = Flick()
        self._glide = Ticker(GLIDE_MS, self._glided, self)
        self._building = False
        #: what may take the mouse and the keys first, in this order
        self.tools: list[Tool] = []
        self._grab: Tool | None = None
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.time_axis = TimeAxis(self.time, theme, self)
        self.time_axis.setMouseTracking(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.time_axis)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    # what a subclass says -------------------------------------------------------------------------------------------

    def times(self) -> Times:
        """Index <-> time of what is shown."""
        raise NotImplementedError

    def count(self) -> int:
        """Number of bars or points."""
        raise NotImplementedError

    def fit_pane(self, pane: Pane) -> None:
        """Set the pane's scale to what is in view; called only while its automatic scale is on."""
        raise NotImplementedError

    def fitted(self, pane: Pane) -> None:
        """A pane's scale is as it will be painted, whether it was fitted or not."""

    def snap(self, pane: Pane, x: float, y: float, event: QMouseEvent) -> float:
        """Where the crosshair stands for a mouse at (x, y)."""
        return y

    def axis_texts(self) -> list[str]:
        """Tags besides the labels that the price axis must have room for."""
        return []

    def tag_decimals(self, pane: Pane) -> int:
        """Decimals of the crosshair's tag."""
        return pane.axis.decimals + 1

    # panes ----------------------------------------------------------------------------------------------------------

    def add_pane(self, stretch: int) -> Pane:
        pane = Pane(self.time, self.theme, self)
        pane.pressed.connect(self._pressed)
        pane.moved.connect(self._moved)
        pane.released.connect(self._released)
        pane.doubled.connect(self._doubled)
        pane.wheeled.connect(self._wheeled)
        pane.left_pane.connect(self._left)
        pane.resized.connect(self._resized)
        self.panes.append(pane)
        self.splitter.addWidget(pane)
        self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        pane.overlays.append(self._paint_cursor)
        return pane

    def remove_pane(self, pane: Pane) -> None:
        self.panes.remove(pane)
        self.pointer = self._drag = None
        if self.maximised is not None:
            self.maximise(self.maximised)
        pane.hide()
        pane.setParent(None)
        pane.close()
        pane.deleteLater()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._resized()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._resized()

    def _resized(self) -> None:
        if self.isVisible():
            self.refresh()

    def set_width(self, width: int) -> None:
        """The plot area's width changed; the newest bar keeps its distance from the right border."""
        self.time.width = width

    def maximise(self, pane: Pane) -> None:
        """Show this pane alone, or all again."""
        self.maximised = None if self.maximised is pane else pane
        for p in self.panes:
            p.setVisible(self.maximised is None or p is self.maximised)

    def refresh(self) -> None:
        """Fit the scales to what is in view and paint everything anew."""
        shown = [p for p in self.panes if not p.isHidden()]
        if not shown or self._building:
            return
        self.time.ratio = self.devicePixelRatioF()
        self.set_width(shown[0].plot_width)
        for pane in shown:
            pane.yscale.height = max(1, pane.viewport().height())
            if pane.auto:
                self.fit_pane(pane)
            self.fitted(pane)
            pane.fit_ticks()
        self._fit_axis(shown)
        times = self.times()
        ticks = time_ticks(times, self.zone, self.time.left, self.time.right, self.time.px_per_bar, TIME_TICK_PX)
        self.time_axis.ticks = ticks if self.count() else []
        for pane in shown:
            pane.grid_item.ticks = self.time_axis.ticks
            pane.refresh()
        self._tag_time()
        self.time_axis.update()

    def _fit_axis(self, shown: list[Pane]) -> None:
        texts = self.axis_texts()
        for pane in shown:
            ends = pane.axis.values[:1] + pane.axis.values[-1:]
            texts += [self.tag_text(pane, v) for v in ends]
        needed = max(MIN_AXIS_WIDTH, shown[0].axis.text_width(texts))
        have = shown[0].axis_width
        # the axis grows at once and shrinks only by much, so that it does not tremble while panning
        if needed > have or needed < have - 14:
            for pane in self.panes:
                pane.set_axis_width(needed)
            self.set_width(shown[0].plot_width)

    # crosshair ------------------------------------------------------------------------------------------------------

    def hovered(self) -> int | None:
        """Index of the bar under the cursor; None outside."""
        if self.pointer is None or not self.count():
            return None
        index = math.floor(self.time.index_at(self.pointer[1]) + 0.5)
        return index if self.pointer[1] <= self.time.width else None

    def set_cursor(self, pane: Pane | None, x: float, y: float) -> None:
        """Show the crosshair; y belongs to `pane`, other panes get the vertical line only."""
        self.pointer = (pane, x, y)
        self._tag_time()
        self._hover()

    def clear_cursor(self) -> None:
        if self.pointer is not None:
            self.pointer = None
            self._tag_time()
            self._hover()

    def _hover(self) -> None:
        for pane in self.panes:
            pane.hover()
        self.time_axis.update()

    def _tag_time(self) -> None:
        index = self.hovered()
        if index is None:
            self.time_axis.tag = None
            return
        times = self.times()
        text = moment_text(self.zone, times.ts_at(index), times.length_ms)
        self.time_axis.tag = (self.time.x(index), text)

    def _paint_cursor(self, painter: QPainter, pane: Pane) -> None:
        index = self.hovered()
        if index is None or self.pointer is None:
            return
        owner, _x, y = self.pointer
        mine = owner is pane
        pane.paint_crosshair(painter, self.time.x(index), y if mine else None)
        if mine:
            value = pane.yscale.value_at(y)
            under = price_text(value, self.tag_decimals(pane)) if pane.yscale.relative else ""
            pane.paint_tag(painter, y, self.tag_text(pane, value), None, under)

    def tag_text(self, pane: Pane, value: float) -> str:
        """A value as the crosshair's tag has it."""
        if pane.axis.text is not None:
            return pane.axis.text(value)
        return axis_text(pane.yscale, value, 2 if pane.yscale.relative else self.tag_decimals(pane))

    # view -----------------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """The view moved: paint, and tell."""
        self.refresh()
        self.viewChanged.emit()

    def zoom_by(self, factor: float, x: float | None = None) -> None:
        """Zoom time; at the newest bar while it is in view, unless x (pixels) is given."""
        if x is None:
            x = self.time.x(self.count() - 1) if self.time.at_latest(self.count()) else self.time.width / 2
        self.time.zoom(factor, x, self.count())
        self.changed()

    def pan_by(self, bars: float) -> None:
        self.time.pan(bars, self.count())
        self.changed()

    def go_to_latest(self) -> None:
        self.time.to_latest(self.count())
        self.changed()

    def go_to_oldest(self) -> None:
        self.time.right = self.time.visible_bars - 1
        self.time.clamp(self.count())
        self.changed()

    def fit_time(self) -> None:
        """The default zoom at the newest bar."""
        self.time.px_per_bar = DEFAULT_PX
        self.go_to_latest()

    def reset_scales(self) -> None:
        for pane in self.panes:
            pane.auto = True
        self.changed()

    # mouse ----------------------------------------------------------------------------------------------------------

    def _pressed(self, pane: Pane, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.stop_glide()
        self.pressed.emit()
        self._grab = next((t for t in self.tools if t.press(pane, event)), None)
        if self._grab is not None:
            return
        on_axis = event.position().x() >= pane.plot_width
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = ("price" if on_axis else "pan", pane, event.position(), False)
        elif event.button() == Qt.MouseButton.RightButton:
            (self.axisMenuRequested if on_axis else self.menuRequested).emit(pane, event)

    def stop_glide(self) -> None:
        self._glide.stop()
        self._flick.stop()

    def _glided(self) -> None:
        step, before = self._flick.step(GLIDE_MS), self.time.right
        if step:
            self.pan_by(-step / self.time.px_per_bar)
        if not step or self.time.right == before or not self.isVisible():
            self.stop_glide()

    def _moved(self, pane: Pane, event: QMouseEvent) -> None:
        at = event.position()
        if self._grab is not None:
            self.set_cursor(pane, min(at.x(), float(self.time.width)), at.y())
            self._grab.drag(pane, at, event)
            self.cursorMoved.emit()
            return
        if self._drag is None:
            over_axis = at.x() >= pane.plot_width
            shape = Qt.CursorShape.SizeVerCursor if over_axis else self._tool_shape(pane, at)
            if pane.viewport().cursor().shape() != shape:
                pane.viewport().setCursor(shape)
            if over_axis:
                self.clear_cursor()
            else:
                self.set_cursor(pane, at.x(), self.snap(pane, at.x(), at.y(), event))
            self.cursorMoved.emit()
            return
        if self._drag[0] == "pan":
            self._flick.moved(event.timestamp(), at.x())
        self._dragged(pane, at)

    def _tool_shape(self, pane: Pane, at: QPointF) -> Qt.CursorShape:
        found = [shape for tool in self.tools if (shape := tool.hover(pane, at)) is not None]
        return found[0] if found else Qt.CursorShape.CrossCursor

    def _left(self) -> None:
        for tool in self.tools:
            tool.leave()
        self.clear_cursor()
        self.cursorMoved.emit()

    def _dragged(self, pane: Pane | None, at: QPointF) -> None:
        if self._drag is None:
            return
        kind, owner, before, far = self._drag
        dx, dy = at.x() - before.x(), at.y() - before.y()
        if not far and abs(dx) + abs(dy) < 3:
            return
        self._drag = (kind, owner, at, True)
        if kind == "pan" and owner is not None:
            self.pointer = (owner, at.x(), at.y())
            if not owner.auto:
                owner.yscale.shift(dy)
            self.pan_by(-dx / self.time.px_per_bar)
        elif kind == "price" and owner is not None:
            owner.auto = False
            owner.yscale.stretch(math.exp(max(-1.0, min(1.0, dy * 0.006))))
            self.changed()
        elif kind == "time":
            self.zoom_by(math.exp(-dx * 0.006))

    def _released(self, pane: Pane, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        grab, self._grab = self._grab, None
        if grab is not None:
            grab.release(pane, event)
        elif drag is not None and drag[0] == "pan":
            if not drag[3]:
                self.clicked.emit(pane, event)
            elif self._flick.released(event.timestamp()):
                self._glide.start()

    def _doubled(self, pane: Pane, event: QMouseEvent) -> None:
        self._drag = None
        if any(tool.double(pane, event) for tool in self.tools):
            return
        if event.position().x() >= pane.plot_width:
            pane.auto = True
            self.changed()
        else:
            self.double_click(pane, event)

    def double_click(self, pane: Pane, _event: QMouseEvent) -> None:
        """Show a pane alone, or all again."""
        if len(self.panes) > 1:
            self.maximise(pane)

    def _wheeled(self, _pane: Pane | None, event: QWheelEvent) -> None:
        self.stop_glide()
        pixels, angle = event.pixelDelta(), event.angleDelta()
        if abs(angle.x()) > abs(angle.y()):
            step = pixels.x() if pixels.x() else angle.x() * 0.6
            self.pan_by(-step / self.time.px_per_bar)
        elif angle.y():
            at_cursor = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            pinned = self.time.at_latest(self.count()) and not at_cursor
            self.zoom_by(math.exp(angle.y() * 0.0015), None if pinned else event.position().x())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.time_axis.geometry().contains(event.position().toPoint()):
            if event.button() == Qt.MouseButton.RightButton:
                self.axisMenuRequested.emit(None, event)
                return
            self.stop_glide()
            self._drag = ("time", None, event.position(), False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._dragged(None, event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.time_axis.geometry().contains(event.position().toPoint()):
            self.fit_time()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._wheeled(None, event)
        event.accept()

    # keys -----------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if any(tool.key(event) for tool in self.tools):
            return
        key, ctrl = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        moves = {Qt.Key.Key_Left: -1.0, Qt.Key.Key_Right: 1.0}
        self.stop_glide()
        if key in moves:
            self.pan_by(moves[Qt.Key(key)] * (self.time.visible_bars / 2 if ctrl else 1.0))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal) or (ctrl and key == Qt.Key.Key_Up):
            self.zoom_by(1.25)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore) or (ctrl and key == Qt.Key.Key_Down):
            self.zoom_by(1 / 1.25)
        elif key == Qt.Key.Key_Home:
            self.go_to_oldest()
        elif key == Qt.Key.Key_End:
            self.go_to_latest()
        elif key == Qt.Key.Key_Escape:
            self._drag = None
            self.clear_cursor()
            if self.maximised is not None:
                self.maximise(self.maximised)
            self.reset_scales()
        else:
            event.ignore()
