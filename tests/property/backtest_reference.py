"""A slow simulator that goes through every minute and does nothing clever: what the kernels must equal, bit for bit."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

SIGNAL, STOP, TARGET, TRAIL, REVERSE, END, TIME, BREAK_EVEN, LIQUIDATION = range(9)

#: what a run knows beyond its terms, where it says nothing else
PLAIN = {
    "offset": 0.0, "range_share": 0.0, "half": 0.0, "ask": None, "bid": None, "maker": None, "target_fee": None,
    "target_rests": False, "mode": None, "cap": math.inf, "volatility": None, "kelly_trades": 0, "kelly_start": 0.0,
    "leverage": 0.0, "most": math.inf, "brackets": [(0.0, 0.0, 0.0)], "entries": 1, "conversion": None,
}  # fmt: skip


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
    even: float | None
    best: float
    seen: list[float]
    risk: float
    paid: float = 0.0
    moved: bool = False
    entries: int = 1
    liquidated: float | None = None
    bankrupt: float | None = None


@dataclass
class Order:
    """An entry that rests: a stop or a limit at `level`, alive on the bars up to `until`."""

    side: int
    kind: str
    level: float
    until: int
    decided: int

    def price(self, candle):
        """Where this minute fills it, or None."""
        rises = (self.side > 0) == (self.kind == "stop")
        if rises:
            return max(candle.open, self.level) if candle.high >= self.level else None
        return min(candle.open, self.level) if candle.low <= self.level else None


@dataclass
class Simulator:
    """Feed it every bar of a window in order, then finish(). trades: tuples in the order of TRADE_DTYPE."""

    terms: dict
    cash: float
    minutes: list
    trades: list[tuple] = field(default_factory=list)
    position: Position | None = None
    close_reason: int | None = None
    enter: tuple[int, int] | None = None
    resting: list[Order] = field(default_factory=list)
    skipped: int = 0
    equity_by_bar: list[float] = field(default_factory=list)
    equity_by_minute: dict[int, float] = field(default_factory=dict)
    returns: list[float] = field(default_factory=list)
    beside: float = 0.0
    room: float = math.inf

    def __post_init__(self):
        self.terms = PLAIN | self.terms

    @property
    def idle(self):
        """Nothing is held, and nothing waits to be."""
        return self.position is None and self.enter is None and not self.resting and self.close_reason is None

    def conversion(self, price, m):
        if self.terms["conversion"] is not None:
            return self.terms["conversion"][m]
        return 1.0 / price if self.terms["inverse"] else 1.0

    def fill(self, raw, buying, limit, m):
        t = self.terms
        slip = 0.0 if limit else t["slip"]
        worse = 0.0 if limit else t["offset"] + t["range_share"] * (self.minutes[m].high - self.minutes[m].low)
        quoted = t["ask"] if buying else t["bid"]
        half = math.nan if quoted is None else quoted[m]
        worse = worse + (raw * t["half"] if half != half else half)
        return self.ticked(raw * (1.0 + slip) + worse if buying else raw * (1.0 - slip) - worse, buying)

    def ticked(self, price, buying):
        if self.terms["tick"]:
            per_one = self.terms["ticks_per_one"]
            steps = price * per_one
            steps = math.ceil(steps - 1e-6) if buying else math.floor(steps + 1e-6)
            price = max(steps, 1) / per_one
        return price

    def order(self, price):
        """A stop or target order stands on the nearest tick."""
        return round(price * self.terms["ticks_per_one"]) / self.terms["ticks_per_one"] if self.terms["tick"] else price

    def allowed(self, side):
        return self.terms["direction"] != ("short" if side > 0 else "long")

    def close(self, raw, reason, bar, minute, held, ts, limit=False):
        p, t = self.position, self.terms
        fee = t["fee"] if not limit or t["maker"] is None else t["maker"]
        if reason == TARGET and t["target_rests"]:
            limit, fee = True, t["target_fee"]
        price = self.fill(raw, p.side < 0, limit, minute)
        if reason == LIQUIDATION:
            price = self.ticked(raw, p.side < 0)
        rate = self.conversion(price, minute)
        fees = p.fee + p.quantity * price * rate * fee
        pnl = p.side * p.quantity * (price - p.price) * rate
        pnl = pnl - fees - p.paid
        self.returns.append(pnl / (p.quantity * p.price * rate))
        low, high = min([*p.seen, raw]), max([*p.seen, raw])
        down, up = (p.price - low) / p.price, (high - p.price) / p.price
        mae, mfe = (down, up) if p.side > 0 else (up, down)
        self.cash = self.cash + pnl
        bars = bar - p.bar + held
        row = (ts[p.minute], ts[minute], p.side, reason, p.price, price, p.quantity, fees, pnl, mae, mfe, bars)
        self.trades.append(told((*row, pnl / p.risk)))
        self.position = None

    def money(self, side, price, rate, fee, levels, decided):
        """Money of an entry at this price, whatever its mode."""
        t, p = self.terms, self.position
        if t["mode"] is None:
            return 0.0 if self.cash <= 0 else t["size"] * self.cash if t["by_fraction"] else t["size"]
        equity = self.cash
        if p is not None:
            equity = self.cash + (p.side * p.quantity * (price - p.price) * rate - p.fee - p.paid + self.beside)
        elif self.beside:
            equity = self.cash + self.beside
        if equity <= 0:
            return 0.0
        if t["mode"] == "amount":
            money = t["size"]
        elif t["mode"] == "fraction":
            money = t["size"] * equity
        else:
            money = min(self.clever(side, price, rate, fee, equity, levels, decided), t["cap"] * equity)
        if t["leverage"]:
            held = 0.0 if p is None else p.quantity * price
            money = min(money, t["leverage"] * equity - held * rate, (t["most"] - held) * rate)
        return min(money, self.room)

    def clever(self, side, price, rate, fee, equity, levels, decided):
        t = self.terms
        if t["mode"] == "volatility":
            moves = t["volatility"][decided]
            return t["size"] / moves * equity if moves > 0 else 0.0
        if t["mode"] == "risk":
            distances = [d for d in (levels[0 if side > 0 else 1], levels[4]) if d > 0]
            if not distances:
                return 0.0
            return t["size"] * equity / (min(distances) * rate) * (price * rate) * (1.0 + fee)
        won, lost = [r for r in self.returns if r > 0], [-r for r in self.returns if r < 0]
        if len(won) + len(lost) < t["kelly_trades"]:
            return t["kelly_start"] * equity
        if not won:
            return 0.0
        share = len(won) / (len(won) + len(lost))
        kelly = share
        if lost:
            kelly = share - (1.0 - share) / ((sum(won) / len(won)) / (sum(lost) / len(lost)))
        return t["size"] * kelly * equity

    def lots(self, quantity):
        t = self.terms
        return math.floor(quantity * t["lots_per_one"] + 1e-9) / t["lots_per_one"] if t["lot"] else quantity

    def set_margin(self):
        p, leverage = self.position, self.terms["leverage"]
        if leverage:
            value = p.quantity * p.price
            _, rate, amount = [b for b in self.terms["brackets"] if b[0] <= value][-1]
            margin = value / leverage
            p.liquidated = (p.price * p.quantity - p.side * (margin + amount)) / (p.quantity * (1.0 - p.side * rate))
            p.bankrupt = p.price - p.side * margin / p.quantity

    def open(self, side, bar, minute, raw, levels, decided, limit=False):
        t = self.terms
        price = self.fill(raw, side > 0, limit, minute)
        rate = self.conversion(price, minute)
        fee = t["maker"] if limit and t["maker"] is not None else t["fee"]
        value = price * rate
        money = self.money(side, price, rate, fee, levels, decided)
        quantity = self.lots(money / (value * (1.0 + fee)))
        if money <= 0 or quantity <= 0 or quantity * price < t["min_notional"]:
            self.skipped += 1
            return
        long_stop, short_stop, long_target, short_target, trail, even = (d if d > 0 else None for d in levels[:6])
        stop, target = (long_stop, long_target) if side > 0 else (short_stop, short_target)
        at = None if stop is None else self.order(price - side * stop)
        trailing = None if trail is None else self.order(price - side * trail)
        risks = [d for level in (at, trailing) if level is not None for d in [side * (price - level)]]
        nearest = min(risks) if risks and min(risks) > 0 else math.nan
        self.position = Position(
            side, bar, minute, price, quantity, quantity * value * fee, at,
            None if target is None else self.order(price + side * target),
            trail, None if even is None else self.order(price + side * even), price, [price],
            quantity * rate * nearest,
        )  # fmt: skip
        self.set_margin()

    def add(self, minute, raw, levels, decided):
        """A further entry of the same side; the levels of the first one stay."""
        t, p = self.terms, self.position
        price = self.fill(raw, p.side > 0, False, minute)
        rate = self.conversion(price, minute)
        money = self.money(p.side, price, rate, t["fee"], levels, decided)
        value = price * rate
        quantity = self.lots(money / (value * (1.0 + t["fee"])))
        if money <= 0 or quantity <= 0 or quantity * price < t["min_notional"]:
            self.skipped += 1
            return
        level = p.stop
        if p.trail is not None:
            trailing = self.order(p.best - p.side * p.trail)
            level = trailing if level is None or p.side * (trailing - level) > 0 else level
        if level is not None:
            p.risk += quantity * rate * max(p.side * (price - level), 0.0)
        p.price = (p.price * p.quantity + price * quantity) / (p.quantity + quantity)
        p.quantity += quantity
        p.fee += quantity * value * t["fee"]
        p.seen.append(price)
        p.best = max(p.best, price) if p.side > 0 else min(p.best, price)
        p.entries += 1
        self.set_margin()

    def minute(self, bar, m, first_of_bar, candle, real, rate, levels, ts):
        if rate is not None and self.position is not None:
            p = self.position
            due = rate[0] if p.side > 0 else rate[1]
            p.paid += p.quantity * candle.open * self.conversion(candle.open, m) * due
        if real:
            held = 0 if first_of_bar else 1
            if self.position is not None and self.close_reason is not None:
                self.close(candle.open, self.close_reason, bar, m, held, ts)
            if self.enter is not None:
                side, decided = self.enter
                if self.position is None:
                    self.open(side, bar, m, candle.open, levels[decided], decided)
                else:
                    self.add(m, candle.open, levels[decided], decided)
            self.close_reason = self.enter = None
            self.fill_at_open(bar, m, held, candle, levels, ts)
        done = real and self.inside(bar, m, candle, levels, ts)
        if self.position is not None and not done:
            self.end_minute(candle.low, candle.high)
        self.equity_by_minute[m] = self.equity(candle.close, m)

    def end_minute(self, low, high):
        p = self.position
        p.seen += [low, high]
        p.best = max(p.best, high) if p.side > 0 else min(p.best, low)
        if p.even is not None and (p.best >= p.even if p.side > 0 else p.best <= p.even):
            p.even = None
            entry = self.order(p.price)
            if p.stop is None or (entry > p.stop if p.side > 0 else entry < p.stop):
                p.stop, p.moved = entry, True

    def fill_at_open(self, bar, m, held, candle, levels, ts):
        """Orders that the open lies beyond or at."""
        reached = [o for o in self.resting if o.price(candle) == candle.open]
        if len(reached) == 2:
            self.resting = []
        elif reached:
            self.take(reached[0], candle.open, bar, m, held, levels, ts)

    def take(self, order, raw, bar, m, held, levels, ts):
        limit = order.kind == "limit"
        if self.position is not None:
            self.close(raw, REVERSE, bar, m, held, ts, limit)
        if self.allowed(order.side):
            self.open(order.side, bar, m, raw, levels[order.decided], order.decided, limit)
        self.resting = []

    def take_inside(self, order, raw, bar, m, candle, levels, ts):
        self.take(order, raw, bar, m, 1, levels, ts)
        p = self.position
        if p is None:
            return
        stop, reason = self.protection()
        worst, far = (candle.low, candle.high) if p.side > 0 else (candle.high, candle.low)
        if stop is not None and (worst <= stop if p.side > 0 else worst >= stop):
            leave = min(stop, raw) if p.side > 0 else max(stop, raw)
            self.close(self.worst(candle) if reason == LIQUIDATION else leave, reason, bar, m, 1, ts)
            return
        favour = far if order.kind == "stop" else candle.close
        self.end_minute(min(worst, favour), max(worst, favour))

    def protection(self):
        """(level, reason) of the stop that acts now."""
        p = self.position
        stop, reason = p.stop, BREAK_EVEN if p.moved else STOP
        if p.trail is not None:
            trailing = self.order(p.best - p.side * p.trail)
            if stop is None or (trailing > stop if p.side > 0 else trailing < stop):
                stop, reason = trailing, TRAIL
        if p.liquidated is not None and (stop is None or p.side * (p.liquidated - stop) > 0):
            stop, reason = p.liquidated, LIQUIDATION
        return stop, reason

    def worst(self, candle):
        """What a liquidation gets: the worst of the minute, but no worse than the whole margin."""
        p = self.position
        return max(candle.low, p.bankrupt) if p.side > 0 else min(candle.high, p.bankrupt)

    def inside(self, bar, m, candle, levels, ts):
        """What happens from the open on; whether the open position's minute is accounted for already."""
        if self.position is not None:
            p = self.position
            stop, reason = self.protection()
            for level, why, above in ((stop, reason, p.side < 0), (p.target, TARGET, p.side > 0)):
                if level is not None and (candle.open >= level if above else candle.open <= level):
                    gone = p.liquidated is not None and p.side * (candle.open - p.liquidated) <= 0
                    if gone:
                        self.close(self.worst(candle), LIQUIDATION, bar, m, 1, ts)
                    else:
                        self.close(candle.open, why, bar, m, 1, ts)
                    break
            else:
                return self.inside_held(bar, m, candle, levels, ts, stop, reason)
        reached = [(o, raw) for o in self.resting if (raw := o.price(candle)) is not None]
        if len(reached) == 2:
            near = [abs(raw - candle.open) for _, raw in reached]
            if near[0] == near[1]:
                self.resting = reached = []
            else:
                reached = [reached[near.index(min(near))]]
        if reached:
            self.take_inside(*reached[0], bar, m, candle, levels, ts)
            return True
        return False

    def inside_held(self, bar, m, candle, levels, ts, stop, reason):
        """Everything that this minute could touch: (against the position?, distance, order before stop), what to do."""
        p = self.position
        p.seen.append(candle.open)

        def touched(level, above):
            return level is not None and (candle.high >= level if above else candle.low <= level)

        could = []
        if touched(stop, p.side < 0):
            leave = self.worst(candle) if reason == LIQUIDATION else stop
            could.append(((0, abs(stop - candle.open), 1), lambda: self.close(leave, reason, bar, m, 1, ts)))
        if touched(p.target, p.side > 0):
            away = abs(p.target - candle.open)
            could.append(((1, away, 1), lambda: self.close(p.target, TARGET, bar, m, 1, ts)))
        for order in self.resting:
            raw = order.price(candle)
            if raw is not None:
                rank = (0 if order.kind == "stop" else 1, abs(raw - candle.open), 0)
                could.append((rank, lambda o=order, r=raw: self.take_inside(o, r, bar, m, candle, levels, ts)))
        if not could:
            return False
        min(could, key=lambda choice: choice[0])[1]()
        return True

    def equity(self, price, m):
        if self.position is None:
            return self.cash
        p = self.position
        return self.cash - p.fee + p.side * p.quantity * (price - p.price) * self.conversion(price, m) - p.paid

    def cancel(self, side):
        self.resting = [o for o in self.resting if o.side != side]

    def decide(self, bar, edges, levels):
        t = self.terms
        kinds = {1: t["long_kind"], -1: t["short_kind"]}
        long_entry, long_exit, short_entry, short_exit = (bool(e) for e in edges)
        straddle = long_entry and short_entry and "market" not in kinds.values()
        enter = {
            1: long_entry and not long_exit and (straddle or not short_entry),
            -1: short_entry and not short_exit and (straddle or not long_entry),
        }
        for side, leaves in ((1, long_exit), (-1, short_exit)):
            if leaves:
                self.cancel(side)
                if self.enter and self.enter[0] == side:
                    self.enter = None
        if enter[1] or enter[-1]:
            self.resting = []
        held = self.position.side if self.position else 0
        closing = False
        for side in (1, -1):
            if not enter[side]:
                continue
            if kinds[side] != "market":
                self.rest(side, kinds[side], bar, levels, held)
            elif held != side:
                self.enter = (side, bar) if self.allowed(side) else None
                if held:
                    self.close_reason, closing = REVERSE, True
                else:
                    self.close_reason, closing = None, True
            elif self.close_reason is None and self.position.entries < t["entries"]:
                self.enter = (side, bar)
        if not closing and self.close_reason is None and ((held > 0 and long_exit) or (held < 0 and short_exit)):
            self.close_reason = SIGNAL
        p = self.position
        if p and t["time_stop"] and self.close_reason is None and bar - p.bar + 1 >= t["time_stop"]:
            self.close_reason = TIME
            if self.enter and self.enter[0] == p.side:
                self.enter = None
        self.resting = [o for o in self.resting if o.until > bar]

    def rest(self, side, kind, bar, levels, held):
        if not held:
            self.enter = None
        level = levels[bar][6 if side > 0 else 7]
        useful = held == -side or (not held and self.allowed(side))
        if useful and 0 < level < math.inf and self.order(level) > 0:
            self.resting.append(Order(side, kind, self.order(level), bar + self.terms["valid"], bar))


def told(row):
    """A trade that can be compared: nan, which equals nothing, as a word."""
    return tuple("nan" if x != x else x for x in row)


def simulate(minutes, groups, first, last, real, masks, levels, funding, terms, cash):
    """minutes: objects with ts, open, high, low, close; groups[b]: minute indices of bar b;
    funding: minute index -> share of its value that a long, and that a short position pays; masks[b]: four edges;
    levels[b]: eight, in the order of Bound.levels.
    Returns the Simulator after bars first..last."""
    ts = [candle.ts for candle in minutes]
    sim = Simulator(terms, cash, minutes)
    for bar in range(first, last + 1):
        for m in groups[bar]:
            if sim.idle:
                sim.equity_by_minute[m] = sim.cash
            else:
                sim.minute(bar, m, m == groups[bar][0], minutes[m], real[m], funding.get(m), levels, ts)
        if bar < last:
            if any(masks[bar]) or not sim.idle:
                sim.decide(bar, masks[bar], levels)
        elif sim.position is not None:
            sim.close(minutes[m].close, END, bar, m, 1, ts)
            sim.equity_by_minute[m] = sim.cash
        sim.equity_by_bar.append(sim.equity_by_minute[m])
    return sim
