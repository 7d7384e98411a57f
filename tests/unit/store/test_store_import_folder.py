"""Folders of candle files: what each is is read off its path; one that is wrong stops no other and says why."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engine.contracts.data import QUOTE_COLUMNS
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, Cancelled
from engine.store.funding import read_funding
from engine.store.import_folder import Naming, identify, import_folder
from engine.store.importer import Layout, import_file
from engine.store.lake import Lake
from tests import shared

START = 1_704_067_200_000  # Monday 2024-01-01
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SPOT = "binance-spot:BTCUSDT"


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def candles(count: int = 5, step: int = MINUTE, price: float = 2.0) -> np.ndarray:
    out = np.full(count, price, CANDLE_DTYPE)
    out["ts"] = START + np.arange(count) * step
    return out


def write(path: Path, bars: np.ndarray, **extra: list[float]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({n: bars[n] for n in CANDLE_DTYPE.names} | extra).write_parquet(path)
    return path


PATHS = {
    "binance-spot/BTCUSDT/1m.parquet": (SPOT, "1m"),
    "binance-spot/BTCUSDT/1M.parquet": (SPOT, "1mo"),
    "binance-um-many/1h/1000PEPEUSDT.parquet": ("binance-futures:1000PEPEUSDT", "1h"),
    "um/币安人生USDT-1d.csv": ("binance-futures:币安人生USDT", "1d"),
    "spot/BTCUSDT-1m-2024-01.zip": (SPOT, "1m"),
    "oanda/EUR_USD/H1_2007-2018.parquet": ("oanda-forex:EUR_USD", "1h"),
    "oanda/XAU_USD/D.parquet": ("oanda-commodities:XAU_USD", "1d"),
    "DAT_ASCII_EURUSD_M1_201202.csv": ("oanda-forex:EUR_USD", "1m"),
    "DAT_MT_XAGUSD_M1_2012.csv": ("oanda-commodities:XAG_USD", "1m"),
    "any/EUR_USD.csv.gz": ("oanda-forex:EUR_USD", ""),
    "oanda-forex/GBPUSD_M15.csv": ("oanda-forex:GBP_USD", "15m"),
}


@pytest.mark.parametrize("path", PATHS)
def test_paths_say_what_a_file_is(path):
    assert identify(Path(path), Naming()) == PATHS[path]


def test_what_the_path_does_not_say_is_asked_for():
    with pytest.raises(BadInput, match="which market BTCUSDT belongs to"):
        identify(Path("x/BTCUSDT.csv"), Naming())
    assert identify(Path("x/BTCUSDT.csv"), Naming(market="binance-spot")) == (SPOT, "")
    with pytest.raises(BadInput, match="which symbol"):
        identify(Path("2024.csv"), Naming(market="binance-spot"))
    with pytest.raises(BadInput, match="not a market"):
        identify(Path("x/BTCUSDT.csv"), Naming(market="binance-sport"))


def test_patterns(tmp_path, lake):
    write(tmp_path / "in" / "2024" / "minutes_of_BTCUSDT_spot.parquet", candles())
    report = import_folder(tmp_path / "in", lake, Naming(pattern="minutes_of_{symbol}_{market}"))
    assert (report.imported, report.failed) == (1, 0)
    assert lake.names() == [(SPOT, "1m")]
    other = import_folder(tmp_path / "in", lake, Naming(pattern="hours_of_{symbol}"))
    assert "does not fit the pattern" in other.files[0].error
    for pattern, words in (("minutes", "names nothing"), ("{symbol}-{year}", "not known")):
        with pytest.raises(BadInput, match=words):
            import_folder(tmp_path / "in", lake, Naming(pattern=pattern))


def test_one_wrong_file_stops_no_other_and_nothing_of_it_is_written(tmp_path, lake):
    root = tmp_path / "in" / "binance-spot"
    write(root / "BTCUSDT" / "1m.parquet", candles())
    write(root / "ETHUSDT" / "1m.parquet", candles(step=HOUR))
    write(root / "ADAUSDT" / "1h.parquet", candles(step=HOUR))
    bad = root / "XRPUSDT" / "1m.csv"
    bad.parent.mkdir()
    bad.write_text(f"time,open,high,low,close,volume\n{START},1,2,0.5,1,1\n{START + MINUTE},1,2,0.5,9,1\n")
    pl.DataFrame({"ts": [1], "rate": [0.1]}).write_parquet(root / "funding.parquet")
    (root / ".hidden").mkdir()
    write(root / ".hidden" / "1m.parquet", candles())
    (root / "README.md").write_text("notes")
    told: list[float] = []
    report = import_folder(tmp_path / "in", lake, Naming(), progress=told.append)
    assert (report.imported, report.skipped, report.failed) == (2, 1, 2)
    by = {Path(f.path).parent.name: f for f in report.files}
    assert by["XRPUSDT"].where == f"{bad}:3"
    assert "bars are 1h apart, not 1m" in by["ETHUSDT"].error
    assert by["binance-spot"].state == "skipped"
    assert lake.names() == [("binance-spot:ADAUSDT", "1h"), (SPOT, "1m")]
    assert told[-1] == 1.0
    with pytest.raises(Cancelled, match="cancelled"):
        import_folder(tmp_path / "in", lake, Naming(), cancelled=lambda: True)
    with pytest.raises(BadInput, match="no candle file"):
        import_folder(tmp_path / "in" / "nowhere", lake, Naming())


def test_packed_files(tmp_path, lake):
    text = f"{START},1.0,2.0,0.5,1.5,10,{START + 59_999},1,1,1,1,0\n{START + MINUTE},1.0,2.0,0.5,1.5,10,1,1,1,1,1,0\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("BTCUSDT-1m-2024-01.csv", text)
    (tmp_path / "a.zip").write_bytes(packed.getvalue())
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    for name in ("a.zip", "a.csv.gz"):
        assert import_file(tmp_path / name, lake, SPOT, "").bars == 2
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("more.csv", text)
    (tmp_path / "two.zip").write_bytes(packed.getvalue())
    (tmp_path / "broken.zip").write_bytes(packed.getvalue()[:40])
    for name, words in (("two.zip", "holds 2 tables"), ("broken.zip", "damaged")):
        with pytest.raises(BadInput, match=words):
            import_file(tmp_path / name, lake, SPOT, "")


def test_columns_said_by_the_person(tmp_path, lake):
    path = tmp_path / "x.txt"
    path.write_text("x~2024-01-01~00:00~9~1~2~0.5~1.5\nx~2024-01-01~00:01~9~1~2~0.5~1.5\n")
    said = Layout(
        columns={"time": "2", "clock": "3", "volume": "4", "open": "5", "high": "6", "low": "7", "close": "8"},
        delimiter="~",
        zone="Europe/Berlin",
    )
    assert import_file(path, lake, SPOT, "", layout=said).first_ms == START - HOUR
    assert lake.read(SPOT, "1m").tolist()[0] == (START - HOUR, 1.0, 2.0, 0.5, 1.5, 9.0)
    named = tmp_path / "y.csv"
    named.write_text(
        "when,first,top,bottom,final,much\n" + "".join(f"{START + i * MINUTE},1,2,1,2,3\n" for i in range(3))
    )
    columns = {"time": "when", "open": "first", "high": "top", "low": "bottom", "close": "final", "volume": "much"}
    assert import_file(named, lake, "binance-spot:Y", "", layout=Layout(columns=columns)).bars == 3
    for wrong, words in (({"opne": "first"}, 'Did you mean "open"'), ({"open": "frist"}, 'Did you mean "first"')):
        with pytest.raises(BadInput, match=words):
            import_file(named, lake, "binance-spot:Z", "", layout=Layout(columns=columns | wrong))
    with pytest.raises(BadInput, match="--columns open=NAME"):
        import_file(named, lake, "binance-spot:Z", "", layout=Layout(columns={"time": "when"}))


def test_a_file_joined_over_the_change_to_microseconds(tmp_path, lake):
    path = tmp_path / "x.csv"
    path.write_text(f"time,open,high,low,close,volume\n{START},1,2,1,2,3\n{(START + MINUTE) * 1000},1,2,1,2,3\n")
    assert import_file(path, lake, SPOT).last_ms == START + MINUTE


def test_bid_and_ask_are_kept_beside_the_six(tmp_path, lake):
    bars = candles(4, HOUR)
    quotes = {name: [1.9 if name.startswith("bid") else 2.1] * 4 for name in QUOTE_COLUMNS}
    report = import_file(write(tmp_path / "q.parquet", bars, **quotes), lake, "oanda-forex:EUR_USD", "1h")
    assert report.quotes == list(QUOTE_COLUMNS)
    assert np.array_equal(lake.read("oanda-forex:EUR_USD", "1h"), bars), "who reads the six sees the six"
    found = lake.read_columns("oanda-forex:EUR_USD", "1h", ["ts", "bid_close", "ask_open"], START + HOUR)
    assert found["bid_close"].tolist() == [1.9] * 3
    assert found["ask_open"].tolist() == [2.1] * 3
    assert import_file(tmp_path / "q.parquet", lake, "oanda-forex:EUR_USD", "1h").written == 0
    # bars without quotes beside them, merged and compacted
    lake.write("oanda-forex:EUR_USD", "1h", candles(6, HOUR)[3:])
    lake.compact("oanda-forex:EUR_USD", "1h")
    wide = lake.read_wide("oanda-forex:EUR_USD", "1h")
    assert np.isnan(wide["bid_open"]).tolist() == [False] * 4 + [True] * 2
    files = [pl.read_parquet(p).columns for p in lake.root.rglob("*.parquet")]
    assert files == [list(CANDLE_DTYPE.names)], "nobody who reads the lake as it stands meets other columns"
    assert lake.check("oanda-forex:EUR_USD", "1h") == []
    plain = lake.read_columns("oanda-forex:EUR_USD", "1h")
    assert list(plain) == list(CANDLE_DTYPE.names)
    with pytest.raises(BadInput, match="no column"):
        lake.read_columns("oanda-forex:EUR_USD", "1h", ["bid"])


def test_one_side_only_makes_the_other_and_the_mid(tmp_path, lake):
    ask = {f"ask_{p}": [2.2] * 3 for p in ("open", "high", "low", "close")}
    report = import_file(write(tmp_path / "a.parquet", candles(3, HOUR), **ask), lake, "oanda-forex:EUR_USD", "1h")
    assert any("taken as the bid" in note for note in report.notes)
    wide = lake.read_wide("oanda-forex:EUR_USD", "1h")
    assert (wide["bid_low"].tolist()[0], wide["low"].tolist()[0], wide["ask_low"].tolist()[0]) == (2.0, 2.1, 2.2)
    both = {f"{s}_{p}": [v] * 3 for s, v in (("bid", 1.0), ("ask", 3.0)) for p in ("o", "h", "l", "c")}
    pl.DataFrame({"time": candles(3, HOUR)["ts"], "volume": [1.0] * 3} | both).write_parquet(tmp_path / "b.parquet")
    report = import_file(tmp_path / "b.parquet", lake, "oanda-forex:USD_JPY", "1h")
    assert "Open to close are the mid of bid and ask." in report.notes
    assert lake.read("oanda-forex:USD_JPY", "1h")["close"].tolist() == [2.0] * 3


def test_bars_on_the_venues_own_alignment_keep_their_times(tmp_path, lake):
    bars = candles(12, 4 * HOUR)
    bars["ts"] -= 3 * HOUR
    report = import_file(write(tmp_path / "H4.parquet", bars), lake, "oanda-forex:EUR_USD", "4h")
    assert any("these times were kept" in note for note in report.notes)
    assert np.array_equal(lake.read("oanda-forex:EUR_USD", "4h"), bars)


def test_months_and_weeks_are_kept_for_queries(tmp_path, lake):
    months = candles(12, DAY)
    months["ts"] = (np.arange("2024-01", "2025-01", dtype="datetime64[M]")).astype("datetime64[ms]").astype(np.int64)
    assert import_file(write(tmp_path / "1M.parquet", months), lake, SPOT, "").timeframe == "1mo"
    assert import_file(write(tmp_path / "1w.parquet", candles(5, 7 * DAY)), lake, SPOT, "").timeframe == "1w"
    assert lake.names() == [(SPOT, "1mo"), (SPOT, "1w")]


@pytest.mark.shared
@pytest.mark.long
def test_every_file_of_the_shared_candles_comes_in(lake):
    folder = shared.data("candles")
    report = import_folder(folder, lake, Naming())
    assert (report.imported, report.funding, report.skipped, report.failed) == (1022, 1, 0, 0)
    assert report.bars == 8_067_468
    assert len(lake.names()) == 1021
    assert read_funding(lake.root, "binance-futures:BTCUSDT")[0].size == 200
    wide = lake.read_wide("oanda-commodities:XAU_USD", "1h")
    assert np.allclose(wide["close"], (wide["bid_close"] + wide["ask_close"]) / 2)
