"""The person's own strategies: files of text or Python form in one folder, read without ever being run in this process.

A Python file runs in a child process with little time and memory, which answers with the text form; what it answers is
parsed like any other text. Answers are kept beside the data, so that a file is run once for every change of it.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from engine.contracts.errors import BadInput, PyroError
from engine.rules.mistakes import split
from engine.rules.strategy import Strategy
from engine.rules.text import parse_strategy
from engine.runtime.spawn import child

log = logging.getLogger(__name__)
TEXT, PYTHON = ".txt", ".py"
#: s and bytes of a child that reads a Python file
CHILD_S, CHILD_BYTES = 5.0, 512 << 20
#: a file, and what a child may answer, are not longer than this (bytes)
LONGEST_FILE, LONGEST_ANSWER = 200_000, 2_000_000
MOST_FILES, MOST_STRATEGIES = 200, 500


class ChildAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the child says: the text of each strategy, or why there are none."""

    texts: list[str] = []
    what: str = ""
    where: str = ""
    fix: str = ""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A Python file's answer and the file that gave it."""

    changed_ns: int
    size: int
    answer: ChildAnswer


class UserFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file as it was read: its strategies, or the error that refuses it."""

    path: Path
    strategies: tuple[Strategy, ...] = ()
    error: PyroError | None = None


Stamp = tuple[str, int, int]


class UserFolder:
    """The folder of strategies. taken: gives the ids that files may not use."""

    def __init__(self, folder: Path, cache: Path, taken: Callable[[], Iterable[str]]) -> None:
        self.folder = folder
        self._cache = cache / "user-strategies.json"
        self._taken = taken

    def stamps(self) -> tuple[Stamp, ...]:
        """(name, time of change, size) of every file: different when anything changed."""
        try:
            found = sorted(p for p in self.folder.iterdir() if p.suffix in (TEXT, PYTHON) and p.is_file())
            return tuple((p.name, (s := p.stat()).st_mtime_ns, s.st_size) for p in found[:MOST_FILES])
        except OSError:
            return ()

    def read(self) -> list[UserFile]:
        """Every file, in the order of their names. An id that an earlier file uses is refused in the later one."""
        kept, fresh = self._load(), {}
        files: list[UserFile] = []
        owners = dict.fromkeys(self._taken(), "a built-in strategy")
        for name, changed, size in self.stamps():
            path = self.folder / name
            try:
                if size > LONGEST_FILE:
                    raise BadInput(f"the file is longer than {LONGEST_FILE // 1000} kB.", where=name)
                if path.suffix == PYTHON:
                    entry = kept.get(name)
                    if entry is None or (entry.changed_ns, entry.size) != (changed, size):
                        entry = _Kept(changed_ns=changed, size=size, answer=run_child(path))
                    fresh[name] = entry
                    texts = _texts(entry.answer)
                else:
                    texts = [part for _, part in split(path.read_text(encoding="utf-8", errors="replace"))]
                strategies = _parsed(texts, name, owners)
                owners |= {s.id: f"the file {name}" for s in strategies}
                files.append(UserFile(path=path, strategies=strategies))
            except OSError as error:
                files.append(UserFile(path=path, error=BadInput(f"it cannot be read: {error.strerror}", where=name)))
            except PyroError as error:
                files.append(UserFile(path=path, error=_placed(error, name)))
        if fresh != kept:
            self._save(fresh)
        return files

    def _load(self) -> dict[str, _Kept]:
        try:
            return msgspec.json.decode(self._cache.read_bytes(), type=dict[str, _Kept])
        except (OSError, msgspec.DecodeError):
            return {}

    def _save(self, entries: dict[str, _Kept]) -> None:
        temporary = self._cache.with_suffix(".tmp")
        try:
            temporary.write_bytes(msgspec.json.encode(entries))
            temporary.replace(self._cache)
        except OSError as error:
            log.info("the answers of strategy files are not kept: %s", error)


def run_child(path: Path) -> ChildAnswer:
    """Run one Python file in a child of its own and take its answer."""
    try:
        done = subprocess.run(
            child("read-strategies", path=str(path)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=2 * CHILD_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ChildAnswer(what=f"the file did not end within {CHILD_S:g} s.", fix="Is there an endless loop in it?")
    try:
        if len(done.stdout) > LONGEST_ANSWER:
            raise msgspec.DecodeError
        return msgspec.json.decode(done.stdout, type=ChildAnswer)
    except msgspec.DecodeError:
        if done.returncode in (-9, -24, 137, 152):
            return ChildAnswer(what=f"the file needed more than {CHILD_S:g} s.", fix="Is there an endless loop in it?")
        return ChildAnswer(
            what=f"the file ended its process (code {done.returncode}).",
            fix=f"It may use {CHILD_BYTES >> 20} MB of memory and must not exit.",
        )


def _texts(answer: ChildAnswer) -> list[str]:
    if answer.what:
        raise BadInput(answer.what, where=answer.where, fix=answer.fix)
    return list(answer.texts)


def _parsed(texts: list[str], name: str, owners: dict[str, str]) -> tuple[Strategy, ...]:
    if not texts:
        raise BadInput("it holds no strategy.", where=name, fix="Assign a Strategy(...) to a name.")
    if len(texts) > MOST_STRATEGIES:
        raise BadInput(f"it holds more than {MOST_STRATEGIES} strategies.", where=name)
    found: list[Strategy] = []
    for text in texts:
        strategy = parse_strategy(text)
        if strategy.id in owners or any(s.id == strategy.id for s in found):
            owner = owners.get(strategy.id, "this file itself")
            raise BadInput(f'the name "{strategy.id}" is used by {owner} already.', fix="Choose another.")
        found.append(strategy)
    return tuple(found)


def _placed(error: PyroError, name: str) -> PyroError:
    where = error.where if error.where.startswith(name) else f"{name}:{error.where}" if error.where else name
    return BadInput(error.what, where=where, fix=error.fix)


def limit_this_process() -> None:
    """In the child: bounded processor time and memory, and no file may be written, where the system can."""
    if sys.platform == "win32":
        return
    import resource

    seconds = int(CHILD_S)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform.startswith("linux"):
        resource.setrlimit(resource.RLIMIT_AS, (CHILD_BYTES, CHILD_BYTES))
