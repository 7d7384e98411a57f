"""The lists of the panel's left side: the ranking with its filter, kept walk-forwards, what is live, the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.contracts.walkforward import Promoted, QueueEntry, WalkForwardSummary, WalkSummary
from widgets.cell_table import CellTable, columns
from widgets.ink import ink
from widgets.panel import Panel
from widgets.texts import mark, tr
from widgets.viewmodels import walkforward as vm
from widgets.viewmodels import walkforward_curves as curves
from widgets.viewmodels.cells import Cells
from widgets.watchlist import FilterBox

_GIVE_WAY = (
    (754, vm.LUCK), (702, vm.PBO), (652, vm.EFFICIENCY), (600, vm.UP), (554, vm.FRAME), (518, vm.TRADES),
    (462, vm.DRAWDOWN), (380, vm.DSR),
)  # fmt: skip


def outlined(title: str, tip: str = "") -> QPushButton:
    button = QPushButton(title)
    button.setProperty("outlined", True)
    button.setToolTip(tip)
    return button


class ListPage(Panel):
    """A table with a row of buttons above."""

    def __init__(self, name: str, table: CellTable) -> None:
        super().__init__(name)
        self.bar.setContentsMargins(6, 3, 6, 3)
        self.table = table
        body = QWidget()
        box = QVBoxLayout(body)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(table)
        self.set_body(body)


class RankingPage(Panel):
    """strategyChosen(id). Marked rows are shown by `refresh`, which is called once a frame."""

    strategyChosen = Signal(str)

    def __init__(self, ranking: vm.Ranking) -> None:
        super().__init__("walkRanking")
        self.ranking = ranking
        self.bar.setContentsMargins(6, 3, 6, 3)
        self.filter = FilterBox(tr("Filter strategies"))
        self.family, self.level = QComboBox(), QComboBox()
        for box in (self.family, self.level):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(9)
        self.family.addItem(tr("All families"), "")
        for title in vm.SHOWN:
            self.level.addItem(tr(title), title)
        self.bar.addWidget(self.filter, 2)
        self.bar.addWidget(self.family, 1)
        self.bar.addWidget(self.level, 1)
        self.table = CellTable(
            tr("Ranking"), ranking.cells, columns(vm.COLUMNS, (0, 1, vm.VERDICT), vm.STRATEGY), _GIVE_WAY
        )
        self.count = QLabel()
        self.count.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        self.count.setContentsMargins(8, 2, 8, 3)
        body = QWidget()
        box_ = QVBoxLayout(body)
        box_.setContentsMargins(0, 0, 0, 0)
        box_.setSpacing(0)
        box_.addWidget(self.table, 1)
        box_.addWidget(self.count)
        self.set_body(body)
        self.table.rowActivated.connect(lambda key: self.strategyChosen.emit(str(key)))
        self.filter.textChanged.connect(lambda _t: self._filter())
        self.filter.leaveAsked.connect(self.table.setFocus)
        for box in (self.family, self.level):
            box.currentIndexChanged.connect(lambda _i: self._filter())
        self.refresh()

    def set_families(self, families: Iterable[str]) -> None:
        chosen = self.family.currentData()
        self.family.blockSignals(True)
        self.family.clear()
        self.family.addItem(tr("All families"), "")
        for family in sorted(set(families)):
            self.family.addItem(family, family)
        self.family.setCurrentIndex(max(self.family.findData(chosen), 0))
        self.family.blockSignals(False)
        self._filter()

    def _filter(self) -> None:
        levels = vm.SHOWN.get(str(self.level.currentData()), ())
        self.ranking.set_filter(self.filter.text(), str(self.family.currentData() or ""), levels)
        self.refresh()

    def refresh(self) -> None:
        self.table.refreshed()
        shown, there = len(self.ranking.cells.shown), len(self.ranking.rows)
        self.count.setText(
            f"{tr('{n} of {all} strategies').format(n=shown, all=there)} · {self.ranking.headline()}" if there else ""
        )
        if why := self.ranking.why_empty():
            self.set_empty(why)
        elif not there:
            self.set_empty(tr("No walk-forward yet. Press Run, or open a kept one."))
        else:
            self.set_ready()

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.table.current is not None:
            self.strategyChosen.emit(str(self.table.current))
        else:
            super().keyPressEvent(event)


class KeptPage(ListPage):
    """openAsked(job), compareAsked(job, job), resumeAsked(job), pageAsked(job)."""

    openAsked = Signal(str)
    compareAsked = Signal(str, str)
    resumeAsked = Signal(str)
    pageAsked = Signal(str)

    def __init__(self) -> None:
        self.model = Cells()
        give = ((700, 4), (640, 3), (560, 6), (500, 2), (420, 5))
        table = CellTable(
            tr("Kept walk-forwards"), self.model, columns(vm.KEPT_COLUMNS, (0, 1, 2, 3, 4, 5, 8), 5), give
        )
        super().__init__("walkKept", table)
        self.complete: dict[str, bool] = {}
        self.open, self.compare = outlined(tr("Open")), outlined(tr("Compare"), tr("Two that are selected with Ctrl"))
        self.resume, self.page = outlined(tr("Resume")), outlined(tr("Page"), tr("As one HTML page, in the browser"))
        for button in (self.open, self.compare, self.resume, self.page):
            self.bar.addWidget(button)
        self.bar.addStretch(1)
        table.rowActivated.connect(lambda key: self._update())
        self.open.clicked.connect(lambda: self._each(self.openAsked))
        self.resume.clicked.connect(lambda: self._each(self.resumeAsked))
        self.page.clicked.connect(lambda: self._each(self.pageAsked))
        self.compare.clicked.connect(self._compare)
        table.viewport().installEventFilter(self)
        self.set_empty(tr("No walk-forward is kept yet."))
        self._update()

    def set_runs(self, runs: Sequence[WalkForwardSummary]) -> None:
        self.model.set_rows(vm.kept_rows(runs))
        self.complete = {run.job: run.complete for run in runs}
        self.table.refreshed()
        self.set_ready() if runs else self.set_empty(tr("No walk-forward is kept yet."))
        self._update()

    def eventFilter(self, watched, event) -> bool:  # type: ignore[no-untyped-def]
        if event.type() == event.Type.MouseButtonDblClick:
            row = self.table.row_at(event.position().toPoint())
            if row >= 0:
                self.openAsked.emit(str(self.table.row_key(row)))
                return True
        elif event.type() == event.Type.MouseButtonRelease:
            self._update()
        return super().eventFilter(watched, event)

    def _chosen(self) -> list[str]:
        return [str(row.key) for row in self.model.shown if row.key in self.table.selected]

    def _update(self) -> None:
        chosen = self._chosen()
        one = len(chosen) == 1
        self.open.setEnabled(one)
        self.page.setEnabled(one and self.complete.get(chosen[0], False))
        self.resume.setEnabled(one and not self.complete.get(chosen[0], True))
        self.compare.setEnabled(len(chosen) == 2)

    def _each(self, signal: object) -> None:
        for job in self._chosen()[:1]:
            signal.emit(job)  # type: ignore[attr-defined]

    def _compare(self) -> None:
        chosen = self._chosen()
        if len(chosen) == 2:
            self.compareAsked.emit(*chosen)


class LivePage(ListPage):
    """What is promoted, and what was. rollBackAsked(number)."""

    rollBackAsked = Signal(int)

    def __init__(self) -> None:
        self.model = Cells()
        give = ((760, 7), (640, 6), (560, 4), (500, 2), (360, 3))
        table = CellTable(tr("Promoted"), self.model, columns(curves.LIVE_COLUMNS, (0, 1, 2, 3, 4, 5, 7), 3), give)
        super().__init__("walkLive", table)
        self.live: set[int] = set()
        self.roll_back = outlined(
            tr("Roll back"), tr("What was live before it is live again: an earlier set, or the defaults")
        )
        hint = QLabel(tr("Live parameters drive signals only; no orders are placed."))
        hint.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        hint.setSizePolicy(hint.sizePolicy().Policy.Ignored, hint.sizePolicy().verticalPolicy())
        self.bar.addWidget(self.roll_back)
        self.bar.addWidget(hint, 1)
        table.rowActivated.connect(lambda _key: self._update())
        self.roll_back.clicked.connect(self._roll_back)
        self.set_promoted([])

    def set_promoted(self, promoted: Iterable[Promoted]) -> None:
        """All, the withdrawn ones too."""
        found = list(promoted)
        self.live = {p.number for p in found if p.until_ms == 0}
        self.model.set_rows(curves.live_rows(found))
        self.table.refreshed()
        empty = tr("Nothing is promoted: every strategy runs live with its defaults.")
        self.set_ready() if found else self.set_empty(empty)
        self._update()

    def _update(self) -> None:
        self.roll_back.setEnabled(self.table.current in self.live)

    def _roll_back(self) -> None:
        if self.table.current in self.live:
            self.rollBackAsked.emit(int(self.table.current))


class QueuePage(ListPage):
    """queueAsked(symbols text), holdAsked(bool), clearAsked()."""

    queueAsked = Signal()
    holdAsked = Signal(bool)
    clearAsked = Signal()

    def __init__(self) -> None:
        self.model = Cells()
        table = CellTable(tr("Queue"), self.model, columns(curves.QUEUE_COLUMNS, (0, 1, 2, 3), 3))
        super().__init__("walkQueue", table)
        self.add = outlined(tr("Queue symbols …"), tr("The form's settings on several symbols, one after the other"))
        self.hold, self.clear = outlined(tr("Pause")), outlined(tr("Clear"), tr("Forget what waits or has failed"))
        for button in (self.add, self.hold, self.clear):
            self.bar.addWidget(button)
        self.bar.addStretch(1)
        self.stopped = False
        self.add.clicked.connect(self.queueAsked)
        self.hold.clicked.connect(lambda: self.holdAsked.emit(not self.stopped))
        self.clear.clicked.connect(self.clearAsked)
        self.set_queue([], False)

    def set_queue(self, entries: Sequence[QueueEntry], stopped: bool) -> None:
        self.stopped = stopped
        self.model.set_rows(curves.queue_rows(entries, stopped))
        self.table.refreshed()
        self.hold.setText(tr("Go on") if stopped else tr("Pause"))
        self.hold.setToolTip(
            tr("Go on with the queue") if stopped else tr("Begin nothing new; what runs is stopped and goes on later")
        )
        self.hold.setEnabled(bool(entries) or stopped)
        self.clear.setEnabled(bool(entries))
        self.set_ready() if entries else self.set_empty(
            tr("The queue is empty. It walks the form's settings over several symbols, one after the other.")
        )


class ComparePage(ListPage):
    """Two kept walk-forwards side by side, a strategy a row."""

    closeAsked = Signal()

    def __init__(self) -> None:
        self.model = Cells(7, True)
        titles: list[tuple[str, int]] = [(mark("Strategy"), 130)]
        for _key, title in vm.COMPARED:
            titles += [(f"{tr(title)} A", 64), (f"{tr(title)} B", 64)]
        titles += [(mark("Change"), 60), (mark("Verdict A"), 92), (mark("Verdict B"), 92)]
        give = ((720, 5), (720, 6), (600, 8), (600, 9), (440, 3), (440, 4))
        table = CellTable(tr("Comparison"), self.model, columns(titles, (0, 8, 9), 0), give)
        super().__init__("walkCompare", table)
        self.head = QLabel(wordWrap=True)
        self.head.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        close = outlined(tr("Close"))
        close.clicked.connect(self.closeAsked)
        self.bar.addWidget(self.head, 1)
        self.bar.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)

    def show_pair(self, titles: tuple[str, str], one: Sequence[WalkSummary], other: Sequence[WalkSummary]) -> None:
        self.head.setText(f"A  {titles[0]}\nB  {titles[1]}")
        self.model.set_rows(vm.compared({r.strategy: r for r in one}, {r.strategy: r for r in other}))
        self.table.refreshed()
        self.set_ready()


__all__ = ["ComparePage", "KeptPage", "LivePage", "QueuePage", "RankingPage", "outlined"]
