"""What is told of the person's own strategies: what changed while the engine runs, and at any time what was refused."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.contracts.errors import PyroError
from engine.contracts.events import Notice
from engine.runtime import own
from engine.runtime.own import OwnStrategies
from engine.runtime.user_files import UserFile


async def _direct(call):
    return call()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch):
    """A watcher over a made folder, the notices it gave, and the list of files that it finds."""
    notices: list[Notice] = []
    files: list[UserFile] = []
    monkeypatch.setattr(own, "user_files", lambda: list(files))
    monkeypatch.setattr(own, "LOOK_S", 0.005)
    listed = asyncio.Event()
    listed.set()
    engine = SimpleNamespace(
        listed=listed,
        live=None,
        storage=SimpleNamespace(run=_direct),
        state=SimpleNamespace(walkforwards=SimpleNamespace(promoted=list)),
        hub=SimpleNamespace(publish=notices.append),
    )
    return OwnStrategies(engine), notices, files


async def _until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_good_file_is_no_news_at_the_start_but_later(told) -> None:
    watcher, notices, files = told
    files.append(UserFile(path=Path("old.rules")))
    files.append(UserFile(path=Path("broken.rules"), error=PyroError("broken.rules: line 1: no entry.")))
    running = asyncio.create_task(watcher.run())
    try:
        await _until(lambda: notices)
        assert [(n.level, n.text) for n in notices] == [
            ("warning", "broken.rules: line 1: no entry. The other strategies go on.")
        ]
        files.append(UserFile(path=Path("new.rules")))
        await _until(lambda: len(notices) > 1)
        assert notices[-1].level == "info"
        assert notices[-1].text.startswith("new.rules: ")
        assert len(notices) == 2
    finally:
        running.cancel()
