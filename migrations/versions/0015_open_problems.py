"""Open problems are counted on every page."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

OPEN = sa.text("resolved_at IS NULL AND ignored_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_problems_open",
        "problems",
        ["reason", "first_at"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
