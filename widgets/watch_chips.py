"""The watchlist's chips: all, the markets, those with signals, the stars and one's own lists, each with its count."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from widgets.flow import Flow
from widgets.icons import icon
from widgets.symbols_drag import MIME, symbols_in
from widgets.texts import tr
from widgets.viewmodels import watchlist as vm


class Chip(QPushButton):
    """dropped(symbols): rows were dragged onto it."""

    dropped = Signal(object)

    def __init__(self, text: str = "", *, takes: bool = False) -> None:
        super().__init__(text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setStyleSheet("padding: 3px 7px;")
        self.setAcceptDrops(takes)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()
            self.setDown(True)

    def dragLeaveEvent(self, event: object) -> None:
        self.setDown(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.setDown(False)
        event.acceptProposedAction()
        self.dropped.emit(symbols_in(event.mimeData()))


class ChipRow(QWidget):
    """chosen(key): '' all, a market id, 'signals', 'stars' or 'list:NAME'. dropped(key, symbols); the key '+' is a new
    list. newAsked(): the + was clicked. menuAsked(list name, place)."""

    chosen = Signal(str)
    dropped = Signal(str, object)
    newAsked = Signal()
    menuAsked = Signal(str, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._row = Flow(spacing=2)
        self._row.setContentsMargins(6, 0, 6, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._row)
        self._plus: Chip | None = None

    def build(self, model: vm.WatchlistModel) -> None:
        """Chips for what the model has now."""
        for chip in (*self.chips.values(), *([self._plus] if self._plus else [])):
            self._group.removeButton(chip)
            self._row.removeWidget(chip)
            chip.deleteLater()
        self.chips.clear()
        for key in ("", *model.markets, "signals", "stars", *(vm.LIST + name for name in model.lists)):
            self.chips[key] = self._made(key)
        self._plus = Chip("+", takes=True)
        self._plus.setToolTip(tr("New list; drop rows here"))
        self._plus.clicked.connect(self.newAsked)
        self._plus.dropped.connect(lambda symbols: self.dropped.emit("+", symbols))
        self._row.addWidget(self._plus)
        self.check(model.only or model.market)

    def _made(self, key: str) -> Chip:
        mine = key.startswith(vm.LIST)
        chip = Chip(takes=mine or key == "stars")
        chip.setCheckable(True)
        tips = {
            "": tr("All symbols"),
            "stars": tr("Starred symbols"),
            "signals": tr("Symbols with a signal in the last 30 minutes"),
        }
        chip.setToolTip(tips.get(key) or (tr("Your list; drop rows here") if mine else vm.market_title(key)))
        if mine:
            chip.setIcon(icon("list", "dim"))
            chip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            name = key.removeprefix(vm.LIST)
            chip.customContextMenuRequested.connect(
                lambda at, c=chip, n=name: self.menuAsked.emit(n, c.mapToGlobal(at))
            )
        chip.clicked.connect(lambda _on=False, k=key: self.chosen.emit(k))
        chip.dropped.connect(lambda symbols, k=key: self.dropped.emit(k, symbols))
        self._group.addButton(chip)
        self._row.addWidget(chip)
        return chip

    def check(self, key: str) -> None:
        self.chips.get(key, self.chips[""]).setChecked(True)

    def show_counts(self, counts: dict[str, int]) -> None:
        for key, chip in self.chips.items():
            title = {"": tr("All"), "stars": "★", "signals": tr("Signals")}.get(key)
            if title is None:
                title = key.removeprefix(vm.LIST) if key.startswith(vm.LIST) else vm.short_market(key)
            text = f"{title} {counts.get(key, 0)}".replace("&", "&&")
            if chip.text() != text:
                chip.setText(text)
