"""The steps of the tour one after another on one window; run by test_tour.py in a process with a screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tour.driver import Tour
from tests.tour.steps import STEPS

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def tour(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    folder = tmp_path_factory.mktemp("tour")
    made = Tour(folder, Path(os.environ.get("PYROQUANT_TOUR") or folder / "pictures"))
    try:
        made.open()
        yield made
        made.close()
        made.clean()
    finally:
        made.end()


@pytest.fixture
def leak_guard() -> None:
    """The window lives on from step to step."""


@pytest.mark.parametrize("step", STEPS, ids=lambda s: s.__name__)
def test_step(tour: Tour, step: Callable[[Tour], None]) -> None:
    step(tour)
    tour.clean()
