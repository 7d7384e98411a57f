"""Portfolios and funding on the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.cli import run
from engine.store.funding import read_funding, write_funding
from engine.store.lake import Lake
from tests.headless.test_cli_bad_input import csv as candles

FUTURES = "binance-futures:ABCUSDT"


@pytest.fixture
def says(capsys, tmp_path):
    """Run a command line over four days of one perpetual: (exit code, stdout or stderr)."""
    file = candles(tmp_path / "abc.csv", 4 * 1440)
    assert run(["--data", str(tmp_path / "d"), "data", "import", str(file), "--symbol", FUTURES]) == 0

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["--data", str(tmp_path / "d"), *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out if code == 0 else err

    return call


def test_one_lane_trades_as_a_single_run_and_pays_the_funding_that_was_brought_in(says, tmp_path):
    first = int(Lake(tmp_path / "d" / "lake").read(FUTURES, "1m")["ts"][0])
    hours = range(0, 96, 4)
    rows = "\n".join(f"{first + h * 3_600_000 + 7},ABCUSDT,0.0005" for h in hours)
    (tmp_path / "f.csv").write_text("fundingTime,symbol,fundingRate\n" + rows + "\n")
    code, out = says("data", "funding", str(tmp_path / "f.csv"), "--json")
    assert (code, json.loads(out)) == (0, {"series": [{"symbol": FUTURES, "added": len(hours)}]})
    assert "0 settlements" in says("data", "funding", str(tmp_path / "f.csv"))[1]
    ts, rate = read_funding(tmp_path / "d" / "lake", FUTURES)
    assert (len(ts), set(rate.tolist())) == (len(hours), {0.0005})
    code, out = says("backtest", "turtle_slow", "ABCUSDT", "--timeframe", "5m", "--no-keep", "--json")
    alone = json.loads(out)
    assert code == 0
    assert any(line.startswith("Funding charged") for line in alone["assumptions"])
    code, out = says(
        "portfolio", "turtle_slow@ABCUSDT@5m", "--size", "1", "--gross-cap", "900", "--symbol-cap", "900", "--json"
    )
    whole = json.loads(out)
    assert code == 0
    assert [t["pnl"] for t in whole["trades"]] == [t["pnl"] for t in alone["trades"]]
    assert len(whole["trades"]) > 0
    code, words = says("portfolio", "turtle_slow@ABCUSDT@5m", "rsi2_dip@ABCUSDT@5m", "--max-positions", "1")
    assert code == 0
    assert "At most 1 positions are open at once" in words


@pytest.mark.parametrize(
    "arguments, word",
    [
        (["portfolio", "turtle_slow"], "is not a lane"),
        (["portfolio", "turtle_slow@NOSUCH"], "there are no candles"),
        (["portfolio", "turtle_slow@ABCUSDT", "--gross-cap", "0"], "gross_cap"),
        (["data", "funding", "nosuch.csv"], "no such file"),
        (["data", "funding", "nosuch.txt"], "no kind of file"),
    ],
)
def test_bad_input_is_told(says, arguments, word):
    code, err = says(*arguments)
    assert code == 2
    assert word.lower() in err.lower()


def test_new_settlements_replace_old_ones_of_the_same_time(tmp_path):
    write_funding(tmp_path, FUTURES, np.array([3, 1]) * 10**12, np.array([0.1, 0.2]))
    assert write_funding(tmp_path, FUTURES, np.array([2, 3]) * 10**12, np.array([0.3, 0.4])) == 1
    ts, rate = read_funding(tmp_path, FUTURES)
    assert (ts.tolist(), rate.tolist()) == ([10**12, 2 * 10**12, 3 * 10**12], [0.2, 0.3, 0.4])
