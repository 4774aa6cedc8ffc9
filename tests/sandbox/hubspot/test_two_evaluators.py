"""The product evaluates list filters too; where it gives an answer, both must agree."""

from zoneinfo import ZoneInfo

import pytest

from guestlist.domain.listfilter import parse
from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.filter_branches import where
from tests.sandbox.hubspot.test_list_filters import CASES, NOON, RECORDS, Case, case_id


@pytest.mark.parametrize("blank", [False, True], ids=["without blanks", "with blanks"])
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_an_answer_of_the_product_is_the_portals_truth(
    portal: Portal, clock, case: Case, *, blank: bool
) -> None:
    clock.freeze(NOON)
    name, kind, operator, operation, _ = case
    given = {**operation, "includeObjectsWithNoValueSet": blank}
    branch = where(name, kind, operator, **given)
    store = portal.store_of("contacts")
    for key, values in RECORDS.items():
        portal.create("contacts", {"email": f"{key}@example.com", **values})
    item = portal.lists.lists[portal.create_list("L", branch)]
    product = parse(branch)
    for record in store.all_live():
        seen = {name: store.value(record, name) for name in product.properties}
        answer = product.evaluate(seen, NOON, ZoneInfo("US/Eastern"))
        assert answer in {None, record.number in item.members}
