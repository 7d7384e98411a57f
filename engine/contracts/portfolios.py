"""What a portfolio run is asked and what it answers: many symbols and strategies on one account."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from engine.contracts.backtests import Costs, Sizing
from engine.contracts.commands_base import Command


class Lane(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One strategy on one symbol (MARKET:NAME) and timeframe ('' = the strategy's own). params as in BacktestSpec."""

    strategy: str
    symbol: str
    timeframe: str = ""
    params: dict[str, float] = {}
    direction: Literal["long", "short", "both"] = "both"


class PortfolioSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lanes that share one account. from_ms/to_ms: half-open range of bar open times, ms UTC (None = all there is).

    sizing: of each trade, of the equity of the whole account. max_positions: open at once over all lanes (0 = as many
    as lanes). gross_cap: most that all positions together may be worth, and symbol_cap those of one symbol, as
    fractions of the equity. account: as in BacktestSpec; '' where all lanes have the same. An entry that a cap leaves
    no room for is made smaller, or not taken.
    """

    lanes: list[Lane]
    from_ms: int | None = None
    to_ms: int | None = None
    costs: Costs = Costs()
    sizing: Sizing = Sizing(value=0.1)
    max_positions: int = 0
    gross_cap: float = 1.0
    symbol_cap: float = 1.0
    account: str = ""
    run_id: str = ""


class PortfolioResult(msgspec.Struct, frozen=True, kw_only=True):
    """spec: with every lane as it ran. trades: bytes of a TRADE_DTYPE array in the order of their exits; trade_lanes:
    bytes of <i4, the lane of each. day_ts, equity, returns: bytes of <i8 ms and <f8, one a trading day, marked to
    market. correlation: of the lanes' daily results, [lane][lane], nan where one never moved. lane_metrics: one dict a
    lane. skipped: entries not taken. trade_hash, assumptions, convention: as in BacktestResult."""

    spec: PortfolioSpec
    first_ms: int
    last_ms: int
    metrics: dict[str, float]
    lane_metrics: list[dict[str, float]]
    convention: str
    trade_hash: str
    code_version: str
    assumptions: list[str]
    skipped: int
    seconds: float
    trades: bytes
    trade_lanes: bytes
    day_ts: bytes
    equity: bytes
    returns: bytes
    correlation: list[list[float]]


class RunPortfolio(Command, frozen=True, kw_only=True, tag="portfolio"):
    """Back-test lanes on one account; runs in the jobs process and answers when it is done. Nothing of it is kept."""

    reply: ClassVar[Any] = PortfolioResult
    spec: PortfolioSpec
