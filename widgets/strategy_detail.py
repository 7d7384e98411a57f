"""One strategy in full: idea, badge, rules in colour, parameters, ways out, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from engine.contracts.commands import StrategyInfo
from engine.contracts.studio import StrategyStat
from widgets import theme
from widgets.code_view import CodeView
from widgets.flow import Flow
from widgets.icons import icon
from widgets.ink import ink
from widgets.texts import mark, tr
from widgets.viewmodels import strategies as vm
from widgets.viewmodels.language import LanguageModel

_BUTTONS = (
    ("backtest", mark("Back-test"), "backtest", mark("Back-test it on the chart's symbol")),
    ("walkforward", mark("Walk-forward"), "optimise", mark("Optimise its parameters window by window")),
    ("chart", mark("Show on chart"), "chart", mark("Its indicators, and where it would have entered")),
    ("whatif", mark("What if"), "whatif", mark("Drag its stop, target and periods; the back-test follows")),
    ("copy", mark("Copy to editor"), "editor", mark("Begin a strategy of your own with its rules")),
)
SELECT = Qt.TextInteractionFlag.TextSelectableByMouse

#: directions of a strategy, as the engine names them
DIRECTIONS = (mark("long"), mark("short"), mark("both"))


class StrategyDetail(QWidget):
    """wanted('backtest' | 'walkforward' | 'chart' | 'whatif' | 'copy')."""

    wanted = Signal(str)

    def __init__(self, words: LanguageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[str, object] | None = None
        self.title = QLabel(wordWrap=True)
        self.title.setFont(theme.font(15, bold=True))
        self.title.setTextInteractionFlags(SELECT)
        self.name = QLabel()
        self.name.setTextInteractionFlags(SELECT)
        self.badge = QLabel()
        self.idea = QLabel(wordWrap=True)
        self.idea.setTextInteractionFlags(SELECT)
        self.leak = QLabel(wordWrap=True)
        self.leak.setTextInteractionFlags(SELECT)
        self.rule = CodeView(words, read_only=True)
        self.rule.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.buttons: dict[str, QPushButton] = {}
        self._facts = QGridLayout()
        self._params = QGridLayout()
        self._build()

    def _build(self) -> None:
        row = Flow(spacing=4)
        for what, title, symbol, tip in _BUTTONS:
            button = QPushButton(icon(symbol), tr(title))
            button.setProperty("outlined", True)
            button.setToolTip(tr(tip))
            button.clicked.connect(lambda _on=False, w=what: self.wanted.emit(w))
            self.buttons[what] = button
            row.addWidget(button)
        head = Flow(spacing=8)
        head.addWidget(self.name)
        head.addWidget(self.badge)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(12, 8, 12, 10)
        box.setSpacing(8)
        box.addWidget(self.title)
        box.addWidget(head)
        box.addWidget(self.idea)
        box.addWidget(self.leak)
        box.addWidget(row)
        box.addWidget(self.rule)
        for grid in (self._params, self._facts):
            grid.setHorizontalSpacing(14)
            grid.setVerticalSpacing(3)
            box.addLayout(grid)
        box.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        area.setStyleSheet(f"QScrollArea, QScrollArea > QWidget > QWidget {{ background: {ink()['panel'].name()}; }}")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.setMinimumSize(240, 140)

    def show_strategy(self, info: StrategyInfo, stat: StrategyStat) -> None:
        if self._shown == (info.version + info.badge, stat):
            return
        self._shown = (info.version + info.badge, stat)
        self.title.setText(info.title or info.id)
        live = tr("live") if info.live else tr("not live")
        self.name.setText(f"{info.id}  ·  {info.family}  ·  {info.timeframe}  ·  {tr(info.direction)}  ·  {live}")
        self.name.setStyleSheet(f"color: {ink()['dim'].name()};")
        self._show_badge(info)
        self.idea.setText(info.idea)
        self.idea.setVisible(bool(info.idea))
        rules = "\n".join(
            line for line in info.text.split("\n") if not line.startswith(("title ", "idea ", "source ", "family "))
        )
        if self.rule.toPlainText() != rules:
            self.rule.set_text(rules)
        self._fit_rule()
        self._fill(self._params, [(tr("Parameter"), tr("Default"), tr("Searched"))], vm.parameter_rows(info))
        self._fill(self._facts, [], [(name, value) for name, value in vm.facts(info, stat)])

    def _show_badge(self, info: StrategyInfo) -> None:
        words, token = vm.BADGES.get(info.badge, vm.BADGES[""])
        colour = ink()[token].name()
        self.badge.setText(tr("look-ahead: {verdict}").format(verdict=tr(words)))
        self.badge.setToolTip(tr(vm.BADGE_MEANS.get(info.badge, vm.BADGE_MEANS[""])))
        self.badge.setStyleSheet(f"color: {colour}; border: 1px solid {colour}; border-radius: 3px; padding: 0 5px;")
        self.leak.setText(info.leak)
        self.leak.setVisible(bool(info.leak))
        self.leak.setStyleSheet(
            f"color: {ink()['down'].name()}; background: {ink()['down_fill'].name()}; padding: 4px 6px;"
        )

    def _fit_rule(self) -> None:
        """As high as its text, so that only the whole scrolls."""
        line = QFontMetrics(self.rule.font()).lineSpacing()
        wide = max(self.rule.viewport().width(), 200)
        letter = QFontMetrics(self.rule.font()).horizontalAdvance("0")
        rows = sum(1 + (len(text) * letter) // wide for text in self.rule.toPlainText().split("\n"))
        self.rule.setFixedHeight(line * rows + 14)

    def _fill(self, grid: QGridLayout, head: list[tuple[str, ...]], rows: list[tuple[str, ...]]) -> None:
        while grid.count():
            item = grid.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for at, row in enumerate([*(head if rows else []), *rows]):
            for column, text in enumerate(row):
                label = QLabel(text, wordWrap=column == len(row) - 1)
                label.setTextInteractionFlags(SELECT)
                faint = at < len(head) if head else column == 0
                label.setStyleSheet(f"color: {ink()['dim' if faint else 'text'].name()};")
                grid.addWidget(label, at, column, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(max(len(r) for r in rows) - 1 if rows else 0, 1)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit_rule()
