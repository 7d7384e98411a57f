"""The coloured square of a chart: which others it follows, and in what."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from widgets.chart.draw import pen
from widgets.chart.drawings.menu import swatch, ticked
from widgets.texts import tr
from widgets.theme import Theme
from widgets.viewmodels import charts


class LinkSquare(QToolButton):
    """chosen(colour); optioned(colour, what, on)."""

    chosen = Signal(str)
    optioned = Signal(str, str, bool)

    def __init__(self, theme: Theme, options: dict[str, charts.LinkOptions], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._options = theme, options
        self.colour = ""
        self.setFixedSize(22, 26)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.set_colour("")

    def set_colour(self, colour: str) -> None:
        self.colour = colour
        name = tr(charts.COLOURS[colour][0])
        self.setAccessibleName(tr("Link: {colour}").format(colour=name))
        self.setToolTip(tr("Link: {colour}. Charts of one colour show the same symbol.").format(colour=name))
        self.update()

    def menu_now(self) -> QMenu:
        """The menu with what holds now."""
        self._fill()
        return self._menu

    def _fill(self) -> None:
        menu = self._menu
        menu.clear()
        group = QActionGroup(menu)
        for colour, (title, token) in charts.COLOURS.items():
            action = menu.addAction(swatch(getattr(self._theme, token)), ticked(tr(title), colour == self.colour))
            action.setCheckable(True)
            action.setChecked(colour == self.colour)
            action.triggered.connect(lambda _on=False, c=colour: self.chosen.emit(c))
            group.addAction(action)
        if not self.colour:
            return
        menu.addSeparator()
        for what, title in charts.TITLES.items():
            action = menu.addAction(tr(title))
            action.setCheckable(True)
            action.setChecked(getattr(self._options[self.colour], what))
            action.toggled.connect(lambda on, w=what: self.optioned.emit(self.colour, w, on))

    def sizeHint(self) -> QSize:
        return QSize(22, 26)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(5, (self.height() - 12) / 2, 12, 12)
        colour = QColor(getattr(self._theme, charts.COLOURS[self.colour][1]))
        if self.colour:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
        else:
            painter.setPen(pen(self._theme.dim if self.underMouse() else self._theme.faint, 1.2))
        painter.drawRoundedRect(box, 3, 3)
        painter.end()
