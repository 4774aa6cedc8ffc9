from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from guestlist.store.schema import upgrade
from sandbox.clock import Clock
from sandbox.crm import CRM
from sandbox.seed import seed
from sandbox.world import World
from tests.engine.world import ADDRESSES, LONG_AGO, NOON, Installation
from tests.sandbox.hubspot.filter_branches import CUSTOMERS
from worker.settings import load


class Install(Protocol):
    """Make an installation with everything in its own right, or with 0 contacts an empty world."""

    def __call__(self, *, contacts: int = 0, **settings: object) -> Installation: ...


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    """What the engine logs, instead of printing it."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def install(database_url: str, tmp_path: Path) -> Iterator[Install]:
    """Installations on a database of each kind; settings by name, dots as double underscores.

    With *contacts* the world is seeded and hostile; else it is empty but for the inclusion list,
    which lets customers in.
    """
    upgrade(database_url)
    made: list[Installation] = []

    def install(*, contacts: int = 0, **settings: object) -> Installation:
        world = empty_world()
        if contacts:
            seed(world, contacts=contacts)
            list_id = world.landmarks["lists"]["inclusion"]
        else:
            with world.clock.visit(NOON - 2 * LONG_AGO):
                list_id = world.portal.create_list("Customers", CUSTOMERS)
        held = world.credentials
        usual = {
            "development": "true",
            "broker_url": "memory://",
            "database_url": database_url,
            "flow.lease_s": "120",  # nobody keeps leases here
            "hubspot.base_url": ADDRESSES[CRM.HUBSPOT],
            "hubspot.token": held.hubspot_token,
            "salesforce.login_url": ADDRESSES[CRM.SALESFORCE],
            "salesforce.client_id": held.salesforce_client_id,
            "salesforce.client_secret": held.salesforce_client_secret,
        }
        given = {name.replace("__", "."): str(value) for name, value in settings.items()}
        here = Installation(world, load({}, flags=usual | given, directory=tmp_path))
        here.forget()
        here.choose(list_id)
        made.append(here)
        return here

    yield install
    for here in made:
        here.close()


def empty_world() -> World:
    """A world at noon, whose clock stands still."""
    clock = Clock()
    clock.freeze(NOON)
    return World("engine", clock=clock)
