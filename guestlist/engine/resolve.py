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
    """Return the HubSpot id of the record *text* names.

    Raises ``Missing`` when neither CRM has it, or only Salesforce does.
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
    match_field = mapping.types[row.type].match_field
    address = row.fields.get(match_field) if match_field else None
    if not address:
        message = f"Salesforce {row.type} {twin_id} has no e-mail address to find its contact by"
        raise Missing(message)
    return _by_email(services, mapping, str(address))


def _by_email(services: Services, mapping: CompiledMapping, address: str) -> str:
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    if mapping.match_property:
        found = hubspot.find(mapping.object.hubspot_type, mapping.match_property, [address], [])
        if found:
            return next(iter(found.values())).id
    for compiled in mapping.types.values():
        field = compiled.match_field
        if field and _salesforce_row(services, mapping, field, address):
            message = f"only Salesforce has it (a {compiled.type}); HubSpot has no such contact"
            raise Missing(message)
    message = "neither HubSpot nor Salesforce has it"
    raise Missing(message)


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
