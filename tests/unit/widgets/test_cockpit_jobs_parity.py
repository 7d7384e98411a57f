"""What the cockpit, the jobs panel, the parity meter and the replay's controls say, without a window."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from engine.contracts.events import LATENCY_MS, Freshness, Health, JobProgress, LogLine, ShardHealth
from engine.contracts.parity import ParityReport
from engine.contracts.replay import ReplayState
from widgets.viewmodels import cockpit, jobs, parity, replay
from widgets.viewmodels.health import HealthModel
from widgets.viewmodels.log import LogModel

NOW = 1_790_000_000_000


def shard(counts: list[int] | None = None, **change: object) -> ShardHealth:
    latency = np.array(counts or [0] * 11, "<u4").tobytes()
    made = ShardHealth(
        market="binance-spot", shard=3, lamp="green", state="live", symbols=30, frames_per_s=311.4, age_ms=14.0,
        reconnects=2, gaps_open=1, malformed=4, gaps_filled=60, dropped=7, latency=latency,
    )  # fmt: skip
    return msgspec.structs.replace(made, **change)


def pulse(**change: object) -> Health:
    made = Health(
        ts=NOW, state="live", shards=[shard()], symbols=100, warming=0, settling=0, frames_per_s=1.0, sweep_ms=1.0,
        latency_p50_ms=1.0, latency_p99_ms=900.0, loop_lag_ms=300.0, gc_pause_ms=150.0, rss_mb=500.0, cpu_percent=10.0,
        signals_total=1, queues={"ticks binance-spot": (1, 100, 5)}, uptime_s=5_000.0,
    )  # fmt: skip
    return msgspec.structs.replace(made, **change)


def test_a_shard_in_figures() -> None:
    counts = [0, 0, 50, 40, 0, 0, 9, 0, 0, 0, 1]
    texts = cockpit.cells(shard(counts))
    assert texts[cockpit.SHARD] == "SPOT 3"
    assert [texts[k] for k in (cockpit.STATE, cockpit.RATE, cockpit.AGE)] == ["live", "311", "14 ms"]
    assert texts[cockpit.P50] == f"≤ {LATENCY_MS[2]:.0f} ms"
    assert texts[cockpit.P99] == "≤ 100 ms"
    assert texts[cockpit.RECONNECTS : cockpit.BAD + 1] == ["2", "60", "1", "7", "4"]
    assert cockpit.cells(shard())[cockpit.P50] == "–"
    assert cockpit.cells(shard(age_ms=-1.0, state="", lamp="red"))[cockpit.STATE] == "down"
    assert cockpit.quantile(np.array([0.0] * 10 + [5.0]), 0.5) == "> 1 s"
    # an older engine tells no latency
    assert cockpit.histogram(shard(latency=b"")).sum() == 0


def test_freshness_in_steps() -> None:
    ages = np.array([0.1, 1.9, 5, 30, 200, 999, -1], np.float32)
    assert cockpit.steps(ages).tolist() == [0, 0, 1, 2, 3, 4, 5]
    assert cockpit.step_counts(ages)[0] == ("under 2 s", 2)
    assert cockpit.step_counts(np.empty(0, np.float32)) == []
    for width in (120, 380, 900, 2000):
        columns, side = cockpit.grid(1000, width)
        assert columns * side <= width
        assert 7 <= side <= 16
    model = HealthModel()
    model.apply_freshness(Freshness(ts=NOW, ages=ages.tobytes()))
    assert model.ages.tolist() == ages.tolist()


def test_gauges_are_calm_while_the_engine_warms_up() -> None:
    model = HealthModel()
    model.apply(pulse(), NOW)
    bad = {g.name for g in model.gauges() if g.level == "bad"}
    assert {"Signal p99", "Loop lag", "GC pause"} <= bad
    for change in ({"uptime_s": 10.0}, {"warming": 30}):
        model.apply(pulse(**change), NOW)
        assert model.starting
        assert not [g for g in model.gauges() if g.name in bad and g.level != "calm"]
    model.apply(pulse(rss_mb=1990.0, uptime_s=10.0), NOW)
    # what warming up does not excuse
    assert next(g for g in model.gauges() if g.name == "Memory").level == "bad"
    assert next(g for g in model.gauges() if g.name == "Queue ticks SPOT").text == "1 / 100 · 5 dropped"


def job(name: str, state: str, **change: object) -> JobProgress:
    return JobProgress(job=name, kind="backtest", title=f"run {name}", state=state, **change)  # type: ignore[arg-type]


def test_jobs_run_first_and_the_newest_of_the_others() -> None:
    model = jobs.JobsModel()
    assert "No jobs yet" in model.explain_empty()
    for k, (name, state) in enumerate([("a", "done"), ("b", "queued"), ("c", "running"), ("d", "failed")]):
        model.apply(job(name, "queued"), NOW + k)
        model.apply(
            job(name, state, fraction=0.25, eta_s=90.0, error="no candles" if state == "failed" else ""), NOW + 5_000
        )
    assert [r.job.job for r in model.rows] == ["c", "b", "d", "a"]
    assert model.counts() == "1 running, 1 waiting, 1 failed, 1 done"
    running, failed = jobs.cells(model.rows[0], NOW + 61_002), jobs.cells(model.rows[2], NOW + 61_000)
    assert running[jobs.PROGRESS : jobs.TOOK + 1] == ["25 %", "1m 30s", "1m 01s"]
    assert failed[jobs.STEP] == "no candles"
    assert failed[jobs.TOOK] == "5 s"
    model.set_text("run D")
    assert [r.job.job for r in model.rows] == ["d"]
    model.set_text("zzz")
    assert "zzz" in model.explain_empty()
    model.set_text("")
    assert model.clear_ended() == 2
    model.lose(NOW + 9_000)
    assert {r.job.state for r in model.rows} == {"failed"}
    assert model.busy() == 0
    for k in range(jobs.MOST + 20):
        model.apply(job(f"x{k}", "done"), NOW)
    assert len(model.rows) == jobs.MOST


def report(**change: object) -> ParityReport:
    made = ParityReport(
        day_ms=NOW - NOW % 86_400_000, to_ms=NOW - NOW % 86_400_000 + 86_400_000, symbols=3, idle=1, strategies=187,
        timeframes=["1m", "1h"], compared=1000, same=990, missing=6, extra=4, unexplained=4,
        by_reason={"settling": 6, "warming": 70, "stopped": 7}, beyond=5, other=2, seconds=3.0,
    )  # fmt: skip
    return msgspec.structs.replace(made, **change)


def test_the_parity_meter_in_words() -> None:
    model = parity.ParityModel()
    assert model.level() == "warn"
    model.report = report()
    assert model.headline() == "1,000 signals compared, 4 differ"
    assert model.level() == "bad"
    assert model.shares() == (0.99, 0.006, 0.004)
    said = " ".join(model.details())
    assert "6 memory was filling" in said
    assert "77 while the symbol was not live; 5 whose memory reaches" in said
    assert "24:00" in said
    model.report = report(unexplained=0)
    assert model.level() == "ok"
    model.report = report(compared=0, same=0, unexplained=0)
    assert "Nothing to compare" in model.headline()
    model.job = "p1"
    assert model.hear(JobProgress(job="other", kind="parity", title="", state="done")) == ""
    assert model.hear(JobProgress(job="p1", kind="parity", title="", state="running", fraction=0.5)) == "running"
    assert model.running
    assert model.hear(JobProgress(job="p1", kind="parity", title="", state="cancelled")) == "cancelled"
    assert not model.running


def test_the_replays_clock_and_speeds_in_words() -> None:
    model = replay.ReplayModel()
    assert (model.clock(), model.status(), model.fraction()) == ("", "", 0.0)
    model.begin(
        ReplayState(session="s", state="paused", ts=NOW, first_ms=NOW - 100, last_ms=NOW + 300, symbols=["a:B"])
    )
    assert model.clock().startswith("2026-09-21 14:13:20")
    assert model.fraction() == 0.25
    assert model.status().startswith("B · paused")
    assert replay.speed_text(3600.0) == "3,600×"
    assert replay.speed_text(0.0) == "Max"
    assert replay.speed_tip(60.0, "1m") == "A bar of 1m every 1 s"
    assert replay.speed_tip(600.0, "1m") == "10 bars of 1m a second"
    assert replay.speed_tip(60.0, "1h") == "A bar of 1h every 1m 00s"
    assert replay.parse_moment("2023-11-14 22:00") == 1_699_999_200_000
    with pytest.raises(ValueError, match="Write a date"):
        replay.parse_moment("soon")
    model.lose()
    assert model.resume == (NOW, ["a:B"])


def test_the_log_says_which_filter_hides_all() -> None:
    model = LogModel()
    model.append(LogLine(ts=NOW, level="info", source="feeds.shard", text="live"))
    model.set_filter(source="store", text="gone")
    assert (
        model.explain_empty() == "None of 1 lines passes the filter (level info or above, source store, text “gone”)."
    )
