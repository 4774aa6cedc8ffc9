"""API versions: three a year, the oldest retired."""

OLDEST = 31
LATEST = 68
_FIRST_LISTED_YEAR = 2014
_SEASONS = ("Spring", "Summer", "Winter")
_SPRING_14 = 30


def label(version: int) -> str:
    """Return the release a version came with, for instance ``Summer '26`` for 67."""
    years, season = divmod(version - _SPRING_14, 3)
    name = _SEASONS[season]
    year = _FIRST_LISTED_YEAR + years + (name == "Winter")
    return f"{name} '{year % 100}"


def listed() -> list[dict[str, str]]:
    """Return every version that still answers, oldest first."""
    return [
        {
            "label": label(version),
            "url": f"/services/data/v{version}.0",
            "version": f"{version}.0",
        }
        for version in range(OLDEST, LATEST + 1)
    ]
