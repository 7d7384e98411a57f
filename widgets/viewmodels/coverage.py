"""What the lake holds, as rows of months: filtered, sorted, coloured, and put into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from engine.contracts.coverage import SeriesCoverage
from engine.contracts.data import SeriesQuality, YearQuality
from engine.contracts.timeframes import STORED_MS
from widgets.texts import mark, tr
from widgets.viewmodels import formats

#: states of a month, in the order of their colours: nothing, whole, a few holes, many holes, nearly empty
NONE, FULL, FEW, MANY, BAD = range(5)
#: shares of missing bars from which on a month counts as the next state
_FEW, _MANY, _BAD = 0.0, 0.02, 0.3
STATE_NAMES = (
    mark("nothing"),
    mark("complete"),
    mark("a few holes"),
    mark("over 2 % missing"),
    mark("over 30 % missing"),
)
_ORDER = {name: k for k, name in enumerate(STORED_MS)}


@dataclass
class Row:
    """One series. states: uint8, one a month from first_month on (months since 1970-01)."""

    found: SeriesCoverage
    bars: np.ndarray
    missing: np.ndarray
    states: np.ndarray
    name: str
    market: str
    quality: SeriesQuality | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.found.symbol, self.found.timeframe

    @property
    def first_month(self) -> int:
        return self.found.first_month

    @property
    def last_month(self) -> int:
        return self.found.first_month + len(self.states) - 1

    @property
    def score(self) -> float:
        return self.quality.score if self.quality is not None else float("nan")


def states_of(bars: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """uint8 states of months from bars that are there and that are missing."""
    expected = bars.astype(np.int64) + missing
    share = np.divide(missing, expected, out=np.zeros(len(bars)), where=expected > 0)
    made = np.full(len(bars), FULL, np.uint8)
    made[share > _FEW] = FEW
    made[share > _MANY] = MANY
    made[share > _BAD] = BAD
    made[bars == 0] = NONE
    return made


def runs_of(states: np.ndarray) -> list[tuple[int, int, int]]:
    """(first, one after the last, state) of stretches of equal states, those with nothing left out."""
    if not len(states):
        return []
    starts = np.flatnonzero(np.r_[True, np.diff(states) != 0])
    ends = np.r_[starts[1:], len(states)]
    found = zip(starts.tolist(), ends.tolist(), states[starts].tolist(), strict=True)
    return [(a, b, s) for a, b, s in found if s != NONE]


class Fault(NamedTuple):
    """kind: one word or two; when: from when, ms, -1 = no moment; text: what is wrong."""

    kind: str
    when: int
    text: str


@dataclass
class CoverageModel:
    """`rows` are visible, in order; `every` are all. market '' = all; timeframe '' = all."""

    every: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    wanted: str = ""
    market: str = ""
    timeframe: str = ""
    only_faulty: bool = False
    sorted_by: tuple[int, bool] = (3, True)

    def load(self, found: list[SeriesCoverage]) -> None:
        """Take over what the lake holds; what was checked stays known while its bars are the same."""
        known = {(r.key, r.found.total): r.quality for r in self.every}
        self.every = []
        # all months of all series at once: a thousand small calculations would be felt
        bars = np.frombuffer(b"".join(s.bars for s in found), "<i4")
        missing = np.frombuffer(b"".join(s.missing for s in found), "<i4")
        states, at = states_of(bars, missing), 0
        for s in found:
            end = at + len(s.bars) // 4
            market, _, name = s.symbol.partition(":")
            quality = known.get(((s.symbol, s.timeframe), s.total))
            self.every.append(Row(s, bars[at:end], missing[at:end], states[at:end], name, market, quality))
            at = end
        self.arrange()

    def take_quality(self, found: list[SeriesQuality]) -> None:
        rows = {r.key: r for r in self.every}
        for each in found:
            if (row := rows.get((each.symbol, each.timeframe))) is not None:
                row.quality = each
        self.arrange()

    def arrange(self) -> None:
        want = self.wanted.casefold().split()
        rows = [
            r
            for r in self.every
            if (not self.market or r.market == self.market)
            and (not self.timeframe or r.found.timeframe == self.timeframe)
            and all(word in f"{r.found.symbol} {r.found.timeframe}".casefold() for word in want)
            and (not self.only_faulty or faulty(r))
        ]
        column, descending = self.sorted_by

        def key(row: Row) -> tuple[object, ...]:
            s = row.found
            if column == 1:
                return (row.market, row.name, _ORDER.get(s.timeframe, 99))
            if column == 2:
                return (_ORDER.get(s.timeframe, 99), row.name)
            if column == 3:
                return (s.total, row.name)
            if column == 4:
                return (s.size, row.name)
            if column == 5:
                known = row.score == row.score
                return (known if descending else not known, row.score if known else 0.0, row.name)
            if column == 6:
                return (s.first_ms, s.last_ms)
            return (row.name, row.market, _ORDER.get(s.timeframe, 99))

        self.rows = sorted(rows, key=key, reverse=descending)  # type: ignore[arg-type]

    def markets(self) -> list[tuple[str, int]]:
        """(market, series) in order of the name."""
        names, counts = np.unique([r.market for r in self.every] or np.empty(0, str), return_counts=True)
        return list(zip(names.tolist(), counts.tolist(), strict=True))

    def timeframes(self) -> list[str]:
        return sorted({r.found.timeframe for r in self.every}, key=lambda t: _ORDER.get(t, 99))

    def span(self) -> tuple[int, int]:
        """First and one after the last month of all series."""
        if not self.every:
            return 0, 1
        return min(r.first_month for r in self.every), max(r.last_month for r in self.every) + 1

    def totals(self) -> str:
        """What the visible rows come to."""
        bars, size = sum(r.found.total for r in self.rows), sum(r.found.size for r in self.rows)
        missing = sum(int(r.missing.sum()) for r in self.rows)
        text = tr("{n} series, {bars} bars, {size} on disk").format(
            n=f"{len(self.rows):,}", bars=formats.compact(bars), size=formats.size(size)
        )
        return text + (tr(", {n} bars missing").format(n=formats.compact(missing)) if missing else "")

    def find(self, key: object) -> Row | None:
        return next((r for r in self.every if r.key == key), None)


def faulty(row: Row) -> bool:
    """Whether something is wrong with a series, as far as one knows."""
    return bool(row.missing.any() or row.found.damaged or (row.quality is not None and row.quality.negative))


def cells(row: Row) -> list[str]:
    """Symbol, market, timeframe, bars, size, score, span."""
    s = row.found
    score = f"{row.score:.0f}" if row.quality is not None else "–"
    return [
        row.name,
        short_market(row.market),
        s.timeframe,
        formats.compact(s.total),
        formats.size(s.size),
        score,
        f"{formats.day(s.first_ms)} – {formats.day(s.last_ms)}",
    ]


def short_market(market: str) -> str:
    """'binance-futures' -> 'futures'."""
    return market.removeprefix("demo-").partition("-")[2] or market


def month_name(month: int) -> str:
    """'2021-05' of a number of months since 1970-01."""
    return f"{1970 + month // 12}-{month % 12 + 1:02d}"


def month_ms(month: int) -> int:
    """The first moment of a month, ms UTC."""
    return int(np.datetime64(month, "M").astype("datetime64[ms]").astype(np.int64))


def month_text(row: Row, month: int) -> str:
    """What there is of a month, in words."""
    s = row.found
    head = f"{s.symbol} {s.timeframe} · {month_name(month)}"
    at = month - row.first_month
    if not 0 <= at < len(row.states):
        side = (
            tr("begins {day}").format(day=formats.day(s.first_ms))
            if at < 0
            else tr("ends {day}").format(day=formats.day(s.last_ms))
        )
        return f"{head}\n{tr('nothing')}: {side}"
    bars, missing = int(row.bars[at]), int(row.missing[at])
    text = tr("{n} bars").format(n=f"{bars:,}")
    if missing:
        share = missing / (bars + missing)
        text += tr(", {n} missing ({share})").format(n=f"{missing:,}", share=formats.percent(share, 2, sign=False))
    else:
        text += f", {tr(STATE_NAMES[int(row.states[at])])}"
    return f"{head}\n{text}"


_COUNTED: tuple[tuple[str, str], ...] = (
    ("missing", mark("bars missing")),
    ("impossible", mark("bars that cannot be")),
    ("duplicates", mark("bars that stand twice")),
    ("off_grid", mark("bars off the grid")),
    ("jumps", mark("jumps")),
    ("spikes", mark("spikes")),
    ("zero_volume", mark("bars without volume")),
)


def faults_of(row: Row) -> list[Fault]:
    """Everything that is wrong with a series that was checked, the worst first; of one that was not, its months with
    holes."""
    found: list[Fault] = []
    q = row.quality
    if q is None:
        for at in np.argsort(-row.missing, kind="stable")[:200].tolist():
            if row.missing[at] > 0:
                month = row.first_month + at
                found.append(Fault(tr("holes"), month_ms(month), month_text(row, month).split("\n")[1]))
        return found
    found += [Fault(tr("damaged file"), -1, text) for text in q.damaged]
    found += [Fault(tr("impossible bar"), ts, formats.minute(ts)) for ts in q.impossible]
    for a, b in q.gaps:
        text = tr("{from_} to {to}: {time}").format(
            from_=formats.minute(a), to=formats.minute(b), time=formats.duration((b - a) / 1000)
        )
        found.append(Fault(tr("gap"), a, text))
    for year in q.years:
        if year.score < 100:
            found.append(
                Fault(tr("year {score}").format(score=f"{year.score:.0f}"), _year_ms(year.year), year_text(year))
            )
    found += [Fault(tr("note"), -1, text) for text in q.notes]
    return found


def _year_ms(year: int) -> int:
    return int(np.datetime64(year - 1970, "Y").astype("datetime64[ms]").astype(np.int64))


def year_text(year: YearQuality) -> str:
    """A year's score explained."""
    parts = [f"{getattr(year, name):,} {tr(title)}" for name, title in _COUNTED if getattr(year, name)]
    if year.unpublished:
        parts.append(tr("no volume published"))
    return f"{year.year}: {', '.join(parts) or tr('nothing wrong')}"


def summary(row: Row) -> str:
    """A series in one line."""
    s = row.found
    span = f"{formats.day(s.first_ms)} – {formats.day(s.last_ms)}"
    text = f"{s.symbol} {s.timeframe} · {span} · {tr('{n} bars').format(n=f'{s.total:,}')} · {formats.size(s.size)}"
    if row.quality is None:
        missing = int(row.missing.sum())
        more = tr("{n} missing").format(n=f"{missing:,}") if missing else tr("no holes")
        return f"{text} · {more}"
    gaps = tr("{n} gaps").format(n=f"{row.quality.gap_count:,}")
    return f"{text} · {tr('quality {score} of 100').format(score=f'{row.quality.score:.1f}')} · {gaps}"
