"""A finished back-test: figures, equity, trades, months, plots, all figures and what was assumed. Handed a `Shown` at
once, and the engine's `Report` with the rest a moment later."""

from __future__ import annotations

from html import escape

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.reports import Report
from widgets.backtest_figures import FigureGrid
from widgets.backtest_tables import ConventionsTable, FiguresTable, TradesView, bar_of
from widgets.form import choice, line
from widgets.icons import icon
from widgets.ink import ink
from widgets.plots.base import Plot
from widgets.plots.curves import Band, Curve, TimePlot
from widgets.plots.groups import CostsPlot, GroupPlot, HistogramPlot
from widgets.plots.months import MonthTable
from widgets.plots.scatter import ScatterPlot
from widgets.texts import mark, tr
from widgets.viewmodels import backtest as vm
from widgets.viewmodels import formats, plot_shapes

#: format -> what the menu calls it
EXPORTS = {
    "html": mark("Report as one HTML page…"),
    "csv": mark("Trades, equity and figures as CSV…"),
    "json": mark("Everything as JSON…"),
    "parquet": mark("Trades and equity as Parquet…"),
    "png": mark("Picture of the report…"),
}


class PlotGrid(QWidget):
    """Plots below each other, or in two columns where there is room; wide ones take both."""

    def __init__(self, plots: list[tuple[Plot, bool]]) -> None:
        super().__init__()
        self._plots, self._columns = plots, 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 8)
        self._grid.setSpacing(6)
        self._place()

    def _place(self) -> None:
        columns = 2 if self.width() >= 620 else 1
        if columns == self._columns:
            return
        self._columns = columns
        at = 0
        for plot, wide in self._plots:
            span = columns if wide else 1
            if at % columns + span > columns:
                at += 1
            plot.setFixedHeight(plot.sizeHint().height())
            self._grid.addWidget(plot, at // columns, at % columns, 1, span)
            at += span
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, columns - 1)
        self._grid.setRowStretch(99, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()


class ReportView(QWidget):
    """tradeActivated(number); conventionAsked(name); exportAsked(format); timeClicked(ms) in the equity; monthClicked
    (year, month); repeatAsked(): fill the form with this run's settings."""

    tradeActivated = Signal(int)
    conventionAsked = Signal(str)
    exportAsked = Signal(str)
    timeClicked = Signal("qlonglong")
    monthClicked = Signal(int, int)
    repeatAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: vm.Shown | None = None
        self.report: Report | None = None
        self.figures = FigureGrid()
        self.equity = TimePlot("", 210)
        self.equity.margins = (52, 6, 8, 20)
        self.trades_view = TradesView()
        self.trades = self.trades_view.table
        self._build()
        self.trades.tradeActivated.connect(self._on_trade)
        self.equity.timeClicked.connect(self.timeClicked)
        self.months.monthClicked.connect(self.monthClicked)
        for plot in (self.against, self.favour):
            plot.tradeClicked.connect(self._on_trade)

    def _build(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 0)
        box.setSpacing(0)
        box.addLayout(self._head())
        box.addWidget(self.figures)
        self.convention = choice(("pyroquant", "pyroquant"))
        self.convention.setMinimumWidth(96)
        self.convention.setMaximumWidth(130)
        self.convention.setToolTip(tr("Count Sharpe, Sortino, CAGR, Calmar and drawdown as another tool does"))
        self.convention.activated.connect(lambda _i: self.conventionAsked.emit(str(self.convention.currentData())))
        self.convention_text, self.warning = QLabel(wordWrap=True), QLabel(wordWrap=True)
        dim = f"color: {ink()['dim'].name()}; font-size: 11px;"
        self.convention_text.setStyleSheet(dim)
        row = bar_of(self.convention, self.convention_text)
        row.setStretch(1, 1)
        box.addLayout(row)
        warn = ink()["warn"].name()
        back = ink().mix("warn", "panel", 0.12).name()
        self.warning.setStyleSheet(f"color: {warn}; background: {back}; font-size: 11px; padding: 3px 10px;")
        self.warning.hide()
        box.addWidget(self.warning)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(3)
        self.split.addWidget(self.equity)
        self.split.addWidget(self._tabs())
        self.split.setSizes([190, 340])
        box.addWidget(self.split, 1)

    def _head(self) -> QHBoxLayout:
        self.headline = QLabel(wordWrap=True)
        self.headline.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        self.headline.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy_button, self.export_button, again = QToolButton(), QToolButton(), QToolButton()
        for button, name, tip in (
            (again, "restart", tr("Put this run's settings into the form")),
            (self.copy_button, "copy", tr("Copy the whole report as text")),
            (self.export_button, "export", tr("Export")),
        ):
            button.setIcon(icon(name))
            button.setToolTip(tip)
        again.clicked.connect(self.repeatAsked)
        menu = QMenu(self.export_button)
        self.export_actions = {}
        for kind, title in EXPORTS.items():
            self.export_actions[kind] = menu.addAction(tr(title), lambda k=kind: self.exportAsked.emit(k))
        self.export_button.setMenu(menu)
        self.export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = bar_of(self.headline, again, self.copy_button, self.export_button)
        row.setStretch(0, 1)
        return row

    def _tabs(self) -> QTabWidget:
        self.months = MonthTable()
        self.costs = CostsPlot(tr("Costs"), 136)
        self.returns = HistogramPlot(tr("Results of the trades"))
        self.against = ScatterPlot(tr("Adverse excursion"), tr("furthest against (MAE)"))
        self.favour = ScatterPlot(tr("Favourable excursion"), tr("furthest in favour (MFE)"))
        self.hours, self.days = GroupPlot(tr("By hour"), 3), GroupPlot(tr("By weekday"), 3)
        self.sides, self.exits = GroupPlot(tr("By side"), 12), GroupPlot(tr("By exit"), 12)
        self.rolling = TimePlot(tr("Rolling Sharpe"), 150)
        self.exposure = TimePlot(tr("Exposure"), 120)
        found: list[tuple[Plot, bool]] = [
            (self.costs, False), (self.returns, False), (self.against, False), (self.favour, False),
            (self.hours, False), (self.days, False), (self.sides, False), (self.exits, False),
            (self.rolling, True), (self.exposure, True),
        ]  # fmt: skip
        for plot in (self.rolling, self.exposure):
            plot.wheel_needs_ctrl = True
        self.of_report: list[Plot] = [self.months, *(plot for plot, _wide in found if plot is not self.costs)]
        figures = QWidget()
        column = QVBoxLayout(figures)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(2)
        self.find = line(hint=tr("Find a figure"))
        self.find.textChanged.connect(lambda _t: self._show_figures())
        self.all_figures, self.conventions = FiguresTable(), ConventionsTable()
        self.conventions.chosen.connect(self.conventionAsked)
        self.conventions.setFixedHeight(26 + 22 * 5 + 2)
        column.addLayout(bar_of(self.find))
        column.addWidget(self.all_figures, 1)
        column.addWidget(self.conventions)
        self.about = QLabel(wordWrap=True)
        self.about.setTextFormat(Qt.TextFormat.RichText)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.about.setContentsMargins(10, 6, 10, 10)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setStyleSheet("QTabBar::tab { padding: 5px 9px; }")
        month_page = QWidget()
        month_column = QVBoxLayout(month_page)
        month_column.setContentsMargins(0, 0, 0, 0)
        month_column.addWidget(self.months)
        month_column.addStretch(1)
        for widget, title in (
            (self.trades_view, tr("Trades")),
            (scrolled(month_page), tr("Months")),
            (scrolled(PlotGrid(found)), tr("Plots")),
            (figures, tr("Figures")),
            (scrolled(self.about), tr("Settings")),
        ):
            self.tabs.addTab(widget, title)
        self.tabs.setMinimumHeight(160)
        return self.tabs

    # what it is handed ----------------------------------------------------------------------------------------------
    def show_result(self, shown: vm.Shown, decimals: int) -> None:
        """Show this one; what only the report has is empty until it comes."""
        self.shown, self.report = shown, None
        self.headline.setText(shown.headline)
        self.figures.show_figures(vm.figures(shown.metrics, shown.currency))
        self.convention_text.setText(shown.convention)
        self.convention.setEnabled(shown.result is not None)
        self._warn(shown.warnings)
        self.trades_view.show_trades(vm.Trades(shown.trades, decimals, shown.symbols))
        self.tabs.setTabText(0, tr("Trades {n}").format(n=f"{len(shown.trades):,}"))
        self.costs.set_figures(shown.metrics, shown.currency)
        self._draw_equity(shown)
        self._show_figures()
        self._show_about(shown)
        for kind in ("html", "json", "parquet"):
            self.export_actions[kind].setEnabled(shown.result is not None)
        self.say_waiting(tr("Being worked out") if shown.result is not None else tr("Not worked out for a portfolio"))

    def say_waiting(self, text: str) -> None:
        """Why there is nothing of the report yet."""
        for plot in self.of_report:
            plot.nothing = text
        self._fill_report(None)

    def show_report(self, report: Report) -> None:
        """The same run, taken apart."""
        if self.shown is None:
            return
        self.report = report
        for plot in self.of_report:
            plot.nothing = tr("No trades")
        self.figures.show_figures(vm.figures(report.metrics, self.shown.currency))
        self.convention_text.setText(report.convention_text)
        self._warn(list(dict.fromkeys([*self.shown.warnings, *map(vm.warning_words, report.warnings)])))
        self.convention.blockSignals(True)
        self.convention.clear()
        for each in report.conventions:
            self.convention.addItem(each.name, each.name)
            self.convention.setItemData(self.convention.count() - 1, each.text, Qt.ItemDataRole.ToolTipRole)
        self.convention.setCurrentIndex(max(self.convention.findData(report.convention), 0))
        self.convention.blockSignals(False)
        self._show_figures()
        self._fill_report(report)

    def _fill_report(self, report: Report | None) -> None:
        self.months.set_rows(report.months if report else [])
        self.conventions.show_rows(report.conventions if report else [], report.convention if report else "")
        if report is None:
            self.returns.set_histogram(type(self.returns.histogram)())
            for groups in (self.hours, self.days, self.sides, self.exits):
                groups.set_groups([])
            for scatter in (self.against, self.favour):
                scatter.set_points(np.empty(0), np.empty(0))
            self.rolling.set_bands([])
            self.exposure.set_bands([])
            return
        self.returns.set_histogram(report.returns, tr("profit over the trade's worth"))
        for groups, found in (
            (self.hours, report.by_hour), (self.days, report.by_weekday),
            (self.sides, report.by_side), (self.exits, report.by_exit),
        ):  # fmt: skip
            groups.set_groups(found, tr("of the entry, UTC") if groups in (self.hours, self.days) else "")
        mae, mfe, result = (
            np.frombuffer(b, "<f8") for b in (report.excursions.mae, report.excursions.mfe, report.excursions.result)
        )
        self.against.set_points(mae, result)
        self.favour.set_points(mfe, result)
        days = tr("{n} days").format(n=report.rolling_days)
        for plot, curve, show, level in (
            (self.rolling, report.rolling_sharpe, formats.number, 0.0),
            (self.exposure, report.exposure, lambda v: formats.percent(v, 0), 0.0),
        ):
            ts, values = np.frombuffer(curve.ts, "<i8"), np.frombuffer(curve.values, "<f8")
            fill = 0.16 if plot is self.exposure else 0.0
            plot.nothing, plot.note = tr("Too short for this"), days
            if plot is self.exposure:
                over = max(1, len(values) // 120)
                values = plot_shapes.smoothed(values, over)
                plot.note = tr("share of the day with a position, negative while short")
                plot.note += tr(", mean of {n} days").format(n=over) if over > 1 else ""
            plot.set_bands([Band("", [Curve("", ts, values, "accent", fill)], show=show, level=level, base=0.0)])

    def _warn(self, notes: list[str]) -> None:
        self.warning.setText("\n".join(notes))
        self.warning.setVisible(bool(notes))

    def _draw_equity(self, shown: vm.Shown) -> None:
        curves = [Curve(tr("Equity"), shown.ts, shown.equity, "info", 0.12)]
        if shown.benchmark.size:
            curves.insert(0, Curve(tr("Hold"), shown.ts, shown.benchmark, "benchmark"))
        fall = Curve(tr("Drawdown"), shown.ts, -np.abs(shown.drawdown), "down", 0.28)
        self.equity.set_bands(
            [
                Band("", curves, 3.0, show=lambda v: formats.money(v, 0), growth=True, log=_wide(curves)),
                Band("", [fall], 1.0, show=lambda v: formats.percent(v, 1), base=0.0),
            ]
        )

    def _show_figures(self) -> None:
        metrics = (
            self.report.metrics if self.report is not None else self.shown.metrics if self.shown is not None else {}
        )
        self.all_figures.show_rows(vm.all_figures(metrics, self.find.text()))

    def _show_about(self, shown: vm.Shown) -> None:
        dim = ink()["dim"].name()
        assumed = "".join(f"<li>{escape(a, quote=False)}</li>" for a in shown.assumptions)
        rows = "".join(
            f'<tr><td style="color:{dim}; padding-right:12px">{escape(k)}</td><td>{escape(v)}</td></tr>'
            for k, v in shown.settings
        )
        rules = escape(shown.rules).replace("\n", "<br>")
        self.about.setText(
            f"<p><b>{escape(tr('Assumed'))}</b></p><ul style='margin-left:-22px'>{assumed}</ul>"
            f"<p><b>{escape(tr('Settings used'))}</b></p><table>{rows}</table>"
            + (f"<p><b>{escape(tr('Rules'))}</b></p><p>{rules}</p>" if rules else "")
        )

    def _on_trade(self, trade: int) -> None:
        self.select_trade(trade)
        self.tradeActivated.emit(trade)

    def select_trade(self, trade: int) -> None:
        """Mark a trade in the table and in the plots."""
        self.trades_view.select(trade)
        self.against.select(trade)
        self.favour.select(trade)


def _wide(curves: list[Curve]) -> bool:
    """Whether one scale would press a curve to the ground: then it is logarithmic."""
    every = np.concatenate([c.values[np.isfinite(c.values)] for c in curves] or [np.empty(0)])
    return bool(every.size and every.min() > 0 and every.max() / every.min() > 6)


def scrolled(widget: QWidget) -> QScrollArea:
    """In a scroll area that shows the panel's background."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    area.viewport().setAutoFillBackground(False)
    widget.setAutoFillBackground(False)
    return area
