"""Live programs kept compiled: binding and compiling all strategies takes a second of each start, reading them back a
hundredth. A file counts only for the very strategies, sources and Python that made it; any other is made anew."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from engine import __version__
from engine.rules.preview_program import PreviewProgram
from engine.rules.program import Program
from engine.rules.strategy import LiveProgram, Named, Strategy
from engine.runtime.strategies import market_programs

log = logging.getLogger(__name__)
T = TypeVar("T", Program, PreviewProgram)
#: what the compiler needs of a program and live lanes do not
_LEFT_OUT = {"slots"}
_SUM_BYTES = 16


@dataclass(frozen=True)
class _Read:
    """A LiveProgram without the rules that it was compiled from."""

    program: Program
    bounds: tuple[Named, ...]
    preview: PreviewProgram


class _Array(msgspec.Struct, array_like=True, frozen=True):
    dtype: str
    shape: tuple[int, ...]
    data: bytes
    writeable: bool


class _Fields(msgspec.Struct, frozen=True):
    arrays: dict[str, _Array]
    others: dict[str, Any]


class _Kept(msgspec.Struct, frozen=True):
    """bounds: (strategy id, parameters)."""

    program: _Fields
    preview: _Fields
    bounds: list[tuple[str, dict[str, float]]]


class _File(msgspec.Struct, frozen=True):
    key: str
    programs: list[_Kept]


def kept_programs(
    cache: Path, strategies: Sequence[Strategy], timeframes: Sequence[str], day: str
) -> Sequence[LiveProgram]:
    """What market_programs gives, from a file in this folder where it fits, and written there where not."""
    path, key = cache / f"programs-{day}", _key(strategies, timeframes, day)
    known = {s.id: s for s in strategies}
    try:
        data = path.read_bytes()
        if _sum(data[_SUM_BYTES:]) != data[:_SUM_BYTES]:
            raise ValueError("it is damaged")
        file = msgspec.msgpack.decode(data[_SUM_BYTES:], type=_File)
        if file.key == key:
            return [_read(kept, known) for kept in file.programs]
    except FileNotFoundError:
        pass
    except (OSError, msgspec.DecodeError, ValueError, TypeError, KeyError) as error:
        log.info("%s cannot be used and is made anew: %s", path, error)
    made = market_programs(strategies, timeframes, day)
    kept = [_Kept(_fields(p.program), _fields(p.preview), [(b.strategy.id, b.params) for b in p.bounds]) for p in made]
    data = msgspec.msgpack.encode(_File(key, kept))
    _write(path, _sum(data) + data)
    return made


def _sum(data: bytes) -> bytes:
    """A changed byte would be a wrong signal, or an address in a kernel."""
    return hashlib.blake2b(data, digest_size=_SUM_BYTES).digest()


def _read(kept: _Kept, known: dict[str, Strategy]) -> _Read:
    bounds = tuple(Named(known[name], params) for name, params in kept.bounds)
    return _Read(_made(Program, kept.program), bounds, _made(PreviewProgram, kept.preview))


def _write(path: Path, data: bytes) -> None:
    aside = path.with_suffix(f".{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(data)
        aside.replace(path)
    except OSError as error:
        log.info("compiled strategies are not kept: %s", error)


def _key(strategies: Sequence[Strategy], timeframes: Sequence[str], day: str) -> str:
    root = Path(__file__).resolve().parents[1]
    files = sorted(p for folder in ("indicators", "rules") for p in (root / folder).glob("*.py"))
    # a frozen program has only some of them as files
    stamps = [f"{p.name} {p.stat().st_mtime_ns} {p.stat().st_size}" for p in (*files, Path(sys.executable))]
    rules = [f"{s.id} {s.version}" for s in strategies]
    words = [__version__, sys.version, np.__version__, day, *timeframes, *stamps, *rules]
    return hashlib.blake2b("\n".join(words).encode(), digest_size=16).hexdigest()


def _fields(program: Program | PreviewProgram) -> _Fields:
    values = {f.name: getattr(program, f.name) for f in fields(program) if f.name not in _LEFT_OUT}
    arrays = {n: v for n, v in values.items() if isinstance(v, np.ndarray)}
    return _Fields(
        {n: _Array(v.dtype.str, v.shape, v.tobytes(), bool(v.flags.writeable)) for n, v in arrays.items()},
        {n: v for n, v in values.items() if n not in arrays},
    )


def _made(kind: type[T], kept: _Fields) -> T:
    values: dict[str, Any] = {n: _tuples(v) for n, v in kept.others.items()}
    for name, packed in kept.arrays.items():
        # kernels are compiled for arrays that own their memory and for those that may be written, or may not
        array = np.frombuffer(packed.data, packed.dtype).reshape(packed.shape).copy()
        array.setflags(write=packed.writeable)
        values[name] = array
    return kind(**values)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, list) else value
