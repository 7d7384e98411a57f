"""What every command is told: settings, data folder, how to print. Made once from the root options."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path

from app.settings import Loaded
from engine.contracts.settings import Settings
from engine.runtime.folder import DataFolder
from engine.runtime.spawn import Given


@dataclass
class Context:
    """given: the root options that an engine which has to be started is told."""

    loaded: Loaded
    folder: DataFolder
    demo: bool | None
    given: Given | None = None

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    @property
    def stored(self) -> DataFolder:
        """The folder that holds candles and state: the demo's own when the demo is asked for."""
        return self.folder.demo if self.demo else self.folder


def set_up_logging(level: str) -> None:
    """One line a record on stderr; commands print their answers on stdout."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


def data_folder(named: str, settings: Settings) -> DataFolder:
    """--data, else the setting general.data_folder, else this user's data folder."""
    chosen = named or settings.general.data_folder
    return DataFolder(Path(chosen).expanduser().resolve()) if chosen else DataFolder.default()
