"""Why here: what every strategy says of one bar, and the chosen one condition by condition."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSplitter, QToolButton, QVBoxLayout, QWidget

from engine.contracts.studio import WhyAll
from engine.contracts.why import Why
from widgets.code_view import mono
from widgets.fast_table import CENTRE, LEFT, RIGHT, Column, FastTable, Slot
from widgets.flow import Flow
from widgets.icons import icon
from widgets.ink import ROW_HEIGHT, Ink, ink
from widgets.panel import Panel
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels import why as vm
from widgets.watchlist import FilterBox

_BUTTONS = (
    ("chart", mark("Show on chart"), "chart"),
    ("backtest", mark("Back-test"), "backtest"),
    ("last", mark("Last signal"), ""),
    ("next", mark("Next signal"), ""),
)
SIDE_BY_SIDE = 820


class WhyTable(FastTable):
    """Rules of all strategies on one bar."""

    def __init__(self, model: vm.WhyModel) -> None:
        self.model_ = model
        super().__init__(
            [
                Column(tr("State"), 94, LEFT),
                Column(tr("Strategy"), 160, LEFT),
                Column(tr("Rule"), 62, LEFT),
                Column(
                    tr("What was missing"),
                    200,
                    LEFT,
                    tr("The nearest condition, its two numbers, their distance"),
                    True,
                ),
            ]
        )
        self.horizontalHeader().setSectionsClickable(False)
        self.setAccessibleName(tr("Strategies on this bar"))

    def row_count(self) -> int:
        return len(self.model_.rows)

    def row_key(self, row: int) -> Hashable:
        found = self.model_.rows[row]
        return found.strategy, found.rule

    def row_text(self, row: int) -> list[str]:
        return vm.cells(self.model_.rows[row])

    def row_tip(self, row: int, column: int) -> str:
        return self.model_.rows[row].nearest

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            found = self.model_.rows[row]
            texts = vm.cells(found)
            _words, token = vm.state_of(found)
            for slot in slots:
                x = slot.x
                if slot.column == vm.STATE:
                    self._paint_dot(painter, x, row, found.fired, paint[token])
                    slot = slot._replace(x=x + 12, width=slot.width - 12)
                    painter.setPen(paint["text" if token == "faint" else token])
                else:
                    strong = slot.column == vm.STRATEGY or (slot.column == vm.SAID and vm.is_near(found))
                    painter.setPen(paint["text" if strong and not self.dimmed else "dim"])
                self.paint_text(painter, slot, row, texts[slot.column])

    def _paint_dot(self, painter: QPainter, x: int, row: int, full: bool, colour: object) -> None:
        painter.setPen(colour)  # type: ignore[call-overload]
        painter.setBrush(colour if full else Qt.BrushStyle.NoBrush)  # type: ignore[call-overload]
        painter.drawEllipse(QRect(x + 7, self.row_top(row) + ROW_HEIGHT // 2 - 3, 6, 6))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setColumnHidden(vm.RULE, event.size().width() < 430)
        super().resizeEvent(event)


class ConditionTable(FastTable):
    """One strategy's rules taken apart."""

    def __init__(self) -> None:
        self.rows: list[vm.Condition] = []
        super().__init__(
            [
                Column("", 40, CENTRE, tr("Held on this bar; small: on the bar before")),
                Column(tr("Condition"), 220, LEFT, stretch=True),
                Column(tr("Now"), 84, RIGHT),
                Column(tr("Bar before"), 84, RIGHT),
            ]
        )
        self.horizontalHeader().setSectionsClickable(False)
        self.setAccessibleName(tr("Conditions"))
        self._mono = mono(11)

    def show_rows(self, rows: list[vm.Condition]) -> None:
        self.rows = rows
        self.current, self.selected = None, set()
        self.verticalScrollBar().setValue(0)
        self.refreshed()

    def row_count(self) -> int:
        return len(self.rows)

    def row_key(self, row: int) -> Hashable:
        return row

    def find_key(self, key: Hashable) -> int:
        return key if isinstance(key, int) and key < len(self.rows) else -1

    def row_text(self, row: int) -> list[str]:
        found = self.rows[row]
        tick = "" if found.kind != vm.CONDITION else "✓" if found.held else "✗"
        return [tick, found.text, found.now, found.before]

    def row_tip(self, row: int, column: int) -> str:
        return self.rows[row].text

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            found = self.rows[row]
            top = self.row_top(row)
            if found.kind == vm.HEAD:
                painter.fillRect(0, top, self.viewport().width(), ROW_HEIGHT, paint["raised"])
                painter.setFont(paint.bold)
                token = "text" if not found.fired else "up" if found.text.startswith("Long") else "down"
                painter.setPen(paint[token])
                width = self.viewport().width() - 16
                text = painter.fontMetrics().elidedText(found.text, Qt.TextElideMode.ElideRight, width)
                painter.drawText(QRect(8, top, width, ROW_HEIGHT), LEFT, text)
                painter.setFont(paint.font)
                continue
            for slot in slots:
                self._paint_cell(painter, slot, row, found, paint)

    def _paint_cell(self, painter: QPainter, slot: Slot, row: int, found: vm.Condition, paint: Ink) -> None:
        if slot.column == 0:
            if found.kind == vm.CONDITION:
                box = QRect(slot.x + 4, self.row_top(row), 18, ROW_HEIGHT)
                painter.setFont(paint.bold)
                painter.setPen(paint["up" if found.held else "down"])
                painter.drawText(box, CENTRE, "✓" if found.held else "✗")
                painter.setFont(paint.small)
                painter.setPen(paint["faint"])
                painter.drawText(box.translated(14, 1), CENTRE, "✓" if found.held_before else "✗")
                painter.setFont(paint.font)
            return
        if slot.column == 1:
            inset = 14 * found.depth
            painter.setFont(self._mono)
            painter.setPen(paint["dim" if found.kind == vm.OPERAND else "text"])
            self.paint_text(
                painter, slot._replace(x=slot.x + inset, width=max(slot.width - inset, 20)), row, found.text
            )
            painter.setFont(paint.font)
            return
        painter.setPen(paint["text" if slot.column == 2 else "dim"])
        self.paint_text(painter, slot, row, found.now if slot.column == 2 else found.before)


class WhyPanel(Panel):
    """asked(strategy): tell of it in full. stepped(-1 | 1): the bar before or after. wanted(what, strategy): 'chart',
    'backtest', 'last', 'next'."""

    asked = Signal(str)
    stepped = Signal(int)
    wanted = Signal(str, str)

    def __init__(
        self, model: vm.WhyModel, decimals: Callable[[str], int] = lambda _s: 2, parent: QWidget | None = None
    ) -> None:
        super().__init__("why", parent)
        self.model, self._decimals = model, decimals
        self.why: Why | None = None
        self.where = QLabel(tr("Click a bar of the chart"))
        self.where.setFont(ink().bold)
        self.bar_text = QLabel()
        self.bar_text.setStyleSheet(f"color: {ink()['dim'].name()};")
        self.bar_text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.count = QLabel()
        self.filter = FilterBox(tr("Strategy or condition"))
        self.only = QComboBox()
        for title, key in vm.ONLY:
            self.only.addItem(tr(title), key)
        self.table = WhyTable(model)
        self.conditions = ConditionTable()
        self.sentence = QLabel(wordWrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons: dict[str, QPushButton] = {}
        self._build()
        self._wire()
        self.set_empty(tr("Click any bar of the chart: all strategies say why they fired on it, or why not."))

    def _build(self) -> None:
        for words, step, tip in (("‹", -1, tr("The bar before")), ("›", 1, tr("The bar after"))):
            button = QToolButton(text=words, toolTip=tip)
            button.clicked.connect(lambda _on=False, s=step: self.stepped.emit(s))
            self.bar.addWidget(button)
        self.bar.addWidget(self.where)
        self.bar.addStretch(1)
        self.bar.addWidget(self.count)
        line = QHBoxLayout()
        line.setContentsMargins(6, 0, 6, 4)
        line.addWidget(self.filter, 1)
        line.addWidget(self.only)
        info = QHBoxLayout()
        info.setContentsMargins(10, 0, 8, 4)
        info.addWidget(self.bar_text)
        self.note = QLabel(wordWrap=True)
        self.note.setStyleSheet(f"color: {ink()['warn'].name()}; padding: 0 10px 3px 10px;")
        self.note.hide()
        self.column.addLayout(info)
        self.column.addWidget(self.note)
        self.column.addLayout(line)
        detail = QWidget()
        box = QVBoxLayout(detail)
        box.setContentsMargins(0, 0, 0, 4)
        box.setSpacing(4)
        self.title = QLabel()
        self.title.setFont(ink().bold)
        self.title.setContentsMargins(8, 6, 8, 0)
        self.sentence.setContentsMargins(8, 0, 8, 0)
        self.sentence.setStyleSheet(f"color: {ink()['dim'].name()};")
        row = Flow(spacing=4)
        row.setContentsMargins(6, 0, 6, 0)
        for what, title, symbol in _BUTTONS:
            button = QPushButton(icon(symbol), tr(title)) if symbol else QPushButton(tr(title))
            button.setProperty("outlined", True)
            button.clicked.connect(lambda _on=False, w=what: self.chosen() and self.wanted.emit(w, self.chosen()))
            self.buttons[what] = button
            row.addWidget(button)
        box.addWidget(self.title)
        box.addWidget(self.sentence)
        box.addWidget(self.conditions, 1)
        box.addWidget(row)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setHandleWidth(3)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(detail)
        self.splitter.setSizes([260, 260])
        self.set_body(self.splitter)

    def _wire(self) -> None:
        self.filter.textChanged.connect(self._search)
        self.filter.leaveAsked.connect(self.table.setFocus)
        self.only.currentIndexChanged.connect(lambda _i: self._set_only(str(self.only.currentData())))
        self.table.rowActivated.connect(lambda key: self.asked.emit(key[0]))

    def chosen(self) -> str:
        key = self.table.current
        return str(key[0]) if isinstance(key, tuple) else ""

    def show_answer(self, answer: WhyAll) -> None:
        """Another bar; the chosen strategy stays chosen, else the first is."""
        self.model.load(answer)
        self.where.setText(
            f"{answer.symbol.partition(':')[2]} · {answer.timeframe} · {formats.minute(answer.bar_ts)} UTC"
        )
        d = self._decimals(answer.symbol)
        prices = "  ".join(
            f"{n} {formats.price(v, d)}"
            for n, v in (("O", answer.open), ("H", answer.high), ("L", answer.low), ("C", answer.close))
        )
        self.bar_text.setText(f"{prices}  V {formats.compact(answer.volume)}   ({answer.ms:.0f} ms)")
        self.note.setText(answer.note)
        self.note.setVisible(bool(answer.note))
        self._show()
        key = self.table.current
        if key is None or self.table.find_key(key) < 0:
            key = self.table.row_key(0) if self.model.rows else None
            self.table.select(key)
        if isinstance(key, tuple):
            self.asked.emit(key[0])

    def show_why(self, why: Why) -> None:
        """The chosen strategy in full."""
        self.why = why
        params = f"   {why.params}" if why.params else ""
        self.title.setText(f"{why.strategy}{params}")
        levels = vm.levels_text(why)
        distances = f"{tr('Distances on this bar')}: {levels}" if levels else ""
        self.sentence.setText("\n".join(part for part in (vm.warming(why), distances) if part))
        self.sentence.setVisible(bool(self.sentence.text()))
        key = self.table.current
        self.conditions.show_rows(vm.conditions(why, key[1] if isinstance(key, tuple) else ""))

    def show_why_error(self, text: str) -> None:
        self.sentence.setText(text)
        self.sentence.show()
        self.conditions.show_rows([])

    def _search(self, text: str) -> None:
        self.model.search(text)
        self._show()

    def _set_only(self, only: str) -> None:
        self.model.set_only(only)
        self._show()

    def _show(self) -> None:
        fired, nearly, entries = self.model.counts()
        self.count.setText(tr("{fired} fired · {nearly} nearly · of {n}").format(fired=fired, nearly=nearly, n=entries))
        self.table.refreshed()
        if self.model.answer is None:
            return
        if self.model.rows:
            self.set_ready()
        elif self.model.words:
            self.set_empty(tr('Nothing here matches "{text}".').format(text=self.filter.text()))
        else:
            self.set_empty(tr("No strategy is in this state on this bar. Choose another list above."))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = event.size().width() >= SIDE_BY_SIDE
        side = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self.splitter.orientation() != side:
            self.splitter.setOrientation(side)
            self.splitter.setSizes([500, 500])
