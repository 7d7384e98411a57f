"""The processes that PyroQuant starts of itself: `--child KIND JSON`, past the command line of people, whose library
takes each of them a tenth of a second to load. What a kind is told are the keywords of its function here."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from engine.contracts.errors import PyroError


def run(arguments: Sequence[str]) -> int:
    """One child's whole life; returns its exit code. Errors are one sentence on stderr."""
    kind, told = arguments
    try:
        return _KINDS[kind](**msgspec.json.decode(told))
    except PyroError as error:
        sys.stderr.write(f"pyroquant: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # who began it has gone: what it would have said is of no use
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _engine(data: str, demo: bool | None, config: str, sets: dict[str, str]) -> int:
    """An engine that ends some minutes after its last client left."""
    from app.context import Context, data_folder, set_up_logging
    from app.headless import run_headless
    from app.settings import load

    loaded = load(os.environ, sets, config)
    set_up_logging(loaded.settings.general.log_level)
    return run_headless(Context(loaded, data_folder(data, loaded.settings), demo), owned=True)


def _worker(kind: str, data: str, state: str, lake: str) -> int:
    from app.context import set_up_logging
    from engine.runtime.worker_main import serve

    set_up_logging("info")
    return serve(Path(data), state, lake, charts=kind == "query")


def _simulator(speed: float, symbols: int, candles: str) -> int:
    """The demo market; its URLs go to stdout as JSON, and it ends when stdin closes."""
    from engine.runtime.simulate import SimulatorConfig, serve

    def started(urls: dict[str, dict[str, str]]) -> None:
        sys.stdout.write(msgspec.json.encode(urls).decode() + "\n")
        sys.stdout.flush()

    config = SimulatorConfig(speed=speed, symbols_per_market=symbols, data=candles or None)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(config, started, stop_descriptor=os.dup(0)))
    return 0


def _compile(part: str) -> int:
    from engine.runtime.first_start import compile_part

    return compile_part(part)


def _read_strategies(path: str) -> int:
    from engine.runtime.user_child import read_file

    return read_file(Path(path))


_KINDS: dict[str, Callable[..., int]] = {
    "engine": _engine,
    "worker": _worker,
    "simulator": _simulator,
    "compile": _compile,
    "read-strategies": _read_strategies,
}
