"""A few jobs, a line each: title, bar, how far, and Cancel, Resume or Dismiss."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.contracts.events import JobProgress
from widgets.icons import icon
from widgets.ink import ink
from widgets.texts import tr
from widgets.viewmodels import formats

#: lines shown at once; older ones that have ended go
MOST = 6


class JobLine(QWidget):
    """cancel, again: what the buttons do; again None = it cannot be resumed."""

    def __init__(self, title: str, cancel: Callable[[], None], again: Callable[[], None] | None) -> None:
        super().__init__()
        self.state = "queued"
        self.title, self.text = QLabel(title), QLabel()
        self.title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(110, 6)
        self.stop, self.again, self.close_button = QToolButton(), QToolButton(), QToolButton()
        for button, name, tip in (
            (self.stop, "stop", tr("Cancel")),
            (self.again, "play", tr("Go on where it stood")),
            (self.close_button, "close", tr("Take this line away")),
        ):
            button.setIcon(icon(name))
            button.setToolTip(tip)
        self.stop.clicked.connect(lambda: cancel())
        self._again = again
        self.again.clicked.connect(lambda: again and again())
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 1, 4, 1)
        row.setSpacing(8)
        for widget in (self.title, self.bar):
            row.addWidget(widget)
        row.addWidget(self.text, 1)
        for button in (self.stop, self.again, self.close_button):
            row.addWidget(button)
        self.show_state("queued", tr("Queued"))

    def show_state(self, state: str, text: str, fraction: float = 0.0) -> None:
        self.state = state
        busy = state in ("queued", "running")
        self.bar.setVisible(busy)
        self.bar.setValue(round(fraction * 1000))
        self.text.setText(text)
        self.text.setToolTip(text)
        token = "down" if state == "failed" else "warn" if state == "cancelled" else "dim"
        self.text.setStyleSheet(f"color: {ink()[token].name()};")
        self.stop.setVisible(busy)
        self.again.setVisible(state in ("failed", "cancelled") and self._again is not None)
        self.close_button.setVisible(not busy)

    def hear(self, event: JobProgress) -> None:
        """One of its job's events."""
        if event.state == "running":
            eta = tr(", {time} left").format(time=formats.duration(event.eta_s)) if event.eta_s >= 0 else ""
            step = f" · {tr(event.step)}" if event.step else ""
            self.show_state("running", f"{event.fraction:.0%}{eta}{step}", event.fraction)
        elif event.state == "done":
            self.show_state("done", tr(event.step or "Done"))
        elif event.state == "failed":
            self.show_state("failed", event.error or tr("It failed; the engine gave no reason."))
        elif event.state == "cancelled":
            self.show_state("cancelled", tr("Cancelled; what was done is kept"))
        else:
            self.show_state("queued", tr("Queued"))


class JobLines(QWidget):
    """The lines, newest first; not there while there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[JobLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 2, 0, 2)
        self._column.setSpacing(0)
        self.hide()

    def add(self, title: str, cancel: Callable[[], None], again: Callable[[], None] | None = None) -> JobLine:
        made = JobLine(title, cancel, again)
        made.close_button.clicked.connect(lambda: self.remove(made))
        made.again.clicked.connect(lambda: self.remove(made))
        self.lines.insert(0, made)
        self._column.insertWidget(0, made)
        for old in [x for x in self.lines[MOST:] if x.state not in ("queued", "running")]:
            self.remove(old)
        self.show()
        return made

    def remove(self, line: JobLine) -> None:
        if line in self.lines:
            self.lines.remove(line)
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.setVisible(bool(self.lines))
