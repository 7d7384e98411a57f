"""Live against back-test: what the journal holds of a day, and what the back-test says on the candles kept of it."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from engine.contracts.commands_base import Command, JobStarted

#: why a difference is none that parity promises away; '' = it has no excuse
REASONS = ("settling", "warming", "stopped", "revised")


class RunParity(Command, frozen=True, kw_only=True, tag="parity"):
    """Compare a day (UTC; day_ms is its midnight, None = yesterday), of these symbols or of all. Followed on topic
    jobs, then GetParity."""

    reply: ClassVar[Any] = JobStarted
    day_ms: int | None = None
    symbols: list[str] = []


class ParityDifference(msgspec.Struct, frozen=True, kw_only=True):
    """kind: 'missing' = the back-test says it and the journal does not; 'extra' = the other way round; 'price' = both,
    at different prices. price: the bar's close; journal_price: what was journaled (nan where nothing was).

    reason: 'settling' (the lane's memory was not filled), 'warming' (the lane had not begun), 'stopped' (the engine did
    not run, or had no data), 'revised' (the venue restated a bar of the symbol on that day); '' = none is known.
    """

    kind: str
    symbol: str
    timeframe: str
    bar_ts: int
    strategy: str
    params: str
    side: str
    action: str
    price: float
    journal_price: float = float("nan")
    reason: str = ""


class ParityReport(msgspec.Struct, frozen=True, kw_only=True):
    """compared: signals that are in both or should be. same: of them those that are equal to the last bit. missing,
    extra, price: how many differ in which way. unexplained: of these, without a reason. by_reason: of these, with one;
    and how many of the back-test's fell into times when the symbol was 'warming' or 'stopped', which are not compared.

    differences: the first of them, unexplained ones first. beyond: signals not compared since the kept candles do not
    reach far enough back for the memory of what says them; other: since they are of strategies, versions or parameters
    that are not live now. symbols: compared; idle: with candles but no signal in the journal.
    """

    job: str = ""
    day_ms: int
    to_ms: int
    symbols: int
    idle: int
    strategies: int
    timeframes: list[str]
    compared: int
    same: int
    missing: int = 0
    extra: int = 0
    price: int = 0
    unexplained: int = 0
    by_reason: dict[str, int] = {}
    beyond: int = 0
    other: int = 0
    seconds: float = 0.0
    made_ms: int = 0
    differences: list[ParityDifference] = []

    @property
    def differ(self) -> int:
        return self.missing + self.extra + self.price


class GetParity(Command, frozen=True, kw_only=True, tag="parity_report"):
    """The report of a job, or the last one that was made; BadInput where there is none."""

    reply: ClassVar[Any] = ParityReport
    job: str = ""
