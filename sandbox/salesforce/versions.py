"""API versions: three a year, the oldest retired."""

import re

from sandbox.salesforce.errors import SalesforceError, not_found

OLDEST = 31
LATEST = 68
_FIRST_LISTED_YEAR = 2014
_SEASONS = ("Spring", "Summer", "Winter")
_SPRING_14 = 30
_FORM = re.compile(r"v(\d{1,3})\.0", re.ASCII)


def answering(word: str) -> str:
    """Return the number of a version as addresses name it, ``v67.0``; refuse one not in service."""
    found = _FORM.fullmatch(word)
    if found is None or int(found.group(1)) > LATEST:
        raise not_found()
    if int(found.group(1)) < OLDEST:
        message = f"The API version {word} is retired"
        raise SalesforceError("GONE", message, status=410)
    return word[1:]


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
