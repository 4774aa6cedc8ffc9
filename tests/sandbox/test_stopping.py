"""A server that stops leaves no connection behind, not even one it has only just accepted."""

import asyncio
import gc
import socket
from asyncio.selector_events import _SelectorSocketTransport  # type: ignore[attr-defined]

import pytest

from sandbox.crm import CRM
from sandbox.mount import site
from sandbox.server import Server
from sandbox.world import World


def left_open(loop: asyncio.AbstractEventLoop) -> list[object]:
    gc.collect()
    transports = (each for each in gc.get_objects() if isinstance(each, _SelectorSocketTransport))
    return [each for each in transports if each._loop is loop and not each.is_closing()]


@pytest.mark.parametrize("turns", range(6))
def test_a_connection_of_the_last_moment_is_closed_too(turns: int) -> None:
    async def stop_after(turns: int) -> list[object]:
        server = Server()
        address = await server.start(site(World("stopping"), CRM.HUBSPOT))
        host, _, port = address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))):
            for _ in range(turns):
                await asyncio.sleep(0)
            await server.stop()
            for _ in range(6):
                await asyncio.sleep(0)
            return left_open(asyncio.get_running_loop())

    assert asyncio.run(stop_after(turns)) == []
