"""The strip above a chart: symbol, timeframes, style, indicators and scale switches."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from engine.contracts.timeframes import TIMEFRAMES
from widgets import theme as look
from widgets.chart import styles
from widgets.chart.options import ChartOptions
from widgets.chart.view import LOG, PERCENT
from widgets.icons import icon
from widgets.texts import tr
from widgets.theme import Theme

SHORTLIST = ("1m", "5m", "15m", "1h")
HEIGHT = 34


class Strip(QWidget):
    """Buttons only; the panel does what they ask. asked: id of a command; menuAsked: the button of the view menu."""

    symbolClicked = Signal()
    timeframeClicked = Signal(str)
    asked = Signal(str)
    menuAsked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self._background, self._border = QColor(theme.panel), QColor(theme.border)
        self._now = ""
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 3, 6, 4)
        self._row.setSpacing(2)
        self.symbol = self._button(tr("No symbol"), tr("Choose a symbol (type its letters)"))
        self.symbol.setFont(look.font(13, bold=True))
        self.symbol.clicked.connect(self.symbolClicked)
        self._row.addSpacing(6)
        self.timeframes: dict[str, QToolButton] = {}
        for name in SHORTLIST:
            self.timeframes[name] = self._timeframe(name)
        self.more = self._button(tr("More ▾"), tr("Other timeframes"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setCheckable(True)
        menu = QMenu(self.more)
        self._group = QActionGroup(menu)
        for name in TIMEFRAMES:
            action = QAction(name, menu, checkable=True)
            action.triggered.connect(lambda _on=False, n=name: self.timeframeClicked.emit(n))
            self._group.addAction(action)
            menu.addAction(action)
        self.more.setMenu(menu)
        self._row.addSpacing(6)
        self.style_button = self._style_button()
        self.indicators = self._asking("indicators", tr("Indicators"), tr("Add or change indicators (Ctrl+I)"))
        self._row.addStretch(1)
        self.percent = self._asking("scale_percent", tr("%"), tr("Percent scale (Alt+P)"), checkable=True)
        self.log = self._asking("scale_log", tr("Log"), tr("Logarithmic price scale (Alt+L)"), checkable=True)
        self.auto = self._asking("auto", tr("Auto"), tr("Fit the price scale to what is in view (Esc)"), checkable=True)
        self.auto.setChecked(True)
        self.go_to = self._asking("go_to", tr("Go to"), tr("Go to a date (Alt+G)"))
        self.shot = self._asking("screenshot", "", tr("Picture to the clipboard and a file (Alt+S)"))
        self.shot.setIcon(icon("camera"))
        self.view = self._button("", tr("All about the view: scale, volume, time, tags"))
        self.view.setIcon(icon("settings"))
        self.view.clicked.connect(lambda _on=False: self.menuAsked.emit(self.view))

    def _button(self, text: str, tip: str, *, checkable: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(checkable)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._row.addWidget(button)
        return button

    def _asking(self, name: str, text: str, tip: str, *, checkable: bool = False) -> QToolButton:
        button = self._button(text, tip, checkable=checkable)
        button.clicked.connect(lambda _on=False: self.asked.emit(name))
        return button

    def _style_button(self) -> QToolButton:
        button = self._button(tr(styles.NAMES[styles.CANDLES]), tr("How prices are drawn"))
        button.setIcon(icon("candles"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        self._styles = QActionGroup(menu)
        for style, name in styles.NAMES.items():
            action = menu.addAction(tr(name))
            action.setCheckable(True)
            action.setData(style)
            action.triggered.connect(lambda _on=False, s=style: self.asked.emit(f"style_{s}"))
            self._styles.addAction(action)
        button.setMenu(menu)
        return button

    def _timeframe(self, name: str) -> QToolButton:
        button = self._button(name, tr("{timeframe} bars").format(timeframe=name), checkable=True)
        button.clicked.connect(lambda _on=False: self.timeframeClicked.emit(name))
        return button

    def show_timeframe(self, name: str) -> None:
        """Mark the timeframe that is on show."""
        self._now = name
        for each, button in self.timeframes.items():
            button.setChecked(each == name)
        for action in self._group.actions():
            action.setChecked(action.text() == name)
        self._show_more()

    def _show_more(self) -> None:
        """The button of the others names the timeframe where no other button does."""
        own = self.timeframes.get(self._now)
        others = own is None or own.isHidden()
        self.more.setChecked(others and bool(self._now))
        self.more.setText(f"{self._now} ▾" if others and self._now else tr("More ▾"))

    def show_options(self, options: ChartOptions) -> None:
        """Mark the style and the scale that are on show."""
        self.style_button.setText(tr(styles.NAMES[options.style]))
        for action in self._styles.actions():
            action.setChecked(action.data() == options.style)
        self.log.setChecked(options.mode == LOG)
        self.percent.setChecked(options.mode == PERCENT)
        self._fit()

    def show_auto(self, on: bool) -> None:
        if self.auto.isChecked() != on:
            self.auto.setChecked(on)

    def show_count(self, count: int) -> None:
        """How many indicators are on the chart."""
        self.indicators.setText(tr("Indicators {n}").format(n=count) if count else tr("Indicators"))
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Buttons that do not fit are left out, the least needed first; all have a key or a menu besides."""
        if not hasattr(self, "view"):
            return
        frames = self.timeframes
        order = [self.percent, self.shot, self.go_to, self.log, frames["15m"], self.auto, frames["1h"], frames["5m"]]
        order += [self.style_button, self.indicators, frames["1m"], self.view]
        # margins, and the square of the chart's link
        spare = self.width() - 60 - sum(b.sizeHint().width() + 2 for b in (self.symbol, self.more))
        fits = True
        for button in reversed(order):
            spare -= button.sizeHint().width() + 2
            fits = fits and spare >= 0
            button.setVisible(fits)
        self._show_more()

    def paintEvent(self, _event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), self._background)
        p.fillRect(0, self.height() - 1, self.width(), 1, self._border)
        p.end()
