"""kill -9 at random moments: what was acknowledged is there, once; what was under way is there wholly or not at all."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.store import lake_files
from engine.store.lake import Lake
from engine.store.recent import history
from engine.store.state import State
from tests.process.store_writer import SYMBOL, bars
from tests.process.store_writer import signal as make_signal

KILLS = 12
ROOT = Path(__file__).resolve().parents[2]


class Twin:
    """What lake and state must hold, from the lines of the child that was killed."""

    def __init__(self) -> None:
        self.lake: dict[int, float] = {}
        self.recent: dict[int, float] = {}
        self.signals: set[int] = set()
        self.number = 0

    def apply(self, kind: str, number: int, first: int, count: int) -> None:
        rows = {int(r["ts"]): float(r["close"]) for r in bars(first, count, number)}
        if kind == "write":
            self.lake |= rows
        elif kind == "commit":
            self.recent |= rows
            self.signals |= {make_signal(number * 1000 + i).bar_ts for i in range(count)}
        elif kind == "flush":
            self.lake |= self.recent
            self.recent = {}

    def follow(self, lines: list[str]) -> tuple[str, int, int, int] | None:
        """Apply all acknowledged operations; the one under way when the child died, or None."""
        pending = None
        for line in lines:
            if not line.endswith("\n"):
                break
            words = json.loads(line)
            if words[0] == "begin":
                pending = (words[1], words[2], words[3], words[4])
                self.number = words[2]
            elif words[0] == "done" and pending:
                self.apply(*pending)
                pending = None
        return pending


def kill_after(folder: Path, seed: int, number: int, heard: int, delay: float) -> list[str]:
    """What the child said: it is killed so long after it has said so many lines, however slow the machine is."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.process.store_writer", str(folder), str(seed), str(number)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(heard)]
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    lines += child.stdout.readlines()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    return lines


WRITER = """
import sys
from pathlib import Path
from engine.store.lake import Lake
from tests.process.store_writer import SYMBOL, bars
lake = Lake(Path(sys.argv[1]))
mine = int(sys.argv[2])
for i in range(25):
    block = bars(i * 30, 60, 1.0 + mine)
    block = block[mine::2]
    lake.write(SYMBOL, "1m", block)
    if i % 10 == 9:
        lake.compact(SYMBOL, "1m")
    sys.stdout.write("x")
    sys.stdout.flush()
"""


def test_two_writers_of_one_series_and_a_reader(tmp_path):
    """Odd minutes from one process, even ones from another, overlapping all the time: none is lost, none seen twice."""
    children = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "lake"), str(i)], cwd=ROOT, stdout=subprocess.PIPE
        )
        for i in (0, 1)
    ]
    lake = Lake(tmp_path / "lake")
    seen: dict[int, float] = {}
    reads = 0
    while any(child.poll() is None for child in children):
        found = as_dict(lake.read(SYMBOL, "1m"))
        assert seen.items() <= found.items(), "a bar that was there is gone"
        seen, reads = found, reads + bool(found)
    for child in children:
        assert child.stdout is not None
        assert child.stdout.read() == b"x" * 25
        child.stdout.close()
        assert child.wait() == 0
    expected = {int(r["ts"]): 1.0 + i % 2 for i, r in enumerate(bars(0, 24 * 30 + 60, 0))}
    assert as_dict(lake.read(SYMBOL, "1m")) == expected
    assert lake.check(SYMBOL, "1m") == []
    assert reads > 5


def as_dict(candles) -> dict[int, float]:
    assert len(set(candles["ts"].tolist())) == candles.size, "a bar is there twice"
    return dict(zip(candles["ts"].tolist(), candles["close"].tolist()))


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX signal")
def test_nothing_is_lost_or_doubled_by_kill(tmp_path):
    rng = random.Random(7)
    twin = Twin()
    done = 0
    for round_ in range(KILLS):
        lines = kill_after(tmp_path, round_, twin.number, rng.randint(8, 40), rng.uniform(0.0, 0.1))
        done += sum('"done"' in line for line in lines)
        pending = twin.follow(lines)
        _check_lake_and_state(tmp_path, twin, pending)
    assert done > 3 * KILLS, "the child was killed before it did anything worth checking"


def _check_lake_and_state(folder: Path, twin: Twin, pending: tuple[str, int, int, int] | None) -> None:
    lake, state = Lake(folder / "lake"), State(folder / "state.db")
    before = as_dict(lake.read(SYMBOL, "1m"))
    lake.recover()
    stored = as_dict(lake.read(SYMBOL, "1m"))
    assert stored == before, "clearing up changed a bar"
    assert not list((folder / "lake").rglob("*.writing")), "a temporary file was left"
    assert lake.check(SYMBOL, "1m") == []
    series = lake_files.series_folder(lake.root, SYMBOL, "1m")
    assert all(len(group) == 1 for group in lake_files.clusters(lake_files.parts_of(series)))

    recent = as_dict(state.candles(SYMBOL, "1m"))
    journal = state.signals(after=0, limit=10**6)
    assert [s.seq for s in journal] == list(range(1, len(journal) + 1))
    assert as_dict(history(state, lake, SYMBOL)) == stored | recent
    # Blocks of one year are written whole; a write that crosses a new year may have finished the first of two.
    ahead = Twin()
    ahead.lake, ahead.recent, ahead.signals = dict(twin.lake), dict(twin.recent), set(twin.signals)
    if pending:
        ahead.apply(*pending)
    for ts in stored.keys() | twin.lake.keys():
        assert stored.get(ts) in (twin.lake.get(ts), ahead.lake.get(ts))
    assert recent in (twin.recent, ahead.recent)
    found = {s.bar_ts for s in journal}
    assert found in (twin.signals, ahead.signals)
    assert (found == ahead.signals) or recent == twin.recent, "signals without the bars that made them"
    # What the unfinished operation did becomes what the next round starts from.
    twin.lake, twin.recent, twin.signals = stored, recent, found
    state.close()
