import math

import msgspec

from engine.contracts.events import Health, LogLine, ShardHealth, WarmupProgress
from widgets.viewmodels import palette as pal
from widgets.viewmodels.health import HealthModel, shard_tooltip
from widgets.viewmodels.log import LogModel, as_text


def shard(number, lamp="green", state="streaming", market="binance-spot"):
    return ShardHealth(
        market=market,
        shard=number,
        lamp=lamp,
        state=state,
        symbols=30,
        frames_per_s=100.0,
        age_ms=12,
        reconnects=1,
        gaps_open=0,
        malformed=0,
    )


def pulse(*shards, **changes):
    values = {
        "ts": 0,
        "state": "live",
        "shards": list(shards),
        "symbols": 60,
        "warming": 0,
        "settling": 0,
        "frames_per_s": 200.0,
        "sweep_ms": 2.0,
        "latency_p50_ms": 1.0,
        "latency_p99_ms": 8.4,
        "loop_lag_ms": 0.3,
        "gc_pause_ms": 0.1,
        "rss_mb": 500.0,
        "cpu_percent": 71.0,
        "signals_total": 5,
    }
    return Health(**{**values, **changes})


def test_overall_lamp_always_has_words():
    m = HealthModel()
    assert m.overall(0) == ("grey", "Waiting for the engine")
    m.apply(pulse(shard(0), shard(1)), 1000)
    assert m.overall(1000) == ("green", "Connected · 2 shards")
    m.apply(pulse(shard(0), shard(1, "amber"), shard(2, "grey")), 1000)
    assert m.overall(1000) == ("amber", "1 of 2 shards late")
    opening = msgspec.structs.replace(shard(1, "amber"), state="connecting")
    m.apply(pulse(shard(0), opening), 1000)
    assert m.overall(1000) == ("amber", "Connecting 1 of 2 shards")
    m.apply(pulse(shard(0, "red"), shard(1)), 1000)
    assert m.overall(1000) == ("red", "1 of 2 shards down")


def test_old_pulse_and_lost_engine_are_said():
    m = HealthModel()
    m.apply(pulse(shard(0)), 1000)
    lamp, words = m.overall(11_000)
    assert lamp == "amber"
    assert "No pulse for 10 s" in words
    m.lose("killed")
    assert m.overall(1000) == ("red", "Engine lost: killed")
    assert m.stale(1000)
    m.apply(pulse(shard(0)), 2000)
    assert not m.stale(2000)


def test_lines_group_shards_by_market_and_name_mixed_states():
    m = HealthModel()
    m.apply(pulse(shard(0), shard(1, "amber", "gap"), shard(0, "grey", "closed", "oanda-forex")), 0)
    m.apply_warmup(WarmupProgress(market="binance-spot", done=15, total=60))
    spot, forex = m.lines()
    assert spot.words == "1 gap, 1 streaming"
    assert spot.warm == 0.25
    assert forex.words == "closed"
    assert forex.title == "OANDA Forex"


def test_gauges_reach_their_alarm_levels():
    m = HealthModel()
    m.apply(pulse(queues={"ticks": (95, 100, 3)}, rest_used={"binance-spot": (10, 6000)}, latency_p99_ms=500.0), 0)
    found = {g.name: g for g in m.gauges()}
    assert found["Queue ticks"].level == "bad"
    assert "3 dropped" in found["Queue ticks"].text
    assert found["Signal p99"].fraction == 1.0
    assert found["REST binance-spot"].level == "ok"
    assert "shard 0" in shard_tooltip(shard(0))


def test_figures_not_measured_yet_give_empty_bars():
    nan = math.nan
    m = HealthModel()
    m.apply(pulse(shard(0), latency_p50_ms=nan, latency_p99_ms=nan, cpu_percent=nan, rss_mb=nan, sweep_ms=nan), 0)
    found = {g.name: g for g in m.gauges()}
    for name in ("Signal p50", "Signal p99", "CPU engine", "Memory", "Sweep"):
        assert found[name].fraction == 0.0
        assert found[name].level == "ok"
        assert found[name].text.startswith("–")


def line(text, level="info", source="feeds"):
    return LogLine(ts=0, level=level, source=source, text=text)


def test_log_is_a_ring_and_filters_by_level_source_and_text():
    m = LogModel(capacity=3)
    for k in range(5):
        m.append(line(f"line {k}"))
    assert [entry.text for entry in m.lines] == ["line 2", "line 3", "line 4"]
    m.append(line("bad", "error", "store"))
    m.append(line("noise", "debug"))
    assert [entry.text for entry in m.visible][-1] == "bad"
    m.set_filter(level="warning")
    assert [entry.text for entry in m.visible] == ["bad"]
    m.set_filter(level="debug", source="feeds", text="NOI")
    assert [entry.text for entry in m.visible] == ["noise"]
    m.set_filter(text="none of these")
    assert "3 lines" in m.explain_empty()


def test_visible_lines_stay_bounded_too():
    m = LogModel(capacity=100)
    for k in range(1000):
        m.append(line(str(k)))
    assert 100 <= len(m.visible) <= 125
    assert m.visible[-1].text == "999"


def test_copied_line():
    m = LogModel()
    m.append(line("x", "warning"))
    assert as_text(m.visible[0]) == "1970-01-01T00:00:00Z WARNING feeds: x"


def entries():
    return [
        pal.Entry(pal.SYMBOL, "binance-spot:BTCUSDT", "BTCUSDT", also="binance spot bitcoin"),
        pal.Entry(pal.SYMBOL, "binance-spot:WBTCUSDT", "WBTCUSDT"),
        pal.Entry(pal.COMMAND, "run", "Back-test: run"),
        pal.Entry(pal.STRATEGY, "rsi_revert", "RSI revert"),
        pal.Entry(pal.TIMEFRAME, "5m", "5m"),
    ]


def found(text):
    m = pal.PaletteModel()
    m.load(entries())
    return [x.entry.title for x in m.search(text)]


def test_prefix_beats_middle_and_exact_beats_all():
    assert found("btc")[:2] == ["BTCUSDT", "WBTCUSDT"]
    assert found("5m")[0] == "5m"


def test_initials_and_gaps_match():
    assert found("rr")[0] == "RSI revert"
    assert "Back-test: run" in found("bktrun")
    assert found("xyzzy") == []


def test_sigils_narrow_the_kind():
    assert found(">r") == ["Back-test: run"]
    assert found(":") == ["BTCUSDT", "WBTCUSDT"]


def test_other_words_of_an_entry_match_but_weakly():
    assert found("bitcoin") == ["BTCUSDT"]


def test_matched_places_are_those_of_the_letters():
    points, places = pal.score("rr", "rsi revert")
    assert points > 0
    assert places == (0, 4)
    assert pal.score("zz", "rsi") == (0, ())


def test_recently_chosen_leads_while_nothing_is_typed():
    m = pal.PaletteModel()
    m.load(entries())
    m.chosen(entries()[3])
    assert m.search("")[0].entry.title == "RSI revert"
