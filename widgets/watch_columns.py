"""The dialog for a column of the watchlist that the engine computes: an expression and a timeframe."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from engine.contracts.watch import WatchProblem
from widgets.expression_edit import ExpressionEdit
from widgets.ink import ink
from widgets.texts import tr
from widgets.viewmodels.watchlist import ValueColumn

EXAMPLES = "RSI(14)   ·   ATR(14) / close * 100   ·   volume / SMA(volume, 20)   ·   (close / EMA(50) - 1) * 100"


class ColumnDialog(QDialog):
    """checkAsked(ValueColumn): read it; `answer` gets the verdict. accepted(ValueColumn) by `chosen`."""

    checkAsked = Signal(object)
    chosen = Signal(object)

    def __init__(self, timeframes: Sequence[str], column: ValueColumn | None = None, parent: QWidget | None = None):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Column") if column else tr("Add a column"))
        self.setMinimumWidth(440)
        self.expression = ExpressionEdit("RSI(14)")
        self.timeframe, self.heading = QComboBox(), QLineEdit()
        self.timeframe.addItems(list(timeframes))
        self.heading.setPlaceholderText(tr("as written"))
        self.heading.setMaxLength(24)
        if column is not None:
            self.expression.setText(column.expression)
            self.heading.setText(column.title)
            self.timeframe.setCurrentText(column.timeframe)
        form = QFormLayout()
        form.addRow(tr("Expression"), self.expression)
        form.addRow(tr("Timeframe"), self.timeframe)
        form.addRow(tr("Heading"), self.heading)
        self._closed = False
        self.error = QLabel(wordWrap=True)
        self.error.setMinimumHeight(32)
        hint = QLabel(EXAMPLES, wordWrap=True)
        hint.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error.setStyleSheet(f"color: {ink()['down'].name()}; font-size: 11px;")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(lambda: self.checkAsked.emit(self.column))
        buttons.rejected.connect(self.reject)
        column_box = QVBoxLayout(self)
        column_box.addLayout(form)
        for widget in (self.error, hint, buttons):
            column_box.addWidget(widget)
        self.expression.textChanged.connect(lambda _t: self._forget())
        self.expression.setFocus()

    def done(self, result: int) -> None:
        self._closed = True
        super().done(result)

    @property
    def column(self) -> ValueColumn:
        return ValueColumn(self.expression.text().strip(), self.timeframe.currentText(), self.heading.text().strip())

    def answer(self, problem: WatchProblem | None) -> None:
        """The engine's verdict on what was asked; of a dialog that was closed meanwhile nobody wants to know."""
        if self._closed:
            return
        if problem is None:
            self.chosen.emit(self.column)
            self.accept()
            return
        self.error.setText(f"{problem.what} {problem.fix}".strip())
        self.expression.mark_wrong(problem.at, problem.what)

    def _forget(self) -> None:
        self.error.clear()
        self.expression.mark_right()
