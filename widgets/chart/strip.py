"""The strip above a chart: symbol, timeframes, indicators and scale switches."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from engine.contracts.timeframes import TIMEFRAMES
from widgets import theme as look
from widgets.chart.indicators import Indicator
from widgets.theme import Theme

SHORTLIST = ("1m", "5m", "15m", "1h")
HEIGHT = 34


class Strip(QWidget):
    """Buttons only; the panel does what they ask."""

    symbolClicked = Signal()
    timeframeClicked = Signal(str)
    indicatorToggled = Signal(object)
    logToggled = Signal(bool)
    autoClicked = Signal()
    latestClicked = Signal()
    shotClicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self._background, self._border = QColor(theme.panel), QColor(theme.border)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 3, 6, 4)
        self._row.setSpacing(2)
        self.symbol = self._button("No symbol", "Choose a symbol (type its letters)")
        self.symbol.setFont(look.font(13, bold=True))
        self.symbol.clicked.connect(self.symbolClicked)
        self._row.addSpacing(6)
        self.timeframes: dict[str, QToolButton] = {}
        for name in SHORTLIST:
            self.timeframes[name] = self._timeframe(name)
        self.more = self._button("More ▾", "Other timeframes")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setCheckable(True)
        menu = QMenu(self.more)
        self._group = QActionGroup(menu)
        for name in TIMEFRAMES:
            if name not in SHORTLIST:
                action = QAction(name, menu, checkable=True)
                action.triggered.connect(lambda _on=False, n=name: self.timeframeClicked.emit(n))
                self._group.addAction(action)
                menu.addAction(action)
        self.more.setMenu(menu)
        self._row.addSpacing(10)
        self.indicators = self._button("Indicators", "Add or remove indicators")
        self.indicators.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.indicators.setMenu(QMenu(self.indicators))
        self._row.addStretch(1)
        self.log = self._button("Log", "Logarithmic price scale (Alt+L)", checkable=True)
        self.log.toggled.connect(self.logToggled)
        self.auto = self._button("Auto", "Fit the price scale to what is in view (Esc)", checkable=True)
        self.auto.setChecked(True)
        self.auto.clicked.connect(self.autoClicked)
        self.latest = self._button("Latest", "Go to the newest bar (End)")
        self.latest.clicked.connect(self.latestClicked)
        self.shot = self._button("Shot", "Copy or save a picture (Alt+S)")
        self.shot.clicked.connect(self.shotClicked)

    def _button(self, text: str, tip: str, *, checkable: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(checkable)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._row.addWidget(button)
        return button

    def _timeframe(self, name: str) -> QToolButton:
        button = self._button(name, f"{name} bars", checkable=True)
        button.clicked.connect(lambda _on=False: self.timeframeClicked.emit(name))
        return button

    def show_timeframe(self, name: str) -> None:
        """Mark the timeframe that is on show."""
        for each, button in self.timeframes.items():
            button.setChecked(each == name)
        others = name not in self.timeframes
        self.more.setChecked(others)
        self.more.setText(f"{name} ▾" if others and name else "More ▾")
        for action in self._group.actions():
            action.setChecked(action.text() == name)

    def show_indicators(self, offered: Iterable[tuple[str, Indicator]], active: set[str]) -> None:
        """Fill the menu: (family, indicator); the active ones are ticked."""
        menu = self.indicators.menu()
        menu.clear()
        families: dict[str, QMenu] = {}
        for family, indicator in offered:
            target = menu
            if family:
                if family not in families:
                    families[family] = menu.addMenu(family)
                target = families[family]
            action = target.addAction(indicator.title)
            action.setCheckable(True)
            action.setChecked(indicator.title in active)
            action.triggered.connect(lambda _on=False, i=indicator: self.indicatorToggled.emit(i))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Buttons that do not fit are left out, the least needed first; all have a key or a menu besides."""
        super().resizeEvent(event)
        frames = self.timeframes
        order = [self.shot, self.latest, self.log, frames["15m"], self.auto, frames["1h"], frames["5m"]]
        order += [self.indicators, frames["1m"]]
        spare = self.width() - 36 - sum(b.sizeHint().width() + 2 for b in (self.symbol, self.more))
        fits = True
        for button in reversed(order):
            spare -= button.sizeHint().width() + 2
            fits = fits and spare >= 0
            button.setVisible(fits)

    def paintEvent(self, _event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), self._background)
        p.fillRect(0, self.height() - 1, self.width(), 1, self._border)
        p.end()
