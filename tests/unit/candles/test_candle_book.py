"""The book's rules, one test each, on a handful of hand-made frames."""

from __future__ import annotations

import numpy as np
import pytest

from engine.candles import book as book_module
from engine.candles.book import CandleBook
from engine.candles.types import BACKFILLED, HELD, REVISION
from engine.contracts.dtypes import CANDLE_DTYPE, KLINE_FINAL, KLINE_RUNNING, TICK_DTYPE, TRADE
from engine.contracts.errors import BadInput

M = 60_000
H = 3_600_000
T0 = 1_700_000_000_000 - 1_700_000_000_000 % (4 * H)


def tick(kind, minute, price=100.0, volume=1.0, *, row=0, event=None, ids=(-1, -1), high=None, low=None, ts=None):
    """One TICK row of the minute T0 + minute; a final is stamped 5 ms after its close."""
    ts = T0 + minute * M if ts is None else ts
    event = ts + (M + 5 if kind == KLINE_FINAL else 1000) if event is None else event
    return (
        row,
        kind,
        ts,
        price,
        price if high is None else high,
        price if low is None else low,
        price,
        volume,
        *ids,
        -1,
        event,
        event * 1_000_000,
    )


def ticks(*rows):
    return np.array(list(rows), TICK_DTYPE)


def bars(*rows):
    """CANDLE rows of (minute, price, volume)."""
    return np.array([(T0 + m * M, p, p, p, p, v) for m, p, v in rows], CANDLE_DTYPE)


def make(*timeframes, rows=1, tick_size=0.01, lot=0.001):
    return CandleBook(rows, timeframes or ("1m", "5m"), [tick_size] * rows, [lot] * rows)


def closed(book):
    """(timeframe, minute, close, flags) of what closed since the last take."""
    return [
        (book.timeframes[c["tf"]], int(c["ts"] - T0) // M, float(c["close"]), int(c["flags"]))
        for c in book.take_closed()
    ]


def finals(*minutes):
    return ticks(*(tick(KLINE_FINAL, m, 100.0 + m) for m in minutes))


def running(book, tf=0, row=0):
    return book.running(np.array([row * len(book.timeframes) + tf]))[0]


def test_only_a_final_frame_closes_a_minute():
    book = make()
    book.apply(ticks(tick(KLINE_RUNNING, 0), tick(KLINE_RUNNING, 0, 101.0, 2.0, event=T0 + 2000)))
    assert closed(book) == []
    assert running(book)["close"] == 101.0
    book.apply(ticks(tick(KLINE_FINAL, 0, 102.0)))
    assert closed(book) == [("1m", 0, 102.0, 0)]


def test_higher_bar_closes_with_its_last_minute_and_comes_first():
    book = make("1m", "5m", "1h")
    book.apply(finals(*range(5)))
    assert closed(book) == [("1m", m, 100.0 + m, 0) for m in range(4)] + [("5m", 0, 104.0, 0), ("1m", 4, 104.0, 0)]


def test_hole_at_the_border_closes_the_higher_bar_with_the_next_minute():
    book = make()
    book.apply(finals(0, 1, 2, 3))
    book.take_closed()
    book.apply(finals(6))
    assert closed(book) == []
    assert book.state(0).gap
    wanted = book.fills_wanted(T0 + 7 * M + 3000)
    assert wanted.tolist() == [(0, T0 + 4 * M, T0 + 7 * M)]
    book.fill(0, bars((6, 106.0, 1.0)), T0 + 7 * M)
    assert closed(book) == [("5m", 0, 103.0, BACKFILLED), ("1m", 6, 106.0, BACKFILLED)]
    assert book.counters()["holes"] == 2


def test_a_gap_holds_later_finals_and_releases_them_in_order():
    book = make()
    book.apply(finals(0))
    book.take_closed()
    book.apply(finals(4, 2, 3))
    assert closed(book) == []
    assert book.state(0).held == 3
    assert book.fills_wanted(T0 + 5 * M + 3000)["from_ms"].tolist() == [T0 + M]
    assert len(book.fills_wanted(T0 + 5 * M + 4000)) == 0, "a question is asked once"
    book.fill(0, bars((1, 101.0, 1.0)), T0 + 2 * M)
    assert closed(book) == [
        ("1m", 1, 101.0, BACKFILLED),
        ("1m", 2, 102.0, HELD),
        ("1m", 3, 103.0, HELD),
        ("5m", 0, 104.0, HELD),
        ("1m", 4, 104.0, HELD),
    ]
    assert not book.state(0).gap


def test_a_mark_holds_even_the_next_final_until_an_answer_to_a_later_question():
    book = make()
    book.apply(finals(0))
    book.take_closed()
    book.mark_gap([0])
    book.apply(finals(1))
    assert closed(book) == []
    assert len(book.fills_wanted(T0 + 2 * M + 1999)) == 0, "REST is asked 2 s after the close at the earliest"
    assert len(book.fills_wanted(T0 + 2 * M + 2000)) == 1
    book.mark_gap([0])
    book.fill(0, bars((1, 101.0, 1.0)), T0 + 2 * M)
    assert book.state(0).gap, "an answer to a question from before the second cut does not lift its mark"
    assert closed(book) == [("1m", 1, 101.0, BACKFILLED)]
    assert len(book.fills_wanted(T0 + 2 * M + 2500)) == 0
    assert not book.state(0).gap, "nothing has closed since the last minute known, so nothing can be missing"


def test_a_mark_inside_the_running_minute_needs_no_question():
    book = make(rows=2)
    book.apply(ticks(tick(KLINE_FINAL, 0), tick(KLINE_FINAL, 0, row=1)))
    book.take_closed()
    book.mark_gap()
    assert book.gapped().all()
    assert len(book.fills_wanted(T0 + M + 30_000)) == 0
    assert not book.gapped().any()
    book.apply(finals(1))
    assert closed(book) == [("1m", 1, 101.0, 0)]


def test_a_minute_without_trades_is_settled_by_its_successor_and_one_question():
    book = make()
    book.apply(finals(0))
    assert len(book.fills_wanted(T0 + 5 * M)) == 0, "silence alone asks nothing"
    book.apply(ticks(tick(KLINE_RUNNING, 2, 105.0)))
    assert book.state(0).unsettled
    assert len(book.fills_wanted(T0 + 2 * M + 1999)) == 0
    assert book.fills_wanted(T0 + 2 * M + 2000).tolist() == [(0, T0 + M, T0 + 2 * M)]
    book.fill(0, bars(), T0 + 2 * M)
    assert not book.state(0).unsettled
    book.take_closed()
    book.apply(finals(2))
    assert closed(book) == [("1m", 2, 102.0, 0)]
    assert book.counters()["holes"] == 1


def test_a_final_for_a_minute_that_rest_did_not_know_yet_still_comes_in_order():
    book = make("1m")
    book.apply(finals(0))
    book.fill(0, bars((1, 101.0, 1.0)), T0 + 4 * M)
    assert book.state(0).next_ms == T0 + 4 * M
    book.apply(finals(2))
    assert [c[1] for c in closed(book)] == [0, 1, 2]
    assert book.state(0).next_ms == T0 + 4 * M, "what REST has checked stays checked"
    book.apply(finals(4))
    assert [c[1] for c in closed(book)] == [4]


def test_row_without_history_is_asked_from_the_beginning():
    book = make()
    book.mark_gap()
    book.apply(finals(3))
    assert closed(book) == []
    assert book.fills_wanted(T0 + 4 * M + 3000).tolist() == [(0, -1, T0 + 4 * M)]
    book.fill(0, bars((1, 101.0, 1.0), (2, 102.0, 1.0)), T0 + 3 * M)
    assert [c[1] for c in closed(book)] == [1, 2, 3]


def test_a_history_answers_the_question_of_a_row_without_one():
    book = make()
    book.mark_gap()
    assert book.fills_wanted(T0 + 10 * M + 30_000)["from_ms"].tolist() == [-1]
    book.seed(0, bars(*((m, 100.0, 1.0) for m in range(5))))
    # five minutes passed while the history was fetched: they are asked for, and then all is well
    assert book.fills_wanted(T0 + 10 * M + 30_000)["from_ms"].tolist() == [T0 + 5 * M]
    book.fill(0, bars(*((m, 100.0, 1.0) for m in range(5, 10))), T0 + 10 * M)
    assert not book.gapped().any()
    # with nothing missed there is no further question
    book.mark_gap()
    assert not len(book.fills_wanted(T0 + 10 * M + 40_000))
    assert not book.gapped().any()


def test_full_hold_is_dropped_counted_and_fetched_again(monkeypatch):
    monkeypatch.setattr(book_module, "HELD_MAX", 3)
    book = make("1m")
    book.apply(finals(0))
    book.apply(finals(2, 3, 4, 5))
    assert book.counters()["overflow"] == 4
    assert book.state(0).unsettled
    assert book.fills_wanted(T0 + 6 * M + 3000)["to_ms"].tolist() == [T0 + 6 * M]
    book.fill(0, bars(*((m, 100.0 + m, 1.0) for m in range(1, 6))), T0 + 6 * M)
    assert [c[1] for c in closed(book)] == [0, 1, 2, 3, 4, 5]
    assert not book.state(0).unsettled


def test_restated_minute_gives_revisions_of_every_bar_it_belongs_to():
    book = make("1m", "5m", "15m")
    book.apply(finals(*range(6)))
    book.take_closed()
    book.apply(ticks(tick(KLINE_FINAL, 4, 999.0, 7.0, event=T0 + 6 * M)))
    assert closed(book) == [("5m", 0, 999.0, REVISION), ("1m", 4, 999.0, REVISION)]
    assert running(book, 2)["high"] == 999.0
    assert running(book, 2)["volume"] == 12.0
    book.apply(ticks(tick(KLINE_FINAL, 4, 999.0, 7.0, event=T0 + 7 * M)))
    book.apply(ticks(tick(KLINE_FINAL, 4, 104.0, 1.0, event=T0 + 5 * M)))
    assert closed(book) == []
    counters = book.counters()
    assert (counters["revisions"], counters["duplicates"], counters["stale"]) == (1, 1, 1)


def test_trades_extend_only_above_the_klines_last_id():
    book = make()
    book.apply(ticks(tick(KLINE_RUNNING, 0, 100.0, 5.0, ids=(1, 10))))
    book.apply(ticks(tick(TRADE, 0, 120.0, 1.0, ids=(8, 10))))
    assert tuple(running(book))[1:] == (100.0, 100.0, 100.0, 100.0, 5.0)
    book.apply(ticks(tick(TRADE, 0, 101.0, 2.0, ids=(11, 12))))
    assert tuple(running(book))[1:] == (100.0, 101.0, 100.0, 101.0, 7.0)
    book.apply(ticks(tick(TRADE, 0, 99.0, 4.0, ids=(12, 13))))
    assert tuple(running(book))[1:] == (100.0, 101.0, 99.0, 99.0, 7.0), "an overlap brings its price, not its volume"
    book.apply(ticks(tick(KLINE_RUNNING, 0, 100.5, 8.0, ids=(1, 12), event=T0 + 1500)))
    assert tuple(running(book))[1:] == (100.5, 100.5, 100.5, 100.5, 8.0), "a kline replaces"
    book.apply(ticks(tick(KLINE_RUNNING, 0, 90.0, 1.0, ids=(1, 5), event=T0 + 1400)))
    assert running(book)["close"] == 100.5, "an older kline does not"


@pytest.mark.parametrize("price", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_prices_are_counted_and_ignored(price):
    book = make()
    book.apply(ticks(tick(KLINE_FINAL, 0, price), tick(KLINE_FINAL, 0, 100.0, low=price), tick(TRADE, 0, price)))
    assert closed(book) == []
    assert book.counters()["invalid"] == 3
    assert running(book)["ts"] == -1


def test_a_stamp_ahead_of_the_exchanges_own_clock_is_invalid():
    book = make()
    book.apply(ticks(tick(KLINE_RUNNING, 10**6, event=T0)))
    assert book.counters()["invalid"] == 1


def test_off_minute_stamps_are_floored():
    book = make()
    book.apply(ticks(tick(KLINE_FINAL, 0, ts=T0 + 20_799), tick(KLINE_FINAL, 0, 101.0, ts=T0 + M + 20_799)))
    assert [c[1] for c in closed(book)] == [0, 1]


def test_seed_continues_the_bars_that_history_left_forming():
    book = make("1m", "5m")
    book.seed(0, bars((0, 100.0, 1.0), (1, 101.0, 2.0), (2, 90.0, 4.0)))
    assert closed(book) == []
    book.apply(finals(3, 4))
    out = book.take_closed()
    five = out[out["tf"] == 1]
    assert five[["ts", "open", "high", "low", "close", "volume"]].tolist() == [(T0, 100.0, 104.0, 90.0, 104.0, 9.0)]
    with pytest.raises(BadInput, match="ends before"):
        book.seed(0, bars((0, 1.0, 1.0)))


def test_dirty_lanes_are_given_once():
    book = make("1m", "5m", rows=3)
    book.take_dirty()
    book.apply(ticks(tick(KLINE_RUNNING, 0, row=2), tick(TRADE, 0, row=0)))
    assert book.take_dirty().tolist() == [0, 1, 4, 5]
    assert book.take_dirty().tolist() == []


def test_gap_survives_disconnect_and_wrap_of_the_ring():
    book = make("1m", "1h")
    for start in range(0, 400, 40):
        book.apply(finals(*range(start, start + 40)))
    out = closed(book)
    assert [c[1] for c in out if c[0] == "1m"] == list(range(400))
    assert [c[1] for c in out if c[0] == "1h"] == [0, 60, 120, 180, 240, 300]
    book.apply(ticks(tick(KLINE_FINAL, 10, 5.0, event=T0 + 500 * M)))
    assert closed(book) == []
    assert book.counters()["stale"] == 1, "older than the ring"


def test_bad_arguments_say_what_is_wrong():
    with pytest.raises(BadInput, match="not a timeframe"):
        make("7m")
    with pytest.raises(BadInput, match="need 2 tick"):
        CandleBook(2, ("1m",), [0.1], [0.1, 0.1])
    with pytest.raises(BadInput, match="each once"):
        make("1m", "1m")
    with pytest.raises(BadInput, match="not TICK_DTYPE"):
        make().apply(bars((0, 1.0, 1.0)))
    with pytest.raises(BadInput, match="is there twice"):
        make().fill(0, bars((0, 1.0, 1.0), (0, 1.0, 1.0)), T0)
    with pytest.raises(BadInput, match="after a later one"):
        make().seed(0, bars((1, 1.0, 1.0), (0, 1.0, 1.0)))


def test_a_history_that_comes_after_the_question_asks_for_the_minutes_since():
    book = make()
    book.mark_gap()
    assert book.fills_wanted(T0 + 5 * M)["from_ms"].tolist() == [-1]
    book.seed(0, bars((0, 100.0, 1.0), (1, 101.0, 1.0)))
    assert book.fills_wanted(T0 + 5 * M + 2_000)["from_ms"].tolist() == [T0 + 2 * M]
    book.fill(0, bars((2, 102.0, 1.0), (3, 103.0, 1.0), (4, 104.0, 1.0)), T0 + 5 * M)
    assert [c[:2] for c in closed(book)] == [("1m", 2), ("1m", 3), ("5m", 0), ("1m", 4)]
    assert not book.gapped().any()


def test_a_running_bar_joins_what_is_closed_only_when_nothing_before_it_is_open():
    book = make()
    lanes = np.arange(2)
    assert book.joined(lanes).tolist() == [True, True]
    book.apply(finals(0, 1, 2, 3))
    book.apply(ticks(tick(KLINE_RUNNING, 4)))
    assert book.joined(lanes).tolist() == [True, True]
    # minute 4 is missing: neither the next minute nor the next five minutes follow a closed bar
    book.apply(ticks(tick(KLINE_RUNNING, 5)))
    assert book.joined(lanes).tolist() == [False, False]
    # it does not exist: the minute is settled, but the five minutes close with a later one
    book.fills_wanted(T0 + 5 * M + 3_000)
    book.fill(0, bars(), T0 + 5 * M)
    assert book.joined(lanes).tolist() == [True, False]
    book.apply(finals(5))
    book.apply(ticks(tick(KLINE_RUNNING, 6)))
    assert book.joined(lanes).tolist() == [True, True]
