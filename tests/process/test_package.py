"""The Debian package, built and tried as a person would: see packaging/smoke.py. Takes many minutes."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(name):
    spec = importlib.util.spec_from_file_location(f"packaging_{name}", ROOT / "packaging" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


smoke = load("smoke")


def test_the_desktop_entry_has_the_windows_name():
    from app.window import DESKTOP_NAME

    text = (ROOT / "packaging" / "pyroquant.desktop").read_text("utf-8")
    lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    assert lines["StartupWMClass"] == lines["Icon"] == lines["Exec"] == DESKTOP_NAME == smoke.DESKTOP.stem
    assert (ROOT / "packaging" / f"{lines['Icon']}.svg").exists()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_fresh_user_comes_to_a_live_candle(tmp_path):
    if why := smoke.missing():
        pytest.skip(why)
    if importlib.util.find_spec("PyInstaller") is None or shutil.which("dpkg-deb") is None:
        pytest.skip("there is no PyInstaller or no dpkg-deb")
    subprocess.run([sys.executable, ROOT / "packaging" / "build.py", "--out", tmp_path, "--deb"], check=True)
    figures = smoke.smoke(next(tmp_path.glob("*.deb")), str(tmp_path / "window.png"), 3)
    print(figures)
    assert figures["deb_mb"] * 1e6 <= smoke.SIZE_LIMIT
    assert figures["counted"] > 0
    assert figures["counted_warm"] == 0
    assert figures["kernels"] > 0
    assert not figures["left"]
    assert figures["warm_s"] <= smoke.WARM_LIMIT_S
