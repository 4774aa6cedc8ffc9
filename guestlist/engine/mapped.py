"""Reading by a mapping whose fields may be gone since their schema was last read."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from guestlist.domain.ending import Applied
from guestlist.domain.errors import Misconfigured, Unauthorized
from guestlist.domain.facts import Facts
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.verdict import outdated
from guestlist.engine.services import Services

T = TypeVar("T")
_UNSEEN_AGAIN = timedelta(seconds=60)
"""How often the schema is read again because a property is missing from answers."""


def by_mapping(
    services: Services, name: str, read: Callable[[CompiledMapping], T]
) -> tuple[CompiledMapping, T]:
    """Read by the mapping of an object; where a CRM refuses its fields, by what is left of them.

    Raises ``Misconfigured`` where the schema, read anew, says nothing else.
    """
    mapping = services.schemas.compiled(name)
    try:
        return mapping, read(mapping)
    except Unauthorized:
        raise
    except Misconfigured:
        services.schemas.doubt(name)
        newer = services.schemas.compiled(name)
        if newer.held == mapping.held:
            raise
        return newer, read(newer)


def doubt_unseen(services: Services, facts: Sequence[Facts], mapping: CompiledMapping) -> None:
    """Have the schema read again if HubSpot left a mapped property out of an answer."""
    read = (each.record for each in facts if each.record and not each.record.archived)
    if any(not record.properties.keys() >= mapping.mapped for record in read):
        services.schemas.doubt(mapping.object.name, unless_younger=_UNSEEN_AGAIN)


def doubt_refused(services: Services, applied: Iterable[Applied], mapping: CompiledMapping) -> None:
    """Have the schema read again if a CRM refused a field, whatever its value."""
    if any(outdated(each.salesforce, each.hubspot) for each in applied):
        services.schemas.doubt(mapping.object.name)
