"""Whether the sync kept its promises, judged from what the CRMs accepted and now hold.

Nothing here comes from our own tables: the journal, the list and the records are the sandbox's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

CALLER = "guestlist"
"""The journal's name for our token; a person's edits and the seeding bear others."""
EXTERNAL_ID = "HubSpot_Contact_Id__c"
SAME = {"email": "Email", "firstname": "FirstName", "lastname": "LastName", "jobtitle": "Title"}
"""Values that have to be equal on both sides, but for case and space."""

Row = Mapping[str, Any]


class Evidence(NamedTuple):
    """What the sandbox says after everything."""

    list_id: str
    members: frozenset[str]
    journal: Sequence[Row]
    second_run_after: int
    """The journal's length when the second run was started."""
    hubspot: Sequence[Row]
    """Live contacts."""
    salesforce: Sequence[Row]
    """Live contacts and leads."""


class Proof(NamedTuple):
    """The verdict in numbers; the last three have to be zero."""

    members_in_step: int
    members_failed: int
    outside_written: int
    duplicates: int
    second_run_writes: int


def prove(evidence: Evidence) -> Proof:
    """Judge the evidence."""
    ours = [entry for entry in evidence.journal if entry["caller"] == CALLER]
    in_step = set(_in_step(evidence))
    return Proof(
        members_in_step=len(in_step),
        members_failed=len(evidence.members - in_step),
        outside_written=sum(not was_member(entry, evidence.list_id) for entry in ours),
        duplicates=duplicates(evidence.salesforce, ours),
        second_run_writes=sum(entry["seq"] > evidence.second_run_after for entry in ours),
    )


def broken(proof: Proof, *, members: int, unchanged: int, refused: int) -> list[str]:
    """Return every promise that was not kept, a sentence each; empty: the proof holds.

    *unchanged* and *refused* are what the second run said about the members: what the CRMs
    hold has to agree with it.
    """
    found = {
        "nobody was in the list: this proves nothing": members == 0,
        f"{proof.outside_written} writes concern contacts outside the list": proof.outside_written,
        f"{proof.duplicates} contacts have two Salesforce records": proof.duplicates,
        f"the second run wrote {proof.second_run_writes} times": proof.second_run_writes,
        f"{proof.members_in_step} members are in step, the last run says {unchanged}": (
            proof.members_in_step != unchanged
        ),
        f"{proof.members_failed} members are not in step, the last run explains {refused}": (
            proof.members_failed != refused
        ),
    }
    return [sentence for sentence, true in found.items() if true]


def was_member(entry: Row, list_id: str) -> bool:
    """Whether the contact passed the list's own filter then; a write about nobody knows did not."""
    held = entry["lists"].get(list_id)
    return bool(entry["contact_id"] and held and held["by_filter"])


def duplicates(rows: Iterable[Row], ours: Iterable[Row]) -> int:
    """Count the contacts that have two live records, or for whom we created two."""
    return len(_doubled(rows) | _created_twice(ours))


def in_step_with(hubspot: Row, salesforce: Row) -> bool:
    """Tell whether the fields of a contact and of its twin hold the same."""
    return all(_plain(hubspot.get(a)) == _plain(salesforce.get(b)) for a, b in SAME.items())


def _in_step(evidence: Evidence) -> Iterator[str]:
    """Yield members whose one Salesforce record bears their id and holds the same values."""
    twins = {row["fields"].get(EXTERNAL_ID): row["fields"] for row in evidence.salesforce}
    for contact in evidence.hubspot:
        twin = twins.get(contact["id"])
        if contact["id"] in evidence.members and twin and in_step_with(contact["fields"], twin):
            yield contact["id"]


def _plain(value: Any) -> str:
    return " ".join(str(value or "").casefold().split())


def _doubled(rows: Iterable[Row]) -> set[str]:
    """Return the HubSpot ids that more than one live record bears."""
    borne = Counter(row["fields"].get(EXTERNAL_ID) for row in rows)
    return {id for id, records in borne.items() if id and records > 1}


def _created_twice(ours: Iterable[Row]) -> set[str]:
    """Return the contacts for whom we created more than one record."""
    created = Counter(
        entry["contact_id"]
        for entry in ours
        if entry["crm"] == "salesforce" and entry["operation"] == "create"
    )
    return {id for id, records in created.items() if id and records > 1}
