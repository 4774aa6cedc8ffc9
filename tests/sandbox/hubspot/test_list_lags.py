"""What of a list lags behind, and that nothing old comes back when a lag is shortened."""

from collections.abc import Callable

from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.conftest import Caller
from tests.sandbox.hubspot.filter_branches import CUSTOMERS, where

LISTS = "/crm/lists/2026-09"
Wait = Callable[[float], None]


def test_a_change_under_a_shorter_lag_outlives_an_older_one(portal: Portal, wait: Wait) -> None:
    id = portal.create("contacts", {"email": "a@example.com"})
    made = portal.create_list("Customers", CUSTOMERS)
    portal.options.list_lag = 60
    portal.update("contacts", id, {"lifecyclestage": "customer"})
    portal.options.list_lag = 0
    portal.update("contacts", id, {"lifecyclestage": ""})
    wait(60)
    assert not portal.membership(id)[made].evaluated


def test_new_filters_that_come_late_take_no_younger_change_back(portal: Portal, wait: Wait) -> None:
    id = portal.create("contacts", {"email": "a@example.com", "city": "Bern"})
    made = portal.create_list("Customers", CUSTOMERS)
    portal.options.list_lag = 60
    portal.update_list_filters(made, where("city", "STRING", "IS_EQUAL_TO", value="bern"))
    portal.options.list_lag = 0
    portal.update("contacts", id, {"city": "Rome"})
    wait(60)
    assert not portal.membership(id)[made].evaluated


def test_the_size_told_is_counted_anew_after_its_lag(
    api: Caller, portal: Portal, wait: Wait
) -> None:
    path = f"{LISTS}/{portal.create_list('Customers', CUSTOMERS)}"
    portal.options.size_lag = 30

    def sizes() -> list[int]:
        found = api("POST", f"{LISTS}/search", {})[1]["lists"][0]["additionalProperties"]
        total = api("GET", f"{path}/memberships")[1]["total"]
        return [api("GET", path)[1]["list"]["size"], int(found["hs_list_size"]), total]

    assert sizes() == [0, 0, 0]
    portal.create("contacts", {"email": "a@example.com", "lifecyclestage": "customer"})
    assert sizes() == [0, 0, 0]
    wait(30)
    assert sizes() == [1, 1, 1]
