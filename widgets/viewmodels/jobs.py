"""All long work of the engine: what waits, runs, is done or has failed, the newest first."""

from __future__ import annotations

from dataclasses import dataclass

from engine.contracts.events import JobProgress
from widgets.texts import mark, tr
from widgets.viewmodels import formats

COLUMNS = (
    (mark("State"), 92),
    (mark("Job"), 230),
    (mark("Kind"), 92),
    (mark("Progress"), 130),
    (mark("Left"), 66),
    (mark("Took"), 66),
    (mark("What it does"), 220),
)
STATE, TITLE, KIND, PROGRESS, LEFT_, TOOK, STEP = range(7)
STATES = {
    "queued": mark("waiting"),
    "running": mark("running"),
    "done": mark("done"),
    "failed": mark("failed"),
    "cancelled": mark("cancelled"),
}
_KINDS = {
    "backtest": mark("Back-test"),
    "walkforward": mark("Walk-forward"),
    "portfolio": mark("Portfolio"),
    "matrix": mark("Matrix"),
    "montecarlo": mark("Monte Carlo"),
    "parity": mark("Parity"),
    "download": mark("Download"),
    "import": mark("Import"),
    "export": mark("Export"),
    "repair": mark("Repair"),
}
#: what a job says it does now, as the engine names it
STEPS = (mark("fetching history"), mark("loading candles"), mark("computing"), mark("walking"))
BUSY = ("queued", "running")
#: jobs that are remembered
MOST = 500


@dataclass
class Row:
    """since_ms: when this window heard of it first; ended_ms: of its end, 0 while it goes on."""

    job: JobProgress
    since_ms: int
    ended_ms: int = 0

    @property
    def busy(self) -> bool:
        return self.job.state in BUSY


class JobsModel:
    """Jobs by id. rows: those that are shown, busy ones first, then the newest."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self.rows: list[Row] = []
        self.text = ""

    def apply(self, event: JobProgress, now_ms: int) -> None:
        row = self._rows.get(event.job)
        if row is None:
            row = self._rows[event.job] = Row(event, now_ms)
            while len(self._rows) > MOST:
                done = next((j for j, r in self._rows.items() if not r.busy), next(iter(self._rows)))
                del self._rows[done]
        # a job that is cancelled says its last step no more
        row.job = event
        if not row.busy and not row.ended_ms:
            row.ended_ms = now_ms
        self._arrange()

    def lose(self, now_ms: int) -> None:
        """The engine is gone, and what it was about with it; a new one says what it goes on with."""
        for row in self._rows.values():
            if row.busy:
                row.job = JobProgress(
                    job=row.job.job, kind=row.job.kind, title=row.job.title, state="failed",
                    fraction=row.job.fraction, error=tr("The engine was lost."),
                )  # fmt: skip
                row.ended_ms = now_ms
        self._arrange()

    def clear_ended(self) -> int:
        """Forget what is over; how many."""
        over = [job for job, row in self._rows.items() if not row.busy]
        for job in over:
            del self._rows[job]
        self._arrange()
        return len(over)

    def set_text(self, text: str) -> None:
        self.text = text.strip().lower()
        self._arrange()

    def row_of(self, job: str) -> Row | None:
        return self._rows.get(job)

    def busy(self) -> int:
        return sum(row.busy for row in self._rows.values())

    def _arrange(self) -> None:
        newest = list(reversed(self._rows.values()))
        shown = [r for r in newest if not self.text or self.text in f"{r.job.title} {r.job.kind}".lower()]
        self.rows = sorted(shown, key=lambda r: {"running": 0, "queued": 1}.get(r.job.state, 2))

    def counts(self) -> str:
        """'2 running, 1 waiting, 14 done'; '' while there are none."""
        found = [
            (s, sum(r.job.state == s for r in self._rows.values())) for s in ("running", "queued", "failed", "done")
        ]
        return ", ".join(f"{n} {tr(STATES[s])}" for s, n in found if n)

    def explain_empty(self) -> str:
        if self.rows:
            return ""
        if self._rows:
            return tr("None of {n} jobs has “{text}” in its name.").format(n=len(self._rows), text=self.text)
        return tr("No jobs yet. Back-tests, walk-forwards, downloads and comparisons appear here while they run.")


def cells(row: Row, now_ms: int) -> list[str]:
    """One job as text, in the order of COLUMNS."""
    job = row.job
    percent = "100 %" if job.state == "done" else f"{job.fraction * 100:.0f} %" if job.state == "running" else ""
    left = formats.duration(job.eta_s) if job.state == "running" and job.eta_s >= 0 else ""
    # one that was over before this window heard of it says nothing of its time
    spent = (row.ended_ms or now_ms) - row.since_ms
    took = formats.duration(spent / 1000) if spent or row.busy else ""
    return [
        tr(STATES.get(job.state, job.state)),
        job.title,
        tr(_KINDS[job.kind]) if job.kind in _KINDS else job.kind,
        percent,
        left,
        took,
        job.error or tr(job.step),
    ]
