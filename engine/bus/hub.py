"""Who gets which event, and what happens when a receiver is slow. In-process; the socket server is one of its users.

Events that are "latest" wait at most one per key and receiver; events that are "every" wait in a bounded queue. When
that is full the event is dropped and counted, and the receiver later gets one Gap with what it missed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence

from engine.bus.wire import Publish, pack
from engine.contracts.events import AnyEvent, Gap, Quotes

#: "every" frames that may wait for one receiver
QUEUE_LIMIT = 4096

Snapshot = Callable[[], Sequence[AnyEvent]]


class Outlet:
    """What waits for one receiver. `wake` is called when something new waits."""

    def __init__(self, name: str, wake: Callable[[], None], limit: int = QUEUE_LIMIT) -> None:
        self.name = name
        self.topics: frozenset[str] = frozenset()
        self.dropped = 0
        self._limit = limit
        self._wake = wake
        self._every: deque[bytes | bytearray] = deque()
        self._latest: dict[Hashable, bytes | bytearray] = {}
        self._missed: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._every) + len(self._latest)

    def offer(self, event: AnyEvent, frame: bytes | bytearray, seq: int) -> None:
        if event.delivery == "latest":
            self._latest[(type(event), event.key())] = frame
        elif len(self._every) >= self._limit:
            self.dropped += 1
            missed, after = self._missed.get(event.topic, (0, seq - 1))
            self._missed[event.topic] = (missed + 1, after)
        else:
            self._every.append(frame)
        self._wake()

    def take(self) -> tuple[list[bytes | bytearray], list[Gap]]:
        """All that waits, "every" first and in order; and a Gap for each topic that lost events."""
        frames = [*self._every, *self._latest.values()]
        self._every.clear()
        self._latest.clear()
        gaps = [Gap(of=topic, missed=n, after=after) for topic, (n, after) in self._missed.items()]
        self._missed.clear()
        return frames, gaps


class Hub:
    """Numbers events by topic, encodes each once, and hands it to the outlets that subscribed.

    snapshots: for a topic, what a new subscriber (or one that lost events) needs first.
    """

    def __init__(self) -> None:
        self._seq: dict[str, int] = {}
        self._outlets: list[Outlet] = []
        self._snapshots: dict[str, Snapshot] = {}

    def snapshot(self, topic: str, make: Snapshot) -> None:
        self._snapshots[topic] = make

    def attach(self, outlet: Outlet) -> None:
        self._outlets.append(outlet)

    def detach(self, outlet: Outlet) -> None:
        self._outlets.remove(outlet)

    def wanted(self, topic: str) -> bool:
        """True when anyone listens: what nobody wants need not be made."""
        return any(topic in outlet.topics for outlet in self._outlets)

    def subscribe(self, outlet: Outlet, topics: frozenset[str]) -> None:
        new = topics - outlet.topics
        outlet.topics = topics | {Gap.topic}
        for topic in sorted(new):
            self.refresh(outlet, topic)

    def refresh(self, outlet: Outlet, topic: str) -> None:
        """Send the topic's snapshot to one outlet."""
        make = self._snapshots.get(topic)
        seq = self._seq.get(topic, 0)
        for event in make() if make else ():
            outlet.offer(event, pack(Publish(topic, seq, event)), seq)

    def publish(self, event: AnyEvent) -> None:
        topic = event.topic
        seq = self._seq.get(topic, 0) + 1
        self._seq[topic] = seq
        receivers = [o for o in self._outlets if topic in o.topics]
        if receivers:
            frame = pack(Publish(topic, seq, event))
            for outlet in receivers:
                outlet.offer(event, frame, seq)

    def fill_gaps(self, outlet: Outlet, gaps: list[Gap]) -> list[bytes | bytearray]:
        """Frames that tell an outlet what it missed; quotes are made good by a fresh snapshot instead."""
        frames: list[bytes | bytearray] = []
        for gap in gaps:
            if gap.of == Quotes.topic:
                self.refresh(outlet, gap.of)
            else:
                frames.append(pack(Publish(Gap.topic, 0, gap)))
        return frames

    @property
    def receivers(self) -> int:
        return len(self._outlets)

    @property
    def waiting(self) -> tuple[int, int, int]:
        """(fullest queue, its limit, dropped in all) for the health panel."""
        return max((len(o) for o in self._outlets), default=0), QUEUE_LIMIT, sum(o.dropped for o in self._outlets)
