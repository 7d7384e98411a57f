import asyncio

from app.session import Session
from engine.contracts.errors import PyroError


class Client:
    info = None

    def __init__(self, owned=True):
        self.owned, self.closed, self.stopped = owned, False, False
        self.handlers = []

    async def ask(self, command):
        return None

    def on_close(self, handler):
        self.handlers.append(handler)

    async def close(self):
        self.closed = True

    async def stop_engine(self):
        self.stopped = True


class Record:
    """A session over a list of outcomes, with what it told."""

    def __init__(self, outcomes, back_off=(0.0,)):
        self.outcomes, self.ups, self.downs, self.now = list(outcomes), [], [], 0.0
        self.session = Session(
            self.connect, self.ups.append, lambda why, s: self.downs.append((why, s)), lambda: self.now, back_off
        )

    async def connect(self):
        await asyncio.sleep(0)
        found = self.outcomes.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    async def until(self, true):
        async with asyncio.timeout(2):
            while not true():
                await asyncio.sleep(0)


async def test_failures_back_off_and_a_retry_does_not_wait():
    client = Client()
    r = Record([PyroError("no engine", fix="Start one."), OSError("refused"), client], back_off=(0.0, 3600.0))
    r.session.start()
    await r.until(lambda: len(r.downs) == 2)
    assert r.downs == [("no engine. Start one.", 0.0), ("refused", 3600.0)]
    r.session.retry_now()
    await r.until(lambda: r.ups)
    assert r.session.client is client
    await r.session.stop(keep_engine=False)
    assert client.stopped


async def test_a_lost_engine_is_found_again():
    first, second = Client(), Client()
    r = Record([first, second])
    r.session.start()
    await r.until(lambda: r.ups)
    first.handlers[0]("reset by peer")
    await r.until(lambda: len(r.ups) == 2)
    assert r.downs == [("reset by peer", 0.0)]
    await r.session.stop(keep_engine=True)
    assert second.closed
    assert not second.stopped


async def test_only_an_engine_that_stayed_resets_the_back_off():
    quick, stayed, last = Client(), Client(), Client()
    r = Record([quick, stayed, last], back_off=(0.0, 0.001, 0.002))
    r.session.start()
    await r.until(lambda: len(r.ups) == 1)
    quick.handlers[0]("crash")
    await r.until(lambda: len(r.ups) == 2)
    assert r.session.attempt == 1
    r.now = 3600.0
    stayed.handlers[0]("crash")
    await r.until(lambda: len(r.ups) == 3)
    assert [s for _why, s in r.downs] == [0.0, 0.0]
    await r.session.stop(keep_engine=False)


async def test_restart_stops_the_engine_and_connects_again():
    first, second = Client(), Client()
    r = Record([first, second], back_off=(3600.0,))
    r.session.start()
    await r.until(lambda: r.ups)
    await r.session.restart_engine()
    await r.until(lambda: r.downs)
    r.session.retry_now()
    await r.until(lambda: len(r.ups) == 2)
    assert first.stopped
    await r.session.stop(keep_engine=False)


async def test_an_engine_that_is_not_ours_is_left_running():
    client = Client(owned=False)
    r = Record([client])
    r.session.start()
    await r.until(lambda: r.ups)
    await r.session.stop(keep_engine=False)
    assert client.closed
    assert not client.stopped
