"""Versions over the files: what people set while everything runs.  Each is added, never changed.

The files are the truth: a version is in force only while the files say what they said when it was
made.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import orjson

from guestlist.domain.edit import Edit
from guestlist.domain.errors import Misconfigured, Missing
from guestlist.store import versions
from guestlist.store.database import Database
from guestlist.store.versions import Version

T = TypeVar("T")
AUDITED = 50
"""Differences that the audit keeps of one version; the version itself has all."""


class Proposed(NamedTuple, Generic[T]):
    """What somebody wants, beside what there is."""

    target: T | None
    """``None``: as the files say."""
    seen: int
    """The newest version when it was looked at; 0: none."""
    who: str
    note: str = ""


def digest(said: Any) -> str:
    """Return one word for what the files say."""
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:16]


def newest_of(database: Database, name: str) -> Version | None:
    with database.read() as conn:
        return versions.newest(conn).get(name)


def version_of(database: Database, name: str, version: int) -> Version:
    """Return one version; ``Missing``: there is none."""
    with database.read() as conn:
        found = versions.get(conn, name, version)
    if found is None:
        raise Missing(f"there is no version {version}")
    return found


def keep(database: Database, made: Version, changed: Sequence[Edit], *, what: str) -> None:
    """Add a version, which is in force from now on, and note it in the audit as *what*.

    Raises ``Misconfigured`` where somebody else made one meanwhile.
    """
    noted = [each._asdict() for each in changed[:AUDITED]]
    with database.begin() as conn:
        added = versions.add(conn, made, what=what, changed={"changes": noted})
    if not added:
        raise Misconfigured("somebody changed it meanwhile: look at it again")
