"""The migrations make exactly the tables of ``guestlist.store.tables``, one after the other."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from guestlist.store.schema import upgrade
from guestlist.store.tables import metadata


def test_an_empty_database_becomes_what_the_code_expects(database_url: str) -> None:
    upgrade(database_url)
    engine = create_engine(database_url)
    try:
        with engine.connect() as connection:
            options = {"compare_type": False, "compare_server_default": False}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, metadata) == []
    finally:
        engine.dispose()


def test_every_migration_follows_one_other() -> None:
    script = ScriptDirectory("migrations")
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    assert upgrade(database_url).current is None
    assert upgrade(database_url).equal
