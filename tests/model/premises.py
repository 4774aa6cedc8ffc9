"""An installation that is quick to set up again: examples share what a database costs to open."""

import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import delete, make_url

from guestlist.engine.services import Services
from guestlist.store.database import Database
from guestlist.store.tables import descriptions, meta, metadata
from sandbox.crm import CRM
from sandbox.inprocess import session
from sandbox.wire import Request
from tests.engine.world import ADDRESSES, CALL_S, Installation

_KEPT = frozenset({descriptions, meta})
"""The CRMs' schemas: they are the same in every world."""


class Premises(Installation):
    """Its processes share connections and compiled statements, and have all else of their own."""

    heard: Callable[[CRM, Request], None] | None = None
    """Told of each call as it reaches a CRM."""

    def worker(self, **more: Any) -> Services:
        made = super().worker(**more)
        if more:
            # Not what everybody shares: this one is going to be killed.
            database = made.database
            database.engine = database.engine.execution_options()
            database._readers = database.engine.execution_options(guestlist_reads=True)
        return made

    def session(self) -> requests.Session:
        return session(self.world, ADDRESSES, watch=self._hear)

    def _hear(self, crm: CRM, request: Request) -> None:
        self.move(CALL_S)
        if self.heard:
            self.heard(crm, request)

    def saved(self) -> sqlite3.Connection:
        """Copy the database as it is now, into memory."""
        copy = sqlite3.connect(":memory:")
        with sqlite3.connect(self._file) as held:
            held.backup(copy)
        held.close()
        return copy

    def restore(self, saved: sqlite3.Connection) -> None:
        """Let the database be as it was saved."""
        with sqlite3.connect(self._file) as held:
            saved.backup(held)
        held.close()

    @property
    def _file(self) -> Path:
        return Path(str(make_url(self.loaded.settings.database_url).database))

    def forget(self) -> None:
        with self.services.database.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                if table not in _KEPT:
                    connection.execute(delete(table))

    def close(self) -> None:
        """Leave the connections open for the next example."""

    def _database(self, url: str) -> Database:
        made = Database.__new__(Database)
        made.__dict__.update(_opened(url).__dict__)
        return made


@cache
def _opened(url: str) -> Database:
    return Database(url)


def close(url: str) -> None:
    """Close what the examples on one database shared."""
    _opened(url).dispose()
