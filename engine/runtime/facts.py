"""Names under which the state keeps small facts. Apart, so that the engine loads no worker's code."""

from __future__ import annotations

#: by market id: what it lists
INSTRUMENTS_KEY = "instruments:{}"
#: by REST host: ms until which it has banned us
BANNED_KEY = "banned-until:{}"
#: whether any real or simulated venue was ever listed here
EVER_LIVE_KEY = "ever-live"
#: whether the queue of walk-forwards was told to stop
WALKS_STOPPED_KEY = "walks-stopped"
#: by version of the program: the look-ahead detector's verdicts
CHECKS_KEY = "look-ahead:{}"
