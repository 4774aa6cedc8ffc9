"""A batch looks for what waits in other runs."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

UNFINISHED = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_runs_unfinished",
        "runs",
        ["lane"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
