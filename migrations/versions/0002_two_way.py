"""Following both CRMs: cursors, sightings, members, the conflict log, and the brake's memory."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql")


def upgrade() -> None:
    _following()
    _conflicts()
    _brake()
    op.add_column("links", sa.Column("outside", sa.String(40)))
    held = sa.text("lease IS NOT NULL")
    op.create_index("ix_work_key", "work", ["key"], sqlite_where=held, postgresql_where=held)


def _following() -> None:
    op.create_table(
        "follows",
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("stopped_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("object", name="pk_follows"),
    )
    op.create_table(
        "cursors",
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("stream", sa.String(100), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("holder", sa.String(100)),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("looked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("object", "stream", name="pk_cursors"),
    )
    op.create_table(
        "sightings",
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("crm", sa.String(40), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("object", "crm", "id", name="pk_sightings"),
    )
    op.create_table(
        "members",
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("list_id", sa.String(100), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("joined_at", sa.BigInteger, nullable=False),
        sa.Column("known_at", sa.BigInteger),
        sa.Column("entered_at", sa.BigInteger),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("object", "list_id", "key", name="pk_members"),
    )


def _conflicts() -> None:
    op.create_table(
        "conflicts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("property", sa.String(200), nullable=False),
        sa.Column("hubspot", sa.Text),
        sa.Column("salesforce", sa.Text),
        sa.Column("agreed", sa.Text),
        sa.Column("winner", sa.String(40), nullable=False),
        sa.Column("hubspot_at", sa.BigInteger),
        sa.Column("salesforce_at", sa.BigInteger),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("restore_by", sa.String(200)),
        sa.Column("restore_asked_at", sa.BigInteger),
        sa.Column("restored_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_conflicts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_conflicts_object_key", "conflicts", ["object", "key"])


def _brake() -> None:
    for name, kind in (
        ("baseline_size", sa.BigInteger()),
        ("baseline_version", sa.Integer()),
        ("baseline_filter", sa.String(100)),
        ("held_reason", sa.String(40)),
        ("held_at", sa.BigInteger()),
        ("held_size", sa.BigInteger()),
        ("held_version", sa.Integer()),
        ("held_entered", sa.BigInteger()),
        ("held_left", sa.BigInteger()),
    ):
        op.add_column("inclusion", sa.Column(name, kind))
