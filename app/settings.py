"""Where the settings file is, reading it, and writing one with every default as a comment."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import platformdirs

from engine.contracts.errors import BadInput, PyroError
from engine.contracts.settings import Settings
from engine.contracts.settings_load import load_settings, settings_toml

FILE_NAME = "pyroquant.toml"


class Loaded(NamedTuple):
    """settings; path: the file they belong to; notice: a sentence for the person, '' when all is well."""

    settings: Settings
    path: Path
    notice: str


def settings_path(env: Mapping[str, str], config: str = "") -> Path:
    """--config, else PYROQUANT_CONFIG, else pyroquant.toml in this user's configuration folder."""
    named = config or env.get("PYROQUANT_CONFIG", "")
    return Path(named).expanduser() if named else Path(platformdirs.user_config_dir("pyroquant", False)) / FILE_NAME


def load(env: Mapping[str, str], overrides: Mapping[str, str] | None = None, config: str = "") -> Loaded:
    """The settings in force. A file that is asked for by name but missing, or any bad entry, is BadInput; a default
    file that cannot be read is reported in `notice` and the defaults go on."""
    path = settings_path(env, config)
    text, notice = "", ""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        if config or env.get("PYROQUANT_CONFIG"):
            raise BadInput(
                "There is no such settings file.", where=str(path), fix="Correct the path, or leave it out."
            ) from None
    except UnicodeDecodeError as error:
        raise BadInput(
            f"The settings file is not UTF-8 (byte {error.start}).", where=str(path), fix="Save it as UTF-8."
        ) from None
    except OSError as error:
        notice = f"The settings in {path} cannot be read ({error.strerror}); the defaults are used."
    return Loaded(load_settings(text, str(path), env, overrides), path, notice)


def write(path: Path, settings: Settings | None = None) -> None:
    """Write the settings file (None = all defaults, as comments), aside first and then renamed, so that a crash leaves
    the old one. PyroError where the folder cannot be written; the settings in force stay as they are."""
    aside = path.with_suffix(f".{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("w", encoding="utf-8") as file:
            file.write(settings_toml(settings))
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise PyroError(
            f"The settings cannot be saved ({error.strerror}); those in force stay.",
            where=str(path),
            fix="Make the folder writable, or name another file with --config.",
        ) from None


def ensure(path: Path) -> str:
    """Make the file with commented defaults unless there is one; a sentence where that is impossible, else ''."""
    if path.exists():
        return ""
    try:
        write(path)
    except PyroError as error:
        return str(error)
    return ""
