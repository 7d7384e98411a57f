"""The F1 sheet: every shortcut, grouped."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QVBoxLayout, QWidget

from widgets.ink import ink


class KeySheet(QDialog):
    """rows: (group, keys, what it does)."""

    def __init__(self, rows: list[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        colour = ink()
        self.setStyleSheet(f"QDialog {{ background: {colour['panel'].name()}; }}")
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(5)
        groups = list(dict.fromkeys(g for g, _k, _t in rows))
        tops = [0, 0]
        for group in groups:
            side = 0 if tops[0] <= tops[1] else 1
            head = QLabel(group)
            head.setFont(colour.bold)
            grid.addWidget(head, tops[side], side * 3, 1, 2)
            tops[side] += 1
            for _g, keys, title in (r for r in rows if r[0] == group):
                label = QLabel(keys)
                label.setStyleSheet(
                    f"background: {colour['raised'].name()}; border: 1px solid {colour['border'].name()};"
                    " border-radius: 3px; padding: 1px 6px;"
                )
                grid.addWidget(label, tops[side], side * 3, Qt.AlignmentFlag.AlignLeft)
                grid.addWidget(QLabel(title), tops[side], side * 3 + 1)
                tops[side] += 1
        grid.setColumnMinimumWidth(2, 28)
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 18, 22, 20)
        box.addLayout(grid)
        box.addStretch(1)
