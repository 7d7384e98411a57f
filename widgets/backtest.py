"""The back-test panel: form, run and cancel with progress, figures, equity, trades, and what was assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.commands import StrategyInfo
from engine.contracts.events import JobProgress
from widgets.backtest_form import BacktestForm
from widgets.backtest_report import FigureGrid, TradesTable
from widgets.icons import icon
from widgets.ink import ink
from widgets.panel import Panel
from widgets.viewmodels import backtest as vm
from widgets.viewmodels import formats


class BacktestPanel(Panel):
    """runRequested(BacktestSpec); cancelRequested(job); jumpRequested(symbol, timeframe, ms) of a trade."""

    runRequested = Signal(object)
    cancelRequested = Signal(str)
    jumpRequested = Signal(str, str, "qlonglong")

    def __init__(self, now_ms: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("backtest", parent)
        self.bar.setContentsMargins(0, 0, 0, 0)
        self.job = ""
        self.running = False
        self.result: BacktestResult | None = None
        self._digits: dict[str, int] = {}
        self._equity: QWidget | None = None
        self.form = BacktestForm()
        self.form.now_ms = now_ms  # type: ignore[method-assign]
        self._build()
        self._idle()

    def _build(self) -> None:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.form)
        _see_through(scroll)
        top = QWidget()
        box = QVBoxLayout(top)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(scroll, 1)
        box.addLayout(self._run_row())
        self.message = QLabel(wordWrap=True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.setContentsMargins(10, 0, 10, 4)
        self.message.hide()
        box.addWidget(self.message)
        self.report = Panel("backtestReport")
        self.report.bar.setContentsMargins(0, 0, 0, 0)
        self.report.set_body(self._report_body())
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(top)
        self.splitter.addWidget(self.report)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(3)
        self.splitter.setSizes([330, 560])
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        top.setMinimumHeight(150)
        self.set_body(self.splitter)
        self.report.set_empty("Choose a strategy and a symbol, then press Run (F9).")

    def _run_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 6)
        self.run_button, self.cancel_button = QPushButton("Run"), QPushButton("Cancel")
        self.run_button.setProperty("primary", True)
        off = f"background: {ink()['raised'].name()}; color: {ink()['faint'].name()};"
        self.run_button.setStyleSheet(f"QPushButton:disabled {{ {off} }}")
        self.run_button.setToolTip("Run the back-test (F9)")
        self.cancel_button.setProperty("outlined", True)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        keep = self.progress.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(keep)
        self.status = QLabel()
        self.status.setStyleSheet(f"color: {ink()['dim'].name()};")
        self.run_button.clicked.connect(self.run)
        self.cancel_button.clicked.connect(self.cancel)
        row.addWidget(self.run_button)
        row.addWidget(self.cancel_button)
        row.addSpacing(4)
        row.addWidget(self.progress, 1)
        row.addSpacing(6)
        row.addWidget(self.status)
        return row

    def _report_body(self) -> QWidget:
        body = QWidget()
        box = QVBoxLayout(body)
        box.setContentsMargins(0, 2, 0, 0)
        box.setSpacing(2)
        dim = f"color: {ink()['dim'].name()}; font-size: 11px;"
        head = QHBoxLayout()
        head.setContentsMargins(10, 2, 4, 0)
        self.headline = QLabel(wordWrap=True)
        self.headline.setStyleSheet(dim)
        head.addWidget(self.headline, 1)
        for name, tip, slot in (
            ("copy", "Copy the whole report", self.copy_report),
            ("export", "Export the trades as CSV", self.export_trades),
        ):
            button = QToolButton()
            button.setIcon(icon(name))
            button.setToolTip(tip)
            button.clicked.connect(lambda _on=False, s=slot: s())
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self.figures = FigureGrid()
        self.convention, self.warning = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self.convention.setStyleSheet(dim)
        self.convention.setContentsMargins(10, 0, 10, 2)
        self.warning.setStyleSheet(f"color: {ink()['warn'].name()}; font-size: 11px;")
        self.warning.setContentsMargins(10, 0, 10, 2)
        self.trades = TradesTable()
        self.trades.tradeActivated.connect(self._jump)
        self.assumed = QLabel(wordWrap=True)
        self.assumed.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.assumed.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.assumed.setContentsMargins(10, 8, 10, 8)
        about = QScrollArea()
        about.setWidgetResizable(True)
        about.setFrameShape(QFrame.Shape.NoFrame)
        about.setWidget(self.assumed)
        _see_through(about)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.trades, "Trades")
        self.tabs.addTab(about, "Assumptions")
        self._lower = QSplitter(Qt.Orientation.Vertical)
        self._lower.setChildrenCollapsible(False)
        self._lower.setHandleWidth(3)
        self._lower.addWidget(self.tabs)
        box.addLayout(head)
        box.addWidget(self.figures)
        box.addWidget(self.convention)
        box.addWidget(self.warning)
        box.addWidget(self._lower, 1)
        # on a low screen the report scrolls as a whole rather than squeezing its parts into each other
        body.setMinimumHeight(430)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        _see_through(area)
        return area

    # what it is handed ----------------------------------------------------------------------------------------------
    def install_equity(self, view: QWidget) -> None:
        """The equity drawing comes late, since its library is loaded after the first paint."""
        self._equity = view
        self._lower.insertWidget(0, view)
        self._lower.setSizes([230, 220])
        if self.result is not None:
            self._draw_equity(self.result)

    def set_strategies(self, strategies: Iterable[StrategyInfo]) -> None:
        self.form.set_strategies(strategies)

    def set_symbols(self, digits: dict[str, int]) -> None:
        """Known symbols and the decimals of their prices."""
        self._digits = digits
        self.form.set_symbols(digits)

    def set_symbol(self, symbol: str) -> None:
        self.form.symbol.setText(symbol)

    def job_started(self, job: str) -> None:
        self.job = job

    def job_progress(self, event: JobProgress) -> None:
        """Follow our own run; others are ignored."""
        if event.job != self.job or not self.running:
            return
        self.progress.setValue(round(event.fraction * 1000))
        if event.state in ("queued", "running"):
            eta = f", {formats.duration(event.eta_s)} left" if event.eta_s >= 0 else ""
            step = f"{event.step[:1].upper()}{event.step[1:]} " if event.step else ""
            self.status.setText("Queued" if event.state == "queued" else f"{step}{event.fraction:.0%}{eta}")
        elif event.state == "cancelled":
            self._finish("Cancelled; the report below is the one from before." if self.result else "Cancelled.", "dim")
        elif event.state == "failed":
            self._finish(event.error or "The run failed; the engine gave no reason.", "down")

    def show_error(self, text: str) -> None:
        """The run was refused or failed; the last report stays."""
        self._finish(text, "down")

    def show_result(self, result: BacktestResult) -> None:
        self.result = result
        self._finish("", "dim")
        self.headline.setText(vm.headline(result))
        self.headline.setToolTip(vm.provenance(result))
        self.figures.show_figures(vm.figures(result))
        self.convention.setText(result.convention)
        notes = vm.warnings(result)
        self.warning.setText("\n".join(notes))
        self.warning.setVisible(bool(notes))
        self.trades.show_trades(vm.Trades(result.trades, self._digits.get(result.spec.symbol, 2)))
        self.tabs.setTabText(0, f"Trades {len(self.trades.trades):,}")
        lines = [f"• {a}" for a in result.assumptions] + ["", vm.provenance(result), "", result.strategy_text]
        self.assumed.setText("\n".join(lines))
        self._draw_equity(result)
        self.report.set_ready()

    def _draw_equity(self, result: BacktestResult) -> None:
        if self._equity is not None:
            ts = np.frombuffer(result.equity_ts, dtype="<i8")
            equity, drawdown, benchmark = (
                np.frombuffer(b, dtype="<f8") for b in (result.equity, result.drawdown, result.benchmark)
            )
            self._equity.set_result(ts, equity, drawdown, benchmark if len(benchmark) else None)  # type: ignore[attr-defined]

    # what it asks ---------------------------------------------------------------------------------------------------
    def run(self) -> None:
        """Check the form and ask for the run."""
        if self.running:
            return
        spec = self.form.spec()
        if spec is None:
            self.message.setText("Some fields need a correction; nothing was run.")
            self.message.setStyleSheet(f"color: {ink()['down'].name()};")
            self.message.show()
            return
        self.start(spec)

    def start(self, spec: BacktestSpec) -> None:
        self.running, self.job = True, ""
        self.message.hide()
        self.run_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        self.progress.setValue(0)
        self.progress.show()
        self.status.setText("Starting")
        if self.result is None:
            self.report.set_loading("Running the back-test")
        self.runRequested.emit(spec)

    def cancel(self) -> None:
        if self.running:
            self.status.setText("Cancelling")
            self.cancel_button.setEnabled(False)
            self.cancelRequested.emit(self.job)

    def _finish(self, text: str, token: str) -> None:
        self.running = False
        self._idle()
        self.message.setText(text)
        self.message.setStyleSheet(f"color: {ink()[token].name()};")
        self.message.setVisible(bool(text))
        if self.result is None:
            self.report.set_empty(text or "No run yet.")

    def _idle(self) -> None:
        self.run_button.setEnabled(True)
        self.cancel_button.setEnabled(False)
        self.progress.setVisible(False)
        self.status.setText("")

    def _jump(self, row: int) -> None:
        if self.result is not None:
            spec = self.result.spec
            self.jumpRequested.emit(spec.symbol, spec.timeframe, int(self.trades.trades.rows["entry_ts"][row]))

    def copy_report(self) -> str:
        text = vm.as_text(self.result) if self.result is not None else ""
        if text:
            QGuiApplication.clipboard().setText(text)
        return text

    def export_trades(self, path: str = "") -> None:
        """Write the trades as CSV; asks for the file unless one is given."""
        if self.result is None:
            return
        if not path:
            name = f"{self.result.spec.strategy}-{self.result.spec.symbol.replace(':', '-')}.csv"
            path, _ = QFileDialog.getSaveFileName(self, "Export trades", name, "CSV (*.csv)")
        if path:
            with open(path, "w", encoding="utf-8", newline="") as out:
                out.write(vm.trades_csv(self.result))


def _see_through(area: QScrollArea) -> None:
    """A scroll area fills its background with the window's colour; here the panel's shall show."""
    area.viewport().setAutoFillBackground(False)
    if (inner := area.widget()) is not None:
        inner.setAutoFillBackground(False)
