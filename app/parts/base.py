"""One panel of the window with its wire to the engine. A part costs nothing until its panel is first seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.actions import Spec
from app.desk import Desk as Desk
from app.session import Client
from engine.contracts.events import Event
from widgets.panel import Panel
from widgets.texts import tr
from widgets.viewmodels.palette import Entry

E = TypeVar("E", bound=Event)


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

    def charted(self, symbol: str, timeframe: str) -> None:
        """The chart that was last clicked shows this from now on; its bars may still be on their way."""

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
