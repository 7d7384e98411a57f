"""Walk-forward and promotion from the command line, on made-up minutes: words, JSON, the queue, stops and kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli import run
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.runtime.folder import DataFolder
from engine.store.lake import Lake
from engine.store.state import State

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).resolve().parents[2]
NAMES = ("AUSDT", "BUSDT")
SYMBOL = f"binance-spot:{NAMES[0]}"
SHORT = ["--timeframe", "15m", "--train", "20d", "--test", "10d", "--most-sets", "4", "--min-trades", "2"]


def bars(seed: int, days: int = 70) -> np.ndarray:
    rng = np.random.default_rng(seed)
    count = days * 1440
    out = np.zeros(count, CANDLE_DTYPE)
    out["ts"] = 1_600_041_600_000 + np.arange(count) * 60_000
    out["close"] = np.round(100 * np.exp(np.cumsum(rng.normal(0, 8e-4, count))), 3)
    out["open"] = np.concatenate([out["close"][:1], out["close"][:-1]])
    out["high"] = np.maximum(out["open"], out["close"]) + 0.002
    out["low"] = np.minimum(out["open"], out["close"]) - 0.002
    out["volume"] = 1.0
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = DataFolder(tmp_path_factory.mktemp("data"))
    root.prepare()
    for seed, name in enumerate(NAMES):
        Lake(root.lake).write(f"binance-spot:{name}", "1m", bars(seed))
    return root.root


@pytest.fixture(scope="module")
def few() -> list[str]:
    from engine.runtime.strategies import built_in

    return [s.id for s in built_in()[::40]]


def said(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run(["--data", str(folder), *arguments, "--json"]) == code
    out = capsys.readouterr().out
    return json.loads(out.splitlines()[-1])


def test_strategies_are_ranked_and_kept(capsys: pytest.CaptureFixture[str], folder: Path, few: list[str]) -> None:
    found = said(capsys, folder, "walkforward", NAMES[0], *few, *SHORT)
    assert {row["strategy"] for row in found["rows"]} == set(few)
    assert found["spec"]["symbol"] == SYMBOL
    assert all(row["windows"] == 5 and row["sets"] == 4 for row in found["rows"])
    assert found["trials"] == 4 * len(few)
    assert found["complete"]
    state = State(DataFolder(folder).state, readonly=True)
    try:
        kept = state.walkforwards.result(found["job"])
        walk = state.walkforwards.walk(found["job"], few[0])
    finally:
        state.close()
    assert [row.strategy for row in kept.rows] == [row["strategy"] for row in found["rows"]]
    assert walk.verdict is not None
    assert len(walk.folds) == 5
    assert not list((folder / "cache" / "walks").glob("*"))


def test_words_for_people(capsys: pytest.CaptureFixture[str], folder: Path, few: list[str]) -> None:
    capsys.readouterr()
    assert run(["--data", str(folder), "walkforward", NAMES[0], few[0], *SHORT]) == 0
    out = capsys.readouterr().out
    assert "out of sample exactly once" in out
    assert "Fee 0.1000%" in out
    assert few[0] in out
    assert "Traceback" not in out


def test_a_choice_is_promoted_and_rolled_back(capsys: pytest.CaptureFixture[str], folder: Path, few: list[str]) -> None:
    job = said(capsys, folder, "walkforward", NAMES[0], *few, *SHORT)["job"]
    (live,) = said(capsys, folder, "promote", job, few[0])["promoted"]
    assert (live["strategy"], live["symbol"], live["timeframe"], live["job"]) == (few[0], SYMBOL, "15m", job)
    assert said(capsys, folder, "promote", "--rollback", str(live["number"]))["promoted"] == []
    history = said(capsys, folder, "promote", "--history")["promoted"]
    assert history[0]["until_ms"] > 0
    assert said(capsys, folder, "promote", job, "nothing", code=2)["error"]["fix"]


def test_many_symbols_one_after_the_other(capsys: pytest.CaptureFixture[str], folder: Path, few: list[str]) -> None:
    symbols = f"{NAMES[0]},binance-spot:MISSING,{NAMES[1]}"
    found = said(capsys, folder, "walkforward", "--symbols", symbols, *_strategies(few[:1]), *SHORT)
    assert [("error" in run, run["symbol"]) for run in found["runs"]] == [
        (False, NAMES[0]),
        (True, "binance-spot:MISSING"),
        (False, NAMES[1]),
    ]


def _strategies(names: list[str]) -> list[str]:
    return [word for name in names for word in ("--strategy", name)]


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["walkforward", "AUSDT"], "no strategy is named"),
        (["walkforward", "--all"], "no symbol is named"),
        (["walkforward", "NOSUCH", "--all"], "no candles of NOSUCH"),
        (["walkforward", "AUSDT", "turtle_fats"], "Did you mean"),
        (["walkforward", "AUSDT", "turtle_fast", "--train", "9y"], "leaves no bar"),
        (["walkforward", "AUSDT", "turtle_fast", "--search", "guess"], "guess"),
        (["walkforward", "AUSDT", "turtle_fast", "--objective", "sharp"], "no objective"),
        (["walkforward", "AUSDT", "turtle_fast", "--limit", "lucky=1"], "no limit"),
        (["walkforward", "AUSDT", "turtle_fast", "--direction", "up"], "up"),
        (["walkforward", "AUSDT", "turtle_fast", "--fee", "2"], "fee of 2"),
        (["promote"], "no walk-forward is named"),
        (["promote", "walk-none"], "there is no walk-forward"),
    ],
)
def test_bad_input_is_said(capsys: pytest.CaptureFixture[str], folder: Path, arguments: list[str], words: str) -> None:
    error = said(capsys, folder, *arguments, code=2)["error"]
    assert words in error["what"]


def test_a_killed_run_goes_on_from_where_it_was(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    command = ["walkforward", NAMES[1], "--all", *SHORT]
    kept = folder / "cache" / "walks"
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "--data", str(folder), *command], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(1_200):
            done = len(list(kept.glob("*/*.msgpack")))
            if done >= 20 or process.poll() is not None:
                break
            time.sleep(0.05)
        assert process.poll() is None, "it was faster than the test"
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.wait()
    files = {path: path.stat().st_mtime_ns for path in kept.glob("*/*.msgpack")}
    assert len(files) >= 20
    found = said(capsys, folder, *command)
    assert len(found["rows"]) == 187
    assert not [row["error"] for row in found["rows"] if row["error"]]
    assert not list(kept.glob("*"))
