"""Who deletes a run asks which runs came of it."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_index("ix_runs_parent", "runs", ["parent"])
