"""Who owns a record: users of both CRMs, told to be one person by e-mail address and name.

An owner is no value like others.  Salesforce always has one; HubSpot may have none, or somebody
who is no user of Salesforce; and a queue is nobody HubSpot knows.  What a CRM can not hold stays
where it is, and is no reason to refuse the record.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from guestlist.domain import canonical
from guestlist.domain.reference import long_id
from guestlist.domain.write import Sides
from schemas.records import Owner

USER = "user"
"""A full user; queues, partners and guests only come over from Salesforce."""


@dataclass(frozen=True, slots=True)
class Owners:
    """Everybody who can own a record; built once per process."""

    hubspot: Mapping[str, str] = field(default_factory=dict)
    """HubSpot owner id -> who that is, also of those who left."""
    salesforce: Mapping[str, str] = field(default_factory=dict)
    """The same of Salesforce's users and queues."""
    hubspot_ids: Mapping[str, str] = field(default_factory=dict)
    """Who -> the id of their one active owner in HubSpot."""
    user_ids: Mapping[str, str] = field(default_factory=dict)
    """Who -> the id of their one active user in Salesforce."""

    def in_hubspot(self, value: object) -> str | None:
        """Say who a HubSpot owner id is; one that is not known keeps its own spelling."""
        id = canonical.text(value)
        return id and self.hubspot.get(id, id)

    def in_salesforce(self, value: object) -> str | None:
        """Say who a Salesforce id is; one that is not known keeps its own spelling."""
        id = canonical.text(value)
        return id and self.salesforce.get(long_id(id), id)

    def within(self, now: Sides, agreed: Sides | None, wanted: Sides) -> Sides:
        """Bring what the rule wants within what each CRM can hold.

        HubSpot's documented rules: an owner reaches Salesforce only as an active user, else
        HubSpot's goes back to Salesforce's; Salesforce's is never cleared, and wins the first
        time.  Who is not known at all may have been added since the users were read: they are
        left alone until that is known.
        """
        owner = self._chosen(now, agreed, wanted)
        return Sides(
            owner if owner in self.hubspot_ids else now.hubspot,
            owner if owner in self.user_ids else now.salesforce,
        )

    def _chosen(self, now: Sides, agreed: Sides | None, wanted: Sides) -> str | None:
        if now.salesforce is None:
            return wanted.salesforce
        if agreed is None or wanted.salesforce == now.salesforce != agreed.salesforce:
            return now.salesforce
        if now != agreed and wanted.salesforce in self.user_ids:
            return wanted.salesforce
        return None if _unknown(now.hubspot) else now.salesforce


def directory(hubspot: Iterable[Owner], salesforce: Iterable[Owner]) -> Owners:
    """Match both CRMs' owners.

    Two active owners of one address and name can not be told apart: nothing is written for them.
    """
    ours, theirs = tuple(hubspot), tuple(salesforce)
    users = (owner for owner in theirs if owner.kind == USER)
    return Owners(
        hubspot={owner.id: _who(owner) for owner in ours},
        salesforce={owner.id: _who(owner) for owner in theirs},
        hubspot_ids=_single(ours),
        user_ids=_single(users),
    )


def _unknown(who: str | None) -> bool:
    """Tell whether this is a HubSpot owner id that was in none of the pages read."""
    return who is not None and who.isdecimal()


def _who(owner: Owner) -> str:
    """The spelling by which two owners are the same; without address or name they never are."""
    name = " ".join(owner.name.split()).lower()
    if owner.email and name:
        return f"{name} <{owner.email.strip().lower()}>"
    return f"{owner.kind} {owner.id}"


def _single(owners: Iterable[Owner]) -> dict[str, str]:
    active = [(_who(owner), owner.id) for owner in owners if owner.active]
    times = Counter(who for who, _ in active)
    return {who: id for who, id in active if times[who] == 1}


NO_OWNERS = Owners()
