from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from guestlist.store.columns import from_ms, to_ms

instants = st.datetimes(datetime(1971, 1, 1), datetime(2999, 1, 1), timezones=st.timezones())  # noqa: DTZ001


@given(instants)
def test_an_instant_is_the_same_whole_millisecond_or_just_before(instant: datetime) -> None:
    read = from_ms(to_ms(instant))
    assert timedelta(0) <= instant - read < timedelta(milliseconds=1)
    assert read.tzinfo is UTC


@given(instants, st.integers(-14, 14))
def test_the_offset_does_not_matter(instant: datetime, hours: int) -> None:
    there = instant.astimezone(timezone(timedelta(hours=hours)))
    assert to_ms(there) == to_ms(instant)
