"""Window tests run without a screen, each with its own loop for Qt and asyncio, and leave nothing behind."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform says of every window with a smallest size that it cannot tell anybody."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))


@pytest.fixture(autouse=True, scope="module")
def _nothing_of_qt_is_left_to_other_threads() -> Iterator[None]:
    """Qt objects in reference cycles go here: collected later on another thread they would complain."""
    yield
    gc.collect()
