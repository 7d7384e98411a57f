"""What the window offers to its parts: the engine, the charts, the person's attention."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtWidgets import QWidget

from app.session import Client
from engine.contracts.commands import Command
from engine.contracts.errors import PyroError
from engine.contracts.instruments import Instrument
from engine.contracts.settings import Settings

if TYPE_CHECKING:
    from app.charts import ChartLink
    from app.parts.base import Part


class Desk(Protocol):
    """What the window offers to its parts; they know nothing else of it.

    instruments: symbol -> instrument of the engine's list. settings: as they were when the window started.
    """

    now_ms: Callable[[], int]
    settings: Settings
    instruments: Mapping[str, Instrument]

    @property
    def window(self) -> QWidget: ...

    @property
    def client(self) -> Client | None:
        """The engine's client, None while there is no engine."""
        ...

    @property
    def chart(self) -> ChartLink | None:
        """The chart that was last clicked; None until the chart library is loaded."""
        ...

    def linked_charts(self) -> list[ChartLink]:
        """The chart that was last clicked, and those on show that follow it in its symbol."""
        ...

    def part(self, name: str) -> Part: ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine; what it raises is shown, never lost."""
        ...

    def ask(
        self, command: Command, then: Callable[[Any], None], failed: Callable[[PyroError], None] | None = None
    ) -> None:
        """Send a command and hand the reply to `then`; an error goes to `failed`, or is shown."""
        ...

    @property
    def say(self) -> Callable[..., None]:
        """say(level, text, details="", action="", do=None): tell the person something. level: info, warning or error;
        details can be copied; do: what the button `action` does."""
        ...

    def show(self, name: str) -> None:
        """Open and raise a panel."""
        ...

    @property
    def mark(self) -> Callable[..., None]:
        """mark(*names): these panels have something new; `refresh` is called within 100 ms, when they are visible."""
        ...

    def run(self, action: str) -> None:
        """Do what an action of the table does."""
        ...

    @property
    def config_folder(self) -> Path: ...

    def find(self, text: str) -> None:
        """Open the palette with this typed into it."""
        ...

    def pick_symbol(self, title: str, then: Callable[[str], object]) -> None:
        """Let a symbol be chosen in the palette."""
        ...

    def notify(self, title: str, text: str, symbol: str, ms: int) -> None:
        """Tell a person who may look elsewhere: sound, the desktop's message, and a notice that leads to the bar."""
        ...

    def chart_changed(self, symbol: str, timeframe: str) -> None:
        """Told by the charts: this is what the active one shows now."""
        ...

    def open_symbol(self, symbol: str) -> None: ...

    def jump(self, symbol: str, timeframe: str, ms: int) -> None:
        """Show a symbol and timeframe at a moment, on the chart that was last clicked."""
        ...

    def retry(self) -> None:
        """Look for the engine at once instead of after the pause."""
        ...

    def open_logs(self) -> None:
        """Show the folder of the log files."""
        ...
