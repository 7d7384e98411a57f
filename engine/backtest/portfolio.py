"""Many symbols and strategies on one account: shared cash, caps, and what they made together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from engine.backtest import kernels_portfolio as kernels
from engine.backtest.conventions import Curve
from engine.backtest.data import BarData, Window, frozen
from engine.backtest.days import day_borders
from engine.backtest.fills import FUND, ROW, SKIPPED, Ledger, Tape, new_ledger, new_state
from engine.backtest.hash import SEED, hash_text, mix, trade_hash
from engine.backtest.metrics import convention_text, metrics
from engine.backtest.more import More
from engine.backtest.realism import NOTHING, Known
from engine.backtest.run import Conditions, conditions, contract, is_delisted
from engine.backtest.simulation import Decided
from engine.backtest.sizing import account_of
from engine.clock import Clock, iso
from engine.contracts.backtests import BacktestSpec
from engine.contracts.dtypes import EXIT_DELISTED, EXIT_END
from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market
from engine.contracts.portfolios import Lane, PortfolioResult, PortfolioSpec
from engine.signals.types import ANY_ENTRY, N_LEVELS

#: of the simulation between two looks at `cancelled`
_STEP_MS = 30 * 86_400_000


class LaneInput(msgspec.Struct, frozen=True, kw_only=True):
    """What one lane runs on. lane: with its timeframe. decisions: of its strategy over all bars of data. warmup: bars
    that the strategy needs."""

    lane: Lane
    data: BarData
    decisions: Decided
    instrument: Instrument
    market: Market
    known: Known = NOTHING
    warmup: int = 0


class _Lane:
    """A lane's window, costs and events, before they are laid one after the other."""

    def __init__(self, given: LaneInput, spec: PortfolioSpec) -> None:
        self.given = given
        lane = given.lane
        self.spec = BacktestSpec(
            strategy=lane.strategy,
            symbol=lane.symbol,
            timeframe=lane.timeframe,
            from_ms=spec.from_ms,
            to_ms=spec.to_ms,
            params=lane.params,
            costs=spec.costs,
            sizing=spec.sizing,
            direction=lane.direction,
            account=spec.account,
        )
        data = given.data
        self.window: Window = data.window(self.spec, given.warmup)
        self.made: Conditions = conditions(
            self.spec, data, self.window, given.decisions, given.instrument, given.market, given.known, always=True
        )
        self.tape = data.tape(self.made.events)
        self.shorts = data.short_rate(self.made.events)
        self.account = account_of(self.spec, given.instrument)
        self.last_ms = int(data.bars["ts"][self.window.last])

    def events(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(bars, edges, levels) of the window."""
        found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        first, last = self.window.first, self.window.last
        for block in self.given.decisions.blocks(self.given.data.bars, self.given.data.timeframe):
            bars, edges, levels = block.found
            keep = (bars >= first) & (bars <= last)
            entry = (edges & ANY_ENTRY) != 0
            found.append((bars[keep].copy(), edges[keep].copy(), levels[keep[entry]].copy()))
            if block.stop > last:
                break
        none = (np.empty(0, np.int64), np.empty(0, np.uint8), np.empty((0, N_LEVELS)))
        bars, edges, levels = (np.concatenate(columns) for columns in zip(none, *found, strict=True))
        return bars, edges, levels


def run_portfolio(
    spec: PortfolioSpec,
    lanes: Sequence[LaneInput],
    *,
    code_version: str,
    clock: Clock,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PortfolioResult:
    """All lanes over the bars that open in [spec.from_ms, spec.to_ms), event by event in the order of their minutes.

    BadInput: no lanes, lanes of different account currencies, impossible caps, and all that run_backtest refuses.
    Cancelled: stopped.
    """
    started = clock.monotonic_ns()
    if not lanes:
        raise BadInput("A portfolio needs a lane.", where="lanes", fix="Give a strategy and a symbol.")
    _check(spec)
    ready = [_Lane(each, spec) for each in lanes]
    accounts = {each.account for each in ready}
    if len(accounts) > 1:
        raise BadInput(
            f"The lanes' results are in {', '.join(sorted(accounts))}.", where="account",
            fix="Name one currency for the account; what is not in it is converted.",
        )  # fmt: skip
    run = _Portfolio(spec, ready)
    run.run(progress, cancelled)
    return run.result(spec, code_version, (clock.monotonic_ns() - started) / 1e9)


def _check(spec: PortfolioSpec) -> None:
    for name in ("gross_cap", "symbol_cap"):
        value = getattr(spec, name)
        if not (0 < value <= 1000):
            raise BadInput(f"{value:g} is not possible for {name}.", where=name, fix="Give more than 0, at most 1000.")
    if not 0 <= spec.max_positions <= 100_000:
        raise BadInput(
            f"{spec.max_positions} positions are not possible.",
            where="max_positions",
            fix="Give 0 for as many as lanes.",
        )


class _Portfolio:
    """The lanes laid one after the other, and the state of the account."""

    def __init__(self, spec: PortfolioSpec, lanes: list[_Lane]) -> None:
        self.lanes, count = lanes, len(lanes)
        datas = [lane.given.data for lane in lanes]
        self.minute_at = np.cumsum([0] + [len(data.minutes) for data in datas])
        self.bar_at = np.cumsum([0] + [len(data.bars) for data in datas])
        self.cash = float(spec.sizing.cash)
        states = [new_state(0, self.cash) for _ in lanes]
        self.ints, self.floats = np.stack([s[0] for s in states]), np.stack([s[1] for s in states])
        self.places = np.zeros((count, kernels.PLACES), np.int64)
        self.numbers, self.flags = (
            np.zeros((count, len(kernels.NUMBERS))),
            np.zeros((count, len(kernels.FLAGS)), np.int64),
        )
        self._terms()
        self._events()
        self.tape = self._tape()
        most = float(spec.max_positions or count)
        self.caps = np.array([most, spec.gross_cap, spec.symbol_cap])
        self.borders, self.market = self._borders()
        days = len(self.borders)
        self.money, self.shared = np.array([self.cash]), np.zeros(kernels.SHARED, np.int64)
        self.held, self.realised = np.zeros((count, 2)), np.zeros(count)
        self.equity, self.values = np.zeros(days), np.zeros((days, count))
        room = len(self.levels) + count + 1
        self.ledger: Ledger = new_ledger(room, room)
        self.owner = np.zeros(room, np.int64)

    def _terms(self) -> None:
        width = max(len(self._more(lane).floors) for lane in self.lanes)
        shape = (len(self.lanes), width)
        self.floors, self.rates, self.amounts = np.full(shape, math.inf), np.zeros(shape), np.zeros(shape)
        for number, lane in enumerate(self.lanes):
            more = self._more(lane)
            both = more._asdict() | lane.made.terms._asdict()
            self.numbers[number] = [both[name] for name in kernels.NUMBERS]
            self.flags[number] = [both[name] for name in kernels.FLAGS]
            size = len(more.floors)
            self.floors[number, :size], self.rates[number, :size] = more.floors, more.rates
            self.amounts[number, :size] = more.amounts

    @staticmethod
    def _more(lane: _Lane) -> More:
        assert lane.made.more is not None
        return lane.made.more

    def _events(self) -> None:
        names = {lane.given.lane.symbol: number for number, lane in enumerate(self.lanes)}
        parts, rows, counted = [], 0, 0
        for number, lane in enumerate(self.lanes):
            window, data = lane.window, lane.given.data
            bars, edges, levels = lane.events()
            parts.append((bars + self.bar_at[number], edges, levels))
            first, last = window.minutes(data)
            orders = lane.given.decisions.orders
            self.places[number] = [
                first + self.minute_at[number], last + 1 + self.minute_at[number], window.first + self.bar_at[number],
                counted, counted + len(bars), names[lane.given.lane.symbol], *orders,
            ]  # fmt: skip
            self.ints[number, ROW] = rows
            rows, counted = rows + len(levels), counted + len(bars)
        self.events, self.edges, self.levels = (np.concatenate(c) for c in zip(*parts, strict=True))

    def _tape(self) -> Tape:
        lanes, minute_at = self.lanes, self.minute_at
        firsts, real = [], []
        for number, lane in enumerate(lanes):
            data = lane.given.data
            first = data.first_minute[:-1] if len(data.first_minute) else np.arange(len(data.bars))
            firsts.append(first + minute_at[number])
            real.append(data.real if len(data.real) else np.ones(len(data.minutes), np.bool_))
            self.ints[number, FUND] = sum(len(each.tape.fund_minute) for each in lanes[:number])
        fund = [lane.tape.fund_minute + minute_at[number] for number, lane in enumerate(lanes)]
        self.short_rate = frozen(np.concatenate([lane.shorts for lane in lanes]))
        self.columns = [self._joined(name) for name in ("ask", "bid", "volatility", "conversion")]
        return Tape(
            frozen(np.concatenate([lane.given.data.minutes for lane in lanes])),
            frozen(np.append(np.concatenate(firsts), minute_at[-1])),
            frozen(np.concatenate(real)),
            frozen(np.concatenate(fund)),
            frozen(np.concatenate([lane.tape.fund_rate for lane in lanes])),
        )

    def _joined(self, name: str) -> np.ndarray:
        """One of More's arrays of all lanes, nan where a lane has none."""
        parts = []
        for lane in self.lanes:
            data, given = lane.given.data, getattr(self._more(lane), name)
            size = len(data.bars) if name == "volatility" else len(data.minutes)
            parts.append(given if len(given) else np.full(size, math.nan))
        whole = np.concatenate(parts)
        return frozen(whole if np.isfinite(whole).any() else np.empty(0))

    def _borders(self) -> tuple[np.ndarray, Market]:
        """Ends of the days of the market that trades on most of them."""
        market = max((lane.given.market for lane in self.lanes), key=lambda m: m.days_per_year)
        ends = [lane.window.minutes(lane.given.data) for lane in self.lanes]
        stamps = [lane.given.data.minutes["ts"][list(pair)] for lane, pair in zip(self.lanes, ends, strict=True)]
        self.first_ms, self.last_ms = int(min(s[0] for s in stamps)), int(max(s[1] for s in stamps))
        borders = day_borders(self.first_ms, self.last_ms, market.day_tz, market.day_hour)[1:]
        if market.days_per_year < 365:
            every = np.unique(np.concatenate([np.searchsorted(borders, lane.given.data.minutes["ts"], side="right")
                                              for lane in self.lanes]))  # fmt: skip
            borders = borders[every[every < len(borders)]]
        return borders, market

    def run(self, progress: Callable[[float], None] | None, cancelled: Callable[[], bool] | None) -> None:
        ask, bid, volatility, conversion = self.columns
        until = self.first_ms
        while until <= self.last_ms:
            if cancelled is not None and cancelled():
                raise Cancelled("The portfolio run was stopped.", where=f"at {iso(until)}")
            until = min(until + _STEP_MS, self.last_ms + 1)
            kernels.run_lanes(
                self.ints, self.floats, self.places, self.numbers, self.flags, self.floors, self.rates, self.amounts,
                ask, bid, volatility, conversion, self.short_rate, self.tape, self.events, self.edges, self.levels,
                self.caps, until, self.borders, self.money, self.shared, self.ledger, self.owner, self.held,
                self.realised, self.equity, self.values,
            )  # fmt: skip
            if progress is not None:
                progress((until - self.first_ms) / (self.last_ms + 1 - self.first_ms))
        done = int(self.shared[kernels.SHARED_DAY])
        self.equity[done:], self.values[done:] = self.money[0], self.realised

    def result(self, spec: PortfolioSpec, code_version: str, seconds: float) -> PortfolioResult:
        count = int(self.shared[kernels.SHARED_TRADES])
        trades, owner = self.ledger.trades[:count].copy(), self.owner[:count]
        equity = np.append(self.cash, self.equity)
        span = (self.last_ms + 60_000 - self.first_ms) / 86_400_000
        ends = self.borders
        values = self._worth(trades, owner, self.ledger.where[:count, 0])
        before = np.maximum(equity[:-1], 1e-300)
        moves = np.diff(self.values, axis=0, prepend=0.0) / before[:, None]

        def figures(curve: np.ndarray, of: np.ndarray) -> dict[str, float]:
            pnl = trades["pnl"][of].astype(np.float64)
            return metrics(
                Curve(equity=curve, span_days=span, pnl=pnl, days_per_year=self.market.days_per_year, ends=ends),
                trades[np.flatnonzero(of)], values[of],
            )  # fmt: skip

        each = [figures(self.cash + np.append(0.0, self.values[:, n]), owner == n) for n in range(len(self.lanes))]
        gone = [
            is_delisted(lane.spec, lane.given.data, lane.window, lane.given.instrument, lane.given.market)
            for lane in self.lanes
        ]
        closed = np.array(gone)[owner] & (trades["reason"] == EXIT_END) if count else np.zeros(0, bool)
        trades["reason"][closed] = EXIT_DELISTED
        state = int(trade_hash(trades, 0.0, 0.0), 16)
        for number in owner.tolist():
            state = int(mix(np.uint64(state ^ int(SEED)), np.int64(number)))
        return PortfolioResult(
            spec=msgspec.structs.replace(spec, lanes=[lane.given.lane for lane in self.lanes]),
            first_ms=self.first_ms,
            last_ms=self.last_ms,
            metrics=figures(equity, np.ones(count, bool)),
            lane_metrics=each,
            convention=convention_text(self.market),
            trade_hash=hash_text(state),
            code_version=code_version,
            assumptions=self._sentences(spec, gone),
            skipped=int(self.ints[:, SKIPPED].sum()),
            seconds=seconds,
            trades=trades.tobytes(),
            trade_lanes=owner.astype("<i4").tobytes(),
            day_ts=self.borders.astype("<i8").tobytes(),
            equity=self.equity.tobytes(),
            returns=(equity[1:] / before - 1.0).tobytes(),
            correlation=correlation(moves).tolist(),
        )

    def _worth(self, trades: np.ndarray, owner: np.ndarray, minute: np.ndarray) -> np.ndarray:
        """float64[t]: value at the entry in the account's currency."""
        inverse = self.flags[owner, kernels.FLAGS.index("inverse")] != 0
        rate = np.where(inverse, 1.0 / trades["entry_price"], 1.0)
        if len(self.columns[3]):
            known = self.columns[3][minute]
            rate = np.where(np.isnan(known), rate, known)
        return np.asarray(trades["quantity"] * trades["entry_price"] * rate, np.float64)

    def _sentences(self, spec: PortfolioSpec, gone: list[bool]) -> list[str]:
        lines = contract(self.lanes[0].given.data, self.lanes[0].given.decisions.orders)
        for lane in self.lanes:
            for line in lane.made.sentences:
                if line not in lines:
                    lines.append(line)
        most = spec.max_positions or len(self.lanes)
        lines += [
            f"{len(self.lanes)} lanes share {spec.sizing.cash:,.2f} of cash; sizes are of the whole account's equity, "
            "open positions at their last close.",
            f"At most {most} positions are open at once, together worth {spec.gross_cap:g} and those of one symbol "
            f"{spec.symbol_cap:g} of the equity when one is opened; an entry that finds less room is made smaller or "
            "not taken.",
            "In a minute first all that was decided closes, then all that was decided opens, then what rests or "
            "protects acts, each time in the order of the lanes.",
        ]
        lines += [
            f"{lane.given.lane.symbol} ends at {iso(lane.last_ms)}: taken as delisted."
            for lane, ended in zip(self.lanes, gone, strict=True)
            if ended
        ]
        lines.append(
            "The symbols were chosen today: those that were delisted are easily overlooked, which flatters "
            "(survivorship)."
        )
        return lines


def correlation(moves: np.ndarray) -> np.ndarray:
    """float64[l, l]: correlation of the columns of float64[d, l]; nan where one never moved."""
    centred = moves - moves.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    scale = np.outer(spread, spread)
    return np.divide(centred.T @ centred, scale, out=np.full(scale.shape, math.nan), where=scale > 0)
