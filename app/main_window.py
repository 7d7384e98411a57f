"""The window's frame: bars on top, the dock area, the status line. Made of QtWidgets only, so that it paints at once;
panels and docks are put in afterwards."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from widgets.frame import StatusLine, TopBar
from widgets.ink import ink, painting

TITLE = "PyroQuant"


class Skeleton(QWidget):
    """The shapes of the panels, for the half second before they exist."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(self.rect(), ink()["background"])
            w, h, gap = self.width(), self.height(), 4
            left, right, low = round(w * 0.22), round(w * 0.75), round(h * 0.68)
            for x, y, x1, y1 in (
                (0, 0, left, h),
                (left + gap, 0, right, low),
                (left + gap, low + gap, right, h),
                (right + gap, 0, w, h),
            ):
                painter.fillRect(x, y, x1 - x, y1 - y, ink()["panel"])


class MainWindow(QMainWindow):
    """closing(): the person wants to leave; the window stays until `allow_close` was called."""

    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.setObjectName("main")
        self.setMinimumSize(760, 480)
        self.top = TopBar()
        self.status = StatusLine()
        self.body = QWidget()
        self.skeleton = Skeleton()
        self._centre = QWidget()
        self._column = QVBoxLayout(self._centre)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._inner = QVBoxLayout(self.body)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._inner.addWidget(self.skeleton)
        self._column.addWidget(self.top)
        self._column.addWidget(self.body, 1)
        self._column.addWidget(self.status)
        self.setCentralWidget(self._centre)
        self._may_close = False

    def add_bar(self, bar: QWidget) -> None:
        """Put a banner above the docks, below the ones that are there."""
        self._column.insertWidget(self._column.indexOf(self.body), bar)

    def put_docks(self, docks: QWidget) -> None:
        """The dock area takes the skeleton's place."""
        self._inner.addWidget(docks)
        self._inner.removeWidget(self.skeleton)
        self.skeleton.hide()
        self.skeleton.deleteLater()

    def place(self, geometry: bytes, maximised: bool) -> None:
        """Restore where the window was, moved into a screen that exists; else a size that fits this screen."""
        if geometry and self.restoreGeometry(QByteArray(geometry)):
            return
        area = (self.screen() or QApplication.primaryScreen()).availableGeometry()
        self.resize(min(1920, area.width()), min(1050, area.height()))
        if maximised or area.width() <= 1366:
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def allow_close(self) -> None:
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.closing.emit()
