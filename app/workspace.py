"""What the window remembers between runs: geometry, dock layout, filters and the last chart. Garbage is refused.

One JSON file in the configuration folder, written aside and renamed. A file that cannot be used is kept beside it as
`.broken` and the window opens on its default layout; the reason is returned, so that it can be shown.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from widgets.texts import tr

#: raised when the docks' names change: an older layout would restore into empty places.
VERSION = 2
MAX_BYTES = 1_000_000


@dataclass
class Workspace:
    """geometry: of the main window, Qt's block. layouts: perspective -> dock state, Qt's block."""

    geometry: bytes = b""
    maximised: bool = False
    layouts: dict[str, bytes] = field(default_factory=dict)
    perspective: str = "Trade"
    symbol: str = ""
    timeframe: str = "1m"
    #: own workspaces: name -> the layout that it began as
    own: dict[str, str] = field(default_factory=dict)
    #: action -> keys that a person chose
    shortcuts: dict[str, list[str]] = field(default_factory=dict)
    tour_seen: bool = False
    #: name of a part -> what it keeps
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)


def path_in(config_folder: Path) -> Path:
    return config_folder / "window.json"


def load(config_folder: Path) -> tuple[Workspace, str]:
    """(what was kept, '') or (defaults, one sentence on why what was there is not used)."""
    path = path_in(config_folder)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is far too large")
        raw = json.loads(path.read_text(encoding="utf-8"))
        return _decoded(raw), ""
    except FileNotFoundError:
        return Workspace(), ""
    except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        kept = _set_aside(path)
        reason = tr("The saved layout could not be used ({error}); the window starts with its default layout.")
        reason = reason.format(error=error)
        return Workspace(), f"{reason} {tr('The old file was kept as {name}.').format(name=kept)}" if kept else reason


def peek(config_folder: Path) -> tuple[Workspace, str]:
    """Like `load`, and leaves a broken file where it is: `load` comes later and says what happened to it."""
    try:
        return _decoded(json.loads(path_in(config_folder).read_text(encoding="utf-8"))), ""
    except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        return Workspace(), str(error)


def save(config_folder: Path, workspace: Workspace) -> None:
    """Write it whole or not at all; nothing is written when nothing changed."""
    path = path_in(config_folder)
    # the order of names means something: panes from the top down, lists from left to right
    text = json.dumps(_encoded(workspace), indent=1)
    with contextlib.suppress(OSError, ValueError):
        if path.read_text(encoding="utf-8") == text:
            return
    config_folder.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".json.new")
    aside.write_text(text, encoding="utf-8")
    os.replace(aside, path)


def _encoded(workspace: Workspace) -> dict[str, Any]:
    raw = asdict(workspace)
    raw["version"] = VERSION
    for name in ("geometry",):
        raw[name] = base64.b64encode(raw[name]).decode()
    raw["layouts"] = {k: base64.b64encode(v).decode() for k, v in workspace.layouts.items()}
    return raw


def _decoded(raw: Any) -> Workspace:
    if not isinstance(raw, dict):
        raise ValueError("it is not a table")
    if raw.get("version") != VERSION:
        raise ValueError(f"it is of version {raw.get('version')!r}, this program writes {VERSION}")
    default = Workspace()
    values: dict[str, Any] = {}
    for name, standard in vars(default).items():
        if name not in raw:
            continue
        value = raw[name]
        if isinstance(standard, bytes):
            value = base64.b64decode(value, validate=True)
        elif name == "layouts":
            value = {str(k): base64.b64decode(v, validate=True) for k, v in value.items()}
        elif not isinstance(value, type(standard)):
            raise ValueError(f"{name} is of the wrong type")
        values[name] = value
    if not all(isinstance(v, str) for v in values.get("own", {}).values()):
        raise ValueError("own holds something that is not text")
    if not all(isinstance(k, str) for keys in values.get("shortcuts", {}).values() for k in keys):
        raise ValueError("shortcuts holds something that is not text")
    if not all(isinstance(v, dict) for v in values.get("parts", {}).values()):
        raise ValueError("parts holds something that is not a table")
    return Workspace(**values)


def _set_aside(path: Path) -> str:
    broken = path.with_suffix(".json.broken")
    try:
        os.replace(path, broken)
    except OSError:
        return ""
    return broken.name
