"""Finds the protocol of a venue by the name of its folder."""

from __future__ import annotations

import importlib

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.feed import VenueProtocol

#: folders of this package that can be connected to
VENUES = ("binance_futures", "binance_spot")


def protocol(venue: str) -> VenueProtocol:
    """The protocol object of a venue (Market.venue); BadInput names the known ones."""
    if venue not in VENUES:
        raise BadInput(
            f'"{venue}" is not a venue this version can connect to.{did_you_mean(venue, VENUES)}',
            fix=f"Known: {', '.join(VENUES)}.",
        )
    module = importlib.import_module(f"engine.venues.{venue}.protocol")
    made: VenueProtocol = module.Protocol()
    return made


def hosts(venue: str) -> tuple[str, str]:
    """(WebSocket base, REST base) that the venue serves its public market data from."""
    protocol(venue)
    constants = importlib.import_module(f"engine.venues.{venue}.constants")
    return constants.WS_HOST, constants.REST_HOST
