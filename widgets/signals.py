"""The live feed of signals: newest on top, frozen while somebody reads further down, a click jumps to the bar."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from engine.contracts.signals import Signal as TradeSignal
from widgets.flow import Flow
from widgets.icons import icon
from widgets.ink import ink
from widgets.panel import Panel
from widgets.signal_table import SignalTable
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels import signals as vm
from widgets.viewmodels.signal_text import csv_text
from widgets.viewmodels.watchlist import market_title, short_market
from widgets.watch_menus import new_menu
from widgets.watchlist import FilterBox

NO_PRICE = float("nan")


class SignalsPanel(Panel):
    """jumpRequested(symbol, timeframe, ms): show that bar. reasonAsked(key, signal): why it spoke, for `set_reason`.
    alertAsked(signal): make an alert of such signals; alertsAsked(): the dialog of alerts."""

    jumpRequested = Signal(str, str, "qlonglong")
    reasonAsked = Signal(object, object)
    alertAsked = Signal(object)
    alertsAsked = Signal()

    def __init__(
        self,
        model: vm.SignalModel,
        now_ms: Callable[[], int],
        decimals: Callable[[str], int],
        parent: QWidget | None = None,
        *,
        last: Callable[[str], float] = lambda _symbol: NO_PRICE,
    ) -> None:
        """last: the newest price of a symbol, nan unknown."""
        super().__init__("signals", parent)
        self.model, self._now_ms, self._last = model, now_ms, last
        self._counted = (0, -1)
        self._lists: Callable[[str], list[str]] = lambda _name: []
        self.filter = FilterBox(tr("Symbol or strategy"))
        self._make_bar()
        self.table = SignalTable(model, now_ms, decimals)
        self.table.rowActivated.connect(self._on_row)
        self.table.contextAsked.connect(self._on_context)
        self.table.reasonWanted.connect(self.reasonAsked)
        self.marked = QLabel()
        self.marked.setObjectName("replayStrip")
        self.marked.setStyleSheet(
            f"background: {ink().mix('info', 'panel', 0.18).name()}; color: {ink()['info'].name()}; padding: 3px 8px;"
        )
        self.marked.hide()
        self.column.addWidget(self.marked)
        self.set_body(self.table)
        self.foot = QLabel()
        self.foot.setContentsMargins(8, 3, 8, 4)
        self.foot.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        self.foot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.column.addWidget(self.foot)
        self._make_pill()
        self.table.verticalScrollBar().valueChanged.connect(self._on_scroll)
        self.set_loading(tr("Waiting for the engine"))

    # construction ----
    def _make_bar(self) -> None:
        self.filter.setMaximumWidth(240)
        self.markets, self.strategies, self.timeframes = QComboBox(), QComboBox(), QComboBox()
        self.sides, self.kinds = QComboBox(), QComboBox()
        tips = ((self.markets, tr("Market or list")), (self.strategies, tr("Strategy or family")))
        tips += ((self.timeframes, tr("Timeframe")), (self.sides, tr("Side")), (self.kinds, tr("Kind")))
        for box, tip in tips:
            box.setToolTip(tip)
            box.setAccessibleName(tip)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.markets.addItem(tr("All markets"), "")
        self.strategies.addItem(tr("All strategies"), "")
        self.strategies.setMaximumWidth(150)
        self.timeframes.addItem(tr("All TF"), "")
        for title, key in ((tr("Both sides"), ""), (tr("Long"), "long"), (tr("Short"), "short")):
            self.sides.addItem(title, key)
        kinds = (tr("All kinds"), ""), (tr("Confirmed"), "confirmed"), (tr("Provisional"), "provisional")
        for title, key in (*kinds, (tr("Entries"), "entries")):
            self.kinds.addItem(title, key)
        self.mine = self._switch(tr("Mine"), tr("Only your own strategies and promoted sets"))
        self.group = self._switch(tr("Group"), tr("A minute with many signals is one row"), on=True)
        self.alerts = QToolButton()
        self.alerts.setIcon(icon("bell"))
        self.alerts.setToolTip(tr("Alerts"))
        self.alerts.setAutoRaise(True)
        self.alerts.clicked.connect(self.alertsAsked)
        row = Flow(spacing=3)
        boxes = (self.markets, self.strategies, self.timeframes, self.sides, self.kinds, self.mine, self.group)
        for widget in (self.filter, *boxes, self.alerts):
            row.addWidget(widget)
        self.bar.addWidget(row, 1)
        self.filter.textChanged.connect(lambda text: self._filter(text=text))
        self.filter.leaveAsked.connect(lambda: self.table.setFocus())
        self.kinds.currentIndexChanged.connect(lambda _i: self._filter(kinds=self.kinds.currentData()))
        self.sides.currentIndexChanged.connect(lambda _i: self._filter(side=self.sides.currentData()))
        self.timeframes.currentIndexChanged.connect(lambda _i: self._filter(timeframe=self.timeframes.currentData()))
        self.strategies.currentIndexChanged.connect(lambda _i: self._filter(strategy=self.strategies.currentData()))
        self.markets.currentIndexChanged.connect(lambda _i: self._on_market())
        self.mine.toggled.connect(lambda on: self._filter(mine=on))
        self.group.toggled.connect(self._on_group)

    def _switch(self, title: str, tip: str, *, on: bool = False) -> QPushButton:
        made = QPushButton(title)
        made.setCheckable(True)
        made.setChecked(on)
        made.setToolTip(tip)
        made.setStyleSheet("padding: 3px 7px;")
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return made

    def _make_pill(self) -> None:
        self.pill = QPushButton(self.table)
        self.pill.setProperty("primary", True)
        self.pill.setStyleSheet(
            f"background: {ink()['accent'].name()}; color: {ink()['on_accent'].name()};"
            " border-radius: 11px; padding: 3px 12px;"
        )
        self.pill.setCursor(Qt.CursorShape.PointingHandCursor)
        self.pill.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pill.hide()
        self.pill.clicked.connect(self.to_newest)

    # what there is to choose from ----
    def set_markets(
        self, markets: list[str], lists: Sequence[str] = (), of: Callable[[str], list[str]] | None = None
    ) -> None:
        """The markets and one's own lists to choose from. of: the symbols of a list."""
        self._lists = of or self._lists
        items = [(short_market(m), m, market_title(m)) for m in markets]
        items += [(name, f"list:{name}", tr("Your list")) for name in lists]
        _refill(self.markets, items)
        self._on_market(quiet=True)

    def set_timeframes(self, names: list[str]) -> None:
        _refill(self.timeframes, [(name, name, "") for name in names])

    def set_strategies(self, families: dict[str, str]) -> None:
        """Family of each strategy id."""
        self.model.families = families
        items = [(f"▸ {family}", f"family:{family}", tr("Family")) for family in sorted(set(families.values()))]
        _refill(self.strategies, items + [(name, name, family) for name, family in sorted(families.items())])
        self.model.touch()

    # refresh ----
    def refresh(self) -> None:
        """Once a frame."""
        self.model.refresh()
        empty = self.model.explain_empty()
        if empty:
            self.set_empty(empty)
        else:
            self.set_ready()
        first, last = self.table.visible_rows()
        shown = self.model.rows[first : last + 1]
        self.table.outcome = dict(zip(shown.tolist(), self.model.outcomes(shown, self._last).tolist()))
        self.table.refreshed()
        self._show_pill()
        self._show_foot()

    def to_newest(self) -> None:
        """Back to the top, and live again."""
        self.model.thaw()
        self.table.verticalScrollBar().setValue(0)
        self.refresh()

    def set_reason(self, key: Hashable, text: str) -> None:
        """Why a signal spoke: into its tooltip."""
        self.table.set_reason(key, text)

    def show_model(self, model: vm.SignalModel, words: str) -> None:
        """The rows of another model from now on, under these words ('' = the journal's own)."""
        model.filter, model.families, model.grouped = self.model.filter, self.model.families, self.model.grouped
        model.own, model.promoted, model.muted = self.model.own, self.model.promoted, self.model.muted
        self.model = self.table.rows = model
        model.touch()
        self.table.forget_reasons()
        self.marked.setText(words)
        self.marked.setVisible(bool(words))
        self.to_newest()

    def _show_foot(self) -> None:
        rows, second = self.model.passing, self._now_ms() // 1000
        if (second, len(rows)) == self._counted:
            return
        self._counted = (second, len(rows))
        moved = self.model.outcomes(rows, self._last)
        known = moved[(moved == moved) & (moved != 0)]
        parts = [tr("{n} signals").format(n=f"{len(rows):,}")]
        if len(known):
            right = tr("{share} of them right so far").format(share=formats.percent((known > 0).mean(), 0, sign=False))
            parts += [right, tr("mean {move}").format(move=formats.percent(float(known.mean()), 3))]
        text = " · ".join(parts)
        if text != self.foot.text():
            self.foot.setText(text)
            self.foot.setToolTip(tr("How far the price has gone since, in each signal's direction, before costs"))

    def _filter(self, **change: object) -> None:
        self.model.set_filter(**change)
        self.to_newest()

    def _on_market(self, *, quiet: bool = False) -> None:
        chosen = self.markets.currentData() or ""
        name = chosen.removeprefix("list:") if chosen.startswith("list:") else ""
        symbols = frozenset(self._lists(name)) if name else None
        self.model.set_filter(market="" if name else chosen, symbols=symbols)
        if not quiet:
            self.to_newest()

    def _on_group(self, on: bool) -> None:
        self.model.grouped = on
        self.model.touch()
        self.to_newest()

    def _on_scroll(self, value: int) -> None:
        if value > 0:
            self.model.freeze()
        elif self.model.frozen:
            self.model.thaw()
        self.refresh()

    def _show_pill(self) -> None:
        waiting = self.model.waiting
        self.pill.setVisible(waiting > 0)
        if waiting:
            self.pill.setText("↑ " + tr("{n} new").format(n=f"{waiting:,}"))
            self.pill.adjustSize()
            self.pill.move((self.table.width() - self.pill.width()) // 2, 32)
            self.pill.raise_()

    # rows ----
    def signal_of(self, key: Hashable) -> TradeSignal | None:
        """The signal of a row; None for a minute, or when the row has gone."""
        row = self.table.find_key(key)
        return self.model.signal(row) if row >= 0 and self.model.minute_at(row) is None else None

    def _on_row(self, key: object) -> None:
        row = self.table.find_key(key)  # type: ignore[arg-type]
        if row < 0:
            return
        if self.model.minute_at(row) is not None:
            self.model.toggle_minute(-1 - int(self.model.rows[row]))
            self.refresh()
            return
        s = self.model.signal(row)
        self.jumpRequested.emit(s.symbol, s.timeframe, s.bar_ts)

    def _on_context(self, keys: list[Hashable], where: QPoint) -> None:
        self.menu(self.signal_of(self.table.current if self.table.current in keys else keys[0])).popup(where)

    def menu(self, s: TradeSignal | None) -> QMenu:
        """What can be done with a row; None: with a minute."""
        menu = new_menu(self)
        if s is not None:
            jump = tr("Show its bar")
            menu.addAction(icon("chart"), jump, lambda: self.jumpRequested.emit(s.symbol, s.timeframe, s.bar_ts))
            menu.addAction(tr("Only this strategy"), lambda: self.choose_strategy(s.strategy))
            name = s.symbol.partition(":")[2] or s.symbol
            menu.addAction(tr("Only {symbol}").format(symbol=name), lambda: self.filter.setText(name))
            menu.addAction(icon("bell"), tr("Alert me of signals like this..."), lambda: self.alertAsked.emit(s))
            menu.addSeparator()
        menu.addAction(icon("copy"), tr("Copy rows"), self.table.copy)
        menu.addAction(tr("Copy all as CSV"), lambda: QGuiApplication.clipboard().setText(self.csv()))
        menu.addAction(icon("export"), tr("Export as CSV..."), self.export)
        return menu

    def choose_strategy(self, name: str) -> None:
        """Show only this strategy."""
        at = self.strategies.findData(name)
        if at < 0:
            self.strategies.addItem(name, name)
            at = self.strategies.count() - 1
        self.strategies.setCurrentIndex(at)

    def csv(self) -> str:
        """All rows that pass the filter."""
        return csv_text(self.model, self._last)

    def export(self, path: str = "") -> None:
        if not path:
            path, _ = QFileDialog.getSaveFileName(self, tr("Export signals"), "signals.csv", tr("CSV (*.csv)"))
        if path:
            with open(path, "w", encoding="utf-8", newline="") as out:
                out.write(self.csv())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Home:
            self.to_newest()
        else:
            super().keyPressEvent(event)


def _refill(box: QComboBox, items: list[tuple[str, str, str]]) -> None:
    """Other items after the first, the chosen one kept where it is among them. items: (title, key, tip)."""
    chosen = box.currentData()
    box.blockSignals(True)
    while box.count() > 1:
        box.removeItem(1)
    for title, key, tip in items:
        box.addItem(title, key)
        box.setItemData(box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    box.blockSignals(False)
