"""The chart panel: strip, price pane, indicator panes. It is handed candles and says what it wants by signals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, tzinfo

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent, QMouseEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from engine.contracts import signals as sig
from engine.contracts.commands import Candles, IndicatorInfo, SeriesRequest
from engine.contracts.dtypes import CANDLE_DTYPE, PRICE_COLUMNS
from engine.contracts.events import Bars
from engine.contracts.instruments import Instrument
from engine.contracts.timeframes import timeframe_ms
from widgets import theme as look
from widgets.chart import indicators as ind
from widgets.chart.bands import Band
from widgets.chart.interval import IntervalField
from widgets.chart.layers import Layers
from widgets.chart.levels import Level
from widgets.chart.model import BarSeries, LineSeries
from widgets.chart.pane import Pane
from widgets.chart.price import PriceStack
from widgets.chart.state import BADGES, COVERING, StateCover
from widgets.chart.strip import Strip
from widgets.chart.ticks import Zone
from widgets.theme import Theme
from widgets.throttle import Throttle, Ticker

REPAINT_MS = 40
#: older bars are asked for when fewer than this many screens lie to the left of the view
AHEAD_SCREENS = 0.5


class ChartPanel(QWidget):
    """Candles, indicators, signals and trades of one symbol.

    Messages only write into arrays; one throttled repaint shows them. now_ms gives the time of day for the count-down.
    """

    timeframeChosen = Signal(str)
    symbolRequested = Signal(str)
    needOlder = Signal(object)
    retryRequested = Signal()
    indicatorsChanged = Signal(object)
    visibleRangeChanged = Signal(object, object)
    shotTaken = Signal(object)
    barClicked = Signal(object)
    tradeClicked = Signal(int)
    levelMoved = Signal(str, float, bool)

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
        self.stack.setAccessibleName("Chart")
        self._symbol = ""
        self._more = False
        self._asked = False
        self._state = ""
        self._catalogue: list[tuple[str, ind.Indicator]] = [("", i) for i in ind.COMMON]
        self.layers = Layers(self)
        self.cover = StateCover(self.theme, self.stack)
        self.cover.retry.connect(self.retryRequested)
        self.interval = IntervalField(self.stack)
        self.interval.chosen.connect(self._choose_timeframe)
        self.back = QToolButton(self.stack)
        self.back.setText("Latest »")
        self.back.setToolTip("Go to the newest bar (End)")
        self.back.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.back.setStyleSheet(
            f"QToolButton {{ background: {self.theme.raised}; border: 1px solid {self.theme.border}; }}"
            f"QToolButton:hover {{ background: {self.theme.hover}; }}"
        )
        self.back.clicked.connect(self.stack.go_to_latest)
        self.back.hide()
        self._repaint = Throttle(REPAINT_MS, self._render, self)
        self._ticker = Ticker(1000, self.stack.price.hover, self)
        self._ticking = now_ms is not None
        self._wire()
        self.stack.set_indicators(list(ind.DEFAULTS))
        self._show_indicators()
        self.set_state("empty", "Choose a symbol: type its first letters, or pick one in the watchlist.")
        self.cover.button.hide()

    def _wire(self) -> None:
        self.strip.symbolClicked.connect(lambda: self.symbolRequested.emit(""))
        self.strip.timeframeClicked.connect(self._choose_timeframe)
        self.strip.indicatorToggled.connect(self.toggle_indicator)
        self.strip.logToggled.connect(self.set_log)
        self.strip.autoClicked.connect(self.stack.reset_scales)
        self.strip.latestClicked.connect(self.stack.go_to_latest)
        self.strip.shotClicked.connect(self.screenshot)
        self.stack.viewChanged.connect(self._view_changed)
        self.stack.menuRequested.connect(self._menu)
        self.stack.price.resized.connect(self._place)

    # data -----------------------------------------------------------------------------------------------------------

    @property
    def symbol(self) -> str:
        return self._symbol

    @property
    def timeframe(self) -> str:
        return self.stack.timeframe

    def set_chart(self, candles: Candles, instrument: Instrument | None = None) -> None:
        """Show these bars from now on. The zoom stays; the place stays when only indicators were asked anew."""
        bars = read_bars(candles)
        same = (candles.symbol, candles.timeframe) == (self._symbol, self.timeframe) and len(self.stack.bars) > 0
        stays = same and not self.stack.time.at_latest(self.stack.count())
        anchor = self.stack.bars.ts_at(int(self.stack.time.right)) if stays else 0
        self._symbol, self.stack.timeframe = candles.symbol, candles.timeframe
        self.stack.instrument = instrument
        series = BarSeries(bars, timeframe_ms(candles.timeframe))
        self.stack.load(series, {name: LineSeries(read_values(raw)) for name, raw in candles.series.items()})
        if not same:
            self.stack.signals.clear()
            self.layers.clear()
            self.stack.reset_scales()
        self.stack.signals.add(candles.signals.batch)
        self._more, self._asked = candles.more, False
        self.strip.symbol.setText(instrument.name if instrument else candles.symbol.rpartition(":")[2])
        self.strip.show_timeframe(candles.timeframe)
        if stays:
            self.stack.time.right = float(series.index_at(anchor))
        else:
            self.stack.time.to_latest(len(series))
        if len(series):
            self.set_state("live")
        else:
            self.set_state("empty", f"{candles.symbol} has no {candles.timeframe} bars yet.")
        self.stack.changed()

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
        self.layers.levels.set_levels(levels)

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
            self.stack.badge = (f"{BADGES[kind]}: {text}" if text else BADGES[kind], tone)
        else:
            self.stack.badge = None
        self.stack.price.hover()

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

    def step_signal(self, way: int) -> None:
        """Go to the next (1) or previous (-1) signal from the bar under the crosshair, else from the newest."""
        index = self.stack.legend_index()
        if index >= 0:
            ts = self.stack.signals.neighbour(self.stack.bars.ts_at(index), way)
            if ts is not None:
                self.focus_time(ts)

    # settings -------------------------------------------------------------------------------------------------------

    def series_requests(self) -> list[SeriesRequest]:
        """What to ask the engine for with the candles; their names are the keys of Candles.series."""
        return [r for i in self.stack.indicators for r in i.requests()]

    def set_catalogue(self, infos: Iterable[IndicatorInfo]) -> None:
        """Offer the engine's indicators in the menu, by family."""
        self._catalogue = [("", i) for i in ind.COMMON] + [(i.family, ind.from_info(i)) for i in infos]
        self._show_indicators()

    def toggle_indicator(self, indicator: ind.Indicator) -> None:
        """Add it, or remove it when it is on show; indicatorsChanged tells what to ask for now."""
        have = self.stack.indicators
        left = [i for i in have if i.title != indicator.title]
        self.set_indicators(left if len(left) < len(have) else [*have, indicator])

    def set_indicators(self, indicators: Iterable[ind.Indicator]) -> None:
        self.stack.set_indicators(list(indicators))
        self._show_indicators()
        self.stack.refresh()
        self.indicatorsChanged.emit(self.series_requests())

    def _show_indicators(self) -> None:
        self.strip.show_indicators(self._catalogue, {i.title for i in self.stack.indicators})

    def set_log(self, on: bool) -> None:
        """Logarithmic price scale."""
        price = self.stack.price
        if price.yscale.log != on:
            price.yscale.log, price.auto = on, True
            self.stack.changed()
        if self.strip.log.isChecked() != on:
            self.strip.log.setChecked(on)

    def set_time_zone(self, tz: tzinfo = UTC) -> None:
        self.stack.zone = Zone(tz)
        self.stack.refresh()

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

    def menu_at(self, pane: Pane, y: float) -> QMenu:
        """What can be done at this height of a pane, at the bar under the cursor."""
        menu, stack = QMenu(self), self.stack
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        clipboard = QGuiApplication.clipboard()
        value = f"{pane.yscale.value_at(y):.{stack.tag_decimals(pane)}f}"
        menu.addAction(f"Copy {value}", lambda: clipboard.setText(value))
        index = stack.legend_index()
        if index >= 0:
            moment = stack.zone.local(stack.bars.ts_at(index)).isoformat(" ", "minutes")
            menu.addAction(f"Copy {moment}", lambda: clipboard.setText(moment))
            bar = stack.bars.rows(index, index + 1)[0]
            line = "\t".join([moment, *(repr(float(bar[f])) for f in PRICE_COLUMNS)])
            menu.addAction("Copy bar (time, O, H, L, C, volume)", lambda: clipboard.setText(line))
        menu.addSeparator()
        menu.addAction("Fit price scales", stack.reset_scales)
        menu.addAction("Go to the newest bar", stack.go_to_latest)
        menu.addAction("Copy picture", self.screenshot)
        return menu

    def _menu(self, pane: Pane, event: QMouseEvent) -> None:
        self.menu_at(pane, event.position().y()).popup(event.globalPosition().toPoint())

    # view -----------------------------------------------------------------------------------------------------------

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
        if self.strip.auto.isChecked() != stack.price.auto:
            self.strip.auto.setChecked(stack.price.auto)
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
        self.back.move(price.plot_width - size.width() - 10, max(0, price.height() - size.height() - 10))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()
        if self._ticking:
            self._ticker.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ticker.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text, modifiers = event.text(), event.modifiers()
        alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        if alt and event.key() == Qt.Key.Key_L:
            self.set_log(not self.stack.price.yscale.log)
        elif alt and event.key() == Qt.Key.Key_S:
            self.screenshot()
        elif text in ("[", "]"):
            self.step_signal(1 if text == "]" else -1)
        elif text.isascii() and text.isdigit() and not alt:
            self.interval.open_with(text)
        elif text.isalpha() and not modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            self.symbolRequested.emit(text)
        else:
            super().keyPressEvent(event)


def read_bars(candles: Candles) -> np.ndarray:
    """The bars of a reply: its bytes, or the file it names, mapped and not copied."""
    if candles.file:
        mapped: np.ndarray = np.load(candles.file, mmap_mode="r")
        return mapped
    return np.frombuffer(candles.bars, CANDLE_DTYPE)


def read_values(raw: bytes) -> np.ndarray:
    return np.frombuffer(raw, np.float64)
