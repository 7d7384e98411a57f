"""The watchlist's filter in the rules language: its line, its timeframe, what comes of it, and saved ones."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QInputDialog, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from widgets.expression_edit import ExpressionEdit
from widgets.icons import icon
from widgets.ink import ink
from widgets.texts import tr
from widgets.throttle import Throttle
from widgets.viewmodels.scans import EXAMPLES, Scan, ScanModel

#: ms between two questions while somebody types
ASK_EVERY = 300


class ScanBar(QWidget):
    """asked(Scan): the engine shall read it (an empty one: no filter). alertAsked(Scan): make an alert of it."""

    asked = Signal(object)
    alertAsked = Signal(object)

    def __init__(self, model: ScanModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.editor = ExpressionEdit(tr("Filter, as RSI(14) < 30"))
        self.editor.setAccessibleName(tr("Filter in the rules language"))
        self.editor.setClearButtonEnabled(True)
        self.timeframe = QComboBox()
        self.timeframe.setAccessibleName(tr("Timeframe of the filter"))
        self.timeframe.setFixedWidth(58)
        self.more = QToolButton()
        self.more.setIcon(icon("menu"))
        self.more.setToolTip(tr("Saved filters"))
        self.more.setAutoRaise(True)
        self.more.clicked.connect(self._on_more)
        self.status = QLabel(wordWrap=True)
        self.status.setContentsMargins(3, 0, 3, 0)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget, share in ((self.editor, 1), (self.timeframe, 0), (self.more, 0)):
            row.addWidget(widget, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 6, 3)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.status)
        self._ask = Throttle(ASK_EVERY, self._write, self)
        self.editor.textChanged.connect(lambda _text: self._ask.request())
        self.editor.returnPressed.connect(self._ask.flush)
        self.timeframe.currentIndexChanged.connect(lambda _index: self._write())

    def set_timeframes(self, names: Sequence[str]) -> None:
        """Those that the engine keeps live."""
        chosen = self.timeframe.currentText() or self.model.active.timeframe or "5m"
        self.timeframe.blockSignals(True)
        self.timeframe.clear()
        self.timeframe.addItems(list(names))
        at = self.timeframe.findText(chosen)
        self.timeframe.setCurrentIndex(max(at, 0))
        self.timeframe.blockSignals(False)

    def put(self, scan: Scan) -> None:
        """Write it as if a person had."""
        self.timeframe.blockSignals(True)
        if (at := self.timeframe.findText(scan.timeframe)) >= 0:
            self.timeframe.setCurrentIndex(at)
        self.timeframe.blockSignals(False)
        self.editor.setText(scan.text)
        self._ask.flush()
        self._write()

    def show_kept(self) -> None:
        """What was kept from the last time, without asking again."""
        self.editor.blockSignals(True)
        self.editor.setText(self.model.written.text)
        self.editor.blockSignals(False)

    def show_answer(self, met: int, unknown: int) -> None:
        """The model has the engine's answer, or other rows meet the filter."""
        problem, text = self.model.problem, self.model.status(met, unknown)
        if problem is not None:
            self.editor.mark_wrong(problem.at, text)
        elif self.editor.wrong_at is not None:
            self.editor.mark_right()
        if self.status.text() != text:
            self.status.setText(text)
            token = "down" if problem is not None else "dim"
            self.status.setStyleSheet(f"color: {ink()[token].name()}; font-size: 11px;")
        self.status.setVisible(bool(text))

    def _write(self) -> None:
        if self.model.write(self.editor.text(), self.timeframe.currentText()):
            self.asked.emit(self.model.written)

    def menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, scan in self.model.saved.items():
            menu.addAction(f"{name}   ({scan.timeframe})", lambda s=scan: self.put(s)).setToolTip(scan.text)
        if self.model.saved:
            menu.addSeparator()
        active = bool(self.model.active) and self.model.problem is None
        menu.addAction(tr("Save this filter..."), self._on_save).setEnabled(active)
        menu.addAction(icon("bell"), tr("Alert me when a symbol meets it..."), self._on_alert).setEnabled(active)
        if self.model.saved:
            gone = menu.addMenu(tr("Delete"))
            for name in self.model.saved:
                gone.addAction(name, lambda n=name: self.model.saved.pop(n, None))
        examples = menu.addMenu(tr("Examples"))
        for name, scan in EXAMPLES.items():
            examples.addAction(f"{tr(name)}   {scan.timeframe}", lambda s=scan: self.put(s)).setToolTip(scan.text)
        return menu

    def _on_more(self) -> None:
        self.menu().popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _on_alert(self) -> None:
        self.alertAsked.emit(self.model.active)

    def _on_save(self) -> None:
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(tr("Save this filter"))
        dialog.setLabelText(tr("Name"))
        dialog.setTextValue(self.model.active.text[:40])
        dialog.textValueSelected.connect(self.model.save)
        dialog.open()
