"""RUL-01 to RUL-06: what each sync rule does with what is blank, set and deleted on either side."""

from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.crm import CRM
from sandbox.salesforce.schema.field import FieldSpec
from schemas.mapping import SyncRule
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.twoway.test_creation import value

Pair = tuple[str | None, str | None]
"""HubSpot's value and Salesforce's; ``None``: blank."""

ROW = """
[[objects.contacts.fields]]
hubspot = "motto"
salesforce = {{ Contact = "Motto__c" }}
rule = "{rule}"
"""
FIRST_CHOICE = SyncRule.PREFER_SALESFORCE
BLANK, OLD, HUB, SALES = None, "old", "hub", "sales"
LATER = "whichever is later"

FIRST_STATES: tuple[Pair, ...] = ((BLANK, BLANK), (HUB, BLANK), (BLANK, SALES), (HUB, SALES))
"""Never synced before."""
AGREED_STATES: tuple[Pair, ...] = tuple(
    (hubspot, salesforce) for hubspot in (OLD, HUB, BLANK) for salesforce in (OLD, SALES, BLANK)
)
"""Both held the old value; each side kept it, changed it or deleted it since."""

# By state as above: what both sides hold then.
FIRST: dict[SyncRule, tuple[Pair | str, ...]] = {
    SyncRule.PREFER_SALESFORCE: ((BLANK, BLANK), (HUB, HUB), (SALES, SALES), (SALES, SALES)),
    SyncRule.ALWAYS_SALESFORCE: ((BLANK, BLANK), (HUB, BLANK), (SALES, SALES), (SALES, SALES)),
    SyncRule.TWO_WAY: ((BLANK, BLANK), (HUB, HUB), (SALES, SALES), LATER),
    SyncRule.DONT_SYNC: FIRST_STATES,
    SyncRule.ALWAYS_HUBSPOT: ((BLANK, BLANK), (HUB, HUB), (BLANK, SALES), (HUB, HUB)),
    SyncRule.PREFER_HUBSPOT: ((BLANK, BLANK), (HUB, HUB), (SALES, SALES), (HUB, HUB)),
}
_SALESFORCE_DECIDES: tuple[Pair | str, ...] = ((OLD, OLD), (SALES, SALES), (BLANK, BLANK)) * 3
_HUBSPOT_DECIDES: tuple[Pair | str, ...] = (
    *((OLD, OLD),) * 3,
    *((HUB, HUB),) * 3,
    *((BLANK, BLANK),) * 3,
)
AGREED: dict[SyncRule, tuple[Pair | str, ...]] = {
    SyncRule.PREFER_SALESFORCE: _SALESFORCE_DECIDES,
    SyncRule.ALWAYS_SALESFORCE: _SALESFORCE_DECIDES,
    SyncRule.TWO_WAY: (
        *((OLD, OLD), (SALES, SALES), (BLANK, BLANK)),
        *((HUB, HUB), LATER, LATER),
        *((BLANK, BLANK), LATER, (BLANK, BLANK)),
    ),
    SyncRule.DONT_SYNC: AGREED_STATES,
    SyncRule.ALWAYS_HUBSPOT: _HUBSPOT_DECIDES,
    SyncRule.PREFER_HUBSPOT: _HUBSPOT_DECIDES,
}
NEVER_WRITES = {
    SyncRule.ALWAYS_SALESFORCE: {CRM.SALESFORCE},
    SyncRule.ALWAYS_HUBSPOT: {CRM.HUBSPOT},
    SyncRule.DONT_SYNC: {CRM.SALESFORCE, CRM.HUBSPOT},
}


def mapped(install: Install, folder: Path, rule: str) -> Installation:
    """An installation with a text field of its own under *rule*, or under none."""
    row = ROW.format(rule=rule) if rule else ROW.partition("rule")[0].format()
    (folder / "guestlist.toml").write_text(row)
    here = install()
    motto = {"name": "motto", "label": "Motto", "type": "string", "fieldType": "text"}
    here.world.portal.add_property("contacts", motto)
    here.world.org.add_field("Contact", FieldSpec("Motto__c", "Motto", length=80))
    return here


def pairs(here: Installation, states: tuple[Pair, ...], *, hubspot_last: bool) -> list[Pair]:
    """Make a pair for each state; the ids, in order."""
    hubspot, salesforce = timedelta(hours=1), timedelta(hours=2)
    if not hubspot_last:
        hubspot, salesforce = salesforce, hubspot
    made: list[Pair] = []
    for number, (ours, theirs) in enumerate(states):
        email = f"p{number}@example.com"
        contact = here.contact(email, ago=hubspot, motto=ours or "")
        made.append((contact, here.row("Contact", ago=salesforce, Email=email, Motto__c=theirs)))
    return made


def edit(here: Installation, made: list[Pair], *, crm: CRM) -> None:
    """Let people bring one side to its state; who keeps the old value touches nothing."""
    for (contact, twin), (ours, theirs) in zip(made, AGREED_STATES, strict=True):
        if crm is CRM.HUBSPOT and ours != OLD:
            here.change(str(contact), motto=ours or "")
        if crm is CRM.SALESFORCE and theirs != OLD:
            here.world.org.update(str(twin), {"Motto__c": theirs}, caller="user")


def held(here: Installation, made: list[Pair]) -> list[Pair]:
    return [
        (value(here, str(contact), "motto") or None, here.values(str(twin)).get("Motto__c"))
        for contact, twin in made
    ]


def expected(
    results: tuple[Pair | str, ...], states: tuple[Pair, ...], *, hubspot_last: bool
) -> list[Pair]:
    """Resolve what depends on the later edit."""
    wanted: list[Pair] = []
    for result, (ours, theirs) in zip(results, states, strict=True):
        winner = ours if hubspot_last else theirs
        wanted.append((winner, winner) if isinstance(result, str) else result)
    return wanted


def written(here: Installation) -> set[CRM]:
    """The CRMs whose side of the field we ever wrote."""
    fields = {CRM.HUBSPOT: "motto", CRM.SALESFORCE: "Motto__c"}
    return {crm for crm, name in fields.items() if any(name in e.fields for e in here.writes(crm))}


@pytest.mark.parametrize("hubspot_last", [True, False], ids=["hubspot last", "salesforce last"])
@pytest.mark.parametrize("rule", SyncRule)
def test_RUL_01_to_05_at_the_first_look_each_rule_treats_blank_and_set_as_stated(
    install: Install, tmp_path: Path, rule: SyncRule, *, hubspot_last: bool
) -> None:
    here = mapped(install, tmp_path, rule)
    made = pairs(here, FIRST_STATES, hubspot_last=hubspot_last)
    here.run()
    assert held(here, made) == expected(FIRST[rule], FIRST_STATES, hubspot_last=hubspot_last)
    assert written(here).isdisjoint(NEVER_WRITES.get(rule, set()))


@pytest.mark.parametrize("hubspot_last", [True, False], ids=["hubspot last", "salesforce last"])
@pytest.mark.parametrize("rule", SyncRule)
def test_RUL_01_to_05_later_each_rule_treats_kept_set_and_deleted_as_stated(
    install: Install, tmp_path: Path, rule: SyncRule, *, hubspot_last: bool
) -> None:
    here = mapped(install, tmp_path, rule)
    made = pairs(here, ((OLD, OLD),) * len(AGREED_STATES), hubspot_last=hubspot_last)
    here.run()
    order = (CRM.SALESFORCE, CRM.HUBSPOT) if hubspot_last else (CRM.HUBSPOT, CRM.SALESFORCE)
    for crm in order:
        edit(here, made, crm=crm)
        here.move(10)
    here.run()
    assert held(here, made) == expected(AGREED[rule], AGREED_STATES, hubspot_last=hubspot_last)
    assert written(here).isdisjoint(NEVER_WRITES.get(rule, set()))
    before = len(here.writes())
    here.run()
    assert here.writes()[before:] == [], "what the rule left unequal is left alone"


def test_RUL_06_a_row_without_a_rule_prefers_salesforce_unless_blank(
    install: Install, tmp_path: Path
) -> None:
    here = mapped(install, tmp_path, "")
    fields = here.loaded.settings.objects["contacts"].fields
    others = {each.hubspot: each.rule for each in fields if each.rule is not FIRST_CHOICE}
    assert others == {"email": SyncRule.TWO_WAY, "hubspot_owner_id": SyncRule.TWO_WAY}
    assert any(each.hubspot == "motto" for each in fields)
