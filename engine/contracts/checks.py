"""What the look-ahead and repaint detector says."""

from __future__ import annotations

import msgspec


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """An output that said one thing on a bar while the history ended at cut_ms, and another when it went on.

    output: row of the decider. said: what it said on the shorter history.
    """

    output: int
    bar_ts: int
    cut_ms: int
    said: bool


class StrategyCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One strategy's verdict. edges: signals compared over all timeframes and cuts. leak: a sentence, '' = clean."""

    strategy: str
    version: str
    edges: int
    leak: str = ""

    @property
    def badge(self) -> str:
        """'clean', 'leaks' or 'silent'."""
        return "leaks" if self.leak else "clean" if self.edges else "silent"


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    checks: list[StrategyCheck]
    timeframes: list[str]
    cuts: int
    bars: int
    seconds: float
