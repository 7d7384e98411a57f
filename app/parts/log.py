"""The log panel: it hears every line from the start, so that what was said before it was opened is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.parts.base import Desk, Part
from app.session import Client
from engine.contracts.events import LogLine
from widgets.log import LogPanel
from widgets.panel import Panel
from widgets.texts import mark
from widgets.viewmodels.log import LEVELS, LogModel


class LogPart(Part):
    name = "log"
    title = mark("Log")
    icon = "log"
    eager = True
    keys = ("Alt+4",)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = LogModel()

    def make(self) -> Panel:
        panel = LogPanel(self.model)
        panel.fileAsked.connect(self.desk.open_logs)
        return panel

    def connected(self, client: Client) -> None:
        self.listen(LogLine, self._line)

    def lost(self, text: str) -> None:
        """Its lines carry their times: nothing of them becomes old."""

    def refresh(self) -> None:
        if isinstance(self.panel, LogPanel):
            self.panel.refresh()

    def keep(self) -> dict[str, Any]:
        return {"level": self.model.level}

    def restore(self, kept: Mapping[str, Any]) -> None:
        if kept.get("level") in LEVELS and isinstance(self.panel, LogPanel):
            self.panel.level.setCurrentIndex(LEVELS.index(kept["level"]))

    def _line(self, event: LogLine) -> None:
        self.model.append(event)
        self.desk.mark(self.name)
