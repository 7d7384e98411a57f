"""A fast table of cells: sorted by its header, copied, exported as CSV by its context menu."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QPainter, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import Ink
from widgets.plot import write_text
from widgets.texts import tr
from widgets.viewmodels.cells import Cells


class CellTable(FastTable):
    """model: what is shown. give_way: (width, column), the column is hidden in a table narrower than that. menuAsked
    lets an owner add to the context menu before it is shown."""

    menuAsked = Signal(object, object)

    def __init__(
        self,
        name: str,
        model: Cells,
        columns: Sequence[Column],
        give_way: Sequence[tuple[int, int]] = (),
        parent: QWidget | None = None,
    ) -> None:
        self.cells = model
        super().__init__(list(columns), parent)
        self.name = name
        self._give_way = give_way
        self.setAccessibleName(name)
        self.sortAsked.connect(self._sort_by)
        self.contextAsked.connect(self._menu)
        if model.sort_column >= 0:
            self.show_sort(model.sort_column, model.descending)

    def row_count(self) -> int:
        return len(self.cells.shown)

    def row_key(self, row: int) -> Hashable:
        return self.cells.row(row).key

    def find_key(self, key: Hashable) -> int:
        return self.cells.place(key)

    def row_text(self, row: int) -> list[str]:
        return [cell.text for cell in self.cells.row(row).cells]

    def row_tip(self, row: int, column: int) -> str:
        return self.cells.row(row).tip

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            cells = self.cells.row(row).cells
            for slot in slots:
                cell = cells[slot.column]
                painter.setPen(paint["dim" if self.dimmed else cell.token])
                self.paint_text(painter, slot, row, cell.text)

    def _sort_by(self, column: int, descending: bool) -> None:
        self.cells.set_sort(column, descending)
        self.refreshed()

    def sort_by(self, column: int, descending: bool) -> None:
        self.show_sort(column, descending)
        self._sort_by(column, descending)

    def _menu(self, keys: object, at: QPoint) -> None:
        menu = QMenu(self)
        self.menuAsked.emit(keys, menu)
        if menu.actions():
            menu.addSeparator()
        self._add(menu, tr("Copy"), self.copy)
        self._add(menu, tr("Export as CSV …"), self.export)
        menu.exec(at)
        menu.deleteLater()

    def _add(self, menu: QMenu, title: str, slot: object) -> QAction:
        action = menu.addAction(title)
        action.triggered.connect(lambda _on=False: slot())  # type: ignore[operator]
        return action

    def export(self, path: str = "") -> None:
        """Write what is shown as CSV; asks for the file unless one is given."""
        if not path:
            path, _ = QFileDialog.getSaveFileName(self, tr("Export as CSV"), f"{self.name}.csv", "CSV (*.csv)")
        if path:
            write_text(path, self.cells.csv([column.title for column in self.columns]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        for width, column in self._give_way:
            self.setColumnHidden(column, event.size().width() < width)
        super().resizeEvent(event)


def columns(
    titles: Sequence[tuple[str, int] | tuple[str, int, str]], left: Sequence[int] = (0,), stretch: int = -1
) -> list[Column]:
    """Columns from (title, width[, tip]); all but those of `left` are aligned right."""
    return [
        Column(tr(t[0]), t[1], LEFT if k in left else RIGHT, tr(t[2]) if len(t) > 2 else "", k == stretch)  # type: ignore[misc]
        for k, t in enumerate(titles)
    ]
