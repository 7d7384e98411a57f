"""Builds what people install: the one-folder program, and of it the Debian package, on Linux.

    python packaging/build.py [--out DIR] [--deb]

Needs PyInstaller (the extra "package") and, for the package, dpkg-deb. On Windows
and macOS it makes the folder or the bundle; packaging/pyroquant.nsi makes the installer of the former.
"""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import subprocess
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from engine import __version__  # noqa: E402 - the root must be found first

#: libraries of the system that Qt's X11 plugin and the fonts need (Debian 12, Ubuntu 22.04 and later)
DEPENDS = (
    "libc6 (>= 2.34), libgl1, libegl1, libxcb-cursor0, libxcb-icccm4, libxcb-keysyms1, libxcb-image0,"
    " libxcb-render-util0, libxcb-shape0, libxcb-xinerama0, libxcb-randr0, libxkbcommon-x11-0, libdbus-1-3,"
    " libfontconfig1"
)
DESCRIPTION = """Trading workstation for 1,000+ live symbols
 Live candles, indicators and signals of Binance markets, charts of any length,
 back-tests over years and walk-forward optimisation with honest statistics.
 It places no real orders."""


def freeze(out: Path) -> Path:
    """The one-folder program under `out`; returns its folder."""
    subprocess.run(
        [
            *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
            *("--distpath", str(out), "--workpath", str(out / "work"), str(HERE / "pyroquant.spec")),
        ],
        cwd=ROOT,
        check=True,
    )
    folder = out / "pyroquant"
    # whoever starts it may not write there, and would compile them at every start; what is in a package fits its source
    for package in ("engine", "strategies"):
        modules = str(folder / "_internal" / package)
        if not compileall.compile_dir(modules, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH):
            raise SystemExit(f"{modules} cannot be compiled to byte code.")
    return folder


def tree(folder: Path, out: Path) -> Path:
    """The package's files as they will lie on the system."""
    root = out / "deb"
    shutil.rmtree(root, ignore_errors=True)
    # a program that was tried where it was built has left its kernels there, which fit this computer only
    ignore = shutil.ignore_patterns("*.nbi", "*.nbc")
    shutil.copytree(folder, root / "opt" / "pyroquant", symlinks=True, ignore=ignore)
    for source, target in (
        (HERE / "pyroquant.desktop", root / "usr/share/applications/pyroquant.desktop"),
        (HERE / "pyroquant.svg", root / "usr/share/icons/hicolor/scalable/apps/pyroquant.svg"),
        (ROOT / "LICENSE", root / "usr/share/doc/pyroquant/copyright"),
    ):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    (root / "usr" / "bin").mkdir(parents=True)
    os.symlink("/opt/pyroquant/pyroquant", root / "usr" / "bin" / "pyroquant")
    return root


def control(root: Path, architecture: str) -> str:
    size = sum(p.stat().st_size for p in root.rglob("*") if p.is_file() and not p.is_symlink()) // 1024
    return (
        f"Package: pyroquant\nVersion: {__version__}\nArchitecture: {architecture}\nSection: misc\nPriority: optional\n"
        f"Maintainer: The PyroQuant developers <pyroquant@localhost>\nInstalled-Size: {size}\nDepends: {DEPENDS}\n"
        f"Description: {DESCRIPTION}\n"
    )


def deb(folder: Path, out: Path) -> Path:
    """A Debian package of the folder; returns its file."""
    root = tree(folder, out)
    run = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    architecture = run.stdout.strip()
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text(control(root, architecture), encoding="utf-8")
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    file = out / f"pyroquant_{__version__}_{architecture}.deb"
    # zstd at its middle level: a third larger than xz at its best, and twenty times as quick to make
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z12", "--build", str(root), str(file)], check=True)
    shutil.rmtree(root)
    return file


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--deb", action="store_true", help="make the Debian package too")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    folder = freeze(chosen.out)
    print(folder)
    if chosen.deb:
        file = deb(folder, chosen.out)
        print(f"{file} {file.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
