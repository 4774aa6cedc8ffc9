"""First syncs say beforehand what they mean to write."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

KEY = sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "intents",
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("agreed", sa.Text, nullable=False),
        sa.Column("into_hubspot", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("object", "key", name="pk_intents"),
    )
    op.create_index("ix_intents_at", "intents", ["at"])
