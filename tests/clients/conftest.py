from collections.abc import Iterator

import pytest

from sandbox.mount import Addresses, serve
from sandbox.world import World


@pytest.fixture
def world() -> World:
    """An empty world on the machine's own time, as clients from elsewhere expect it."""
    return World("clients")


@pytest.fixture
def served(world: World) -> Iterator[Addresses]:
    with serve(world) as addresses:
        yield addresses
