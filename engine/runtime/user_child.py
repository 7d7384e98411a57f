"""The child that runs one Python strategy file and writes the text form of its strategies to stdout."""

from __future__ import annotations

import os
import runpy
import traceback
from pathlib import Path

import msgspec

from engine.contracts.errors import PyroError
from engine.rules.strategy import Strategy
from engine.runtime.user_files import ChildAnswer, limit_this_process


def read_file(path: Path) -> int:
    """Exit code of the child: 0 whatever the file did, as long as there is an answer."""
    sink = os.dup(1)
    # what the file prints must not mix with the answer
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    limit_this_process()
    answer = msgspec.json.encode(_answer(path))
    while answer:
        answer = answer[os.write(sink, answer) :]
    return 0


def _answer(path: Path) -> ChildAnswer:
    try:
        names = runpy.run_path(str(path), run_name="pyroquant_strategy")
    except PyroError as error:
        return ChildAnswer(what=error.what, where=_line(error, path), fix=error.fix)
    except SyntaxError as error:
        return ChildAnswer(what=f"it is not Python: {error.msg}", where=f"{path.name}:{error.lineno}:{error.offset}")
    except MemoryError:
        return ChildAnswer(what="the file needs too much memory.", where=path.name)
    except SystemExit:
        return ChildAnswer(what="the file exits.", where=path.name, fix="Remove the call of exit.")
    except BaseException as error:
        return ChildAnswer(what=f"{type(error).__name__}: {error}"[:500], where=_line(error, path))
    return ChildAnswer(texts=[s.text() for s in _strategies(names)])


def _strategies(names: dict[str, object]) -> list[Strategy]:
    """Every Strategy bound to a name, by itself or in a list or tuple; each once, in the order of the file."""
    found: list[Strategy] = []
    for value in names.values():
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(each, Strategy) and not any(each is f for f in found):
                found.append(each)
    return found


def _line(error: BaseException, path: Path) -> str:
    """FILE:LINE of the newest frame that is in the file."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"{path.name}:{lines[-1]}" if lines else path.name
