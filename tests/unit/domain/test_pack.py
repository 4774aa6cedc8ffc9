from guestlist.domain.pack import halves, pack
from guestlist.domain.write import SalesforceWrite


def creation(key, kind="Contact"):
    return SalesforceWrite(kind, None, "Key__c", str(key), {"LastName": "x"})


def update(key, kind="Contact"):
    return SalesforceWrite(kind, f"id{key}", "Key__c", str(key), {"LastName": "x"})


def test_a_thousand_creations_are_one_call_of_five_collections():
    calls = pack([creation(key) for key in range(1000)])
    assert [[len(each.writes) for each in call] for call in calls] == [[200] * 5]


def test_contacts_and_leads_share_an_update_and_not_an_upsert():
    writes = [update(1), creation(2), update(3, "Lead"), creation(4, "Lead")]
    (call,) = pack(writes)
    assert [(each.type, each.positions) for each in call] == [
        ("Contact", (1,)),
        ("Lead", (3,)),
        (None, (0, 2)),
    ]


def test_leads_that_are_assigned_by_rule_are_apart_from_the_others():
    writes = [creation(key, "Lead")._replace(assign=key % 2 == 0) for key in range(4)]
    (call,) = pack([*writes, update(4, "Lead")])
    assert [(each.assign, each.positions) for each in call] == [
        (False, (1, 3)),
        (True, (0, 2)),
        (False, (4,)),
    ]


def test_a_value_like_a_reference_never_goes_in_a_composite_call():
    writes = [creation(0), creation(1), update(2), update(3)]
    for odd in (1, 3):
        writes[odd] = writes[odd]._replace(fields={"LastName": "x @{c0[0].id}", "Score__c": 5})
    calls = pack(writes)
    assert [[(each.alone, each.positions) for each in call] for call in calls] == [
        [(False, (0,)), (False, (2,))],
        [(True, (1,))],
        [(True, (3,))],
    ]


def test_an_update_holds_ten_types_at_most():
    writes = [update(key, f"Object{key:02}__c") for key in range(11)]
    (call,) = pack(writes)
    assert [each.positions for each in call] == [tuple(range(10)), (10,)]


def test_a_record_that_comes_twice_is_written_by_two_calls():
    calls = pack([creation(1), update(1), creation(2)])
    assert [[each.positions for each in call] for call in calls] == [[(0, 2)], [(1,)]]


def test_nothing_to_write_is_no_call():
    assert pack([]) == []


def test_a_batch_of_one_can_not_be_halved_further():
    assert halves([1]) == ([], [1])
    assert halves([1, 2, 3]) == ([1], [2, 3])
