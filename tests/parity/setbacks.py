"""How a record meets each reason that can not be read from the CRMs: they tell it once asked."""

from collections.abc import Callable
from dataclasses import replace

from guestlist.domain.reason import Reason
from guestlist.engine.launch import cancel, start_records
from sandbox.crm import CRM
from sandbox.faults import Kind
from sandbox.salesforce.options import DuplicateRule, ValidationRule
from tests.engine.conftest import Install
from tests.engine.world import Installation

Setback = Callable[[Install], tuple[Installation, str]]
READS = "POST */batch/read"
WORDS = "Not like this."


def started(here: Installation, *keys: str) -> tuple[Installation, str]:
    """Look once at these records, in one batch; nothing is looked at a second time."""
    run = start_records(here.services, "contacts", keys, by="tester")
    here.carry_out(here.post.waiting.popleft())
    here.post.waiting.clear()
    assert here.rows(run)
    return here, keys[0]


def faulty(kind: Kind, *, times: int = 1, **more: int) -> Setback:
    """HubSpot's next reads of records go wrong in this way."""

    def meet(install: Install) -> tuple[Installation, str]:
        here = install()
        member = here.contact("ada@example.com")
        here.services.schemas.compiled("contacts")
        here.fault(CRM.HUBSPOT, kind, READS, times=times, **more)
        started(here, member)
        here.move(901)
        return here, member

    return meet


def refused(code: str) -> Setback:
    """Salesforce refuses the new record with a code, as a trigger, a flow or a right would."""

    def meet(install: Install) -> tuple[Installation, str]:
        here = install()
        rule = ValidationRule("Contact", WORDS, requires="Fax", code=code)
        here.world.org.set_options({"validation_rules": [rule]})
        member = here.contact("ada@example.com")
        start_records(here.services, "contacts", [member], by="tester")
        here.settle()
        return here, member

    return meet


def queued(install: Install) -> tuple[Installation, str]:
    """Both names of one person in one batch: the second waits for the first."""
    here = install()
    member = here.contact("ada@example.com")
    row = here.row("Contact", Email="ada@example.com")
    return started(here, row, member)


def cancelled(install: Install) -> tuple[Installation, str]:
    here = install()
    member = here.contact("ada@example.com")
    run = start_records(here.services, "contacts", [member], by="tester")
    cancel(here.services, run.id, by="tester")
    return here, member


def settings_changed(install: Install) -> tuple[Installation, str]:
    here = install()
    member = here.contact("ada@example.com")
    start_records(here.services, "contacts", [member], by="tester")
    here.carry_out(here.post.waiting.popleft(), replace(here.services, superseded=lambda: True))
    return here, member


def locked(install: Install) -> tuple[Installation, str]:
    here = install()
    member = here.contact("ada@example.com", phone="+1 512 555 0100")
    here.world.org.lock(here.row("Contact", Email="ada@example.com"), seconds=10)
    return started(here, member)


def duplicate_rule(install: Install) -> tuple[Installation, str]:
    here = install()
    rule = DuplicateRule("Contact", "Same name", match_on=("LastName",), action="Block")
    here.world.org.set_options({"duplicate_rules": [rule]})
    here.row("Contact", LastName="Lovelace")
    member = here.contact("ada@example.com", lastname="Lovelace")
    start_records(here.services, "contacts", [member], by="tester")
    here.settle()
    return here, member


def scope_missing(install: Install) -> tuple[Installation, str]:
    here = install()
    member = here.contact("ada@example.com")
    here.services.schemas.compiled("contacts")
    portal, token = here.world.portal, here.world.credentials.hubspot_token
    portal.scopes[token] = frozenset({"crm.lists.read"})
    started(here, member)
    portal.scopes.clear()
    return here, member


WAITS: tuple[tuple[Reason, Setback], ...] = (
    (Reason.QUEUED, queued),
    (Reason.SETTINGS_CHANGED, settings_changed),
    (Reason.BUDGET_HELD, faulty(Kind.QUOTA_SPENT)),
    (Reason.RATE_LIMITED, faulty(Kind.STATUS, status=429)),
    (Reason.RETRY_AT, faulty(Kind.STATUS, status=503)),
    (Reason.LOCKED_ROW, locked),
    (Reason.TOKEN_EXPIRED, faulty(Kind.UNAUTHORIZED, times=2)),
    (Reason.SCOPE_MISSING, scope_missing),
)
"""The record is parked until a time that is told."""

FAILS: tuple[tuple[Reason, Setback], ...] = (
    (Reason.DUP_SF_RULE, duplicate_rule),
    (Reason.VALIDATION_RULE, refused("FIELD_CUSTOM_VALIDATION_EXCEPTION")),
    (Reason.FLOW_OR_TRIGGER, refused("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")),
    (Reason.FIELD_GONE, refused("INVALID_FIELD")),
    (Reason.TYPE_CHANGED, refused("INVALID_TYPE_ON_FIELD_IN_RECORD")),
    (Reason.NO_FIELD_ACCESS, refused("INVALID_FIELD_FOR_INSERT_UPDATE")),
    (Reason.NO_OBJECT_ACCESS, refused("INSUFFICIENT_ACCESS_OR_READONLY")),
    (Reason.ACCOUNT_NOT_SYNCED, refused("INVALID_CROSS_REFERENCE_KEY")),
    (Reason.UNKNOWN_REFUSAL, refused("SOMETHING_NEW")),
)
"""A problem for a person, in the CRM's own words."""

ENDS: tuple[tuple[Reason, Setback], ...] = ((Reason.CANCELLED, cancelled),)
