"""What a first sync is about to write, noted before it does: its worker may end before it is done.

Without it the pair would be new to the next look, and a value that a person cleared meanwhile would
be filled again: where nothing was ever agreed on, a value beats a blank.
"""

from datetime import datetime
from typing import NamedTuple

from guestlist.domain import canonical
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.seen import believed
from guestlist.domain.write import Agreed, Intent, Plan
from schemas.records import Crm, HubSpotRecord, SalesforceRecord


class Noted(NamedTuple):
    """An intent of a look whose end nobody recorded."""

    key: str
    """The HubSpot id that the twin was to carry: the record's, or of one merged into it since."""
    intent: Intent
    at: datetime


def intended(plan: Plan, before: Agreed) -> Intent | None:
    """Return what to note of a plan for a pair that is not linked yet; *before*: as noted so far.

    Our id arrives in Salesforce with the values or not at all, so it tells later whether they did.
    Of values that are sent to a twin that carries it already nothing tells.
    """
    if not plan.writes:
        return None
    sent = {crm: {each.property for each in plan.sent if each.crm is crm} for crm in Crm}
    agreed = dict(plan.agreed)
    if not _marks(plan):
        for name in sent[Crm.SALESFORCE] & agreed.keys():
            del agreed[name]
        agreed |= {name: before[name] for name in sent[Crm.SALESFORCE] if name in before}
    return Intent(agreed, frozenset(sent[Crm.HUBSPOT]))


def begun(
    noted: Noted | None, record: HubSpotRecord, twin: SalesforceRecord, mapping: CompiledMapping
) -> Agreed | None:
    """Return what both sides may be taken to have agreed on; ``None``: nothing arrived.

    What went into HubSpot counts where HubSpot still holds it.
    """
    carried = canonical.text(twin.fields.get(mapping.object.external_id))
    if noted is None or carried != noted.key:
        return None
    intent = noted.intent
    held = {
        pair.hubspot: pair.read_hubspot(record.properties.get(pair.hubspot))
        for pair in mapping.types[twin.type].pairs
        if pair.hubspot in intent.into_hubspot
    }
    agreed = {
        name: sides
        for name, sides in intent.agreed.items()
        if name not in intent.into_hubspot or held.get(name) == sides.hubspot
    }
    return believed(agreed, noted.at, record, twin, mapping)


def _marks(plan: Plan) -> bool:
    write = plan.salesforce
    return write is not None and (write.id is None or write.external_id_field in write.fields)
