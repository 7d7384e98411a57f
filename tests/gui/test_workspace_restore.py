"""Every workspace comes back after a restart with the panels that were seen, and builds none that is not."""

import pytest

from engine.contracts.errors import PyroError
from tests.gui.fake_engine import FakeEngine
from tests.gui.windowing import desk


class Engine(FakeEngine):
    """What it does not know is an error to be told, not a failure of the window."""

    async def ask(self, command):
        if not hasattr(self, f"_{type(command).__name__}"):
            raise PyroError(f"The small engine knows no {type(command).__name__}.")
        return await super().ask(command)


def seen(d):
    return {name for name in d.ctl.docks.names() if d.ctl.docks.is_visible(name)}


@pytest.mark.parametrize("name", ["optimise", "data"])
def test_the_panels_of_a_workspace_come_back(qtbot, tmp_path, name):
    with desk(tmp_path, Engine()) as d:
        d.ctl.actions.run(f"perspective_{name}")
        d.settle()
        before = seen(d)
        assert "chart" in before
    with desk(tmp_path, Engine()) as d:
        d.settle()
        assert seen(d) == before
        made = {n for n, part in d.ctl.parts.items() if part.made and not part.eager}
        assert made <= before
