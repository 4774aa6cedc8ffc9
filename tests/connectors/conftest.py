from collections.abc import Callable, Iterator

import pytest

from guestlist.connectors.allowance import Allowance
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.salesforce import Salesforce
from schemas.records import Crm
from schemas.settings import HubSpotSettings, SalesforceSettings, Secret
from tests.connectors.worlds import Served, served


@pytest.fixture
def limiter() -> LocalLimiter:
    """Counts, but never makes anybody wait."""
    return LocalLimiter({crm: Allowance(account="test") for crm in Crm})


@pytest.fixture
def hubspot_at(limiter: LocalLimiter) -> Callable[..., HubSpot]:
    def connect(address: str, **changes: object) -> HubSpot:
        settings = HubSpotSettings(base_url=address, token=Secret("a-token"), **changes)  # type: ignore[arg-type]
        return HubSpot.connect(settings, limiter=limiter, development=True)

    return connect


@pytest.fixture
def salesforce_at(limiter: LocalLimiter) -> Callable[..., Salesforce]:
    def connect(address: str, **changes: object) -> Salesforce:
        settings = SalesforceSettings(
            login_url=address,
            client_id="an-app",
            client_secret=Secret("its-secret"),
            **changes,  # type: ignore[arg-type]
        )
        return Salesforce.connect(settings, limiter=limiter, development=True)

    return connect


@pytest.fixture
def world() -> Iterator[Served]:
    """An empty portal and a new org, without limits."""
    with served() as world:
        yield world


@pytest.fixture
def salesforce(world: Served) -> Salesforce:
    return world.salesforce()


@pytest.fixture
def hubspot(world: Served) -> HubSpot:
    return world.hubspot()


@pytest.fixture
def people(world: Served) -> list[str]:
    """The ids of 250 contacts; every second one is a customer."""
    return world.call(lambda: [_person(world, number) for number in range(250)])


def _person(world: Served, number: int) -> str:
    properties = {
        "email": f"person{number}@example.com",
        "lastname": f"Name {number}",
        "lifecyclestage": "customer" if number % 2 else "lead",
    }
    return world.world.portal.create("contacts", properties)


@pytest.fixture(scope="module")
def shared() -> Iterator[Salesforce]:
    """An org for tests that only read."""
    with served() as world:
        yield world.salesforce()
