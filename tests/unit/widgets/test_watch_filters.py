"""The watchlist's lists, computed columns, filter in the rules language, and what it says when nothing is left."""

import numpy as np
import pytest

from engine.contracts.dtypes import QUOTE_DTYPE, STATE_LIVE
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.watch import WatchProblem
from widgets.viewmodels import watchlist as wl
from widgets.viewmodels.heatmap import SHADES, shades, squarified, weights
from widgets.viewmodels.scans import NO_SCAN, Scan, ScanModel
from widgets.viewmodels.watch_lists import WatchLists, as_text, from_text

NAMES = ("AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT")


def model() -> wl.WatchlistModel:
    made = wl.WatchlistModel()
    made.load(
        [
            Instrument(market="binance-spot", name=n, base=n[:-4], quote="USDT", tick_size=0.01, lot_size=0.001)
            for n in NAMES
        ]
    )
    block = np.zeros(4, QUOTE_DTYPE)
    block["id"], block["state"], block["open24"] = np.arange(4), STATE_LIVE, 100.0
    block["last"], block["low24"], block["high24"] = [104, 103, 102, 101], 100.0, 110.0
    made.apply_quotes(block.tobytes(), 0)
    made.refresh(0)
    return made


def shown(m: wl.WatchlistModel) -> list[str]:
    m.refresh(0)
    return [m.names[i][:3] for i in m.order]


def values(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_computed_columns_sort_and_keep_their_values_when_one_is_added():
    m = model()
    rsi, atr = wl.ValueColumn("RSI(14)", "5m"), wl.ValueColumn("ATR(14)", "1h", "ATR")
    m.set_columns([rsi])
    m.apply_values(values([30, 10, np.nan, 20]))
    m.set_sort(wl.FIRST_VALUE, True)
    assert shown(m) == ["AAA", "DDD", "BBB", "CCC"]  # without a value last
    m.set_columns([atr, rsi])
    assert m.values[1].tolist()[:2] == [30, 10]
    assert np.isnan(m.values[0]).all()
    m.apply_values(values([30, 10, np.nan, 20]))  # of what was asked before: passed over
    assert np.isnan(m.values[0]).all()
    assert [c.heading for c in m.columns] == ["ATR", "RSI(14) 5m"]
    m.set_columns([])
    assert m.sort_column == wl.CHANGE
    assert shown(m) == ["AAA", "BBB", "CCC", "DDD"]


def test_the_filter_shows_what_meets_it_and_never_what_is_unknown():
    m = model()
    m.set_scan("RSI(14) < 30")
    assert shown(m) == []
    assert "looking through" in m.explain_empty(0)
    m.apply_values(values([1, 0, np.nan, 1]))
    assert shown(m) == ["AAA", "DDD"]
    assert m.scanned == (2, 1, 1)
    m.apply_values(values([0, 0, np.nan, 0]))
    assert shown(m) == []
    assert "RSI(14) < 30" in m.explain_empty(0)
    assert "1 symbols do not have enough history" in m.explain_empty(0)
    m.set_scan("")
    assert len(shown(m)) == 4


def test_rows_that_come_under_the_mouse_do_not_move_the_others():
    m = model()
    m.set_scan("x")
    m.apply_values(values([0, 1, 1, 0]))
    assert shown(m) == ["BBB", "CCC"]
    m.held = True
    m.apply_values(values([1, 1, 0, 1]))
    assert shown(m) == ["BBB", "AAA", "DDD"]
    m.held = False
    assert shown(m) == ["AAA", "BBB", "DDD"]


def test_an_empty_result_names_the_filter_that_removes_everything():
    m = model()
    m.lists.create("Mine", ["binance-spot:AAAUSDT"])
    m.set_only("list:Mine")
    m.set_filter("bbb")
    assert shown(m) == []
    assert m.explain_empty(0) == 'Nothing matches "bbb".'
    m.lists.create("None")
    m.set_only("list:None")
    m.set_filter("aaa")
    m.refresh(0)
    assert 'The list "None" is empty' in m.explain_empty(0)
    m.set_only("stars")
    m.set_filter("zzz")
    m.refresh(0)
    assert m.explain_empty(0) == 'The filters together leave nothing: "zzz", starred.'


def test_a_list_shows_its_symbols_and_goes_with_its_name():
    m = model()
    m.lists.create("Mine", ["binance-spot:CCCUSDT", "binance-spot:AAAUSDT", "oanda-forex:EUR_USD"])
    m.set_only("list:Mine")
    assert shown(m) == ["AAA", "CCC"]
    assert m.counts(0)["list:Mine"] == 2
    m.lists.delete("Mine")
    m.lists_changed()
    assert m.only == ""
    assert len(shown(m)) == 4


def test_spread_and_place_in_the_range():
    m = model()
    m.apply_spreads(
        np.array([0, 2, 99], "<i4").tobytes(), np.array([99.0, 0.0, 1]).tobytes(), np.array([101.0, 1.0, 1]).tobytes()
    )
    assert m.spread[0] == pytest.approx(0.02)
    assert np.isnan(m.spread[1:]).all()
    assert m.position24.tolist() == pytest.approx([0.4, 0.3, 0.2, 0.1])


def test_muted_symbols_have_no_badge():
    m = model()
    m.badge[:], m.badge_ms[:] = wl.BUY, 0
    m.set_muted(["binance-spot:BBBUSDT"], True)
    assert m.badge_fresh(1000).tolist() == [True, False, True, True]
    m.set_muted(["binance-spot:BBBUSDT"], False)
    assert m.badge_fresh(1000).all()


def test_what_is_kept_comes_back_and_garbage_does_not():
    m = model()
    m.toggle_star("binance-spot:AAAUSDT")
    m.lists.create("Mine", ["binance-spot:BBBUSDT"])
    m.set_columns([wl.ValueColumn("RSI(14)", "5m")])
    m.set_only("list:Mine")
    m.set_sort(wl.FIRST_VALUE, False)
    again = model()
    again.restore(m.keep())
    assert again.keep() == m.keep()
    assert shown(again) == ["BBB"]
    broken = model()
    broken.restore(
        {
            "market": 3,
            "only": [],
            "sort": 99,
            "stars": [1],
            "lists": {"a": "b", "": ["c"]},
            "columns": [["x"], 5, ["", "", ""]],
        }
    )
    assert broken.keep() == model().keep()


def test_lists_names_and_contents():
    lists = WatchLists()
    assert lists.create("  My   list ") == "My list"
    for name in ("my LIST", "", " ", "x" * 41):
        with pytest.raises(BadInput):
            lists.create(name)
    assert lists.add("My list", ["a", "b", "a"]) == 2
    assert lists.add("My list", ["b"]) == 0
    lists.remove("My list", ["a"])
    assert lists.rename("My list", "MY LIST") == "MY LIST"
    assert lists.keep() == {"MY LIST": ["b"]}
    assert lists.of("b") == ["MY LIST"]
    assert lists.take("MY LIST", ["z"]) == "MY LIST"
    assert lists.get("MY LIST") == ["z"]


def test_lists_as_text_and_back():
    known = ["binance-spot:AAAUSDT", "binance-futures:AAAUSDT", "binance-spot:BBBUSDT"]
    assert from_text(as_text(known), known) == (known, [])
    text = "aaausdt, BBBUSDT;binance-FUTURES:AAAUSDT # a comment\n\nnothing AAAUSDT"
    assert from_text(text, known) == ([known[0], known[2], known[1]], ["nothing"])


def test_a_filter_is_used_when_it_can_be_read_and_stays_until_the_next_can():
    s = ScanModel()
    good, bad = Scan("close > open", "5m"), Scan("close >", "5m")
    wrong = WatchProblem(item=0, what="The expression ends too early.", at=7)
    assert s.write("close > open", "5m")
    assert not s.write(" close > open ", "5m")
    assert s.answer(good, None)
    assert s.write("close >", "5m")
    assert not s.answer(good, None)  # an answer to what no longer stands there
    assert not s.answer(bad, wrong)
    assert s.active == good
    assert s.status(3, 0) == "The expression ends too early.\nThe filter before it stays in force."
    s.write("", "5m")
    assert s.active == NO_SCAN or not s.active
    s.answer(Scan("", "5m"), None)
    again = ScanModel()
    s.active = good
    s.save("mine")
    again.restore(s.keep())
    assert again.saved == {"mine": good}
    assert again.active == good
    again.restore({"saved": {"x": [1, 2], "y": ["", "5m"]}, "active": "no"})
    assert again.saved == {"mine": good}


@pytest.mark.parametrize("count", [0, 1, 2, 7, 60])
def test_tiles_fill_the_rectangle_by_weight_without_overlap(count):
    weight = np.sort(np.random.default_rng(count).exponential(1.0, count) + 0.01)[::-1]
    tiles = squarified(weight, 10.0, 20.0, 300.0, 200.0)
    areas = tiles[:, 2] * tiles[:, 3]
    assert areas.tolist() == pytest.approx((weight / weight.sum() * 60_000).tolist() if count else [])
    for k in range(count):
        x, y, w, h = tiles[k]
        assert 10 - 1e-6 <= x <= x + w <= 310 + 1e-6
        assert 20 - 1e-6 <= y <= y + h <= 220 + 1e-6
        for other in tiles[k + 1 :]:
            wide = min(x + w, other[0] + other[2]) - max(x, other[0])
            high = min(y + h, other[1] + other[3]) - max(y, other[1])
            assert wide < 1e-6 or high < 1e-6


def test_shades_and_weights_take_what_is_unknown():
    tone, low, high = shades(np.array([0.0, 0.01, -0.01, np.nan, 0.5]), centred=True)
    assert tone[[0, 3]].tolist() == [0, 0]
    assert tone[4] == SHADES
    assert (low, high) == (-high, high)
    assert shades(np.array([np.nan]), centred=False)[0].tolist() == [0]
    assert (weights(np.array([np.nan, 0.0, 1e9])) > 0).all()
