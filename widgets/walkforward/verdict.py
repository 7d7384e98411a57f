"""The verdict card: in plain words, check by check, with limits that can be changed on the spot."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.robustness import Limits, Verdict
from widgets.ink import ink
from widgets.texts import mark, tr
from widgets.viewmodels.walkforward import LEVELS
from widgets.viewmodels.walkforward_curves import LIMIT_NAMES, check_sign, check_value, limit_text, parse_limit

#: titles of checks that are not asked, which a verdict does not name
TITLES = {
    "luck": mark("Chance that it is luck"),
    "sharpe": mark("Sharpe out of sample"),
    "net_return": mark("Net return"),
    "trades": mark("Trades"),
    "windows": mark("Windows"),
    "profitable_windows": mark("Profitable windows"),
    "psr": mark("Probabilistic Sharpe"),
    "dsr": mark("Deflated Sharpe"),
    "pbo": mark("Overfitting (PBO)"),
    "efficiency": mark("Walk-forward efficiency"),
    "max_drawdown": mark("Largest drawdown"),
    "best_window": mark("Profit from the best window"),
    "best_trade": mark("Profit from the best trade"),
    "stability": mark("Steadiness of the choice"),
}
#: checks that are at most their limit
AT_MOST = {"luck", "pbo", "max_drawdown", "best_window", "best_trade"}
#: px from which on the sentences stand beside the checks
WIDE = 640


class _Line:
    """The widgets of one check."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sign, self.title, self.value, self.sense, self.words = (QLabel() for _ in range(5))
        self.limit, self.must = QLineEdit(), QCheckBox()
        self.title.setText(tr(TITLES[name]))
        self.sense.setText("≤" if name in AT_MOST else "≥")
        self.sense.setStyleSheet(f"color: {ink()['dim'].name()};")
        self.sign.setFont(ink().bold)
        self.sign.setFixedWidth(14)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.limit.setFixedWidth(68)
        self.limit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.limit.setPlaceholderText(tr("none"))
        self.limit.setAccessibleName(tr("Limit of {name}").format(name=tr(TITLES[name])))
        self.must.setToolTip(tr("Must be met: without it nothing passes. Else it is a wish."))
        self.must.setAccessibleName(tr("{name} must be met").format(name=tr(TITLES[name])))
        self.words.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        self.words.setWordWrap(True)

    def place(self, grid: QGridLayout, row: int, *, wide: bool) -> None:
        """The sentence beside the check, or below it."""
        for column, widget in enumerate((self.sign, self.title, self.value, self.sense, self.limit, self.must)):
            grid.addWidget(widget, 2 * row, column)
        grid.addWidget(self.words, *((2 * row, 6, 1, 1) if wide else (2 * row + 1, 1, 1, 5)))


def _style(widget: QWidget, sheet: str) -> None:
    """A style sheet is polished anew even where it is the same."""
    if widget.styleSheet() != sheet:
        widget.setStyleSheet(sheet)


class VerdictCard(QWidget):
    """limitsChanged(Limits): a limit was edited; the owner has everything judged anew and calls `show_verdict`."""

    limitsChanged = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.limits = self.asked = Limits()
        self.verdict: Verdict | None = None
        self.level, self.words = QLabel(), QLabel(wordWrap=True)
        self.level.setStyleSheet("font-size: 17px; font-weight: 600;")
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reset = QPushButton(tr("Reset the limits"))
        self.reset.setProperty("outlined", True)
        self.reset.setToolTip(tr("Back to the limits that the walk-forward was run with"))
        self.reset.clicked.connect(lambda: self._change(self.asked))
        self.edited = QLabel()
        self.edited.setStyleSheet(f"color: {ink()['warn'].name()}; font-size: 11px;")
        self.lines = {name: _Line(name) for name in LIMIT_NAMES}
        self._build()
        self.show_verdict(None, self.limits)

    def _build(self) -> None:
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(10, 8, 10, 8)
        box.setSpacing(6)
        box.addWidget(self.level)
        box.addWidget(self.words)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(2)
        for column, title in enumerate(("", tr("Check"), tr("Value"), "", tr("Limit"), tr("Must"))):
            head = QLabel(title)
            head.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
            if column == 2:
                head.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.grid.addWidget(head, 0, column)
        for line in self.lines.values():
            line.limit.editingFinished.connect(partial(self._edited, line.name))
            line.must.clicked.connect(partial(self._must, line.name))
        self._wide: bool | None = None
        self._arrange(wide=True)
        box.addLayout(self.grid)
        foot = QHBoxLayout()
        foot.addWidget(self.reset)
        foot.addWidget(self.edited, 1)
        box.addLayout(foot)
        box.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inner)
        self.area.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)

    def set_asked(self, limits: Limits) -> None:
        """The limits that a walk-forward was run with; those in use stay."""
        self.asked = limits
        self._show_edited()

    def show_verdict(self, verdict: Verdict | None, limits: Limits, error: str = "") -> None:
        """error: why there is none."""
        self.verdict, self.limits = verdict, limits
        level = LEVELS["error" if error else verdict.level if verdict is not None else ""]
        known = verdict is not None or bool(error)
        self.level.setText(f"{level.sign}  {tr(level.word)}" if known else tr("Choose a strategy."))
        colour = ink()[level.token if known else "dim"].name()
        _style(self.level, f"font-size: 17px; font-weight: 600; color: {colour};")
        self.words.setText(error or (verdict.words if verdict is not None else ""))
        checks = {check.name: check for check in verdict.checks} if verdict is not None else {}
        for name, line in self.lines.items():
            check = checks.get(name)
            sign, token = check_sign(check) if check is not None else ("", "dim")
            line.sign.setText(sign)
            _style(line.sign, f"color: {ink()[token].name()};")
            line.value.setText(check_value(name, check.value) if check is not None else "")
            words = check.words if check is not None else tr("Not asked.") if verdict is not None else ""
            line.words.setText(words)
            line.title.setToolTip(words)
            _style(line.title, "" if check is not None else f"color: {ink()['faint'].name()};")
            line.limit.setText(limit_text(name, getattr(limits, name)))
            _style(line.limit, "")
            line.must.setChecked(name in limits.must)
        self._show_edited()

    def _show_edited(self) -> None:
        changed = self.limits != self.asked
        self.reset.setEnabled(changed)
        self.edited.setText(tr("Judged by edited limits; new runs use them too.") if changed else "")

    def _edited(self, name: str) -> None:
        line = self.lines[name]
        try:
            value = parse_limit(name, line.limit.text())
        except ValueError:
            line.limit.setStyleSheet(f"border: 1px solid {ink()['down'].name()};")
            line.limit.setToolTip(tr("Not a number; empty asks for nothing."))
            return
        line.limit.setToolTip("")
        if limit_text(name, value) != limit_text(name, getattr(self.limits, name)):
            self._change(msgspec.structs.replace(self.limits, **{name: value}))
        else:
            line.limit.setText(limit_text(name, value))

    def _must(self, name: str, on: bool) -> None:
        must = tuple(n for n in LIMIT_NAMES if (n in self.limits.must and n != name) or (n == name and on))
        self._change(msgspec.structs.replace(self.limits, must=must))

    def _change(self, limits: Limits) -> None:
        if limits != self.limits:
            self.limitsChanged.emit(limits)

    def _arrange(self, *, wide: bool) -> None:
        if wide == self._wide:
            return
        self._wide = wide
        for row, line in enumerate(self.lines.values(), 1):
            line.place(self.grid, row, wide=wide)
        self.grid.setColumnStretch(1, 0 if wide else 1)
        self.grid.setColumnStretch(6, 1 if wide else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange(wide=event.size().width() >= WIDE)
        super().resizeEvent(event)
