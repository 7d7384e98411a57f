"""A table as cells: what they say, what they sort by, their colour. Made when a row comes, not when it is painted."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple


class Cell(NamedTuple):
    """value: what the column sorts by, a number or a text; nan and None come last either way. token: of the theme."""

    text: str
    value: float | str | None = None
    token: str = "text"
    bold: bool = False


class Row(NamedTuple):
    key: Hashable
    cells: tuple[Cell, ...]
    tip: str = ""


class Cells:
    """Rows by key, in the order of one column. Cheap to change; the order is made anew when it is next asked for."""

    def __init__(self, sort: int = -1, descending: bool = True) -> None:
        self._rows: dict[Hashable, Row] = {}
        self._shown: list[Row] | None = None
        self.sort_column, self.descending = sort, descending
        self.keep: Callable[[Row], bool] = lambda _row: True

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._rows

    def set_rows(self, rows: Iterable[Row]) -> None:
        self._rows = {row.key: row for row in rows}
        self._shown = None

    def put(self, row: Row) -> None:
        """A new row, or what is new of one."""
        self._rows[row.key] = row
        self._shown = None

    def clear(self) -> None:
        self.set_rows(())

    def set_sort(self, column: int, descending: bool) -> None:
        """column -1: the order in which they came."""
        self.sort_column, self.descending = column, descending
        self._shown = None

    def set_filter(self, keep: Callable[[Row], bool]) -> None:
        self.keep = keep
        self._shown = None

    @property
    def shown(self) -> list[Row]:
        """What the filter leaves, in order."""
        if self._shown is None:
            rows = [row for row in self._rows.values() if self.keep(row)]
            if self.sort_column >= 0:
                known = [row for row in rows if _value(row, self.sort_column) is not None]
                without = [row for row in rows if _value(row, self.sort_column) is None]
                known.sort(key=lambda row: _key(row, self.sort_column), reverse=self.descending)
                rows = known + without
            self._shown = rows
        return self._shown

    def row(self, place: int) -> Row:
        return self.shown[place]

    def get(self, key: Hashable) -> Row | None:
        return self._rows.get(key)

    def place(self, key: Hashable) -> int:
        """-1 when it is not shown."""
        return next((k for k, row in enumerate(self.shown) if row.key == key), -1)

    def csv(self, titles: Sequence[str]) -> str:
        """What is shown, plain values where there are."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(titles)
        for row in self.shown:
            writer.writerow([_plain(cell) for cell in row.cells])
        return out.getvalue()


def _value(row: Row, column: int) -> float | str | None:
    value = row.cells[column].value
    if value is None:
        return row.cells[column].text or None
    return None if isinstance(value, float) and math.isnan(value) else value


def _key(row: Row, column: int) -> tuple[bool, float, str]:
    value = _value(row, column)
    return (True, 0.0, value.casefold()) if isinstance(value, str) else (False, float(value or 0.0), "")


def _plain(cell: Cell) -> str:
    if cell.value is None or isinstance(cell.value, str):
        return cell.text
    return "" if math.isnan(cell.value) else f"{cell.value:.10g}"
