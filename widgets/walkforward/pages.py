"""The pages about one strategy: equity, windows, parameters, matrix of lengths, Monte Carlo."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSlider,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.robustness import MonteCarloFan
from engine.contracts.walkforward import WalkMatrix, WalkResult
from widgets.cell_table import CellTable, columns
from widgets.flow import Flow
from widgets.form import choice
from widgets.ink import Ink, ink
from widgets.job_lines import JobLines
from widgets.plot import Plot
from widgets.texts import mark, tr
from widgets.viewmodels import formats
from widgets.viewmodels import walkforward_curves as curves
from widgets.viewmodels import walkforward_grid as grids
from widgets.viewmodels.cells import Cells
from widgets.viewmodels.walkforward import share, signed
from widgets.walkforward.bars import FoldBars
from widgets.walkforward.equity import EquityPlot
from widgets.walkforward.fan import FanPlot
from widgets.walkforward.heat import DriftPlot, HeatPlot
from widgets.walkforward.lists import outlined

#: figure -> (title, how it is written, coloured)
_TILES = (
    ("net_return", mark("Net return"), "gain"), ("cagr", mark("A year"), "gain"), ("sharpe", mark("Sharpe"), "number"),
    ("sortino", mark("Sortino"), "number"), ("max_drawdown", mark("Max DD"), "share"),
    ("trades", mark("Trades"), "count"), ("profit_factor", mark("Profit factor"), "plain"),
    ("win_rate", mark("Won"), "share"), ("profitable_windows", mark("Windows up"), "share"),
    ("efficiency", mark("Efficiency"), "share"), ("exposure", mark("Exposure"), "share"),
    ("stability", mark("Steadiness"), "share"),
)  # fmt: skip
_TILE_HEIGHT, _TILE_WIDTH = 36, 88


def dim(text: str = "", *, wrap: bool = False) -> QLabel:
    label = QLabel(text, wordWrap=wrap)
    label.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
    return label


def column(widget: QWidget, margin: int = 0, spacing: int = 4) -> QVBoxLayout:
    box = QVBoxLayout(widget)
    box.setContentsMargins(margin, margin, margin, margin)
    box.setSpacing(spacing)
    return box


class Tiles(Plot):
    """Figures side by side, as many in a row as there is room for."""

    def __init__(self) -> None:
        super().__init__(tr("Figures"))
        self.tiles: list[tuple[str, str, str]] = []
        self.setMinimumHeight(_TILE_HEIGHT)

    def set_metrics(self, metrics: Mapping[str, float]) -> None:
        self.tiles = [self._tile(name, title, kind, metrics.get(name, math.nan)) for name, title, kind in _TILES]
        self._fit()
        self.update()

    @staticmethod
    def _tile(name: str, title: str, kind: str, value: float) -> tuple[str, str, str]:
        if not math.isfinite(value):
            return tr(title), "n/a", "faint"
        if kind == "gain":
            return tr(title), formats.percent(value, 1 if abs(value) < 10 else 0), signed(value)
        if kind in ("number", "plain"):
            return tr(title), formats.number(value), signed(value) if kind == "number" else "text"
        return tr(title), formats.number(value, 0) if kind == "count" else share(value, 1), "text"

    def _across(self) -> int:
        return max(self.width() // _TILE_WIDTH, 1)

    def _fit(self) -> None:
        self.setFixedHeight(max(-(-len(self.tiles) // self._across()), 1) * _TILE_HEIGHT + 4)

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._fit()
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(360, _TILE_HEIGHT * 2)

    def draw(self, painter: QPainter, paint: Ink) -> None:
        across = self._across()
        width = (self.width() - 16) / across
        for k, (title, text, token) in enumerate(self.tiles):
            x, y = 10 + round(k % across * width), k // across * _TILE_HEIGHT
            painter.setFont(paint.small)
            painter.setPen(paint["dim"])
            painter.drawText(x, y + 13, title)
            painter.setFont(paint.bold)
            painter.setPen(paint[token])
            painter.drawText(x, y + 30, text)

    def values(self) -> str:
        return "\n".join(f"{title},{text}" for title, text, _ in self.tiles) + "\n" if self.tiles else ""


class EquityPage(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.tiles, self.plot = Tiles(), EquityPlot()
        box = column(self, 0, 2)
        box.addWidget(self.tiles)
        box.addWidget(self.plot, 1)


class WindowsPage(QWidget):
    """foldChosen(number)."""

    foldChosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.bars, self.model = FoldBars(), Cells()
        give = ((900, 10), (720, 5), (720, 3), (620, 9), (520, 8), (470, 7))
        self.table = CellTable(tr("Windows"), self.model, columns(curves.FOLD_COLUMNS, (0, 1, 2, 10), 2), give)
        self.status = dim(tr("Click a window: the chart jumps to it, with its trades."), wrap=True)
        self.status.setContentsMargins(8, 2, 8, 2)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(3)
        split.setChildrenCollapsible(False)
        split.addWidget(self.bars)
        split.addWidget(self.table)
        split.setSizes([120, 300])
        split.setStretchFactor(1, 1)
        box = column(self, 0, 0)
        self.indicators = QToolButton()
        self.indicators.setText(tr("Indicators"))
        self.indicators.setToolTip(tr("Draw the strategy's indicators with the window's parameters on the chart"))
        self.indicators.setCheckable(True)
        self.indicators.setChecked(True)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 6, 2)
        foot.addWidget(self.status, 1)
        foot.addWidget(self.indicators)
        box.addWidget(split, 1)
        box.addLayout(foot)
        self.bars.foldClicked.connect(self.foldChosen)
        self.table.rowActivated.connect(lambda key: self.foldChosen.emit(int(key)))

    def set_walk(self, walk: WalkResult) -> None:
        self.bars.set_folds(walk.folds)
        self.model.set_rows(curves.fold_rows(walk))
        self.table.refreshed()
        self.set_current(-1)

    def set_current(self, number: int) -> None:
        self.bars.set_current(number)
        self.table.select(number if number >= 0 else None)


class ParametersPage(QWidget):
    """The heat map of two parameters, the others by sliders, and how the choice drifted. foldChosen(number)."""

    foldChosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.grid: grids.ParamGrid | None = None
        self.heat, self.drift = HeatPlot(tr("Parameters")), DriftPlot()
        self.x_box, self.y_box, self.part = (
            QComboBox(),
            QComboBox(),
            choice((tr("Train"), "train"), (tr("Test"), "test")),
        )
        self.part.setToolTip(tr("Train: what was chosen by. Test: all sets afterwards, for comparison only"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.window_text = dim()
        self.stability = dim(wrap=True)
        self.stability.setContentsMargins(8, 0, 8, 4)
        self.sliders: dict[str, tuple[QSlider, QLabel]] = {}
        self._others = QVBoxLayout()
        self._others.setSpacing(2)
        top = Flow(5)
        top.setContentsMargins(9, 9, 9, 9)
        for widget in (self.x_box, self.y_box, self.part):
            top.addWidget(widget)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(self.slider, 1)
        row.addWidget(self.window_text)
        box = column(self, 0, 3)
        box.addWidget(top)
        box.addLayout(row)
        box.addLayout(self._others)
        box.addWidget(self.heat, 1)
        box.addWidget(self.drift)
        box.addWidget(self.stability)
        for widget in (self.x_box, self.y_box, self.part):
            widget.currentIndexChanged.connect(lambda _i: self._show(anew=True))
        self.slider.valueChanged.connect(lambda _v: self._show())
        self.drift.foldClicked.connect(self.foldChosen)

    def set_walk(self, walk: WalkResult) -> None:
        before = (self.x_box.currentText(), self.y_box.currentText())
        self.grid = made = grids.ParamGrid(walk)
        first = before if all(n in made.names for n in before) else grids.pairs(made.names)
        for box, name in zip((self.x_box, self.y_box), first):
            box.blockSignals(True)
            box.clear()
            box.addItems(list(made.names))
            box.setCurrentText(name)
            box.blockSignals(False)
        self.slider.blockSignals(True)
        self.slider.setRange(-1, max(made.windows - 1, -1))
        self.slider.setValue(-1)
        self.slider.blockSignals(False)
        self.drift.set_drift(made.names, made.axes, made.drift())
        self._show(anew=True)

    def set_current(self, number: int) -> None:
        self.drift.set_current(number)
        self.slider.setValue(number)

    def _show(self, *, anew: bool = False) -> None:
        made = self.grid
        if made is None:
            return
        if not made.names:
            self.heat.note = tr("No parameter was searched: this strategy has one set.")
            self.heat.update()
            self.stability.setText("")
            self._sliders(())
            return
        x, y = self.x_box.currentText(), self.y_box.currentText()
        if anew:
            self._sliders(tuple(n for n in made.names if n not in (x, y)))
        number, test = self.slider.value(), self.part.currentData() == "test"
        self.window_text.setText(
            tr("All windows") if number < 0 else tr("Window {n} of {all}").format(n=number + 1, all=made.windows)
        )
        found = made.slice(x, y, number, self._fixed(), test=test)
        self.heat.set_slice(found, *made.span(test, mean=number < 0))
        self._say(found)

    def _say(self, found: grids.Slice) -> None:
        assert self.grid is not None
        steady = self.grid.steadiness()
        parts = []
        if steady.windows:
            parts.append(tr("{n} different sets chosen in {w} windows").format(n=steady.sets, w=steady.windows))
        if math.isfinite(steady.kept):
            parts.append(tr("kept from one window to the next {share}").format(share=share(steady.kept)))
        on = grids.plateau_share(found.chosen, self.heat.field)
        if math.isfinite(on):
            parts.append(tr("on the plateau (outlined) {share}").format(share=share(on)))
        self.stability.setText(" · ".join(parts))

    def _fixed(self) -> dict[str, float]:
        assert self.grid is not None
        fixed = {}
        for name, (slider, label) in self.sliders.items():
            axis = self.grid.axes[self.grid.names.index(name)]
            step = slider.value()
            label.setText(f"{name}: {formats.trimmed(float(axis[step])) if step >= 0 else tr('mean of all')}")
            if step >= 0:
                fixed[name] = float(axis[step])
        return fixed

    def _sliders(self, names: tuple[str, ...]) -> None:
        if tuple(self.sliders) == names:
            return
        while self._others.count():
            item = self._others.takeAt(0)
            row = item.widget() if item is not None else None
            if row is not None:
                row.hide()
                row.deleteLater()
        self.sliders.clear()
        assert self.grid is not None
        for name in names:
            row, slider, label = QWidget(), QSlider(Qt.Orientation.Horizontal), dim()
            slider.setRange(-1, len(self.grid.axes[self.grid.names.index(name)]) - 1)
            slider.setValue(-1)
            slider.setAccessibleName(name)
            slider.valueChanged.connect(lambda _v: self._show())
            box = QHBoxLayout(row)
            box.setContentsMargins(8, 0, 8, 0)
            box.addWidget(slider, 1)
            box.addWidget(label)
            self._others.addWidget(row)
            self.sliders[name] = (slider, label)


class MatrixPage(QWidget):
    """matrixAsked(trains, tests); cellChosen(train, test): walk the strategy with these lengths."""

    matrixAsked = Signal(object, object)
    cellChosen = Signal(str, str)
    _FIGURES = (
        ("sharpe", mark("Sharpe")), ("net_return", mark("Net return")), ("efficiency", mark("Efficiency")),
        ("profitable_windows", mark("Windows up")), ("max_drawdown", mark("Max DD")), ("trades", mark("Trades")),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.matrix: WalkMatrix | None = None
        self.trains, self.tests = QLineEdit("6mo, 12mo, 24mo"), QLineEdit("1mo, 3mo, 6mo")
        self.figure = choice(*((tr(title), key) for key, title in self._FIGURES))
        self.figure.setMinimumWidth(120)
        self.run = outlined(tr("Walk the matrix"), tr("The strategy with every pair of these lengths"))
        self.lines = JobLines()
        self.plot = HeatPlot(tr("Matrix of lengths"), down=True)
        self.status = dim(tr("Does it hang on the lengths? A click on a cell walks the strategy with them."), wrap=True)
        self.status.setContentsMargins(8, 2, 8, 4)
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 0)
        for title, editor in ((tr("Train"), self.trains), (tr("Test"), self.tests)):
            row.addWidget(dim(title))
            row.addWidget(editor, 1)
        below = QHBoxLayout()
        below.setContentsMargins(8, 0, 8, 0)
        below.addWidget(self.run)
        below.addStretch(1)
        below.addWidget(self.figure)
        box = column(self, 0, 4)
        box.addLayout(row)
        box.addLayout(below)
        box.addWidget(self.lines)
        box.addWidget(self.plot, 1)
        box.addWidget(self.status)
        self.run.clicked.connect(self._ask)
        self.figure.currentIndexChanged.connect(lambda _i: self._show())
        self.plot.cellClicked.connect(self._click)
        self.plot.lines = self._lines
        self.clear()

    def clear(self) -> None:
        self.matrix = None
        self.run.setEnabled(True)
        self.plot.note = tr("Not walked yet.")
        self.plot.update()

    def _ask(self) -> None:
        lists = [[t.strip() for t in editor.text().split(",") if t.strip()] for editor in (self.trains, self.tests)]
        if all(lists):
            self.plot.note = tr("Walking {n} pairs of lengths").format(n=len(lists[0]) * len(lists[1]))
            self.plot.update()
            self.run.setEnabled(False)
            self.matrixAsked.emit(*lists)

    def set_matrix(self, matrix: WalkMatrix) -> None:
        self.matrix = matrix
        self.run.setEnabled(True)
        self._show()

    def fail(self, text: str) -> None:
        self.run.setEnabled(True)
        self.plot.note = text
        self.plot.update()

    def _show(self) -> None:
        if self.matrix is None:
            return
        name = str(self.figure.currentData())
        values = np.array(
            [[c.metrics.get(name, math.nan) if not c.note else math.nan for c in row] for row in self.matrix.cells]
        )
        fraction = name in ("net_return", "efficiency", "profitable_windows", "max_drawdown")
        self.plot.text = (
            (lambda v: share(v)) if fraction else (lambda v: formats.number(v, 0 if name == "trades" else 2))
        )
        self.plot.set_matrix(values, self.matrix.tests, self.matrix.trains, (tr("test"), tr("train")))
        if name == "max_drawdown":
            self.plot.field = np.zeros(values.shape, bool)

    def _lines(self, row: int, column_: int) -> list[tuple[str, str]]:
        if self.matrix is None:
            return []
        cell = self.matrix.cells[row][column_]
        if cell.note:
            return [(cell.note, "warn")]
        return [
            (tr("{n} windows").format(n=cell.windows), "dim"),
            (tr("Net {x}").format(x=formats.percent(cell.metrics.get("net_return", math.nan), 1)), "dim"),
            (tr("click: walk it"), "info"),
        ]

    def _click(self, row: int, column_: int) -> None:
        if self.matrix is not None and not self.matrix.cells[row][column_].note:
            self.cellChosen.emit(self.matrix.trains[row], self.matrix.tests[column_])


class MonteCarloPage(QWidget):
    """fanAsked(kind, paths)."""

    fanAsked = Signal(str, int)
    _KINDS = (
        (mark("Days drawn anew, in blocks"), "bootstrap"), (mark("Trades in another order"), "shuffle"),
        (mark("Trades drawn anew"), "resample"), (mark("Walked on made-up candles"), "candles"),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.kind = choice(*((tr(title), key) for title, key in self._KINDS))
        self.paths = choice(*((tr("{n} paths").format(n=f"{n:,}"), str(n)) for n in (1_000, 200, 5_000)))
        self.kind.setMinimumWidth(180)
        self.lines = JobLines()
        self.plot = FanPlot()
        self.words = QLabel(wordWrap=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setContentsMargins(10, 2, 10, 6)
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 0)
        row.addWidget(self.kind, 2)
        row.addWidget(self.paths, 1)
        box = column(self, 0, 4)
        box.addLayout(row)
        box.addWidget(self.lines)
        box.addWidget(self.plot, 1)
        box.addWidget(self.words)
        for widget in (self.kind, self.paths):
            # also when the same is chosen again, as after Cancel
            widget.activated.connect(lambda _i: self.ask())

    @property
    def wanted(self) -> tuple[str, int]:
        return str(self.kind.currentData()), int(self.paths.currentData())

    def ask(self) -> None:
        self.plot.set_fan(None, tr("Drawing the paths"))
        self.words.setText("")
        self.fanAsked.emit(*self.wanted)

    def stopped(self) -> None:
        self.set_fan(None, tr("Cancelled. Choose the kind again to draw the paths."))

    def set_fan(self, fan: MonteCarloFan | None, note: str = "") -> None:
        self.plot.set_fan(fan, note)
        self.words.setText("\n".join(curves.fan_words(fan)) if fan is not None else "")
