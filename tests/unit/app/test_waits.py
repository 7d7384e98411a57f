"""What a page waits for: a line with progress, the newest request wins, the one before is stopped."""

import pytest

from app.parts.waits import Wait
from engine.contracts.commands import CancelJob
from engine.contracts.errors import Cancelled
from engine.contracts.events import JobProgress
from engine.contracts.walkforward import GetMonteCarlo
from widgets.job_lines import JobLines


class Asked:
    """A desk whose answers come when the test says so."""

    def __init__(self) -> None:
        self.commands: list[tuple[object, object, object]] = []

    def now_ms(self) -> int:
        return 1_790_000_000_000

    def ask(self, command, told, failed) -> None:
        self.commands.append((command, told, failed))

    @property
    def cancelled(self) -> list[str]:
        return [c.job for c, *_ in self.commands if isinstance(c, CancelJob)]


@pytest.fixture
def page(qtbot):
    lines, desk, heard = JobLines(), Asked(), []
    qtbot.addWidget(lines)
    wait = Wait(desk, "montecarlo", lines)

    def ask() -> tuple[str, object, object]:
        def make(name: str) -> GetMonteCarlo:
            return GetMonteCarlo(job="w", strategy="s", run_id=name)

        wait.ask("Drawing the paths", make, heard.append, heard.append)
        command, told, failed = desk.commands[-1]
        return command.run_id, told, failed

    return wait, ask, desk, lines, heard


def progress(job: str, fraction: float, state: str = "running") -> JobProgress:
    return JobProgress(job=job, kind="montecarlo", title="t", state=state, fraction=fraction)


def test_a_line_shows_progress_until_the_answer(page):
    wait, ask, _desk, lines, heard = page
    job, told, _failed = ask()
    assert not lines.lines, "what is answered at once has no line"
    wait.hear(progress("of another", 0.2))
    assert not lines.lines
    wait.hear(progress(job, 0.4))
    assert lines.lines[0].text.text().startswith("40%")
    told("fan")
    assert heard == ["fan"]
    assert not lines.lines
    wait.hear(progress(job, 0.9))
    assert not lines.lines, "an event that came late"


def test_the_newest_request_wins_and_stops_the_one_before(page):
    wait, ask, desk, _lines, heard = page
    first, told_first, failed_first = ask()
    second, told_second, _ = ask()
    assert first != second
    assert desk.cancelled == [first]
    failed_first(Cancelled("cancelled"))
    told_first("late")
    assert heard == []
    told_second("new")
    assert heard == ["new"]
    wait.drop()
    assert desk.cancelled == [first], "there is nothing to stop any more"


def test_cancel_of_the_line_is_told_to_the_page(page):
    wait, ask, desk, lines, heard = page
    job, _told, failed = ask()
    wait.hear(progress(job, 0.1))
    lines.lines[0].stop.click()
    assert desk.cancelled == [job]
    failed(error := Cancelled("cancelled"))
    assert heard == [error]
    assert not lines.lines


def test_dropped_is_dropped(page):
    wait, ask, desk, lines, heard = page
    job, told, _failed = ask()
    wait.hear(progress(job, 0.0, "queued"))
    wait.drop()
    assert desk.cancelled == [job]
    assert not lines.lines
    told("late")
    assert heard == []
