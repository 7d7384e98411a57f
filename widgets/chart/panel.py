"""The chart panel: strip, price pane, indicator panes. It is handed candles and says what it wants by signals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QMouseEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from engine.contracts import signals as sig
from engine.contracts.commands import Candles
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.events import Bars
from engine.contracts.instruments import Instrument
from widgets import theme as look
from widgets.chart import history, menu
from widgets.chart import indicators as ind
from widgets.chart.bands import Band
from widgets.chart.commands import BY_ID, command_of
from widgets.chart.compare import PREFIX
from widgets.chart.controls import ChartControls
from widgets.chart.dialog import IndicatorDialog
from widgets.chart.editor import IndicatorSettings
from widgets.chart.goto import GoToField
from widgets.chart.history import read_bars, read_values
from widgets.chart.interval import IntervalField
from widgets.chart.layers import Layers
from widgets.chart.levels import Level
from widgets.chart.model import LineSeries
from widgets.chart.pane import Pane
from widgets.chart.price import PriceStack
from widgets.chart.readout import VOLUME_KEY
from widgets.chart.state import BADGES, COVERING, StateCover
from widgets.chart.strip import Strip
from widgets.chart.tags import NAMES_PX
from widgets.texts import tr
from widgets.theme import Theme
from widgets.throttle import Throttle, Ticker

REPAINT_MS = 40
#: s after which pages of the mapped history that were looked at are given back
RELEASE_S = 20
#: older bars are asked for when fewer than this many screens lie to the left of the view
AHEAD_SCREENS = 0.5


class ChartPanel(ChartControls):
    """Candles, indicators, signals and trades of one symbol.

    Messages only write into arrays; one throttled repaint shows them. now_ms gives the time of day for the count-down.
    """

    timeframeChosen = Signal(str)
    symbolRequested = Signal(str)
    needOlder = Signal(object)
    retryRequested = Signal()
    visibleRangeChanged = Signal(object, object)
    shotTaken = Signal(object)
    barClicked = Signal(object)
    tradeClicked = Signal(int)
    signalClicked = Signal(object)
    levelMoved = Signal(str, float, bool)
    goToRequested = Signal(object)
    stepRequested = Signal(int)
    compareRequested = Signal()
    alertRequested = Signal(float)
    whyRequested = Signal(object)
    backtestRequested = Signal(object)
    replayRequested = Signal(object)

    def __init__(
        self,
        theme: Theme | None = None,
        parent: QWidget | None = None,
        *,
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        super().__init__(parent)
        self.theme = theme or look.current()
        self.strip = Strip(self.theme, self)
        self.stack = PriceStack(self.theme, now_ms, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.stack, 1)
        self.setFocusProxy(self.stack)
        self.stack.setAccessibleName(tr("Chart"))
        self._symbol = ""
        self._more = False
        self._asked = False
        self._state = ""
        self.layers = Layers(self)
        self._now_ms = now_ms
        self.cover = StateCover(self.theme, self.stack)
        self.cover.retry.connect(self.retryRequested)
        self.interval = IntervalField(self.stack)
        self.interval.chosen.connect(self._choose_timeframe)
        self.go_to = GoToField(self.theme, self.stack, lambda: self.stack.zone, self._now)
        self.go_to.chosen.connect(self.goToRequested)
        self.back = QToolButton(self.stack)
        self.back.setText(tr("Latest »"))
        self.back.setToolTip(tr("Go to the newest bar (End)"))
        self.back.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.back.setStyleSheet(
            f"QToolButton {{ background: {self.theme.raised}; border: 1px solid {self.theme.border}; }}"
            f"QToolButton:hover {{ background: {self.theme.hover}; }}"
        )
        self.back.clicked.connect(self.stack.go_to_latest)
        self.back.hide()
        self._repaint = Throttle(REPAINT_MS, self._render, self)
        self._ticker = Ticker(1000, self._second, self)
        self._seconds = 0
        self._ticking = now_ms is not None
        self._wire()
        self.set_indicators(ind.DEFAULTS)
        self._show_options()
        self.set_state("empty", tr("Choose a symbol: type its first letters, or pick one in the watchlist."))
        self.cover.button.hide()

    def _wire(self) -> None:
        self.strip.symbolClicked.connect(lambda: self.symbolRequested.emit(""))
        self.strip.timeframeClicked.connect(self._choose_timeframe)
        self.strip.asked.connect(self.run)
        self.strip.menuAsked.connect(self._strip_menu)
        self.stack.viewChanged.connect(self._view_changed)
        self.stack.menuRequested.connect(self._menu)
        self.stack.axisMenuRequested.connect(self._axis_menu)
        self.stack.legendActed.connect(self._legend_acted)
        self.stack.price.resized.connect(self._place)

    # data -----------------------------------------------------------------------------------------------------------

    @property
    def symbol(self) -> str:
        return self._symbol

    @property
    def timeframe(self) -> str:
        return self.stack.timeframe

    def set_chart(self, candles: Candles, instrument: Instrument | None = None, *, carry: bool = True) -> None:
        """Show these bars from now on. The zoom stays; the place stays when it is the same series as before. carry:
        then its bars that are newer than these stay as well: they came while these were on their way."""
        series, lines = history.read(candles)
        stack, view = self.stack, self.stack.time
        same = (candles.symbol, candles.timeframe) == (self._symbol, self.timeframe) and len(stack.bars) > 0
        if same:
            if carry:
                history.carry_over((stack.bars, stack.series), (series, lines))
            # what is in view stays there, also while it is dragged and where history comes behind a first page
            view.right = history.place(stack.bars, series, view.right)
        history.complete(series, lines.values())
        if stack.bars.release is not None:
            stack.bars.release()
        self._symbol, stack.timeframe = candles.symbol, candles.timeframe
        stack.symbol = candles.symbol
        stack.instrument = instrument
        stack.quote = stack.quote if same else None
        self._show_zone()
        stack.load(series, lines)
        if not same:
            stack.signals.clear()
            self.layers.show(candles.symbol)
            view.to_latest(len(series))
            stack.reset_scales()
        stack.signals.add(candles.signals.batch)
        self._more, self._asked = candles.more, False
        self.strip.symbol.setText(instrument.name if instrument else candles.symbol.rpartition(":")[2])
        self.strip.show_timeframe(candles.timeframe)
        if len(series):
            self.set_state("live")
        else:
            self.set_state(
                "empty",
                tr("{symbol} has no {timeframe} bars yet.").format(symbol=candles.symbol, timeframe=candles.timeframe),
            )
        stack.changed()

    def forget(self) -> None:
        """What is on show is of another time than what comes next: nothing of it is carried over."""
        self._symbol = ""

    def prepend(self, candles: Candles) -> None:
        """Older bars in answer to needOlder; what is in view stays where it is."""
        if (candles.symbol, candles.timeframe) != (self._symbol, self.timeframe):
            return
        older = read_bars(candles)
        added = self.stack.bars.prepend(older)
        for name, line in self.stack.series.items():
            values = read_values(candles.series[name]) if name in candles.series else np.full(len(older), np.nan)
            line.prepend(values[:added])
        self.stack.signals.add(candles.signals.batch)
        self.stack.time.right += added
        self._more, self._asked = candles.more and added > 0, False
        self._repaint.request()

    def update_bars(self, event: Bars) -> None:
        """The newest bars of this chart; those of another symbol or timeframe are left out."""
        if (event.symbol, event.timeframe) != (self._symbol, self.timeframe):
            return
        rows = np.frombuffer(event.bars, CANDLE_DTYPE)
        stack = self.stack
        following = stack.time.at_latest(stack.count())
        _first, appended = stack.bars.update(rows)
        if len(rows):
            start = stack.bars.index_at(int(rows["ts"][0]))
            for name in stack.series.keys() | event.series.keys():
                raw = event.series.get(name)
                line = stack.series.get(name)
                if line is None:
                    line = stack.series[name] = LineSeries(np.empty(0))
                    stack.set_series(stack.series)
                values = read_values(raw) if raw is not None else np.empty(0)
                line.update(min(start, stack.count()) if len(values) else len(line), values, stack.count())
        if following:
            stack.time.right += appended
        if event.stale:
            self.set_state("stale", event.stale)
        elif self._state == "stale" or (self._state == "empty" and stack.count()):
            self.set_state("live")
        self._repaint.request()

    def set_signals(self, signals: sig.SignalBatch) -> None:
        """Replace the signals on show."""
        self.stack.signals.clear()
        self.add_signals(signals)

    def add_signals(self, signals: sig.SignalBatch) -> None:
        """More signals; those of another symbol or timeframe are left out."""
        mine = signals.of_series(self._symbol, self.timeframe)
        if len(mine):
            self.stack.signals.add(mine)
        self._repaint.request()

    def set_trades(self, trades: np.ndarray | None) -> None:
        """TRADE_DTYPE rows of a backtest on this symbol, or None to take them off."""
        self.layers.set_trades(trades)

    def select_trade(self, index: int) -> None:
        """Bring the trade at this place of what set_trades was given into the middle and mark it; -1 marks none."""
        self.layers.select_trade(index)

    def set_bands(self, bands: Sequence[Band]) -> None:
        """Shade these stretches of time behind the candles; empty takes them off."""
        self.layers.set_bands(bands)

    def set_levels(self, levels: Sequence[Level]) -> None:
        """Horizontal lines with a tag on the axis; levelMoved tells when a draggable one is dragged."""
        self.layers.set_levels(levels)

    def draw(self, tool: str) -> None:
        """Take a drawing tool in hand; a level lies where the mouse is at once."""
        self.layers.drawings.start(tool)

    def undo_drawing(self) -> None:
        self.layers.kit.book.undo(self.symbol)

    def redo_drawing(self) -> None:
        self.layers.kit.book.redo(self.symbol)

    def set_hits(self, ts: np.ndarray, side: np.ndarray) -> None:
        """Hollow marks at these bars: int64[n] times, int8[n] sides; empty arrays take them off."""
        self.layers.set_hits(ts, side)

    def set_state(self, kind: str, text: str = "") -> None:
        """loading, empty, error cover the panes; stale, gap, warming, settling, demo are a badge; live clears both.

        New bars take back stale and empty by themselves; gap and error mean that an answer to needOlder may be
        missing, so that it is asked again when the view moves.
        """
        self._state = kind
        if kind in ("gap", "error"):
            self._asked = False
        if kind in COVERING:
            self.cover.show_state(kind, text)
            self._place()
        else:
            self.cover.hide()
        if kind in BADGES:
            tone = self.theme.info if kind in ("warming", "settling", "demo") else self.theme.warn
            badge = tr(BADGES[kind])
            # a reason that begins with the word itself stands alone
            self.stack.show_badge((text if text.startswith(badge) else f"{badge}: {text}" if text else badge, tone))
        else:
            self.stack.show_badge(None)

    def focus_time(self, ms: int) -> None:
        """Bring the bar that holds this moment into the middle and mark it with the crosshair."""
        index = self.stack.bars.bar_at(ms)
        if index < 0:
            return
        view = self.stack.time
        view.right = index + view.visible_bars / 2
        view.clamp(self.stack.count())
        self.stack.changed()
        close = float(self.stack.bars.column("close", index, index + 1)[0])
        self.stack.set_cursor(self.stack.price, view.x(index), self.stack.price.yscale.y(close))

    def holds(self, ms: int) -> bool:
        """Bars from before this moment are loaded."""
        return len(self.stack.bars) > 0 and self.stack.bars.ts_at(0) <= ms

    def show_span(self, from_ms: int, to_ms: int) -> None:
        """Bring [from_ms, to_ms) into view with a tenth of it at each side; nothing where it is not loaded."""
        if not self.holds(from_ms) or to_ms <= from_ms:
            return
        first, last = self.stack.bars.bar_at(from_ms), self.stack.bars.bar_at(to_ms - 1)
        view, count = self.stack.time, self.stack.count()
        room = max((last - first) / 10, 2.0)
        view.zoom(view.width / (last - first + 2 * room) / view.px_per_bar, view.width / 2, count)
        view.right = last + room
        view.clamp(count)
        self.stack.changed()

    def step_signal(self, way: int) -> None:
        """Go to the next (1) or previous (-1) signal from the bar under the crosshair, else from the newest."""
        index = self.stack.legend_index()
        if index >= 0:
            ts = self.stack.signals.neighbour(self.stack.bars.ts_at(index), way)
            if ts is not None:
                self.focus_time(ts)

    # asked ----------------------------------------------------------------------------------------------------------

    def run(self, name: str) -> None:
        """Do what a command of the table does."""
        BY_ID[name].run(self)

    def set_quote(self, bid: float, ask: float) -> None:
        """Best bid and ask, shown as tags from now on."""
        self.stack.quote = (bid, ask)
        self._repaint.request()

    def _now(self) -> int:
        """The time of day, else the newest bar's."""
        if self._now_ms is not None:
            return self._now_ms()
        return self.stack.bars.ts_at(self.stack.count() - 1)

    def open_go_to(self) -> None:
        self.go_to.open()

    def ask_why(self) -> None:
        """whyRequested for the bar under the crosshair, else the newest."""
        index = self.stack.legend_index()
        if index >= 0:
            self.whyRequested.emit(self.stack.bars.ts_at(index))

    def step_mark(self, way: int) -> None:
        """The next (1) or previous (-1) signal or trade's entry, whichever is nearer; a trade is marked."""
        index = self.stack.legend_index()
        if index < 0:
            return
        ts = self.stack.bars.ts_at(index)
        signal, trade = self.stack.signals.neighbour(ts, way), self.stack.trades.neighbour(ts, way)
        if trade is not None and (signal is None or (trade[0] - signal) * way <= 0):
            self.select_trade(trade[1])
            self.focus_time(trade[0])
            self.tradeClicked.emit(trade[1])
        elif signal is not None:
            self.focus_time(signal)

    def open_indicators(self) -> None:
        """The dialog to add indicators from the catalogue."""
        IndicatorDialog(self).show()

    def open_settings(self, title: str) -> None:
        """The dialog of one indicator's parameters and look."""
        found = next((i for i in self.stack.indicators if i.title == title), None)
        if found is not None:
            IndicatorSettings(self, found).show()

    def fit_pane(self, pane: Pane) -> None:
        pane.auto = True
        self.stack.changed()

    def _legend_acted(self, title: str, action: str) -> None:
        if title.startswith(PREFIX):
            symbol = title.removeprefix(PREFIX)
            if action == "remove":
                self.remove_compare(symbol)
            else:
                self.stack.compares.hide(symbol)
                self.stack.refresh()
        elif title == VOLUME_KEY:
            self.change(volume="off" if action == "hide" else "overlay")
        elif action == "hide":
            self.hide_indicator(title)
        elif action == "remove":
            self.remove_indicator(title)
        else:
            self.open_settings(title)

    def _choose_timeframe(self, name: str) -> None:
        self.strip.show_timeframe(self.timeframe)
        if name != self.timeframe:
            self.timeframeChosen.emit(name)

    def screenshot(self) -> QPixmap:
        """A picture of the panes, on the clipboard as well."""
        picture = self.stack.grab()
        QGuiApplication.clipboard().setPixmap(picture)
        self.shotTaken.emit(picture)
        return picture

    def _menu(self, pane: Pane, event: QMouseEvent) -> None:
        x, y = event.position().x(), event.position().y()
        found = self.stack.indicator_at(pane, x, y)
        made = menu.pane_menu(self, pane, y) if found is None else menu.indicator_menu(self, found)
        made.popup(event.globalPosition().toPoint())

    def _axis_menu(self, pane: Pane | None, event: QMouseEvent) -> None:
        menu.axis_menu(self, pane).popup(event.globalPosition().toPoint())

    def _strip_menu(self, button: QToolButton) -> None:
        """What the strip's menu button holds: all that the menus of the panes hold of the view."""
        made = menu.view_menu(self)
        made.popup(button.mapToGlobal(button.rect().bottomLeft()))

    # view -----------------------------------------------------------------------------------------------------------

    def _second(self) -> None:
        self.stack.price.hover()
        self._seconds += 1
        if self._seconds % RELEASE_S == 0 and self.stack.bars.release is not None:
            self.stack.bars.release()

    def _render(self) -> None:
        self.stack.refresh()
        self._view_changed()

    def _view_changed(self) -> None:
        stack = self.stack
        count, view = stack.count(), stack.time
        away = count > 0 and not view.at_latest(count)
        if self.back.isHidden() == away:
            self.back.setVisible(away)
            self._place()
        self.strip.show_auto(stack.price.auto)
        if not count:
            return
        if self._more and not self._asked and view.left < AHEAD_SCREENS * view.visible_bars:
            self._asked = True
            self.needOlder.emit(stack.bars.ts_at(0))
        lo, hi = view.span(count)
        self.visibleRangeChanged.emit(stack.bars.ts_at(lo), stack.bars.ts_at(max(lo, hi - 1)))

    def _place(self) -> None:
        area = self.stack.splitter.geometry()
        self.cover.setGeometry(area)
        price = self.stack.price
        self.back.adjustSize()
        size = self.back.size()
        beside = 76 if price.plot_width >= NAMES_PX else 10
        self.back.move(price.plot_width - size.width() - beside, max(0, price.height() - size.height() - 10))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()
        self._place_panes()
        if self._ticking:
            self._ticker.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticker.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text, modifiers = event.text(), event.modifiers()
        plain = not modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        command = command_of(event)
        if command is not None:
            command.run(self)
        elif plain and text.isascii() and text.isdigit():
            self.interval.open_with(text)
        elif plain and text.isalpha():
            self.symbolRequested.emit(text)
        else:
            super().keyPressEvent(event)
