"""`python -m tests [--long] [pytest arguments]`: everything CI runs, in the order of cost, with a summary at the end.

Exit code 0 only when every step passed. A step that fails does not stop the ones after it.
"""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Debian package -> how to see that it is there: "bin:" a program, "lib:" a shared library.
SYSTEM_PACKAGES = (
    ("redis-server", "bin:redis-server"),
    ("xvfb", "bin:Xvfb"),
    ("libgl1", "lib:GL"),
    ("libegl1", "lib:EGL"),
    ("libxkbcommon-x11-0", "lib:xkbcommon-x11"),
    ("libxcb-cursor0", "lib:xcb-cursor"),
    ("libxcb-icccm4", "lib:xcb-icccm"),
    ("libxcb-keysyms1", "lib:xcb-keysyms"),
    ("libxcb-image0", "lib:xcb-image"),
    ("libxcb-render-util0", "lib:xcb-render-util"),
    ("libxcb-shape0", "lib:xcb-shape"),
    ("libxcb-xinerama0", "lib:xcb-xinerama"),
    ("libxcb-randr0", "lib:xcb-randr"),
    ("libdbus-1-3", "lib:dbus-1"),
    ("libfontconfig1", "lib:fontconfig"),
)
#: compiling takes one core for two minutes, and the steps before it the other
BESIDE = "kernels"
#: pytest's own last line, as "== 12 passed in 3.45s =="
_SUMMARY = re.compile(r"^=*\s*((\d+ \w+|no tests ran),? ?)+.* in [\d.]+s.*$")


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    python = sys.executable
    if importlib.util.find_spec("importlinter") is None:
        print(f"{python} has not what tests need. Install it: pip install -c packaging/constraints.txt -e '.[test]'")
        return 2
    install_missing()
    steps = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy", "engine", "strategies"],
        "import contracts": [str(Path(python).with_name("lint-imports")), "--no-logo"],
        "kernels": [python, "-m", "tests.compile_kernels"],
        "pytest": [python, "-m", "pytest", *parallel(arguments), *arguments],
    }
    results: list[tuple[str, bool, float]] = []
    last = ""
    beside = Beside(steps[BESIDE])
    for name, command in steps.items():
        print(f"\n--- {name}", flush=True)
        started = time.monotonic()
        code, line = beside.end() if name == BESIDE else run(command)
        results.append((name, code == 0, time.monotonic() - started))
        last = line or last
    print("\n--- summary")
    for name, passed, seconds in results:
        print(f"{'passed' if passed else 'FAILED':7} {seconds:7.1f} s  {name}")
    print(last or "pytest gave no summary line", flush=True)
    return 0 if all(passed for _, passed, _ in results) else 1


class Beside:
    """A step that runs while the ones before it do; `end` waits for it and shows what it said."""

    def __init__(self, command: list[str]) -> None:
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed in `end`
        self._process = subprocess.Popen(command, stdout=self._said, stderr=subprocess.STDOUT, text=True)

    def end(self) -> tuple[int, str]:
        code = self._process.wait()
        self._said.seek(0)
        print(self._said.read(), end="", flush=True)
        self._said.close()
        return code, ""


def parallel(arguments: list[str]) -> list[str]:
    """Two workers, a file on one of them, unless the caller says how many."""
    chosen = any(a.startswith("-n") or a == "--numprocesses" for a in arguments)
    return [] if chosen else ["-n", "2", "--dist", "loadfile"]


def run(command: list[str]) -> tuple[int, str]:
    """Run a step, showing its output as it comes; its exit code, and pytest's summary line where there was one."""
    summary = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if _SUMMARY.match(line):
                summary = line.strip()
    return process.returncode, summary


def missing_packages() -> list[str]:
    """Debian packages whose program or library is not here."""

    def there(probe: str) -> bool:
        kind, _, name = probe.partition(":")
        return bool(shutil.which(name) if kind == "bin" else ctypes.util.find_library(name))

    return [package for package, probe in SYSTEM_PACKAGES if not there(probe)]


def install_missing() -> None:
    """Install what is missing where that is possible (root, apt-get); otherwise say what is missing and go on."""
    missing = missing_packages()
    if not missing:
        return
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        print(f"Missing system packages: {' '.join(missing)}. As root: apt-get install {' '.join(missing)}", flush=True)
        return
    print(f"Installing missing system packages with apt-get: {' '.join(missing)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "-y", "-qq", "--no-install-recommends", *missing]
    for command in ([apt, "update", "-qq"], install):
        if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
            print(f"This failed: {' '.join(command)}. Tests that need these packages will say so.", flush=True)
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
