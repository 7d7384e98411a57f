"""Settings, layouts, lists, drawings and own strategies in one file, and back again.

A plain zip archive. What is restored is checked wholly before anything is written, and what was there before is kept
beside it in a backup of its own.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from engine.contracts.errors import BadInput, PyroError
from widgets.texts import tr

KIND, VERSION = "pyroquant-backup", 1
ABOUT = "about.json"
#: folders in the archive
CONFIG, STRATEGIES = "config", "strategies"
#: what of the two folders belongs to a person
ENDINGS = {CONFIG: (".json", ".toml"), STRATEGIES: (".txt", ".py")}
MAX_FILES, MAX_BYTES = 2_000, 50_000_000


def write(file: Path, config_folder: Path, strategies_folder: Path, stamp: str) -> int:
    """Write all of it aside and rename; returns the number of files. PyroError where it cannot be written."""
    aside = file.with_name(file.name + ".new")
    count = 0
    try:
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(ABOUT, json.dumps({"kind": KIND, "version": VERSION, "made": stamp}))
            for folder, root in ((CONFIG, config_folder), (STRATEGIES, strategies_folder)):
                for path in _mine(root, ENDINGS[folder]):
                    archive.write(path, f"{folder}/{path.relative_to(root).as_posix()}")
                    count += 1
        os.replace(aside, file)
    except OSError as error:
        raise PyroError(
            tr("The backup cannot be written ({error}).").format(error=error.strerror),
            where=str(file),
            fix=tr("Choose another folder."),
        ) from None
    finally:
        aside.unlink(missing_ok=True)
    return count


def restore(file: Path, config_folder: Path, strategies_folder: Path, stamp: str) -> tuple[int, Path]:
    """Put everything back. Returns (files, the backup of what was there before). BadInput for a file that is none."""
    roots = {CONFIG: config_folder, STRATEGIES: strategies_folder}
    contents = _read(file)
    before = config_folder / f"before-restore-{stamp.replace(':', '')}.pyroquant"
    config_folder.mkdir(parents=True, exist_ok=True)
    write(before, config_folder, strategies_folder, stamp)
    for name, data in contents.items():
        folder, _, rest = name.partition("/")
        path = roots[folder] / rest
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(path.name + ".new")
            aside.write_bytes(data)
            os.replace(aside, path)
        except OSError as error:
            raise PyroError(
                tr("{file} cannot be written ({error}); what was there before is in {before}.").format(
                    file=path.name, error=error.strerror, before=before.name
                ),
                where=str(path),
                fix=tr("Make the folder writable and restore again."),
            ) from None
    return len(contents), before


def _mine(root: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    if root.is_dir():
        yield from sorted(p for p in root.rglob("*") if p.is_file() and p.suffix in endings)


def _read(file: Path) -> dict[str, bytes]:
    """Name in the archive -> content, all of it checked."""
    wrong = tr("Choose a file that was made with “Back up”.")
    try:
        with zipfile.ZipFile(file) as archive:
            about = json.loads(archive.read(ABOUT))
            if not isinstance(about, dict) or about.get("kind") != KIND:
                raise BadInput(tr("This is not a backup of PyroQuant."), where=str(file), fix=wrong)
            if about.get("version") != VERSION:
                raise BadInput(
                    tr("The backup is of version {theirs}, this program reads {ours}.").format(
                        theirs=repr(about.get("version")), ours=VERSION
                    ),
                    where=str(file),
                    fix=tr("Use the program that wrote it."),
                )
            entries = [e for e in archive.infolist() if e.filename != ABOUT and not e.is_dir()]
            if len(entries) > MAX_FILES or sum(e.file_size for e in entries) > MAX_BYTES:
                raise BadInput(tr("The backup is far too large."), where=str(file), fix=wrong)
            for entry in entries:
                _check_name(entry.filename, file)
            return {e.filename: archive.read(e) for e in entries}
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise BadInput(
            tr("The backup cannot be read ({error}).").format(error=error), where=str(file), fix=wrong
        ) from None


def _check_name(name: str, file: Path) -> None:
    parts = PurePosixPath(name).parts
    inside = len(parts) >= 2 and parts[0] in ENDINGS and not any(p in ("..", "") or ":" in p for p in parts)
    if name.startswith("/") or "\\" in name or not inside or PurePosixPath(name).suffix not in ENDINGS[parts[0]]:
        what = tr('The backup holds "{name}", which does not belong into one.').format(name=name)
        raise BadInput(what, where=str(file), fix=tr("Do not use it."))
