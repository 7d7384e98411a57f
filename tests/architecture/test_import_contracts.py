"""Every import contract is kept by the tree, and each breaks when it is violated: the tree is copied, one import is
added, and the linter must say so. A module that a contract names and this tree lacks stands empty in the copy."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT

LINTER = (ROOT / "pyproject.toml").read_text("utf-8")
CONTRACTS = {c["id"]: c for c in tomllib.loads(LINTER)["tool"]["importlinter"]["contracts"]}

#: modules that violations below are written into or between
NAMED = (
    "app.headless",
    "app.probe",
    "widgets.viewmodels.probe",
    "widgets.probe",
    "strategies.probe_a",
    "strategies.probe_b",
    "engine.rules.api",
    "engine.venues.binance_spot.probe",
    "engine.venues.binance_futures.probe",
    "engine.venues._template.probe",
    "engine.candles.probe",
    "engine.candles.probe_b",
    "engine.runtime.probe",
    "engine.api.probe",
    "engine.walkforward.probe",
    "engine.backtest.probe",
    "engine.signals.probe",
    "engine.indicators.probe",
    "engine.feeds.probe",
    "engine.store.probe",
    "engine.simulator.probe",
    "engine.bus.probe",
)

#: contract -> violations: (module, line written into it[, second module, line])
VIOLATIONS = {
    "layers": [
        ("engine.candles.probe", "import widgets.probe"),
        ("engine.runtime.probe", "def start():\n    import app.probe"),
        ("widgets.probe", "import strategies.probe_a"),
    ],
    "engine-layers": [
        ("engine.candles.probe", "import engine.signals.probe"),
        ("engine.feeds.probe", "from engine.store import probe"),
        ("engine.newcomer", "x = 1"),
    ],
    "no-qt": [
        ("engine.candles.probe", "from PySide6 import QtCore"),
        ("widgets.viewmodels.probe", "import pyqtgraph"),
        ("app.headless", "import app.probe", "app.probe", "import qasync"),
    ],
    "engine-protected": [
        ("widgets.probe", "import engine.store.probe"),
        ("widgets.viewmodels.probe", "import engine.clock"),
    ],
    "app-through-runtime": [
        ("app.probe", "import engine.store.probe"),
        ("app.headless", "from engine.backtest import probe"),
    ],
    "pure-core": [
        ("engine.candles.probe", "import time"),
        ("engine.rules.api", "from engine.clock import SystemClock"),
        ("engine.signals.probe", "import polars"),
        ("engine.venues.binance_spot.probe", "import asyncio"),
    ],
    "strategies-api": [
        ("strategies.probe_a", "import engine.indicators.probe"),
        ("strategies.probe_a", "from engine.contracts import errors"),
    ],
    "strategies-independent": [("strategies.probe_a", "import strategies.probe_b")],
    "venues-independent": [("engine.venues.binance_spot.probe", "import engine.venues.binance_futures.probe")],
    "acyclic": [
        (
            "engine.candles.probe",
            "import engine.candles.probe_b",
            "engine.candles.probe_b",
            "import engine.candles.probe",
        )
    ],
}


def write(folder: Path, module: str, text: str) -> None:
    """Append a line to a module, making it and its packages where they are absent."""
    path = folder.joinpath(*module.split("."))
    path.parent.mkdir(parents=True, exist_ok=True)
    for package in [p for p in path.parents if p != folder and folder in p.parents]:
        (package / "__init__.py").touch()
    target = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    with target.open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A copy of the sources in which every module that is named exists."""
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        for source in (ROOT / package).rglob("*.py"):
            target = folder / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    for module in NAMED:
        write(folder, module, "")
    (folder / "pyproject.toml").write_text(LINTER, "utf-8")
    return folder


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    only = [word for contract in contracts for word in ("--contract", contract)]
    code = (
        "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "--config", "pyproject.toml", "--no-cache", "--no-logo", *only],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_contract_has_a_violation_that_breaks_it():
    assert len(CONTRACTS) == 10
    assert set(VIOLATIONS) == set(CONTRACTS)


def test_all_contracts_are_kept(template):
    result = lint(template)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Contracts: 10 kept, 0 broken." in result.stdout


@pytest.mark.parametrize(
    "contract, violation",
    [(c, v) for c, each in VIOLATIONS.items() for v in each],
    ids=lambda v: v if isinstance(v, str) else v[0],
)
def test_contract_breaks(template, tmp_path, contract, violation):
    folder = tmp_path / "tree"
    shutil.copytree(template, folder)
    for module, line in zip(violation[::2], violation[1::2], strict=True):
        write(folder, module, line)
    result = lint(folder, contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "1 broken" in result.stdout, result.stdout + result.stderr
