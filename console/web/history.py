"""The versions of a mapping or of the settings, a page at a time."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import request

from console.web.paging import ROWS, Slice, cut
from guestlist.store import versions
from guestlist.store.database import Database
from guestlist.store.versions import Version


class History(NamedTuple):
    """Some versions, newest first."""

    slice: Slice[Version]
    known: Mapping[int, Version]
    """By number, the one before the last of the slice included: each is told beside its own."""


def history(database: Database, name: str) -> History:
    """Return the versions kept under a name, those before the number that the query names."""
    asked = request.args.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 9 else None
    with database.read() as conn:
        found = versions.page(conn, name, before=before, limit=ROWS + 1)
    slice_ = cut(found, ROWS, lambda each: str(each.version))
    return History(slice_, {each.version: each for each in found})
