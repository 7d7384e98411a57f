"""What a back-test is asked and what it answers. Frozen, JSON-able, with every default stated in the result."""

from __future__ import annotations

from typing import Literal

import msgspec


class Costs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """fee: fraction of the traded value per fill (None = the market's taker fee). slippage_bps: against the trader, per
    fill, in basis points of the price."""

    fee: float | None = None
    slippage_bps: float = 1.0


class Sizing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """mode 'amount': a fixed amount of the account's currency a trade; 'fraction': a fraction of equity at entry."""

    mode: Literal["amount", "fraction"] = "fraction"
    value: float = 1.0
    cash: float = 10_000.0


class BacktestSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One run. symbol is MARKET:NAME. from_ms/to_ms: half-open range of bar open times, ms UTC (None = all there is).
    params override the strategy's defaults. run_id names it for progress and cancel ('' = made by the job)."""

    strategy: str
    symbol: str
    timeframe: str
    from_ms: int | None = None
    to_ms: int | None = None
    params: dict[str, float] = {}
    costs: Costs = Costs()
    sizing: Sizing = Sizing()
    direction: Literal["long", "short", "both"] = "both"
    run_id: str = ""


class BacktestResult(msgspec.Struct, frozen=True, kw_only=True):
    """trades: bytes of a TRADE_DTYPE array. equity_ts/equity: bytes of <i8 ms and <f8, mark-to-market, at most a few
    thousand points for drawing (daily figures are exact). metrics: name -> value, nan = not defined; convention names
    how they were computed. trade_hash: 16 hex digits over the trades in integers. data_fingerprint: over the bars used.
    assumptions: one sentence each, every default that was taken.

    From daily_ts on, empty in results kept by older versions: daily_ts <i8[d], ends of the trading days; daily and
    daily_benchmark <f8[d+1], equity and value of holding at the start and at these ends; span_days: calendar days of
    the run; trade_values <f8, worth of each trade at its entry in the account's currency. With them every figure can
    be made anew, under any convention.
    """

    spec: BacktestSpec
    strategy_text: str
    bars: int
    first_ms: int
    last_ms: int
    metrics: dict[str, float]
    convention: str
    trade_hash: str
    data_fingerprint: str
    code_version: str
    assumptions: list[str]
    seconds: float
    trades: bytes
    equity_ts: bytes
    equity: bytes
    drawdown: bytes
    benchmark: bytes = b""
    daily_ts: bytes = b""
    daily: bytes = b""
    daily_benchmark: bytes = b""
    span_days: float = 0.0
    trade_values: bytes = b""
