"""All strategies by family with what they did of late, and the chosen one in full."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QSplitter, QWidget

from engine.contracts.commands import StrategyInfo
from engine.contracts.studio import StrategyStats
from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import ROW_HEIGHT, Ink, ink
from widgets.panel import Panel
from widgets.strategy_detail import StrategyDetail
from widgets.texts import mark, tr
from widgets.viewmodels import strategies as vm
from widgets.viewmodels.language import LanguageModel
from widgets.watchlist import FilterBox

_COLUMNS = (
    (mark("Strategy"), 190, LEFT, ""),
    (mark("TF"), 38, LEFT, mark("Its own timeframe")),
    (mark("Dir"), 38, LEFT, mark("L: long, S: short")),
    (mark("Look-ahead"), 92, LEFT, mark("The look-ahead detector's verdict")),
    (mark("Symbols"), 66, RIGHT, mark("Symbols on which it is live; + those with a promoted set")),
    (mark("24 h"), 52, RIGHT, mark("Confirmed entries of the last 24 hours")),
    (mark("Last"), 48, RIGHT, mark("Age of its newest signal")),
    (mark("Hit"), 54, RIGHT, mark("Share of its signals that moved their way after 10 bars")),
    (
        mark("Move bp"),
        60,
        RIGHT,
        mark("Mean move after 10 bars in the signal's direction, in basis points, before costs"),
    ),
)
#: below this width of the table a column gives way
_GIVE_WAY = ((640, vm.LAST), (600, vm.SYMBOLS), (540, vm.SIDE), (500, vm.BADGE), (400, vm.MOVE), (340, vm.HITS))
ONLY = (
    (mark("All"), ""),
    (mark("With signals"), "signals"),
    (mark("Promoted"), "promoted"),
    (mark("Own"), "own"),
    (mark("Leaks"), "leaks"),
)
#: below this width of the panel the details stand under the list
SIDE_BY_SIDE = 760


class StrategyTable(FastTable):
    """Rows of a StrategyModel: families that open and close, and their strategies."""

    def __init__(self, model: vm.StrategyModel, now_ms: Callable[[], int]) -> None:
        self.model_, self._now_ms = model, now_ms
        columns = [
            Column(tr(t), w, a, tr(tip) if tip else "", stretch=not k) for k, (t, w, a, tip) in enumerate(_COLUMNS)
        ]
        super().__init__(columns)
        self.setAccessibleName(tr("Strategies"))
        self.show_sort(vm.TITLE, False)

    def row_count(self) -> int:
        return len(self.model_.rows)

    def row_key(self, row: int) -> Hashable:
        found = self.model_.rows[row]
        return found.strategy or f"\n{found.family}"

    def row_text(self, row: int) -> list[str]:
        found = self.model_.rows[row]
        if found.family:
            return [f"{found.family} ({found.count})", *[""] * (len(_COLUMNS) - 1)]
        return self.model_.cells(found.strategy, self._now_ms())

    def row_tip(self, row: int, column: int) -> str:
        found = self.model_.rows[row]
        return "" if found.family else self.model_.tip(found.strategy, column)

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        now = self._now_ms()
        for row in range(first, last):
            found = self.model_.rows[row]
            if found.family:
                self._paint_family(painter, row, found, paint)
                continue
            cells = self.model_.cells(found.strategy, now)
            for slot in slots:
                self._paint_cell(painter, slot, row, found.strategy, cells[slot.column], paint)

    def _paint_family(self, painter: QPainter, row: int, found: vm.Row, paint: Ink) -> None:
        top = self.row_top(row)
        painter.fillRect(0, top, self.viewport().width(), ROW_HEIGHT, paint["raised"])
        painter.setFont(paint.bold)
        painter.setPen(paint["dim"])
        closed = found.family in self.model_.closed and not self.model_.words
        painter.drawText(QRect(6, top, 14, ROW_HEIGHT), LEFT, "▸" if closed else "▾")
        painter.setPen(paint["text"])
        title = found.family[:1].upper() + found.family[1:]
        painter.drawText(QRect(20, top, self.viewport().width() - 26, ROW_HEIGHT), LEFT, title)
        painter.setPen(paint["faint"])
        at = 28 + painter.fontMetrics().horizontalAdvance(title)
        painter.setFont(paint.small)
        painter.drawText(QRect(at, top, 60, ROW_HEIGHT), LEFT, str(found.count))
        painter.setFont(paint.font)

    def _paint_cell(self, painter: QPainter, slot: Slot, row: int, strategy: str, text: str, paint: Ink) -> None:
        info, stat = self.model_.strategies[strategy], self.model_.stat(strategy)
        token = "text" if slot.column == vm.TITLE and info.live else "dim"
        if slot.column == vm.BADGE:
            token = vm.BADGES.get(info.badge, vm.BADGES[""])[1]
            painter.setPen(paint[token])
            painter.drawEllipse(QRect(slot.x + 7, self.row_top(row) + ROW_HEIGHT // 2 - 3, 5, 5))
            slot = slot._replace(x=slot.x + 12, width=slot.width - 12)
        elif slot.column == vm.SIGNALS and stat.signals:
            token = "text"
        elif slot.column in (vm.MOVE, vm.HITS) and stat.judged:
            good = stat.move > 0 if slot.column == vm.MOVE else stat.hits > 0.5
            token = "up" if good else "down"
        elif self.dimmed:
            token = "faint"
        painter.setPen(paint[token])
        inset = 14 if slot.column == vm.TITLE and self.model_.grouped else 0
        self.paint_text(painter, slot._replace(x=slot.x + inset, width=slot.width - inset), row, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        for width, column in _GIVE_WAY:
            self.setColumnHidden(column, event.size().width() < width)
        super().resizeEvent(event)


class StrategiesPanel(Panel):
    """wanted(what, strategy): 'backtest', 'walkforward', 'chart', 'whatif', 'copy' of the chosen strategy."""

    wanted = Signal(str, str)

    def __init__(
        self,
        model: vm.StrategyModel,
        words: LanguageModel,
        now_ms: Callable[[], int] = lambda: 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("strategies", parent)
        self.model = model
        self.filter = FilterBox(tr("Name, idea or rule"))
        self.filter.setAccessibleName(tr("Search strategies"))
        self.only = QComboBox()
        for title, key in ONLY:
            self.only.addItem(tr(title), key)
        self._count = QLabel()
        self._count.setStyleSheet(f"color: {ink()['dim'].name()};")
        self.bar.addWidget(self.filter, 1)
        self.bar.addWidget(self.only)
        self.bar.addWidget(self._count)
        self.table = StrategyTable(model, now_ms)
        self.detail = StrategyDetail(words)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(3)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.set_body(self.splitter)
        self._wire()
        self.set_loading(tr("Waiting for the engine's strategies"))

    def _wire(self) -> None:
        self.filter.textChanged.connect(self._search)
        self.filter.leaveAsked.connect(self._to_table)
        self.only.currentIndexChanged.connect(lambda _i: self._set_only(str(self.only.currentData())))
        self.table.rowActivated.connect(self._activated)
        self.table.sortAsked.connect(self._sort)
        self.detail.wanted.connect(lambda what: self.chosen() and self.wanted.emit(what, self.chosen()))

    def set_strategies(self, strategies: Iterable[StrategyInfo]) -> None:
        """The engine's list; the chosen one stays chosen."""
        self.model.load(strategies)
        self._show()
        if not self.chosen():
            first = next((r.strategy for r in self.model.rows if r.strategy), "")
            if first:
                self.choose(first)
        else:
            self._show_detail()

    def set_stats(self, stats: StrategyStats) -> None:
        self.model.take(stats)
        self.table.refreshed()
        self._show_detail()

    def chosen(self) -> str:
        key = self.table.current
        return key if isinstance(key, str) and key in self.model.strategies else ""

    def choose(self, name: str) -> None:
        """Show a strategy; what hides it is taken back."""
        if name not in self.model.strategies:
            return
        if self.table.find_key(name) < 0:
            self.filter.clear()
            self.only.setCurrentIndex(0)
            self.model.closed.discard(self.model.strategies[name].family)
            self.model.arrange()
            self._show()
        self.table.select(name)
        self._show_detail()

    def _activated(self, key: Hashable) -> None:
        if isinstance(key, str) and key.startswith("\n"):
            self.model.toggle(key[1:])
            self._show()
        else:
            self._show_detail()

    def _search(self, text: str) -> None:
        self.model.search(text)
        self._show()
        if text and self.model.rows:
            first = next((r.strategy for r in self.model.rows if r.strategy), "")
            if first and self.table.find_key(self.chosen()) < 0:
                self.table.select(first)
                self._show_detail()

    def _set_only(self, only: str) -> None:
        self.model.set_only(only)
        self._show()

    def _sort(self, column: int, descending: bool) -> None:
        self.model.sort(column, descending)
        self.table.refreshed()

    def _to_table(self) -> None:
        self.table.setFocus()
        self.table.move(1) if not self.chosen() else None
        self._show_detail()

    def _show(self) -> None:
        total = len(self.model.strategies)
        self._count.setText(tr("{n} of {total}").format(n=self.model.shown, total=total))
        self.table.refreshed()
        if not total:
            self.set_empty(tr("The engine has no strategies loaded; its log says why."))
        elif not self.model.shown and self.model.words:
            self.set_empty(tr('No strategy matches "{text}".').format(text=self.filter.text()))
        elif not self.model.shown:
            self.set_empty(tr("No strategy is of this kind now. Choose All above."))
        else:
            self.set_ready()

    def _show_detail(self) -> None:
        info = self.model.strategies.get(self.chosen())
        if info is not None:
            self.detail.show_strategy(info, self.model.stat(info.id))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= SIDE_BY_SIDE
        side = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self.splitter.orientation() != side:
            self.splitter.setOrientation(side)
            self.splitter.setSizes([600, 420] if wide else [340, 420])
