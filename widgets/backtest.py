"""The back-test panel: form, run and cancel with progress, the runs of a list, and the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.backtests import BacktestResult
from engine.contracts.commands import StrategyInfo
from engine.contracts.events import JobProgress
from engine.contracts.portfolios import PortfolioResult
from widgets.backtest_form import BacktestForm
from widgets.backtest_report import ReportView, scrolled
from widgets.backtest_tables import BatchRow, BatchTable
from widgets.ink import ink
from widgets.panel import Panel
from widgets.texts import tr
from widgets.viewmodels import backtest as vm
from widgets.viewmodels import formats
from widgets.viewmodels.backtest_form import Asked


class BacktestPanel(Panel):
    """runRequested(Asked); cancelRequested(); jumpRequested(symbol, timeframe, ms); tradeChosen(number);
    resultShown(Shown); rowRequested(number): show a run of the batch."""

    runRequested = Signal(object)
    cancelRequested = Signal()
    jumpRequested = Signal(str, str, "qlonglong")
    tradeChosen = Signal(int)
    resultShown = Signal(object)
    rowRequested = Signal(int)

    def __init__(self, now_ms: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("backtest", parent)
        self.bar.setContentsMargins(0, 0, 0, 0)
        self.running = False
        self.shown: vm.Shown | None = None
        self._digits: dict[str, int] = {}
        self.form = BacktestForm(now_ms)
        self.batch = BatchTable()
        self.view = ReportView()
        self._build()
        self._idle()

    @property
    def result(self) -> BacktestResult | None:
        """The single run that is shown."""
        return self.shown.result if self.shown is not None else None

    @property
    def trades(self) -> QWidget:
        return self.view.trades

    def _build(self) -> None:
        top = QWidget()
        box = QVBoxLayout(top)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(scrolled(self.form), 1)
        box.addLayout(self._run_row())
        self.message = QLabel(wordWrap=True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.setContentsMargins(10, 0, 10, 4)
        self.message.hide()
        box.addWidget(self.message)
        self.report = Panel("backtestReport")
        self.report.bar.setContentsMargins(0, 0, 0, 0)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        # on a low screen the report scrolls as a whole rather than squeezing its parts into each other
        body.setMinimumHeight(420)
        self.report.set_body(scrolled(body))
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(top)
        self.splitter.addWidget(self.batch)
        self.splitter.addWidget(self.report)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(3)
        self.splitter.setSizes([300, 150, 600])
        for place, stretch in enumerate((1, 0, 3)):
            self.splitter.setStretchFactor(place, stretch)
        self.batch.hide()
        self.batch.rowActivated.connect(lambda key: self.rowRequested.emit(int(key)))
        top.setMinimumHeight(150)
        self.set_body(self.splitter)
        self.report.set_empty(tr("Choose a strategy and a symbol, then press Run (F9)."))
        self.view.tradeActivated.connect(self._on_trade)
        self.view.timeClicked.connect(self._on_time)
        self.view.copy_button.clicked.connect(lambda: self.copy_report())

    def _run_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 6)
        self.run_button, self.cancel_button = QPushButton(tr("Run")), QPushButton(tr("Cancel"))
        self.run_button.setProperty("primary", True)
        off = f"background: {ink()['raised'].name()}; color: {ink()['faint'].name()};"
        self.run_button.setStyleSheet(f"QPushButton:disabled {{ {off} }}")
        self.run_button.setToolTip(tr("Run the back-test (F9)"))
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
        self.run_button.clicked.connect(lambda: self.run())
        self.cancel_button.clicked.connect(lambda: self.cancel())
        row.addWidget(self.run_button)
        row.addWidget(self.cancel_button)
        row.addSpacing(4)
        row.addWidget(self.progress, 1)
        row.addSpacing(6)
        row.addWidget(self.status)
        return row

    # what it is handed ----------------------------------------------------------------------------------------------
    def set_strategies(self, strategies: Iterable[StrategyInfo]) -> None:
        self.form.set_strategies(strategies)

    def set_symbols(self, digits: dict[str, int]) -> None:
        """Known symbols and the decimals of their prices."""
        self._digits = digits
        self.form.set_symbols(digits)

    def set_symbol(self, symbol: str) -> None:
        self.form.follow.setChecked(False)
        self.form.symbol.setText(symbol)

    def show_progress(self, event: JobProgress, done: int = 0, of: int = 1) -> None:
        """How far the run is that computes now, and which of how many it is."""
        share = event.fraction if event.state == "running" else 0.0
        self.progress.setValue(round((done + share) / max(of, 1) * 1000))
        which = tr("{k} of {n}, ").format(k=min(done + 1, of), n=of) if of > 1 else ""
        if event.state == "queued":
            self.status.setText(which + tr("Queued"))
            return
        eta = tr(", {time} left").format(time=formats.duration(event.eta_s)) if event.eta_s >= 0 else ""
        step = tr(event.step)
        step = f"{step[:1].upper()}{step[1:]} " if step else ""
        self.status.setText(f"{which}{step}{event.fraction:.0%}{eta}")

    def show_batch(self, rows: list[BatchRow]) -> None:
        """The runs of a list; none hides the table."""
        self.batch.show_rows(rows)
        self.batch.setVisible(len(rows) > 1)
        if len(rows) > 1:
            height = 26 + 22 * min(len(rows), 7) + 4
            self.batch.setMinimumHeight(min(height, 120))
            sizes = self.splitter.sizes()
            self.splitter.setSizes([sizes[0], height, max(sum(sizes) - sizes[0] - height, 200)])

    def show_error(self, text: str) -> None:
        """The run was refused or failed; the last report stays."""
        self.finish(text, "down")

    def show_cancelled(self) -> None:
        self.finish(
            tr("Cancelled; the report below is the one from before.") if self.shown else tr("Cancelled."), "dim"
        )

    def show_result(self, result: BacktestResult | PortfolioResult, job: str = "") -> None:
        shown = vm.shown_of(result, job) if isinstance(result, BacktestResult) else vm.shown_portfolio(result)
        self.shown = shown
        symbol = shown.result.spec.symbol if shown.result is not None else next(iter(shown.symbols), "")
        self.view.show_result(shown, self._digits.get(symbol, 2))
        self.report.set_ready()
        self.resultShown.emit(shown)

    # what it asks ---------------------------------------------------------------------------------------------------
    def run(self) -> None:
        """Check the form and ask for the run."""
        if self.running:
            return
        asked = self.form.asked()
        if asked is None:
            self._say(tr("Some fields need a correction; nothing was run."), "down")
            return
        self.start(asked)

    def start(self, asked: Asked) -> None:
        self.running = True
        self.message.hide()
        self.run_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        self.progress.setValue(0)
        self.progress.show()
        self.status.setText(tr("Starting"))
        if self.shown is None:
            self.report.set_loading(tr("Running the back-test"))
        self.runRequested.emit(asked)

    def cancel(self) -> None:
        if self.running:
            self.status.setText(tr("Cancelling"))
            self.cancel_button.setEnabled(False)
            self.cancelRequested.emit()

    def finish(self, text: str = "", token: str = "dim") -> None:
        """Nothing runs any more."""
        self.running = False
        self._idle()
        self._say(text, token)
        if self.shown is None:
            self.report.set_empty(text or tr("No run yet."))

    def _say(self, text: str, token: str) -> None:
        self.message.setText(text)
        self.message.setStyleSheet(f"color: {ink()[token].name()};")
        self.message.setVisible(bool(text))

    def _idle(self) -> None:
        self.run_button.setEnabled(True)
        self.cancel_button.setEnabled(False)
        self.progress.setVisible(False)
        self.status.setText("")

    def _on_trade(self, trade: int) -> None:
        """Show it on the chart."""
        if self.shown is None:
            return
        symbol, timeframe = self._place_of(trade)
        self.jumpRequested.emit(symbol, timeframe, int(self.shown.trades["entry_ts"][trade]))
        self.tradeChosen.emit(trade)

    def _place_of(self, trade: int) -> tuple[str, str]:
        assert self.shown is not None
        if self.shown.result is not None:
            return self.shown.result.spec.symbol, self.shown.result.spec.timeframe
        assert self.shown.portfolio is not None
        return self.shown.symbols[trade], self.shown.portfolio.spec.lanes[0].timeframe

    def _on_time(self, ms: int) -> None:
        if self.shown is not None and self.shown.result is not None:
            spec = self.shown.result.spec
            self.jumpRequested.emit(spec.symbol, spec.timeframe, int(ms))

    def copy_report(self) -> str:
        text = vm.as_text(self.shown, self.view.report) if self.shown is not None else ""
        if text:
            QGuiApplication.clipboard().setText(text)
        return text

    def export_trades(self, path: str = "") -> None:
        """Write the trades as one CSV file; asks for it unless it is given."""
        if self.shown is None:
            return
        if not path:
            path, _ = QFileDialog.getSaveFileName(self, tr("Export trades"), "trades.csv", "CSV (*.csv)")
        if not path:
            return
        symbols = self.shown.symbols or [self.shown.result.spec.symbol if self.shown.result else ""]
        with open(path, "w", encoding="utf-8", newline="") as out:
            out.write(vm.trades_csv(self.shown.trades, symbols))
