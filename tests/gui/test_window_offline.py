"""An engine that reaches no exchange: the window says so and offers the demo market."""

import msgspec

from tests.gui.fake_engine import FakeEngine
from tests.gui.windowing import desk


def offline() -> FakeEngine:
    engine = FakeEngine()
    engine.info = msgspec.structs.replace(engine.info, state="offline", demo=False, note="nothing answers")
    return engine


def test_offline_is_said_and_the_demo_is_one_click_away(qtbot, tmp_path):
    with desk(tmp_path, offline()) as d:
        bar = d.ctl.connection_bar
        assert "Offline" in bar.text
        assert bar.details == "nothing answers"
        demo = FakeEngine()
        demo.info = msgspec.structs.replace(demo.info, demo=True)
        d.add_engine(demo)
        bar.action_button.click()
        d.until(lambda: d.engine is demo and not bar.text)
        assert d.options.demo is True
        assert not d.ctl.demo.isHidden()


def test_offline_ends_when_data_comes(qtbot, tmp_path):
    with desk(tmp_path, offline()) as d:
        assert d.ctl.connection_bar.text
        d.engine.health()
        d.settle()
        d.ctl._on_second(1.0)
        assert not d.ctl.connection_bar.text
