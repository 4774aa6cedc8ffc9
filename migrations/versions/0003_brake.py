"""The brake's count and a person's no; how old the proofs of a run's writes were."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("inclusion", sa.Column("counted_at", sa.BigInteger))
    op.add_column("inclusion", sa.Column("rejected_by", sa.String(200)))
    op.add_column("inclusion", sa.Column("rejected_at", sa.BigInteger))
    op.add_column("inclusion", sa.Column("again_since", sa.BigInteger))
    op.add_column("runs", sa.Column("proof_ages", sa.Text))
