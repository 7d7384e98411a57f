"""Live against back-test as a person reads it: the meter's words and the table of what differs."""

from __future__ import annotations

from engine.contracts.events import JobProgress
from engine.contracts.parity import ParityDifference, ParityReport
from widgets.texts import mark, tr
from widgets.viewmodels import formats

COLUMNS = (
    mark("Bar"),
    mark("Symbol"),
    mark("TF"),
    mark("Strategy"),
    mark("Signal"),
    mark("What"),
    mark("Price"),
    mark("Journal"),
    mark("Reason"),
)
_KINDS = {
    "missing": mark("not in the journal"),
    "extra": mark("not in the back-test"),
    "price": mark("other price"),
}
_REASONS = {
    "": mark("none known"),
    "settling": mark("memory was filling"),
    "revised": mark("bar restated by the venue"),
    "warming": mark("before it was warm"),
    "stopped": mark("engine stopped"),
}


class ParityModel:
    """report: None before the first. progress: of the job under way."""

    def __init__(self) -> None:
        self.report: ParityReport | None = None
        self.job = ""
        self.progress: JobProgress | None = None

    @property
    def running(self) -> bool:
        return bool(self.job)

    def hear(self, event: JobProgress) -> str:
        """The state of our job where this is about it, else ''."""
        if not self.job or event.job != self.job:
            return ""
        self.progress = event
        if event.state not in ("queued", "running"):
            self.job = ""
        return event.state

    def rows(self) -> list[ParityDifference]:
        return self.report.differences if self.report is not None else []

    def level(self) -> str:
        """'ok', 'warn' (nothing could be compared) or 'bad'."""
        r = self.report
        if r is None or not r.compared:
            return "warn"
        return "bad" if r.unexplained else "ok"

    def headline(self) -> str:
        r = self.report
        if r is None:
            return tr("Nothing compared yet")
        if not r.compared:
            return tr("Nothing to compare: the journal has no signals of this day that the candles reach")
        return tr("{n} signals compared, {k} differ").format(n=f"{r.compared:,}", k=f"{r.unexplained:,}")

    def shares(self) -> tuple[float, float, float]:
        """(equal, with a reason, without one), parts of what was compared."""
        r = self.report
        if r is None or not r.compared:
            return 0.0, 0.0, 0.0
        return r.same / r.compared, (r.differ - r.unexplained) / r.compared, r.unexplained / r.compared

    def details(self) -> list[str]:
        """What was compared and what was not, a sentence each."""
        r = self.report
        if r is None:
            return []
        said = [
            tr("{day} up to {end} UTC: {symbols} symbols, {strategies} strategies on {timeframes}, in {took}").format(
                day=formats.day(r.day_ms), end=formats.clock(r.to_ms) if r.to_ms % 86_400_000 else "24:00",
                symbols=f"{r.symbols:,}", strategies=r.strategies, timeframes=", ".join(r.timeframes),
                took=formats.duration(r.seconds),
            )
        ]  # fmt: skip
        known = [f"{r.by_reason[k]:,} {tr(_REASONS[k])}" for k in ("settling", "revised") if r.by_reason.get(k)]
        if known:
            said.append(tr("Differ with a known reason: {reasons}").format(reasons=", ".join(known)))
        left = sum(r.by_reason.get(k, 0) for k in ("warming", "stopped"))
        not_live = tr("{n} while the symbol was not live").format(n=f"{left:,}") if left else ""
        beyond = tr("{n} whose memory reaches back beyond the kept candles").format(n=f"{r.beyond:,}")
        other = tr("{n} of other versions than are live now").format(n=f"{r.other:,}")
        parts = [p for p, on in ((not_live, left), (beyond, r.beyond), (other, r.other)) if on]
        if parts:
            said.append(tr("Not compared: {parts}").format(parts="; ".join(parts)))
        if r.idle:
            said.append(tr("{n} symbols have candles of this day and no signals").format(n=f"{r.idle:,}"))
        return said


def cells(d: ParityDifference) -> list[str]:
    """One row, in the order of COLUMNS."""
    signal = f"{d.side} {d.action}"
    return [
        formats.clock(d.bar_ts)[:5],
        d.symbol.partition(":")[2] or d.symbol,
        d.timeframe,
        d.strategy,
        signal,
        tr(_KINDS[d.kind]),
        f"{d.price:.10g}" if d.price == d.price else formats.MISSING,
        f"{d.journal_price:.10g}" if d.journal_price == d.journal_price else formats.MISSING,
        tr(_REASONS[d.reason]),
    ]
