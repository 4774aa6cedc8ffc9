"""The object types of a portal: their names, ids, required and default properties."""

from dataclasses import dataclass

from sandbox.hubspot import schema_others as others
from sandbox.hubspot.schema_contact import TABLE as CONTACT_TABLE


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One object type; ``legacy`` is its name in error messages."""

    id: str
    name: str
    plural: str
    table: str
    required: tuple[str, ...] = ()
    """At a create: all of these, or for contacts and companies any of them."""
    required_any: bool = False
    defaults: tuple[str, ...] = ()
    """Returned when a read or search names no properties."""
    created: str = "createdate"
    modified: str = "hs_lastmodifieddate"
    searchable: tuple[str, ...] = ()
    first_id: int = 1
    mergeable: bool = False

    @property
    def legacy(self) -> str:
        return self.name.upper()


_STAMPS = ("createdate", "hs_lastmodifieddate", "hs_object_id")
_ACTIVITY_STAMPS = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")

CONTACT = ObjectType(
    id="0-1",
    name="contact",
    plural="contacts",
    table=CONTACT_TABLE,
    required=("email", "firstname", "lastname"),
    required_any=True,
    defaults=("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    modified="lastmodifieddate",
    searchable=("firstname", "lastname", "email", "phone", "mobilephone", "fax", "company"),
    first_id=98_001,
    mergeable=True,
)
COMPANY = ObjectType(
    id="0-2",
    name="company",
    plural="companies",
    table=others.COMPANY,
    required=("domain", "name"),
    required_any=True,
    defaults=("domain", "name", *_STAMPS),
    searchable=("name", "domain", "phone", "website"),
    first_id=9_001,
    mergeable=True,
)
DEAL = ObjectType(
    id="0-3",
    name="deal",
    plural="deals",
    table=others.DEAL,
    required=("dealname", "dealstage"),
    defaults=("amount", "closedate", "dealname", "dealstage", "pipeline", *_STAMPS),
    searchable=("dealname", "description"),
    first_id=7_001,
    mergeable=True,
)
TICKET = ObjectType(
    id="0-5",
    name="ticket",
    plural="tickets",
    table=others.TICKET,
    required=("subject", "hs_pipeline_stage"),
    defaults=("content", "hs_pipeline", "hs_pipeline_stage", "subject", *_STAMPS),
    searchable=("subject", "content"),
    first_id=5_001,
    mergeable=True,
)


def _activity(id: str, name: str, plural: str, table: str, first_id: int) -> ObjectType:
    return ObjectType(
        id=id,
        name=name,
        plural=plural,
        table=table,
        required=("hs_timestamp",),
        defaults=_ACTIVITY_STAMPS,
        created="hs_createdate",
        first_id=first_id,
    )


STOCK: tuple[ObjectType, ...] = (
    CONTACT,
    COMPANY,
    DEAL,
    TICKET,
    _activity("0-27", "task", "tasks", others.TASK, 2_000_001),
    _activity("0-46", "note", "notes", others.NOTE, 4_000_001),
    _activity("0-47", "meeting", "meetings", others.MEETING, 6_000_001),
    _activity("0-48", "call", "calls", others.CALL, 8_000_001),
    _activity("0-49", "email", "emails", others.EMAIL, 9_000_001),
)


def custom(id: str, name: str, plural: str) -> ObjectType:
    """Return a custom object type, id such as ``2-3604285``."""
    return ObjectType(
        id=id,
        name=name,
        plural=plural,
        table=others.CUSTOM,
        required=("name",),
        defaults=_ACTIVITY_STAMPS,
        created="hs_createdate",
        searchable=("name",),
        first_id=1_001,
    )
