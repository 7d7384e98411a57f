"""Installs the Debian package, starts it as a person who has just got an account, and takes it off again. As root.

    python packaging/smoke.py dist/pyroquant_0.1.0_amd64.deb [--shot window.png] [--warm 3]

Under Xvfb: the first start, which compiles the kernels and must say how far it is; then warm starts from another
folder, which must compile nothing. Times are from the command to the first live candle on the chart. Nothing comes
from a network: what the package depends on must be there.
"""

from __future__ import annotations

import argparse
import configparser
import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE, USER = "pyroquant", "pyroquant-smoke"
DESKTOP = Path("/usr/share/applications/pyroquant.desktop")
ICON = Path("/usr/share/icons/hicolor/scalable/apps/pyroquant.svg")
#: s that a start may take: the first compiles for a minute, on a busy computer far longer
FIRST_S, WARM_S = 1_800.0, 120.0
WARM_LIMIT_S, SIZE_LIMIT = 3.0, 300_000_000


def missing() -> str:
    """What keeps this computer from the test, '' when nothing does."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "it needs Linux and root"
    tools = ("dpkg", "useradd", "userdel", "runuser", "Xvfb", "import")
    if lacking := [name for name in tools if shutil.which(name) is None]:
        return f"there is no {', '.join(lacking)}"
    if subprocess.run(["dpkg", "-s", PACKAGE], capture_output=True, check=False).returncode == 0:
        return f"{PACKAGE} is installed here already"
    return ""


@contextlib.contextmanager
def installed(deb: Path) -> Iterator[None]:
    try:
        subprocess.run(["dpkg", "-i", str(deb)], check=True, stdout=subprocess.DEVNULL)
        yield
    finally:
        subprocess.run(["dpkg", "--purge", PACKAGE], check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def person() -> Iterator[Path]:
    """A fresh account; its home."""
    subprocess.run(["useradd", "-m", "-s", "/bin/sh", USER], check=True)
    try:
        yield Path(pwd.getpwnam(USER).pw_dir)
    finally:
        subprocess.run(["userdel", "-r", USER], check=False, stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """An X server of our own; the name of its display."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp", "-ac"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


class Start:
    """One start of the installed program by that person, from a folder; `points` as the program's trace has them."""

    def __init__(self, home: Path, display: str, folder: Path) -> None:
        self.home, self.data = home, home / ".local" / "share" / "pyroquant"
        self._trace = home / "trace"
        self._trace.unlink(missing_ok=True)
        env = {"HOME": str(home), "USER": USER, "PATH": "/usr/bin:/bin", "DISPLAY": display, "LANG": "C.UTF-8"}
        env["PYROQUANT_START_TRACE"] = str(self._trace)
        self._began = time.time_ns()
        self._process = subprocess.Popen(
            [shutil.which("runuser") or "runuser", "-u", USER, "--", PACKAGE, "--demo"],
            env=env,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.points: dict[str, float] = {}
        #: bytes that the compiling children counted, as they were seen
        self.counted: list[int] = []

    def wait(self, longest_s: float, when_compiling: str = "") -> None:
        """Until the candle is there. when_compiling: a file for a picture of the window while it is being prepared."""
        pictured = not when_compiling
        while "candle" not in self.points:
            if self._process.poll() is not None or time.time_ns() - self._began > longest_s * 1e9:
                raise SystemExit(f"no live candle; {self._words()}")
            time.sleep(0.01)
            with contextlib.suppress(OSError):
                rows = [line.split() for line in self._trace.read_text().splitlines()]
                self.points = {r[0]: round((int(r[1]) - self._began) / 1e9, 3) for r in rows if len(r) == 2}
            with contextlib.suppress(OSError):
                done = sum(f.stat().st_size for f in (self.data / "cache").glob("compiling-*"))
                if done > (self.counted[-1] if self.counted else 0):
                    self.counted.append(done)
            if not pictured and len(self.counted) > 5:
                time.sleep(1.0)
                shoot(os.environ["SMOKE_DISPLAY"], when_compiling)
                pictured = True

    def _words(self) -> str:
        log = self.data / "logs" / "engine-start.log"
        return f"the engine said: {log.read_text()[-500:]}" if log.exists() else "the engine said nothing"

    def end(self) -> None:
        """The window and the engine that it started."""
        self._process.terminate()
        self._process.wait()
        for lock in self.data.glob("**/engine.lock"):
            with contextlib.suppress(ValueError, ProcessLookupError):
                pid = int(lock.read_text())
                os.kill(pid, signal.SIGTERM)
                while True:
                    os.kill(pid, 0)
                    time.sleep(0.05)


def shoot(display: str, file: str) -> None:
    subprocess.run(["import", "-display", display, "-window", "root", file], check=True)


def kernels(home: Path) -> int:
    """Compiled kernels that lie in this person's cache."""
    return sum(1 for _ in home.rglob("*.nbi")) + sum(1 for _ in home.rglob("*.nbc"))


def check_entry(display: str) -> dict[str, str]:
    """The .desktop entry: valid, with an icon and a program that are there, and the window's own class."""
    if validate := shutil.which("desktop-file-validate"):
        subprocess.run([validate, str(DESKTOP)], check=True)
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DESKTOP, encoding="utf-8")
    entry = parser["Desktop Entry"]
    assert shutil.which(entry["Exec"]), entry["Exec"]
    assert ICON.stem == entry["Icon"]
    assert ICON.exists()
    said = "not looked at"
    if shutil.which("xdotool"):
        command = ["xdotool", "search", "--onlyvisible", "--classname", f"^{entry['StartupWMClass']}$"]
        found = subprocess.run(command, env=os.environ | {"DISPLAY": display}, capture_output=True, text=True)
        assert found.stdout.split(), f"no window of class {entry['StartupWMClass']}"
        said = entry["StartupWMClass"]
    return {"validated": str(bool(validate)), "window_class": said}


def smoke(deb: Path, shot: str, warm: int) -> dict[str, Any]:
    """Figures of the whole test."""
    size = deb.stat().st_size
    figures: dict[str, Any] = {"deb_mb": round(size / 1e6, 1), "load": round(os.getloadavg()[0], 1)}
    with installed(deb), person() as home, screen() as display:
        os.environ["SMOKE_DISPLAY"] = display
        first = Start(home, display, Path("/"))
        try:
            first.wait(FIRST_S, shot.replace(".png", "-first.png") if shot else "")
            time.sleep(3.0)
            figures |= check_entry(display)
            if shot:
                shoot(display, shot)
        finally:
            first.end()
        figures |= {"first": first.points, "counted": len(first.counted), "kernels": kernels(home)}
        figures["warm"] = []
        for _ in range(warm):
            again = Start(home, display, home)
            try:
                again.wait(WARM_S)
            finally:
                again.end()
            figures["warm"].append(again.points | {"load": round(os.getloadavg()[0], 1)})
            figures["counted_warm"] = len(again.counted)
        figures["kernels_after"] = kernels(home)
    figures["left"] = [str(p) for p in (Path("/opt/pyroquant"), DESKTOP, ICON) if p.exists()]
    figures["warm_s"] = min(p["candle"] for p in figures["warm"])
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("deb", type=Path)
    parser.add_argument("--shot", default="", help="PNG of the window; beside it one of the first start")
    parser.add_argument("--warm", type=int, default=3, help="warm starts")
    chosen = parser.parse_args()
    if why := missing():
        raise SystemExit(f"The package cannot be tried here: {why}.")
    figures = smoke(chosen.deb, chosen.shot, chosen.warm)
    print(json.dumps(figures, indent=1))
    # kernels of back-tests may come in the background meanwhile; a start compiles none
    good = figures["counted"] and not figures["left"]
    good = good and figures["deb_mb"] * 1e6 <= SIZE_LIMIT and not figures["counted_warm"]
    return 0 if good and figures["warm_s"] <= WARM_LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())
