"""The colours of rising and falling."""

from __future__ import annotations

import pytest

from widgets.theme import DARK, LIGHT, with_up_down


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda t: t.name)
def test_red_and_green_change_places_with_their_fills(theme):
    turned = with_up_down(theme, "red/green")
    assert (turned.up, turned.down) == (theme.down, theme.up)
    assert (turned.up_fill, turned.down_fill) == (theme.down_fill, theme.up_fill)
    assert with_up_down(turned, "red/green") == theme
    assert with_up_down(theme, "green/red") is theme


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda t: t.name)
def test_blue_and_orange_are_of_no_line_s_colour(theme):
    made = with_up_down(theme, "blue/orange")
    assert len({made.up, made.down, made.buy, made.sell, *made.lines}) == 9
    assert made.name == theme.name
