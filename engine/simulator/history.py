"""Kline rows of any interval for REST, made from minutes."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from engine.contracts.timeframes import TIMEFRAME_MS
from engine.simulator import ticks
from engine.simulator.market_view import MarketView

_DAY_MS = 86_400_000
#: weeks open on Monday; 1970-01-05 was one
_MONDAY_MS = 4 * _DAY_MS
INTERVALS: dict[str, int] = {**TIMEFRAME_MS, "3d": 3 * _DAY_MS, "1w": 7 * _DAY_MS, "1M": 31 * _DAY_MS}


def bar_opens(ms: np.ndarray, interval: str) -> np.ndarray:
    """Open time of the bar of each moment, ms. 3d bars count from the epoch."""
    if interval == "1M":
        return ms.astype("datetime64[ms]").astype("datetime64[M]").astype("datetime64[ms]").astype(np.int64)
    length, origin = INTERVALS[interval], _MONDAY_MS if interval == "1w" else 0
    return (ms - origin) // length * length + origin


def bar_end(open_ms: int, interval: str) -> int:
    """Open time of the next bar, ms."""
    if interval != "1M":
        return open_ms + INTERVALS[interval]
    month = datetime.fromtimestamp(open_ms / 1000, UTC)
    after = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return int(after.timestamp() * 1000)


def rows(exchange: MarketView, row: int, interval: str, start: int | None, end: int | None, limit: int) -> str:
    """The JSON array of up to `limit` rows: the oldest from `start`, or the latest up to `end`, or the latest; the open
    bar included."""
    now = exchange.time.now_ms()
    last_ms = min(now, end if end is not None else now)
    span = limit * INTERVALS[interval]
    if start is None:
        opened = int(bar_opens(np.array([last_ms], np.int64), interval)[0])
        first_ms = int(bar_opens(np.array([opened - span + INTERVALS[interval]], np.int64), interval)[0])
    else:
        first_ms = int(bar_opens(np.array([start], np.int64), interval)[0])
        if first_ms < start:
            first_ms = bar_end(first_ms, interval)
        first_listed = _first_minute(exchange, row) * 60_000
        first_ms = max(first_ms, int(bar_opens(np.array([first_listed], np.int64), interval)[0]))
        last_ms = min(last_ms, first_ms + span - 1)
    if last_ms < first_ms or first_ms < 0:
        return "[]"
    opened = int(bar_opens(np.array([last_ms], np.int64), interval)[0])
    through = min(bar_end(opened, interval) - 1, now)
    table = minutes(exchange, row, first_ms // 60_000, through // 60_000)
    text = _write(exchange, row, interval, table)
    stop = min(now, end if end is not None else now)
    while start is not None and len(text) < limit and last_ms < stop:
        # over a hole: the oldest rows from `start`, wherever they are
        first_ms, last_ms = last_ms + 1, min(last_ms + max(span, _DAY_MS), stop)
        text += _write(exchange, row, interval, _whole_bars(exchange, row, interval, first_ms, last_ms))
    text = text[-limit:] if start is None else text[:limit]
    return "[" + ",".join(text) + "]"


def _whole_bars(exchange: MarketView, row: int, interval: str, from_ms: int, to_ms: int) -> dict[str, np.ndarray]:
    """Minutes of the bars that open in from_ms..to_ms."""
    edges = bar_opens(np.array([from_ms, to_ms], np.int64), interval).tolist()
    first = edges[0] if edges[0] >= from_ms else bar_end(edges[0], interval)
    return minutes(exchange, row, first // 60_000, bar_end(edges[1], interval) // 60_000 - 1)


def lines(exchange: MarketView, row: int, interval: str, from_ms: int, to_ms: int) -> list[str]:
    """Every closed row of [from_ms, to_ms) as JSON text, for the archive."""
    first = max(from_ms // 60_000, exchange.source.first_minute if row >= exchange.source.fixed else 0)
    table = minutes(exchange, row, first, to_ms // 60_000 - 1)
    return _write(exchange, row, interval, table)


def _first_minute(exchange: MarketView, row: int) -> int:
    """The first minute that can have a row."""
    source = exchange.source
    if row < source.fixed and source.series(row).shift is None:
        bars = source.series(row).bars
        return int(bars["minute"][0]) if len(bars) else source.first_minute
    return source.first_minute


def minutes(exchange: MarketView, row: int, first: int, last: int) -> dict[str, np.ndarray]:
    """Minutes first..last as columns with trade counts and values; the present one only as far as it has come."""
    source = exchange.source
    present = exchange.time.now_ms() // 60_000
    bars = source.rows(row, first, min(last, present))
    symbol = source.symbols[row]
    key = np.array([symbol.key], np.int64)
    n = ticks.singles(ticks.trade_counts(key, symbol.activity, bars["minute"], bars["v"])) if len(bars) else bars["v"]
    n = np.where(bars["v"] > 0, n, 0)
    typical = (bars["o"] + bars["h"] + bars["l"] + bars["c"]) * 0.25
    value = typical * bars["v"] / (source.price_scale[row] * source.lot_scale[row])
    share = ticks.taker_share(key, bars["minute"]) if len(bars) else np.zeros(0)
    table = {name: bars[name].copy() for name in ("minute", "o", "h", "l", "c", "v")}
    table |= {"n": n, "value": value, "taker": np.floor(bars["v"] * share), "taker_value": value * share}
    if len(bars) and bars["minute"][-1] == present:
        _trim_present(exchange, row, table)
    return table


def _trim_present(exchange: MarketView, row: int, table: dict[str, np.ndarray]) -> None:
    """Replace the last row, which knows the minute's future, by what has traded; flat at the last price before that."""
    so_far = exchange.running(row)
    if so_far is not None:
        share = table["taker_value"][-1] / table["value"][-1] if table["value"][-1] else 0.0
        for name in ("o", "h", "l", "c", "v", "n", "value"):
            table[name][-1] = getattr(so_far, name)
        table["taker"][-1] = np.floor(so_far.v * share)
        table["taker_value"][-1] = so_far.value * share
        return
    before = exchange.source.rows(row, int(table["minute"][-1]) - 1, int(table["minute"][-1]) - 1)
    price = before["c"][0] if len(before) else table["o"][-1]
    for name in ("o", "h", "l", "c"):
        table[name][-1] = price
    for name in ("v", "n", "value", "taker", "taker_value"):
        table[name][-1] = 0


def _write(exchange: MarketView, row: int, interval: str, table: dict[str, np.ndarray]) -> list[str]:
    if not len(table["minute"]):
        return []
    opens = bar_opens(table["minute"] * 60_000, interval)
    first = np.concatenate(([0], np.nonzero(np.diff(opens))[0] + 1))
    last = np.concatenate((first[1:], [len(opens)])) - 1
    scale, lot = exchange.source.price_scale[row], exchange.source.lot_scale[row]

    def total(name: str) -> np.ndarray:
        return np.add.reduceat(table[name], first)

    columns = (
        opens[first], table["o"][first] / scale, np.maximum.reduceat(table["h"], first) / scale,
        np.minimum.reduceat(table["l"], first) / scale, table["c"][last] / scale, total("v") / lot, total("value"),
        total("n"), total("taker") / lot, total("taker_value"),
    )  # fmt: skip
    template = exchange.payloads.templates(row).row
    return [
        template % (t, o, h, low, c, v, bar_end(t, interval) - 1, value, n, taker, taker_value)
        for t, o, h, low, c, v, value, n, taker, taker_value in zip(*(column.tolist() for column in columns))
    ]
