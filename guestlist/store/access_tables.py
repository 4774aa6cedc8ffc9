"""Tables of who has access: people and programs here, and we at the CRMs; and who is forgotten."""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from guestlist.domain.role import Role
from guestlist.store.columns import Instant, Json, Word
from guestlist.store.metadata import metadata
from schemas.records import Crm

users = Table(
    "users",
    metadata,
    Column("name", String(100), nullable=False),
    Column("role", Word(Role), nullable=False),
    Column("password", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("name"),
)

# Of a session and of a token only the hash is kept: who reads this table can not sign in with it.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("user", String(100), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    PrimaryKeyConstraint("digest"),
    ForeignKeyConstraint(["user"], ["users.name"], ondelete="CASCADE"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("name", String(100), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("role", Word(Role), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("used_at", Instant),
    PrimaryKeyConstraint("name"),
    UniqueConstraint("digest"),
)

# What a CRM's OAuth granted.  Both tokens are sealed: see store/vault.py.
grants = Table(
    "grants",
    metadata,
    Column("provider", Word(Crm), nullable=False),
    Column("account", String(100), nullable=False),
    Column("key_id", String(100), nullable=False),
    Column("refresh", Text, nullable=False),
    Column("access", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("granted_by", String(200), nullable=False),
    # Written before a renewal is sent, and taken away with its answer.
    Column("holder", String(100)),
    Column("held_until", Instant),
    Column("refused_at", Instant),
    Column("refused_why", Text),
    PrimaryKeyConstraint("provider"),
)

# Salted marks of people whom HubSpot deleted for good: enough to know them, too little to find out.
forgotten = Table(
    "forgotten",
    metadata,
    Column("object", String(100), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("object", "digest"),
)
