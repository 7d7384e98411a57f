"""The list of strategies: by family or flat, searched, sorted, with what each did of late. No Qt."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from engine.contracts.commands import IndicatorInfo, StrategyInfo
from engine.contracts.studio import StrategyStat, StrategyStats
from widgets.texts import mark, tr
from widgets.viewmodels import formats

TITLE, FRAME, SIDE, BADGE, SYMBOLS, SIGNALS, LAST, HITS, MOVE = range(9)
#: badge -> (what is shown, token)
BADGES = {
    "clean": (mark("clean"), "up"),
    "leaks": (mark("leaks"), "down"),
    "silent": (mark("silent"), "dim"),
    "": (mark("unchecked"), "faint"),
}
BADGE_MEANS = {
    "clean": mark("The look-ahead detector found that nothing it says depends on later bars."),
    "leaks": mark("The look-ahead detector found that it knows later bars."),
    "silent": mark("It gave no signal on the detector's bars, so nothing is known of it."),
    "": mark("The look-ahead detector has not looked at it yet."),
}
SIDES = {"long": "L", "short": "S", "both": "L S"}
_CALL = re.compile(r"\b([A-Z][A-Z0-9_]*)\(([^()]*)\)")


class Row(NamedTuple):
    """A line of the table: a family with its number, or a strategy (then family is '')."""

    family: str
    strategy: str
    count: int = 0


class StrategyModel:
    """rows: what is shown, in order."""

    def __init__(self) -> None:
        self.strategies: dict[str, StrategyInfo] = {}
        self.stats: dict[str, StrategyStat] = {}
        self.live = self.since_ms = 0
        self.judged_after, self.partial = 10, False
        self.rows: list[Row] = []
        self.closed: set[str] = set()
        self.words: list[str] = []
        self.only = ""
        self.sort_column, self.descending = TITLE, False
        self.shown = 0

    def load(self, strategies: Iterable[StrategyInfo]) -> None:
        self.strategies = {s.id: s for s in strategies}
        self.arrange()

    def take(self, stats: StrategyStats) -> None:
        self.stats = {s.strategy: s for s in stats.stats}
        self.live, self.judged_after, self.partial = stats.live, stats.bars, stats.partial
        self.since_ms = stats.since_ms
        if self.sort_column >= SYMBOLS:
            self.arrange()

    def search(self, text: str) -> None:
        self.words = text.lower().split()
        self.arrange()

    def set_only(self, only: str) -> None:
        """'' = all, 'own', 'signals' (some of late), 'leaks', 'promoted'."""
        self.only = only
        self.arrange()

    def toggle(self, family: str) -> None:
        self.closed ^= {family}
        self.arrange()

    def sort(self, column: int, descending: bool) -> None:
        """By title the families stay together; by anything else the list is flat."""
        self.sort_column, self.descending = column, descending
        self.arrange()

    @property
    def grouped(self) -> bool:
        return self.sort_column == TITLE

    def stat(self, strategy: str) -> StrategyStat:
        return self.stats.get(strategy) or StrategyStat(strategy=strategy)

    def is_own(self, info: StrategyInfo) -> bool:
        return info.own

    def _fits(self, info: StrategyInfo) -> bool:
        stat = self.stat(info.id)
        chosen = {
            "": True,
            "own": self.is_own(info),
            "signals": stat.signals > 0,
            "leaks": info.badge == "leaks",
            "promoted": stat.promoted > 0,
        }[self.only]
        text = f"{info.id} {info.title} {info.family} {info.idea} {info.text}".lower()
        return chosen and all(w in text for w in self.words)

    def arrange(self) -> None:
        """Make the rows anew."""
        found = [s for s in self.strategies.values() if self._fits(s)]
        self.shown = len(found)
        if not self.grouped:
            ranked = sorted(found, key=lambda s: s.title.lower())
            ranked.sort(key=self._key, reverse=self.descending)
            self.rows = [Row("", s.id) for s in ranked]
            return
        families: dict[str, list[StrategyInfo]] = {}
        for info in sorted(found, key=lambda s: (s.title or s.id).lower(), reverse=self.descending):
            families.setdefault(info.family or tr("Own"), []).append(info)
        self.rows = []
        for family in sorted(families, key=str.lower):
            self.rows.append(Row(family, "", len(families[family])))
            if family not in self.closed or self.words:
                self.rows += [Row("", s.id) for s in families[family]]

    def _key(self, info: StrategyInfo) -> tuple[bool, float | str]:
        """Unknown figures come last, whichever way it is sorted."""
        stat = self.stat(info.id)
        value: float | str = {
            FRAME: float(_minutes(info.timeframe)),
            SIDE: info.direction,
            BADGE: info.badge,
            SYMBOLS: float(self.symbols(stat)[0] + stat.promoted / 1e6),
            SIGNALS: float(stat.signals),
            LAST: float(stat.last_ms),
            HITS: stat.hits,
            MOVE: stat.move,
        }[self.sort_column]
        if isinstance(value, float) and math.isnan(value):
            return (not self.descending, 0.0)
        return (self.descending, value)

    def symbols(self, stat: StrategyStat) -> tuple[int, int]:
        """(live with its defaults, with a promoted set)."""
        info = self.strategies.get(stat.strategy)
        if info is not None and not info.live:
            return 0, stat.promoted
        return max(self.live - stat.muted, 0), stat.promoted

    def cells(self, strategy: str, now_ms: int) -> list[str]:
        """What stands in each column."""
        info, stat = self.strategies[strategy], self.stat(strategy)
        usual, promoted = self.symbols(stat)
        symbols = formats.MISSING if not self.live else f"{usual:,}" + (f" +{promoted}" if promoted else "")
        return [
            info.title or info.id,
            info.timeframe,
            SIDES.get(info.direction, info.direction),
            tr(BADGES.get(info.badge, BADGES[""])[0]),
            symbols,
            f"{stat.signals:,}" if stat.signals else formats.MISSING,
            formats.age(max(now_ms - stat.last_ms, 0)) if stat.last_ms else formats.MISSING,
            f"{stat.hits * 100:.0f} %" if stat.judged else formats.MISSING,
            f"{stat.move * 1e4:+.1f}".replace("-", formats.MINUS) if stat.judged else formats.MISSING,
        ]

    def tip(self, strategy: str, column: int) -> str:
        info, stat = self.strategies[strategy], self.stat(strategy)
        usual, promoted = self.symbols(stat)
        if column == TITLE:
            return info.idea
        if column == BADGE:
            means = tr(BADGE_MEANS.get(info.badge, BADGE_MEANS[""]))
            return f"{means}\n{info.leak}".strip()
        if column == SYMBOLS and self.live:
            text = tr("Live with its defaults on {n} symbols; a promoted set stands in their place on {m}.")
            return text.format(n=f"{usual:,}", m=promoted)
        if column in (SIGNALS, LAST) and stat.signals:
            text = tr("{n} confirmed entries on {m} symbols since {moment} UTC; the newest on {symbol}.")
            moment = formats.minute(self.since_ms)
            return text.format(n=f"{stat.signals:,}", m=f"{stat.symbols:,}", symbol=stat.last_symbol, moment=moment)
        if column in (HITS, MOVE) and stat.judged:
            text = tr(
                "Of {n} signals whose next {bars} bars are known: mean move in their direction {move}, before costs."
            )
            return text.format(n=f"{stat.judged:,}", bars=self.judged_after, move=formats.percent(stat.move, 3))
        return ""


def _minutes(timeframe: str) -> int:
    number, unit = int(timeframe[:-1] or 1), timeframe[-1:]
    return number * {"m": 1, "h": 60, "d": 1440, "w": 10_080}.get(unit, 1)


def facts(info: StrategyInfo, stat: StrategyStat) -> list[tuple[str, str]]:
    """(name, value) lines of the details."""
    found = [(tr("Entries"), info.entries), (tr("Exits"), ", ".join(info.exits) or tr("rule"))]
    if info.source:
        found.append((tr("Source"), info.source))
    found.append((tr("Version"), info.version))
    if stat.judged:
        text = tr("{hits} of {n} moved its way, {move} on average")
        said = text.format(hits=f"{stat.hits:.0%}", n=f"{stat.judged:,}", move=formats.percent(stat.move, 3))
        found.append((tr("Outcome so far"), said))
    return found


def parameter_rows(info: StrategyInfo) -> list[tuple[str, str, str]]:
    """(name, default, values that an optimiser tries)."""
    return [
        (name, formats.trimmed(default), ", ".join(formats.trimmed(v) for v in grid))
        for name, (default, grid) in info.params.items()
    ]


def indicator_calls(
    info: StrategyInfo, catalogue: dict[str, IndicatorInfo], params: dict[str, float] | None = None
) -> list[tuple[str, tuple[float, ...]]]:
    """(indicator, its parameters) of the rules' text that a chart can show: on the chart's own bars and prices."""
    values = {name: default for name, (default, _) in info.params.items()} | (params or {})
    rules = "\n".join(line.partition("#")[0] for line in info.text.split("\n") if ":" in line)
    found: list[tuple[str, tuple[float, ...]]] = []
    for name, inside in _CALL.findall(rules):
        known = catalogue.get(name)
        if known is None:
            continue
        given: list[float] = []
        for k, part in enumerate(p.strip() for p in inside.split(",") if p.strip()):
            if "=" in part:
                break
            try:
                given.append(values[part] if part in values else float(part))
            except ValueError:
                break
            if k + 1 == len(known.params):
                break
        made = tuple(given + [p[1] for p in known.params[len(given) :]])
        if (name, made) not in found and "source=" not in inside.replace(" ", ""):
            found.append((name, made))
    return found
