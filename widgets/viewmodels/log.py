"""The last lines of the engine's and the window's log, filtered by level, source and text."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from engine.contracts.events import LogLine
from widgets.texts import tr
from widgets.viewmodels import formats

CAPACITY = 5_000
LEVELS = ("debug", "info", "warning", "error")


class Line(NamedTuple):
    """number counts all lines since the start, so that a view can tell what is new."""

    number: int
    ts: int
    level: str
    source: str
    text: str


class LogModel:
    """A ring of lines; `visible` are those that pass the filter, oldest first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.lines: deque[Line] = deque(maxlen=capacity)
        self.visible: list[Line] = []
        self.level, self.source, self.text = "info", "", ""
        self.total = 0
        self.sources: dict[str, int] = {}
        self.counts = dict.fromkeys(LEVELS, 0)

    def append(self, line: LogLine) -> None:
        self.total += 1
        made = Line(self.total, line.ts, line.level if line.level in LEVELS else "info", line.source, line.text)
        self.lines.append(made)
        self.counts[made.level] += 1
        self.sources[made.source] = self.sources.get(made.source, 0) + 1
        if self.passes(made):
            self.visible.append(made)
            # trimmed in big steps: deleting from the head of a list on each line would cost a copy per line
            if len(self.visible) > (self.lines.maxlen or CAPACITY) * 5 // 4:
                del self.visible[: len(self.visible) - (self.lines.maxlen or CAPACITY)]

    def passes(self, line: Line) -> bool:
        if LEVELS.index(line.level) < LEVELS.index(self.level) or (self.source and line.source != self.source):
            return False
        return not self.text or self.text in line.text.lower() or self.text in line.source.lower()

    def set_filter(self, *, level: str | None = None, source: str | None = None, text: str | None = None) -> None:
        """Change what is given and apply the filter to all kept lines."""
        self.level = self.level if level is None else level
        self.source = self.source if source is None else source
        self.text = self.text if text is None else text.strip().lower()
        self.visible = [line for line in self.lines if self.passes(line)]

    def clear(self) -> None:
        self.lines.clear()
        self.visible = []

    def explain_empty(self) -> str:
        if self.visible:
            return ""
        if not self.lines:
            return tr("Nothing logged yet.")
        what = [tr("level {level} or above").format(level=self.level)]
        what += [tr("source {source}").format(source=self.source)] if self.source else []
        what += [tr("text “{text}”").format(text=self.text)] if self.text else []
        text = tr("None of {n} lines passes the filter ({what}).")
        return text.format(n=f"{len(self.lines):,}", what=", ".join(what))


def as_text(line: Line) -> str:
    """One line as it is copied."""
    stamp = f"{formats.day(line.ts)}T{formats.clock(line.ts)}Z"
    return f"{stamp} {line.level.upper():7} {line.source}: {line.text}"
