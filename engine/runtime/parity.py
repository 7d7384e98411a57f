"""Live against back-test over a day: the kept candles of every symbol through the back-test's own path, against the
confirmed signals of the journal. When all is well nothing differs.

A signal is compared where both sides promise it: the back-test's history before the bar must be longer than the
memory of what says it, and so must the live lane's have been (its signals are marked `settling` until then).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine.candles.minutes import aggregate
from engine.clock import Clock, now_ms
from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.markets import market, split_symbol
from engine.contracts.parity import REASONS, ParityDifference, ParityReport, RunParity
from engine.contracts.signals import F_REVISED, F_SETTLING, K_CONFIRMED, SLOTS, SignalBatch, StrategyKey
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.rules.strategy import Strategy
from engine.runtime.kept import Report, TaskContext
from engine.runtime.strategies import day_of, every, market_programs
from engine.signals.history import Plan, plan, run_bits
from engine.store.recent import history

DAY_MS = 1440 * MINUTE_MS
#: differences that a report names, unexplained ones first
MOST_NAMED = 2_000
#: minutes in a row without any signal, although the back-test has so many of them, in which a symbol is taken to have
#: had no engine or no data
SILENCE = 10
#: minutes read after the day, so that bars close that end in a hole
AFTER_MS = 120 * MINUTE_MS
#: minutes of history at most
MOST_MINUTES = 1_250_000
#: keys: output * SPAN + minute of the day
SPAN = 2048
NAN = float("nan")
KINDS = ("missing", "extra", "price")
#: '' first: by these numbers
_REASONS = ("", *REASONS)
NONE, SETTLING, WARMING, STOPPED, REVISED = range(5)


class Lane(NamedTuple):
    """One timeframe on one day calendar. memory: int64[outputs], bars after which an output no longer depends on where
    the history began; names: (id, version, params) by strategy."""

    timeframe: str
    plan: Plan
    memory: np.ndarray
    names: list[StrategyKey]


class Found(NamedTuple):
    """Differences of one series. kinds: places in KINDS; keys; prices: what was journaled, nan for nothing; flags:
    F_* of what was journaled."""

    kinds: np.ndarray
    keys: np.ndarray
    prices: np.ndarray
    flags: np.ndarray


class Series:
    """One symbol and timeframe: what the back-test says on the day, and what of it the journal has.

    keys: int32, ascending; seen: bool each. closes: float64 by minute of the day, nan where no bar opens. bars_before:
    int64 by minute of the day. flagged, plain: int32 by strategy, the last minute of a signal marked settling (-1 none)
    and the first of one that is not (SPAN none).
    """

    def __init__(self, lane: Lane, bars: np.ndarray, day_ms: int, to_ms: int) -> None:
        length = timeframe_ms(lane.timeframe)
        self.lane = lane
        #: minute of the day by which a bar must have closed; what is younger came while the candles were read
        self.until = (to_ms - day_ms - length) // MINUTE_MS
        inside = np.flatnonzero((bars["ts"] >= day_ms) & (bars["ts"] + length <= to_ms))
        self.closes, self.bars_before = np.full(SPAN, NAN), np.zeros(SPAN, np.int64)
        minutes = (bars["ts"][inside] - day_ms) // MINUTE_MS
        self.closes[minutes], self.bars_before[minutes] = bars["close"][inside], inside
        self.keys = _keys(lane, bars, day_ms, inside)
        out, minute = np.divmod(self.keys, SPAN)
        promised = self.bars_before[minute] > lane.memory[out]
        self.beyond = int((~promised).sum())
        self.keys = self.keys[promised]
        self.seen = np.zeros(len(self.keys), np.bool_)
        self.flagged = np.full(len(lane.names), -1, np.int32)
        self.plain = np.full(len(lane.names), SPAN, np.int32)
        self.first = SPAN
        self.extra: list[tuple[int, float, int]] = []
        self.priced: list[tuple[int, float]] = []

    def take(self, rows: np.ndarray, out: np.ndarray, minute: np.ndarray) -> None:
        """Confirmed signals of the journal (SIGNAL_DTYPE) with their outputs, on bars of the day."""
        old = minute <= self.until
        rows, out, minute = rows[old], out[old], minute[old]
        if not len(rows):
            return
        self.first = min(self.first, int(minute.min()))
        settling = (rows["flags"] & F_SETTLING) != 0
        np.maximum.at(self.flagged, out[settling] // len(SLOTS), minute[settling].astype(np.int32))
        np.minimum.at(self.plain, out[~settling] // len(SLOTS), minute[~settling].astype(np.int32))
        keys = (out * SPAN + minute).astype(np.int32)
        promised = self.bars_before[minute] > self.lane.memory[out]
        at = np.minimum(np.searchsorted(self.keys, keys), max(len(self.keys) - 1, 0))
        known = (self.keys[at] == keys) if len(self.keys) else np.zeros(len(keys), np.bool_)
        self.seen[at[known]] = True
        closes = self.closes[minute]
        other = known & (rows["price"] != closes)
        self.priced += list(zip(keys[other].tolist(), rows["price"][other].tolist(), strict=True))
        extra = ~known & (promised | np.isnan(closes))
        flags = rows["flags"][extra].tolist()
        self.extra += list(zip(keys[extra].tolist(), rows["price"][extra].tolist(), flags, strict=True))
        self.beyond += int((~known & ~extra).sum())

    def unsettled(self, out: np.ndarray, minute: np.ndarray) -> np.ndarray:
        """bool[n]: that the live lane's memory was filled for these outputs then is not proven: by a signal without the
        mark, then or before, of something whose memory is as long; or one with the mark, then or later, of something
        whose memory is no longer, says that it was not."""
        needs = self.lane.memory.reshape(-1, len(SLOTS)).max(axis=1)
        order = np.argsort(needs, kind="stable")
        ordered = needs[order]
        last = np.maximum.accumulate(self.flagged[order])
        first = np.minimum.accumulate(self.plain[order][::-1])[::-1]
        # of equal memories each stands for all
        until, since = np.empty_like(last), np.empty_like(first)
        until[order] = last[np.searchsorted(ordered, ordered, side="right") - 1]
        since[order] = first[np.searchsorted(ordered, ordered)]
        strategy = out // len(SLOTS)
        unsettled: np.ndarray = (until[strategy] >= minute) | (since[strategy] > minute)
        return unsettled

    def found(self) -> Found:
        """What differs, in any order."""
        missing = self.keys[~self.seen]
        keys = [missing.tolist(), [k for k, _, _ in self.extra], [k for k, _ in self.priced]]
        flags = np.zeros(sum(len(k) for k in keys), np.uint8)
        prices = np.full(len(flags), NAN)
        flags[len(missing) : len(missing) + len(self.extra)] = [f for _, _, f in self.extra]
        prices[len(missing) :] = [p for _, p, _ in self.extra] + [p for _, p in self.priced]
        kinds = np.repeat(np.arange(3), [len(k) for k in keys])
        return Found(kinds, np.concatenate([np.asarray(k, np.int64) for k in keys]), prices, flags)


class Symbol:
    """All timeframes of one symbol. minutes: those of the day that exist. spoke, due: by minute of the day, signals of
    the journal and of the back-test on bars that closed then."""

    def __init__(self, name: str, series: dict[str, Series], minutes: np.ndarray) -> None:
        self.name = name
        self.series = series
        self.minutes = minutes
        self.spoke = np.zeros(2 * SPAN, np.int64)
        self.due = np.zeros(2 * SPAN, np.int64)
        for one in series.values():
            length = timeframe_ms(one.lane.timeframe) // MINUTE_MS
            self.due += np.bincount(one.keys % SPAN + length, minlength=2 * SPAN)
        self.revised = False

    @property
    def live(self) -> bool:
        """The journal has signals of it on this day."""
        return bool(self.spoke.any())

    def silent(self) -> np.ndarray:
        """bool by minute of the day: in a stretch in which nothing was said, though much was due. Once all of the
        journal is read."""
        out = np.zeros(2 * SPAN, np.bool_)
        closes = self.minutes + 1
        quiet = np.r_[False, self.spoke[closes] == 0, False]
        edges = np.flatnonzero(quiet[1:] != quiet[:-1])
        for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if end - first >= SILENCE and self.due[closes[first:end]].sum() >= SILENCE:
                out[closes[first] : closes[end - 1] + 1] = True
        return out

    def reasons(self, series: Series, found: Found) -> np.ndarray:
        """Why each difference is none that parity promises away, as a place in _REASONS."""
        out, minute = np.divmod(found.keys, SPAN)
        closed = minute + timeframe_ms(series.lane.timeframe) // MINUTE_MS
        made = np.full(len(minute), REVISED if self.revised else NONE)
        made[series.unsettled(out, minute)] = SETTLING
        made[self.silent()[closed]] = STOPPED
        made[minute < series.first] = WARMING
        made[(found.flags & F_REVISED) != 0] = REVISED
        made[(found.flags & F_SETTLING) != 0] = SETTLING
        return made


def _keys(lane: Lane, bars: np.ndarray, day_ms: int, inside: np.ndarray) -> np.ndarray:
    """The back-test's signals on these bars."""
    if not len(inside):
        return np.empty(0, np.int32)
    first, end = int(inside[0]), int(inside[-1]) + 1
    parts = []
    for start, stop, _, bits, _ in run_bits(lane.plan, bars[:end], lane.timeframe):
        if stop <= first:
            continue
        word = max(first - start, 0) // 64
        plain = np.unpackbits(np.ascontiguousarray(bits[:, word:]).view(np.uint8), axis=1, bitorder="little")
        out, at = np.nonzero(plain)
        at = at + start + word * 64
        keep = (at >= first) & (at < end)
        minute = (bars["ts"][at[keep]] - day_ms) // MINUTE_MS
        parts.append((out[keep] * SPAN + minute).astype(np.int32))
    return np.sort(np.concatenate(parts))


def lanes_of(strategies: Sequence[Strategy], timeframes: Sequence[str], day: str) -> list[Lane]:
    """The strategies that are live, with their default parameters, on a day calendar."""
    made = []
    for timeframe in timeframes:
        (program,) = market_programs(strategies, [timeframe], day)
        names = [(b.strategy.id, b.strategy.version, b.params_text) for b in program.bounds]
        made.append(Lane(timeframe, plan(program.bounds), np.asarray(program.program.condition_memory), names))
    return made


def compare(
    context: TaskContext,
    ask: RunParity,
    timeframes: Sequence[str],
    clock: Clock,
    report: Report = lambda *_: None,
    stopped: Callable[[], bool] = lambda: False,
) -> ParityReport:
    """The report of a day. BadInput: an unknown symbol, a day without candles. Cancelled: `stopped` became true."""
    began = clock.monotonic_ns()
    day = _day(ask.day_ms, clock)
    names = [context.resolve(s) for s in ask.symbols] or _kept_symbols(context, day)
    strategies = every()
    lanes: dict[str, list[Lane]] = {}
    found: dict[str, Symbol] = {}
    to_ms = day
    for done, name in enumerate(names):
        if stopped():
            raise Cancelled("cancelled", where="parity")
        calendar = day_of(market(split_symbol(name)[0]))
        if calendar not in lanes:
            lanes[calendar] = lanes_of(strategies, timeframes, calendar)
        report(0.85 * done / max(len(names), 1), name.partition(":")[2])
        symbol, end = _symbol(context, name, lanes[calendar], day)
        if symbol is not None:
            found[name], to_ms = symbol, max(to_ms, end)
    if not found:
        raise BadInput("No candles of this day are kept.", where=_date(day), fix="Choose a day on which it was live.")
    other = _read_journal(context, found, day, report, stopped)
    took = (clock.monotonic_ns() - began) / 1e9
    return _report(found, other, day, to_ms, len(strategies), list(timeframes), took, now_ms(clock))


def _day(day_ms: int | None, clock: Clock) -> int:
    now = now_ms(clock)
    return now - now % DAY_MS - DAY_MS if day_ms is None else day_ms - day_ms % DAY_MS


def _date(ms: int) -> str:
    return str(np.datetime64(ms, "ms").astype("datetime64[D]"))


def _kept_symbols(context: TaskContext, day: int) -> list[str]:
    """Symbols with 1-minute candles that reach into the day."""
    recent = {s for (s, t), last in context.state.last_final().items() if t == "1m" and last >= day}
    stored = {
        s.symbol for s in context.lake.list() if s.timeframe == "1m" and s.first_ms < day + DAY_MS <= s.last_ms + DAY_MS
    }
    return sorted(recent | stored)


def _symbol(context: TaskContext, name: str, lanes: Sequence[Lane], day: int) -> tuple[Symbol | None, int]:
    """A symbol through the back-test, and up to where its candles reach; None without any of that day."""
    need = max((int(lane.memory.max(initial=0)) + 3) * (timeframe_ms(lane.timeframe) // MINUTE_MS) for lane in lanes)
    end = day + DAY_MS
    minutes = history(
        context.state, context.lake, name, "1m", last=min(need + 2 * 1440, MOST_MINUTES), to_ms=end + AFTER_MS
    )
    inside = minutes["ts"][(minutes["ts"] >= day) & (minutes["ts"] < end)]
    if not len(inside):
        return None, day
    to_ms = min(end, int(minutes["ts"][-1]) + MINUTE_MS)
    series = {}
    for lane in lanes:
        bars = aggregate(minutes, lane.timeframe)
        if len(bars) and bars["ts"][0] < minutes["ts"][0]:
            bars = bars[1:]
        series[lane.timeframe] = Series(lane, bars, day, to_ms)
    return Symbol(name, series, ((inside - day) // MINUTE_MS).astype(np.int64)), to_ms


def _read_journal(
    context: TaskContext, found: dict[str, Symbol], day: int, report: Report, stopped: Callable[[], bool]
) -> int:
    """Hand each symbol its confirmed signals; how many are of what is not live now."""
    after: int | None = 0
    other, read = 0, 0
    symbol = next(iter(found)) if len(found) == 1 else ""
    while after is not None:
        if stopped():
            raise Cancelled("cancelled", where="parity")
        batch, after = context.state.scan_signals(after, symbol, day, day + DAY_MS - 1)
        other += _hand_out(batch.take(batch.rows["kind"] == K_CONFIRMED), found, day) if len(batch) else 0
        read += len(batch)
        report(0.86, f"journal, {read:,} signals")
    return other


def _hand_out(batch: SignalBatch, found: dict[str, Symbol], day: int) -> int:
    rows, other = batch.rows, 0
    revised = (rows["flags"] & F_REVISED) != 0
    minute = (rows["bar_ts"] - day) // MINUTE_MS
    for number in np.unique(rows["symbol"]).tolist():
        symbol = found.get(batch.symbols[number])
        if symbol is None:
            continue
        mine = rows["symbol"] == number
        symbol.revised |= bool(revised[mine].any())
        for tf, timeframe in enumerate(batch.timeframes):
            chosen = mine & (rows["timeframe"] == tf)
            series = symbol.series.get(timeframe)
            if series is None or not chosen.any():
                continue
            place = {name: k for k, name in enumerate(series.lane.names)}
            places = np.array([place.get(key, -1) for key in batch.strategies])[rows["strategy"][chosen]]
            symbol.spoke[minute[chosen] + timeframe_ms(timeframe) // MINUTE_MS] += 1
            known = places >= 0
            other += int((~known).sum())
            out = places[known] * len(SLOTS) + rows["slot"][chosen][known]
            series.take(rows[chosen][known], out, minute[chosen][known])
    return other


def _report(
    found: dict[str, Symbol],
    other: int,
    day: int,
    to_ms: int,
    strategies: int,
    timeframes: list[str],
    seconds: float,
    made_ms: int,
) -> ParityReport:
    live = [s for s in found.values() if s.live]
    counts = np.zeros((len(KINDS), len(_REASONS)), np.int64)
    named: list[ParityDifference] = []
    same = beyond = 0
    for symbol in live:
        for series in symbol.series.values():
            same += int(series.seen.sum()) - len(series.priced)
            beyond += series.beyond
            differ = series.found()
            reasons = symbol.reasons(series, differ)
            np.add.at(counts, (differ.kinds, reasons), 1)
            named += _named(symbol, series, differ, reasons, day)
    named.sort(key=lambda d: (bool(d.reason), d.bar_ts, d.symbol, d.strategy))
    # while it did not run there is nothing to compare with
    compared = counts.copy()
    compared[:, [WARMING, STOPPED]] = 0
    by_kind = compared.sum(axis=1).tolist()
    return ParityReport(
        day_ms=day,
        to_ms=to_ms,
        symbols=len(live),
        idle=len(found) - len(live),
        strategies=strategies,
        timeframes=timeframes,
        compared=same + int(compared.sum()),
        same=same,
        missing=by_kind[0],
        extra=by_kind[1],
        price=by_kind[2],
        unexplained=int(counts[:, NONE].sum()),
        by_reason={name: n for name, n in zip(REASONS, counts.sum(axis=0)[1:].tolist(), strict=True) if n},
        beyond=beyond,
        other=other,
        seconds=seconds,
        made_ms=made_ms,
        differences=named[:MOST_NAMED],
    )


def _named(symbol: Symbol, series: Series, found: Found, reasons: np.ndarray, day: int) -> list[ParityDifference]:
    """Those worth a line each: not what was before it ran, and of what has a reason the first."""
    wanted = np.flatnonzero((reasons != WARMING) & (reasons != STOPPED))
    wanted = wanted[np.argsort(reasons[wanted] != NONE, kind="stable")][:MOST_NAMED]
    made = []
    for at in wanted.tolist():
        key = int(found.keys[at])
        out, minute = divmod(key, SPAN)
        strategy, _, params = series.lane.names[out // len(SLOTS)]
        side, action = SLOTS[out % len(SLOTS)]
        one = ParityDifference(
            kind=KINDS[int(found.kinds[at])],
            symbol=symbol.name,
            timeframe=series.lane.timeframe,
            bar_ts=day + minute * MINUTE_MS,
            strategy=strategy,
            params=params,
            side=side,
            action=action,
            price=float(series.closes[minute]),
            journal_price=float(found.prices[at]),
            reason=_REASONS[int(reasons[at])],
        )
        made.append(one)
    return made
