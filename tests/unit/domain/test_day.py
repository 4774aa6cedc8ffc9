from datetime import UTC, datetime, timedelta

import pytest

from guestlist.domain.day import forecast, midnight

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
EVENING = NOON + timedelta(hours=10)


def seen(*counts: tuple[int, int]) -> list[tuple[datetime, int]]:
    return [(NOON - timedelta(minutes=minutes), total) for minutes, total in counts]


@pytest.mark.parametrize(
    ("counts", "ends_at", "calls"),
    [
        (((60, 1000), (30, 1300), (0, 1600)), EVENING, 11_000),
        (((60, 1000), (30, 1300), (0, 1600)), None, 14_400),
        ((), None, None),
        (((60, 1000),), EVENING, None),
        (((4, 1000), (0, 1600)), EVENING, None),
        (((60, 1600), (0, 1000)), EVENING, 5_000),
    ],
)
def test_a_forecast_goes_by_the_pace(
    counts: tuple[tuple[int, int], ...], ends_at: datetime | None, calls: int | None
) -> None:
    assert forecast(seen(*counts), used=5000, now=NOON, ends_at=ends_at) == calls


@pytest.mark.parametrize(
    ("zone", "ends"),
    [("US/Eastern", 17), ("Europe/Berlin", 11), ("Nowhere/Else", 12), ("", 12)],
)
def test_a_day_ends_at_midnight_of_the_accounts_zone(zone: str, ends: int) -> None:
    assert midnight(zone, NOON) == NOON + timedelta(hours=ends)
