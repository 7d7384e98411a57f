"""The lake: layout, overlapping parts, faults of files and of the disk, and that other tools read it as it stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput, PyroError
from engine.store import lake_files
from engine.store.fingerprint import fingerprint
from engine.store.lake import Lake

SYMBOL = "binance-spot:BTCUSDT"
MINUTE = 60_000
MAY = 1_714_521_600_000  # 2024-05-01
DAY = 1440


def bars(first: int, count: int, value: float = 1.0, start: int = MAY) -> np.ndarray:
    out = np.full(count, value, CANDLE_DTYPE)
    out["ts"] = start + (first + np.arange(count)) * MINUTE
    out["volume"] = np.arange(count)
    return out


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def files_of(lake: Lake) -> list[str]:
    return sorted(str(p.relative_to(lake.root)) for p in lake.root.rglob("*.parquet"))


def test_layout_and_footer(lake):
    assert lake.write(SYMBOL, "1m", bars(0, 10)) == 10
    path = f"market=binance-spot/timeframe=1m/symbol=BTCUSDT/year=2024/part-{MAY}-{MAY + 9 * MINUTE}.parquet"
    assert files_of(lake) == [path]
    meta = pq.read_metadata(lake.root / path)
    assert meta.metadata[b"pyroquant.schema"] == b"1"
    column = meta.row_group(0).column(0)
    assert (column.compression, column.statistics.min, column.statistics.max) == ("ZSTD", MAY, MAY + 9 * MINUTE)
    assert meta.row_group(0).sorting_columns[0].column_index == 0
    assert [meta.schema.column(i).name for i in range(6)] == list(CANDLE_DTYPE.names)


def test_a_write_over_new_year_makes_a_part_for_each(lake):
    lake.write(SYMBOL, "1m", bars(-5, 10, start=1_704_067_200_000))
    assert [f.split("/")[3] for f in files_of(lake)] == ["year=2023", "year=2024"]
    assert lake.read(SYMBOL, "1m").size == 10


def test_the_same_bars_again_touch_no_file(lake):
    lake.write(SYMBOL, "1m", bars(0, 10))
    before = lake.fingerprint(SYMBOL, "1m")
    assert lake.write(SYMBOL, "1m", bars(3, 4)[:0]) == 0
    assert lake.write(SYMBOL, "1m", bars(0, 10)) == 0
    assert lake.fingerprint(SYMBOL, "1m") == before


def test_a_restated_bar_wins_and_changes_the_fingerprints(lake):
    lake.write(SYMBOL, "1m", bars(0, 10))
    before = lake.fingerprint(SYMBOL, "1m"), fingerprint(lake.read(SYMBOL, "1m"))
    assert lake.write(SYMBOL, "1m", bars(4, 2, 2.0)) == 2
    found = lake.read(SYMBOL, "1m")
    assert found["close"].tolist() == [1, 1, 1, 1, 2, 2, 1, 1, 1, 1]
    after = lake.fingerprint(SYMBOL, "1m"), fingerprint(found)
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert len(after[1]) == 16
    assert len(files_of(lake)) == 1


def test_a_replacement_cut_off_before_the_old_parts_went(lake):
    """Exactly what a kill leaves between the rename of the new part and the removal of the old ones."""
    lake.write(SYMBOL, "1m", bars(0, 10))
    lake.write(SYMBOL, "1m", bars(20, 10))
    old = [lake.root / f for f in files_of(lake)]
    saved = [f.read_bytes() for f in old]
    lake.write(SYMBOL, "1m", bars(5, 20, 3.0))
    expected = lake.read(SYMBOL, "1m")
    assert len(files_of(lake)) == 1
    for path, data in zip(old, saved):
        path.write_bytes(data)
    (old[0].parent / f".{old[0].name}.writing").write_bytes(b"half a fi")

    fresh = Lake(lake.root)
    assert fresh.read(SYMBOL, "1m").tolist() == expected.tolist()
    assert fresh.read(SYMBOL, "1m", last=12).tolist() == expected[-12:].tolist()
    assert fresh.read(SYMBOL, "1m", MAY + 7 * MINUTE, MAY + 22 * MINUTE).tolist() == expected[7:22].tolist()
    assert fresh.coverage(SYMBOL, "1m").bars == expected.size
    assert fresh.recover() == 3
    assert len(files_of(fresh)) == 1
    assert not list(lake.root.rglob("*.writing"))
    assert fresh.read(SYMBOL, "1m").tolist() == expected.tolist()


def test_compaction_makes_one_part_a_month(lake):
    for day in range(40):
        lake.write(SYMBOL, "1m", bars(day * DAY, DAY, day + 1.0))
    before = lake.read(SYMBOL, "1m")
    assert lake.compact(SYMBOL, "1m") == 38
    assert len(files_of(lake)) == 2
    assert Lake(lake.root).read(SYMBOL, "1m").tolist() == before.tolist()
    assert lake.compact(SYMBOL, "1m") == 0


def test_list_reads_names_and_footers_of_every_series(lake):
    for name in ("BTCUSDT", "币安人生USDT", "EUR/USD", "a.b%c", ".."):
        lake.write(f"binance-spot:{name}", "1m", bars(0, 3))
    lake.write("oanda-forex:EUR_USD", "1h", bars(0, 60)[::60])
    found = lake.list()
    assert {s.symbol for s in found} == {
        *(f"binance-spot:{n}" for n in ("BTCUSDT", "币安人生USDT", "EUR/USD", "a.b%c", "..")),
        "oanda-forex:EUR_USD",
    }
    first = next(s for s in found if s.symbol == SYMBOL)
    assert (first.bars, first.first_ms, first.last_ms, first.files) == (3, MAY, MAY + 2 * MINUTE, 1)
    assert first.bytes > 0
    assert lake.read("binance-spot:..", "1m").size == 3
    assert all(lake.root in p.parents for p in lake.root.parent.rglob("*.parquet"))


def test_delete_removes_one_series(lake):
    lake.write(SYMBOL, "1m", bars(0, 3))
    lake.write("binance-spot:ETHUSDT", "1m", bars(0, 3))
    lake.delete(SYMBOL, "1m")
    lake.delete(SYMBOL, "1m")
    assert [s.symbol for s in lake.list()] == ["binance-spot:ETHUSDT"]


def test_a_deletion_cut_off_half_way_is_finished(lake):
    """What a kill leaves after the folder lost its name and before its files went."""
    lake.write(SYMBOL, "1m", bars(0, 3))
    series = lake_files.series_folder(lake.root, SYMBOL, "1m")
    series.rename(series.with_name(f".deleted-{series.name}"))
    assert lake.list() == []
    assert lake.write(SYMBOL, "1m", bars(5, 1)) == 1
    assert lake.recover() == 1
    assert lake.read(SYMBOL, "1m").tolist() == bars(5, 1).tolist()
    assert not list(lake.root.rglob(".deleted-*"))


def test_bars_that_cannot_be_are_refused(lake):
    for change, word in (
        (("ts", MAY + 1), "opening time"),
        (("ts", MAY // 1000 // 60 * 60), "opening time"),
        (("close", np.nan), "close nan"),
        (("low", -1.0), "low -1"),
    ):
        wrong = bars(0, 3)
        wrong[change[0]][1] = change[1]
        with pytest.raises(BadInput, match=word):
            lake.write(SYMBOL, "1m", wrong)
    with pytest.raises(BadInput, match="CANDLE_DTYPE"):
        lake.write(SYMBOL, "1m", np.zeros(3))
    with pytest.raises(BadInput, match="names no market"):
        lake.write("BTCUSDT", "1m", bars(0, 3))
    with pytest.raises(BadInput, match="Did you mean"):
        lake.write("binance-spt:BTCUSDT", "1m", bars(0, 3))
    with pytest.raises(BadInput, match="no column"):
        lake.read_columns(SYMBOL, "1m", ["vol"])
    assert lake.list() == []


def test_a_damaged_part_is_named_and_the_others_stay_readable(lake):
    lake.write(SYMBOL, "1m", bars(0, 10))
    lake.write(SYMBOL, "1m", bars(DAY, 10))
    bad = lake.root / files_of(lake)[0]
    bad.write_bytes(b"PAR1 this is no parquet PAR1")
    with pytest.raises(PyroError, match="damaged") as caught:
        lake.read(SYMBOL, "1m")
    assert caught.value.where == str(bad)
    assert "repair" in caught.value.fix
    assert lake.read(SYMBOL, "1m", MAY + DAY * MINUTE).size == 10
    assert lake.read(SYMBOL, "1m", last=10).size == 10
    assert lake.coverage(SYMBOL, "1m").bars == 10
    with pytest.raises(PyroError, match="damaged"):
        lake.write(SYMBOL, "1m", bars(5, 2))
    assert [e.where for e in lake.check(SYMBOL, "1m")] == [str(bad)]
    assert lake.repair(SYMBOL, "1m") == [bad.with_name(bad.name + ".corrupt")]
    assert lake.read(SYMBOL, "1m").size == 10
    assert bad.with_name(bad.name + ".corrupt").read_bytes().startswith(b"PAR1")


def test_a_flipped_bit_inside_a_part_is_found_by_its_checksum(lake):
    rng = np.random.default_rng(1)
    noisy = bars(0, 5000)
    noisy["close"] = rng.random(5000)
    lake.write(SYMBOL, "1m", noisy)
    path = lake.root / files_of(lake)[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert len(Lake(lake.root).check(SYMBOL, "1m")) == 1


def test_foreign_files_are_passed_over_and_wrong_parquet_is_named(lake):
    lake.write(SYMBOL, "1m", bars(0, 10))
    folder = (lake.root / files_of(lake)[0]).parent
    (folder / "notes.txt").write_text("mine")
    (folder / "part-1-2.parquet.corrupt").write_text("old")
    (lake.root / "market=binance-spot" / "README").write_text("x")
    assert lake.read(SYMBOL, "1m").size == 10
    foreign = folder / f"part-{MAY + DAY * MINUTE}-{MAY + DAY * MINUTE}.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(foreign)
    with pytest.raises(PyroError, match="no column ts"):
        lake.read(SYMBOL, "1m")
    assert lake.read(SYMBOL, "1m", to_ms=MAY + DAY * MINUTE).size == 10


def test_a_part_of_a_newer_version_is_left_alone(lake):
    lake.write(SYMBOL, "1m", bars(0, 10))
    path = lake.root / files_of(lake)[0]
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.replace_schema_metadata({"pyroquant.schema": "99"}), path)
    data = path.read_bytes()
    with pytest.raises(PyroError, match="newer version"):
        Lake(lake.root).write(SYMBOL, "1m", bars(5, 3))
    assert path.read_bytes() == data


def test_duckdb_and_polars_read_it_as_it_stands(lake):
    for symbol in (SYMBOL, "binance-spot:币安USDT", "oanda-forex:EUR_USD"):
        lake.write(symbol, "1m", bars(0, 10))
        lake.write(symbol, "1m", bars(-10, 5, start=1_704_067_200_000))
    glob = f"{lake.root}/market=*/timeframe=*/symbol=*/year=*/*.parquet"
    frame = pl.read_parquet(glob, hive_partitioning=True)
    assert frame.height == 45
    assert frame.filter(pl.col("symbol") == "BTCUSDT", pl.col("year") == 2023).height == 5
    assert frame["symbol"].n_unique() == 3
    assert pl.read_parquet(lake.root, hive_partitioning=True).height == 45
    rows = duckdb.sql(f"SELECT symbol, year, count(*) FROM read_parquet('{glob}') GROUP BY ALL ORDER BY ALL").fetchall()
    assert rows[0] == ("BTCUSDT", 2023, 5)
    assert ("币安USDT", 2024, 10) in rows


def _in_child(code: str, *arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


_WRITE = """
import sys
from pathlib import Path
import numpy as np
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import PyroError
from engine.store.lake import Lake
lake = Lake(Path(sys.argv[1]))
rng = np.random.default_rng(0)
new = np.zeros(20_000, CANDLE_DTYPE)
new["ts"] = 1714521600000 + np.arange(20_000) * 60_000
for name in CANDLE_DTYPE.names[1:]:
    new[name] = rng.random(20_000)
SETUP
try:
    lake.write("binance-spot:BTCUSDT", "1m", new)
except PyroError as error:
    sys.stderr.write(str(error))
    sys.exit(7)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of the file size are POSIX")
def test_no_room_loses_nothing(lake):
    """The kernel refuses the write half-way, as on a full disk."""
    lake.write(SYMBOL, "1m", bars(0, 10))
    limit = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    )
    child = _in_child(_WRITE.replace("SETUP", limit), str(lake.root))
    assert child.returncode == 7, child.stderr
    assert "no room left" in child.stderr
    assert "Free some space" in child.stderr
    assert lake.read(SYMBOL, "1m").tolist() == bars(0, 10).tolist()
    assert not list(lake.root.rglob("*.writing"))


@pytest.mark.skipif(sys.platform == "win32", reason="rights of folders are POSIX")
def test_a_folder_without_the_right_to_write(lake):
    lake.write(SYMBOL, "1m", bars(0, 10))
    shutil.rmtree(lake.root / ".locks")
    folders = [lake.root, *(p for p in lake.root.rglob("*") if p.is_dir())]
    drop = ""
    if os.geteuid() == 0:
        # Rights do not bind the superuser: the child must become someone else, who can still reach the folder.
        drop = "import os\nlake.list()\nos.setgid(65534)\nos.setuid(65534)"
        for parent in [lake.root.parent, *lake.root.parent.parents][:4]:
            if parent != Path("/tmp") and str(parent).startswith("/tmp"):
                parent.chmod(0o755)
    for folder in folders:
        folder.chmod(0o555)
    try:
        child = _in_child(_WRITE.replace("SETUP", drop), str(lake.root))
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert child.returncode == 7, child.stderr
    assert "may not be written to" in child.stderr
    assert lake.read(SYMBOL, "1m").tolist() == bars(0, 10).tolist()


def test_a_reader_meets_a_part_replaced_under_its_hands(lake, monkeypatch):
    """Between listing and opening, another process replaces the parts: the reader lists again."""
    lake.write(SYMBOL, "1m", bars(0, 10))
    reader = Lake(lake.root)
    listed = lake_files.parts_of
    calls = []

    def listing(*arguments):
        parts = listed(*arguments)
        if not calls:
            calls.append(1)
            lake.write(SYMBOL, "1m", bars(5, 10, 2.0))
        return parts

    monkeypatch.setattr(lake_files, "parts_of", listing)
    assert reader.read(SYMBOL, "1m").size == 15


def test_a_part_of_a_newer_version_is_refused_and_never_moved(lake):
    lake.write(SYMBOL, "1m", bars(0, 10))
    part = next(lake.root.rglob("*.parquet"))
    table = pq.read_table(part, partitioning=None)
    pq.write_table(table.replace_schema_metadata({"pyroquant.schema": "99"}), part)
    fresh = Lake(lake.root)
    for attempt in (
        lambda: fresh.read(SYMBOL, "1m"),
        lambda: fresh.write(SYMBOL, "1m", bars(5, 10)),
        lambda: fresh.repair(SYMBOL, "1m"),
        lambda: fresh.compact(SYMBOL, "1m") or fresh.read(SYMBOL, "1m"),
    ):
        with pytest.raises(PyroError, match=r"newer version .* Update PyroQuant"):
            attempt()
    assert [str(f.fix) for f in fresh.examine(SYMBOL, "1m")[1]] == ["Update PyroQuant; the file was left as it is."]
    assert part.exists()
