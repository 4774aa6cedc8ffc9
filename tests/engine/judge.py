"""The proofs that hold after anything: read from the journal and from the rows, never from us."""

from collections import Counter

from guestlist.domain.outcome import WorkState
from guestlist.store.runs import Run
from sandbox.crm import CRM
from tests.engine.world import Installation


def accounted(here: Installation, run: Run) -> None:
    """Enumerated = outcomes + waiting, on the run's row and by its work rows alike."""
    rows = here.rows(run)
    ended = Counter(row.outcome for row in rows.values() if row.outcome)
    assert run.enumerated == len(rows)
    assert {outcome: count for outcome, count in run.outcomes.items() if count} == ended
    assert run.waiting == sum(row.state is not WorkState.DONE for row in rows.values())


def nobody_outside_was_written(here: Installation) -> None:
    """Every write was for somebody who passes the list's filter and was in the list."""
    inclusion = here.inclusion
    outside = [
        entry
        for entry in here.writes()
        if inclusion not in entry.lists
        or not entry.lists[inclusion].by_filter
        or not entry.lists[inclusion].evaluated
    ]
    assert outside == []


def nothing_is_there_twice(here: Installation) -> None:
    """No contact has two twins, and each that was created was created once."""
    carried = Counter(
        record.values.get("HubSpot_Contact_Id__c")
        for name in ("Contact", "Lead")
        for record in here.world.org.table(name).rows.values()
        if not record.deleted
    )
    del carried[None]
    assert [key for key, count in carried.items() if count > 1] == []
    created = Counter(
        entry.contact_id for entry in here.writes(CRM.SALESFORCE) if entry.operation == "create"
    )
    assert [key for key, count in created.items() if count > 1] == []
