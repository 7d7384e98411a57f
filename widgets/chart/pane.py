"""One pane: a pyqtgraph plot whose picture is kept, so that the crosshair repaints only what lies over it."""

from __future__ import annotations

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsGridLayout, QGraphicsView, QWidget

from widgets import theme as look
from widgets.chart.axes import TAG_HEIGHT, PriceAxis
from widgets.chart.draw import pen
from widgets.chart.items import GridItem, PaneItem
from widgets.chart.scales import scale_ticks
from widgets.chart.view import Scale, TimeView
from widgets.theme import Theme

#: pixels between two price labels, at least
TICK_PX = 40.0
Overlay = Callable[[QPainter, "Pane"], None]


class Pane(pg.GraphicsView):
    """Items in pixels over a ViewBox, a price axis at the right, and overlays painted over the kept picture. Not a
    PlotWidget: its menus and three more axes, none of them shown, take 6 ms and 1.6 MB a pane.

    Signals carry the position in the pane in logical pixels. Nothing here repaints by itself: the stack calls
    `refresh` when data or view changed, `hover` when only the crosshair did.
    """

    pressed = Signal(object, object)
    moved = Signal(object, object)
    released = Signal(object, object)
    doubled = Signal(object, object)
    wheeled = Signal(object, object)
    left_pane = Signal()
    resized = Signal()

    def __init__(self, time: TimeView, theme: Theme, parent: QWidget | None = None) -> None:
        self.yscale = Scale()
        self.axis = PriceAxis(self.yscale, theme)
        self._picture: QPixmap | None = None
        self._dirty = True
        super().__init__(parent, background=theme.pane)
        self.time = time
        self.theme = theme
        self.auto = True
        self.least = 48
        self.decimals: int | None = None
        self.positive = False
        self.fixed_ticks: list[float] = []
        self.overlays: list[Overlay] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        # what is dropped on a chart is for the cell around it
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumHeight(48)
        # the labels of pyqtgraph's axes are not shown, but would be laid out in every frame
        self.axis.enableAutoSIPrefix(False)
        self.box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0.0)
        self.box.disableAutoRange()
        centre = pg.GraphicsWidget()
        self._columns = QGraphicsGridLayout()
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(0)
        self._columns.addItem(self.box, 0, 0)
        self._columns.addItem(self.axis, 0, 1)
        centre.setLayout(self._columns)
        self.setCentralItem(centre)
        self.grid_item = GridItem(time, self.yscale, theme)
        self.add(self.grid_item)
        self._tag_font = look.font(11)
        self._tag, self._tag_text = QColor(theme.tag), QColor(theme.tag_text)

    def add(self, item: PaneItem) -> None:
        """Put an item on the pane; its coordinates are the plot area's pixels."""
        item.setParentItem(self.box)

    def drop(self, item: PaneItem) -> None:
        self.scene().removeItem(item)

    @property
    def plot_width(self) -> int:
        return max(1, int(self.viewport().width()) - self.axis_width)

    @property
    def axis_width(self) -> int:
        return int(self.axis.fixedWidth or 0)

    def set_axis_width(self, width: int) -> None:
        if self.axis.fixedWidth != width:
            self.axis.setWidth(width)
            # at once: what is painted before the next turn of the loop would have the old border
            self._columns.activate()

    def fit_ticks(self) -> None:
        """Choose the axis labels for the scale as it is now."""
        self.yscale.height = max(1, self.viewport().height())
        count = self.yscale.height / TICK_PX
        values, decimals = scale_ticks(self.yscale, count)
        if self.positive:
            # room below the lowest price may reach under nothing, where no price is
            values = [v for v in values if v > 0]
        if self.fixed_ticks and self.auto:
            values, decimals = self.fixed_ticks, 0
        self.grid_item.values = self.axis.values = values
        # large prices need no decimals beside round labels; the tags have them
        coarse = self.decimals is None or self.yscale.relative or (values and abs(values[-1]) >= 1000)
        self.axis.decimals = decimals if coarse else max(decimals, min(self.decimals or 0, decimals + 2))

    def refresh(self) -> None:
        """Paint anew: data or view changed."""
        self._dirty = True
        self.viewport().update()

    def hover(self) -> None:
        """Paint the overlays anew over the kept picture."""
        self.viewport().update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        view = self.viewport()
        ratio = view.devicePixelRatioF()
        size = view.size() * ratio
        if self._picture is None or self._picture.size() != size or self._picture.devicePixelRatioF() != ratio:
            self._picture = QPixmap(size)
            self._picture.setDevicePixelRatio(ratio)
            self._dirty = True
        if self._dirty:
            self._dirty = False
            painter = QPainter(self._picture)
            try:
                self.render(painter, QRectF(view.rect()), view.rect())
            finally:
                painter.end()
        painter = QPainter(view)
        try:
            painter.drawPixmap(0, 0, self._picture)
            for overlay in self.overlays:
                painter.save()
                overlay(painter, self)
                painter.restore()
        finally:  # an open painter on a dead widget ends the process; an exception is only logged
            painter.end()

    def tag_top(self, y: float, height: int) -> float:
        """Where a tag of this height begins, kept inside the pane."""
        return min(max(0.0, round(y) - TAG_HEIGHT / 2), max(0.0, self.yscale.height - height))

    def paint_tag(self, painter: QPainter, y: float, text: str, fill: QColor | None = None, under: str = "") -> None:
        """A filled label on the price axis at y, with a smaller line under it when given."""
        height = TAG_HEIGHT + (13 if under else 0)
        top = self.tag_top(y, height)
        box = QRectF(self.plot_width + 1, top, self.axis_width - 1, height)
        painter.fillRect(box, fill or self._tag)
        painter.setFont(self._tag_font)
        painter.setPen(self._tag_text)
        painter.drawText(QPointF(box.left() + 8, top + 13), text)
        if under:
            painter.drawText(QPointF(box.left() + 8, top + 27), under)

    def paint_crosshair(self, painter: QPainter, x: float | None, y: float | None) -> None:
        painter.setPen(pen(self.theme.crosshair, 1.0, (3, 3)))
        if x is not None and 0 <= x < self.plot_width:
            painter.drawLine(int(x), 0, int(x), self.yscale.height)
        if y is not None:
            painter.drawLine(0, int(y), self.plot_width, int(y))

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.PaletteChange):
            self._dirty = True
        return bool(super().event(event))

    def hideEvent(self, event: QHideEvent) -> None:
        # a chart behind others needs no picture, and is painted anew when it is shown
        self._picture = None
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._dirty = True
        super().resizeEvent(event)
        self.resized.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit(self, event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.moved.emit(self, event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.released.emit(self, event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.doubled.emit(self, event)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.wheeled.emit(self, event)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.left_pane.emit()
        super().leaveEvent(event)
