"""Plays beat: lets the polls go by on the world's clock, and reads what they queued."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import select

from guestlist.domain.outcome import RunKind
from guestlist.engine import auditing, changes, follow, formulas, joining, leaving
from guestlist.engine.services import Services
from guestlist.store import cursors, links, listing, members, runs
from guestlist.store.cursors import Place
from guestlist.store.links import Link
from guestlist.store.tables import runs as runs_table
from guestlist.store.tables import sightings
from guestlist.store.tables import work as work_table
from schemas.records import Crm
from tests.engine.world import Installation

Poll = Callable[[Services], None]
HUBSPOT: Poll = changes.poll_hubspot
SALESFORCE: Poll = changes.poll_salesforce
JOINS: Poll = joining.poll_joins
LEAVES: Poll = leaving.poll_leaves
FORMULAS: Poll = formulas.poll_formulas
AUDIT: Poll = auditing.poll_audit
EVERY = (HUBSPOT, SALESFORCE, JOINS, LEAVES, FORMULAS, AUDIT)
MINUTE = 60.0


class Watcher:
    """One installation that is followed."""

    def __init__(self, here: Installation) -> None:
        self.here = here

    def follow(self) -> None:
        """Turn it on, and let a first minute go by: what was there before is known now."""
        follow.turn_on(self.here.services, "contacts", by="tester")
        self.tick()

    def poll(self, *polls: Poll, services: Services | None = None) -> None:
        """Let a minute go by, and these polls do their look, or all of them."""
        self.here.move(MINUTE)
        for each in polls or EVERY:
            each(services or self.here.services)

    def tick(self, minutes: int = 1) -> None:
        """Let minutes go by with all polls and all the work they make."""
        for _ in range(minutes):
            self.poll()
            self.here.settle()

    def queued(self, *kinds: RunKind) -> Counter[str]:
        """How often each record was queued by polls, in runs of these kinds."""
        wanted = kinds or (RunKind.CHANGES, RunKind.JOINS, RunKind.LEAVES)
        query = (
            select(work_table.c.key)
            .join_from(runs_table, work_table, work_table.c.run_id == runs_table.c.id)
            .where(runs_table.c.kind.in_(wanted))
        )
        with self.here.services.database.read() as connection:
            return Counter(connection.execute(query).scalars())

    def runs(self, kind: RunKind) -> list[runs.Run]:
        """The runs of one kind, newest first."""
        with self.here.services.database.read() as connection:
            return runs.recent(connection, limit=1000, kinds=[kind])

    def place(self, stream: str) -> Place:
        with self.here.services.database.read() as connection:
            found = cursors.get(connection, "contacts", stream)
        assert found
        return found

    def sighted(self, crm: Crm) -> set[tuple[str, datetime]]:
        """Records and their stamps, as they were queued last."""
        query = select(sightings.c.id, sightings.c.at).where(sightings.c.crm == crm)
        with self.here.services.database.read() as connection:
            return {(id, at) for id, at in connection.execute(query)}

    def link(self, key: str) -> Link | None:
        with self.here.services.database.read() as connection:
            return links.get_many(connection, "contacts", [key]).get(key)

    def members(self) -> list[str]:
        """Who is in the list by our own book."""
        with self.here.services.database.read() as connection:
            return members.page(connection, "contacts", self.here.inclusion, limit=100_000)

    def endings(self, kind: RunKind) -> dict[str, str | None]:
        """Outcome and reason by record, of the latest run of a kind."""
        with self.here.services.database.read() as connection:
            rows = listing.page(connection, self.runs(kind)[0].id, limit=1000)
        return {row.key: f"{row.outcome} {row.reason}" for row in rows}

    def calls_of(self, *polls: Poll) -> Counter[str]:
        """The calls that a look of these polls makes."""
        before = Counter(self.here.calls())
        self.poll(*polls)
        return Counter(self.here.calls()) - before


def once(keys: Iterable[str]) -> Counter[str]:
    return Counter(keys)
