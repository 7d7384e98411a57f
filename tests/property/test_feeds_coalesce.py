"""The coalescing table against a plain twin that keeps one list for everything."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.dtypes import KLINE_FINAL, KLINE_RUNNING, TRADE
from engine.contracts.feed import AggTrade, Kline
from engine.feeds.coalesce import TickTable

MINUTE = 60_000
SYMBOLS = ["A", "B"]

_klines = st.tuples(
    st.just("kline"), st.sampled_from(SYMBOLS), st.integers(0, 3), st.integers(0, 8), st.booleans(), st.integers(1, 9)
)
_trades = st.tuples(
    st.just("trade"),
    st.sampled_from(SYMBOLS),
    st.integers(0, 3),
    st.integers(0, 12),
    st.integers(0, 2),
    st.integers(0, 9),
)
_steps = st.lists(st.one_of(_klines, _trades, st.just(("drain",)), st.just(("cut",))), max_size=60)


class Twin:
    """The rules written down without any thought of speed: one flat list of dictionaries."""

    def __init__(self) -> None:
        self.pending: list[dict[str, Any]] = []
        self.klines: list[Kline] = []
        self.trade_ids: dict[str, int] = {}

    def kline(self, k: Kline, recv_ns: int) -> None:
        mine = [x for x in self.klines if x.symbol == k.symbol]
        newest_ts = max((x.ts for x in mine), default=-1)
        if k.ts == newest_ts and not k.final:
            same = [x for x in mine if x.ts == k.ts]
            finals = [i for i, x in enumerate(same) if x.final]
            if finals or k.event_ms < same[-1].event_ms:
                return
        self.klines.append(k)
        for i, row in enumerate(self.pending):
            if row["symbol"] == k.symbol and row["kind"] == KLINE_RUNNING and row["ts"] == k.ts:
                del self.pending[i]
                break
        self.pending.append(
            {
                "symbol": k.symbol, "kind": KLINE_FINAL if k.final else KLINE_RUNNING, "ts": k.ts, "open": k.open,
                "high": k.high, "low": k.low, "close": k.close, "volume": k.volume, "first_id": k.first_id,
                "last_id": k.last_id, "n": k.n, "event_ms": k.event_ms, "recv_ns": recv_ns,
            }
        )  # fmt: skip
        self.join(k.symbol)

    def trade(self, t: AggTrade, recv_ns: int) -> None:
        if t.price <= 0 or t.id <= self.trade_ids.get(t.symbol, -1):
            return
        self.trade_ids[t.symbol] = t.id
        self.pending.append(
            {
                "symbol": t.symbol, "kind": TRADE, "ts": t.ts // MINUTE * MINUTE, "open": t.price, "high": t.price,
                "low": t.price, "close": t.price, "volume": t.quantity, "first_id": t.first_id, "last_id": t.last_id,
                "n": t.last_id - t.first_id + 1, "event_ms": t.event_ms, "recv_ns": recv_ns,
            }
        )  # fmt: skip
        self.join(t.symbol)

    def join(self, symbol: str) -> None:
        """Join neighbouring trades of one minute until nothing changes."""
        mine = [row for row in self.pending if row["symbol"] == symbol]
        for a, b in itertools.pairwise(mine):
            if a["kind"] == b["kind"] == TRADE and a["ts"] == b["ts"] and not a.get("ended"):
                a["high"], a["low"] = max(a["high"], b["high"]), min(a["low"], b["low"])
                a["volume"] += b["volume"]
                a["n"] += b["n"]
                for name in ("close", "last_id", "event_ms", "recv_ns"):
                    a[name] = b[name]
                a["ended"] = b.get("ended", False)
                self.pending = [row for row in self.pending if row is not b]
                return self.join(symbol)
        return None

    def cut(self) -> None:
        self.klines, self.trade_ids = [], {}
        for symbol in SYMBOLS:
            mine = [row for row in self.pending if row["symbol"] == symbol]
            if mine and mine[-1]["kind"] == TRADE:
                mine[-1]["ended"] = True

    def drain(self) -> dict[str, list[dict[str, Any]]]:
        taken, self.pending = self.pending, []
        return {s: [{k: v for k, v in r.items() if k != "ended"} for r in taken if r["symbol"] == s] for s in SYMBOLS}


@settings(max_examples=400, deadline=None)
@given(_steps)
def test_table_equals_its_twin(steps: list[tuple[Any, ...]]) -> None:
    table, twin = TickTable(SYMBOLS), Twin()
    for recv_ns, step in enumerate([*steps, ("drain",)]):
        if step[0] == "kline":
            _, symbol, minute, event, final, value = step
            k = Kline(symbol, minute * MINUTE, value, value + 1, 0.5, value, 2.0 * value, 3, 1, value, final, event)
            table.kline(k, recv_ns)
            twin.kline(k, recv_ns)
        elif step[0] == "trade":
            _, symbol, minute, number, width, price = step
            ts = minute * MINUTE + number
            t = AggTrade(symbol, number, number * 4, number * 4 + width, float(price), 0.5, ts, False, ts)
            table.trade(t, recv_ns)
            twin.trade(t, recv_ns)
        elif step[0] == "cut":
            table.cut([0, 1])
            twin.cut()
        else:
            ticks, expected = table.drain(), twin.drain()
            for row, symbol in enumerate(SYMBOLS):
                got = [
                    {name: t[name].item() for name in ticks.dtype.names or () if name != "row"} | {"symbol": symbol}
                    for t in ticks
                    if t["row"] == row
                ]
                assert got == expected[symbol]
