"""What the command line says to bad input: exit code 2, one sentence with the place and a way out, nothing written."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from app.cli import run
from engine.runtime.folder import DataFolder

HEADER = "time,open,high,low,close,volume\n"
SYMBOL = "binance-spot:ABCUSDT"


def csv(path: Path, minutes: int) -> Path:
    """A plain file of minutes from 2024-01-01 on, swinging enough to trade."""
    rows = []
    price = 100.0
    for i in range(minutes):
        opened, price = price, round(100 + 8 * math.sin(i / 190) + 0.4 * math.sin(i / 3), 2)
        day, minute = divmod(i, 1440)
        high, low = max(opened, price) + 0.05, min(opened, price) - 0.05
        stamp = f"2024-01-{1 + day:02d} {minute // 60:02d}:{minute % 60:02d}:00"
        rows.append(f"{stamp},{opened:.2f},{high:.2f},{low:.2f},{price:.2f},{1 + i % 7}\n")
    path.write_text(HEADER + "".join(rows))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A data folder with three days of one symbol."""
    root = tmp_path_factory.mktemp("data")
    file = csv(root / "abc.csv", 3 * 1440)
    assert run(["--data", str(root / "d"), "data", "import", str(file), "--symbol", SYMBOL]) == 0
    return root / "d"


@pytest.fixture
def says(capsys):
    """Run a command line with --json: (exit code, the object on stdout); checks what stderr has of an error."""

    def call(*arguments: str) -> tuple[int, dict]:
        capsys.readouterr()
        code = run([*arguments, "--json"])
        out, err = capsys.readouterr()
        found = json.loads(out)
        assert "Traceback" not in err
        if code:
            assert set(found) == {"error"}
            assert set(found["error"]) == {"what", "where", "fix"}
            assert found["error"]["what"] in err
            # one line for a person, and the place in a query below it
            assert err.count("\n") == 1 + found["error"]["what"].count("\n")
        return code, found

    return call


BACKTESTS = {
    "strategy": (["turtle_slwo", "ABCUSDT"], 'Did you mean "turtle_slow"?'),
    "symbol": (["turtle_slow", "ABCUSTD"], 'Did you mean "ABCUSDT"?'),
    "market": (["turtle_slow", "binance-spt:ABCUSDT"], 'Did you mean "binance-spot"?'),
    "parameter": (["turtle_slow", "ABCUSDT", "--set", "nn=3"], 'Did you mean "n"?'),
    "no number": (["turtle_slow", "ABCUSDT", "--set", "n=many"], '"n=many" is not NAME=NUMBER'),
    "timeframe": (["turtle_slow", "ABCUSDT", "--timeframe", "7m"], '"7m" is not a timeframe'),
    "no bars there": (["turtle_slow", "ABCUSDT", "--from", "2025-01-01"], "There are no 15m bars in the range"),
    "empty range": (["turtle_slow", "ABCUSDT", "--from", "2024-01-02", "--to", "2024-01-01"], "is empty"),
    "no time": (["turtle_slow", "ABCUSDT", "--from", "yesterday"], '"yesterday" is not a time'),
    "direction": (["turtle_slow", "ABCUSDT", "--direction", "up"], '"up" is not a direction'),
    "option": (["turtle_slow", "ABCUSDT", "--stopp", "1"], "No such option"),
}


@pytest.mark.parametrize("name", BACKTESTS)
def test_backtest(folder, says, name):
    arguments, sentence = BACKTESTS[name]
    code, found = says("--data", str(folder), "backtest", *arguments)
    assert code == 2
    assert sentence in found["error"]["what"]
    assert found["error"]["fix"] or name == "strategy"


FILES = {
    "no close": ("time,open,high,low,volume\n2024-01-01 00:00:00,1,1,1,1\n", "There is no column for close", ":1"),
    "twice": (
        HEADER + "2024-01-01 00:00:00,1,1,1,1,1\n2024-01-01 00:00:00,2,2,2,2,1\n",
        "The bar of 2024-01-01T00:00:00Z is there twice",
        ":3",
    ),
    "high below low": (HEADER + "2024-01-01 00:00:00,5,4,6,5,1\n", "", ":2"),
    "empty": ("", "This file is empty", ""),
}


@pytest.mark.parametrize("name", FILES)
def test_import_refuses_the_whole_file_and_names_the_line(folder, tmp_path, says, name):
    text, sentence, place = FILES[name]
    file = tmp_path / "bars.csv"
    file.write_text(text)
    code, found = says("--data", str(folder), "data", "import", str(file), "--symbol", "binance-spot:NEWUSDT")
    assert code == 2
    assert sentence in found["error"]["what"]
    assert found["error"]["where"] == f"{file}{place}"
    _, stored = says("--data", str(folder), "data", "list")
    assert [s["symbol"] for s in stored["series"]] == [SYMBOL], "nothing of a bad file is kept"


def test_import_of_what_is_no_symbol_no_timeframe_no_file(folder, tmp_path, says):
    file = str(csv(tmp_path / "abc.csv", 10))
    target = ["--data", str(folder), "data", "import"]
    assert says(*target, file, "--symbol", "NEWUSDT")[0] == 2
    code, found = says(*target, file, "--symbol", "binance-spot:NEWUSDT", "--timeframe", "1min")
    assert code == 2
    assert '"1min" is not a timeframe.' in found["error"]["what"]
    code, found = says(*target, str(tmp_path / "none.csv"), "--symbol", "binance-spot:NEWUSDT")
    assert code == 2
    assert found["error"]["where"].endswith("none.csv")


def test_sql_error_has_its_place(folder, says):
    code, found = says("--data", str(folder), "sql", "select close\nfrom candels")
    assert code == 2
    assert "line 2" in found["error"]["where"]
    assert "candels" in found["error"]["what"]
    assert says("--data", str(folder), "sql", "drop table candles")[0] == 2


def test_settings(folder, tmp_path, says):
    file = tmp_path / "settings.toml"
    file.write_text("[feeds]\nsharts_per_market = 3\n")
    code, found = says("--config", str(file), "--data", str(folder), "data", "list")
    assert code == 2
    assert found["error"]["where"] == f"{file}, line 2"
    assert 'Did you mean "feeds.shards_per_market"?' in found["error"]["what"]
    file.write_text("[feeds\n")
    assert says("--config", str(file), "--data", str(folder), "data", "list")[0] == 2
    assert says("--set", "feeds.shards_per_market=many", "--data", str(folder), "data", "list")[0] == 2
    assert says("--set", "feeds.markets", "--data", str(folder), "data", "list")[0] == 2


def test_data_folder_that_is_a_file(tmp_path, says):
    blocked = tmp_path / "file"
    blocked.write_text("mine")
    source = str(csv(tmp_path / "abc.csv", 10))
    code, found = says("--data", str(blocked), "data", "import", source, "--symbol", SYMBOL)
    assert code == 2
    assert found["error"]["where"] == str(blocked)
    assert "--data DIR" in found["error"]["fix"]
    assert blocked.read_text() == "mine"


def test_unknown_command_and_no_engine(tmp_path, says, capsys):
    code, found = says("backtests")
    assert code == 2
    assert "backtests" in found["error"]["what"]
    assert run(["--data", str(tmp_path), "signals", "--limit", "3"]) == 1
    assert "no engine runs on this data folder. Start: pyroquant --headless" in capsys.readouterr().err


def test_broken_parquet_is_named_and_left_alone(tmp_path, says):
    root = tmp_path / "d"
    source = csv(tmp_path / "abc.csv", 2000)
    assert says("--data", str(root), "data", "import", str(source), "--symbol", SYMBOL)[0] == 0
    (part,) = DataFolder(root).lake.rglob("*.parquet")
    whole = part.read_bytes()
    part.write_bytes(whole[: len(whole) // 2])
    code, found = says("--data", str(root), "backtest", "turtle_slow", "ABCUSDT")
    assert code in (1, 2)
    assert str(part) in found["error"]["where"] + found["error"]["what"]
    assert found["error"]["fix"]
    assert part.read_bytes() == whole[: len(whole) // 2]
    code, found = says("--data", str(root), "data", "list")
    assert code == 0
    assert says("--data", str(root), "sql", "select count(*) from candles")[0] in (1, 2)


def test_the_good_path(folder, says):
    _, stored = says("--data", str(folder), "data", "list")
    assert [(s["symbol"], s["timeframe"], s["bars"]) for s in stored["series"]] == [(SYMBOL, "1m", 4320)]
    code, tested = says("--data", str(folder), "backtest", "turtle_slow", "ABCUSDT", "--timeframe", "5m")
    assert code == 0
    assert tested["trades"]
    assert tested["bars"] == 864
    again = says("--data", str(folder), "backtest", "turtle_slow", "ABCUSDT", "--timeframe", "5m")[1]
    assert len(tested["trade_hash"]) == 16
    assert again["trade_hash"] == tested["trade_hash"]
    silent = ["--from", "2024-01-03T23:50", "--timeframe", "5m"]
    code, none = says("--data", str(folder), "backtest", "turtle_slow", "ABCUSDT", *silent)
    assert code == 0
    assert none["trades"] == []
    assert None in none["metrics"].values(), "what is not a number is null"
    query = "select count(*) as n, min(low) as low from candles where symbol = 'binance-spot:ABCUSDT'"
    code, table = says("--data", str(folder), "sql", query)
    assert (code, table["columns"]) == (0, ["n", "low"])
    assert table["rows"][0][0] == 4320
