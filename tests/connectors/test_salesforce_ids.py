"""Rows that a person names by a condition of their own."""

import pytest

from guestlist.connectors.salesforce import Salesforce
from guestlist.connectors.salesforce.condition import condition
from guestlist.domain.errors import Misconfigured
from tests.connectors.test_salesforce_changes import KEY, found, people
from tests.connectors.worlds import Served


def test_all_rows_are_read_by_id_from_any_place(world: Served, salesforce: Salesforce) -> None:
    ids = sorted(people(world, 5_000, "Lead"))
    world.call(lambda: world.world.org.delete(ids[0]))

    pages = list(salesforce.ids("Lead", None, external_id=KEY))
    behind = list(salesforce.ids("Lead", None, after_id=pages[0].cursor.id, external_id=KEY))

    assert [each.id for each in found(pages)] == ids[1:]
    assert found(pages[1:]) == found(behind)
    assert [page.more for page in pages] == [True, True, False]


def test_a_condition_chooses_the_rows(world: Served, salesforce: Salesforce) -> None:
    ids = people(world, 3)
    where = "LastName = 'Name 1' OR LastName = 'Name 2'"

    pages = list(salesforce.ids("Contact", where, after_id=ids[1], external_id=KEY))

    assert [each.id for each in found(pages)] == [ids[2]]
    assert pages[-1].cursor.id == ids[2]


def test_nothing_found_is_one_page_that_stays_where_it_was(salesforce: Salesforce) -> None:
    (page,) = salesforce.ids("Contact", "LastName = 'Nobody'", after_id="", external_id=KEY)

    assert (page.changed, page.more, page.cursor.id) == ((), False, "")


@pytest.mark.parametrize("where", ["Nonsense__c = 'x'", "LastName = ", "IsDeleted > true"])
def test_a_condition_salesforce_refuses_is_told_in_its_words(
    salesforce: Salesforce, where: str
) -> None:
    with pytest.raises(Misconfigured, match="Salesforce refused the"):
        list(salesforce.ids("Contact", where, external_id=KEY))


@pytest.mark.parametrize(
    "where",
    [
        "",
        "  ",
        "Name = 'x'; DELETE",
        "Name = 'x' LIMIT 1",
        "Name = 'x' limit 1",
        "Name = 'x'\nORDER BY Name",
        "Name = 'x' FROM Lead",
        "Name = 'x') OR (Name != ''",
        "Name = 'x')",
        "(Name = 'x'",
        "Name = 'x",
        r"Name = 'x\' LIMIT 1",
    ],
)
def test_s9_a_condition_can_not_reach_beyond_itself(where: str) -> None:
    with pytest.raises(Misconfigured, match="condition"):
        condition(where)


@pytest.mark.parametrize(
    "where",
    [
        "Name = 'x'",
        "Name = 'LIMIT 1; (' AND (Title = null OR Title = 'order by')",
        r"Name = 'it\'s) LIMIT 1'",
        "Limit__c > 3 AND Orders__c = 2",
        "CreatedDate = LAST_N_DAYS:30",
        "Id IN (SELECT ContactId FROM CampaignMember WHERE Status = 'Sent')",
    ],
)
def test_a_condition_is_sent_as_it_is(where: str) -> None:
    assert condition(where) == f"({where})"
