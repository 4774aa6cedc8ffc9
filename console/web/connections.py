"""Whether both CRMs answer, as whom, and what their credentials may read: by asking them."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from console.exits import tell
from console.planning import salesforce_left
from guestlist.domain.errors import MissingScope
from guestlist.domain.scopes import lacking
from guestlist.engine import scopes as engine
from guestlist.engine.services import Services
from schemas.records import Crm
from schemas.settings import Lane


class Probe(NamedTuple):
    """One question to a CRM, and its answer."""

    crm: Crm
    what: str
    good: bool
    said: str
    fix: str = ""


def probe(services: Services, name: str) -> list[Probe]:
    """Ask both CRMs everything that a sync of an object needs to read; nothing is written."""
    asked = {
        Crm.HUBSPOT: _of_hubspot(services, name),
        Crm.SALESFORCE: _of_salesforce(services, name),
    }
    return [_answer(crm, what, ask) for crm, questions in asked.items() for what, ask in questions]


Question = tuple[str, Callable[[], str]]


def _of_hubspot(services: Services, name: str) -> Iterator[Question]:
    mapping, hubspot = services.schemas.object(name), services.hubspot.on(Lane.INTERACTIVE)

    def account() -> str:
        found = hubspot.account()
        return f"account {found.portal_id}, {found.account_type.lower() or 'standard'}"

    def properties() -> str:
        found = hubspot.describe(mapping.hubspot_type)
        return f"{len(found.fields):,} properties of {mapping.hubspot_type}"

    def lists() -> str:
        return f"{len(hubspot.lists('', type_id=mapping.hubspot_type_id)):,} lists"

    def records() -> str:
        hubspot.read(mapping.hubspot_type, ["1"], ["hs_object_id"])
        return f"may read {mapping.hubspot_type}"

    def usage() -> str:
        found = hubspot.usage()
        return f"{found.used:,} of {found.limit:,} calls today" if found else "does not count"

    def scopes() -> str:
        granted = engine.granted(services)
        if missing := lacking([mapping], granted):
            raise MissingScope("; ".join(f"lacks {each.name}, for {each.use}" for each in missing))
        return "not told by HubSpot" if granted is None else f"{len(granted)}, all that is needed"

    yield "account", account
    yield "scopes", scopes
    yield "properties", properties
    yield "lists", lists
    yield "records", records
    yield "calls of the day", usage


def _of_salesforce(services: Services, name: str) -> Iterator[Question]:
    mapping = services.schemas.object(name)
    salesforce = services.salesforce.on(Lane.INTERACTIVE)

    def org() -> str:
        found = salesforce.organization()
        kind = "sandbox" if found.is_sandbox else "PRODUCTION"
        return f"{found.name}, org {found.id}, {kind}, user {found.user_id}"

    def fields(kind: str) -> str:
        found = salesforce.describe(kind)
        writable = sum(each.updateable for each in found.fields.values())
        return f"{len(found.fields):,} fields, {writable:,} of them may be written"

    def allowance() -> str:
        left = salesforce_left(salesforce)
        if left.used is None or left.limit is None:
            return "not told by Salesforce"
        return f"{left.used:,} of {left.limit:,} calls in 24 h"

    yield "org", org
    for kind in mapping.salesforce_types:
        yield kind, partial(fields, kind)
    yield "calls of the day", allowance


def _answer(crm: Crm, what: str, ask: Callable[[], str]) -> Probe:
    try:
        return Probe(crm, what, good=True, said=ask())
    except Exception as error:  # noqa: BLE001
        told = tell(error)
        return Probe(crm, what, good=False, said=told.message, fix=told.fix)


def by_crm(probes: list[Probe]) -> Mapping[Crm, list[Probe]]:
    """Return the answers of each CRM."""
    return {crm: [each for each in probes if each.crm is crm] for crm in Crm}
