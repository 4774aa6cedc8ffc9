from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.salesforce.org import Org
from tests.sandbox.salesforce.caller import Caller


@pytest.fixture
def people(org: Org) -> dict[str, str]:
    org.clock.freeze(datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC))
    account = org.insert("Account", {"Name": "Acme", "Industry": "Energy"})
    made = {"account": account}
    rows: list[dict[str, Any]] = [
        {"LastName": "Adler", "Email": "adler@x.example", "AccountId": account},
        {"LastName": "berg", "Email": "berg@x.example", "Title": "CEO"},
        {"LastName": "Chan", "Title": "cfo", "Birthdate": "1980-05-01"},
        {"LastName": "O'Neil_1", "Email": "oneil@x.example", "HubSpot_Contact_Id__c": "77"},
    ]
    for row in rows:
        made[row["LastName"]] = org.insert("Contact", row)
        org.clock.move(timedelta(seconds=1))
    return made


def names(caller: Caller, where: str, order: str = "ORDER BY LastName") -> list[str]:
    return [r["LastName"] for r in caller.rows(f"SELECT LastName FROM Contact {where} {order}")]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("WHERE LastName = 'ADLER'", ["Adler"]),
        ("WHERE LastName != 'ADLER'", ["berg", "Chan", "O'Neil_1"]),
        ("WHERE LastName < 'c'", ["Adler", "berg"]),
        ("WHERE LastName >= 'chan'", ["Chan", "O'Neil_1"]),
        ("WHERE LastName LIKE 'a%'", ["Adler"]),
        ("WHERE LastName LIKE '_erg'", ["berg"]),
        (r"WHERE LastName LIKE '%\_1'", ["O'Neil_1"]),
        (r"WHERE LastName LIKE '%\_erg'", []),
        (r"WHERE LastName = 'O\'Neil_1'", ["O'Neil_1"]),
        ("WHERE Email = null", ["Chan"]),
        ("WHERE Email != null AND Title = null", ["Adler", "O'Neil_1"]),
        ("WHERE NOT (Title = 'ceo' OR Title = 'cfo')", ["Adler", "O'Neil_1"]),
        ("WHERE Title != 'ceo'", ["Adler", "Chan", "O'Neil_1"]),
        ("WHERE Email IN ('BERG@x.example', 'oneil@x.example')", ["berg", "O'Neil_1"]),
        ("WHERE Email NOT IN ('berg@x.example', 'z')", ["Adler", "Chan", "O'Neil_1"]),
        ("WHERE Email IN ('berg@x.example', null)", ["berg", "Chan"]),
        ("WHERE HubSpot_Contact_Id__c IN ('77', '78') OR LastName = 'Chan'", ["Chan", "O'Neil_1"]),
        ("WHERE Account.Name = 'acme'", ["Adler"]),
        ("WHERE Account.Industry IN ('Energy', 'Media')", ["Adler"]),
        ("WHERE Birthdate = 1980-05-01", ["Chan"]),
        ("WHERE Birthdate < 1980-05-01", []),
        ("WHERE IsDeleted = false AND Title = 'CEO'", ["berg"]),
        ("WHERE SystemModstamp >= 2026-03-01T12:00:32Z", ["Chan", "O'Neil_1"]),
        ("WHERE SystemModstamp > 2026-03-01T13:00:32+01:00", ["O'Neil_1"]),
        ("WHERE SystemModstamp <= 2026-03-01T12:00:31.999Z", ["Adler", "berg"]),
        ("WHERE CreatedDate = 2026-03-01T12:00:33.500Z", ["O'Neil_1"]),
        ("WHERE CreatedDate = TODAY AND LastName = 'Adler'", ["Adler"]),
        ("WHERE CreatedDate < TODAY", []),
        ("WHERE CreatedDate = LAST_N_DAYS:3 AND LastName = 'Adler'", ["Adler"]),
        ("WHERE CreatedDate >= TOMORROW", []),
    ],
)
def test_conditions_find_what_salesforce_would(
    caller: Caller, where: str, found: list[str]
) -> None:
    assert names(caller, where) == found


def test_ids_compare_in_either_form(caller: Caller, people: dict[str, str]) -> None:
    berg = people["berg"]
    assert names(caller, f"WHERE Id = '{berg}'") == names(caller, f"WHERE Id = '{berg[:15]}'")
    assert names(caller, f"WHERE Id IN ('{berg[:15]}', '{people['Chan']}')") == ["berg", "Chan"]
    assert names(caller, f"WHERE AccountId = '{people['account'][:15]}'") == ["Adler"]


def test_parent_fields_come_nested(caller: Caller, people: dict[str, str]) -> None:
    soql = "SELECT LastName, Account.Name, Owner.Email FROM Contact ORDER BY LastName LIMIT 2"
    adler, berg = caller.query(soql).body["records"]
    assert adler["Account"]["Name"] == "Acme"
    assert adler["Account"]["attributes"]["type"] == "Account"
    assert adler["Account"]["attributes"]["url"].endswith(people["account"])
    assert adler["Owner"]["Email"] == "ada.admin@acme-sandbox.example"
    assert berg["Account"] is None


def test_an_owner_of_a_lead_may_be_a_queue(caller: Caller, org: Org) -> None:
    queue = next(iter(org.table("Group").rows.values())).id
    org.insert("Lead", {"LastName": "L", "Company": "C", "OwnerId": queue})
    row = caller.rows("SELECT Owner.Name FROM Lead WHERE Owner.Name LIKE 'unassigned%'")[0]
    assert row["Owner"]["Name"] == "Unassigned Leads"
    assert row["Owner"]["attributes"]["type"] == "Name"


def test_the_object_and_its_alias_may_prefix_a_field(
    caller: Caller, people: dict[str, str]
) -> None:
    soql = "SELECT c.LastName FROM Contact c WHERE Contact.LastName = 'Chan'"
    assert caller.rows(soql) == [{"LastName": "Chan"}]


@pytest.mark.usefixtures("people")
def test_several_keys_order_with_nulls_where_asked(caller: Caller) -> None:
    assert names(caller, "", "ORDER BY Title DESC NULLS FIRST, LastName DESC") == [
        "O'Neil_1", "Adler", "Chan", "berg",
    ]  # fmt: skip
    assert names(caller, "", "ORDER BY Title, LastName") == ["Adler", "O'Neil_1", "berg", "Chan"]


@pytest.mark.usefixtures("people")
def test_limit_and_offset_cut(caller: Caller) -> None:
    assert names(caller, "", "ORDER BY LastName LIMIT 2 OFFSET 1") == ["berg", "Chan"]
    assert names(caller, "", "ORDER BY LastName LIMIT 0") == []
    code, _ = caller.error("SELECT Id FROM Contact LIMIT 1 OFFSET 2001")
    assert code == "NUMBER_OUTSIDE_VALID_RANGE"


@pytest.mark.usefixtures("people")
def test_counts_have_their_two_shapes(caller: Caller) -> None:
    assert caller.query("SELECT COUNT() FROM Contact").body == {
        "totalSize": 4, "done": True, "records": [],
    }  # fmt: skip
    body = caller.query("SELECT COUNT(Id), COUNT(Email) mails FROM Contact").body
    assert body["records"] == [{"attributes": {"type": "AggregateResult"}, "expr0": 4, "mails": 3}]


@pytest.mark.parametrize(
    ("soql", "code", "text"),
    [
        ("SELECT Id FROM XYZZY", "INVALID_TYPE", "sObject type 'XYZZY' is not supported."),
        ("SELECT foo FROM Contact", "INVALID_FIELD", "No such column 'foo' on entity 'Contact'."),
        ("SELECT Id FROM Contact WHERE foo = 1", "INVALID_FIELD", "No such column 'foo'"),
        ("SELECT Id FROM Contact ORDER BY foo", "INVALID_FIELD", "No such column 'foo'"),
        ("SELECT Id, Email, id FROM Contact", "MALFORMED_QUERY", "duplicate field selected: Id"),
        (
            "SELECT Owner.Name, Owner.Name FROM Contact",
            "MALFORMED_QUERY",
            "duplicate field selected: Name",
        ),
        (
            "SELECT Id FROM Contact ORDER BY Description",
            "MALFORMED_QUERY",
            "field 'Description' can not be sorted in a query call",
        ),
        ("SELECT Id FROM Contact ORDER BY MailingAddress", "MALFORMED_QUERY", "not be sorted"),
        (
            "SELECT Id FROM Contact WHERE MailingAddress = 'x'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "invalid operator = for field 'MailingAddress'",
        ),
        (
            "SELECT Id FROM Contact WHERE CreatedDate = LAST_N_DAYS:9999999999",
            "MALFORMED_QUERY",
            "LAST_N_DAYS",
        ),
        ("SELECT Boss.Name FROM Contact", "INVALID_FIELD", "understand relationship 'Boss'"),
        (
            "SELECT Id FROM Contact WHERE Description = 'x'",
            "INVALID_FIELD",
            "field 'Description' can not be filtered in a query call",
        ),
        (
            "SELECT Id FROM Contact WHERE CreatedDate > '2026-01-01'",
            "INVALID_FIELD",
            "must be of type dateTime and should not be enclosed in quotes",
        ),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "dateTime"),
        ("SELECT Id FROM Contact WHERE LastName = 5", "INVALID_FIELD", "enclosed in quotes"),
        ("SELECT Id FROM Contact WHERE IsDeleted = 'x'", "INVALID_FIELD", "of type boolean"),
        ("SELECT Id FROM Contact WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID"),
        ("SELECT Id FROM Contact WHERE CreatedDate = SOON", "MALFORMED_QUERY", "'SOON'"),
        ("SELECT Id FROM Contact WHERE Email > null", "INVALID_QUERY_FILTER_OPERATOR", "operator"),
    ],
)
def test_a_wrong_query_is_refused_with_fragment_and_position(
    caller: Caller, soql: str, code: str, text: str
) -> None:
    found, message = caller.error(soql)
    assert found == code
    assert text in message
    assert "\nERROR at Row:1:Column:" in message


def test_a_missing_query_is_refused(caller: Caller) -> None:
    assert caller.call("GET", "query").body[0]["errorCode"] == "MALFORMED_QUERY"


def many(org: Org, count: int) -> None:
    for number in range(count):
        org.insert("Contact", {"LastName": f"N{number:05}"}, bypass_rules=True)


def test_pages_continue_at_a_cursor_with_an_offset(caller: Caller, org: Org) -> None:
    many(org, 5)
    org.options.page_size = 2
    first = caller.query("SELECT LastName FROM Contact").body
    assert (first["totalSize"], first["done"], len(first["records"])) == (5, False, 2)
    url = first["nextRecordsUrl"]
    assert url.startswith("/services/data/v67.0/query/01g")
    assert url.endswith("-2")
    seen = [row["LastName"] for row in first["records"]]
    while url:
        page = caller.call("GET", url.removeprefix("/services/data/v67.0/")).body
        assert page["totalSize"] == 5
        seen += [row["LastName"] for row in page["records"]]
        url = page.get("nextRecordsUrl")
    assert seen == [f"N{number:05}" for number in range(5)]


def test_pages_may_shrink_and_nothing_is_lost(caller: Caller, org: Org) -> None:
    many(org, 100)
    org.options.page_size, org.options.shrink_pages = 20, True
    body = caller.query("SELECT Id FROM Contact").body
    sizes, seen = [], set()
    while True:
        sizes.append(len(body["records"]))
        seen |= {row["Id"] for row in body["records"]}
        if body["done"]:
            break
        body = caller.call("GET", body["nextRecordsUrl"].removeprefix("/services/data/v67.0/")).body
    assert len(seen) == 100
    assert len(set(sizes)) > 1
    assert max(sizes) <= 20


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("batchSize=5", 200),
        ("batchSize=300", 300),
        ("batchSize=9999", 500),
        ("batchSize=\u00b2", 500),
    ],
)
def test_the_batch_size_is_a_hint_between_200_and_2000(
    caller: Caller, org: Org, asked: str, given: int
) -> None:
    many(org, 500)
    answer = caller.call(
        "GET",
        "query",
        query={"q": "SELECT Id FROM Contact"},
        headers={"sforce-query-options": asked},
    )
    assert len(answer.body["records"]) == given


def test_an_old_or_unknown_cursor_is_refused(caller: Caller, org: Org) -> None:
    many(org, 3)
    org.options.page_size = 2
    url = caller.query("SELECT Id FROM Contact").body["nextRecordsUrl"]
    org.clock.move(timedelta(days=1, hours=23))
    org.options.session_ttl = 10.0**6
    caller.log_in()
    path = url.removeprefix("/services/data/v67.0/")
    assert caller.call("GET", path).status == 200
    org.clock.move(timedelta(hours=2))
    assert caller.call("GET", path).body[0]["errorCode"] == "INVALID_QUERY_LOCATOR"
    assert caller.call("GET", "query/01gnonsense").body[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_deleted_rows_show_only_in_query_all(caller: Caller, org: Org) -> None:
    gone = org.insert("Contact", {"LastName": "Gone", "Email": "gone@x.example"})
    org.delete(gone)
    soql = "SELECT Id FROM Contact WHERE Email = 'gone@x.example'"
    assert caller.rows(soql) == []
    assert caller.rows(soql + " AND IsDeleted = true", everything=True) == [{"Id": gone}]


def test_a_compound_address_is_put_together(caller: Caller, org: Org) -> None:
    org.insert("Contact", {"LastName": "A", "MailingCity": "Bonn", "MailingPostalCode": "53111"})
    address = caller.rows("SELECT MailingAddress FROM Contact")[0]["MailingAddress"]
    assert (address["city"], address["postalCode"], address["street"]) == ("Bonn", "53111", None)


def test_two_lists_of_a_thousand_values_use_the_indexes(caller: Caller, org: Org) -> None:
    for number in range(3000):
        fields = {"LastName": "N", "Email": f"u{number}@x.example"}
        org.insert("Contact", fields | {"HubSpot_Contact_Id__c": str(number)}, bypass_rules=True)
    ids = ",".join(f"'{n}'" for n in range(1000))
    mails = ",".join(f"'U{n}@x.example'" for n in range(500, 1500))
    soql = (
        "SELECT Id, HubSpot_Contact_Id__c FROM Contact "
        f"WHERE HubSpot_Contact_Id__c IN ({ids}) OR Email IN ({mails})"
    )
    url = f"/services/data/v67.0/query?q={soql.replace(' ', '+').replace(',', '%2C')}"
    answer = caller.composite({"method": "GET", "url": url, "referenceId": "q"})
    body = answer.body["compositeResponse"][0]["body"]
    assert body["totalSize"] == 1500
    assert {int(row["HubSpot_Contact_Id__c"]) for row in body["records"]} == set(range(1500))


def test_queues_are_read_from_an_object_called_like_a_keyword(caller: Caller) -> None:
    found = caller.rows("SELECT Id, Name FROM Group WHERE Type = 'Queue'")
    assert [each["Name"] for each in found] == ["Unassigned Leads"]
