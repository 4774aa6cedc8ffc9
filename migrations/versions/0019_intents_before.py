"""First syncs remember what was agreed on before what they mean to write."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for name, nothing in (("into_salesforce", "[]"), ("before", "{}")):
        op.add_column("intents", sa.Column(name, sa.Text, nullable=False, server_default=nothing))
