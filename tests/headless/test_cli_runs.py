"""Back-tests on the command line: costs and sizes as options, kept runs, files, SQL; and what it says to bad input."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from app.cli import run
from engine.contracts.metrics import METRICS
from tests.headless.test_cli_bad_input import SYMBOL
from tests.headless.test_cli_bad_input import csv as candles


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A data folder with eight days of one symbol."""
    root = tmp_path_factory.mktemp("data")
    file = candles(root / "abc.csv", 8 * 1440)
    assert run(["--data", str(root / "d"), "data", "import", str(file), "--symbol", SYMBOL]) == 0
    return root / "d"


@pytest.fixture
def says(capsys, folder):
    """Run a command line: (exit code, stdout); stderr holds no traceback."""

    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["--data", str(folder), *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out if code == 0 else err

    return call


@pytest.fixture(scope="module")
def jobs(folder) -> list[str]:
    """Two kept runs, the newest first."""
    for options in ([], ["--fee", "0.002"]):
        assert run(["--data", str(folder), "backtest", "turtle_slow", "ABCUSDT", "--timeframe", "5m", *options]) == 0
    from engine.store.state import State

    state = State(folder / "state.sqlite")
    try:
        return [r.job for r in state.runs()]
    finally:
        state.close()


def test_a_backtest_is_kept_and_written(says, tmp_path):
    page, table = tmp_path / "r.html", tmp_path / "r.csv"
    code, out = says(
        "backtest", "turtle_slow", "ABCUSDT", "--timeframe", "5m", "--report", str(page), "--export", str(table),
        "--export", str(tmp_path / "r.json"), "--json",
    )  # fmt: skip
    assert code == 0
    found = json.loads(out)
    assert found["job"]
    assert len(found["files"]) == 5
    assert all(Path(f).stat().st_size > 100 for f in found["files"])
    assert page.read_text().startswith("<!DOCTYPE html>")
    whole = json.loads((tmp_path / "r.json").read_text())
    assert (whole["trade_hash"], whole["job"]) == (found["trade_hash"], found["job"])
    assert [t["pnl"] for t in whole["trades"]] == [t["pnl"] for t in found["trades"]]
    code, out = says("runs", "show", found["job"], "--json")
    shown = json.loads(out)
    assert shown["metrics"]["trades"] == found["metrics"]["trades"] > 0
    code, out = says("runs", "delete", found["job"])
    assert (code, out) == (0, f"deleted: {found['job']}\n")
    assert says("runs", "show", found["job"])[0] == 2


def test_every_cost_and_size_reaches_the_spec(says):
    options = {
        "--fee": "0.0004", "--maker-fee": "0.0001", "--maker": "targets", "--slippage-bps": "3",
        "--slippage-ticks": "2", "--slippage-range": "0.1", "--spread-bps": "4", "--funding": "0.0002",
        "--sizing": "risk", "--size": "0.01",
        "--cap": "1.5", "--sizing-bars": "50", "--leverage": "3", "--maintenance": "0.02", "--pyramiding": "2",
        "--cash": "5000", "--direction": "long",
    }  # fmt: skip
    words = [w for pair in options.items() for w in pair]
    code, out = says("backtest", "turtle_slow", "ABCUSDT", "--timeframe", "5m", "--no-keep", "--json", *words)
    assert code == 0, out
    spec = json.loads(out)["spec"]
    assert json.loads(out)["job"] == ""
    assert spec["costs"] == {
        "fee": 0.0004, "maker_fee": 0.0001, "maker": "targets", "slippage_bps": 3.0, "slippage_ticks": 2.0,
        "slippage_range": 0.1, "spread_bps": 4.0, "funding": 0.0002, "financing": False, "financing_long": None,
        "financing_short": None,
    }  # fmt: skip
    sizing = {k: spec["sizing"][k] for k in ("mode", "value", "cap", "bars", "leverage", "maintenance", "cash")}
    assert list(sizing.values()) == ["risk", 0.01, 1.5, 50, 3.0, 0.02, 5000.0]
    assert (spec["pyramiding"], spec["direction"]) == (2, "long")


def test_words_for_people_name_every_figure(says):
    code, out = says("backtest", "turtle_slow", "ABCUSDT", "--timeframe", "5m", "--no-keep")
    assert code == 0
    for told in METRICS.values():
        assert told.title in out
    assert "trade hash" in out
    assert "not kept" in out
    assert not re.search(r"\bnan\b", out)


def test_runs_are_listed_shown_and_compared(says, jobs):
    code, out = says("runs", "list")
    assert code == 0
    assert [job in out for job in jobs] == [True, True]
    assert [r["job"] for r in json.loads(says("runs", "list", "--json")[1])["runs"]] == jobs
    assert [r["job"] for r in json.loads(says("runs", "list", "--limit", "1", "--json")[1])["runs"]] == jobs[:1]
    code, out = says("runs", "show", "last", "--convention", "lean-252")
    assert code == 0
    assert "Lean: compounded mean" in out
    code, out = says("runs", "compare", *jobs)
    assert code == 0
    assert "costs.fee" in out
    assert "only A" in out
    found = json.loads(says("runs", "compare", *jobs, "--json")[1])
    assert found["jobs"] == jobs
    assert {d["what"] for d in found["differences"]} >= {"costs.fee"}
    assert len(found["growth"][0]["ts"]) == len(found["growth"][0]["values"]) > 3


@pytest.mark.parametrize("ending", ["html", "json", "csv", "parquet"])
def test_a_kept_run_is_exported(says, jobs, tmp_path, ending):
    code, out = says("runs", "export", jobs[0], str(tmp_path / f"x.{ending}"), "--json")
    assert code == 0
    files = json.loads(out)["files"]
    assert len(files) == {"csv": 3, "parquet": 2}.get(ending, 1)
    assert sum(Path(f).stat().st_size for f in files) == json.loads(out)["bytes"]


def test_the_table_of_figures_is_printed(says):
    found = json.loads(says("runs", "figures", "--json")[1])["figures"]
    assert [f["name"] for f in found] == list(METRICS)
    assert "Bailey and Lopez de Prado" in says("runs", "figures")[1]


def test_sql_reads_runs_and_writes_its_answer(says, jobs, tmp_path):
    query = "SELECT job, value FROM metrics WHERE name = 'trades' ORDER BY job"
    found = json.loads(says("sql", query, "--json")[1])
    assert [row[0] for row in found["rows"]] == sorted(jobs)
    rows = list(csv.reader(io.StringIO(says("sql", query, "--format", "csv")[1])))
    assert rows[0] == ["job", "value"]
    assert [[job, float(value)] for job, value in rows[1:]] == found["rows"]
    code, out = says("sql", query, "--out", str(tmp_path / "a.csv"))
    assert code == 0
    assert list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text()))) == rows
    assert says("sql", query, "--out", str(tmp_path / "a.json"))[0] == 0
    assert json.loads((tmp_path / "a.json").read_text())["rows"] == found["rows"]
    code, out = says("sql", "SELECT count(*) AS n FROM candles")
    assert "11520" in out


BAD = {
    "unknown run": (["runs", "show", "nothing"], "There is no result of a job"),
    "compare one": (["runs", "compare", "last"], "1 runs cannot be compared"),
    "compare twice": (["runs", "compare", "last", "last"], "cannot be compared"),
    "no convention": (["runs", "show", "last", "--convention", "lean"], "is not a convention"),
    "no format": (["runs", "export", "last", "x.xlsx"], "is not a format"),
    "report format": (["backtest", "turtle_slow", "ABCUSDT", "--export", "x.doc"], "is not a format"),
    "maker": (["backtest", "turtle_slow", "ABCUSDT", "--maker", "exits"], '"exits" is not a choice'),
    "sizing": (["backtest", "turtle_slow", "ABCUSDT", "--sizing", "kely"], 'Did you mean "kelly"'),
    "size missing": (["backtest", "turtle_slow", "ABCUSDT", "--sizing", "amount"], "needs a size"),
    "sql": (["sql", "SELECT nope FROM runs"], "line 1, column 8"),
    "sql write": (["sql", "DELETE FROM runs"], "queries only read"),
    "sql format": (["sql", "SELECT 1", "--format", "xml"], "is not a format here"),
    "delete": (["runs", "delete", "nothing"], "There is no result of a job"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_clear_sentence(says, jobs, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments, sentence = BAD[name]
    code, err = says(*arguments)
    assert code == 2
    assert sentence in err
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_cannot_be_written_does_not_lose_the_figures(says, folder, monkeypatch):
    from engine.store import results

    def full(*_):
        from engine.contracts.errors import PyroError

        raise PyroError("There is no room left for the state database; nothing was changed.", fix="Free some space.")

    monkeypatch.setattr(results.Runs, "save", full)
    code, out = says("backtest", "turtle_slow", "ABCUSDT", "--timeframe", "5m")
    assert code == 0
    assert "Total return" in out
    assert "not kept" in out
