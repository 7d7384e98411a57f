"""The engine's side of the study process: a client's newest request wins; files are written whole or not at all."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from engine.contracts.backtests import BacktestSpec
from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.studio import (
    DeleteStrategyFile,
    ReadStrategyFile,
    RenameStrategyFile,
    SaveStrategyFile,
    Tried,
    TryStrategy,
    WhatIf,
)
from engine.runtime.answers_study import StudyAnswers
from engine.runtime.folder import DataFolder
from engine.runtime.strategies import use_folder
from engine.runtime.study_files import StrategyFolder

DIP = "strategy dip\ndirection long\nlong entry: crosses_above(RSI(14), 30)\nlong exit: RSI(14) > 60\n"


class Worker:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.go = asyncio.Event()

    async def run(self, task: Any, reply: Any) -> Any:
        self.asked.append(task.ask)
        await self.go.wait()
        return Tried(canonical=getattr(task.ask, "text", ""))


async def test_of_many_requests_the_one_under_way_and_the_newest_are_done():
    worker = Worker()
    answers = StudyAnswers(SimpleNamespace(study=worker))  # type: ignore[arg-type]
    peer, other = SimpleNamespace(), SimpleNamespace()
    ask = answers.methods[TryStrategy]
    tasks = []
    for k in range(5):
        tasks.append(asyncio.create_task(ask(TryStrategy(text=str(k)), peer)))
        await asyncio.sleep(0)
    spec = BacktestSpec(strategy="a", symbol="b", timeframe="1m")
    beside = asyncio.create_task(answers.methods[WhatIf](WhatIf(spec=spec), peer))
    another = asyncio.create_task(ask(TryStrategy(text="x"), other))
    await asyncio.sleep(0)
    worker.go.set()
    done = await asyncio.gather(*tasks, beside, another, return_exceptions=True)
    assert [d.canonical for d in (done[0], done[4])] == ["0", "4"]
    assert all(isinstance(d, Cancelled) for d in done[1:4])
    assert [a.text for a in worker.asked if isinstance(a, TryStrategy)] == ["0", "x", "4"]
    answers.left(peer)


@pytest.fixture
def folder(tmp_path):
    data = DataFolder(tmp_path)
    data.prepare()
    use_folder(data)
    yield StrategyFolder(data.strategies)
    use_folder(None)


def test_a_file_is_written_read_renamed_and_deleted(folder):
    first = folder.save(SaveStrategyFile(name="dip.txt", text=DIP))
    (listed,) = folder.list().files
    assert (listed.name, listed.strategies, listed.stamp, listed.error) == ("dip.txt", ["dip"], first.stamp, "")
    assert folder.read(ReadStrategyFile(name="dip.txt")).text == DIP
    again = folder.save(SaveStrategyFile(name="dip.txt", text="nonsense", stamp=first.stamp))
    assert "begins no statement" in folder.list().files[0].error
    folder.rename(RenameStrategyFile(name="dip.txt", to="deep.txt"))
    assert folder.read(ReadStrategyFile(name="deep.txt")).stamp == again.stamp
    folder.delete(DeleteStrategyFile(name="deep.txt"))
    assert not list(folder.folder.iterdir())


def test_what_another_program_wrote_is_not_overwritten(folder):
    first = folder.save(SaveStrategyFile(name="dip.txt", text=DIP))
    (folder.folder / "dip.txt").write_text("theirs")
    with pytest.raises(BadInput, match="changed by another program"):
        folder.save(SaveStrategyFile(name="dip.txt", text=DIP + "# mine", stamp=first.stamp))
    assert (folder.folder / "dip.txt").read_text() == "theirs"
    with pytest.raises(BadInput, match="exists already"):
        folder.save(SaveStrategyFile(name="dip.txt", text=DIP))
    folder.save(SaveStrategyFile(name="dip.txt", text=DIP, force=True))
    assert (folder.folder / "dip.txt").read_text() == DIP
    (folder.folder / "dip.txt").unlink()
    with pytest.raises(BadInput, match="is gone"):
        folder.save(SaveStrategyFile(name="dip.txt", text=DIP, stamp=first.stamp))


@pytest.mark.parametrize("name", ["../x.txt", "a/b.txt", ".hidden.txt", "x.exe", "", "a..txt", "x.txt\n"])
def test_names_that_lead_elsewhere_are_refused(folder, name):
    with pytest.raises(BadInput, match="cannot name a file"):
        folder.save(SaveStrategyFile(name=name, text=DIP))
