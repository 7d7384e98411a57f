"""What all plots share: a still layer painted once, a light one that follows the mouse, and a menu to take it away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QHideEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from widgets import theme
from widgets.ink import Ink, ink, painting
from widgets.texts import tr

#: px above the plot for its title, left for values, below for times
TOP, LEFT, BOTTOM, RIGHT = 22, 52, 20, 10


class Plot(QWidget):
    """Subclasses write `draw`, `readout` and `table`. `changed()` after new data.

    heading: title above the plot; note: dim words behind it; nothing: what is said while there is nothing to draw.
    """

    def __init__(self, heading: str = "", height: int = 150, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading, self.note = heading, ""
        self.nothing = tr("Nothing to draw")
        self.margins = (LEFT, TOP, RIGHT, BOTTOM)
        self.point: QPointF | None = None
        self._still: QPixmap | None = None
        self._height = height
        self.small, self.bold = theme.font(11), theme.font(11, bold=True)
        self.setMouseTracking(True)
        self.setMinimumHeight(min(height, 90))
        self.setAccessibleName(heading)

    # to be written by a plot ----------------------------------------------------------------------------------------
    def draw(self, painter: QPainter, area: QRect, paint: Ink) -> None:
        """All that does not depend on the mouse."""
        raise NotImplementedError

    def draw_top(self, painter: QPainter, area: QRect, paint: Ink) -> None:
        """What lies above the drawing and may follow the mouse: a legend with values."""

    def draw_over(self, painter: QPainter, area: QRect, paint: Ink, point: QPointF) -> None:
        """Crosshair or mark of what is under the mouse."""

    def readout(self, point: QPointF) -> str:
        """What is under the mouse, in words; '' = nothing."""
        return ""

    def table(self) -> tuple[list[str], list[list[str]]]:
        """(heads, rows) of what is drawn, for copying."""
        return [], []

    def empty_text(self) -> str:
        """What to say instead of drawing, '' = draw."""
        return ""

    def more_actions(self, menu: QMenu) -> None:
        """Add to the context menu."""

    # common ---------------------------------------------------------------------------------------------------------
    def sizeHint(self) -> QSize:
        return QSize(300, self._height)

    def area(self) -> QRect:
        """Where values are drawn."""
        left, top, right, bottom = self.margins
        return self.rect().adjusted(left, top if self.heading else 6, -right, -bottom)

    def changed(self) -> None:
        self._still = None
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._still = None
        super().changeEvent(event)

    def resizeEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self._still = None
        super().resizeEvent(event)  # type: ignore[arg-type]

    def hideEvent(self, event: QHideEvent) -> None:
        self._still = None
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint, ratio = ink(), self.devicePixelRatioF()
        if self._still is None or self._still.devicePixelRatio() != ratio:
            self._still = QPixmap(self.size() * ratio)
            self._still.setDevicePixelRatio(ratio)
            with painting(self._still) as painter:
                self._draw_still(painter, paint)
        with painting(self) as painter:
            painter.drawPixmap(0, 0, self._still)
            if self.empty_text():
                return
            painter.setFont(self.small)
            self.draw_top(painter, self.area(), paint)
            if self.point is not None:
                self.draw_over(painter, self.area(), paint, self.point)
                if text := self.readout(self.point):
                    self._bubble(painter, paint, text)

    def _draw_still(self, painter: QPainter, paint: Ink) -> None:
        painter.fillRect(self.rect(), paint["panel"])
        painter.setFont(self.bold)
        if self.heading:
            painter.setPen(paint["text"])
            painter.drawText(QRect(10, 4, self.width() - 20, 16), Qt.AlignmentFlag.AlignLeft, self.heading)
            used = painter.fontMetrics().horizontalAdvance(self.heading) + 18
            painter.setFont(self.small)
            painter.setPen(paint["dim"])
            room = self.width() - used - 10
            note = painter.fontMetrics().elidedText(self.note, Qt.TextElideMode.ElideRight, max(room, 0))
            painter.drawText(QRect(used, 4, max(room, 0), 16), Qt.AlignmentFlag.AlignLeft, note)
        painter.setFont(self.small)
        if text := self.empty_text():
            painter.setPen(paint["dim"])
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(16, 20, -16, -8), int(flags), text)
            return
        self.draw(painter, self.area(), paint)

    def _bubble(self, painter: QPainter, paint: Ink, text: str) -> None:
        """The readout beside the mouse, inside the widget."""
        assert self.point is not None
        metrics, lines = painter.fontMetrics(), text.split("\n")
        width = max(metrics.horizontalAdvance(line) for line in lines) + 14
        height = metrics.height() * len(lines) + 8
        x = self.point.x() + 14
        if x + width > self.width() - 2:
            x = max(2.0, self.point.x() - 12 - width)
        y = min(max(2.0, self.point.y() - height - 6), self.height() - height - 2.0)
        box = QRectF(round(x) + 0.5, round(y) + 0.5, width, height)
        painter.setPen(paint["border"])
        painter.setBrush(paint["raised"])
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(paint["text"])
        for number, line in enumerate(lines):
            top = box.top() + 4 + number * metrics.height()
            painter.drawText(QRectF(box.left() + 7, top, width, metrics.height()), Qt.AlignmentFlag.AlignLeft, line)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.point = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.point = None
        self.update()
        super().leaveEvent(event)

    # taking it away -------------------------------------------------------------------------------------------------
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.more_actions(menu)
        for text, slot in (
            (tr("Copy picture"), self.copy_picture),
            (tr("Save picture…"), self.save_picture),
            (tr("Copy values"), self.copy_values),
        ):
            action = QAction(text, menu)
            action.triggered.connect(lambda _on=False, s=slot: s())
            menu.addAction(action)
        menu.popup(event.globalPos())

    def picture(self) -> QPixmap:
        """What is shown, without the mouse."""
        point, self.point = self.point, None
        made = self.grab()
        self.point = point
        return made

    def copy_picture(self) -> None:
        QGuiApplication.clipboard().setPixmap(self.picture())

    def save_picture(self, path: str = "") -> str:
        """Write a PNG; asks for the file unless one is given."""
        if not path:
            path, _ = QFileDialog.getSaveFileName(self, tr("Save picture"), "plot.png", "PNG (*.png)")
        return path if path and self.picture().save(path) else ""

    def copy_values(self) -> str:
        """The values behind the plot, tab-separated, onto the clipboard."""
        heads, rows = self.table()
        text = "\n".join("\t".join(cells) for cells in [heads, *rows])
        QGuiApplication.clipboard().setText(text)
        return text
