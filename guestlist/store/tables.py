"""Every table of the work, as data; those of access and of alerts have files of their own.

The migrations make exactly these; a test finds any difference.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from guestlist.domain.brake import Cause
from guestlist.domain.outcome import Outcome, RunKind, RunState, WorkState
from guestlist.domain.reason import Reason
from guestlist.domain.way import Way
from guestlist.store import (  # so that the metadata is whole
    access_tables,  # noqa: F401
    alert_tables,  # noqa: F401
)
from guestlist.store.columns import Instant, Json, Word
from guestlist.store.metadata import metadata as metadata  # noqa: PLC0414 - whole only from here
from schemas.records import Crm


def _key() -> String:
    """Keys compare byte by byte everywhere, so that a listing pages alike on both databases."""
    return String(100).with_variant(String(100, collation="C"), "postgresql")


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


runs = Table(
    "runs",
    metadata,
    Column("id", _key(), nullable=False),
    Column("kind", Word(RunKind), nullable=False),
    Column("object", String(100), nullable=False),
    Column("list_id", String(100)),
    Column("list_version", Integer),
    Column("lane", String(40), nullable=False),
    Column("state", Word(RunState), nullable=False),
    Column("reason", Word(Reason)),
    Column("requested_by", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("cursor", Text),
    Column("enumerating", Boolean, nullable=False),
    _count("enumerated"),
    _count("created"),
    _count("updated"),
    _count("unchanged"),
    _count("held"),
    _count("failed"),
    _count("cancelled"),
    _count("hubspot_calls"),
    _count("salesforce_calls"),
    Column("settings_version", String(100)),
    Column("parent", _key(), ForeignKey("runs.id", ondelete="SET NULL")),
    Column("limit", BigInteger),
    Column("producer", String(100)),
    Column("producer_until", Instant),
    # How old the membership proofs were at the run's writes: see domain/ages.py.
    Column("proof_ages", Json),
    PrimaryKeyConstraint("id"),
    Index(None, "created_at"),
    # Each run that is deleted is looked for here.
    Index(None, "parent"),
)
# A batch looks for what waits in other runs; years of them have ended.
Index(
    "ix_runs_unfinished",
    runs.c.lane,
    sqlite_where=runs.c.finished_at.is_(None),
    postgresql_where=runs.c.finished_at.is_(None),
)

run_ways = Table(
    "run_ways",
    metadata,
    Column("run_id", _key(), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("outcome", Word(Outcome), nullable=False),
    Column("way", Word(Way), nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("run_id", "outcome", "way"),
)

work = Table(
    "work",
    metadata,
    # No foreign key: one look at the run a batch does what a trigger a row would.
    Column("run_id", _key(), nullable=False),
    Column("key", _key(), nullable=False),
    Column("state", Word(WorkState), nullable=False),
    # Nobody may claim the row before: when queued, retry due, or end of the lease.  NULL: done.
    Column("due_at", Instant),
    Column("dispatched_at", Instant),
    Column("lease", String(100)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("proof_at", Instant),
    Column("outcome", Word(Outcome)),
    Column("reason", Word(Reason)),
    Column("facts", Json),
    Column("changes", Json),
    Column("twin_type", String(100)),
    Column("twin_id", String(40)),
    Column("finished_at", Instant),
    PrimaryKeyConstraint("run_id", "key"),
)
Index(
    "ix_work_run_id_due_at",
    work.c.run_id,
    work.c.due_at,
    sqlite_where=work.c.due_at.is_not(None),
    postgresql_where=work.c.due_at.is_not(None),
)
# Who holds a record right now, in whichever run.
Index(
    "ix_work_key",
    work.c.key,
    sqlite_where=work.c.lease.is_not(None),
    postgresql_where=work.c.lease.is_not(None),
)

links = Table(
    "links",
    metadata,
    Column("object", String(100), nullable=False),
    Column("key", _key(), nullable=False),
    Column("twin_type", String(100), nullable=False),
    Column("twin_id", String(40), nullable=False),
    Column("agreed", Text, nullable=False),
    Column("linked_at", Instant, nullable=False),
    Column("agreed_at", Instant, nullable=False),
    Column("left_at", Instant),
    Column("outside", Word(Reason)),
    PrimaryKeyConstraint("object", "key"),
    UniqueConstraint("object", "twin_id"),
)

problems = Table(
    "problems",
    metadata,
    Column("object", String(100), nullable=False),
    Column("key", _key(), nullable=False),
    Column("reason", Word(Reason), nullable=False),
    Column("fingerprint", String(100), nullable=False),
    Column("crm", Word(Crm)),
    Column("code", String(200), nullable=False),
    Column("message", Text, nullable=False),
    Column("fields", Json, nullable=False),
    Column("correlation_id", String(200), nullable=False),
    Column("run_id", _key(), nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ignored_at", Instant),
    Column("resolved_at", Instant),
    PrimaryKeyConstraint("object", "key"),
)

# Counted on every page.
Index(
    "ix_problems_open",
    problems.c.reason,
    problems.c.first_at,
    sqlite_where=and_(problems.c.resolved_at.is_(None), problems.c.ignored_at.is_(None)),
    postgresql_where=and_(problems.c.resolved_at.is_(None), problems.c.ignored_at.is_(None)),
)

inclusion = Table(
    "inclusion",
    metadata,
    Column("object", String(100), nullable=False),
    Column("list_id", String(100), nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("chosen_at", Instant, nullable=False),
    Column("chosen_by", String(200), nullable=False),
    Column("baseline_size", BigInteger),
    Column("baseline_version", Integer),
    Column("baseline_filter", String(100)),
    Column("counted_at", Instant),
    Column("held_reason", Word(Cause)),
    Column("held_at", Instant),
    Column("held_size", BigInteger),
    Column("held_version", Integer),
    Column("held_entered", BigInteger),
    Column("held_left", BigInteger),
    Column("rejected_by", String(200)),
    Column("rejected_at", Instant),
    # With four eyes: who said yes first, and to which state of the list.
    Column("seconded_by", String(200)),
    Column("seconded_for", String(200)),
    # The brake is off: whoever it held since then is to be looked at again.
    Column("again_since", Instant),
    PrimaryKeyConstraint("object"),
)

follows = Table(
    "follows",
    metadata,
    Column("object", String(100), nullable=False),
    Column("since", Instant, nullable=False),
    Column("by", String(200), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("stopped_at", Instant),
    PrimaryKeyConstraint("object"),
)

cursors = Table(
    "cursors",
    metadata,
    Column("object", String(100), nullable=False),
    Column("stream", String(100), nullable=False),
    # The CRM's time and the last id of that time: never our clock.
    Column("at", Instant, nullable=False),
    Column("id", _key(), nullable=False),
    Column("token", Text),
    Column("holder", String(100)),
    Column("held_until", Instant),
    Column("looked_at", Instant),
    PrimaryKeyConstraint("object", "stream"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("object", String(100), nullable=False),
    Column("crm", Word(Crm), nullable=False),
    Column("id", _key(), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("object", "crm", "id"),
)

members = Table(
    "members",
    metadata,
    Column("object", String(100), nullable=False),
    Column("list_id", String(100), nullable=False),
    Column("key", _key(), nullable=False),
    Column("joined_at", Instant, nullable=False),
    # The joining that was taken in, and when.  NULL: so far only seen, by an enumeration under way.
    Column("known_at", Instant),
    Column("entered_at", Instant),
    Column("seen", BigInteger, nullable=False),
    PrimaryKeyConstraint("object", "list_id", "key"),
)

conflicts = Table(
    "conflicts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("object", String(100), nullable=False),
    Column("key", _key(), nullable=False),
    Column("property", String(200), nullable=False),
    Column("hubspot", Json),
    Column("salesforce", Json),
    Column("agreed", Json),
    Column("winner", Word(Crm), nullable=False),
    Column("hubspot_at", Instant),
    Column("salesforce_at", Instant),
    Column("decided_at", Instant, nullable=False),
    Column("run_id", _key(), nullable=False),
    Column("restore_by", String(200)),
    Column("restore_asked_at", Instant),
    Column("restored_at", Instant),
    PrimaryKeyConstraint("id"),
    Index(None, "object", "key"),
    sqlite_autoincrement=True,
)

stragglers = Table(
    "stragglers",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("object", String(100), nullable=False),
    Column("key", _key(), nullable=False),
    Column("crm", Word(Crm), nullable=False),
    Column("property", String(200), nullable=False),
    Column("value", Json),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("id"),
    Index(None, "object", "key"),
)

intents = Table(
    "intents",
    metadata,
    Column("object", String(100), nullable=False),
    Column("key", _key(), nullable=False),
    Column("agreed", Text, nullable=False),
    Column("into_hubspot", Json, nullable=False),
    Column("into_salesforce", Json, nullable=False),
    Column("before", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("object", "key"),
    Index(None, "at"),
)

descriptions = Table(
    "descriptions",
    metadata,
    Column("crm", Word(Crm), nullable=False),
    Column("type", String(100), nullable=False),
    Column("body", Json, nullable=False),
    Column("read_at", Instant, nullable=False),
    PrimaryKeyConstraint("crm", "type"),
)

# Rows are added, never changed: the newest of an object is the one that may be in force.
mappings = Table(
    "mappings",
    metadata,
    Column("object", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    # What the files said that it was made from: once they say something else, they win.
    Column("base", String(64), nullable=False),
    # NULL: as the files say.
    Column("body", Json),
    Column("note", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", String(200), nullable=False),
    PrimaryKeyConstraint("object", "version"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", String(200), nullable=False),
    Column("what", String(100), nullable=False),
    Column("detail", Json, nullable=False),
    # Of this line and of the digest before it: see store/audit.py.  NULL: not chained yet.
    Column("digest", String(64)),
    PrimaryKeyConstraint("id"),
    sqlite_autoincrement=True,
)

meta = Table(
    "meta",
    metadata,
    Column("name", String(100), nullable=False),
    Column("value", Json, nullable=False),
    PrimaryKeyConstraint("name"),
)

replays = Table(
    "replays",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("asked", String(64), nullable=False),
    Column("run_id", _key(), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("digest"),
)

hints = Table(
    "hints",
    metadata,
    Column("object", String(100), nullable=False),
    Column("key", _key(), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("object", "key"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("digest", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("digest"),
)

samples = Table(
    "samples",
    metadata,
    Column("name", String(100), nullable=False),
    Column("at", Instant, nullable=False),
    Column("value", BigInteger, nullable=False),
    PrimaryKeyConstraint("name", "at"),
)
