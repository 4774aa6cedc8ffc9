"""How a record gets into each plight that ``explain`` tells from both CRMs as they are now."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from guestlist.domain.reason import Reason
from guestlist.engine.importing import start_import
from guestlist.engine.launch import start_records
from sandbox.crm import CRM
from sandbox.salesforce.schema.field import FieldSpec
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.gate.conftest import look, refilter
from tests.producers.watcher import Watcher
from tests.sandbox.hubspot.filter_branches import where

JUST_NOW = timedelta(0)
EVERYBODY = where("lastname", "ALL_PROPERTY", "IS_KNOWN")
SEATS = """
[[objects.contacts.fields]]
hubspot = "seats"
salesforce = "Seats__c"
"""
STAGE = """
[[objects.contacts.fields]]
hubspot = "lifecyclestage"
salesforce = "Description"
"""


class Bench(NamedTuple):
    """Where a plight is built."""

    install: Install
    folder: Path

    def mapped(self, rows: str) -> Installation:
        """Make an installation with *rows* beside the built-in mapping."""
        (self.folder / "guestlist.toml").write_text(rows)
        return self.install()


Plight = Callable[[Bench], tuple[Installation, str]]
"""Returns the installation, and the record that just met its reason there."""


def looked(here: Installation, key: str) -> tuple[Installation, str]:
    look(here, [key])
    return here, key


def at_first_sight(here: Installation, key: str) -> tuple[Installation, str]:
    """Look once, and leave the record as it is parked then."""
    start_records(here.services, "contacts", [key], by="tester")
    here.work()
    return here, key


def paired(here: Installation, email: str = "ada@example.com") -> tuple[str, str]:
    """A member and its twin, in step; another member keeps the list from being empty."""
    here.contact(f"other.{email}")
    member = here.contact(email)
    here.run()
    (twin,) = here.twins(member)
    return member, twin


def synced(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    member, _ = paired(here)
    here.change(member, email="new@example.com")
    return here, member


def unchanged(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    return looked(here, paired(here)[0])


def not_in_list(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    return looked(here, here.contact("ada@example.com", lifecyclestage="lead"))


def left_list(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    member, _ = paired(here)
    here.change(member, lifecyclestage="other")
    here.move(300)
    return looked(here, member)


def list_stale(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    member = here.contact("ada@example.com")
    here.world.set_options(CRM.HUBSPOT, {"list_lag": 60})
    here.change(member, lifecyclestage="other")
    return at_first_sight(here, member)


def list_unavailable(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    member = here.contact("ada@example.com")
    here.world.portal.delete_list(here.inclusion)
    return looked(here, member)


def list_not_active(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    member = here.contact("ada@example.com")
    here.world.portal.convert_list(here.inclusion)
    here.move(120)
    return looked(here, member)


def list_held(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    here.contacts(3)
    newcomer = here.contact("new@example.com", lifecyclestage="lead")
    here.run()
    refilter(here, EVERYBODY)
    here.move(60)
    return looked(here, newcomer)


def no_email(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    return looked(here, here.contact("", firstname="Nameless"))


def bad_email(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    return looked(here, here.contact("no address"))


def rule_excluded(bench: Bench) -> tuple[Installation, str]:
    here = bench.install(objects__contacts__create_in_salesforce="false")
    return looked(here, here.contact("ada@example.com"))


def kept_out_of_hubspot(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    return looked(here, here.row("Lead", Email="ada@example.com"))


def created_outside(bench: Bench) -> tuple[Installation, str]:
    here = bench.install(objects__contacts__create_in_hubspot="true")
    watcher = Watcher(here)
    watcher.follow()
    lead = here.row("Lead", ago=JUST_NOW, Email="ada@example.com")
    watcher.tick()
    here.world.org.update(lead, {"Title": "CTO"}, caller="user")
    watcher.tick()
    return here, lead


def email_only(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    lead = here.row("Lead", Email="ada@example.com", FirstName="Ada")
    start_import(here.services, "contacts", types=("Lead",), where=None, by="tester")
    here.settle()
    return here, lead


def many_matches(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    for _ in range(2):
        here.row("Contact", Email="ada@example.com")
    return looked(here, here.contact("ada@example.com"))


def email_in_use(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    other = here.contact("other@example.com")
    here.row("Contact", Email="ada@example.com", HubSpot_Contact_Id__c=other)
    return looked(here, here.contact("ada@example.com"))


def required_missing(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    return looked(here, here.contact("ada@example.com", lastname=""))


def bad_format(bench: Bench) -> tuple[Installation, str]:
    here = bench.mapped(SEATS)
    seats = {"name": "seats", "label": "Seats", "type": "number", "fieldType": "number"}
    here.world.portal.add_property("contacts", seats)
    for type in ("Contact", "Lead"):
        here.world.org.add_field(type, FieldSpec("Seats__c", "Seats", "int", digits=8))
    return looked(here, here.contact("ada@example.com", seats="2.5"))


def too_long(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    return looked(here, here.contact("ada@example.com", lastname="L" * 81))


def picklist_value(bench: Bench) -> tuple[Installation, str]:
    here = bench.mapped(STAGE)
    here.row("Contact", Email="ada@example.com", Description="no stage")
    return looked(here, here.contact("ada@example.com"))


def conflict_lost(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    member, twin = paired(here)
    here.world.org.update(twin, {"Email": "salesforce@example.com"}, caller="user")
    here.move(10)
    here.change(member, email="hubspot@example.com")
    return here, member


def deleted_in_hubspot(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    member, _ = paired(here)
    here.world.portal.archive("contacts", member, caller="user")
    return looked(here, member)


def deleted_in_salesforce(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    member, twin = paired(here)
    here.world.org.delete(twin, caller="user")
    return looked(here, member)


def merged_into(bench: Bench) -> tuple[Installation, str]:
    here = bench.install(objects__contacts__create_as="Lead")
    member, lead = paired(here)
    became = here.world.org.convert_lead(lead, account_id=None, caller="user")["contactId"]
    here.world.org.delete(became, caller="user")
    return looked(here, member)


def converted_before_it_came(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    lead = here.row("Lead", Email="ada@example.com")
    here.world.org.convert_lead(lead, account_id=None, caller="user")
    return looked(here, lead)


def erased(bench: Bench) -> tuple[Installation, str]:
    here = bench.install()
    member, _ = paired(here)
    here.world.portal.gdpr_delete("contacts", member)
    return looked(here, member)


PASSES = (
    (Reason.SYNCED, synced),
    (Reason.UNCHANGED, unchanged),
    (Reason.CONFLICT_LOST, conflict_lost),
)
"""Nothing stops these."""

MEMBER = "it is a member"
DECIDES = "the inclusion list can decide"
TWIN = "its twin in Salesforce is certain"
EMAIL = "its e-mail is usable"
VALUES = "both CRMs can take its values"
THERE = "HubSpot has the record"
STOPS = (
    (Reason.NOT_IN_LIST, not_in_list, MEMBER),
    (Reason.LEFT_LIST, left_list, MEMBER),
    (Reason.SF_CREATED_OUTSIDE_LIST, created_outside, MEMBER),
    (Reason.EMAIL_ONLY, email_only, MEMBER),
    (Reason.LIST_STALE, list_stale, "its membership has settled"),
    (Reason.LIST_UNAVAILABLE, list_unavailable, DECIDES),
    (Reason.LIST_NOT_ACTIVE, list_not_active, DECIDES),
    (Reason.LIST_HELD, list_held, "the list may let it in"),
    (Reason.NO_EMAIL, no_email, EMAIL),
    (Reason.BAD_EMAIL, bad_email, EMAIL),
    (Reason.RULE_EXCLUDED, rule_excluded, "the settings let it have a twin"),
    (Reason.RULE_EXCLUDED, kept_out_of_hubspot, "the settings let it enter HubSpot"),
    (Reason.DUP_MANY_MATCHES, many_matches, TWIN),
    (Reason.EMAIL_IN_USE, email_in_use, TWIN),
    (Reason.DELETED_SF, deleted_in_salesforce, TWIN),
    (Reason.MERGED_INTO, merged_into, TWIN),
    (
        Reason.MERGED_INTO,
        converted_before_it_came,
        "Salesforce has the record, and no contact is known for it",
    ),
    (Reason.REQUIRED_MISSING, required_missing, VALUES),
    (Reason.BAD_FORMAT, bad_format, VALUES),
    (Reason.TOO_LONG, too_long, VALUES),
    (Reason.PICKLIST_VALUE, picklist_value, VALUES),
    (Reason.DELETED_HS, deleted_in_hubspot, THERE),
    (Reason.ERASED, erased, THERE),
)
"""The question that each of these stops at."""
