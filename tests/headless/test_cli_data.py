"""pyroquant data from the command line: words for people, one JSON object for programs, exit codes with a meaning."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from app.cli import run
from tests.headless.test_cli_bad_input import csv

ROOT = Path(__file__).resolve().parents[2]
SYMBOL = "binance-spot:ABCUSDT"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A data folder with two days of a sound series, and one with a hole, a spoilt bar, and nothing known of them."""
    root = tmp_path_factory.mktemp("data")
    (root / "binance-spot" / "ABCUSDT").mkdir(parents=True)
    csv(root / "binance-spot" / "ABCUSDT" / "1m.csv", 2 * 1440)
    holey = csv(root / "x.csv", 1440).read_text().splitlines(keepends=True)
    (root / "binance-spot" / "HOLEUSDT_1m.csv").write_text("".join(holey[:200] + holey[900:]))
    assert (
        run(["--data", str(root / "d"), "data", "import", str(root / "binance-spot"), "--market", "binance-spot"]) == 0
    )
    return root / "d"


@pytest.fixture
def says(capsys, folder):
    def call(*arguments: str, code: int = 0):
        capsys.readouterr()
        assert run(["--data", str(folder), "data", *arguments]) == code, capsys.readouterr().err
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return json.loads(out) if "--json" in arguments else out

    return call


def test_check_says_what_is_wrong_and_answers_by_its_exit_code(says):
    good = says("check", "ABCUSDT", "--json")
    assert (good["negative"], good["series"][0]["score"]) == (False, 100.0)
    bad = says("check", "HOLEUSDT", "--json", code=1)
    assert bad["series"][0]["years"][0]["missing"] == 700
    words = says("check", code=1)
    assert "BAD" in words
    assert "700 missing in 1 gaps" in words
    assert "gap 2024-01-01T03:19:00Z to 2024-01-01T14:59:00Z (11.7 h)" in words
    assert "2 series, 1 of them bad (least score 80)" in words
    says("check", "--least", "1", code=0)
    assert "Did you mean" in says("check", "ABCUSD", "--json", code=2)["error"]["what"]
    says("check", "ABCUSDT", "--timeframe", "4h", code=2)


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather"])
def test_export_comes_in_again(says, folder, tmp_path, ending):
    file = tmp_path / f"out.{ending}"
    done = says("export", "ABCUSDT", "--to", str(file), "--from", "2024-01-01T12:00", "--until", "2024-01-02", "--json")
    assert done["bars"] == 720
    assert run(["--data", str(tmp_path / "other"), "data", "import", str(file), "--symbol", SYMBOL]) == 0
    again = tmp_path / "again.parquet"
    assert run(["--data", str(tmp_path / "other"), "data", "export", "ABCUSDT", "--to", str(again)]) == 0
    first = tmp_path / "first.parquet"
    says("export", "ABCUSDT", "--to", str(first), "--from", "2024-01-01T12:00", "--until", "2024-01-02")
    assert pl.read_parquet(again).equals(pl.read_parquet(first))
    assert "there already" in says("export", "ABCUSDT", "--to", str(file), "--json", code=2)["error"]["what"]
    hours = says("export", "ABCUSDT", "--to", str(file), "--timeframe", "1h", "--overwrite")
    assert "48 bars of binance-spot:ABCUSDT 1h (aggregated from minutes)" in hours


def test_export_refusals(says, tmp_path):
    assert "no format" in says("export", "ABCUSDT", "--to", str(tmp_path / "x.xls"), "--json", code=2)["error"]["what"]
    none = says("export", "ABCUSDT", "--to", str(tmp_path / "x.csv"), "--from", "2030-01-01", "--json", code=2)
    assert "no bars" in none["error"]["what"]
    assert list(tmp_path.iterdir()) == []


def test_repair_without_the_venue(says):
    done = says("repair", "HOLEUSDT", "--no-fetch", "--json", code=1)
    assert done["series"][0]["error"] == "The venue was not asked."
    assert says("repair", "ABCUSDT", "--no-fetch", "--json")["series"][0]["score_after"] == 100.0


def test_a_venue_out_of_reach_is_said_in_a_sentence(says, folder):
    dead = ["--set", "feeds.spot_rest=http://127.0.0.1:9", "--set", "feeds.archive_url=http://127.0.0.1:9"]
    command = [
        sys.executable,
        "-m",
        "app",
        "--data",
        str(folder),
        *dead,
        "data",
        "download",
        SYMBOL,
        "--from",
        "2024-01-01",
    ]
    done = subprocess.run([*command, "--to", "2024-01-02T01:00"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, "nothing is missing there, so nobody is asked"
    done = subprocess.run([*command, "--to", "2024-01-03T01:00"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert "cannot be reached" in done.stdout
    assert "Traceback" not in done.stderr


def test_folder_import_with_a_failure(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    csv(tmp_path / "in" / "ABCUSDT_1m.csv", 100)
    (tmp_path / "in" / "BADUSDT_1m.csv").write_text("time,open,high,low,close,volume\n1704067200,1,0,1,1,1\n")
    arguments = ["--data", str(tmp_path / "d"), "data", "import", str(tmp_path / "in"), "--market", "binance-spot"]
    assert run(arguments) == 1
    out = capsys.readouterr().out
    assert "BADUSDT_1m.csv:2" in out
    assert "imported 1 files with 100 bars, 100 of them new or changed; 1 failed" in out
    assert run([*arguments, "--columns", "time"]) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a file's size are POSIX")
def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path, capsys):
    """Files may not grow beyond 60 kB: neither the import nor an export does more than say so."""
    import resource

    file = csv(tmp_path / "ABCUSDT_1m.csv", 20 * 1440)
    arguments = ["--data", str(tmp_path / "d"), "data"]
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, old[1]))
    try:
        assert run([*arguments, "import", str(file), "--symbol", SYMBOL]) == 1
        assert "no room left to write this file; what was there before is kept" in capsys.readouterr().err
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert [p for p in (tmp_path / "d" / "lake").rglob("*") if p.is_file() and ".locks" not in p.parts] == []
    assert run([*arguments, "import", str(file), "--symbol", SYMBOL]) == 0
    assert run([*arguments, "check"]) == 0, "and the state is there"
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, old[1]))
    try:
        assert run([*arguments, "export", "ABCUSDT", "--to", str(tmp_path / "out.csv")]) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert "no room left" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == [file.name]


def test_a_lake_behind_a_url(tmp_path, capsys):
    file = csv(tmp_path / "ABCUSDT_1m.csv", 1440)
    arguments = ["--data", str(tmp_path / "d"), "--lake", (tmp_path / "far").as_uri()]
    assert run([*arguments, "data", "import", str(file), "--symbol", SYMBOL]) == 0
    assert list((tmp_path / "far").rglob("part-*.parquet"))
    capsys.readouterr()
    assert run([*arguments, "data", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["series"][0]["bars"] == 1440
    assert run([*arguments, "data", "check", "--json"]) == 0
    capsys.readouterr()
    assert run([*arguments, "sql", "select count(*) as n from candles", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == [[1440]]
