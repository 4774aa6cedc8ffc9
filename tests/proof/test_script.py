"""What people do under load, and when it makes whom a member."""

from collections import Counter
from itertools import chain, pairwise

import pytest

from benchmarks.proof.quiet import Quiet, judge
from benchmarks.proof.script import FIELDS, INSIDE, OUTSIDE, Act, Cast, Pair, Script
from benchmarks.proof.timeline import Lists, Timeline
from tests.proof.evidence import LIST, user

CAST = Cast(
    pairs=[Pair(str(n), "Lead" if n % 9 == 0 else "Contact", f"003{n}") for n in range(200)],
    outsiders=[str(n) for n in range(200, 400)],
    strangers=[Pair(str(n), "Lead", f"00Q{n}") for n in range(200, 220)],
)


def acts(seed: str = "s", number: int = 3000) -> list[Act]:
    script = Script(CAST, seed=seed)
    return [act for _ in range(number) for act in (script.hubspot(), script.salesforce())]


def test_the_same_seed_does_the_same_and_another_does_not() -> None:
    assert acts("a", 200) == acts("a", 200)
    assert acts("a", 200) != acts("b", 200)


def test_either_side_is_edited_as_often() -> None:
    counted = Counter(act.crm for act in acts())
    assert counted["hubspot"] == counted["salesforce"] == 3000


def test_people_join_leave_and_are_created_on_both_sides() -> None:
    done = acts()
    stages = Counter(act.fields.get("lifecyclestage") for act in done if act.verb == "update")
    assert min(stages[INSIDE], stages[OUTSIDE]) > 100
    assert {(act.crm, act.verb) for act in done} == {
        *(("hubspot", "create"), ("hubspot", "update")),
        *(("salesforce", "insert"), ("salesforce", "update")),
    }


def test_no_value_is_set_twice_so_that_each_can_be_traced() -> None:
    names = {*FIELDS, *chain.from_iterable(by.values() for by in FIELDS.values())}
    values = [value for act in acts() for name, value in act.fields.items() if name in names]
    assert len(values) == len(set(values)) > 3000


def test_whoever_flips_is_back_with_the_next_act() -> None:
    done = [act for act in acts() if act.crm == "hubspot" and "lifecyclestage" in act.fields]
    flips = [
        (before.fields["lifecyclestage"], after.fields["lifecyclestage"])
        for before, after in pairwise(done)
        if before.who == after.who
    ]
    assert (OUTSIDE, INSIDE) in flips


@pytest.mark.parametrize(
    ("start", "end", "within"),
    [(0, 9.9, False), (0, 10, True), (15, 16, True), (20, 30, False), (19.9, 30, True)],
)
def test_a_timeline_knows_whether_it_was_ever_true_in_a_while(
    start: float,
    end: float,
    *,
    within: bool,
) -> None:
    line = Timeline(began=False)
    line.turn(10, to=True)
    line.turn(12, to=True)
    line.turn(20, to=False)
    assert line.within(start, end) is within
    assert line.ever()
    assert (line.at(10), line.at(20)) == (True, False)


def test_the_evaluated_list_follows_its_filter_after_the_lag() -> None:
    journal = [user(10, "hubspot", "1", "1", inside=False)]
    lists = Lists(journal, list_id=LIST, before=frozenset({"1"}), lag_s=5)
    assert not lists.by_filter("1").at(10)
    assert lists.as_evaluated("1").at(14.9)
    assert not lists.as_evaluated("1").at(15)
    assert not lists.by_filter("2").ever()


def quiet(contacts: int, *calls: tuple[int, int], written: int = 0) -> Quiet:
    return Quiet(contacts, contacts // 3, frozenset(calls), 0.1, contacts // 250, written)


def test_a_quiet_poll_may_cost_no_more_in_a_larger_world_and_writes_nothing() -> None:
    small = quiet(1000, (3, 6), (4, 6))
    assert judge([small, quiet(200_000, (4, 6), (3, 6))]).broken == ()
    dearer = judge([small, quiet(200_000, (5, 6))]).broken
    assert dearer == ("HubSpot + Salesforce calls of a cycle: 4 + 6 at 1,000, 5 + 6 at 200,000",)
    assert judge([small, quiet(200_000, (4, 6), written=1)]).broken == ("1 writes at 200,000",)
