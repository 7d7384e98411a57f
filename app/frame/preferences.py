"""Settings from the window: read from their file, changed in the dialog, written back; what must restart is said."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app import settings as files
from engine.contracts.errors import PyroError
from engine.contracts.settings import SETTINGS, Settings, Value
from engine.contracts.settings_load import load_settings
from widgets.settings import SettingsDialog
from widgets.texts import tr


class Preferences:
    """path: of the settings file. in_force: the settings of this run. say(level, text, details); restart(what) with
    what 'engine' or 'window'; apply(key): a change of this setting counts at once."""

    def __init__(
        self,
        path: Path,
        in_force: Settings,
        parent: QWidget,
        saved: Callable[[Settings, list[str]], None],
        failed: Callable[[PyroError], None],
    ) -> None:
        self.path, self.in_force = path, in_force
        self._parent, self._saved, self._failed = parent, saved, failed

    def of_file(self) -> Settings:
        """What the file says, without environment and command line."""
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            text = ""
        except (OSError, UnicodeDecodeError) as error:
            raise PyroError(tr("The settings file cannot be read."), where=str(self.path), fix=str(error)) from None
        return load_settings(text, str(self.path), {})

    def forced(self, kept: Settings) -> dict[str, str]:
        """Settings that something outweighs in this run, and what."""
        found: dict[str, str] = {}
        for key, setting in SETTINGS.items():
            if setting.environment in os.environ:
                found[key] = setting.environment
            elif self.in_force.get(key) != kept.get(key):
                found[key] = "--set"
        return found

    def open(self, section: str = "") -> SettingsDialog | None:
        """Show the dialog; a file that cannot be read is said instead."""
        try:
            kept = self.of_file()
        except PyroError as error:
            self._failed(error)
            return None
        dialog = SettingsDialog(kept, self.forced(kept), self.change, self._parent)
        if section:
            dialog.show_section(section)
        dialog.show()
        return dialog

    def change(self, values: dict[str, Value]) -> None:
        """Write these into the file."""
        try:
            changed = self.of_file().changed(values)
            files.write(self.path, changed)
        except PyroError as error:
            self._failed(error)
            return
        self.in_force = self.in_force.changed(values)
        self._saved(self.in_force, sorted({SETTINGS[k].restart for k in values if SETTINGS[k].restart}))
