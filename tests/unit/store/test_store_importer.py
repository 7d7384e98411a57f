"""Import: the known formats come in whole; a file that is wrong is refused with its place and nothing is written."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, Cancelled
from engine.store.importer import import_file
from engine.store.lake import Lake
from tests import shared

SYMBOL = "binance-spot:BTCUSDT"
START = 1_704_067_200_000  # 2024-01-01
HEAD = "time,open,high,low,close,volume\n"
BARS = [
    (START, 1.0, 2.0, 0.5, 1.5, 10.0),
    (START + 60_000, 1.5, 2.5, 1.0, 2.0, 0.0),
]
KLINE = "{a},1.0,2.0,0.5,1.5,10,{b},1,1,1,1,0\n{c},1.5,2.5,1.0,2.0,0,{d},1,1,1,1,0\n"
KLINE_HEAD = "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
KLINE_HEAD += "taker_buy_volume,taker_buy_quote_volume,ignore\n"


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


@pytest.fixture
def put(tmp_path):
    def write(text: str | bytes, name: str = "bars.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def kline(factor: int) -> str:
    stamps = {"a": START, "b": START + 59_999, "c": START + 60_000, "d": START + 119_999}
    if factor == 0:
        return KLINE.format(**{k: v // 1000 for k, v in stamps.items()})
    return KLINE.format(**{k: v * factor for k, v in stamps.items()})


FORMATS = {
    "kline ms": kline(1),
    "kline us": kline(1000),
    "kline ns": kline(1_000_000),
    "kline s": kline(0),
    "kline with header": KLINE_HEAD + kline(1),
    "tradingview iso": "time,open,high,low,close,Volume\n2024-01-01T00:00:00Z,1,2,0.5,1.5,10\n"
    "2024-01-01T00:01:00Z,1.5,2.5,1,2,0\n",
    "tradingview unix": "time,open,high,low,close,Volume\n1704067200,1,2,0.5,1.5,10\n1704067260,1.5,2.5,1,2,0\n",
    "offset": "Date;Open;High;Low;Close;Volume\n2024-01-01 02:00:00+02:00;1;2;0.5;1.5;10\n"
    "2024-01-01 02:01:00+02:00;1.5;2.5;1;2;0\n",
    "decimal comma": "Date;Open;High;Low;Close;Vol\n2024-01-01 00:00;1,0;2,0;0,5;1,5;10\n"
    "2024-01-01 00:01;1,5;2,5;1,0;2,0;0\n",
    "metatrader 5": "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n"
    "2024.01.01\t00:00:00\t1\t2\t0.5\t1.5\t10\t0\t15\n2024.01.01\t00:01:00\t1.5\t2.5\t1\t2\t0\t0\t15\n",
    "metatrader 4": "2024.01.01,00:00,1,2,0.5,1.5,10\n2024.01.01,00:01,1.5,2.5,1,2,0\n",
    "histdata": "20240101 000000;1;2;0.5;1.5;10\n20240101 000100;1.5;2.5;1;2;0\n",
    "cryptodatadownload": "https://www.example.com\nunix,date,symbol,open,high,low,close,Volume BTC,Volume USD\n"
    "1704067260,2024-01-01 00:01:00,BTC/USD,1.5,2.5,1,2,0,5\n1704067200,2024-01-01 00:00:00,BTC/USD,1,2,0.5,1.5,10,9\n",
    "quoted, blank lines, crlf": '"Timestamp","Open","High","Low","Close","Volume"\r\n\r\n'
    '"2024-01-01 00:00:00 UTC","1","2","0.5","1.5","10"\r\n"2024-01-01 00:01:00 UTC","1.5","2.5","1","2","0"\r\n\r\n',
    "not complete": "time,complete,volume,mid_o,mid_h,mid_l,mid_c\n2024-01-01T00:00:00.000000000Z,True,10,1,2,0.5,1.5\n"
    "2024-01-01T00:01:00.000000000Z,True,0,1.5,2.5,1,2\n2024-01-01T00:02:00.000000000Z,False,0,9,9,9,9\n",
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(lake, put, name):
    report = import_file(put(FORMATS[name]), lake, SYMBOL)
    assert lake.read(SYMBOL, "1m").tolist() == BARS
    assert (report.bars, report.written, report.first_ms, report.last_ms) == (2, 2, START, START + 60_000)
    again = import_file(put(FORMATS[name]), lake, SYMBOL)
    assert (again.bars, again.written) == (2, 0)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings(lake, put, encoding):
    text = FORMATS["tradingview unix"].replace("Volume", "Volume,Größe")
    import_file(put(text.encode(encoding)), lake, SYMBOL)
    assert lake.read(SYMBOL, "1m").tolist() == BARS


def test_parquet_and_feather_of_any_types(lake, tmp_path):
    moments = [datetime.fromtimestamp(r[0] / 1000, UTC) for r in BARS]
    plain = {n: [r[i + 1] for r in BARS] for i, n in enumerate(["open", "high", "low", "close", "volume"])}
    frames = [
        pl.DataFrame({"ts": [r[0] for r in BARS], **plain}),
        pl.DataFrame({"Date": pl.Series(moments, dtype=pl.Datetime("ns", "UTC")), **plain}),
        pl.DataFrame({"timestamp": pl.Series(moments).dt.replace_time_zone(None), **plain}),
        pl.DataFrame({"time": [str(m) for m in moments], **plain}),
        pl.DataFrame({"ts": [r[0] for r in BARS]} | {k: [Decimal(str(x)) for x in v] for k, v in plain.items()}),
    ]
    for i, frame in enumerate(frames):
        for write, suffix in ((frame.write_parquet, "parquet"), (frame.write_ipc, "feather")):
            path = tmp_path / f"{i}.{suffix}"
            write(path)
            import_file(path, lake, f"binance-spot:{suffix}{i}")
            assert lake.read(f"binance-spot:{suffix}{i}", "1m").tolist() == BARS


def row(time: object = START, o=1, h=2, lo=0.5, c=1.5, v=10) -> str:
    return f"{time},{o},{h},{lo},{c},{v}\n"


WRONG = {
    "missing column": ("time,open,high,low,volume\n" + row(), ":1", "no column for close"),
    "no time": ("a,open,high,low,close,volume\n" + row(), ":1", "no column for time"),
    "no volume": ("time,open,high,low,close\n1704067200,1,2,0.5,1.5\n", ":1", "no column for volume"),
    "twice": (HEAD + row() + row(START + 60_000) + row(), ":4", "twice, first at .*:2"),
    "nan": (HEAD + row() + row(START + 60_000, c="nan"), ":3", "close is nan"),
    "empty price": (HEAD + row() + row(START + 60_000, c=""), ":3", "close is empty"),
    "negative": (HEAD + row() + "\n\n" + row(START + 60_000, lo=-1), ":5", "low is -1"),
    "zero": (HEAD + row(o=0), ":2", "open is 0"),
    "infinite": (HEAD + row(h="inf"), ":2", "high is inf"),
    "negative volume": (HEAD + row(v=-3), ":2", "volume is -3"),
    "words": (HEAD + row(c="abc"), ":2", "close is abc"),
    "outside its range": (HEAD + row(c=3), ":2", "outside low 0.5 to high 2"),
    "mixed units": (HEAD + row() + row((START + 60_000) // 1000), ":3", "from milliseconds to seconds"),
    "text among numbers": (HEAD + row() + row("soon"), ":3", '"soon" is not a time like the others'),
    "ambiguous date": (HEAD + row("05/06/2024 10:00"), ":2", "not a time that is known"),
    "no time at all": (HEAD + row(""), ":2", "time is empty"),
    "1970": (HEAD + row(1_704_067), ":2", "not between 1990 and 2100"),
    "short row": (HEAD + row() + f"{START + 60_000},1,2\n", ":3", "low is empty"),
    "short first row": (HEAD + f"{START},1,2\n" + row(START + 60_000), ":2", "low is empty"),
    "another timeframe": (HEAD + row() + row(START + 3_600_000), ".csv", "bars are 1h apart, not 1m"),
    "empty": ("", ".csv", "empty"),
    "blank": ("\n  \n", ".csv", "empty"),
    "header only": (HEAD, ".csv", "no bars"),
    "prose": ("hello\nworld\n", ":1", "not a table of bars"),
    "odd layout": ("1704067200,1,2,0.5,1.5,10,7,8\n", ":1", "8 columns are no layout"),
    "binary": (b"\x7fELF\x00\x01\x02", ".csv", "neither a CSV nor a Parquet"),
    "broken parquet": (b"PAR1 and then nothing", ".csv", "damaged"),
    "broken feather": (b"ARROW1 and then nothing", ".csv", "damaged"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_files_are_refused_with_their_place(lake, put, name):
    content, place, words = WRONG[name]
    path = put(content)
    with pytest.raises(BadInput, match=words) as caught:
        import_file(path, lake, SYMBOL)
    assert caught.value.where.endswith(f"bars.csv{place}" if place.startswith(":") else place)
    assert not lake.root.exists(), "something was written"


def test_wrong_rows_of_parquet_are_counted(lake, tmp_path):
    path = tmp_path / "x.parquet"
    frame = {
        "ts": [START, START + 60_000],
        "open": [1.0, None],
        "high": [2.0] * 2,
        "low": [1.0] * 2,
        "close": [1.0] * 2,
    }
    pl.DataFrame(frame | {"volume": [1.0, 1.0]}).write_parquet(path)
    with pytest.raises(BadInput, match="open is empty") as caught:
        import_file(path, lake, SYMBOL)
    assert caught.value.where == f"{path}: row 2"


def test_arguments_that_cannot_be(lake, put, tmp_path):
    good = put(FORMATS["kline ms"])
    for keywords, words in (
        ({"timeframe": "7m"}, "not a timeframe"),
        ({"symbol": "binance-sport:X"}, "not a market"),
        ({"volume_column": "amount"}, 'no column "amount"'),
    ):
        with pytest.raises(BadInput, match=words):
            import_file(good, lake, **({"symbol": SYMBOL} | keywords))
    with pytest.raises(BadInput, match="cannot be opened"):
        import_file(tmp_path / "none.csv", lake, SYMBOL)
    with pytest.raises(BadInput, match="not a time zone"):
        import_file(put(FORMATS["histdata"]), lake, SYMBOL, zone="Mars/Base")
    assert not lake.root.exists()


def test_what_was_assumed_is_told(lake, put):
    text = "date,open,high,low,close\n2024-01-01 00:01,1,2,1,1\n2024-01-01 00:00:00,1,2,1,1\n"
    with pytest.raises(BadInput, match="like the others"):
        import_file(put(text), lake, SYMBOL, volume_column=None)
    text = "date,open,high,low,close\n2024-01-01 00:01,1,2,1,1\n2024-01-01 00:00,1,2,1,1\n2024-01-01 00:04,1,2,1,1\n"
    report = import_file(put(text), lake, SYMBOL, volume_column=None, zone="Europe/Berlin")
    assert report.first_ms == START - 3_600_000
    assert report.gaps == 1
    assert lake.read(SYMBOL, "1m")["volume"].tolist() == [0.0] * 3
    joined = " ".join(report.notes)
    for words in ("taken as Europe/Berlin", "without volume", "were sorted"):
        assert words in joined


def test_bars_off_the_grid_are_set_back_and_told(lake, put):
    text = HEAD + "".join(row(START + i * 60_000) for i in range(-9, 2))
    text += row(START + 127_000) + row(START + 179_000, c=1.2)
    report = import_file(put(text), lake, SYMBOL)
    assert lake.read(SYMBOL, "1m")["ts"].tolist() == [START + i * 60_000 for i in range(-9, 3)]
    assert lake.read(SYMBOL, "1m")["close"][-1] == 1.2
    assert "2 bars opened off the grid" in report.notes[0]
    assert "1 of them fell" in report.notes[1]


def test_progress_and_cancel(lake, tmp_path):
    candles = np.ones(48, CANDLE_DTYPE)
    candles["ts"] = START - 24 * 3_600_000 + np.arange(48) * 3_600_000
    path = tmp_path / "two_years.parquet"
    pl.DataFrame({n: candles[n] for n in CANDLE_DTYPE.names}).write_parquet(path)
    with pytest.raises(Cancelled):
        import_file(path, lake, SYMBOL, "1h", cancelled=lambda: True)
    assert lake.list() == []
    answers = iter([False, True])
    with pytest.raises(Cancelled, match="24 bars are in the lake"):
        import_file(path, lake, SYMBOL, "1h", cancelled=lambda: next(answers))
    assert lake.read(SYMBOL, "1h").size == 24
    told: list[float] = []
    assert import_file(path, lake, SYMBOL, "1h", progress=told.append).written == 24
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.shared
def test_a_real_history_of_minutes(lake):
    """3.34 million bars with 21,602 that open off the minute, one of which meets a bar that is there."""
    path = shared.data("candles/binance-spot/BTCUSDT/1m.parquet")
    report = import_file(path, lake, SYMBOL)
    assert (report.rows, report.bars, report.written) == (3_343_519, 3_343_518, 3_343_518)
    assert report.notes[0].startswith("21602 bars opened off the grid")
    frame = pl.read_parquet(path).with_columns(pl.col("ts") // 60_000 * 60_000).unique("ts", keep="last").sort("ts")
    stored = lake.read(SYMBOL, "1m")
    for name in CANDLE_DTYPE.names:
        assert np.array_equal(stored[name], frame[name].to_numpy())
    columns = lake.read_columns(SYMBOL, "1m", ["ts", "close"], START - 86_400_000, START - 60_000)
    assert columns["ts"].tolist() == list(range(START - 86_400_000, START - 60_000, 60_000))
