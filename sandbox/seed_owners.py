"""Who owns what: the org's own people have HubSpot seats, and each CRM has some of its own."""

from typing import NamedTuple

from sandbox.hubspot.portal import Portal
from sandbox.salesforce.org import Org

_ONLY_HERE = ("marta.lindqvist@acme-sandbox.example", "Marta", "Lindqvist")
"""An owner without a user in Salesforce."""
_UNOWNED_EVERY = 3


class Owners(NamedTuple):
    """Owner ids of HubSpot."""

    shared: tuple[str, ...]
    """Those whose e-mail address an active user of Salesforce has."""
    only_here: str

    def of(self, number: int) -> str | None:
        """Return the owner of contact *number*: none for every third, few without a user."""
        turn, rest = divmod(number, _UNOWNED_EVERY)
        if rest == 0:
            return None
        return self.only_here if turn % 10 == 9 else self.shared[turn % len(self.shared)]


def add_owners(portal: Portal, org: Org) -> Owners:
    """Seat the salespeople of *org* in *portal*, one who is alone there, and one who has left."""
    shared = []
    for record in org.table("User").rows.values():
        known = [str(record.values[name]) for name in ("Email", "FirstName", "LastName")]
        if not record.values["IsActive"]:
            portal.add_owner(*known, archived=True)
        elif record.id not in (org.admin_id, org.integration_user_id):
            shared.append(portal.add_owner(*known))
    return Owners(tuple(shared), portal.add_owner(*_ONLY_HERE))
