"""House rules that a linter does not know. Each failure names the file and line and what to use instead."""

from __future__ import annotations

import ast
import re

import pytest

import engine
from tests.architecture.tree import PACKAGES, ROOT, calls, dotted, python_files, syntax, tracked

SOURCES = python_files(*PACKAGES, "resources")
TESTS = python_files("tests")
TOP = {"app", "widgets", "engine", "strategies", "resources", "tests", "packaging", ".ci"}
TOP_FILES = {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", ".gitignore"}

INSTALL = "python3 -m venv .venv && .venv/bin/pip install -c packaging/constraints.txt"
SETUP_COMMANDS = (f"{INSTALL} . && .venv/bin/pyroquant", f'{INSTALL} -e ".[test]" && .venv/bin/python -m tests')

#: file or file::function -> why it may be long. The list may only shrink: an entry that is short again fails.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {
    "engine/backtest/run.py::run_backtest": "one linear recipe; half of it is its signature, docstring and result",
}
#: modules beside kernels.py that hold compiled functions -> why.
DEVICE_FUNCTIONS = {
    "engine/backtest/fills.py": "the one fill rule: scalar functions that every simulation kernel calls",
    "engine/backtest/hash.py": "the one trade hash: scalar functions that every simulation kernel calls",
    "engine/backtest/more.py": "what the one fill rule knows beyond its terms: scalar functions that fills.py calls",
}

CLOCK_READS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|perf_counter|perf_counter_ns|monotonic|"
    r"monotonic_ns|process_time|process_time_ns|sleep))$"
)


def is_kernels(path: str) -> bool:
    """kernels.py, or kernels_<part>.py where one file would be too long."""
    return path.rpartition("/")[2].startswith("kernels")


def fails(found: list[str], instead: str) -> None:
    assert not found, "\n".join([instead, *found])


def test_top_level_names_are_ours():
    assert engine.__file__ == str(ROOT / "engine" / "__init__.py")


def test_only_clock_reads_system_time():
    found = []
    for path in SOURCES:
        if path == "engine/clock.py":
            continue
        found += [f"{path}:{line} {name}" for line, name in calls(path) if CLOCK_READS.search(name)]
        found += [
            f"{path}:{node.lineno} from time import ..."
            for node in ast.walk(syntax(path))
            if isinstance(node, ast.ImportFrom) and node.module == "time"
        ]
    fails(found, "use a Clock (engine.clock), handed in; in widgets the data's own time, or QElapsedTimer:")


def test_no_print_outside_the_command_line():
    spoken = re.compile(r"app/(__main__|cli[a-z_]*|cli/.*)\.py$")
    found = [f"{p}:{line}" for p in SOURCES if not spoken.match(p) for line, name in calls(p) if name == "print"]
    fails(found, "use logging; only app/cli* and app/__main__.py speak to a terminal:")


def test_no_bare_except():
    found = [
        f"{path}:{node.lineno}"
        for path in SOURCES + TESTS
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    fails(found, "name the exceptions; `except Exception` at a boundary that reports:")


def test_no_plain_timer_outside_the_throttle():
    found = [
        f"{path}:{line} {name}"
        for path in SOURCES
        if not path.endswith("/throttle.py")
        for line, name in calls(path)
        if name == "QTimer" or name.endswith(".QTimer")
    ]
    fails(found, "use the timers of widgets.throttle, which stop with their widget:")


def test_files_are_short():
    lengths = {p: len((ROOT / p).read_text("utf-8").splitlines()) for p in SOURCES + TESTS}
    long = {p: n for p, n in lengths.items() if n > 500}
    fails([f"{p}: {n} lines" for p, n in long.items() if p not in LONG_FILES], "split it; 500 lines at most:")
    fails([p for p in LONG_FILES if p not in long], "short again: take it off LONG_FILES:")


def test_functions_are_short():
    long = {}
    for path in SOURCES:
        if is_kernels(path):
            continue
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 60:
                    long[f"{path}::{node.name}"] = length
    fails([f"{p}: {n} lines" for p, n in long.items() if p not in LONG_FUNCTIONS], "split it; 60 lines at most:")
    fails(
        [p for p in LONG_FUNCTIONS if p.partition("::")[0] in SOURCES and p not in long],
        "short again: take it off LONG_FUNCTIONS:",
    )


def test_kernels_live_in_kernels_modules():
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path in SOURCES
        if not is_kernels(path) and path not in DEVICE_FUNCTIONS
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if dotted(mark.func if isinstance(mark, ast.Call) else mark).rpartition(".")[2] in {"njit", "jit", "vectorize"}
    ]
    fails(found, "move it to kernels.py of its folder, or name its module in DEVICE_FUNCTIONS with a reason:")


def test_kernels_keep_their_bits():
    banned = {"fastmath", "parallel"}
    found = [
        f"{path}:{node.lineno} {keyword.arg}"
        for path in SOURCES
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in {"njit", "jit"}
        for keyword in node.keywords
        if keyword.arg in banned
    ]
    found += [f"{path}:{line} prange" for path in SOURCES for line, name in calls(path) if name.endswith("prange")]
    fails(found, "no fastmath, parallel or prange: the same bits everywhere:")


def test_top_level_is_the_agreed_set():
    folders = {p.partition("/")[0] for p in tracked() if "/" in p}
    files = {p for p in tracked() if "/" not in p}
    assert folders <= TOP, folders - TOP
    assert files <= TOP_FILES, files - TOP_FILES


def test_no_machine_path_or_registry_host():
    machine = "|".join(["/" + "work/", "/" + "tmp/pq", "/" + "root/", r"/" + r"home/[a-z]"])
    hosts = "|".join(["pypi" + r"\.org", "python" + "hosted", "index" + "-url", "artifact" + "ory"])
    pattern = re.compile(f"({machine}|{hosts})")
    found = []
    for path in tracked():
        raw = (ROOT / path).read_bytes()
        if b"\0" in raw[:8000]:
            continue
        for number, line in enumerate(raw.decode("utf-8").splitlines(), 1):
            match = pattern.search(line)
            if match:
                found.append(f"{path}:{number} {match.group(0)}")
    fails(found, "no path of one machine and no registry host in the repository:")


def test_no_big_file():
    found = [f"{p}: {(ROOT / p).stat().st_size:,} bytes" for p in tracked() if (ROOT / p).stat().st_size > 1_000_000]
    fails(found, "1 MB a file at most:")


@pytest.mark.parametrize("readme", [p for p in ("README.md",) if (ROOT / p).exists()])
def test_readme_holds_exactly_the_two_setup_commands(readme):
    lines = [line.strip() for line in (ROOT / readme).read_text("utf-8").splitlines()]
    assert sorted(line for line in lines if " -m venv " in line) == sorted(SETUP_COMMANDS)


def test_ci_runs_the_second_setup_command():
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert SETUP_COMMANDS[1] in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
