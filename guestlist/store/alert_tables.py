"""Tables of alerts: what is wrong, and the messages on their way."""

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Table, Text

from guestlist.domain.trouble import Kind
from guestlist.store.columns import Instant, Json, Word
from guestlist.store.metadata import metadata

alerts = Table(
    "alerts",
    metadata,
    Column("kind", Word(Kind), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("said", Text, nullable=False),
    Column("fix", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("told_at", Instant),
    Column("over_at", Instant),
    PrimaryKeyConstraint("kind", "subject"),
)

# Messages on their way, one row a channel.  ``due_at`` NULL: done, whether sent or given up.
letters = Table(
    "letters",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("body", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("problem", Text),
    PrimaryKeyConstraint("id"),
    sqlite_autoincrement=True,
)
