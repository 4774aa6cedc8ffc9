"""An installation that is quick to set up again: examples share what a database costs to open."""

from functools import cache
from typing import Any

from sqlalchemy import Engine, delete

from guestlist.engine.services import Services
from guestlist.store.database import Database
from guestlist.store.tables import descriptions, meta, metadata
from tests.engine.world import Installation

_KEPT = frozenset({descriptions, meta})
"""The CRMs' schemas: they are the same in every world."""


class Premises(Installation):
    """Its processes share connections and compiled statements, and have all else of their own."""

    def worker(self, **more: Any) -> Services:
        made = super().worker(**more)
        database = made.database
        database.engine = _opened(made.settings.database_url).execution_options()
        database._readers = database.engine.execution_options(guestlist_reads=True)
        return made

    def forget(self) -> None:
        with self.services.database.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                if table not in _KEPT:
                    connection.execute(delete(table))

    def close(self) -> None:
        """Leave the connections open for the next example."""


@cache
def _opened(url: str) -> Engine:
    return Database(url).engine


def close(url: str) -> None:
    """Close what the examples on one database shared."""
    _opened(url).dispose()
