from datetime import UTC, datetime, timedelta

import pytest

from guestlist.domain.cursor import covering, due_before, overdue, record_key, window
from schemas.records import Changed, Cursor

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROW = Changed("003000000000001AAA", NOON)


def test_a_window_reaches_an_overlap_back_and_ends_before_the_current_second() -> None:
    found = window(
        Cursor(NOON), None, server_time=NOON + MINUTE + timedelta(seconds=0.7), overlap=2 * MINUTE
    )
    assert found.after == Cursor(NOON - 2 * MINUTE)
    assert found.until == NOON + MINUTE - timedelta(seconds=1)
    assert found.passed == Cursor(found.until)


def test_what_salesforce_does_not_cover_yet_is_read_again() -> None:
    found = window(Cursor(NOON), None, server_time=NOON + MINUTE, overlap=10 * MINUTE)
    held_back = covering(found, NOON - 5 * MINUTE)
    assert held_back.until == found.until
    assert held_back.passed == Cursor(NOON - 5 * MINUTE)
    assert covering(found, NOON + 2 * MINUTE) == found


def test_a_window_of_a_server_whose_clock_went_back_is_empty() -> None:
    assert window(Cursor(NOON), None, server_time=NOON - 3 * MINUTE, overlap=2 * MINUTE).empty
    assert not window(Cursor(NOON), None, server_time=NOON, overlap=2 * MINUTE).empty


def test_a_window_of_one_moment_is_read() -> None:
    after_a_second = NOON + timedelta(seconds=1)
    assert not window(Cursor(NOON), None, server_time=after_a_second, overlap=0 * MINUTE).empty


def test_a_look_is_due_somewhat_before_its_interval_is_over() -> None:
    assert due_before(NOON, MINUTE) == NOON - MINUTE / 2
    assert due_before(NOON, 60 * MINUTE) == NOON - 59.5 * MINUTE
    assert due_before(NOON, timedelta(seconds=4)) == NOON - timedelta(seconds=2)


def test_two_intervals_without_a_look_are_too_many() -> None:
    assert not overdue(NOON, MINUTE, now=NOON + 2 * MINUTE)
    assert overdue(NOON, MINUTE, now=NOON + 2 * MINUTE + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("row", "linked", "key"),
    [
        (ROW, None, ROW.id),
        (ROW, "17", "17"),
        (ROW._replace(key="18"), None, "18"),
        (ROW._replace(key="18"), "17", "17"),
        (ROW._replace(key="not an id"), None, ROW.id),
        (ROW._replace(key="٣"), None, ROW.id),
        (ROW._replace(deleted=True), None, None),
        (ROW._replace(deleted=True), "17", "17"),
        (ROW._replace(deleted=True, key="18"), None, "18"),
        (ROW._replace(deleted=True, merged_into="003x"), None, None),
    ],
)
def test_a_row_is_looked_at_under_its_contact_if_that_is_known(
    row: Changed, linked: str | None, key: str | None
) -> None:
    assert record_key(row, linked) == key
