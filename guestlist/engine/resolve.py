"""Find the record a person means, whichever CRM it was named in."""

from collections.abc import Iterable, Mapping, Sequence

from guestlist.connectors.salesforce import Lookup
from guestlist.domain.errors import Missing
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.match import converted
from guestlist.domain.reference import Email, RecordId, crm_of, read_reference
from guestlist.engine.services import Services
from guestlist.store import links
from schemas.records import Crm, SalesforceRecord
from schemas.settings import Lane


def resolve(services: Services, name: str, text: str) -> str:
    """Return the key of the record *text* names: its HubSpot id, or that of a Salesforce record
    whose contact HubSpot does not know.

    Raises ``Missing`` when neither CRM has it, or several records of Salesforce go by it.
    """
    mapping = services.schemas.compiled(name)
    match read_reference(text):
        case RecordId(Crm.HUBSPOT, record_id):
            return record_id
        case RecordId(Crm.SALESFORCE, twin_id):
            return _by_twin(services, mapping, twin_id)
        case Email(address):
            return _by_email(services, mapping, address)
        case _:
            message = f"{text!r} is no id, e-mail address or page of HubSpot or Salesforce"
            raise Missing(message)


def resolve_all(services: Services, name: str, texts: Iterable[str]) -> list[str]:
    """Return the keys of the records that are to be looked at, each once.

    Raises ``Missing`` also for an id that HubSpot has neither live, merged nor in its recycle bin,
    unless we know it from a link.
    """
    keys = list(dict.fromkeys(resolve(services, name, each) for each in texts))
    if unknown := _unknown(services, name, [key for key in keys if crm_of(key) is Crm.HUBSPOT]):
        raise Missing(f"HubSpot has no record {', '.join(unknown)}")
    return keys


def _unknown(services: Services, name: str, ids: Sequence[str]) -> list[str]:
    type = services.schemas.object(name).hubspot_type
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    with services.database.read() as connection:
        known = set(links.get_many(connection, name, ids))
    for ask in (
        lambda left: hubspot.read(type, left, []),
        lambda left: hubspot.archived(type, left, []),
        lambda left: hubspot.resolve(type, left),
    ):
        left = [id for id in ids if id not in known]
        known |= set(ask(left)) if left else set()
    return [id for id in ids if id not in known]


def _by_twin(services: Services, mapping: CompiledMapping, twin_id: str) -> str:
    with services.database.read() as connection:
        known = links.by_twin(connection, mapping.object.name, [twin_id])
    if known:
        return known[twin_id].key
    rows = _salesforce_rows(services, mapping, dict.fromkeys(mapping.types, "Id"), twin_id)
    if not rows:
        message = f"Salesforce has no record {twin_id} of a synced object"
        raise Missing(message)
    row = rows[0]
    if key := row.fields.get(mapping.object.external_id):
        return str(key)
    address = mapping.found_by(row)
    contact = _contact(services, mapping, address) if address else None
    return contact or row.id


def _by_email(services: Services, mapping: CompiledMapping, address: str) -> str:
    if contact := _contact(services, mapping, address):
        return contact
    fields = {kind: field for kind, each in mapping.types.items() if (field := each.match_field)}
    match [row.id for row in _salesforce_rows(services, mapping, fields, address)]:
        case []:
            message = "neither HubSpot nor Salesforce has it"
            raise Missing(message)
        case [alone]:
            return alone
        case several:
            ids = ", ".join(several)
            message = (
                f"HubSpot does not have it, and several Salesforce records do: name one, {ids}"
            )
            raise Missing(message)


def _contact(services: Services, mapping: CompiledMapping, address: str) -> str | None:
    if mapping.match_property is None:
        return None
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    found = hubspot.find(mapping.object.hubspot_type, mapping.match_property, [address], [])
    return next((each.id for each in found.values()), None)


def _salesforce_rows(
    services: Services, mapping: CompiledMapping, fields: Mapping[str, str], value: str
) -> list[SalesforceRecord]:
    """Return the live rows whose field, by type, has that value; a converted lead is none."""
    salesforce = services.salesforce.on(Lane.INTERACTIVE)
    lookups = [
        Lookup(kind, mapping.types[kind].fields, {field: [value]}) for kind, field in fields.items()
    ]
    rows = [row for each in salesforce.lookup(lookups).values() for row in each]
    live = [row for row in rows if not converted(row)]
    return live or rows
