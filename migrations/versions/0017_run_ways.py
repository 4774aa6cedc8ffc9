"""Which way a run's records went is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "run_ways",
        sa.Column(
            "run_id", sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql")
        ),
        sa.Column("outcome", sa.String(40)),
        sa.Column("way", sa.String(40)),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "outcome", "way"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
    )
