"""One panel of the window with its wire to the engine. A part costs nothing until its panel is first seen."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.actions import Spec
from app.session import Client
from engine.contracts.commands import Command
from engine.contracts.errors import PyroError
from engine.contracts.events import Event
from engine.contracts.instruments import Instrument
from engine.contracts.settings import Settings
from widgets.panel import Panel
from widgets.texts import tr
from widgets.viewmodels.palette import Entry

if TYPE_CHECKING:
    from app.charts import ChartLink

E = TypeVar("E", bound=Event)


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

    @property
    def data_folder(self) -> Path: ...

    def find(self, text: str) -> None:
        """Open the palette with this typed into it."""
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


class Part:
    """Subclasses set name, title, icon and write `make`; the rest as they need it.

    name: of the dock and of the action `show_<name>`; lower case; layouts are kept under it. title: English.
    eager: the panel is made at the start of the window and not when it is first seen.
    kin: beside which panels it opens where the layout has no place for it; keys: shortcuts of `show_<name>`.
    actions: added to the table of actions; `handlers` maps their ids to what is done.
    """

    name = ""
    title = ""
    icon = ""
    eager = False
    kin: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    actions: tuple[Spec, ...] = ()

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.slot = Slot(self)
        self._panel: Panel | None = None
        self._offs: list[Callable[[], None]] = []
        self._kept: Mapping[str, Any] | None = None
        self._stale = ""

    # to be written by a part ----------------------------------------------------------------------------------------
    def make(self) -> Panel:
        """The panel; called once."""
        raise NotImplementedError(type(self).__name__)

    def connected(self, client: Client) -> None:
        """There are both a panel and an engine: ask for what is shown, `listen` to events. Called again for each new
        engine, and what was listened to before is forgotten."""

    def refresh(self) -> None:
        """The panel was marked and is visible: show what changed."""

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What each of `actions` does."""
        return {}

    def found(self) -> list[Entry]:
        """Further entries of the palette; `chosen` gets those that were chosen."""
        return []

    def chosen(self, entry: Entry) -> bool:
        """True when the entry was one of this part's."""
        return False

    def keep(self) -> dict[str, Any]:
        """What shall come back after a restart, as JSON."""
        return {}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Take back what `keep` gave, right after `make`; anything may be missing or wrong in it."""

    # what the window does with it -----------------------------------------------------------------------------------
    @property
    def panel(self) -> Panel | None:
        return self._panel

    @property
    def made(self) -> bool:
        return self._panel is not None

    def specs(self) -> list[Spec]:
        return [
            Spec(
                f"show_{self.name}", tr("Panel: {title}").format(title=tr(self.title)), self.keys, "Panels", self.icon
            ),
            *self.actions,
        ]

    def build(self) -> Panel:
        """Make the panel unless it is there, and connect it."""
        if self._panel is None:
            self._panel = self.make()
            self.slot.fill(self._panel)
            if self._kept:
                self.restore(self._kept)
            if self.desk.client is not None:
                self.connected(self.desk.client)
            elif self._stale:
                self.lost(self._stale)
        return self._panel

    def attach(self, client: Client) -> None:
        self.forget()
        self._stale = ""
        if self._panel is not None:
            self._panel.set_stale("")
            self.connected(client)

    def lose(self, text: str) -> None:
        """The engine is gone: the panel keeps its data and says how old they are."""
        self.forget()
        self._stale = text
        if self._panel is not None:
            self.lost(text)

    def lost(self, text: str) -> None:
        assert self._panel is not None
        self._panel.set_stale(text)

    def listen(self, kind: type[E], handler: Callable[[E], None]) -> None:
        """Hear events of the engine that is connected now."""
        assert self.desk.client is not None
        self._offs.append(self.desk.client.on(kind, handler))

    def forget(self) -> None:
        for off in self._offs:
            off()
        self._offs = []

    def kept(self) -> dict[str, Any]:
        """What to write into the workspace: of a panel that was never seen, what was read from it."""
        return self.keep() if self._panel is not None else dict(self._kept or {})

    def remember(self, kept: Mapping[str, Any] | None) -> None:
        self._kept = kept


class Slot(QWidget):
    """The part's place in the docks; its panel is made when it is first seen."""

    def __init__(self, part: Part) -> None:
        super().__init__()
        self.setObjectName(f"slot_{part.name}")
        self._part = part
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def fill(self, panel: QWidget) -> None:
        self._column.addWidget(panel)
        self.setFocusProxy(panel)

    def showEvent(self, event: QShowEvent) -> None:
        self._part.build()
        super().showEvent(event)
