"""Archive files as they are published and as they are broken; and which of them are worth asking for."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.errors import BadInput, PyroError
from engine.contracts.sessions import joined, without
from engine.feeds.archive import UnsoundFile, read_zip
from engine.feeds.download import WORTH_BARS, bridged, holes_in, plan
from engine.venues import archive

START = 1_704_067_200_000  # 2024-01-01
MINUTE, DAY = 60_000, 86_400_000
HEADER = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,"
HEADER += "ignore\n"


def zipped(text: str, count: int = 1) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for i in range(count):
            made.writestr(f"X-1m-2024-0{i + 1}.csv", text)
    return packed.getvalue()


def row(at: int, price: float = 1.5, factor: int = 1, **other: float) -> str:
    p = {"o": price, "h": price + 1, "l": price - 1, "c": price, "v": 10.0} | other
    return f"{at * factor},{p['o']},{p['h']},{p['l']},{p['c']},{p['v']},{(at + 59_999) * factor},1,1,1,1,0\n"


@pytest.mark.parametrize("header", ["", HEADER])
@pytest.mark.parametrize("factor", [1, 1000])
def test_header_or_none_milliseconds_or_microseconds(header, factor):
    bars, dropped, moved = read_zip(
        zipped(header + row(START, 2.0, factor) + row(START + MINUTE, 3.0, factor)), "f", MINUTE
    )
    assert bars.tolist() == [(START, 2.0, 3.0, 1.0, 2.0, 10.0), (START + MINUTE, 3.0, 4.0, 2.0, 3.0, 10.0)]
    assert (dropped, moved) == (0, 0)


def test_the_unit_is_that_of_each_value():
    bars, _, _ = read_zip(zipped(row(START) + row(START + MINUTE, factor=1000)), "f", MINUTE)
    assert bars["ts"].tolist() == [START, START + MINUTE]


def test_order_doubles_stamps_off_the_grid_and_rows_that_cannot_be():
    text = row(START + 2 * MINUTE) + row(START, 5.0) + row(START, 6.0)
    text += row(START + MINUTE + 20_799, 7.0)  # moved to its minute
    text += row(START + 2 * MINUTE + 14_789, 8.0)  # its minute is there: that one stays
    text += (
        row(START + 3 * MINUTE, h=0.1) + row(START + 4 * MINUTE, l=0.0) + row(START + 5 * MINUTE).replace("1.5", "x")
    )
    text += row(START + 6 * MINUTE, v=-1.0)
    bars, dropped, moved = read_zip(zipped(text), "f", MINUTE)
    assert bars["ts"].tolist() == [START, START + MINUTE, START + 2 * MINUTE]
    assert bars["close"].tolist() == [6.0, 7.0, 1.5]
    assert (dropped, moved) == (6, 2)


@pytest.mark.parametrize(
    "body", [b"", b"not a zip", zipped("", 2), zipped("a,b\n1,2\n"), zipped(row(START))[:-30], b"<html>404</html>"]
)
def test_what_is_no_such_file_is_refused(body):
    with pytest.raises(UnsoundFile, match="cannot be read"):
        read_zip(body, "f", MINUTE)


def test_an_empty_table_is_no_error():
    assert read_zip(zipped(""), "f", MINUTE)[0].size == 0


def test_paths_and_checksums():
    assert archive.path("binance_spot", "BTCUSDT", "1m", "2024-01") == (
        "/data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-01.zip"
    )
    assert archive.path("binance_futures", "币安人生USDT", "1h", "2024-01-31") == (
        "/data/futures/um/daily/klines/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT/1h/"
        "%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT-1h-2024-01-31.zip"
    )
    with pytest.raises(BadInput, match="no archive"):
        archive.path("oanda", "EUR_USD", "1m", "2024-01")
    digest = "0123456789abcdef" * 4
    assert archive.parse_checksum(f"{digest.upper()}  X.zip\n".encode(), "f") == digest
    assert archive.parse_checksum(digest.encode(), "f") == digest
    for body in (b"", b"<html>", digest[:-1].encode(), b"\xff" * 64):
        with pytest.raises(PyroError, match="not a checksum"):
            archive.parse_checksum(body, "f")
    assert archive.failure(404, b"", {}).kind == "missing"
    assert archive.failure(503, b"", {}).kind == "server"


def ranges(*pairs: tuple[int, int]) -> np.ndarray:
    return np.array(pairs, np.int64).reshape(-1, 2)


def test_plan_takes_months_then_days_then_rows():
    now = START + 45 * DAY  # 2024-02-15
    everything = ranges((START, now))
    found = plan(everything, MINUTE, now, archive=True, rest=True)
    assert [p.period for p in found][:3] == ["2024-01", "2024-02-01", "2024-02-02"]
    assert found[-1].period == ""
    assert (found[-1].from_ms, found[-1].to_ms) == (now - DAY, now), "yesterday's file comes some hours after midnight"
    without_month = plan(everything, MINUTE, now, archive=True, rest=True, tried={"2024-01"})
    assert [p.period for p in without_month][:2] == ["2024-01-01", "2024-01-02"]
    assert {p.period for p in plan(everything, MINUTE, now, archive=False, rest=True)} == {""}
    assert "" not in {p.period for p in plan(everything, MINUTE, now, archive=True, rest=False)}
    few = ranges((START + DAY, START + DAY + (WORTH_BARS - 1) * MINUTE // 2))
    assert [p.period for p in plan(few, MINUTE, now, archive=True, rest=True)] == [""]
    assert [p.period for p in plan(few, MINUTE, now, archive=True, rest=False)] == ["2024-01"]
    assert plan(ranges(), MINUTE, now, archive=True, rest=True) == []
    year = plan(ranges((START, START + 366 * DAY)), 60 * MINUTE, START + 400 * DAY, archive=True, rest=True)
    assert [p.period for p in year] == [f"2024-{m:02d}" for m in range(1, 13)], "whole months however few their bars"


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 3_000)), min_size=1, max_size=6),
    st.integers(1, 90),
    st.booleans(),
)
def test_plan_covers_what_is_missing_once_and_rows_ask_for_nothing_else(pairs, days, archived):
    missing = joined(
        ranges(*((START + a * 600_000, START + (a + n) * 600_000) for a, n in pairs)), 0, START + days * DAY
    )
    found = plan(missing, MINUTE, START + days * DAY, archive=archived, rest=True)
    spans = ranges(*((p.from_ms, p.to_ms) for p in found))
    if len(missing):
        assert without(missing, joined(spans, 0, 1 << 62)).size == 0
    assert (spans[1:, 0] >= spans[:-1, 1]).all()
    for piece in found:
        if not piece.period:
            assert without(ranges((piece.from_ms, piece.to_ms)), missing).size == 0


def test_holes_and_bridges():
    ts = np.array([2, 3, 7, 8]) * MINUTE
    assert (holes_in(ts, 0, 10 * MINUTE, MINUTE) // MINUTE).tolist() == [[0, 2], [4, 7], [9, 10]]
    assert (holes_in(ts, 3 * MINUTE, 8 * MINUTE, MINUTE) // MINUTE).tolist() == [[4, 7]]
    assert holes_in(ts, 2 * MINUTE, 4 * MINUTE, MINUTE).size == 0
    assert (holes_in(ts[:0], 0, 5 * MINUTE, MINUTE) // MINUTE).tolist() == [[0, 5]]
    assert bridged(ranges((0, 2), (4, 6), (20, 22)), 3).tolist() == [[0, 6], [20, 22]]
    assert bridged(ranges((0, 2)), 3).tolist() == [[0, 2]]
