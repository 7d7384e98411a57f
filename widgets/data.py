"""The data panel: the lake as a coverage map, quality and faults, and the jobs that bring, mend and export candles."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.commands import ImportData
from engine.contracts.coverage import Coverage, FilePeek
from engine.contracts.data import DataQuality, DownloadData, ExportData
from widgets.coverage_map import CoverageTable, YearAxis
from widgets.data_forms import DownloadQuestion, ExportQuestion, ImportQuestion
from widgets.fast_table import LEFT, Column, FastTable, Slot
from widgets.flow import Flow
from widgets.form import choice, line
from widgets.icons import icon
from widgets.ink import Ink, ink
from widgets.job_lines import JobLines
from widgets.panel import Panel
from widgets.texts import tr
from widgets.viewmodels import coverage as vm
from widgets.viewmodels import formats

#: series checked at once when nothing is selected
CHECKED_AT_ONCE = 2_000


class FaultTable(FastTable):
    """What is wrong with a series; rowActivated(number of the row)."""

    def __init__(self) -> None:
        self.rows: list[vm.Fault] = []
        super().__init__(
            [
                Column(tr("Fault"), 110, LEFT),
                Column(tr("From"), 136, LEFT, "UTC"),
                Column(tr("What"), 120, LEFT, stretch=True),
            ]
        )
        self.horizontalHeader().setSectionsClickable(False)
        self.setAccessibleName(tr("Faults"))

    def show_rows(self, rows: list[vm.Fault]) -> None:
        self.rows = rows
        self.select(None)
        self.verticalScrollBar().setValue(0)
        self.refreshed()

    def row_count(self) -> int:
        return len(self.rows)

    def row_key(self, row: int) -> Hashable:
        return row

    def row_text(self, row: int) -> list[str]:
        fault = self.rows[row]
        return [fault.kind, formats.minute(fault.when) if fault.when >= 0 else "", fault.text]

    def row_tip(self, row: int, column: int) -> str:
        return self.rows[row].text

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            texts = self.row_text(row)
            for slot in slots:
                painter.setPen(paint[("warn", "dim", "text")[slot.column]])
                self.paint_text(painter, slot, row, texts[slot.column])


class DataPanel(Panel):
    """openAsked(symbol, timeframe, ms or 0); checkAsked(symbols, timeframe); repairAsked(symbols, timeframe);
    peekAsked(path); jobAsked(command): a download, import or export; reloadAsked()."""

    openAsked = Signal(str, str, "qlonglong")
    checkAsked = Signal(object, str)
    repairAsked = Signal(object, str)
    peekAsked = Signal(str)
    jobAsked = Signal(object)
    reloadAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("data", parent)
        self.model = vm.CoverageModel()
        self.known: list[str] = []
        self.question: QWidget | None = None
        self._markets: list[tuple[str, int]] = []
        self.bar.setContentsMargins(0, 0, 0, 0)
        self.setAcceptDrops(True)
        self.table = CoverageTable(self.model)
        self.axis = YearAxis(self.table)
        self.faults = FaultTable()
        self.lines = JobLines()
        self._build()
        self._wire()

    def _build(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(0)
        self.chips = Flow(spacing=2)
        self.chips.setContentsMargins(6, 0, 6, 2)
        first = QHBoxLayout()
        first.setContentsMargins(6, 5, 6, 2)
        first.setSpacing(4)
        self.faulty = QToolButton()
        self.faulty.setText(tr("With faults"))
        self.faulty.setCheckable(True)
        self.search = line(hint=tr("Symbol"))
        self.search.setClearButtonEnabled(True)
        self.timeframe = choice((tr("All timeframes"), ""))
        self.timeframe.setMinimumWidth(110)
        first.addWidget(self.search, 1)
        first.addWidget(self.timeframe)
        first.addWidget(self.faulty)
        self.buttons: dict[str, QPushButton] = {}
        for name, text, tip in (
            ("download", tr("Download"), tr("Fetch candles from the venue")),
            ("import", tr("Import"), tr("A file or a folder of candles; it can be dropped here as well")),
            ("check", tr("Check"), tr("Judge the selected series, or all that are shown")),
        ):
            button = QPushButton(text)
            button.setProperty("outlined", True)
            button.setToolTip(tip)
            self.buttons[name] = button
            first.addWidget(button)
        self.more = QToolButton()
        self.more.setIcon(icon("menu"))
        self.more.setToolTip(tr("Repair, export, reload"))
        first.addWidget(self.more)
        self.market_chips: dict[str, QToolButton] = {}
        top.addLayout(first)
        top.addWidget(self.chips)
        self.column.addLayout(top)
        self.column.addWidget(self.lines)
        self.column.addWidget(self._body_head())
        body = QSplitter(Qt.Orientation.Vertical)
        body.setChildrenCollapsible(False)
        body.setHandleWidth(3)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.axis)
        column.addWidget(self.table, 1)
        body.addWidget(upper)
        body.addWidget(self._detail())
        body.setSizes([420, 170])
        body.setStretchFactor(0, 3)
        self.set_body(body)

    def _body_head(self) -> QLabel:
        self.totals = QLabel()
        self.totals.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px; padding: 1px 10px;")
        return self.totals

    def _detail(self) -> QWidget:
        detail = QWidget()
        column = QVBoxLayout(detail)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.about = QLabel(tr("Select a series to see what is wrong with it."), wordWrap=True)
        self.about.setStyleSheet(f"color: {ink()['dim'].name()}; padding: 4px 10px;")
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.about)
        column.addWidget(self.faults, 1)
        detail.setMinimumHeight(90)
        return detail

    def _chip(self, text: str) -> QToolButton:
        chip = QToolButton()
        chip.setText(text)
        chip.setCheckable(True)
        self.chips.addWidget(chip)
        return chip

    def _wire(self) -> None:
        self.search.textChanged.connect(self._on_filter)
        self.timeframe.currentIndexChanged.connect(lambda _i: self._on_filter())
        self.faulty.toggled.connect(lambda _on: self._on_filter())
        self.table.monthClicked.connect(self._on_month)
        self.table.rowActivated.connect(self._on_row)
        self.table.contextAsked.connect(lambda _keys, at: self._menu(at))
        self.more.clicked.connect(lambda: self._menu(self.more.mapToGlobal(QPoint(0, self.more.height()))))
        self.buttons["download"].clicked.connect(lambda: self.ask_download())
        self.buttons["import"].clicked.connect(self._import_menu)
        self.buttons["check"].clicked.connect(lambda: self.check())
        self.faults.rowActivated.connect(self._on_fault)

    # what it is handed ----------------------------------------------------------------------------------------------
    def show_coverage(self, found: Coverage) -> None:
        self.model.load(found.series)
        self._fill_choices()
        self._filled()

    def show_quality(self, found: DataQuality) -> None:
        self.model.take_quality(found.series)
        self._filled()
        self._show_detail()

    def _fill_choices(self) -> None:
        chosen = self.timeframe.currentData()
        self.timeframe.blockSignals(True)
        self.timeframe.clear()
        self.timeframe.addItem(tr("All timeframes"), "")
        for name in self.model.timeframes():
            self.timeframe.addItem(name, name)
        self.timeframe.setCurrentIndex(max(self.timeframe.findData(chosen), 0))
        self.timeframe.blockSignals(False)
        markets = [("", len(self.model.every)), *self.model.markets()]
        if markets == self._markets:
            return
        self._markets = markets
        for chip in self.market_chips.values():
            self.chips.removeWidget(chip)
            chip.deleteLater()
        self.market_chips = {}
        for name, count in markets:
            chip = self._chip(f"{name or tr('All')} {count:,}")
            chip.setChecked(name == self.model.market)
            chip.clicked.connect(lambda _on=False, n=name: self.choose_market(n))
            self.market_chips[name] = chip

    def choose_market(self, name: str) -> None:
        self.model.market = name
        for market, chip in self.market_chips.items():
            chip.setChecked(market == name)
        self._on_filter()

    def _on_filter(self, *_args: object) -> None:
        self.model.wanted = self.search.text()
        self.model.timeframe = str(self.timeframe.currentData() or "")
        self.model.only_faulty = self.faulty.isChecked()
        self.model.arrange()
        self._filled()

    def _filled(self) -> None:
        self.table.reload()
        self.totals.setText(self.model.totals())
        if not self.model.every:
            self.set_empty(tr("The lake is empty. Download candles, or drop a file or a folder of them here."))
        elif not self.model.rows:
            self.set_empty(tr("No series fits this filter."))
        else:
            self.set_ready()

    # selection
    def selected(self) -> list[vm.Row]:
        return [r for r in self.model.rows if r.key in self.table.selected]

    def _on_row(self, _key: object) -> None:
        self._show_detail()
        rows = self.selected()
        if len(rows) == 1:
            self.openAsked.emit(*rows[0].key, 0)

    def _on_month(self, key: object, month: int) -> None:
        row = self.model.find(key)
        if row is not None:
            self.openAsked.emit(*row.key, max(vm.month_ms(month), row.found.first_ms))

    def _show_detail(self) -> None:
        rows = self.selected()
        if len(rows) != 1:
            self.about.setText(tr("{n} series are selected.").format(n=len(rows)) if rows else tr("Select a series."))
            self.faults.show_rows([])
            return
        row = rows[0]
        self.about.setText(vm.summary(row))
        self.faults.show_rows(vm.faults_of(row))

    def _on_fault(self, number: object) -> None:
        rows = self.selected()
        fault = self.faults.rows[int(number)]  # type: ignore[call-overload]
        if len(rows) == 1 and fault.when >= 0:
            self.openAsked.emit(*rows[0].key, fault.when)

    # what it asks ---------------------------------------------------------------------------------------------------
    def check(self) -> None:
        """The selected series, or all that are shown."""
        rows = self.selected() or self.model.rows
        frames = {r.found.timeframe for r in rows}
        symbols = list(dict.fromkeys(r.found.symbol for r in rows))
        whole = len(rows) == len(self.model.every)
        self.checkAsked.emit([] if whole else symbols[:CHECKED_AT_ONCE], frames.pop() if len(frames) == 1 else "")

    def repair(self) -> None:
        rows = self.selected()
        if rows:
            frames = {r.found.timeframe for r in rows}
            symbols = list(dict.fromkeys(r.found.symbol for r in rows))
            self.repairAsked.emit(symbols, frames.pop() if len(frames) == 1 else "")

    def ask_download(self) -> DownloadQuestion:
        """Open the question; of the selected symbols, if there are any."""
        chosen = list(dict.fromkeys(r.found.symbol for r in self.selected()))
        question = DownloadQuestion(self.known, chosen, self)
        self._open(question)
        return question

    def ask_import(self, path: str, peek: FilePeek) -> ImportQuestion:
        """A file that was looked at."""
        question = ImportQuestion(path, peek, self)
        self._open(question)
        return question

    def ask_export(self) -> ExportQuestion | None:
        rows = self.selected()
        if len(rows) != 1:
            return None
        row = rows[0]
        question = ExportQuestion(
            row.found.symbol, row.found.timeframe, f"{row.name}-{row.found.timeframe}.parquet", self
        )
        self._open(question)
        return question

    def _open(self, question: DownloadQuestion | ImportQuestion | ExportQuestion) -> None:
        self.question = question
        question.asked.connect(self.jobAsked)
        question.open()

    def _import_menu(self) -> None:
        button = self.buttons["import"]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("File…"), self._choose_file)
        menu.addAction(tr("Folder…"), self._choose_folder)
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    def _choose_file(self) -> None:
        kinds = (
            tr("Candles") + " (*.csv *.tsv *.txt *.zip *.gz *.parquet *.feather *.arrow);;" + tr("All files") + " (*)"
        )
        path, _ = QFileDialog.getOpenFileName(self, tr("Import candles"), "", kinds)
        if path:
            self.peekAsked.emit(path)

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, tr("Import a folder of candles"))
        if path:
            self.peekAsked.emit(path)

    def _menu(self, at: QPoint) -> None:
        rows = self.selected()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if len(rows) == 1:
            menu.addAction(tr("Open the chart"), lambda: self.openAsked.emit(*rows[0].key, 0))
        for text, slot, on in (
            (tr("Check the selected"), self.check, bool(rows)),
            (tr("Repair the selected"), self.repair, bool(rows)),
            (tr("Download what is missing…"), self.ask_download, bool(rows)),
            (tr("Export…"), self.ask_export, len(rows) == 1),
            (tr("Copy rows"), self.table.copy, bool(self.model.rows)),
        ):
            menu.addAction(text, lambda s=slot: s()).setEnabled(on)
        menu.addSeparator()
        menu.addAction(tr("Show all years"), self.table.show_all)
        menu.addAction(tr("Reload"), self.reloadAsked.emit)
        menu.popup(at)

    # drag and drop
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(u.isLocalFile() for u in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [u.toLocalFile() for u in event.mimeData().urls() if u.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.peekAsked.emit(paths[0])


Job = DownloadData | ImportData | ExportData
