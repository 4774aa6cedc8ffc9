"""Find the record a person means, whichever CRM it was named in."""

from guestlist.connectors.salesforce import Lookup
from guestlist.domain.errors import Missing
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.reference import Email, RecordId, read_reference
from guestlist.engine.services import Services
from guestlist.store import links
from schemas.records import Crm, SalesforceRecord
from schemas.settings import Lane


def resolve(services: Services, name: str, text: str) -> str:
    """Return the key of the record *text* names: its HubSpot id, or that of a Salesforce record
    whose contact HubSpot does not know.

    Raises ``Missing`` when neither CRM has it.
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


def _by_twin(services: Services, mapping: CompiledMapping, twin_id: str) -> str:
    with services.database.read() as connection:
        known = links.by_twin(connection, mapping.object.name, [twin_id])
    if known:
        return known[twin_id].key
    row = _salesforce_row(services, mapping, "Id", twin_id)
    if row is None:
        message = f"Salesforce has no record {twin_id} of a synced object"
        raise Missing(message)
    if key := row.fields.get(mapping.object.external_id):
        return str(key)
    address = mapping.found_by(row)
    contact = _contact(services, mapping, address) if address else None
    return contact or row.id


def _by_email(services: Services, mapping: CompiledMapping, address: str) -> str:
    if contact := _contact(services, mapping, address):
        return contact
    for compiled in mapping.types.values():
        field = compiled.match_field
        if field and (row := _salesforce_row(services, mapping, field, address)):
            return row.id
    message = "neither HubSpot nor Salesforce has it"
    raise Missing(message)


def _contact(services: Services, mapping: CompiledMapping, address: str) -> str | None:
    if mapping.match_property is None:
        return None
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    found = hubspot.find(mapping.object.hubspot_type, mapping.match_property, [address], [])
    return next((each.id for each in found.values()), None)


def _salesforce_row(
    services: Services, mapping: CompiledMapping, field: str, value: str
) -> SalesforceRecord | None:
    salesforce = services.salesforce.on(Lane.INTERACTIVE)
    lookups = [
        Lookup(compiled.type, compiled.fields, {field: [value]})
        for compiled in mapping.types.values()
        if field in {"Id", compiled.match_field}
    ]
    rows = salesforce.lookup(lookups)
    return next((row for each in rows.values() for row in each), None)
