"""Names under which the state keeps small facts. A module of its own, so that the engine loads no code of a worker."""

from __future__ import annotations

#: by market id: what it lists
INSTRUMENTS_KEY = "instruments:{}"
#: by REST host: ms until which it has banned us
BANNED_KEY = "banned-until:{}"
#: whether any real or simulated venue was ever listed here
EVER_LIVE_KEY = "ever-live"
