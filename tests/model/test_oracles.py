"""Each oracle tells its violation, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest

from guestlist.domain.reason import Reason
from tests.model import gate_oracle, pair_oracle, value_oracle
from tests.model.excuses import excused
from tests.model.fields import RULES, Values
from tests.model.gate_oracle import Breach
from tests.model.pair_oracle import Contact, End, Row
from tests.model.story import Ban, Hold, Lost, Moment, Presence, Story

ADA, TWIN = "101", "003A"


def held(**values: str | None) -> Values:
    return {**dict.fromkeys(RULES), "email": "ada@example.com", "lastname": "x", **values}


def moment(at: float, crm: Any = "salesforce", *, ours: bool = True, **more: Any) -> Moment:
    usual = {
        "operation": "update",
        "type": "contact" if crm == "hubspot" else "Contact",
        "id": ADA if crm == "hubspot" else TWIN,
        "contact": ADA,
        "before": held(),
        "after": held(),
        "carried": None if crm == "hubspot" else ADA,
    }
    return Moment(at=at, ours=ours, crm=crm, **{**usual, **more})


def inside(at: float) -> Presence:
    return Presence(at, usable=True, by_filter=frozenset({ADA}), evaluated=frozenset({ADA}))


def outside(at: float, *, usable: bool = True) -> Presence:
    return Presence(at, usable=usable, by_filter=frozenset(), evaluated=frozenset())


def story(*moments: Moment, presences: tuple[Presence, ...] = (inside(0),), **more: Any) -> Story:
    return Story(moments=list(moments), presences=list(presences), **more)


def told(found: Iterator[Breach]) -> list[str]:
    return [each.invariant for each in found]


WENT = (inside(0), outside(100))
LAGS = (inside(0), inside(100)._replace(by_filter=frozenset()))


@pytest.mark.parametrize(
    ("happened", "breaches"),
    [
        (story(moment(50)), []),
        (story(moment(129), presences=WENT), []),
        (story(moment(131), presences=WENT), ["I1-hard", "I1-lag"]),
        (story(moment(131), presences=LAGS), ["I1-lag"]),
        (story(moment(131, "hubspot"), presences=LAGS), ["I1-lag"]),
        (story(moment(50), presences=(outside(0),)), ["I1-never", "I1-lag"]),
        (story(moment(50, contact=None)), ["I1-never"]),
        (story(moment(131, ours=False), presences=WENT), []),
        (story(moment(140, "hubspot", operation="create"), presences=(outside(0),)), []),
        (story(moment(50, contact="100"), aliases={"100": ADA}), []),
    ],
)
def test_I1_who_was_outside_all_the_time_is_told(happened: Story, breaches: list[str]) -> None:
    assert told(gate_oracle.leaks(happened)) == breaches


def test_INC05_what_salesforce_just_created_may_reach_its_contact_once() -> None:
    created = moment(10, operation="create", ours=False, carried=None)
    reached = moment(20, "hubspot")
    again = moment(30, "hubspot")
    happened = story(created, reached, again, presences=(outside(0),), enters=True)
    assert told(gate_oracle.leaks(happened)) == ["I1-never", "I1-lag"]
    happened.enters = False
    assert len(told(gate_oracle.leaks(happened))) == 4


def test_INC05_it_may_do_so_under_the_address_that_it_was_given_meanwhile() -> None:
    old = held(email="old@example.com")
    created = moment(10, operation="create", ours=False, after=old, contact=None, carried=None)
    readdressed = moment(15, before=old, ours=False, carried=None)
    reached = moment(20, "hubspot")
    happened = story(created, readdressed, reached, presences=(outside(0),), enters=True)
    assert told(gate_oracle.leaks(happened)) == []
    happened = story(created, reached, presences=(outside(0),), enters=True)
    assert told(gate_oracle.leaks(happened)) == ["I1-never", "I1-lag"]


def test_I7_nobody_enters_while_no_list_can_decide_and_an_import_brings_an_address_alone() -> None:
    entry = moment(50, "hubspot", operation="create", sent=frozenset({"email"}))
    closed = (inside(0), outside(20, usable=False))
    assert told(gate_oracle.entries(story(entry))) == []
    assert told(gate_oracle.entries(story(entry, presences=closed))) == ["I7"]
    whole = entry._replace(sent=frozenset({"email", "city"}))
    assert told(gate_oracle.entries(story(whole))) == ["I1-never"]
    assert told(gate_oracle.entries(story(whole, enters=True))) == []


def test_C6_a_newcomer_let_in_past_the_brake_is_told() -> None:
    hold = Hold(since=10, newcomers=frozenset({ADA}), until=100)
    assert told(gate_oracle.held(story(moment(50), holds=[hold]))) == ["C6"]
    assert told(gate_oracle.held(story(moment(150), holds=[hold]))) == []
    two = hold._replace(newcomers=frozenset({ADA, "102"}), limit=1)
    grown = inside(10)._replace(by_filter=two.newcomers)
    assert told(gate_oracle.held(story(moment(50), presences=(grown,), holds=[two]))) == ["C6"]
    shrunk = story(moment(50), presences=(grown, inside(20)), holds=[two])
    assert told(gate_oracle.held(shrunk)) == []


def test_C10_a_creation_that_the_settings_forbid_is_told() -> None:
    created = moment(50, operation="create")
    assert told(gate_oracle.banned(story(created, bans=[Ban(10, 100)]))) == ["C10"]
    assert told(gate_oracle.banned(story(created, bans=[Ban(60, 100)]))) == []


def test_C8_a_member_booked_as_having_left_is_told() -> None:
    assert told(gate_oracle.misbooked(story(), {ADA: 50.0})) == ["C8"]
    assert told(gate_oracle.misbooked(story(presences=WENT), {ADA: 110.0})) == []


def test_whatever_we_remove_is_told() -> None:
    assert told(gate_oracle.removals(story(moment(50, operation="delete")))) == ["I7"]


def test_INC05_what_salesforce_created_may_bear_an_additional_address_of_its_contact() -> None:
    merged_away = moment(5, "hubspot", id="100", contact="100", ours=False, operation="create")
    merged_away = merged_away._replace(after=held(email="lady@example.com"))
    lady = held(email="lady@example.com")
    created = moment(10, operation="create", ours=False, carried=None, after=lady)
    reached = moment(20, "hubspot")
    happened = story(merged_away, created, reached, presences=(outside(0),), enters=True)
    assert told(gate_oracle.leaks(happened)) == ["I1-never", "I1-lag"]
    happened.aliases = {"100": ADA}
    assert told(gate_oracle.leaks(happened)) == []


def test_INC05_a_request_that_is_delivered_twice_is_one() -> None:
    created = moment(10, operation="create", ours=False, carried=None)
    reached = moment(20, "hubspot", after=held(firstname="sf"), sent=frozenset({"firstname"}))
    twice = reached._replace(at=20.5, before=reached.after)
    happened = story(
        *(created, reached, twice),
        presences=(outside(0),),
        enters=True,
        doubtful=True,
        late_s=5.0,
    )
    assert told(gate_oracle.leaks(happened)) == []
    happened.moments[-1] = twice._replace(at=reached.at)
    assert told(gate_oracle.leaks(happened)) == []
    happened.moments[-1] = twice._replace(after=held(firstname="other"))
    assert told(gate_oracle.leaks(happened)) == ["I1-never", "I1-lag"]


LINKED = moment(1, operation="create")
EDIT = moment(10, ours=False, after=held(firstname="sf"))
OLD_WORD = moment(5, "hubspot", ours=False, after=held(firstname="hs"))
WORD = moment(20, "hubspot", ours=False, after=held(firstname="hs"))
OVER = moment(80, before=held(firstname="sf"), after=held(firstname="hs"))
CARRIED = moment(15, "hubspot", before=held(firstname="hs"), after=held(firstname="sf"))
BACK = moment(12, ours=False, before=held(firstname="sf"))
CONVERTED = moment(10, id="00QA", ours=False, operation="convert")
LOGGED = frozenset({Lost(ADA, "firstname", "sf")})


@pytest.mark.parametrize(
    ("happened", "breaches"),
    [
        (story(LINKED, EDIT, WORD, OVER), ["I2"]),
        (story(LINKED, EDIT, WORD, OVER, lost=LOGGED), []),
        (story(LINKED, EDIT, CARRIED, WORD._replace(before=held(firstname="sf")), OVER), []),
        (story(LINKED, OLD_WORD, EDIT, CARRIED, OVER), ["I2", "I2"]),
        (story(LINKED, EDIT._replace(at=79), WORD._replace(at=79), OVER), []),
        (story(LINKED, EDIT._replace(ours=True), WORD, OVER), []),
        (story(LINKED, EDIT._replace(operation="create"), CONVERTED, OVER), []),
        (story(LINKED, EDIT, BACK, WORD, OVER._replace(before=held())), []),
        (
            story(LINKED, EDIT, BACK._replace(after=held(firstname="other")), WORD, OVER),
            ["I2"],
        ),
    ],
)
def test_I2_an_edit_that_neither_arrived_nor_was_logged_is_told(
    happened: Story, breaches: list[str]
) -> None:
    assert told(value_oracle.overwritten(happened)) == breaches


def test_I2_what_was_logged_of_somebody_who_was_erased_since_is_not_missed() -> None:
    """Found by a chaos run: erasing a person erases their lines of the conflict log."""
    word = moment(0, "hubspot", ours=False, after=held(firstname="hs"))
    lost = moment(10, ours=False, after=held(firstname="sf"))
    over = moment(80, before=held(firstname="sf"), after=held(firstname="hs"))
    assert told(value_oracle.overwritten(story(word, LINKED, lost, over))) == ["I2"]
    erased = moment(90, "hubspot", operation="gdpr-delete", ours=False, before=held(firstname="hs"))
    assert told(value_oracle.overwritten(story(word, LINKED, lost, over, erased))) == []


def test_I2_a_cleared_field_that_comes_back_is_told() -> None:
    filled, blank = held(firstname="hs"), held()
    cleared = moment(10, ours=False, before=filled, after=blank)
    back = moment(80, before=blank, after=filled)
    word = moment(0, "hubspot", operation="create", ours=False, after=filled)
    assert told(value_oracle.overwritten(story(word, LINKED, cleared, back))) == ["I2"]


def test_I9_a_value_that_the_other_side_no_longer_holds_is_told() -> None:
    newer = moment(30, "hubspot", ours=False, before=held(firstname="hs"), after=held())
    first = moment(5, "hubspot", ours=False, after=held(firstname="hs"))
    late = moment(200, after=held(firstname="hs"))
    assert told(value_oracle.unsaid(story(first, newer, late))) == ["I9"]
    assert told(value_oracle.unsaid(story(first, late))) == []


def test_I3_who_was_created_twice_or_made_anew_is_told() -> None:
    created = moment(10, operation="create")
    assert told(pair_oracle.duplicates(story(created))) == []
    assert told(pair_oracle.duplicates(story(created, created._replace(id="003B")))) == ["I3"]
    anew = moment(20, "hubspot", operation="create", after=held())
    assert told(pair_oracle.duplicates(story(created._replace(ours=False), anew))) == ["I3"]


def test_I6_a_member_without_an_equal_twin_is_told() -> None:
    def unequal(*rows: Row) -> list[str]:
        end = End({ADA: Contact(held())}, dict(enumerate_rows(rows)), frozenset({ADA}))
        return told(breach for _, breach in pair_oracle.unequal(story(), end))

    assert unequal() == ["I6"]
    assert unequal(Row("Contact", held(), ADA)) == []
    assert unequal(Row("Contact", held(firstname="b"), ADA)) == ["I6"]
    assert unequal(Row("Contact", held(fax=None, jobtitle="c"), ADA)) == []
    assert unequal(Row("Contact", held(), ADA, deleted=True)) == ["I6"]
    assert unequal(Row("Contact", held(), "102")) == ["I6"]


def enumerate_rows(rows: tuple[Row, ...]) -> Iterator[tuple[str, Row]]:
    return ((f"003{number}", row) for number, row in enumerate(rows))


ALIKE = Row("Contact", held(), None)
OTHERS = Row("Contact", held(), "102")
GONE = Row("Contact", held(), ADA, deleted=True)


@pytest.mark.parametrize(
    ("reason", "contact", "rows", "true"),
    [
        (Reason.NO_EMAIL, held(email=None), (), True),
        (Reason.NO_EMAIL, held(), (), False),
        (Reason.REQUIRED_MISSING, held(lastname=None), (), True),
        (Reason.REQUIRED_MISSING, held(), (), False),
        (Reason.DUP_MANY_MATCHES, held(), (ALIKE, ALIKE), True),
        (Reason.DUP_MANY_MATCHES, held(), (ALIKE,), False),
        (Reason.EMAIL_IN_USE, held(), (OTHERS,), True),
        (Reason.EMAIL_IN_USE, held(), (ALIKE,), False),
        (Reason.DELETED_SF, held(), (GONE,), True),
        (Reason.DELETED_SF, held(), (GONE, ALIKE), False),
        (Reason.SYNCED, held(), (), False),
    ],
)
def test_I8_a_reason_counts_only_where_it_is_true(
    reason: Reason, contact: Values, rows: tuple[Row, ...], *, true: bool
) -> None:
    end = End({ADA: Contact(contact)}, dict(enumerate_rows(rows)), frozenset({ADA}))
    once = moment(1, id="0030", operation="create")
    assert excused(ADA, reason, story(once), end) is true
