"""Servers on a background thread, for tests and scripts that live in the same process."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from sandbox.server import Server, Site

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listening:
    """Sites being served; ``addresses`` in the order of the sites."""

    addresses: Sequence[str]
    _loop: asyncio.AbstractEventLoop

    def call(self, work: Callable[[], T]) -> T:
        """Run *work* on the server's thread, the only safe place to touch what is served."""

        async def on_the_loop() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(on_the_loop(), self._loop).result()


@contextmanager
def listen(*sites: Site) -> Iterator[Listening]:
    """Serve *sites* until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sandbox", daemon=True)
    thread.start()
    server = Server()

    async def start() -> Listening:
        return Listening([await server.start(site) for site in sites], loop)

    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
