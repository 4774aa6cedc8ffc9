"""Sealed grants, a chained audit, who said yes first, and marks of people to be forgotten."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

AUDIT = sa.table(
    "audit",
    sa.column("id", sa.BigInteger),
    sa.column("at", sa.BigInteger),
    sa.column("who", sa.Text),
    sa.column("what", sa.Text),
    sa.column("detail", sa.Text),
    sa.column("digest", sa.Text),
)
META = sa.table("meta", sa.column("name", sa.Text), sa.column("value", sa.Text))


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("key_id", sa.String(100), nullable=False),
        sa.Column("refresh", sa.Text, nullable=False),
        sa.Column("access", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("granted_at", sa.BigInteger, nullable=False),
        sa.Column("granted_by", sa.String(200), nullable=False),
        sa.Column("holder", sa.String(100)),
        sa.Column("held_until", sa.BigInteger),
        sa.Column("refused_at", sa.BigInteger),
        sa.Column("refused_why", sa.Text),
        sa.PrimaryKeyConstraint("provider", name="pk_grants"),
    )
    op.create_table(
        "forgotten",
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("object", "digest", name="pk_forgotten"),
    )
    op.add_column("inclusion", sa.Column("seconded_by", sa.String(200)))
    op.add_column("inclusion", sa.Column("seconded_for", sa.String(200)))
    op.add_column("audit", sa.Column("digest", sa.String(64)))
    _chain()


def _chain() -> None:
    """Chain the lines there are, as ``guestlist.store.audit`` does it for new ones."""
    conn = op.get_bind()
    before = ""
    for row in conn.execute(sa.select(AUDIT).order_by(AUDIT.c.id)).all():
        line = [before, row.id, row.at, row.who, row.what, json.loads(row.detail)]
        text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        before = hashlib.sha256(text.encode()).hexdigest()
        conn.execute(sa.update(AUDIT).where(AUDIT.c.id == row.id).values(digest=before))
    if before:
        conn.execute(sa.insert(META).values(name="audit.head", value=json.dumps(before)))
