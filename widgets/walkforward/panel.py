"""The walk-forward panel: what to walk above, the windows over time, the ranking and what is known of one strategy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.events import JobProgress
from engine.contracts.robustness import Limits
from engine.contracts.walkforward import Estimate, WalkForwardSpec, WalkResult
from widgets.icons import icon
from widgets.ink import ink
from widgets.panel import Panel
from widgets.texts import tr
from widgets.throttle import Throttle
from widgets.viewmodels import formats
from widgets.viewmodels.walkforward import Ranking, titled
from widgets.walkforward.detail import WalkDetail
from widgets.walkforward.form import WalkFormView
from widgets.walkforward.lists import ComparePage, KeptPage, LivePage, QueuePage, RankingPage
from widgets.walkforward.timeline import Timeline

#: px from which on the detail stands beside the ranking
WIDE = 840
ESTIMATE_MS = 500


class WalkForwardPanel(Panel):
    """runAsked(WalkForwardSpec), stopAsked(job), resumeAsked(WalkForwardSpec), estimateAsked(WalkForwardSpec),
    strategyChosen(id), foldChosen(number), bandsToggled(bool), seen(whether it is on show)."""

    runAsked = Signal(object)
    stopAsked = Signal(str)
    resumeAsked = Signal(object)
    estimateAsked = Signal(object)
    strategyChosen = Signal(str)
    foldChosen = Signal(int)
    bandsToggled = Signal(bool)
    seen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("walkforward", parent)
        self.bar.setContentsMargins(0, 0, 0, 0)
        self.ranking = Ranking()
        self.job, self.running = "", False
        self.spec: WalkForwardSpec | None = None
        self.limits = Limits()
        self._built = False
        self._estimate = Throttle(ESTIMATE_MS, self._ask_estimate, self)
        self._build()
        self._idle("")

    # construction ---------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.form = WalkFormView()
        self.form.changed.connect(self._estimate.request)
        self.timeline = Timeline()
        self.timeline.foldClicked.connect(self.foldChosen)
        self.rank_page, self.kept, self.live = RankingPage(self.ranking), KeptPage(), LivePage()
        self.queue, self.compare, self.detail = QueuePage(), ComparePage(), WalkDetail()
        self.rank_page.strategyChosen.connect(self.strategyChosen)
        self.detail.foldChosen.connect(self.foldChosen)
        self.compare.closeAsked.connect(self._close_compare)
        self.lists = QTabWidget()
        self.lists.setDocumentMode(True)
        self.lists.addTab(self.rank_page, tr("Ranking"))
        self.lists.addTab(self.kept, tr("Kept"))
        self.lists.addTab(self.live, tr("Live"))
        self.lists.addTab(self.queue, tr("Queue"))
        self.compare.setParent(self)
        self.compare.hide()
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setHandleWidth(3)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.lists)
        self.split.addWidget(self.detail)
        self.outer = QSplitter(Qt.Orientation.Vertical)
        self.outer.setHandleWidth(3)
        self.outer.setChildrenCollapsible(False)
        self.timeline.setMinimumHeight(56)
        self.lists.setMinimumHeight(120)
        self.detail.setMinimumHeight(140)
        self.outer.addWidget(self.timeline)
        self.outer.addWidget(self.split)
        self.outer.setSizes([110, 700])
        self.outer.setStretchFactor(1, 1)
        body = QWidget()
        box = QVBoxLayout(body)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(self._head())
        box.addWidget(self.form)
        box.addLayout(self._run_row())
        box.addWidget(self.message)
        box.addWidget(self.outer, 1)
        self.set_body(body)

    def _head(self) -> QHBoxLayout:
        """What is shown, and the button that folds the form away."""
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 6, 0)
        self.headline = QLabel(tr("New walk-forward"))
        self.headline.setStyleSheet(f"color: {ink()['dim'].name()};")
        self.headline.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.more, self.fold_form, self.bands = QToolButton(), QToolButton(), QToolButton()
        for button, text, tip in (
            (self.bands, tr("Bands"), tr("Draw the windows on the chart")),
            (self.more, tr("More"), tr("Range, purge and embargo, search, costs")),
            (self.fold_form, tr("Set up"), tr("Show or fold away the form")),
        ):
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
        self.bands.setChecked(True)
        self.fold_form.setChecked(True)
        self.bands.toggled.connect(self.bandsToggled)
        self.more.toggled.connect(self._show_more)
        self.fold_form.toggled.connect(self._show_form)
        row.addWidget(self.headline, 1)
        for button in (self.bands, self.more, self.fold_form):
            row.addWidget(button)
        return row

    def _run_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(10, 2, 10, 3)
        self.run_button, self.stop_button = QPushButton(tr("Run")), QPushButton(tr("Stop"))
        self.resume_button = QPushButton(tr("Resume"))
        self.run_button.setProperty("primary", True)
        off = f"background: {ink()['raised'].name()}; color: {ink()['faint'].name()};"
        self.run_button.setStyleSheet(f"QPushButton:disabled {{ {off} }}")
        self.run_button.setToolTip(tr("Run the walk-forward (Shift+F10)"))
        self.stop_button.setToolTip(tr("Stop it; what is done is kept, and it can go on later"))
        self.resume_button.setToolTip(tr("Go on with the one that was stopped: what is done is not done again"))
        for button in (self.stop_button, self.resume_button):
            button.setProperty("outlined", True)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setMinimumWidth(40)
        self.status = QLabel()
        self.status.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.run_button.clicked.connect(self.run)
        self.stop_button.clicked.connect(self.stop)
        self.resume_button.clicked.connect(self.resume)
        for button in (self.run_button, self.stop_button, self.resume_button):
            row.addWidget(button)
        row.addSpacing(4)
        row.addWidget(self.progress, 2)
        row.addWidget(self.status, 5)
        self.message = QLabel(wordWrap=True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.setContentsMargins(10, 0, 10, 3)
        self.message.hide()
        return row

    # layout ---------------------------------------------------------------------------------------------------------
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.seen.emit(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ranking and detail side by side where there is room, else one above the other."""
        super().resizeEvent(event)
        wide = event.size().width() >= WIDE
        way = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if way != self.split.orientation() or not self._built:
            self._built = True
            self.split.setOrientation(way)
            self.split.setSizes([430, 570] if wide else [300, 460])

    def _show_more(self, on: bool) -> None:
        if on:
            self.fold_form.setChecked(True)
        self.form.set_more(on)

    def _show_form(self, on: bool) -> None:
        self.form.setVisible(on)

    # what it is asked -----------------------------------------------------------------------------------------------
    def run(self) -> None:
        """Check the form and ask for the run."""
        if self.running:
            return
        spec = self.form.spec(self.limits)
        if spec is None:
            self.fold_form.setChecked(True)
            self.say(tr("Some fields need a correction; nothing was run."), "down")
            return
        self.runAsked.emit(spec)

    def stop(self) -> None:
        if self.running:
            self.status.setText(tr("Stopping; what is done is kept"))
            self.stop_button.setEnabled(False)
            self.stopAsked.emit(self.job)

    def resume(self) -> None:
        if not self.running and self.spec is not None:
            self.resumeAsked.emit(self.spec)

    def _ask_estimate(self) -> None:
        spec = self.form.spec(self.limits, mark_errors=False)
        if spec is not None and not self.running:
            self.estimateAsked.emit(spec)

    def ask_estimate(self) -> None:
        """What the form stands for would take, as soon as it is known."""
        self._estimate.request()

    # what it is handed ----------------------------------------------------------------------------------------------
    def note(self, text: str) -> None:
        """What went well stands in the row of the buttons: a line more would move everything below."""
        self.say("")
        self._status(text, "dim")

    def say(self, text: str, token: str = "dim") -> None:
        """What needs a reader: in a line of its own, "" takes it away."""
        self.message.setText(text)
        self.message.setStyleSheet(f"color: {ink()[token].name()};")
        self.message.setVisible(bool(text))

    def show_estimate(self, found: Estimate) -> None:
        if not self.running:
            text = tr("{n} strategies, {sets} sets, {w} windows, {bars} bars: about {time}").format(
                n=found.strategies, sets=f"{found.sets:,}", w=found.windows, bars=formats.compact(found.bars),
                time=formats.duration(max(found.seconds, 1.0)),
            )  # fmt: skip
            self._status(text, "dim", found.text)

    def show_estimate_error(self, text: str) -> None:
        if not self.running:
            self._status(text, "down", text)

    def _status(self, text: str, token: str, tip: str = "") -> None:
        self.status.setText(text)
        self.status.setToolTip(tip or text)
        self.status.setStyleSheet(f"color: {ink()[token].name()}; font-size: 11px;")

    def begin(self, job: str, spec: WalkForwardSpec, *, anew: bool = True) -> None:
        """A run was asked for. anew: not one that goes on."""
        self.job, self.spec, self.running = job, spec, True
        self.say("")
        if anew:
            self.ranking.clear()
            self.detail.clear()
            self.timeline.set_folds((), judged=False)
            self.rank_page.refresh()
        self.lists.setCurrentWidget(self.rank_page)
        self.headline.setText(titled(spec))
        self.headline.setToolTip(f"{titled(spec)}\n{job}")
        self.run_button.setEnabled(False)
        self.stop_button.setEnabled(True)
        self.stop_button.show()
        self.resume_button.hide()
        self.progress.setValue(0)
        self.progress.show()
        self._status(tr("Starting"), "dim")

    def job_progress(self, event: JobProgress) -> None:
        """Of our own run; others are not handed over."""
        self.progress.setValue(round(event.fraction * 1000))
        eta = tr("{time} left").format(time=formats.duration(event.eta_s)) if event.eta_s >= 0 else ""
        done = tr("{n} done").format(n=len(self.ranking.rows)) if self.ranking.rows else ""
        state = tr("Queued") if event.state == "queued" else f"{event.fraction:.0%}"
        self._status(" · ".join(part for part in (state, done, eta) if part), "dim")

    def end(self, text: str, token: str = "dim", *, resumable: bool = False) -> None:
        """The run is over, whatever became of it."""
        self.running = False
        self._idle(text, token, resumable=resumable)

    def _idle(self, text: str, token: str = "dim", *, resumable: bool = False) -> None:
        self.run_button.setEnabled(True)
        self.stop_button.hide()
        self.resume_button.setVisible(resumable)
        self.progress.hide()
        self.note(text if token == "dim" else "")
        if token != "dim":
            self.say(text, token)

    def show_result(self, job: str, spec: WalkForwardSpec) -> None:
        """A kept walk-forward is what is shown now."""
        self.job, self.spec = job, spec
        self.headline.setText(titled(spec))
        self.headline.setToolTip(f"{titled(spec)}\n{job}")
        self.lists.setCurrentWidget(self.rank_page)
        self.detail.verdict.set_asked(spec.limits)
        self.rank_page.refresh()

    def show_walk(self, walk: WalkResult, limits: Limits) -> None:
        self.timeline.set_folds(walk.folds, judged=True)
        self.timeline.set_current(-1)
        self.detail.show_walk(walk, limits, self.spec.symbol if self.spec is not None else "")
        self.rank_page.table.select(walk.summary.strategy)

    def show_fold(self, number: int) -> None:
        self.timeline.set_current(number)
        self.detail.show_fold(number)

    def show_compare(self, titles: tuple[str, str], one: Sequence, other: Sequence) -> None:  # type: ignore[type-arg]
        if self.lists.indexOf(self.compare) < 0:
            self.lists.addTab(self.compare, tr("Compare"))
        self.compare.show_pair(titles, one, other)
        self.lists.setCurrentWidget(self.compare)

    def _close_compare(self) -> None:
        self.lists.removeTab(self.lists.indexOf(self.compare))
        self.compare.setParent(self)
        self.compare.hide()
        self.lists.setCurrentWidget(self.kept)

    def refresh(self) -> None:
        """New rows came."""
        self.rank_page.refresh()

    def load_icons(self) -> None:
        self.more.setIcon(icon("settings"))


__all__ = ["WalkForwardPanel"]
