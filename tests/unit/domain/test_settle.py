from datetime import UTC, datetime

import pytest

from guestlist.domain.ending import Applied, Ended, Later, Patience
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from guestlist.domain.settle import LOOKS_FOR_TWIN, settle
from guestlist.domain.write import Plan, Refused, SalesforceWrite
from schemas.settings import RetrySettings

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def refused(code, *, attempts=1, existing=()):
    write = SalesforceWrite("Contact", None, "Key__c", "7", {"LastName": "x"})
    plan = Plan(key="7", salesforce=write, hubspot=None, agreed={}, changes=(), twin=None)
    patience = Patience(attempts, NOW, RetrySettings(), jitter=0.5)
    return settle(plan, Applied(salesforce=Refused(code, "words", existing_ids=existing)), patience)


def test_a_duplicate_rule_is_not_asked_twice():
    """It was: a read and a write more for every defended record of a list, and the same answer."""
    ended = refused("DUPLICATES_DETECTED")
    assert isinstance(ended, Ended)
    assert (ended.outcome, ended.reason) == (Outcome.FAILED, Reason.DUP_SF_RULE)


def test_the_records_in_the_way_are_named():
    ended = refused("DUPLICATES_DETECTED", existing=("0035g000001AAA", "0035g000001AAB"))
    assert ended.facts["ids"] == "0035g000001AAA, 0035g000001AAB"


@pytest.mark.parametrize("code", ["DUPLICATE_VALUE", "ENTITY_IS_DELETED"])
def test_a_twin_in_the_way_is_looked_for_once_more(code):
    assert isinstance(refused(code), Later)
    assert isinstance(refused(code, attempts=LOOKS_FOR_TWIN), Ended)
