"""What every test gets: no screen, the --long option, and guards that fail a test which leaves something behind."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

from collections.abc import Iterator

import pytest

from tests import leaks

pytest_plugins = ["pytester"]


leaks.watch_tasks()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the tests marked long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="long: runs with --long only")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def leak_guard(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that leaves a thread, a socket, a running Qt timer, a top-level widget or a pending task behind."""
    before = leaks.snapshot()
    yield
    left = leaks.remaining(before) + leaks.pending_tasks()
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)


@pytest.fixture
def expected_log(caplog: pytest.LogCaptureFixture) -> Iterator[set[str]]:
    """Fails a test that logs a line of WARNING or worse, unless its text contains an entry of the set given."""
    expected: set[str] = set()
    yield expected
    stray = leaks.stray_records(caplog.get_records("call"), expected)
    if stray:
        pytest.fail("unexpected log lines: " + "; ".join(stray), pytrace=False)
