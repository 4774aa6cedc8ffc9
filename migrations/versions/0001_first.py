"""Runs, work, links, problems, the chosen list, cached schemas, audit and meta."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql")
COUNTS = (
    "enumerated",
    "created",
    "updated",
    "unchanged",
    "held",
    "failed",
    "cancelled",
    "hubspot_calls",
    "salesforce_calls",
)


def upgrade() -> None:
    _runs()
    _work()
    _links()
    _problems()
    _settings()


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("list_id", sa.String(100)),
        sa.Column("list_version", sa.Integer),
        sa.Column("lane", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("cursor", sa.Text),
        sa.Column("enumerating", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in COUNTS),
        sa.Column("settings_version", sa.String(100)),
        sa.Column("parent", KEY),
        sa.Column("limit", sa.BigInteger),
        sa.Column("producer", sa.String(100)),
        sa.Column("producer_until", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.ForeignKeyConstraint(
            ["parent"], ["runs.id"], name="fk_runs_parent", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_runs_created_at", "runs", ["created_at"])


def _work() -> None:
    op.create_table(
        "work",
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("dispatched_at", sa.BigInteger),
        sa.Column("lease", sa.String(100)),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("proof_at", sa.BigInteger),
        sa.Column("outcome", sa.String(40)),
        sa.Column("reason", sa.String(40)),
        sa.Column("facts", sa.Text),
        sa.Column("changes", sa.Text),
        sa.Column("twin_type", sa.String(100)),
        sa.Column("twin_id", sa.String(40)),
        sa.Column("finished_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("run_id", "key", name="pk_work"),
    )
    undone = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_work_run_id_due_at",
        "work",
        ["run_id", "due_at"],
        sqlite_where=undone,
        postgresql_where=undone,
    )


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("twin_type", sa.String(100), nullable=False),
        sa.Column("twin_id", sa.String(40), nullable=False),
        sa.Column("agreed", sa.Text, nullable=False),
        sa.Column("linked_at", sa.BigInteger, nullable=False),
        sa.Column("agreed_at", sa.BigInteger, nullable=False),
        sa.Column("left_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("object", "key", name="pk_links"),
        sa.UniqueConstraint("object", "twin_id", name="uq_links_object_twin_id"),
    )


def _problems() -> None:
    op.create_table(
        "problems",
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("fingerprint", sa.String(100), nullable=False),
        sa.Column("crm", sa.String(40)),
        sa.Column("code", sa.String(200), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("correlation_id", sa.String(200), nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("ignored_at", sa.BigInteger),
        sa.Column("resolved_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("object", "key", name="pk_problems"),
    )


def _settings() -> None:
    op.create_table(
        "inclusion",
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("list_id", sa.String(100), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chosen_at", sa.BigInteger, nullable=False),
        sa.Column("chosen_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("object", name="pk_inclusion"),
    )
    op.create_table(
        "descriptions",
        sa.Column("crm", sa.String(40), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("read_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("crm", "type", name="pk_descriptions"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("what", sa.String(100), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
