"""One world: a clock, a journal, faults and the two CRMs, all grown from one seed."""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.crm import CRM
from sandbox.faults import Faults
from sandbox.hooks import Hooks
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.schema import Property
from sandbox.journal import Journal
from sandbox.journal_file import JournalFile
from sandbox.salesforce.auth import Client
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema.field import FieldSpec
from sandbox.wire import Request, Response

UNLIMITED = 10**12


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens the two CRMs; derived from the seed, so the same seed opens the same world."""

    hubspot_token: str
    hubspot_user_token: str
    """A second app's token: its writes are journalled as a person's."""
    salesforce_client_id: str
    salesforce_client_secret: str


class World:
    """Everything the sandbox holds; only ever touched from one thread.

    ``landmarks`` are the ids and credentials a newcomer needs: the lists, the people to look at.
    """

    def __init__(self, seed: str, *, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.journal = Journal()
        self.journal_file = JournalFile(self.journal)
        self.hooks = Hooks(self.clock)
        self.clear(seed)

    def clear(self, seed: str) -> None:
        """Start over with empty CRMs, no faults and an empty journal; the clock stays as it is."""
        self.seed = seed
        self.hooks.clear()
        self.journal.listener = None
        self.credentials = _credentials(seed)
        self.landmarks: dict[str, Any] = asdict(self.credentials)
        self.faults = Faults(self.clock, seed)
        self.first_properties: dict[tuple[str, str], Property] = {}
        self.first_fields: dict[tuple[str, str], FieldSpec] = {}
        """By type and name: what control changed of a schema, as it was at first."""
        self.dice = {crm: random.Random(f"{seed}/{crm}") for crm in CRM}
        self.portal = Portal(self.clock, self.journal, self.dice[CRM.HUBSPOT])
        self.org = Org(self.clock, self.journal, self.dice[CRM.SALESFORCE])
        self.journal.membership = self.portal.membership
        self.org.contact_by_email = self._contact_by_email
        self.admit()
        self.journal.entries.clear()
        self.journal_file.restart()
        self.hooks.portal_id = self.portal.portal_id
        self.hooks.organization_id = self.org.organization_id
        self.journal.listener = self.hooks.hear

    def _contact_by_email(self, email: str) -> str | None:
        found = self.portal.store_of("contacts").by_unique("email", email)
        return found.id if found else None

    def admit(self) -> None:
        """Let the seed's credentials in."""
        held = self.credentials
        self.portal.tokens[held.hubspot_token] = "guestlist"
        self.portal.tokens[held.hubspot_user_token] = "user"
        self.org.clients[held.salesforce_client_id] = Client(
            held.salesforce_client_secret, "guestlist", self.org.integration_user_id
        )

    def handle(self, crm: CRM, request: Request) -> Response:
        """Let *crm* answer one request."""
        match crm:
            case CRM.HUBSPOT:
                return self.portal.handle(request)
            case CRM.SALESFORCE:
                return self.org.handle(request)

    def options(self, crm: CRM) -> dict[str, Any]:
        """Return *crm*'s switches."""
        return (self.portal if crm is CRM.HUBSPOT else self.org).options.to_mapping()

    def set_options(self, crm: CRM, given: Mapping[str, Any]) -> None:
        """Set the named switches of *crm*; raises ``TypeError`` or ``ValueError`` on bad values."""
        match crm:
            case CRM.HUBSPOT:
                self.portal.options.update(given)
            case CRM.SALESFORCE:
                self.org.set_options(given)

    def close(self) -> None:
        """End what goes on beside the requests: the journal's file, and what is sent to others."""
        self.hooks.clear()
        self.journal_file.close()

    def lift_limits(self) -> None:
        """Let every client call as often as it likes."""
        self.portal.options.limits_enabled = False
        self.org.set_options({"daily_limit": UNLIMITED})


def _credentials(seed: str) -> Credentials:
    dice = random.Random(f"{seed}/credentials")

    def secret(length: int) -> str:
        return f"{dice.getrandbits(length * 4):0{length}x}"

    return Credentials(
        hubspot_token=f"pat-na1-{secret(32)}",
        hubspot_user_token=f"pat-na1-{secret(32)}",
        salesforce_client_id=f"3MVG9{secret(40)}",
        salesforce_client_secret=secret(64).upper(),
    )
