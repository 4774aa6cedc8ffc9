from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.since import begins_at, read_since

NOW = datetime(2026, 8, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "began"),
    [
        ("2026-08-01", datetime(2026, 8, 1, tzinfo=UTC)),
        ("2026-08-01T09:00Z", datetime(2026, 8, 1, 9, tzinfo=UTC)),
        ("2026-08-01 09:00:30+02:00", datetime(2026, 8, 1, 7, 0, 30, tzinfo=UTC)),
        (" 90s ", NOW - timedelta(seconds=90)),
        ("90m", NOW - timedelta(minutes=90)),
        ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)),
        ("1w", NOW - timedelta(weeks=1)),
        ("99999w", datetime(1970, 1, 1, tzinfo=UTC)),
        ("0001-01-01", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_day_a_time_or_an_age_is_a_moment(text: str, began: datetime) -> None:
    since = read_since(text)
    assert since is not None
    assert begins_at(since, NOW) == began


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-08-01T09:00", "20260801", "2026-13-01", "0h", "-2h", "2", "2H", "٢h"],
)
def test_what_leaves_the_moment_open_is_none(text: str) -> None:
    assert read_since(text) is None


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    since = read_since(text)
    assert since is None or begins_at(since, NOW).tzinfo is UTC
