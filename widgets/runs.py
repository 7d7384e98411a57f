"""Kept back-tests: a list to search, sort, open again and delete; two to four of them side by side."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QSplitter, QToolButton, QVBoxLayout, QWidget

from engine.contracts.commands import RunSummary
from engine.contracts.reports import Comparison
from widgets.backtest_tables import bar_of
from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot
from widgets.form import line
from widgets.icons import icon
from widgets.ink import Ink, ink
from widgets.panel import Panel
from widgets.plots.curves import Band, Curve, TimePlot
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels import runs as vm

#: colours of the runs that are compared
_TOKENS = ("ma1", "ma2", "ma3", "ma4")
#: columns of the list that make room where it is narrower than this
_GIVE_WAY = ((780, 7), (700, 9), (600, 4), (520, 2), (450, 6))


class RunsTable(FastTable):
    """One row a kept run; its key is the job."""

    def __init__(self, model: vm.RunsModel) -> None:
        self.model_ = model
        figures = [Column(tr(title), 66, RIGHT) for _, title in vm.FIGURES]
        super().__init__(
            [
                Column(tr("Strategy"), 110, LEFT, stretch=True),
                Column(tr("Symbol"), 86, LEFT),
                Column(tr("TF"), 36, LEFT),
                *figures,
                Column(tr("When"), 118, LEFT, tr("UTC")),
            ]
        )
        self.setAccessibleName(tr("Kept runs"))
        self.show_sort(*model.sorted_by)
        self.sortAsked.connect(self._on_sort)

    def row_count(self) -> int:
        return len(self.model_.rows)

    def row_key(self, row: int) -> Hashable:
        return self.model_.rows[row].job

    def row_text(self, row: int) -> list[str]:
        return self.model_.cells(row)

    def row_tip(self, row: int, column: int) -> str:
        return self.model_.tip(row)

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        tones = {"good": "up", "bad": "down"}
        for row in range(first, last):
            cells, run = self.model_.cells(row), self.model_.rows[row]
            for slot in slots:
                token = "text"
                if 3 <= slot.column < 3 + len(vm.FIGURES):
                    name = vm.FIGURES[slot.column - 3][0]
                    token = tones.get(vm.tone_of(name, run.metrics.get(name, 0.0)), "text")
                elif slot.column >= 2:
                    token = "dim"
                painter.setPen(paint[token])
                self.paint_text(painter, slot, row, cells[slot.column])

    def _on_sort(self, column: int, descending: bool) -> None:
        self.model_.sorted_by = (column, descending)
        self.model_.arrange()
        self.refreshed()

    def resizeEvent(self, event: object) -> None:  # type: ignore[override]
        for width, column in _GIVE_WAY:
            self.setColumnHidden(column, self.width() < width)
        super().resizeEvent(event)  # type: ignore[arg-type]


class CompareTable(FastTable):
    """Figures and inputs of two to four runs in columns; the best of each line stands out."""

    def __init__(self) -> None:
        self.rows: list[vm.CompareRow] = []
        self.count = 0
        runs = [Column(letter, 104, RIGHT) for letter in "ABCD"]
        super().__init__([Column(tr("What"), 150, LEFT, stretch=True), *runs])
        self.horizontalHeader().setSectionsClickable(False)
        self.setAccessibleName(tr("Comparison"))

    def show_rows(self, rows: list[vm.CompareRow], count: int) -> None:
        self.rows, self.count = rows, count
        for column in range(1, 5):
            self.setColumnHidden(column, column > count)
        self._fit()
        self.refreshed()

    def _fit(self) -> None:
        if self.count:
            each = max(58, min(150, int((self.viewport().width() - 130) / self.count)))
            for column in range(1, self.count + 1):
                self.horizontalHeader().resizeSection(column, each)

    def resizeEvent(self, event: object) -> None:  # type: ignore[override]
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def row_count(self) -> int:
        return len(self.rows)

    def row_key(self, row: int) -> Hashable:
        return row

    def row_text(self, row: int) -> list[str]:
        values = self.rows[row].values
        return [self.rows[row].title, *values, *[""] * (4 - len(values))]

    def row_tip(self, row: int, column: int) -> str:
        return self.rows[row].tip

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            found, cells = self.rows[row], self.row_text(row)
            for slot in slots:
                bold = found.kind == "head" or slot.column - 1 in found.best
                painter.setFont(paint.bold if bold else paint.font)
                token = "text" if found.kind == "head" or found.differs else "dim"
                if slot.column - 1 in found.best:
                    token = "up"
                elif slot.column == 0 and found.kind != "head":
                    token = "dim"
                painter.setPen(paint[token])
                self.paint_text(painter, slot, row, cells[slot.column])
        painter.setFont(paint.font)


class RunsPanel(Panel):
    """openAsked(job); compareAsked(jobs); deleteAsked(jobs); exportAsked(job); reloadAsked()."""

    openAsked = Signal(str)
    compareAsked = Signal(object)
    deleteAsked = Signal(object)
    exportAsked = Signal(str)
    reloadAsked = Signal()

    def __init__(self, model: vm.RunsModel, parent: QWidget | None = None) -> None:
        super().__init__("runs", parent)
        self.model = model
        self.comparison: Comparison | None = None
        self.search = line(hint=tr("Search: strategy, symbol, parameter"))
        self.search.setClearButtonEnabled(True)
        self.compare_button, self.more = QPushButton(tr("Compare")), QToolButton()
        self.compare_button.setProperty("outlined", True)
        self.more.setIcon(icon("restart"))
        self.more.setToolTip(tr("Read the list again"))
        self.more.clicked.connect(self.reloadAsked)
        self.bar.addWidget(self.search, 1)
        self.bar.addWidget(self.compare_button)
        self.bar.addWidget(self.more)
        self.table = RunsTable(model)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setHandleWidth(3)
        self.split.addWidget(self.table)
        self.split.addWidget(self._compare_body())
        self.split.setChildrenCollapsible(False)
        self.compared.hide()
        self.set_body(self.split)
        self.search.textChanged.connect(self._on_search)
        self.table.rowActivated.connect(lambda _key: self._selection())
        self.table.contextAsked.connect(self._menu)
        self.table.viewport().installEventFilter(self)
        self.compare_button.clicked.connect(self._compare)
        self._selection()

    def _compare_body(self) -> QWidget:
        self.compared = QWidget()
        column = QVBoxLayout(self.compared)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.names = QLabel(wordWrap=True)
        self.names.setTextFormat(Qt.TextFormat.RichText)
        self.names.setStyleSheet("font-size: 11px;")
        self.only = QToolButton()
        self.only.setText(tr("Only what differs"))
        self.only.setCheckable(True)
        self.only.toggled.connect(lambda _on: self._fill())
        close = QToolButton()
        close.setIcon(icon("close"))
        close.setToolTip(tr("Close the comparison"))
        close.clicked.connect(self.close_comparison)
        row = bar_of(self.names, self.only, close)
        row.setStretch(0, 1)
        self.growth = TimePlot(tr("Equity over cash"), 190)
        self.growth.setMinimumHeight(150)
        self.figures = CompareTable()
        column.addLayout(row)
        column.addWidget(self.growth, 2)
        column.addWidget(self.figures, 3)
        self.compared.setMinimumHeight(300)
        return self.compared

    def eventFilter(self, watched: object, event: object) -> bool:  # type: ignore[override]
        from PySide6.QtCore import QEvent

        if (
            isinstance(event, QEvent)
            and event.type() == QEvent.Type.MouseButtonDblClick
            and self.table.current is not None
        ):
            self.openAsked.emit(str(self.table.current))
            return True
        if isinstance(event, QEvent) and event.type() in (QEvent.Type.MouseButtonRelease, QEvent.Type.KeyRelease):
            self._selection()
        return False

    def refresh(self) -> None:
        """The list changed."""
        self.table.refreshed()
        if not self.model.runs:
            self.set_empty(tr("No back-test was kept yet. Run one (F9): every run is kept here."))
        elif not self.model.rows:
            self.set_empty(tr('No run has "{words}" in it.').format(words=self.model.wanted))
        else:
            self.set_ready()
        self._selection()

    def _on_search(self, text: str) -> None:
        self.model.wanted = text
        self.model.arrange()
        self.refresh()

    def chosen(self) -> list[str]:
        """Jobs of the selected rows, in the order of the list."""
        rows = (str(self.table.row_key(r)) for r in range(self.table.row_count()))
        return [job for job in rows if job in self.table.selected]

    def _selection(self) -> None:
        count = len(self.chosen())
        good = 2 <= count <= vm.MOST_COMPARED
        self.compare_button.setEnabled(good)
        hint = tr("Select two to four runs with Ctrl or Shift and a click")
        self.compare_button.setToolTip(tr("Compare the {n} selected runs").format(n=count) if good else hint)

    def _compare(self) -> None:
        jobs = self.chosen()
        if 2 <= len(jobs) <= vm.MOST_COMPARED:
            self.compareAsked.emit(jobs)

    def _menu(self, keys: list[str], at: QPoint) -> None:
        jobs = [str(k) for k in keys]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if len(jobs) == 1:
            menu.addAction(tr("Open"), lambda: self.openAsked.emit(jobs[0]))
            menu.addAction(tr("Export…"), lambda: self.exportAsked.emit(jobs[0]))
        if 2 <= len(jobs) <= vm.MOST_COMPARED:
            menu.addAction(tr("Compare"), self._compare)
        menu.addAction(tr("Copy rows"), self.table.copy)
        menu.addSeparator()
        menu.addAction(
            tr("Delete {n} runs").format(n=len(jobs)) if len(jobs) > 1 else tr("Delete"),
            lambda: self.deleteAsked.emit(jobs),
        )
        menu.popup(at)

    def keyPressEvent(self, event: object) -> None:  # type: ignore[override]
        from PySide6.QtGui import QKeyEvent

        assert isinstance(event, QKeyEvent)
        if event.key() == Qt.Key.Key_Delete and self.chosen():
            self.deleteAsked.emit(self.chosen())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.table.current is not None:
            self.openAsked.emit(str(self.table.current))
        else:
            super().keyPressEvent(event)

    # comparison -----------------------------------------------------------------------------------------------------
    def show_comparison(self, found: Comparison) -> None:
        self.comparison = found
        paint = ink()
        parts = [
            f'<span style="color:{paint[_TOKENS[k]].name()}"><b>{name}</b></span>'
            for k, name in enumerate(vm.legend(found))
        ]
        self.names.setText(" &nbsp; ".join(parts))
        curves = []
        for k, curve in enumerate(found.growth):
            ts, values = np.frombuffer(curve.ts, "<i8"), np.frombuffer(curve.values, "<f8")
            curves.append(Curve(chr(65 + k), ts, values, _TOKENS[k % len(_TOKENS)]))
        show = lambda v: formats.percent(v - 1, 1)  # noqa: E731
        self.growth.note = self._correlations(found)
        tick = lambda v: formats.percent(v - 1, 0)  # noqa: E731
        self.growth.set_bands([Band("", curves, show=show, level=1.0, tick=tick)])
        self._fill()
        if self.compared.isHidden():
            self.compared.show()
            whole = self.split.height()
            self.split.setSizes([round(whole * 0.3), round(whole * 0.7)])

    def _correlations(self, found: Comparison) -> str:
        if len(found.jobs) != 2 or not found.correlation:
            return ""
        value = found.correlation[0][1]
        return tr("correlation of the days {value}").format(value=formats.number(value)) if value == value else ""

    def _fill(self) -> None:
        if self.comparison is not None:
            rows = vm.compare_rows(self.comparison, only_differences=self.only.isChecked())
            self.figures.show_rows(rows, len(self.comparison.jobs))

    def close_comparison(self) -> None:
        self.comparison = None
        self.compared.hide()


def summary_of(run: RunSummary) -> str:
    """One run in a few words."""
    return tr("{strategy} on {symbol} {timeframe}").format(
        strategy=run.spec.strategy, symbol=run.spec.symbol, timeframe=run.spec.timeframe
    )
