"""The watchlist's filter in the rules language: what is written, what is in force, and those that were given names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from engine.contracts.watch import WatchProblem
from widgets.texts import mark, tr


class Scan(NamedTuple):
    """A filter and the timeframe of its bars."""

    text: str
    timeframe: str

    def __bool__(self) -> bool:
        return bool(self.text)


NO_SCAN = Scan("", "")
#: to begin with, where nobody has saved any: title -> scan
EXAMPLES: dict[str, Scan] = {
    mark("RSI oversold on volume"): Scan("RSI(14) < 30 and volume > SMA(volume, 20) * 2", "5m"),
    mark("RSI overbought"): Scan("RSI(14) > 70", "15m"),
    mark("New 50-bar high"): Scan("close > highest(high, 50)[1]", "5m"),
    mark("Above a rising EMA 50"): Scan("close > EMA(50) and EMA(50) > EMA(50)[5]", "15m"),
    mark("Bollinger squeeze"): Scan("(BBANDS(20, 2).upper - BBANDS(20, 2).lower) / close < 0.005", "5m"),
}


class ScanModel:
    """written: what stands in the editor; active: what filters, the last that could be read. problem: of `written`."""

    def __init__(self) -> None:
        self.written = self.active = NO_SCAN
        self.problem: WatchProblem | None = None
        self.saved: dict[str, Scan] = {}

    def write(self, text: str, timeframe: str) -> bool:
        """Something else was written; True when it has to be asked. An empty text ends the filter."""
        scan = Scan(text.strip(), timeframe)
        if scan == self.written:
            return False
        self.written, self.problem = scan, None
        if not scan:
            self.active = NO_SCAN
        return True

    def answer(self, scan: Scan, problem: WatchProblem | None) -> bool:
        """The engine's word on what was asked; True when another filter is in force now. Answers to what no longer
        stands there are passed over."""
        if scan != self.written:
            return False
        self.problem = problem
        if problem is not None or scan == self.active:
            return False
        self.active = scan
        return True

    def save(self, name: str) -> None:
        """The filter in force under a name."""
        self.saved[" ".join(name.split())[:60] or self.active.text[:60]] = self.active

    def status(self, met: int, unknown: int) -> str:
        """One line under the editor. met, unknown: rows that meet the filter in force, and those without history."""
        if self.problem is not None:
            said = f"{self.problem.what} {self.problem.fix}".strip()
            return said + ("\n" + tr("The filter before it stays in force.") if self.active else "")
        if not self.active:
            return ""
        if met < 0:
            return tr("The engine is looking through all symbols.")
        said = tr("{n} match").format(n=f"{met:,}") if met != 1 else tr("1 matches")
        return said + (" · " + tr("{n} still loading history").format(n=f"{unknown:,}") if unknown else "")

    def keep(self) -> dict[str, Any]:
        return {"active": list(self.active), "saved": {name: list(scan) for name, scan in self.saved.items()}}

    def restore(self, kept: Any) -> None:
        """What `keep` gave; anything else is passed over."""
        if not isinstance(kept, Mapping):
            return
        saved = kept.get("saved")
        for name, scan in saved.items() if isinstance(saved, Mapping) else ():
            if (found := _scan(scan)) is not None and isinstance(name, str):
                self.saved[name] = found
        active = _scan(kept.get("active"))
        if active is not None:
            self.written = self.active = active


def _scan(kept: Any) -> Scan | None:
    fits = isinstance(kept, list) and len(kept) == 2 and all(isinstance(part, str) for part in kept)
    return Scan(*kept) if fits and kept[0] else None
