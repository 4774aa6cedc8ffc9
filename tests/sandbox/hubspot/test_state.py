import json
import os
import random
from pathlib import Path

import pytest

from sandbox.hubspot.oauth import OAuthApp
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.schema import stock
from sandbox.hubspot.schema_contact import TABLE
from sandbox.journal import Journal
from tests.sandbox.hubspot.filter_branches import CUSTOMERS, where

SHARED = Path(os.environ.get("GUESTLIST_SHARED", Path(__file__).parents[4] / "shared"))
FACTS = SHARED / "data" / "hubspot_properties_contact.json"


@pytest.fixture
def lived_in(portal: Portal, api, wait) -> Portal:
    """A portal with something of everything in it."""
    portal.add_owner("o@example.com", "O", "One")
    portal.oauth_apps["cid"] = OAuthApp("cid", "secret", "public")
    portal.add_property(
        "contacts", {"name": "sf_id", "label": "Id", "type": "string", "hasUniqueValue": True}
    )
    portal.define_custom("2-1", "pet", "pets")
    portal.create("pets", {"name": "Rex"})
    active = portal.create_list("Customers", CUSTOMERS)
    portal.create_list("Bern", where("city", "STRING", "HAS_EVER_BEEN_EQUAL_TO", value="bern"))
    ids = [
        portal.create("contacts", {"email": f"c{n}@example.com", "lifecyclestage": "customer"})
        for n in range(4)
    ]
    wait(60)
    portal.update("contacts", ids[0], {"city": "Bern", "sf_id": "X"})
    portal.update("contacts", ids[0], {"city": "Rome"})
    portal.merge("contacts", ids[1], ids[2])
    portal.archive("contacts", ids[3])
    company = portal.create("companies", {"name": "Acme"})
    path = f"/crm/v4/objects/contacts/{ids[0]}/associations/default/companies/{company}"
    api("PUT", path)
    portal.options.list_lag = 3
    portal.lists.lists[active].conversion = None
    return portal


def test_a_loaded_portal_dumps_and_answers_the_same(lived_in, api, clock) -> None:
    state = json.loads(json.dumps(lived_in.dump()))
    twin = Portal(clock, Journal(), random.Random(1))
    twin.load(state)
    assert json.loads(json.dumps(twin.dump())) == state
    paths = ["/crm/v3/objects/contacts", "/crm/v3/lists/1/memberships", "/crm/v3/owners"]
    answers = [api("GET", path, limit="100") for path in paths]
    api.portal = twin
    assert [api("GET", path, limit="100") for path in paths] == answers
    assert twin.membership("98001") == lived_in.membership("98001")


def test_a_loaded_portal_goes_on_evaluating_and_counting_ids(lived_in, clock, wait) -> None:
    twin = Portal(clock, Journal(), random.Random(1))
    twin.load(json.loads(json.dumps(lived_in.dump())))
    values = {"email": "new@example.com", "lifecyclestage": "customer"}
    id = twin.create("contacts", values)
    assert int(id) > max(map(int, lived_in.store_of("contacts").records))
    assert (twin.membership(id)["1"].by_filter, twin.membership(id)["1"].evaluated) == (True, False)
    wait(3)
    assert twin.membership(id)["1"].evaluated


def test_pending_memberships_follow_after_a_load(lived_in, clock, wait) -> None:
    values = {"email": "new@example.com", "lifecyclestage": "customer"}
    id = lived_in.create("contacts", values)
    twin = Portal(clock, Journal(), random.Random(1))
    twin.load(json.loads(json.dumps(lived_in.dump())))
    assert not twin.membership(id)["1"].evaluated
    wait(3)
    assert twin.membership(id)["1"].evaluated


def test_the_same_seed_makes_the_same_portal(clock) -> None:
    def build() -> dict[str, object]:
        portal = Portal(clock, Journal(), random.Random(5))
        for n in range(20):
            portal.create("contacts", {"email": f"c{n}@example.com"})
        return portal.dump()

    assert build() == build()


def test_a_hundred_stock_properties_are_there() -> None:
    properties = stock(TABLE)
    assert len(properties) > 110
    wanted = "email firstname lastname phone fax address city state zip country company website"
    wanted += " jobtitle salutation industry annualrevenue numemployees hs_lead_status message"
    assert set(wanted.split()) <= properties.keys()


@pytest.mark.skipif(not FACTS.exists(), reason="the recorded schema is not here")
def test_the_contact_table_agrees_with_a_real_portal() -> None:
    facts = {item["name"]: item for item in json.loads(FACTS.read_text())["properties"]}
    for name, ours in stock(TABLE).items():
        real = facts[name]
        assert (ours.type, ours.field_type, ours.group) == (
            real["type"],
            real["fieldType"],
            real["groupName"],
        ), name
        assert (ours.read_only, ours.calculated, ours.unique, ours.external_options) == (
            real["readOnlyValue"],
            real["calculated"],
            real["hasUniqueValue"],
            real["externalOptions"],
        ), name
        if ours.options:
            assert sorted(option["value"] for option in ours.options) == sorted(real["options"])
