"""The candle book against a plain-Python twin of its rules, on made-up streams: shuffled, repeated, lost, restated
frames, minutes without trades, cuts; and against the resampler, to the bit."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.candles import kernels
from engine.candles.book import SETTLE_MS, CandleBook, _fraction
from engine.candles.minutes import resample
from engine.candles.types import BACKFILLED, REVISION
from engine.contracts.dtypes import CANDLE_DTYPE, KLINE_FINAL, KLINE_RUNNING, TICK_DTYPE, TRADE
from engine.contracts.timeframes import TIMEFRAME_MS

M = 60_000
T0 = 1_700_000_000_000 - 1_700_000_000_000 % 86_400_000 + 52 * M
FRAMES = ("1m", "3m", "5m", "1h")
OHLCV = ("open", "high", "low", "close", "volume")


class Twin:
    """One row of the book, by the rules as they are written, with plain dictionaries and no bounds."""

    def __init__(self) -> None:
        self.minutes: dict[int, tuple[float, ...]] = {}
        self.stamp: dict[int, int] = {}
        self.held: dict[int, tuple[tuple[float, ...], int]] = {}
        self.next = self.last = -1
        self.seen = -1
        self.run: dict | None = None
        self.marked = self.asked = False
        self.closed: list[tuple] = []
        self.done: dict[str, int] = dict.fromkeys(FRAMES, -1)

    def bar(self, tf: str, bucket: int) -> tuple[float, ...]:
        return aggregate([self.minutes[t] for t in sorted(self.minutes) if bucket <= t < bucket + TIMEFRAME_MS[tf]])

    def release(self, ts: int, bar: tuple[float, ...], stamp: int, backfilled: bool) -> None:
        earlier = [t for t in self.minutes if t < ts]
        self.minutes[ts], self.stamp[ts] = bar, stamp
        self.last, self.next = ts, max(self.next, ts + M)
        self.seen = max(self.seen, ts + M)
        late, regular = [], []
        for tf in sorted(FRAMES, key=lambda name: -TIMEFRAME_MS[name]):
            length = TIMEFRAME_MS[tf]
            bucket = ts - ts % length
            if earlier:
                before = max(earlier) - max(earlier) % length
                if before != bucket and self.done[tf] < before:
                    late.append((tf, before, *self.bar(tf, before), backfilled, False))
                    self.done[tf] = before
            if ts + M == bucket + length:
                regular.append((tf, bucket, *self.bar(tf, bucket), backfilled, False))
                self.done[tf] = bucket
        self.closed += late + regular
        if self.run and self.run["ts"] <= ts:
            self.run = None

    def restate(self, ts: int, bar: tuple[float, ...], stamp: int, backfilled: bool) -> None:
        if ts < min(self.minutes) or (ts in self.stamp and stamp < self.stamp[ts]):
            return
        same = self.minutes.get(ts) == bar
        self.minutes[ts], self.stamp[ts] = bar, stamp
        if same:
            return
        for tf in sorted(FRAMES, key=lambda name: -TIMEFRAME_MS[name]):
            bucket = ts - ts % TIMEFRAME_MS[tf]
            if bucket <= self.done[tf]:
                self.closed.append((tf, bucket, *self.bar(tf, bucket), backfilled, True))

    def ready(self) -> None:
        while not self.marked and self.held and (self.next == -1 or min(self.held) <= self.next):
            self.release_held(min(self.held) + 1)

    def release_held(self, before: int) -> None:
        for ts in sorted(t for t in self.held if t < before):
            bar, stamp = self.held.pop(ts)
            if ts > self.last:
                self.release(ts, bar, stamp, False)

    def tick(self, t) -> None:
        ts, bar, event = int(t["ts"]), tuple(float(t[name]) for name in OHLCV), int(t["event_ms"])
        if not all(0 < x < math.inf for x in bar[:4]):
            return
        if t["kind"] == KLINE_FINAL:
            if ts <= self.last:
                self.restate(ts, bar, event, False)
            elif not self.marked and (self.next == -1 or ts <= self.next):
                self.release(ts, bar, event, False)
                self.ready()
            else:
                self.seen = max(self.seen, ts + M)
                if not self.run or ts >= self.run["ts"]:
                    self.run = {"ts": ts, "bar": list(bar), "id": int(t["last_id"]), "event": event}
                if ts not in self.held or event >= self.held[ts][1]:
                    self.held[ts] = (bar, event)
            return
        if ts < self.next or (self.run and ts < self.run["ts"]):
            return
        if t["kind"] == KLINE_RUNNING:
            if self.run and ts == self.run["ts"] and event < self.run["event"]:
                return
            self.run = {"ts": ts, "bar": list(bar), "id": int(t["last_id"]), "event": event}
        elif not self.run or ts > self.run["ts"]:
            self.run = {"ts": ts, "bar": list(bar), "id": int(t["last_id"]), "event": -1}
        elif t["last_id"] > self.run["id"]:
            o, h, lo, _, v = self.run["bar"]
            extra = bar[4] if t["first_id"] > self.run["id"] else 0.0
            self.run["bar"] = [o, max(h, bar[1]), min(lo, bar[2]), bar[3], v + extra]
            self.run["id"] = int(t["last_id"])
        self.seen = max(self.seen, ts)

    def wanted(self, server: int) -> tuple[int, int] | None:
        if self.asked:
            return None
        to = (server - SETTLE_MS) // M * M
        if self.marked and self.next != -1 and self.next >= server // M * M:
            self.marked = False
            self.ready()
        missing = self.next != -1 and self.next < (to if self.marked else min(to, self.seen))
        if missing or (self.marked and self.next == -1):
            self.asked = True
            return self.next, to
        return None

    def fill(self, bars, checked: int) -> None:
        for b in bars:
            ts, bar = int(b["ts"]), tuple(float(b[name]) for name in OHLCV)
            self.release_held(ts)
            if ts <= self.last:
                self.restate(ts, bar, max(ts + M, checked), True)
            else:
                self.release(ts, bar, max(ts + M, checked), True)
                self.held.pop(ts, None)
        self.release_held(checked)
        if self.next != -1:
            self.next = max(self.next, checked)
        if self.run and self.run["ts"] < self.next:
            self.run = None
        if self.asked:
            self.marked = self.asked = False
        self.ready()

    def running(self, tf: str) -> tuple[float, ...] | None:
        length = TIMEFRAME_MS[tf]
        bucket = self.run["ts"] // length * length if self.run else (self.last // length * length)
        if not self.run and (self.last == -1 or self.done[tf] == bucket):
            return None
        inside = [self.minutes[t] for t in sorted(self.minutes) if bucket <= t < bucket + length]
        if self.run:
            inside.append(tuple(self.run["bar"]))
        return (bucket, *aggregate(inside))


def aggregate(bars: list[tuple[float, ...]]) -> tuple[float, ...]:
    volume = bars[0][4]
    for bar in bars[1:]:
        volume += bar[4]
    return (bars[0][0], max(b[1] for b in bars), min(b[2] for b in bars), bars[-1][3], volume)


cents = st.integers(1, 50).map(lambda n: n / 100)
lots = st.integers(0, 9).map(lambda n: n / 10)


@st.composite
def ohlcv(draw):
    o, c, x, y = draw(cents), draw(cents), draw(cents), draw(cents)
    return (o, max(o, c, x, y), min(o, c, x, y), c, draw(lots))


@st.composite
def steps(draw):
    """A script: (what, arguments). The minute moves forward most of the time, sometimes back or far ahead."""
    minute, trade_id = 0, 0
    script = []
    for _ in range(draw(st.integers(1, 60))):
        minute = max(0, minute + draw(st.sampled_from([0, 0, 0, 0, 1, 1, 1, 1, 2, 7, -1, -3])))
        what = draw(
            st.sampled_from(
                ["final", "final", "final", "late", "running", "trade", "bad", "mark", "ask", "ask", "fill"]
            )
        )
        span = draw(st.integers(0, 3))
        trade_id = max(0, trade_id + draw(st.sampled_from([-1, 0, 1, 3])))
        lag = draw(st.sampled_from([0, 5, 5, 5, 2500, 61_000]))
        lost = draw(st.sets(st.integers(0, 8), max_size=3))
        at = minute
        if what == "late":
            what, at = "final", max(0, minute - draw(st.integers(1, 4)))
        script.append((what, at, draw(ohlcv()), (trade_id, trade_id + span), lag, lost))
    return script


def make_tick(what, minute, bar, ids, lag):
    kind = {"final": KLINE_FINAL, "running": KLINE_RUNNING, "trade": TRADE, "bad": KLINE_FINAL}[what]
    ts = T0 + minute * M
    event = ts + lag + (M if kind == KLINE_FINAL else 0)
    values = (math.nan, *bar[1:]) if what == "bad" else bar
    return np.array([(0, kind, ts, *values, *ids, 1, event, event * 10**6)], TICK_DTYPE)


def play(script, check):
    """Run one script through the book and its twin; check(book, twin) after every step. Returns both and all output."""
    book, twin, out = CandleBook(1, FRAMES, [0.01], [0.1]), Twin(), []
    for what, minute, bar, ids, lag, lost in script:
        before = len(twin.closed)
        server = T0 + (minute + 1) * M + lag
        if what == "mark":
            book.mark_gap([0])
            twin.marked, twin.asked = True, False
        elif what == "ask":
            asked = [tuple(w)[1:] for w in book.fills_wanted(server).tolist()]
            want = twin.wanted(server)
            assert asked == ([want] if want else [])
        elif what == "fill":
            first = max(0, minute - 8)
            rows = [(T0 + m * M, *bar) for m in range(first, minute) if m - first not in lost]
            answer = np.array(rows, CANDLE_DTYPE)
            book.fill(0, answer, T0 + minute * M)
            twin.fill(answer, T0 + minute * M)
        else:
            tick = make_tick(what, minute, bar, ids, lag)
            book.apply(tick)
            twin.tick(tick[0])
        out.append(book.take_closed())
        first = next((i for i, c in enumerate(twin.closed[before:], before) if not c[-1]), len(twin.closed))
        twin.closed[before:first] = sorted(twin.closed[before:first], key=lambda c: -TIMEFRAME_MS[c[0]])
        check(book, twin)
    return book, twin, np.concatenate(out)


def as_tuples(closed):
    return [
        (
            FRAMES[c["tf"]],
            int(c["ts"]),
            *(float(c[name]) for name in OHLCV),
            bool(c["flags"] & BACKFILLED),
            bool(c["flags"] & REVISION),
        )
        for c in closed
    ]


def same_state(book, twin):
    state = book.state(0)
    assert (state.next_ms, state.last_ms, state.held) == (twin.next, twin.last, len(twin.held))
    assert state.asked == twin.asked
    assert state.gap == (twin.marked or bool(twin.held))
    for tf, bar in zip(FRAMES, book.running(np.arange(len(FRAMES))), strict=True):
        expected = twin.running(tf)
        assert (int(bar["ts"]) == -1 and expected is None) or bar.item() == expected


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps())
def test_book_equals_its_plain_twin(script):
    _, twin, closed = play(script, same_state)
    assert as_tuples(closed) == twin.closed


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps())
def test_live_bars_are_the_resampled_minutes_to_the_bit_at_every_prefix(script):
    """Whatever came in which order: what was closed, with revisions put in place, is the batch aggregate of the minutes
    that were closed; at every step, for every timeframe; and no minute ever came before an earlier one."""
    _, _, closed = play(script, lambda *_: None)
    known: dict[tuple[int, int], np.void] = {}
    for bar in closed:
        assert bar["flags"] & REVISION or all(ts < bar["ts"] for tf, ts in known if tf == bar["tf"])
        known[int(bar["tf"]), int(bar["ts"])] = bar
    minutes = [bar for (tf, _), bar in sorted(known.items(), key=lambda item: item[0]) if tf == 0]
    candles = np.array([tuple(bar[name] for name in CANDLE_DTYPE.names) for bar in minutes], CANDLE_DTYPE)
    for tf, name in enumerate(FRAMES):
        batch = resample(candles, name)
        want = batch.bars[batch.complete]
        have = np.array(
            [tuple(bar[c] for c in CANDLE_DTYPE.names) for (t, _), bar in sorted(known.items()) if t == tf],
            CANDLE_DTYPE,
        )
        assert have.tobytes() == want.tobytes(), name


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), ohlcv()), min_size=1, max_size=200), st.sampled_from(FRAMES), st.data())
def test_resample_of_any_prefix_equals_the_live_book(gaps, name, data):
    """Batch on a prefix gives exactly the bars that live has closed by then, also after a seed at any point."""
    ts = T0 + M * np.cumsum([g for g, _ in gaps])
    candles = np.array([(t, *bar) for t, (_, bar) in zip(ts.tolist(), gaps, strict=True)], CANDLE_DTYPE)
    seeded = data.draw(st.integers(0, len(candles)))
    book = CandleBook(1, (name,), [0.01], [0.1])
    book.seed(0, candles[:seeded])
    history = resample(candles[:seeded], name)
    have = [history.bars[history.complete]]
    for i in range(seeded, len(candles)):
        book.fill(0, candles[i : i + 1], int(candles["ts"][i]) + M)
        have.append(book.take_closed()[list(CANDLE_DTYPE.names)].astype(CANDLE_DTYPE))
        batch = resample(candles[: i + 1], name)
        assert np.concatenate(have).tobytes() == batch.bars[batch.complete].tobytes()
        assert (batch.closed_at[batch.complete] <= i).all()
        running = book.running(np.array([0]))[0]
        if batch.complete[-1]:
            assert running["ts"] == -1
        else:
            assert running.tobytes() == batch.bars[-1].tobytes()


@st.composite
def decimals(draw):
    """(step as text, a decimal on it as text), as exchanges write them."""
    places = draw(st.integers(0, 10))
    k = draw(st.sampled_from([1, 1, 1, 2, 5, 25]))
    count = draw(st.integers(0, 2**50 // k if places else 10**12))
    step = Decimal(k).scaleb(-places)
    return format(step, "f"), format(step * count, "f")


@settings(max_examples=1000, deadline=None)
@given(decimals())
def test_a_decimal_on_the_step_stays_the_same_float(case):
    step, text = case
    k, p = _fraction(float(step))
    assert kernels.round_to_step(float(text), k, p) == float(text)


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(["0.01", "0.05", "0.5", "1", "0.00001"]), st.floats(1e-6, 1e6))
def test_rounding_is_idempotent_and_to_the_nearest_step(step, x):
    k, p = _fraction(float(step))
    rounded = kernels.round_to_step(x, k, p)
    assert kernels.round_to_step(rounded, k, p) == rounded
    assert abs(rounded - x) <= float(step) / 2 * (1 + 1e-9) + 1e-12 * x
    assert Decimal(repr(rounded)) % Decimal(step) == 0
    assert kernels.round_to_step(x, 0.0, 1.0) == x
