"""A sandbox world behind sockets, with clients that speak to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

from guestlist.connectors.allowance import Allowance
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.salesforce import Salesforce
from sandbox.crm import CRM
from sandbox.faults import Kind, Rule
from sandbox.mount import Addresses, serve
from sandbox.world import World
from schemas.records import Crm
from schemas.settings import HubSpotSettings, SalesforceSettings, Secret

T = TypeVar("T")


def _any_id() -> str:
    return uuid4().hex


@dataclass(frozen=True)
class Served:
    """One world and its addresses; touch the world only through ``call``."""

    world: World
    addresses: Addresses

    def call(self, work: Callable[[], T]) -> T:
        return self.addresses.listening.call(work)

    def fault(self, crm: CRM, kind: Kind, route: str, **more: Any) -> None:
        self.call(lambda: self.world.faults.add(Rule(crm, kind, route, **more)))

    def org_options(self, **switches: Any) -> None:
        self.call(lambda: self.world.set_options(CRM.SALESFORCE, switches))

    def portal_options(self, **switches: Any) -> None:
        self.call(lambda: self.world.set_options(CRM.HUBSPOT, switches))

    def row(self, id: str) -> dict[str, Any]:
        found = self.call(lambda: self.world.org.find(id))
        assert found
        return dict(found.values)

    def salesforce(self, *, new_id: Callable[[], str] = _any_id, **changes: Any) -> Salesforce:
        held = self.world.credentials
        settings = SalesforceSettings(
            login_url=self.addresses.salesforce,
            client_id=held.salesforce_client_id,
            client_secret=Secret(held.salesforce_client_secret),
            **changes,
        )
        return Salesforce.connect(settings, limiter=free(), development=True, new_id=new_id)

    def hubspot(self, *, new_id: Callable[[], str] = _any_id, **changes: Any) -> HubSpot:
        token = changes.pop("token", self.world.credentials.hubspot_token)
        settings = HubSpotSettings(base_url=self.addresses.hubspot, token=Secret(token), **changes)
        return HubSpot.connect(settings, limiter=free(), development=True, new_id=new_id)


def free() -> LocalLimiter:
    """A limiter that counts and obeys penalties, but has no windows."""
    return LocalLimiter({crm: Allowance(account="test") for crm in Crm})


@contextmanager
def served() -> Iterator[Served]:
    world = World("connectors")
    world.lift_limits()
    with serve(world) as addresses:
        yield Served(world, addresses)
