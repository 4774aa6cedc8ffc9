"""What a first sync is about to write, noted before it does: its worker may end before it is done.

Without it the pair would be new to the next look, and a value that a person cleared meanwhile would
be filled again: where nothing was ever agreed on, a value beats a blank.
"""

from datetime import datetime
from typing import NamedTuple

from guestlist.domain import canonical
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.seen import believed
from guestlist.domain.write import Agreed, Intent, Plan, Sides
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
    Of all other values it is told by themselves.
    """
    if not plan.writes:
        return None
    sent = {crm: frozenset(x.property for x in plan.sent if x.crm is crm) for crm in Crm}
    into_salesforce = frozenset[str]() if _marks(plan) else sent[Crm.SALESFORCE]
    doubtful = sent[Crm.HUBSPOT] | into_salesforce
    kept = {name: before[name] for name in sorted(doubtful) if name in before}
    return Intent(dict(plan.agreed), sent[Crm.HUBSPOT], into_salesforce, kept)


def begun(
    noted: Noted | None, record: HubSpotRecord, twin: SalesforceRecord, mapping: CompiledMapping
) -> Agreed | None:
    """Return what both sides may be taken to have agreed on; ``None``: nothing arrived.

    What was sent to a side that does not hold it never arrived, or was changed since: what was
    agreed on before counts then.
    """
    carried = canonical.text(twin.fields.get(mapping.object.external_id))
    if noted is None or carried != noted.key:
        return None
    intent, now = noted.intent, _held(record, twin, mapping)
    agreed = dict(intent.agreed)
    for name in intent.into_hubspot | intent.into_salesforce:
        meant, held = agreed.pop(name, None), now.get(name)
        if meant is not None and held is not None and _arrived(name, meant, held, intent):
            agreed[name] = meant
        elif name in intent.before:
            agreed[name] = intent.before[name]
    return believed(agreed, noted.at, record, twin, mapping)


def reached(
    noted: Noted | None, record: HubSpotRecord, twin: SalesforceRecord, mapping: CompiledMapping
) -> Agreed | None:
    """Return what the one sync of a contact in no list agreed on; ``None``: it never arrived.

    HubSpot takes a write as a whole or not at all: one of its values tells.
    """
    if noted is None:
        return None
    agreed, now = noted.intent.agreed, _held(record, twin, mapping)
    sent = [name for name in noted.intent.into_hubspot if name in agreed and name in now]
    if not any(now[name].hubspot == agreed[name].hubspot for name in sent):
        return None
    return believed(agreed, noted.at, record, twin, mapping)


def _held(
    record: HubSpotRecord, twin: SalesforceRecord, mapping: CompiledMapping
) -> dict[str, Sides]:
    return {
        pair.hubspot: Sides(
            pair.read_hubspot(record.properties.get(pair.hubspot)),
            pair.read_salesforce(twin.fields.get(pair.salesforce)),
        )
        for pair in mapping.types[twin.type].pairs
    }


def _arrived(name: str, meant: Sides, held: Sides, intent: Intent) -> bool:
    """Tell whether each side that a value was sent to holds it."""
    hubspot = name not in intent.into_hubspot or held.hubspot == meant.hubspot
    salesforce = name not in intent.into_salesforce or held.salesforce == meant.salesforce
    return hubspot and salesforce


def _marks(plan: Plan) -> bool:
    write = plan.salesforce
    return write is not None and (write.id is None or write.external_id_field in write.fields)
