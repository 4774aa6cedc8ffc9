from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from guestlist.domain.membership import (
    Doubt,
    LateExit,
    Looked,
    doubt,
    gone,
    joiners,
    joins_since,
    late_exits,
)
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from schemas.records import ListDefinition, ListProcessing, Member

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def a_list(
    size: int | None = 1000, *, status: str = "COMPLETE", version: int = 3
) -> ListDefinition:
    return ListDefinition(
        list_id="42",
        name="Customers",
        object_type_id="0-1",
        processing_type=ListProcessing.DYNAMIC,
        processing_status=status,
        version=version,
        size=size,
        filter_branch=None,
        filters_updated_at=None,
    )


@pytest.mark.parametrize(
    ("definition", "seen", "why"),
    [
        (a_list(), 1000, None),
        (a_list(), 991, None),
        (a_list(), 989, Doubt.COUNT_DIFFERS),
        (a_list(), 1011, Doubt.COUNT_DIFFERS),
        (a_list(10), 5, None),
        (a_list(10), 4, Doubt.COUNT_DIFFERS),
        (a_list(None), 1000, Doubt.SIZE_UNKNOWN),
        (a_list(0), 0, Doubt.EMPTY),
        (a_list(status="PROCESSING"), 1000, Doubt.BEING_BUILT),
        (a_list(version=4), 1000, Doubt.CHANGED_MEANWHILE),
    ],
)
def test_an_enumeration_counts_only_when_its_count_is_the_size_of_the_list(
    definition: ListDefinition, seen: int, why: Doubt | None
) -> None:
    assert doubt(definition, version=3, seen=seen, known=1000) is why


def test_a_list_that_always_was_empty_is_no_surprise() -> None:
    assert doubt(a_list(0), version=3, seen=0, known=0) is None


ENTERED = [Member("1", NOON - SECOND), Member("2", NOON), Member("3", None)]


def test_who_is_in_a_list_read_for_the_first_time_did_not_join_it() -> None:
    assert joiners(ENTERED, since=NOON, known=False) == ["2"]


def test_who_enters_a_list_that_was_known_joined_it() -> None:
    assert joiners(ENTERED, since=NOON, known=True) == ["1", "2", "3"]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("edited_at", "since"),
    [
        (None, NOON),
        (NOON - HOUR, NOON),
        (NOON - 59 * SECOND, NOON + HOUR),
        (NOON + SECOND, NOON + HOUR),
    ],
)
def test_whom_a_list_was_filled_with_when_it_was_made_did_not_join_it(
    edited_at: datetime | None, since: datetime
) -> None:
    definition = replace(a_list(), filters_updated_at=edited_at)

    def found(definition: ListDefinition) -> datetime | None:
        read_at, settle = NOON + HOUR, 60 * SECOND
        return joins_since(definition, chosen_at=NOON, read_at=read_at, settle=settle)

    assert found(definition) == since
    assert found(replace(definition, processing_status="PROCESSING")) is None


def test_only_who_is_out_when_asked_for_has_left() -> None:
    memberships = {"1": frozenset({"42"}), "2": frozenset({"41"}), "3": frozenset[str]()}
    assert gone(["1", "2", "3", "4"], memberships, "42") == ["2", "3", "4"]


def look(
    seconds: float,
    outcome: Outcome = Outcome.UPDATED,
    reason: Reason = Reason.SYNCED,
    key: str = "1",
) -> Looked:
    return Looked(key, outcome, reason, NOON + seconds * SECOND)


def exits(*looks: Looked, after: float = 3600) -> list[LateExit]:
    found_at = NOON + after * SECOND
    return late_exits(["1"], looks, found_at=found_at, proof_age=30 * SECOND)


def test_a_write_shortly_before_the_record_was_found_outside_is_a_late_exit() -> None:
    assert exits(look(0), after=30) == [LateExit("1", NOON, NOON + 30 * SECOND)]
    assert exits(look(0), after=31) == []


def test_a_look_that_held_the_record_found_it_outside_before_the_list_was_read() -> None:
    held = look(20, Outcome.HELD, Reason.LEFT_LIST)
    assert exits(look(0), held) == [LateExit("1", NOON, NOON + 20 * SECOND)]
    assert exits(look(0), look(40, Outcome.HELD, Reason.LEFT_LIST)) == []


def test_only_the_last_write_counts_and_what_was_not_written_does_not() -> None:
    held, again = look(10, Outcome.HELD, Reason.LEFT_LIST), look(100, Outcome.CREATED)
    assert exits(look(0), held, again) == []
    assert exits(look(0, Outcome.UNCHANGED, Reason.UNCHANGED), after=1) == []
    assert exits(look(0, key="2"), after=1) == []
