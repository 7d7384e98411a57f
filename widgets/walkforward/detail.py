"""Everything about one strategy of a walk-forward, in tabs; pages that cost something ask when they are first seen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QTabWidget, QWidget

from engine.contracts.robustness import Limits
from engine.contracts.walkforward import WalkResult
from widgets.ink import ink
from widgets.panel import Panel
from widgets.texts import mark, tr
from widgets.viewmodels.walkforward import LEVELS, level_of
from widgets.viewmodels.walkforward_curves import EMPTY, Curve, params_text
from widgets.walkforward.lists import outlined
from widgets.walkforward.pages import EquityPage, MatrixPage, MonteCarloPage, ParametersPage, WindowsPage, column
from widgets.walkforward.verdict import VerdictCard

VERDICT, EQUITY, WINDOWS, PARAMETERS, MATRIX, FAN = range(6)
_TITLES = (mark("Verdict"), mark("Equity"), mark("Windows"), mark("Parameters"), mark("Matrix"), mark("Monte Carlo"))


class WalkDetail(Panel):
    """foldChosen(number), fanAsked(kind, paths), promoteAsked(strategy)."""

    foldChosen = Signal(int)
    fanAsked = Signal(str, int)
    promoteAsked = Signal(str)

    def __init__(self) -> None:
        super().__init__("walkDetail")
        self.walk: WalkResult | None = None
        self._due: set[int] = set()
        self._fold = -1
        self.symbol = ""
        self.title, self.chip = QLabel(), QLabel()
        self.title.setFont(ink().bold)
        self.promote = outlined(tr("Promote …"), tr("Make the newest window's parameters live on this symbol"))
        self.promote.clicked.connect(self.ask_promote)
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 4, 0)
        head.addWidget(self.title)
        head.addWidget(self.chip)
        head.addStretch(1)
        head.addWidget(self.promote)
        self.bar.addLayout(head, 1)
        self.verdict, self.equity, self.windows = VerdictCard(), EquityPage(), WindowsPage()
        self.parameters, self.matrix, self.fan = ParametersPage(), MatrixPage(), MonteCarloPage()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setUsesScrollButtons(True)
        pages: tuple[QWidget, ...] = (
            self.verdict, self.equity, self.windows, self.parameters, self.matrix, self.fan,
        )  # fmt: skip
        for page, title in zip(pages, _TITLES, strict=True):
            self.tabs.addTab(page, tr(title))
        self.confirm = QFrame()
        self.confirm.setStyleSheet(f"QFrame {{ background: {ink().mix('warn', 'panel', 0.14).name()}; }}")
        self.question = QLabel(wordWrap=True)
        yes, no = QPushButton(tr("Promote")), outlined(tr("Cancel"))
        yes.setProperty("primary", True)
        yes.clicked.connect(self._promote)
        no.clicked.connect(self.confirm.hide)
        line = QHBoxLayout(self.confirm)
        line.setContentsMargins(10, 4, 8, 4)
        line.addWidget(self.question, 1)
        line.addWidget(yes)
        line.addWidget(no)
        self.confirm.hide()
        body = QWidget()
        column(body, 0, 0).addWidget(self.confirm)
        body.layout().addWidget(self.tabs)  # type: ignore[union-attr]
        self.set_body(body)
        self.tabs.currentChanged.connect(lambda _i: self._seen())
        self.windows.foldChosen.connect(self.foldChosen)
        self.parameters.foldChosen.connect(self.foldChosen)
        self.fan.fanAsked.connect(self.fanAsked)
        self.clear()

    def clear(self) -> None:
        self.walk = None
        self.confirm.hide()
        self.title.setText("")
        self.chip.setText("")
        self.promote.hide()
        self.set_empty(tr("Click a strategy of the ranking: its verdict, equity, windows and parameters stand here."))

    def ask_promote(self) -> None:
        """Say what it would do, before it is done."""
        if self.walk is None:
            return
        summary = self.walk.summary
        fold = next((f for f in reversed(self.walk.folds) if f.chosen >= 0), None)
        if fold is None:
            return
        text = tr(
            "From now on {name} gives its live signals on {symbol} {tf} with {params}, what its newest window chose. "
            "No orders are placed, and it can be rolled back."
        ).format(name=summary.strategy, symbol=self.symbol, tf=summary.timeframe, params=params_text(fold.params))
        if not summary.passed:
            text += " " + tr("It did not pass: {words}").format(words=summary.words)
        self.question.setText(text)
        self.confirm.show()

    def _promote(self) -> None:
        self.confirm.hide()
        if self.walk is not None:
            self.promoteAsked.emit(self.walk.summary.strategy)

    def show_verdict(self, walk: WalkResult, limits: Limits) -> None:
        """The same walk, judged by these limits."""
        self.walk = walk
        summary = walk.summary
        level = LEVELS.get(level_of(summary), LEVELS[""])
        self.title.setText(f"{summary.strategy}  {summary.timeframe}")
        self.chip.setText(f"{level.sign} {tr(level.word)}")
        if (sheet := f"color: {ink()[level.token].name()};") != self.chip.styleSheet():
            self.chip.setStyleSheet(sheet)
        self.promote.setVisible(any(fold.chosen >= 0 for fold in walk.folds))
        self.verdict.show_verdict(walk.verdict, limits, summary.error)

    def show_walk(self, walk: WalkResult, limits: Limits, symbol: str) -> None:
        """limits: those that its verdict was made by."""
        other = self.walk is None or self.walk.summary.strategy != walk.summary.strategy
        self.symbol = symbol
        self.confirm.hide()
        self.show_verdict(walk, limits)
        if other:
            self.matrix.clear()
            self.equity.plot.set_curve(EMPTY)
        self._due = {EQUITY, WINDOWS, PARAMETERS, FAN}
        self._fold = -1
        self._seen()
        self.set_ready()

    def show_curve(self, curve: Curve) -> None:
        self.equity.plot.set_curve(curve)

    def show_fold(self, number: int) -> None:
        """The window stands out on every page; the table of windows is raised unless it is seen in the heat map."""
        self._fold = number
        if self.tabs.currentIndex() != PARAMETERS:
            self.tabs.setCurrentIndex(WINDOWS)
        for place, page in ((WINDOWS, self.windows), (PARAMETERS, self.parameters)):
            if place not in self._due:
                page.set_current(number)

    def _seen(self) -> None:
        """Fill the page that is seen, once a walk: all of them at once would be felt."""
        place, walk = self.tabs.currentIndex(), self.walk
        if walk is None or place not in self._due:
            return
        self._due.discard(place)
        if place == EQUITY:
            self.equity.tiles.set_metrics(walk.summary.metrics)
        elif place == FAN and walk.summary.error:
            self.fan.set_fan(None, walk.summary.error)
        elif place == FAN:
            self.fan.ask()
        else:
            page = self.windows if place == WINDOWS else self.parameters
            page.set_walk(walk)
            page.set_current(self._fold)
