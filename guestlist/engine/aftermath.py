"""After a batch was written: how old its proofs were, and who left the list meanwhile."""

from collections.abc import Mapping, Sequence

import structlog

from guestlist.domain.ages import Ages, tally
from guestlist.domain.decide import Facts
from guestlist.domain.errors import SyncError
from guestlist.domain.gate import Inclusion
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.settle import Applied
from guestlist.domain.write import Accepted
from guestlist.engine.sources import Sources


def written(facts: Sequence[Facts], applied: Mapping[str, Applied]) -> list[Facts]:
    """Return the records that a CRM took a write of by a membership proof."""
    return [
        each
        for each in facts
        if each.proof and any(isinstance(x, Accepted) for x in applied.get(each.key, ()))
    ]


def proof_ages(sources: Sources, done: Sequence[Facts]) -> Ages:
    """Return how old the proofs are now that all is answered: at the writes they were no older."""
    now = sources.clock()
    return tally(now - each.proof.read_at for each in done if each.proof)


def late_exits(
    sources: Sources, done: Sequence[Facts], inclusion: Inclusion | None, mapping: CompiledMapping
) -> frozenset[str]:
    """Return the keys of those who left the list between their proof and now, and log them.

    A call a hundred records.  What is written stays; what is out stays out from here on.
    """
    ids = {each.record.id: each for each in done if each.record}
    if not ids or inclusion is None or inclusion.definition is None:
        return frozenset()
    list_id, log = inclusion.definition.list_id, structlog.get_logger()
    try:
        memberships = sources.hubspot.memberships(mapping.object.hubspot_type_id, [*ids])
    except SyncError as error:
        log.warning("exits_not_checked", records=len(ids), error=type(error).__name__)
        return frozenset()
    left = [id for id in ids if list_id not in memberships.get(id, frozenset())]
    for id in left:
        log.warning("late_exit", object=mapping.object.name, key=id, list=list_id)
    return frozenset(ids[id].key for id in left)
