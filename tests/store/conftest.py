from collections.abc import Iterator

import pytest

from guestlist.store.database import Database
from guestlist.store.schema import upgrade


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The newest schema, empty, once on each kind of database."""
    upgrade(database_url)
    opened = Database(database_url)
    yield opened
    opened.dispose()
