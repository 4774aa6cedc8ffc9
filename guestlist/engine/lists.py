"""Choose, create and look at the inclusion list."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from guestlist.domain.brake import baseline_of
from guestlist.domain.criteria import Criterion, filter_branch
from guestlist.domain.errors import Misconfigured, Missing, Split
from guestlist.domain.explain import describe
from guestlist.domain.gate import Inclusion
from guestlist.domain.reason import Reason
from guestlist.engine.services import Services
from guestlist.store import inclusion as chosen
from guestlist.store import linked
from schemas.mapping import ObjectMapping
from schemas.records import ListDefinition
from schemas.settings import Lane

COUNT_AT_MOST = 50_000
"""Members read, at most, to say who enters and leaves: 200 calls."""


class Shift(NamedTuple):
    """Who a change of list concerns; ``None``: the lists are too large to count exactly."""

    enter: int | None
    leave: int | None


class Exchange(NamedTuple):
    """The same by id."""

    enter: frozenset[str] | None
    leave: frozenset[str] | None


def find_list(services: Services, name: str, wanted: str) -> ListDefinition:
    """Return the list with this id, or else this name; raises ``Missing``."""
    mapping = services.schemas.object(name)
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    if wanted.isdecimal():
        return hubspot.list(wanted)
    return hubspot.list_by_name(mapping.hubspot_type_id, wanted)


def show(services: Services, name: str) -> Inclusion | None:
    """Return the chosen list as it is now, not as last cached; ``None``: no list is set."""
    mapping = services.schemas.object(name)
    list_id = services.inclusions.chosen_id(mapping)
    return services.inclusions.look(mapping, list_id) if list_id else None


def usable(services: Services, name: str) -> tuple[Inclusion, ListDefinition]:
    """Return the inclusion list that a run goes over.

    Raises ``Misconfigured`` when none is set, or it can not decide who syncs.
    """
    inclusion = services.inclusions.current(services.schemas.object(name))
    if inclusion is None:
        message = f"no inclusion list is set for {name}: choose one with `guestlist list use LIST`"
        raise Misconfigured(message)
    if inclusion.problem or inclusion.definition is None:
        code = inclusion.problem or Reason.LIST_UNAVAILABLE
        message = f"the inclusion list of {name} can not be used: {code}, {describe(code).sentence}"
        raise Misconfigured(message)
    return inclusion, inclusion.definition


def refuse_unfit(mapping: ObjectMapping, definition: ListDefinition) -> None:
    """Raise ``Misconfigured`` when a list can not decide who syncs."""
    if not definition.active:
        message = (
            f"{definition.name} ({definition.list_id}) is a static list: only an active list, "
            "which HubSpot keeps up to date itself, can decide who syncs"
        )
        raise Misconfigured(message)
    if definition.object_type_id != mapping.hubspot_type_id:
        message = (
            f"{definition.name} ({definition.list_id}) is a list of {definition.object_type_id}, "
            f"not of {mapping.name} ({mapping.hubspot_type_id})"
        )
        raise Misconfigured(message)


def use(services: Services, name: str, definition: ListDefinition, *, by: str) -> None:
    """Make a list the inclusion list of an object.  This syncs nobody."""
    mapping = services.schemas.object(name)
    if mapping.inclusion_list and mapping.inclusion_list != definition.list_id:
        message = (
            f"the settings pin list {mapping.inclusion_list} for {name}: "
            f"change objects.{name}.inclusion_list there"
        )
        raise Misconfigured(message)
    refuse_unfit(mapping, definition)
    services.accounts.pin()
    now = services.clock()
    with services.database.begin() as connection:
        chosen.choose(
            connection,
            name,
            list_id=definition.list_id,
            name=definition.name,
            version=definition.version,
            who=by,
            now=now,
            baseline=baseline_of(definition),
        )


def clear(services: Services, name: str, *, by: str) -> None:
    """Set no list: from now on every record passes the gate."""
    mapping = services.schemas.object(name)
    if mapping.inclusion_list:
        message = f"the settings pin list {mapping.inclusion_list} for {name}: remove it there"
        raise Misconfigured(message)
    with services.database.begin() as connection:
        chosen.clear(connection, name, who=by, now=services.clock())


def create(
    services: Services, name: str, title: str, criteria: Sequence[Criterion]
) -> ListDefinition:
    """Make an active list in HubSpot from criteria that must all be met."""
    mapping = services.schemas.object(name)
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    described, _ = services.schemas.described(name)
    branch = filter_branch(criteria, described.fields)
    try:
        return hubspot.create_list(title, branch, type_id=mapping.hubspot_type_id)
    except Split as refused:
        raise Misconfigured(f"HubSpot refused the list: {refused}") from refused


def wait_until_processed(
    services: Services,
    list_id: str,
    *,
    progress: Callable[[ListDefinition], None],
    pause: Callable[[], bool],
) -> ListDefinition:
    """Return the list once HubSpot has evaluated it; *pause* says False when to stop waiting."""
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    definition = hubspot.list(list_id)
    while definition.processing_status == "PROCESSING":
        progress(definition)
        if not pause():
            break
        definition = hubspot.list(list_id)
    return definition


def shift(services: Services, name: str, definition: ListDefinition) -> Shift:
    """Return how many records enter and leave if *definition* becomes the inclusion list."""
    moves = exchange(services, name, definition)
    return Shift(*(None if side is None else len(side) for side in moves))


def exchange(services: Services, name: str, definition: ListDefinition) -> Exchange:
    """Return who enters and who leaves if *definition* becomes the inclusion list.

    Where no list is set, everybody may sync, and all leave who are linked and no members.  Of a
    list that is gone nobody is known to leave.
    """
    current = show(services, name)
    new = members(services, definition)
    entering = None if new is None else frozenset(new)
    if current is None:
        return Exchange(entering, None if new is None else frozenset(_linked(services, name) - new))
    if current.definition is None or current.problem is Reason.LIST_UNAVAILABLE:
        return Exchange(entering, frozenset())
    old = members(services, current.definition)
    if new is None or old is None:
        return Exchange(None, None)
    return Exchange(frozenset(new - old), frozenset(old - new))


def _linked(services: Services, name: str) -> set[str]:
    found: set[str] = set()
    after = ""
    with services.database.read() as connection:
        while keys := linked.page(connection, name, after_key=after):
            found.update(keys)
            after = keys[-1]
    return found


def members(services: Services, definition: ListDefinition) -> set[str] | None:
    """Return who is in a list now; ``None``: it is gone, or has too many to read at once."""
    if (definition.size or 0) > COUNT_AT_MOST:
        return None
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    found: set[str] = set()
    after: str | None = None
    while len(found) <= COUNT_AT_MOST:
        try:
            page = hubspot.members(definition.list_id, after=after)
        except Missing:
            return None
        found |= {member.record_id for member in page.members}
        after = page.after
        if after is None:
            return found
    return None
