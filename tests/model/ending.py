"""What both CRMs hold in the end, read past everything."""

from collections.abc import Mapping

from sandbox.world import World
from tests.model.fields import EXTERNAL_ID, NAMES, in_hubspot, in_salesforce
from tests.model.pair_oracle import Contact, Row


def contacts_of(world: World) -> dict[str, Contact]:
    """Return the live HubSpot contacts by id."""
    return {
        record.id: Contact(in_hubspot(record.values), _additional(record.values))
        for record in world.portal.store_of("contacts").all_live()
    }


def rows_of(world: World) -> dict[str, Row]:
    """Return every Salesforce record by id, the deleted and the converted among them."""
    return {
        row.id: Row(
            type,
            in_salesforce(type, row.values),
            row.values.get(EXTERNAL_ID),
            deleted=row.deleted,
            converted=bool(row.values.get("IsConverted")),
            became=row.values.get("MasterRecordId") or row.values.get("ConvertedContactId"),
        )
        for type in NAMES
        for row in world.org.table(type).rows.values()
    }


def _additional(values: Mapping[str, str]) -> frozenset[str]:
    joined = values.get("hs_additional_emails", "")
    return frozenset(part.strip().lower() for part in joined.split(";")) - {""}
