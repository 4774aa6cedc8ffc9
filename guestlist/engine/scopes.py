"""What the credential for HubSpot may do: by HubSpot's word, by the grant, or by trying."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from guestlist.connectors.hubspot import HubSpot
from guestlist.domain.errors import Missing, Unauthorized
from guestlist.domain.scopes import LISTS_READ, OWNERS_READ, Scope, of_objects, scopes_for
from guestlist.engine.services import Services
from guestlist.store import grants
from schemas.mapping import ObjectMapping
from schemas.records import Crm
from schemas.settings import Lane

Trial = Callable[[HubSpot], object]


def granted(services: Services) -> frozenset[str] | None:
    """Return the scopes of our credential; ``None``: HubSpot does not tell, as of service keys."""
    if services.settings.hubspot.client_id:
        with services.database.read() as conn:
            return frozenset(grants.scopes(conn, Crm.HUBSPOT)) or None
    return services.hubspot.on(Lane.INTERACTIVE).scopes()


def refused(hubspot: HubSpot, objects: Iterable[ObjectMapping]) -> Iterator[Scope]:
    """Yield the scopes for reading that a call shows to be missing; nothing is changed."""
    mappings = list(objects)
    trials = dict(_trials(each.hubspot_type for each in mappings))
    for scope in scopes_for(mappings):
        trial = trials.get(scope.name)
        if trial and not scope.writes and not _allowed(hubspot, trial):
            yield scope


def _trials(types: Iterable[str]) -> Iterator[tuple[str, Trial]]:
    yield LISTS_READ, lambda hubspot: hubspot.list("1")
    yield OWNERS_READ, HubSpot.owners
    for type in types:
        yield of_objects("schemas", type, "read"), partial(HubSpot.describe, type=type)
        one = partial(HubSpot.read, type=type, ids=["1"], properties=[])
        yield of_objects("objects", type, "read"), one


def _allowed(hubspot: HubSpot, trial: Trial) -> bool:
    try:
        trial(hubspot)
    except Missing:
        return True  # it was allowed to look
    except Unauthorized:
        return False
    return True
