"""Named workspaces: the four that come with the program, and a person's own, each with its arrangement of panels."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication

from app.docks import DockHost
from app.layouts import LAYOUTS, SECOND_SCREEN
from app.workspace import Workspace
from engine.contracts.errors import BadInput
from widgets.texts import tr

MAX_NAME, MAX_OWN = 30, 20


class Workspaces:
    """`changed()` is called when the list or the current one is another."""

    def __init__(self, kept: Workspace, docks: DockHost, changed: Callable[[], None]) -> None:
        self._kept, self._docks, self._changed = kept, docks, changed
        for name in [n for n in kept.own if n in LAYOUTS]:
            del kept.own[name]
        if kept.perspective not in self.names():
            kept.perspective = "Trade"

    @property
    def current(self) -> str:
        return self._kept.perspective

    def names(self) -> list[str]:
        return [*LAYOUTS, *self._kept.own]

    def is_own(self, name: str) -> bool:
        return name in self._kept.own

    def open(self) -> None:
        """Arrange the panels as they were kept, or as the workspace begins."""
        state = self._kept.layouts.get(self.current, b"")
        if not (state and self._docks.restore(state)):
            self.reset()

    def show(self, name: str) -> None:
        """Keep this arrangement under its name and show another one."""
        if name not in self.names():
            raise BadInput(
                tr('There is no workspace "{name}".').format(name=name),
                fix=tr("There are {names}.").format(names=", ".join(self.names())),
            )
        self.save()
        self._kept.perspective = name
        self.open()
        self._changed()

    def save(self) -> None:
        """Take the arrangement over into what is kept."""
        self._kept.layouts[self.current] = self._docks.save()

    def reset(self) -> None:
        """The current one as it began; on two screens part of the panels stands on the second."""
        base = self._kept.own.get(self.current, self.current)
        base = base if base in LAYOUTS else "Trade"
        self._docks.arrange(base)
        area = second_screen()
        if area is not None and base in SECOND_SCREEN:
            self._docks.move_out(SECOND_SCREEN[base], area)

    def create(self, name: str) -> None:
        """A new one that begins as what is on show."""
        name = self._checked(name)
        if len(self._kept.own) >= MAX_OWN:
            raise BadInput(tr("There are {n} own workspaces already.").format(n=MAX_OWN), fix=tr("Delete one first."))
        self.save()
        self._kept.own[name] = self._kept.own.get(self.current, self.current)
        self._kept.perspective = name
        self.save()
        self._changed()

    def rename(self, name: str) -> None:
        name, old = self._checked(name), self._own()
        self._kept.own = {name if k == old else k: v for k, v in self._kept.own.items()}
        if old in self._kept.layouts:
            self._kept.layouts[name] = self._kept.layouts.pop(old)
        self._kept.perspective = name
        self._changed()

    def delete(self) -> None:
        """Take the current own one away; the one that it was made of is shown."""
        old = self._own()
        base = self._kept.own.pop(old)
        self._kept.layouts.pop(old, None)
        self._kept.perspective = base if base in self.names() else "Trade"
        self.open()
        self._changed()

    def _own(self) -> str:
        if not self.is_own(self.current):
            raise BadInput(
                tr("{name} comes with the program and stays.").format(name=self.current),
                fix=tr("Save it under another name and change that."),
            )
        return self.current

    def _checked(self, name: str) -> str:
        name = " ".join(name.split())
        if not name or len(name) > MAX_NAME:
            raise BadInput(tr("A name has 1 to {n} letters.").format(n=MAX_NAME), where=name)
        if name.casefold() in (n.casefold() for n in self.names()):
            raise BadInput(
                tr('There is a workspace "{name}" already.').format(name=name), fix=tr("Choose another name.")
            )
        return name


def second_screen() -> QRect | None:
    """The free area of a screen beside the first, where there is one."""
    screens, first = QGuiApplication.screens(), QGuiApplication.primaryScreen()
    others = [s for s in screens if s is not first]
    return others[0].availableGeometry() if others else None
