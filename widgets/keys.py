"""The F1 sheet: every shortcut, grouped, with a search; the keys of actions can be changed in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from widgets.form import line
from widgets.ink import ink
from widgets.texts import tr


class KeyRow(NamedTuple):
    """id '' = a key that a panel handles itself and that stays."""

    id: str
    group: str
    keys: str
    title: str


class KeySheet(QDialog):
    """changed({id: keys}) gets what differs when Save is pressed. defaults: id -> its keys as the program has them."""

    def __init__(
        self,
        rows: Sequence[KeyRow],
        defaults: Mapping[str, str],
        changed: Callable[[dict[str, str]], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1120, 680)
        self._rows, self._defaults, self._tell = list(rows), defaults, changed
        self.editors: dict[str, QKeySequenceEdit] = {}
        self._lines: list[tuple[KeyRow, list[QWidget]]] = []
        self.search = line("", tr("Search the shortcuts"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.note = QLabel(wordWrap=True)
        self.note.setStyleSheet(f"color: {ink()['down'].name()};")
        self.ok, self.reset, shut = QPushButton(tr("Save")), QPushButton(tr("All defaults")), QPushButton(tr("Close"))
        self.ok.setProperty("primary", True)
        self.ok.setEnabled(False)
        for button in (self.reset, shut):
            button.setProperty("outlined", True)
        self.ok.clicked.connect(self.accept)
        shut.clicked.connect(self.reject)
        self.reset.clicked.connect(self._back)
        below = QHBoxLayout()
        below.addWidget(self.note, 1)
        for button in (self.reset, shut, self.ok):
            button.setAutoDefault(False)
            below.addWidget(button)
        inner = QWidget()
        inner.setLayout(self._grid())
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inner)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.addWidget(self.search)
        column.addWidget(area, 1)
        column.addLayout(below)
        self.search.setFocus()

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        colour = ink()
        fixed = (
            f"background: {colour['raised'].name()}; border: 1px solid {colour['border'].name()};"
            " border-radius: 3px; padding: 1px 6px;"
        )
        tops = [0, 0]
        for group in dict.fromkeys(r.group for r in self._rows):
            side = 0 if tops[0] <= tops[1] else 1
            head = QLabel(tr(group))
            head.setFont(colour.bold)
            grid.addWidget(head, tops[side], side * 3, 1, 2)
            tops[side] += 1
            for row in (r for r in self._rows if r.group == group):
                keys: QWidget = QLabel(tr(row.keys), styleSheet=fixed) if not row.id else self._editor(row)
                title = QLabel(tr(row.title))
                grid.addWidget(keys, tops[side], side * 3, Qt.AlignmentFlag.AlignLeft)
                grid.addWidget(title, tops[side], side * 3 + 1)
                self._lines.append((row, [keys, title]))
                tops[side] += 1
        grid.setColumnMinimumWidth(2, 20)
        grid.setRowStretch(max(tops), 1)
        return grid

    def _editor(self, row: KeyRow) -> QKeySequenceEdit:
        made = QKeySequenceEdit(QKeySequence(row.keys))
        made.setMaximumSequenceLength(1)
        made.setClearButtonEnabled(True)
        made.setFixedWidth(150)
        made.setAccessibleName(tr(row.title))
        for inside in made.findChildren(QLineEdit):
            inside.setPlaceholderText("–")
        made.keySequenceChanged.connect(lambda _k: self._check())
        self.editors[row.id] = made
        return made

    def chosen(self) -> dict[str, str]:
        """Actions whose keys are others now than when the sheet was opened."""
        before = {r.id: QKeySequence(r.keys).toString() for r in self._rows if r.id}
        now = {name: editor.keySequence().toString() for name, editor in self.editors.items()}
        return {name: keys for name, keys in now.items() if keys != before[name]}

    def _check(self) -> None:
        titles = {r.id: r.title for r in self._rows if r.id}
        seen: dict[str, str] = {}
        clash = ""
        for name, editor in self.editors.items():
            keys = editor.keySequence().toString()
            if keys and keys in seen:
                clash = tr("{keys} is used twice: by “{one}” and “{other}”.").format(
                    keys=keys, one=tr(titles[seen[keys]]), other=tr(titles[name])
                )
            seen.setdefault(keys, name)
        self.note.setText(clash)
        self.ok.setEnabled(bool(self.chosen()) and not clash)

    def _back(self) -> None:
        for name, editor in self.editors.items():
            editor.setKeySequence(QKeySequence(self._defaults.get(name, "")))

    def accept(self) -> None:
        if self.ok.isEnabled():
            self._tell(self.chosen())
            super().accept()

    def _filter(self, text: str) -> None:
        wanted = text.lower().split()
        for row, widgets in self._lines:
            fits = all(w in f"{tr(row.group)} {row.keys} {tr(row.title)}".lower() for w in wanted)
            for widget in widgets:
                widget.setVisible(fits)
