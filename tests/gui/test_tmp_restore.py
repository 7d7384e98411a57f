from tests.gui.windowing import desk


def test_x(qtbot, tmp_path):
    for name in ("optimise","trade", "research"):
        with desk(tmp_path) as d:
            d.ctl.actions.run("perspective_"+name); d.settle()
        with desk(tmp_path) as d:
            d.settle()
            print("vis", name, [n for n in d.ctl.docks.names() if d.ctl.docks.is_visible(n)])
