"""One installation of Guestlist and both CRMs: no sockets, no processes, and one clock to move.

A test grows a world, lets work be carried out, and reads what happened from the sandbox's journal:

    here = install()                              # an empty world whose inclusion list is customers
    ada = here.contact("ada@example.com")         # a member; stage="lead" makes an outsider
    run = here.run()                              # start a list sync, and bring it to its end
    assert here.outcomes(run) == {ada: "created"}
    assert [entry.operation for entry in here.writes()] == ["create"]

Everything goes by the world's clock, which stands still but for the calls (each takes
``CALL_S``), the waits of the product, and ``settle``, which lets beat's sweeps go by until nothing
is due any more.  ``worker()`` is another process: caches and connections of its own, on the
same database and queue.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import requests
from sqlalchemy import delete

from guestlist.connectors.allowance import allowances
from guestlist.connectors.local import LocalLimiter
from guestlist.domain.outcome import Outcome
from guestlist.engine.launch import start_list
from guestlist.engine.producer import enumerate_run
from guestlist.engine.services import Services
from guestlist.engine.sweep import sweep
from guestlist.engine.sync import sync
from guestlist.store import inclusion, listing, problems, runs
from guestlist.store.database import Database
from guestlist.store.listing import WorkRow
from guestlist.store.problems import Problem
from guestlist.store.runs import Run
from guestlist.store.tables import metadata
from sandbox.crm import CRM
from sandbox.faults import Kind, Rule
from sandbox.inprocess import session
from sandbox.journal import Entry
from sandbox.world import World
from schemas.settings import Settings
from tests.engine.post import Message, Post
from tests.engine.process import Missed, Unkept, Watch, Watched, next_due
from worker.settings import Loaded
from worker.spans import Spans
from worker.task import SWEEP_EVERY_S
from worker.wiring import Surroundings, build

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CALL_S = 0.02
"""How long each call of a CRM takes."""
LONG_AGO = timedelta(hours=1)
"""Before any lag, lease or proof reaches back."""
CALLER = "guestlist"
"""Our own name in the journal."""
ADDRESSES = {CRM.HUBSPOT: "http://hubspot.test", CRM.SALESFORCE: "http://salesforce.test"}
SWEEPS = 1000
"""Beat's turns after which a run that has not ended never will."""


class Installation:
    """A world, its settings, its state, and the workers that a test sends to work."""

    def __init__(self, world: World, loaded: Loaded) -> None:
        self.world = world
        self.loaded = loaded
        self.post = Post()
        self.watches: list[Watch] = []
        """Called right before each call of a CRM: the place to change the world half-way."""
        self._ids = count(1)
        self._made: list[Services] = []
        self.services = self.worker()

    # --- time ---------------------------------------------------------------------------------

    def now(self) -> datetime:
        return self.world.clock.now()

    def move(self, seconds: float) -> None:
        self.world.clock.move(timedelta(seconds=seconds))

    # --- the world ----------------------------------------------------------------------------

    def contact(self, email: str, *, ago: timedelta = LONG_AGO, **properties: str) -> str:
        """Add a HubSpot contact, a customer unless *properties* say otherwise; its id."""
        held = {"email": email, "lastname": "Doe", "lifecyclestage": "customer", **properties}
        with self.world.clock.visit(self.now() - ago):
            return self.world.portal.create("contacts", {k: v for k, v in held.items() if v})

    def contacts(self, number: int) -> list[str]:
        """Add so many members that differ in everything."""
        return [
            self.contact(f"p{n}@example.com", firstname=f"Given{n}", lastname=f"Family{n}")
            for n in range(number)
        ]

    def change(self, contact_id: str, **properties: str) -> None:
        """Let a person change a HubSpot contact now."""
        self.world.portal.update("contacts", contact_id, properties, caller="user")

    def row(self, type: str, *, ago: timedelta = LONG_AGO, **fields: Any) -> str:
        """Add a Salesforce record as somebody else would; its id."""
        held = {"LastName": "Doe", **({"Company": "Acme"} if type == "Lead" else {}), **fields}
        with self.world.clock.visit(self.now() - ago):
            return self.world.org.insert(type, held, caller="user")

    def values(self, id: str) -> Mapping[str, Any]:
        """The fields of a Salesforce record."""
        found = self.world.org.find(id)
        assert found, f"Salesforce has no record {id}"
        return dict(found.values)

    def twins(self, contact_id: str) -> list[str]:
        """The ids of the live Salesforce records that carry a contact's id."""
        tables = (self.world.org.table(name) for name in ("Contact", "Lead"))
        return [
            record.id
            for table in tables
            for record in table.rows.values()
            if not record.deleted and record.values.get("HubSpot_Contact_Id__c") == contact_id
        ]

    def fault(self, crm: CRM, kind: Kind, route: str = "*", **more: Any) -> int:
        return self.world.faults.add(Rule(crm, kind, route, **more))

    def at_call(self, route: str, do: Callable[[], object], *, times: int = 1) -> None:
        """Do something right before the next calls whose ``METHOD address`` holds *route*."""
        left = [times]

        def watch(method: str, url: str, _body: bytes) -> None:
            if left[0] and route in f"{method} {url}":
                left[0] -= 1
                do()

        self.watches.append(watch)

    # --- the work -----------------------------------------------------------------------------

    def worker(
        self,
        *,
        loaded: Loaded | None = None,
        sessions: Callable[[], requests.Session] | None = None,
        spans: Spans | None = None,
    ) -> Services:
        """Start another process, with other settings or another way to the CRMs if need be."""
        clock = self.world.clock
        around = Surroundings(
            clock=clock.now,
            sleep=self.move,
            new_id=lambda: f"id{next(self._ids)}",
            jitter=random.Random("jitter"),
            transport=lambda timeout_s: Watched(
                self.watches,
                timeout_s=timeout_s,
                monotonic=clock.timestamp,
                sessions=sessions or self.session,
            ),
            limiter=self._limiter,
            spans=lambda _: spans,
            keeper=Unkept,
            database=self._database,
        )
        made = build(loaded or self.loaded, self.post, around)
        self._made.append(made)
        return made

    def session(self) -> requests.Session:
        """A way to both CRMs without sockets."""
        return session(self.world, ADDRESSES, watch=lambda *_: self.move(CALL_S))

    def start(self, name: str = "contacts", **more: Any) -> Run:
        return start_list(self.services, name, by="tester", **more)

    def run(self, name: str = "contacts", **more: Any) -> Run:
        """Start a list sync and bring it to its end."""
        run = self.start(name, **more)
        self.settle()
        return self.the_run(run)

    def carry_out(self, message: Message, services: Services | None = None) -> None:
        """Do what a worker does with one message."""
        match message.task:
            case "sync":
                sync(services or self.services, message.run_id, list(message.keys))
            case "enumerate":
                enumerate_run(services or self.services, message.run_id)

    def work(
        self,
        services: Services | None = None,
        *,
        unexpected: type[BaseException] = Missed,
    ) -> None:
        """Carry out what is published, and what that publishes, until the queues are empty.

        A task that ends with *unexpected* is gone, as it is for Celery.
        """
        while self.post.waiting:
            with suppress(unexpected):
                self.carry_out(self.post.waiting.popleft(), services)

    def sweep(self) -> None:
        sweep(self.services)

    def settle(
        self,
        services: Services | None = None,
        *,
        unexpected: type[BaseException] = Missed,
    ) -> None:
        """Work, and let beat's sweeps go by, until no running run has anything left to do."""
        for _ in range(SWEEPS):
            self.work(services, unexpected=unexpected)
            due = next_due(self.services)
            if due is None:
                return
            self.move(max(SWEEP_EVERY_S, (due - self.now()).total_seconds() + 0.001))
            sweep(services or self.services)
        left = [row for row in self.rows().values() if not row.outcome]
        raise AssertionError(f"after {SWEEPS} sweeps these are still not done: {left}")

    def close(self) -> None:
        """End every process."""
        for made in self._made:
            made.database.dispose()

    # --- what happened ------------------------------------------------------------------------

    def the_run(self, run: Run | str) -> Run:
        with self.services.database.read() as connection:
            found = runs.get(connection, run if isinstance(run, str) else run.id)
        assert found
        return found

    def latest(self) -> Run | None:
        with self.services.database.read() as connection:
            return next(iter(runs.recent(connection, limit=1)), None)

    def rows(self, run: Run | None = None) -> dict[str, WorkRow]:
        """The work rows of a run, else of the latest, by key."""
        of = run or self.latest()
        with self.services.database.read() as connection:
            found = listing.page(connection, of.id, limit=100_000) if of else []
            return {row.key: row for row in found}

    def outcomes(self, run: Run | None = None) -> dict[str, Outcome | None]:
        return {key: row.outcome for key, row in self.rows(run).items()}

    def problem(self, key: str, name: str = "contacts") -> Problem | None:
        with self.services.database.read() as connection:
            return problems.get(connection, name, key)

    def writes(self, crm: CRM | None = None) -> list[Entry]:
        """What our own calls wrote, oldest first."""
        entries = self.world.journal.entries
        return [e for e in entries if e.caller == CALLER and crm in {None, CRM(e.crm)}]

    def calls(self) -> Counter[str]:
        """Requests by route, of both CRMs, since the world began."""
        return self.world.portal.calls + self.world.org.calls

    # --- its state ----------------------------------------------------------------------------

    @property
    def inclusion(self) -> str:
        """The id of the inclusion list."""
        found = self.services.inclusions.chosen_id(self.services.schemas.object("contacts"))
        assert found
        return found

    def choose(self, list_id: str, name: str = "contacts") -> None:
        """Make a list the inclusion list, whatever it is."""
        with self.services.database.begin() as connection:
            inclusion.choose(
                connection, name, list_id=list_id, name=list_id, version=1, who="t", now=self.now()
            )

    @contextmanager
    def set(self, crm: CRM, **options: Any) -> Iterator[None]:
        """Switch options of a CRM for a block."""
        before = self.world.options(crm)
        self.world.set_options(crm, options)
        try:
            yield
        finally:
            self.world.set_options(crm, {name: before[name] for name in options})

    def forget(self) -> None:
        """Empty the database."""
        with self.services.database.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))

    def _database(self, url: str) -> Database:
        return Database(url)

    def _limiter(self, settings: Settings) -> LocalLimiter:
        return LocalLimiter(allowances(settings), now=self.world.clock.timestamp)
