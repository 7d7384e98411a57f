"""A slow simulator that goes through every minute and does nothing clever: what the kernels must equal, bit for bit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class Position:
    side: int
    bar: int
    minute: int
    price: float
    quantity: float
    fee: float
    stop: float | None
    target: float | None
    trail: float | None
    best: float
    seen: list[float]
    paid: float = 0.0


@dataclass
class Simulator:
    """Feed it every bar of a window in order, then finish(). trades: tuples in the order of TRADE_DTYPE."""

    terms: dict
    cash: float
    trades: list[tuple] = field(default_factory=list)
    position: Position | None = None
    close_reason: int | None = None
    enter: tuple[int, int] | None = None
    skipped: int = 0
    equity_by_bar: list[float] = field(default_factory=list)
    equity_by_minute: dict[int, float] = field(default_factory=dict)

    def conversion(self, price):
        return 1.0 / price if self.terms["inverse"] else 1.0

    def fill(self, raw, buying):
        price = raw * (1.0 + self.terms["slip"]) if buying else raw * (1.0 - self.terms["slip"])
        if self.terms["tick"]:
            per_one = self.terms["ticks_per_one"]
            steps = price * per_one
            steps = math.ceil(steps - 1e-6) if buying else math.floor(steps + 1e-6)
            price = max(steps, 1) / per_one
        return price

    def order(self, price):
        """A stop or target order stands on the nearest tick."""
        return round(price * self.terms["ticks_per_one"]) / self.terms["ticks_per_one"] if self.terms["tick"] else price

    def close(self, raw, reason, bar, minute, held, ts):
        p = self.position
        price = self.fill(raw, buying=p.side < 0)
        fees = p.fee + p.quantity * price * self.conversion(price) * self.terms["fee"]
        pnl = p.side * p.quantity * (price - p.price) * self.conversion(price)
        pnl = pnl - fees - p.paid
        low, high = min([*p.seen, raw]), max([*p.seen, raw])
        down, up = (p.price - low) / p.price, (high - p.price) / p.price
        mae, mfe = (down, up) if p.side > 0 else (up, down)
        self.cash = self.cash + pnl
        bars = bar - p.bar + held
        self.trades.append(
            (ts[p.minute], ts[minute], p.side, reason, p.price, price, p.quantity, fees, pnl, mae, mfe, bars)
        )
        self.position = None

    def open(self, side, bar, minute, raw, distances):
        t = self.terms
        price = self.fill(raw, buying=side > 0)
        money = t["size"] * self.cash if t["by_fraction"] else t["size"]
        value = price * self.conversion(price)
        quantity = money / (value * (1.0 + t["fee"]))
        if t["lot"]:
            quantity = math.floor(quantity * t["lots_per_one"] + 1e-9) / t["lots_per_one"]
        if self.cash <= 0 or quantity <= 0 or quantity * price < t["min_notional"]:
            self.skipped += 1
            return
        stop, target, trail = (d if d > 0 else None for d in distances)
        self.position = Position(
            side, bar, minute, price, quantity, quantity * value * t["fee"],
            None if stop is None else self.order(price - side * stop),
            None if target is None else self.order(price + side * target),
            trail, price, [price],
        )  # fmt: skip

    def minute(self, bar, m, first_of_bar, candle, real, rate, distances, ts):
        if rate is not None and self.position is not None:
            p = self.position
            p.paid += p.side * p.quantity * candle.open * self.conversion(candle.open) * rate
        if real:
            if self.position is not None and self.close_reason is not None:
                self.close(candle.open, self.close_reason, bar, m, 0 if first_of_bar else 1, ts)
            if self.position is None and self.enter is not None:
                side, decided = self.enter
                self.open(side, bar, m, candle.open, distances[decided])
            self.close_reason = self.enter = None
        if self.position is not None:
            self.levels(bar, m, candle, real, ts)
        if self.position is not None:
            p = self.position
            p.seen += [candle.low, candle.high]
            p.best = max(p.best, candle.high) if p.side > 0 else min(p.best, candle.low)
        self.equity_by_minute[m] = self.equity(candle.close)

    def levels(self, bar, m, candle, real, ts):
        p = self.position
        stop, reason = p.stop, 1
        if p.trail is not None:
            trailing = self.order(p.best - p.side * p.trail)
            if stop is None or (trailing > stop if p.side > 0 else trailing < stop):
                stop, reason = trailing, 3
        if not real:
            return

        def at_stop(price):
            return stop is not None and (price <= stop if p.side > 0 else price >= stop)

        def at_target(price):
            return p.target is not None and (price >= p.target if p.side > 0 else price <= p.target)

        worst, best = (candle.low, candle.high) if p.side > 0 else (candle.high, candle.low)
        if at_stop(candle.open):
            self.close(candle.open, reason, bar, m, 1, ts)
        elif at_target(candle.open):
            self.close(candle.open, 2, bar, m, 1, ts)
        else:
            if at_stop(worst):
                p.seen.append(candle.open)
                self.close(stop, reason, bar, m, 1, ts)
            elif at_target(best):
                p.seen.append(candle.open)
                self.close(p.target, 2, bar, m, 1, ts)

    def equity(self, price):
        if self.position is None:
            return self.cash
        p = self.position
        return self.cash - p.fee + p.side * p.quantity * (price - p.price) * self.conversion(price) - p.paid

    def decide(self, bar, edges):
        long_entry, long_exit, short_entry, short_exit = (bool(e) for e in edges)
        enter_long = long_entry and not short_entry and not long_exit
        enter_short = short_entry and not long_entry and not short_exit
        if self.enter and ((self.enter[0] > 0 and long_exit) or (self.enter[0] < 0 and short_exit)):
            self.enter = None
        side = self.position.side if self.position else 0
        if enter_long and side <= 0:
            self.enter = (1, bar) if self.terms["direction"] != "short" else None
            self.close_reason = 4 if side else None
        elif enter_short and side >= 0:
            self.enter = (-1, bar) if self.terms["direction"] != "long" else None
            self.close_reason = 4 if side else None
        elif self.close_reason is None and ((side > 0 and long_exit) or (side < 0 and short_exit)):
            self.close_reason = 0


def simulate(minutes, groups, first, last, real, masks, distances, funding, terms, cash):
    """minutes: objects with ts, open, high, low, close; groups[b]: minute indices of bar b;
    funding: minute index -> rate; masks[b]: four edges; distances[b]: three.
    Returns the Simulator after bars first..last."""
    ts = [candle.ts for candle in minutes]
    sim = Simulator(terms, cash)
    for bar in range(first, last + 1):
        for m in groups[bar]:
            sim.minute(bar, m, m == groups[bar][0], minutes[m], real[m], funding.get(m), distances, ts)
        if bar < last:
            sim.decide(bar, masks[bar])
        elif sim.position is not None:
            sim.close(minutes[m].close, 5, bar, m, 1, ts)
            sim.equity_by_minute[m] = sim.cash
        sim.equity_by_bar.append(sim.equity(minutes[m].close))
    return sim
