"""The watchlist panel: filter box, market chips with counts, the table, and what it says while sorting is held."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QSizePolicy, QWidget

from widgets.flow import FlowLayout
from widgets.icons import icon
from widgets.ink import ink
from widgets.panel import Panel
from widgets.viewmodels import watchlist as vm
from widgets.watch_table import WatchTable


class FilterBox(QLineEdit):
    """Down and Enter leave for the table, Escape clears."""

    leaveAsked = Signal()

    def __init__(self, hint: str) -> None:
        super().__init__()
        self.setPlaceholderText(hint)
        self.setClearButtonEnabled(True)
        self.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.leaveAsked.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class WatchlistPanel(Panel):
    """symbolActivated(symbol): open its chart. backtestAsked(symbol). starsChanged()."""

    symbolActivated = Signal(str)
    backtestAsked = Signal(str)
    starsChanged = Signal()

    def __init__(self, model: vm.WatchlistModel, now_ms: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("watchlist", parent)
        self.model, self._now_ms = model, now_ms
        self.filter = FilterBox("Filter symbol or currency")
        self.filter.setAccessibleName("Filter the watchlist")
        self.filter.textChanged.connect(self._on_filter)
        self.filter.leaveAsked.connect(self._to_table)
        self.bar.addWidget(self.filter)
        self._chips = QButtonGroup(self)
        self._chips.setExclusive(True)
        self._chip_of: dict[str, QPushButton] = {}
        self._chip_row = FlowLayout(spacing=2)
        self._chip_row.setContentsMargins(6, 0, 6, 3)
        self.column.addLayout(self._chip_row)
        self.table = WatchTable(model, now_ms)
        self.table.symbolActivated.connect(self.symbolActivated)
        self.table.holdChanged.connect(self._on_hold)
        self.table.starAsked.connect(self.toggle_star)
        self.table.filterAsked.connect(self.focus_filter)
        self.table.contextAsked.connect(self._on_context)
        self.set_body(self.table)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(8, 3, 8, 4)
        self._summary, self._paused = QLabel(), QLabel("Sorting paused")
        self._summary.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        self._paused.setStyleSheet(f"color: {ink()['warn'].name()}; font-size: 11px;")
        self._paused.setToolTip("Rows keep their places while the mouse is over them")
        self._paused.hide()
        self._summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        foot.addWidget(self._summary, 1)
        foot.addWidget(self._paused)
        self.column.addWidget(self._foot)
        self._tick = 0
        self.set_loading("Waiting for the engine's list of symbols.\nIts very first start takes about a minute.")

    def reload(self) -> None:
        """The model has a new instrument list."""
        self.table.forget_sparks()
        self._build_chips()
        self.refresh()

    def refresh(self) -> None:
        """Once a frame: order, rows, and every second the counts."""
        now = self._now_ms()
        self.table.follow_mouse()
        self.model.refresh(now)
        empty = self.model.explain_empty(now)
        if not len(self.model):
            return
        if empty:
            self.set_empty(empty)
        else:
            self.set_ready()
        self.table.refreshed()
        self._tick += 1
        if self._tick % 10 == 1:
            self._count(now)

    def set_dimmed(self, on: bool) -> None:
        """The engine is gone: prices stay, in grey."""
        self.table.dimmed = on
        self.table.viewport().update()

    def select(self, symbol: str) -> None:
        self.table.select(symbol)

    def toggle_star(self, symbol: str) -> None:
        self.model.toggle_star(symbol)
        self.starsChanged.emit()
        self.refresh()
        self._count(self._now_ms())

    def choose_chip(self, key: str) -> None:
        """'' all, a market id, 'stars' or 'signals'."""
        special = key in ("stars", "signals")
        self.model.set_market("" if special else key)
        self.model.set_only(key if special else "")
        if key in self._chip_of:
            self._chip_of[key].setChecked(True)
        self.refresh()

    def focus_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _build_chips(self) -> None:
        for chip in self._chip_of.values():
            self._chips.removeButton(chip)
            self._chip_row.removeWidget(chip)
            chip.deleteLater()
        self._chip_of.clear()
        for key in ("", *self.model.markets, "signals", "stars"):
            chip = QPushButton()
            chip.setCheckable(True)
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            chip.setStyleSheet("padding: 3px 7px;")
            tips = {
                "": "All symbols",
                "stars": "Starred symbols",
                "signals": "Symbols with a signal in the last 30 minutes",
            }
            chip.setToolTip(tips.get(key) or vm.market_title(key))
            chip.clicked.connect(lambda _on=False, k=key: self.choose_chip(k))
            self._chips.addButton(chip)
            self._chip_row.addWidget(chip)
            self._chip_of[key] = chip
        chosen = self.model.only or self.model.market
        self._chip_of.get(chosen, self._chip_of[""]).setChecked(True)
        self._count(self._now_ms())

    def _count(self, now: int) -> None:
        counts = self.model.counts(now)
        for key, chip in self._chip_of.items():
            title = {"": "All", "stars": "★", "signals": "Signals"}.get(key) or vm.short_market(key)
            text = f"{title} {counts.get(key, 0)}"
            if chip.text() != text:
                chip.setText(text)
        live, settling, warming, gap, none = self.model.state_counts()
        parts = [f"{len(self.model.order):,} of {len(self.model):,}", f"{live:,} live"]
        parts += [f"{settling:,} settling"] if settling else []
        parts += [f"{warming:,} warming"] if warming else []
        parts += [f"{gap:,} in a gap"] if gap else []
        parts += [f"{none:,} without data"] if none else []
        self._summary.setText(" · ".join(parts))
        self._summary.setToolTip("\n".join(parts))

    def _on_filter(self, text: str) -> None:
        self.model.set_filter(text)
        self.refresh()
        self.table.verticalScrollBar().setValue(0)
        self._count(self._now_ms())

    def _to_table(self) -> None:
        self.table.setFocus()
        if len(self.model.order) and self.table.find_key(self.table.current or "") < 0:
            self.table.move(1)
        if self.table.current is not None and self.model.text:
            self.symbolActivated.emit(str(self.table.current))

    def _on_hold(self, on: bool) -> None:
        paused = on and self.model.sort_column not in (vm.SYMBOL, vm.MARKET)
        self._paused.setVisible(paused)
        self._summary.setVisible(not paused)

    def _on_context(self, keys: list[str], where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        symbol = str(self.table.current or keys[0])
        menu.addAction("Open chart", lambda: self.symbolActivated.emit(symbol))
        menu.addAction("Back-test this", lambda: self.backtestAsked.emit(symbol))
        starred = symbol in self.model.starred
        menu.addAction("Remove star" if starred else "Star", lambda: self.toggle_star(symbol))
        menu.addSeparator()
        menu.addAction("Copy rows" if len(keys) > 1 else "Copy row", self.table.copy)
        menu.popup(where)
