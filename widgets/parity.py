"""Live against back-test: run it for a day, follow it, read the meter, and go to the bars that differ."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from widgets import theme
from widgets.fast_table import LEFT, RIGHT, Column, FastTable, Slot
from widgets.ink import Ink, ink, painting
from widgets.panel import Panel
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels import parity as vm

_WIDTHS = (50, 100, 36, 150, 84, 128, 84, 84, 164)


class Meter(QWidget):
    """What was compared in one line of figures and one bar: equal, different with a reason, different without."""

    def __init__(self, model: vm.ParityModel) -> None:
        super().__init__()
        self.model = model
        self.setMinimumHeight(58)
        self.setAccessibleName(tr("Parity"))
        self._font = theme.font(17, bold=True)

    def sizeHintHeight(self) -> int:
        return 46 + 17 * len(self.model.details())

    def paintEvent(self, event: QPaintEvent) -> None:
        paint = ink()
        level = {"ok": "up", "warn": "warn", "bad": "down"}[self.model.level()]
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(self._font)
            painter.setPen(paint[level if self.model.report is not None else "dim"])
            text = QRect(10, 4, self.width() - 20, 24)
            line = painter.fontMetrics().elidedText(self.model.headline(), Qt.TextElideMode.ElideRight, text.width())
            painter.drawText(text, LEFT, line)
            bar = QRect(10, 31, self.width() - 20, 7)
            painter.fillRect(bar, paint["raised"])
            x = bar.x()
            for share, token in zip(self.model.shares(), ("up", "warn", "down"), strict=True):
                # what differs stays visible among a hundred thousand
                width = max(round(bar.width() * share), 3) if share else 0
                painter.fillRect(min(x, bar.right() - 2), bar.y(), min(width, bar.right() + 1 - x), 7, paint[token])
                x += width
            painter.setFont(paint.small)
            painter.setPen(paint["dim"])
            for k, words in enumerate(self.model.details()):
                box = QRect(10, 41 + 17 * k, self.width() - 20, 17)
                painter.drawText(
                    box, LEFT, painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, box.width())
                )


class DifferenceTable(FastTable):
    """A difference a row; those without a reason first."""

    def __init__(self, model: vm.ParityModel) -> None:
        self.rows = model
        super().__init__(
            [
                Column(tr(title), width, RIGHT if k in (6, 7) else LEFT, stretch=k == 3)
                for k, (title, width) in enumerate(zip(vm.COLUMNS, _WIDTHS, strict=True))
            ]
        )
        self.setAccessibleName(tr("Differences"))
        self.horizontalHeader().setSectionsClickable(False)

    def row_count(self) -> int:
        return len(self.rows.rows())

    def row_key(self, row: int) -> Hashable:
        return row

    def find_key(self, key: Hashable) -> int:
        return key if isinstance(key, int) else -1

    def row_text(self, row: int) -> list[str]:
        return vm.cells(self.rows.rows()[row])

    def row_tip(self, row: int, column: int) -> str:
        d = self.rows.rows()[row]
        return f"{d.symbol} {d.timeframe}\n{d.strategy} ({d.params})"

    def paint_rows(self, painter: QPainter, first: int, last: int, slots: list[Slot], paint: Ink) -> None:
        for row in range(first, last):
            texts, bare = self.row_text(row), not self.rows.rows()[row].reason
            for slot in slots:
                loud = slot.column in (5, 8)
                painter.setPen(paint["down" if bare and loud else "warn" if loud else "text"])
                self.paint_text(painter, slot, row, texts[slot.column])


class ParityPanel(Panel):
    """runAsked(day or '' for yesterday, only the chart's symbol), cancelAsked(), barAsked(symbol, timeframe, ms)."""

    runAsked = Signal(str, bool)
    cancelAsked = Signal()
    barAsked = Signal(str, str, "qlonglong")

    def __init__(self, model: vm.ParityModel, parent: QWidget | None = None) -> None:
        super().__init__("parity", parent)
        self.model = model
        self.day = QLineEdit()
        self.day.setPlaceholderText(tr("yesterday"))
        self.day.setToolTip(tr("A day (UTC) as 2026-11-22; empty = yesterday"))
        self.day.setFixedWidth(104)
        self.day.returnPressed.connect(self.run)
        self.only = QCheckBox(tr("The chart's symbol only"))
        self.start = QPushButton(tr("Compare"))
        self.start.setProperty("primary", True)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.setProperty("outlined", True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(110, 6)
        self.words = QLabel()
        for widget in (self.day, self.only, self.start, self.cancel, self.progress, self.words):
            self.bar.addWidget(widget)
        self.bar.addStretch(1)
        self.start.clicked.connect(self.run)
        self.cancel.clicked.connect(self.cancelAsked)
        self.meter = Meter(model)
        self.table = DifferenceTable(model)
        self.table.rowActivated.connect(self._open)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.meter)
        column.addWidget(self.table, 1)
        column.addStretch(0)
        self.set_body(body)
        self.refresh()

    def run(self) -> None:
        if not self.model.running:
            self.runAsked.emit(self.day.text().strip(), self.only.isChecked())

    def refresh(self) -> None:
        m = self.model
        p = m.progress if m.running else None
        self.start.setEnabled(not m.running)
        for widget in (self.cancel, self.progress, self.words):
            widget.setVisible(m.running)
        if p is not None:
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(p.fraction * 1000))
            left = tr("{time} left").format(time=formats.duration(p.eta_s)) if p.eta_s >= 0 else ""
            self.words.setText(" · ".join(w for w in (f"{p.fraction:.0%}", p.step, left) if w))
        if m.report is None and not m.running and self.state != "error":
            self.set_empty(
                tr(
                    "Does live say what the back-test says? This replays a day's candles of all live symbols through"
                    " the back-test and compares with the journal, to the last bit."
                )
            )
        elif m.report is None and m.running:
            self.set_loading(tr("Comparing"))
        elif self.state != "error":
            self.set_ready()
        self.meter.setFixedHeight(self.meter.sizeHintHeight())
        self.meter.update()
        self.table.setVisible(bool(m.rows()))
        self.table.refreshed()

    def failed(self, text: str) -> None:
        """The comparison came to nothing."""
        if self.model.report is None:
            self.set_error(text)

    def _open(self, key: object) -> None:
        d = self.model.rows()[int(key)]  # type: ignore[call-overload]
        self.barAsked.emit(d.symbol, d.timeframe, d.bar_ts)
