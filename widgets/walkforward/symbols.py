"""Which symbols the queue shall walk, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from widgets.ink import ink
from widgets.texts import tr
from widgets.watchlist import FilterBox


class SymbolsDialog(QDialog):
    """chosen(list of symbols), at least one. Deletes itself when it is closed."""

    chosen = Signal(object)

    def __init__(self, symbols: Sequence[str], first: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Queue symbols"))
        self.resize(360, 460)
        self.filter, self.list, self.count = FilterBox(tr("Filter symbols")), QListWidget(), QLabel()
        self.count.setStyleSheet(f"color: {ink()['dim'].name()};")
        for symbol in symbols:
            item = QListWidgetItem(symbol)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if symbol == first else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setText(tr("Queue them"))
        box = QVBoxLayout(self)
        for widget in (self.filter, self.list, self.count, self.buttons):
            box.addWidget(widget)
        self.filter.textChanged.connect(self._filter)
        self.filter.leaveAsked.connect(self.list.setFocus)
        self.list.itemChanged.connect(lambda _i: self._count())
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        self._count()

    def symbols(self) -> list[str]:
        items = (self.list.item(k) for k in range(self.list.count()))
        return [item.text() for item in items if item.checkState() == Qt.CheckState.Checked]

    def _filter(self, text: str) -> None:
        for k in range(self.list.count()):
            item = self.list.item(k)
            item.setHidden(text.casefold() not in item.text().casefold())

    def _count(self) -> None:
        chosen = len(self.symbols())
        self.count.setText(tr("{n} chosen").format(n=chosen))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(chosen > 0)

    def _accept(self) -> None:
        self.chosen.emit(self.symbols())
        self.accept()
