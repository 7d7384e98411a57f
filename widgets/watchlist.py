"""The watchlist panel: filters, chips with counts, table or heat map, and what it says while sorting is held."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from engine.contracts.errors import BadInput
from engine.contracts.watch import WatchProblem
from widgets.heatmap import HeatMap
from widgets.icons import icon
from widgets.ink import ink
from widgets.panel import Panel
from widgets.scan_bar import ScanBar
from widgets.texts import tr
from widgets.viewmodels import watchlist as vm
from widgets.viewmodels.scans import Scan, ScanModel
from widgets.watch_chips import ChipRow
from widgets.watch_columns import ColumnDialog
from widgets.watch_menus import header_menu, list_menu, name_dialog, row_menu
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
    """symbolActivated(symbol): open its chart. backtestAsked(symbols), newChartAsked(symbols). watchChanged(): other
    columns or another filter are to be computed. checkAsked(ValueColumn, answer): read an expression. scanAsked(Scan):
    read a filter; alertAsked(Scan). starsChanged(), listsChanged(), mutedChanged(). said(level, text)."""

    symbolActivated = Signal(str)
    backtestAsked = Signal(object)
    newChartAsked = Signal(object)
    watchChanged = Signal()
    checkAsked = Signal(object, object)
    scanAsked = Signal(object)
    alertAsked = Signal(object)
    starsChanged = Signal()
    listsChanged = Signal()
    mutedChanged = Signal()
    said = Signal(str, str)

    def __init__(self, model: vm.WatchlistModel, now_ms: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("watchlist", parent)
        self.model, self._now_ms = model, now_ms
        self.scans = ScanModel()
        self.timeframes: list[str] = ["1m", "5m", "15m", "1h"]
        self.filter = FilterBox(tr("Filter symbol or currency"))
        self.filter.setAccessibleName(tr("Filter the watchlist"))
        self.filter.textChanged.connect(self._on_filter)
        self.filter.leaveAsked.connect(self._to_table)
        self.bar.addWidget(self.filter, 1)
        self.scan_switch = self._button("scan", tr("Filter in the rules language"), checkable=True)
        self.map_switch = self._button("heatmap", tr("Heat map"), checkable=True)
        self.more = self._button("list", tr("Lists and columns"))
        self.scan_bar = ScanBar(self.scans)
        self.scan_bar.hide()
        self.scan_bar.asked.connect(self._on_scan)
        self.scan_bar.alertAsked.connect(self.alertAsked)
        self.column.addWidget(self.scan_bar)
        self.chips = ChipRow()
        self.column.addWidget(self.chips)
        self.table, self.map = WatchTable(model, now_ms), HeatMap(model)
        self.views = QStackedWidget()
        self.views.addWidget(self.table)
        self.views.addWidget(self.map)
        self.set_body(self.views)
        self._make_foot()
        self._connect()
        self._tick = 0
        self.set_loading(tr("Waiting for the engine's list of symbols.\nIts very first start takes about a minute."))

    def _button(self, symbol: str, tip: str, *, checkable: bool = False) -> QToolButton:
        made = QToolButton()
        made.setIcon(icon(symbol))
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        made.setAutoRaise(True)
        made.setCheckable(checkable)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.bar.addWidget(made)
        return made

    def _make_foot(self) -> None:
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(8, 3, 8, 4)
        self._summary, self._paused = QLabel(), QLabel(tr("Sorting paused"))
        self._summary.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        self._paused.setStyleSheet(f"color: {ink()['warn'].name()}; font-size: 11px;")
        self._paused.setToolTip(tr("Rows keep their places while the mouse is over them"))
        self._paused.hide()
        self._summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.map_column = QComboBox()
        self.map_column.setToolTip(tr("What the colours of the heat map mean"))
        self.map_column.hide()
        foot.addWidget(self._summary, 1)
        foot.addWidget(self._paused)
        foot.addWidget(self.map_column)
        self.column.addWidget(self._foot)

    def _connect(self) -> None:
        self.table.symbolActivated.connect(self.symbolActivated)
        self.table.holdChanged.connect(self._on_hold)
        self.table.starAsked.connect(self.toggle_star)
        self.table.filterAsked.connect(self.focus_filter)
        self.table.contextAsked.connect(self._on_context)
        self.table.headerMenuAsked.connect(lambda column, place: header_menu(self, column).popup(place))
        self.map.symbolActivated.connect(self._from_map)
        self.map.contextAsked.connect(lambda symbols, place: row_menu(self, symbols).popup(place))
        self.scan_switch.toggled.connect(self.show_scan)
        self.map_switch.toggled.connect(self.show_map)
        self.more.clicked.connect(self._on_more)
        self.map_column.currentIndexChanged.connect(lambda _i: self.map.choose(self.map_column.currentData()))
        self.chips.chosen.connect(self.choose_chip)
        self.chips.newAsked.connect(self.ask_list_name)
        self.chips.menuAsked.connect(lambda name, place: list_menu(self, name).popup(place))
        self.chips.dropped.connect(self._on_drop)

    # refresh --------------------------------------------------------------------------------------------------------
    def reload(self) -> None:
        """The model has a new instrument list."""
        self.table.forget_sparks()
        self.table.columns_changed()
        self._fill_map_columns()
        self.chips.build(self.model)
        self._count(self._now_ms())
        self.refresh()

    def refresh(self) -> None:
        """Once a frame: order, rows, and every second the counts."""
        now = self._now_ms()
        mapped = self.map_switch.isChecked()
        if mapped:
            self.model.held = False
        else:
            self.table.follow_mouse()
        self.model.refresh(now)
        empty = self.model.explain_empty(now)
        if not len(self.model):
            return
        if empty:
            self.set_empty(empty)
        else:
            self.set_ready()
        if mapped:
            self.map.refresh()
        else:
            self.table.refreshed()
        self._tick += 1
        if self._tick % 10 == 1:
            self._count(now)

    def set_dimmed(self, on: bool) -> None:
        """The engine is gone: prices stay, in grey."""
        self.table.dimmed = on
        self.table.viewport().update()

    def select(self, symbol: str) -> None:
        """Mark a row, and bring it into view where it is another than before."""
        if symbol == self.table.current:
            return
        self.table.select(symbol, scroll=self.table.current is not None)
        self.map.select(symbol)

    def values_came(self) -> None:
        """The model has new values of the engine."""
        if self.scan_bar.isVisible():
            met, _, unknown = self.model.scanned
            self.scan_bar.show_answer(met, unknown)

    # stars, lists, mutes --------------------------------------------------------------------------------------------
    def toggle_star(self, symbol: str) -> None:
        self.star([symbol], symbol not in self.model.starred)

    def star(self, symbols: Sequence[str], on: bool) -> None:
        for symbol in symbols:
            if (symbol in self.model.starred) != on:
                self.model.toggle_star(symbol)
        self.starsChanged.emit()
        self.refresh()
        self._count(self._now_ms())

    def mute(self, symbols: Sequence[str], on: bool) -> None:
        self.model.set_muted(symbols, on)
        self.mutedChanged.emit()
        self.refresh()

    def add_to_list(self, name: str, symbols: Sequence[str]) -> None:
        added = self.model.lists.add(name, symbols)
        self._lists_changed()
        if not added:
            self.said.emit("info", tr('All of them are in "{name}" already.').format(name=name))

    def remove_from_list(self, name: str, symbols: Sequence[str]) -> None:
        self.model.lists.remove(name, symbols)
        self._lists_changed()

    def delete_list(self, name: str) -> None:
        self.model.lists.delete(name)
        self._lists_changed()

    def take_list(self, name: str, symbols: Sequence[str]) -> None:
        """A list from elsewhere, as of a query: it takes the place of one of that name, and is shown."""
        self.show_list(self.model.lists.take(name, symbols))

    def show_list(self, name: str) -> None:
        self._lists_changed()
        self.choose_chip(vm.LIST + name)

    def ask_list_name(self, symbols: Sequence[str] = (), rename: str = "") -> None:
        """Ask for the name of a new list with these symbols, or for another name of a list."""
        dialog = name_dialog(self, tr("Rename the list") if rename else tr("New list"), rename)
        dialog.textValueSelected.connect(lambda name: self._named(name, list(symbols or ()), rename))
        dialog.open()

    def _named(self, name: str, symbols: list[str], rename: str) -> None:
        shown = self.model.only == vm.LIST + rename
        try:
            made = self.model.lists.rename(rename, name) if rename else self.model.lists.create(name, symbols)
        except BadInput as error:
            self.said.emit("warning", str(error))
            return
        self.show_list(made) if shown or not rename else self._lists_changed()

    def _lists_changed(self) -> None:
        self.model.lists_changed()
        self.chips.build(self.model)
        self.listsChanged.emit()
        self.refresh()
        self._count(self._now_ms())

    def _on_drop(self, key: str, symbols: list[str]) -> None:
        if key == "+":
            self.ask_list_name(symbols)
        elif key == "stars":
            self.star(symbols, True)
        else:
            self.add_to_list(key.removeprefix(vm.LIST), symbols)

    # columns --------------------------------------------------------------------------------------------------------
    def edit_column(self, number: int) -> None:
        """Ask for an expression; -1 = a new column."""
        column = self.model.columns[number] if number >= 0 else None
        dialog = ColumnDialog(self.timeframes, column, self)
        dialog.checkAsked.connect(lambda asked: self.checkAsked.emit(asked, dialog.answer))
        dialog.chosen.connect(lambda chosen: self.put_column(number, chosen))
        dialog.open()

    def put_column(self, number: int, column: vm.ValueColumn) -> None:
        """In place of another, or -1 as a new one."""
        columns = list(self.model.columns)
        if number >= 0:
            columns[number] = column
        else:
            columns.append(column)
        self._set_columns(columns)

    def remove_column(self, number: int) -> None:
        self._set_columns([c for at, c in enumerate(self.model.columns) if at != number])

    def _set_columns(self, columns: list[vm.ValueColumn]) -> None:
        self.model.set_columns(columns)
        self.table.columns_changed()
        self._fill_map_columns()
        self.watchChanged.emit()
        self.refresh()

    # the filter in the rules language -------------------------------------------------------------------------------
    def show_scan(self, on: bool) -> None:
        self.scan_switch.setChecked(on)
        self.scan_bar.setVisible(on)
        if on:
            self.scan_bar.show_kept()
            self.scan_bar.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif self.scans.written:
            self.scan_bar.put(Scan("", self.scans.written.timeframe))

    def scan_answered(self, scan: Scan, problem: WatchProblem | None) -> None:
        """The engine has read what stands in the line."""
        if self.scans.answer(scan, problem):
            self._use_scan()
        met, _, unknown = self.model.scanned
        self.scan_bar.show_answer(met, unknown)

    def _on_scan(self, scan: Scan) -> None:
        if scan:
            self.scanAsked.emit(scan)
        else:
            self.scan_bar.show_answer(0, 0)
            self._use_scan()

    def _use_scan(self) -> None:
        self.model.set_scan(self.scans.active.text)
        self.watchChanged.emit()
        self.refresh()

    # the heat map ---------------------------------------------------------------------------------------------------
    def show_map(self, on: bool) -> None:
        self.map_switch.setChecked(on)
        self.views.setCurrentWidget(self.map if on else self.table)
        self.map_column.setVisible(on)
        self.refresh()

    def _fill_map_columns(self) -> None:
        self.map_column.blockSignals(True)
        chosen = self.map_column.currentData()
        self.map_column.clear()
        for column in (vm.CHANGE, vm.RANGE, vm.VOLUME, vm.SPREAD):
            self.map_column.addItem(tr(vm.TITLES[column]), column)
        for number, value in enumerate(self.model.columns):
            self.map_column.addItem(value.heading, vm.FIRST_VALUE + number)
        self.map_column.setCurrentIndex(max(self.map_column.findData(chosen), 0))
        self.map_column.blockSignals(False)
        self.map.choose(self.map_column.currentData())

    def _from_map(self, symbol: str) -> None:
        self.table.select(symbol)
        self.symbolActivated.emit(symbol)

    # chips, filter box, foot ----------------------------------------------------------------------------------------
    def choose_chip(self, key: str) -> None:
        """'' all, a market id, 'stars', 'signals' or 'list:NAME'."""
        special = key in ("stars", "signals") or key.startswith(vm.LIST)
        self.model.set_market("" if special else key)
        self.model.set_only(key if special else "")
        if self.chips.chips:
            self.chips.check(key)
        self.refresh()
        self._count(self._now_ms())

    def focus_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _count(self, now: int) -> None:
        self.chips.show_counts(self.model.counts(now))
        live, settling, warming, gap, none = self.model.state_counts()
        shown, rows = f"{len(self.model.order):,}", f"{len(self.model):,}"
        parts = [tr("{n} of {all}").format(n=shown, all=rows), tr("{n} live").format(n=f"{live:,}")]
        states = (
            (settling, tr("{n} settling")),
            (warming, tr("{n} warming")),
            (gap, tr("{n} in a gap")),
            (none, tr("{n} without data")),
        )
        parts += [words.format(n=f"{count:,}") for count, words in states if count]
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
        row_menu(self, self.table.chosen(str(self.table.current or keys[0]))).popup(where)

    def _on_more(self) -> None:
        only = self.model.only
        menu = list_menu(self, only.removeprefix(vm.LIST) if only.startswith(vm.LIST) else "")
        menu.addSeparator()
        columns = header_menu(self, -1, menu)
        columns.setTitle(tr("Columns"))
        menu.addMenu(columns)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))
