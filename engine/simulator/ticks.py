"""The inside of a minute: trades that visit open, extremes and close and add up to the candle exactly.

All symbols of a market at once, drawn from (seed, market, minute) alone. Columns are [symbols, trades]; a symbol's
trades are the first `count` of its row.
"""

from __future__ import annotations

import msgspec
import numpy as np

from engine.simulator.hashing import mix, uniform
from engine.simulator.source import Day, MarketSource

#: trades keep clear of the minute's edges, so that the final kline of a minute precedes all of the next
_FIRST_MS, _LAST_MS = 60, 59_900
_FINAL_FIRST_MS, _FINAL_SPREAD_MS = 5, 40
_TRADES_MOST = 2000
#: open, two extremes, close
_WAYPOINTS = 4
_NOISE = 0.08

RUNNING, FINAL, TRADE, TICKER = 0, 1, 2, 3


class Tape(msgspec.Struct, frozen=True):
    """One minute of a market. Prices in ticks, quantities in lots, times in ms since the epoch.

    o, h, l, c, v: the candles (v <= 0: nothing is streamed). price, quantity, time, maker: the trades. high, low,
    volume, value: running aggregates up to each trade. single: single trades up to and including each aggregate trade.
    day_*: the 24 hours before this minute. event_*: what is due when, in order: time, kind, symbol row, trade column.
    """

    minute: int
    o: np.ndarray
    h: np.ndarray
    l: np.ndarray  # noqa: E741 - as everywhere on the wire
    c: np.ndarray
    v: np.ndarray
    count: np.ndarray
    price: np.ndarray
    quantity: np.ndarray
    time: np.ndarray
    maker: np.ndarray
    high: np.ndarray
    low: np.ndarray
    volume: np.ndarray
    value: np.ndarray
    single: np.ndarray
    day_open: np.ndarray
    day_high: np.ndarray
    day_low: np.ndarray
    day_volume: np.ndarray
    day_value: np.ndarray
    event_time: np.ndarray
    event_kind: np.ndarray
    event_row: np.ndarray
    event_at: np.ndarray


def trade_counts(
    key: np.ndarray | int, activity: np.ndarray | float, minute: np.ndarray | int, v: np.ndarray
) -> np.ndarray:
    """Aggregate trades of a minute, by symbol and minute alone: at most one a lot, 0 without volume."""
    wanted = np.asarray(activity) * (0.5 + uniform(key, minute, 21))
    count = np.clip(np.rint(wanted), _WAYPOINTS, _TRADES_MOST).astype(np.int64)
    return np.minimum(count, np.maximum(v, 0))


def singles(count: np.ndarray) -> np.ndarray:
    """Single trades in `count` aggregate trades: every third aggregate holds two."""
    return count + (count + 1) // 3


def taker_share(key: np.ndarray | int, minute: np.ndarray | int) -> np.ndarray:
    """Share of the minute's volume that buyers took."""
    return 0.35 + 0.3 * uniform(key, minute, 22)


def day_before(source: MarketSource, minute: int) -> tuple[np.ndarray, ...]:
    """Open, high, low, volume, value of the 1,439 minutes before `minute`, by symbol (0 where there were none)."""
    number, at = divmod(minute, 1440)
    parts: list[tuple[Day, slice]] = [(source.day(number), slice(0, at))]
    if at < 1439:
        parts.insert(0, (source.day(number - 1), slice(at + 1, 1440)))
    o = np.concatenate([day.o[:, cut] for day, cut in parts], axis=1)
    first = np.argmax(o > 0, axis=1)
    high = np.max([day.h[:, cut].max(axis=1, initial=0) for day, cut in parts], axis=0)
    low = np.min([day.l[:, cut].min(axis=1, initial=2**62) for day, cut in parts], axis=0)
    volume = np.sum([np.maximum(day.v[:, cut], 0).sum(axis=1) for day, cut in parts], axis=0)
    value = np.sum([day.q[:, cut].sum(axis=1) for day, cut in parts], axis=0)
    return o[np.arange(len(o)), first], high, low, volume, value


def tape(source: MarketSource, minute: int, seed: int, kline_ms: int, ticker_ms: int) -> Tape:
    """The trades and events of a minute."""
    day = source.day(minute // 1440)
    o, h, low, c, v = (column[:, minute % 1440] for column in (day.o, day.h, day.l, day.c, day.v))
    count = trade_counts(source.keys, source.activity, minute, v)
    market = 1 + (source.dialect.market == "binance-futures")
    random = np.random.Generator(np.random.PCG64([seed, market, minute]))
    most = max(int(count.max(initial=0)), 1)
    at = np.arange(most)[None, :]
    live = at < count[:, None]
    price = _path(random, at, live, count, o, h, low, c)
    quantity = _shares(random, at, live, count, v)
    spread = _increasing(random, live)
    time = minute * 60_000 + _FIRST_MS + (spread * (_LAST_MS - _FIRST_MS)).astype(np.int64)
    volume = np.cumsum(quantity, axis=1)
    value = np.cumsum(quantity * price.astype(np.float64), axis=1) / (source.price_scale * source.lot_scale)[:, None]
    events = _events(source, minute, count, live, time, kline_ms, ticker_ms)
    return Tape(
        minute, o, h, low, c, v, count, price, quantity, time, random.random(price.shape) < 0.5,
        np.maximum.accumulate(price, axis=1), np.minimum.accumulate(price, axis=1), volume, value,
        singles(at + 1) + np.zeros_like(price), *day_before(source, minute), *events,
    )  # fmt: skip


def _path(
    random: np.random.Generator, at: np.ndarray, live: np.ndarray, count: np.ndarray, o: np.ndarray, h: np.ndarray,
    low: np.ndarray, c: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Prices: open, both extremes in drawn order, close, and a noisy line between them inside the candle's range."""
    symbols = np.arange(len(count))
    last = np.maximum(count - 1, 0)
    inner = np.maximum(count - 2, 1)
    one = 1 + (random.random(len(count)) * inner * 0.5).astype(np.int64)
    two = one + 1 + (random.random(len(count)) * np.maximum(last - one - 1, 0)).astype(np.int64)
    one, two = np.minimum(one, last), np.minimum(two, np.maximum(last - 1, 0))
    two = np.maximum(two, one)
    up_first = random.random(len(count)) < 0.5
    early, late = np.where(up_first, h, low), np.where(up_first, low, h)
    one_, two_, last_ = one[:, None], two[:, None], last[:, None]
    begin = np.where(at < one_, 0, np.where(at < two_, one_, two_))
    end = np.where(at < one_, one_, np.where(at < two_, two_, np.maximum(last_, two_ + 1)))
    left = np.where(at < one_, o[:, None], np.where(at < two_, early[:, None], late[:, None]))
    right = np.where(at < one_, early[:, None], np.where(at < two_, late[:, None], c[:, None]))
    line = left + (right - left) * ((at - begin) / np.maximum(end - begin, 1))
    noise = random.standard_normal(line.shape) * (_NOISE * (h - np.minimum(low, h)))[:, None]
    price = np.clip(np.rint(line + noise), low[:, None], h[:, None]).astype(np.int64)
    price[symbols, one], price[symbols, two] = early, late
    price[symbols, 0] = o
    price[symbols, last] = np.where(count > 1, c, o)
    return np.where(live, price, c[:, None])


def _shares(
    random: np.random.Generator, at: np.ndarray, live: np.ndarray, count: np.ndarray, v: np.ndarray
) -> np.ndarray:
    """Whole lots, at least one each, that add up to the volume exactly."""
    weight = np.where(live, random.standard_exponential(live.shape), 0.0)
    along = np.cumsum(weight, axis=1)
    along /= np.maximum(along[:, -1:], 1e-300)
    spare = np.maximum(v - count, 0)[:, None]
    upto = np.floor(along * spare).astype(np.int64) + at + 1
    upto = np.where(at >= count[:, None] - 1, np.maximum(v, 0)[:, None], upto)
    return np.where(live, np.diff(upto, axis=1, prepend=0), 0)


def _increasing(random: np.random.Generator, live: np.ndarray) -> np.ndarray:
    """Increasing positions in [0, 1), as a Poisson process given its count."""
    gaps = np.where(live, random.standard_exponential(live.shape), 0.0)
    along = np.cumsum(gaps, axis=1)
    return along / (along[:, -1:] + random.standard_exponential((len(live), 1)) + 1e-300)


def _events(
    source: MarketSource, minute: int, count: np.ndarray, live: np.ndarray, time: np.ndarray, kline_ms: int,
    ticker_ms: int,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    """What is due: trades at once, running klines and tickers at their symbol's next beat, finals after the end."""
    end = (minute + 1) * 60_000
    row, at = np.nonzero(live)
    trades = (time[row, at], np.full(len(row), TRADE), row, at)
    parts = [trades]
    for beat, kind in ((kline_ms, RUNNING), (ticker_ms, TICKER)):
        phase = (mix(source.keys, 31 + kind) % np.uint64(beat)).astype(np.int64)[:, None]
        due = time + (beat - (time - phase) % beat)
        after = np.concatenate((due[:, 1:], np.full((len(due), 1), -1)), axis=1)
        after[np.arange(len(count)), np.maximum(count - 1, 0)] = -1
        chosen = live & (due != after)
        if kind == RUNNING:
            chosen &= due < end
        row, at = np.nonzero(chosen)
        parts.append((due[row, at], np.full(len(row), kind), row, at))
    row = np.nonzero(count > 0)[0]
    delay = _FINAL_FIRST_MS + (mix(source.keys[row], minute, 33) % np.uint64(_FINAL_SPREAD_MS)).astype(np.int64)
    parts.append((end + delay, np.full(len(row), FINAL), row, count[row] - 1))
    when, what, who, which = (np.concatenate(column) for column in zip(*parts))
    rank = np.array([1, 1, 0, 2])[what]
    order = np.lexsort((which, who, rank, when))
    return when[order], what[order], who[order], which[order]
