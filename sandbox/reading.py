"""What the CRMs hold, past every lag, limit and page: for those who judge."""

from collections.abc import Iterator
from typing import Any

from sandbox.crm import CRM
from sandbox.world import World


def records(world: World, crm: CRM, type: str) -> Iterator[dict[str, Any]]:
    """Yield the live records of one type as last written."""
    match crm:
        case CRM.HUBSPOT:
            for contact in world.portal.store_of(type).all_live():
                yield {"id": contact.id, "fields": contact.values}
        case CRM.SALESFORCE:
            for record in world.org.table(type).rows.values():
                if not record.deleted:
                    yield {"id": record.id, "fields": record.values}


def counts(world: World) -> dict[str, dict[str, int]]:
    """Count the live records of every type that has any."""
    hubspot = {
        store.type.plural: sum(1 for _ in store.all_live())
        for store in world.portal.stores.values()
    }
    salesforce = {
        name: len(table.rows) - len(table.bin) for name, table in world.org.tables.items()
    }
    return {"hubspot": _some(hubspot), "salesforce": _some(salesforce)}


def _some(counted: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in counted.items() if number}
