"""The jobs panel: state, progress and estimate of all long work; cancel it, open what it made, read why it failed."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget

from widgets.fast_table import CENTRE, LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import ROW_HEIGHT, Ink
from widgets.panel import Panel
from widgets.texts import tr
from widgets.viewmodels import jobs as vm
from widgets.watchlist import FilterBox

_TONES = {"queued": "dim", "running": "accent", "done": "up", "failed": "down", "cancelled": "warn"}


class JobsTable(FastTable):
    """opened(job id): double click or Enter."""

    opened = Signal(str)

    def __init__(self, model: vm.JobsModel, now_ms: Callable[[], int]) -> None:
        self.rows, self._now_ms = model, now_ms
        super().__init__(
            [
                Column(tr(title), width, RIGHT if k in (vm.LEFT_, vm.TOOK) else LEFT, stretch=k == vm.STEP)
                for k, (title, width) in enumerate(vm.COLUMNS)
            ]
        )
        self.setAccessibleName(tr("Jobs"))
        self.horizontalHeader().setSectionsClickable(False)

    def row_count(self) -> int:
        return len(self.rows.rows)

    def row_key(self, row: int) -> Hashable:
        return self.rows.rows[row].job.job

    def row_text(self, row: int) -> list[str]:
        return vm.cells(self.rows.rows[row], self._now_ms())

    def row_tip(self, row: int, column: int) -> str:
        job = self.rows.rows[row].job
        return "\n".join(part for part in (job.title, job.error or tr(job.step)) if part)

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            job, texts = self.rows.rows[row].job, self.row_text(row)
            for slot in slots:
                if slot.column == vm.PROGRESS:
                    self._paint_progress(painter, slot, row, texts[slot.column], paint)
                    continue
                token = "text" if slot.column == vm.TITLE else "dim"
                if slot.column == vm.STATE:
                    token = _TONES.get(job.state, "dim")
                elif slot.column == vm.STEP and job.error:
                    token = "down"
                painter.setPen(paint[token])
                self.paint_text(painter, slot, row, texts[slot.column])

    def _paint_progress(self, painter: QPainter, slot: Slot, row: int, text: str, paint: Ink) -> None:
        job, top = self.rows.rows[row].job, self.row_top(row)
        if job.state not in ("running", "done"):
            return
        box = QRect(slot.x + 6, top + 4, slot.width - 12, ROW_HEIGHT - 8)
        share = 1.0 if job.state == "done" else min(max(job.fraction, 0.0), 1.0)
        painter.fillRect(box, paint["raised"])
        tone = "up" if job.state == "done" else "accent"
        painter.fillRect(box.x(), box.y(), round(box.width() * share), box.height(), paint.mix(tone, "panel", 0.55))
        painter.setPen(paint["text"])
        painter.drawText(box, CENTRE, text)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().toPoint())
        if row >= 0:
            self.opened.emit(str(self.row_key(row)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.opened.emit(str(self.current))
        else:
            super().keyPressEvent(event)


class JobsPanel(Panel):
    """cancelAsked(job ids), openAsked(job id)."""

    cancelAsked = Signal(object)
    openAsked = Signal(str)

    def __init__(self, model: vm.JobsModel, now_ms: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__("jobs", parent)
        self.model = model
        self.filter = FilterBox(tr("Filter jobs"))
        self.filter.setMaximumWidth(220)
        self.open = QPushButton(tr("Open result"))
        self.cancel = QPushButton(tr("Cancel"))
        self.clear = QPushButton(tr("Clear ended"))
        self._counts = QLabel()
        self.bar.addWidget(self.filter, 1)
        for button in (self.open, self.cancel, self.clear):
            button.setProperty("outlined", True)
            self.bar.addWidget(button)
        self.bar.addStretch(1)
        self.bar.addWidget(self._counts)
        self.table = JobsTable(model, now_ms)
        self.set_body(self.table)
        self.table.rowActivated.connect(lambda _key: self.refresh())
        self.table.opened.connect(self.openAsked)
        self.table.contextAsked.connect(self._menu)
        self.open.clicked.connect(lambda: self.table.current and self.openAsked.emit(str(self.table.current)))
        self.cancel.clicked.connect(lambda: self.cancelAsked.emit(self._chosen()))
        self.clear.clicked.connect(lambda: (model.clear_ended(), self.refresh()))
        self.filter.textChanged.connect(lambda text: (model.set_text(text), self.refresh()))
        self.filter.leaveAsked.connect(self.table.setFocus)
        self.refresh()

    def refresh(self) -> None:
        """Once a frame when a job has said something, and once a second while one runs."""
        empty = self.model.explain_empty()
        if empty:
            self.set_empty(empty)
        else:
            self.set_ready()
        current = self.model.row_of(str(self.table.current)) if self.table.current is not None else None
        self.open.setEnabled(current is not None and current.job.state == "done")
        self.cancel.setEnabled(bool(self._chosen()))
        self.clear.setEnabled(len(self.model.rows) > self.model.busy())
        self._counts.setText(self.model.counts())
        self.table.refreshed()

    def _chosen(self) -> list[str]:
        """The selected jobs that can be cancelled; the only busy one where none is selected."""
        rows = [r for r in self.model.rows if r.busy]
        chosen = [r.job.job for r in rows if r.job.job in self.table.selected]
        return chosen or ([rows[0].job.job] if len(rows) == 1 and not self.table.selected else [])

    def _menu(self, keys: list[str], at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row = self.model.row_of(keys[0])
        if row is not None and row.job.state == "done":
            menu.addAction(tr("Open result"), lambda: self.openAsked.emit(keys[0]))
        if busy := self._chosen():
            menu.addAction(tr("Cancel"), lambda: self.cancelAsked.emit(busy))
        if row is not None and row.job.error:
            menu.addAction(tr("Copy the error"), lambda: QGuiApplication.clipboard().setText(row.job.error))
        menu.addAction(tr("Copy"), self.table.copy)
        menu.popup(at)
