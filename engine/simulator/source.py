"""Candles of one simulated market: base series, replayed exactly or re-stamped, and the symbols generated from them.

Times are minutes since the epoch, prices whole ticks, volumes whole lots. A minute that does not exist has volume -1.
"""

from __future__ import annotations

from collections import OrderedDict

import msgspec
import numpy as np

from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.simulator import generate
from engine.simulator.config import DAY_MINUTES, FUTURES, Dialect, SimulatorConfig
from engine.simulator.hashing import mix, uniform

#: columns of a block: minute, o, h, l, c in ticks, v in lots
BAR = np.dtype([(name, "<i8") for name in ("minute", "o", "h", "l", "c", "v")])
#: the 24 hour figures span two days
_DAYS_KEPT = 2
_DECIMALS_MOST = 8
FAR = np.int64(2**62)


class Symbol(msgspec.Struct, frozen=True):
    """A listed symbol: steps are 10**-decimals and 10**-lot_decimals; activity scales its trades per minute."""

    name: str
    base: str
    quote: str
    decimals: int
    lot_decimals: int
    generated: bool
    activity: float
    key: int


class Day(msgspec.Struct, frozen=True):
    """One day of every symbol, each array [symbols, 1440]; absent minutes have o = h = 0, l = FAR, v = -1, q = 0."""

    o: np.ndarray
    h: np.ndarray
    l: np.ndarray  # noqa: E741 - as everywhere on the wire
    c: np.ndarray
    v: np.ndarray
    q: np.ndarray


class Series:
    """A base series in ticks and lots. exact: at its own minutes; else laid to and fro (forwards, then backwards in
    time, so that it joins without a jump) with row 0 at minute `shift`."""

    def __init__(self, candles: np.ndarray, decimals: int, lot_decimals: int, shift: int | None) -> None:
        bars = np.zeros(len(candles), BAR)
        bars["minute"] = candles["ts"] // 60_000
        for short, long in (("o", "open"), ("h", "high"), ("l", "low"), ("c", "close")):
            bars[short] = np.rint(candles[long] * 10.0**decimals)
        bars["v"] = np.rint(candles["volume"] * 10.0**lot_decimals)
        self.bars = bars
        self.shift = shift

    def rows(self, first: int, last: int) -> np.ndarray:
        """BAR rows of minutes first..last inclusive, those that exist."""
        if self.shift is None:
            low, high = np.searchsorted(self.bars["minute"], [first, last + 1])
            return self.bars[low:high].copy()
        minutes = np.arange(first, last + 1, dtype=np.int64)
        lap, at = np.divmod(minutes - self.shift, len(self.bars))
        back = (lap & 1).astype(bool)
        out = self.bars[np.where(back, len(self.bars) - 1 - at, at)]
        out["minute"] = minutes
        out["o"], out["c"] = np.where(back, out["c"], out["o"]), np.where(back, out["o"], out["c"])
        return out


class MarketSource:
    """All symbols of one market. `exact` series keep their minutes; `bases` are re-stamped and parents of the rest."""

    def __init__(
        self,
        dialect: Dialect,
        config: SimulatorConfig,
        start_minute: int,
        exact: dict[str, np.ndarray],
        bases: dict[str, np.ndarray],
        *,
        invented: bool,
    ) -> None:
        self.dialect = dialect
        self.first_minute = start_minute - config.history_minutes
        self.symbols: list[Symbol] = []
        self._series: list[Series] = []
        salt = config.seed * 2 + (dialect.market == FUTURES)
        for name, candles in exact.items():
            self._add(name, candles, None, config, salt, generated=False)
        room = max(config.symbols_per_market - len(exact), 0)
        for name, candles in list(bases.items())[:room]:
            if name in exact:
                continue
            inside = candles["ts"][0] // 60_000 < start_minute <= candles["ts"][-1] // 60_000
            shift = None if inside and not invented else start_minute - 2 * len(candles) // 3
            self._add(name, candles, shift, config, salt, generated=invented)
        self.fixed = len(self.symbols)
        count = max(config.symbols_per_market - self.fixed, 0)
        parents = list(bases.values()) or list(exact.values())
        if count and not parents:
            raise BadInput("There are no candles to generate symbols from.", where=dialect.market)
        self._shape = generate.shape_of(parents) if count else None
        self._cast = self._invent(count, len(parents), salt, config)
        self.index = {symbol.name: row for row, symbol in enumerate(self.symbols)}
        self.by_lower = {symbol.name.lower(): row for row, symbol in enumerate(self.symbols)}
        self.keys = np.array([symbol.key for symbol in self.symbols], np.int64)
        self.activity = np.array([symbol.activity for symbol in self.symbols])
        self.price_scale = 10.0 ** np.array([symbol.decimals for symbol in self.symbols])
        self.lot_scale = 10.0 ** np.array([symbol.lot_decimals for symbol in self.symbols])
        self._days: OrderedDict[int, Day] = OrderedDict()

    def _add(
        self, name: str, candles: np.ndarray, shift: int | None, config: SimulatorConfig, salt: int, *, generated: bool
    ) -> None:
        decimals = decimals_in(np.concatenate([candles[c] for c in ("open", "high", "low", "close")]))
        lots = decimals_in(candles["volume"])
        base, quote = _split(name)
        key = int(mix(salt, 5, len(self.symbols))[0] >> np.uint64(1))
        activity = config.trades_per_minute * config.base_activity
        self.symbols.append(Symbol(name, base, quote, decimals, lots, generated, activity, key))
        self._series.append(Series(candles, decimals, lots, shift))

    def _invent(self, count: int, parents: int, salt: int, config: SimulatorConfig) -> generate.Cast:
        number = np.arange(count, dtype=np.int64)
        key = (mix(salt, 6, number) >> np.uint64(1)).astype(np.int64) if count else number
        level = np.log(10.0) * (uniform(key, 1) * 5.5 - 2.0) if count else np.zeros(0)
        decimals = np.clip(4 - np.floor(level / np.log(10.0)), 0, _DECIMALS_MOST).astype(np.int64)
        lot_decimals = np.where(level > np.log(100.0), 3, np.where(level > 0.0, 1, 0))
        turnover = np.exp(uniform(key, 3) * 4.0 + 8.0) if count else np.zeros(0)
        wild = 0.7 + 1.8 * uniform(key, 2) if count else np.zeros(0)
        lots = np.maximum(turnover / np.exp(level) * 10.0**lot_decimals, 50.0)
        taken = {symbol.name for symbol in self.symbols}
        names = [f"SIM{i:03d}USDT" for i in range(1, count + len(taken) + 1)]
        for i, name in enumerate([n for n in names if n not in taken][:count]):
            activity = config.trades_per_minute * float(0.3 + 1.4 * uniform(int(key[i]), 4)[0])
            self.symbols.append(
                Symbol(name, name[:-4], "USDT", int(decimals[i]), int(lot_decimals[i]), True, activity, int(key[i]))
            )
        base = (mix(key, 8) % np.uint64(max(parents, 1))).astype(np.int64) if count else number
        return generate.Cast(key, base, level, wild, lots, 10.0**-decimals)

    def series(self, row: int) -> Series:
        """The base series behind a row below `fixed`."""
        return self._series[row]

    def rows(self, row: int, first: int, last: int) -> np.ndarray:
        """BAR rows of one symbol, minutes first..last inclusive, those that exist."""
        if row < self.fixed:
            series = self._series[row]
            return series.rows(first if series.shift is None else max(first, self.first_minute), last)
        first = max(first, self.first_minute)
        if last < first or self._shape is None:
            return np.zeros(0, BAR)
        day = np.arange(first // DAY_MINUTES, last // DAY_MINUTES + 1, dtype=np.int64)
        columns = generate.days(self._shape, self._cast, np.full(len(day), row - self.fixed), day)
        out = np.zeros(len(day) * DAY_MINUTES, BAR)
        out["minute"] = np.arange(day[0] * DAY_MINUTES, (day[-1] + 1) * DAY_MINUTES)
        for name, column in zip("ohlcv", columns):
            out[name] = column.ravel()
        return out[first - out["minute"][0] : last + 1 - out["minute"][0]]

    def day(self, number: int) -> Day:
        """Every symbol's minutes of a day (days since the epoch); the last few asked for are kept."""
        if number in self._days:
            self._days.move_to_end(number)
            return self._days[number]
        size = (len(self.symbols), DAY_MINUTES)
        o, h, c = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
        low, v = np.full(size, FAR), np.full(size, -1, np.int64)
        first = number * DAY_MINUTES
        if self._shape is not None:
            rows = np.arange(size[0] - self.fixed)
            made = generate.days(self._shape, self._cast, rows, np.full(len(rows), number))
            o[self.fixed :], h[self.fixed :], low[self.fixed :], c[self.fixed :], v[self.fixed :] = made
        for row in range(self.fixed):
            bars = self.rows(row, first, first + DAY_MINUTES - 1)
            at = bars["minute"] - first
            o[row, at], h[row, at], low[row, at] = bars["o"], bars["h"], bars["l"]
            c[row, at], v[row, at] = bars["c"], bars["v"]
        early = min(max(self.first_minute - first, 0), DAY_MINUTES)
        o[self.fixed :, :early], h[self.fixed :, :early], c[self.fixed :, :early] = 0, 0, 0
        low[self.fixed :, :early], v[self.fixed :, :early] = FAR, -1
        scale = (self.price_scale * self.lot_scale)[:, None]
        q = np.where(v > 0, (o + h + low + c) * 0.25 * v, 0.0) / scale
        made_day = Day(o, h, low, c, v, q)
        self._days[number] = made_day
        while len(self._days) > _DAYS_KEPT:
            self._days.popitem(last=False)
        return made_day

    def instruments(self) -> list[Instrument]:
        """The listing, for tests and tools; clients read exchangeInfo."""
        return [
            Instrument(
                market=self.dialect.market, name=s.name, base=s.base, quote=s.quote, tick_size=10.0**-s.decimals,
                lot_size=10.0**-s.lot_decimals, generated=s.generated,
            )
            for s in self.symbols
        ]  # fmt: skip


def decimals_in(values: np.ndarray) -> int:
    """Decimals that the values have, at most 8."""
    for decimals in range(_DECIMALS_MOST):
        if np.array_equal(np.round(values, decimals), values):
            return decimals
    return _DECIMALS_MOST


def _split(name: str) -> tuple[str, str]:
    """Base and quote of a base series' name, for the listing only."""
    for quote in ("USDT", "USDC", "BTC", "ETH"):
        if name.endswith(quote) and len(name) > len(quote):
            return name[: -len(quote)], quote
    return name, "USDT"
