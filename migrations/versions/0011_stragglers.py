"""Writes that were sent and never answered."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

KEY = sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "stragglers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("crm", sa.String(40), nullable=False),
        sa.Column("property", sa.String(200), nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stragglers"),
    )
    op.create_index("ix_stragglers_object_key", "stragglers", ["object", "key"])
