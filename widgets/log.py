"""The log panel: level, text filter, copy; follows the newest line unless somebody has scrolled up."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton, QWidget

from widgets.fast_table import LEFT, Column, FastTable, Slot, in_words
from widgets.icons import icon
from widgets.ink import Ink
from widgets.panel import Panel
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels.log import LEVELS, LogModel, as_text
from widgets.watchlist import FilterBox

_COLUMNS = [
    Column(mark("Time"), 70, LEFT, "UTC"),
    Column(mark("Level"), 62, LEFT),
    Column(mark("Source"), 120, LEFT),
    Column(mark("Text"), 400, LEFT, stretch=True),
]
_LEVELS = {
    "debug": mark("Everything"),
    "info": mark("Info and above"),
    "warning": mark("Warnings and errors"),
    "error": mark("Errors only"),
}
_TONES = {"debug": "faint", "info": "dim", "warning": "warn", "error": "down"}


class LogTable(FastTable):
    def __init__(self, model: LogModel) -> None:
        self.rows = model
        super().__init__(in_words(_COLUMNS))
        self.setAccessibleName(tr("Log"))
        self.horizontalHeader().setSectionsClickable(False)

    def row_count(self) -> int:
        return len(self.rows.visible)

    def row_key(self, row: int) -> Hashable:
        return self.rows.visible[row].number

    def row_text(self, row: int) -> list[str]:
        line = self.rows.visible[row]
        return [formats.clock(line.ts), line.level, line.source, line.text]

    def row_tip(self, row: int, column: int) -> str:
        return as_text(self.rows.visible[row])

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            level = self.rows.visible[row].level
            for slot, cell in zip(slots, (self.row_text(row)[s.column] for s in slots)):
                loud = slot.column == 1 or (slot.column == 3 and level in ("warning", "error"))
                painter.setPen(paint[_TONES[level] if loud else "text" if slot.column == 3 else "dim"])
                self.paint_text(painter, slot, row, cell)

    def copy(self) -> str:
        """Selected lines, all when none, as they stand in the log file."""
        lines = self.rows.visible
        text = "\n".join(as_text(line) for line in lines if not self.selected or line.number in self.selected)
        QGuiApplication.clipboard().setText(text)
        return text


class LogPanel(Panel):
    """fileAsked(): show the whole log file."""

    fileAsked = Signal()

    def __init__(self, model: LogModel, parent: QWidget | None = None) -> None:
        super().__init__("log", parent)
        self.model = model
        self.filter = FilterBox(tr("Search the log"))
        self.filter.setMaximumWidth(260)
        self.level = QComboBox()
        for name in LEVELS:
            self.level.addItem(tr(_LEVELS[name]), name)
        self.level.setCurrentIndex(LEVELS.index(model.level))
        self.source = QComboBox()
        self.source.addItem(tr("All sources"), "")
        self.source.setToolTip(tr("Which part of the engine speaks"))
        self._counts = QLabel()
        copy, whole = QToolButton(), QToolButton()
        copy.setIcon(icon("copy"))
        copy.setToolTip(tr("Copy the selected lines, or all that are shown"))
        whole.setIcon(icon("export"))
        whole.setToolTip(tr("Open the folder of the log file"))
        self.bar.addWidget(self.filter, 1)
        self.bar.addWidget(self.level)
        self.bar.addWidget(self.source)
        self.bar.addStretch(1)
        self.bar.addWidget(self._counts)
        self.bar.addWidget(copy)
        self.bar.addWidget(whole)
        self.table = LogTable(model)
        self.set_body(self.table)
        copy.clicked.connect(self.table.copy)
        whole.clicked.connect(self.fileAsked)
        self.filter.textChanged.connect(lambda text: self._filter(text=text))
        self.filter.leaveAsked.connect(self.table.setFocus)
        self.source.currentIndexChanged.connect(lambda _i: self._filter(source=self.source.currentData()))
        self.level.currentIndexChanged.connect(lambda _i: self._filter(level=self.level.currentData()))
        self.refresh()

    def refresh(self) -> None:
        """Once a frame when lines have come."""
        self._offer_sources()
        bar = self.table.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 1
        empty = self.model.explain_empty()
        if empty:
            self.set_empty(empty)
        else:
            self.set_ready()
        self.table.refreshed()
        if at_end:
            bar.setValue(bar.maximum())
        warnings, errors = self.model.counts["warning"], self.model.counts["error"]
        text = tr("{w} warnings · {e} errors").format(w=f"{warnings:,}", e=f"{errors:,}")
        self._counts.setText(text if warnings or errors else "")

    def _offer_sources(self) -> None:
        """Those that have spoken, in the order of the alphabet; the choice stays."""
        if self.source.count() == len(self.model.sources) + 1:
            return
        self.source.blockSignals(True)
        while self.source.count() > 1:
            self.source.removeItem(1)
        for name in sorted(self.model.sources):
            self.source.addItem(name, name)
        self.source.setCurrentIndex(max(self.source.findData(self.model.source), 0))
        self.source.blockSignals(False)

    def _filter(self, **change: str) -> None:
        self.model.set_filter(**change)
        self.refresh()
        self.table.verticalScrollBar().setValue(self.table.verticalScrollBar().maximum())
