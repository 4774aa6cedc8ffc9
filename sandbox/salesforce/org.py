"""The org: its records, its users, its switches, and the one door for requests."""

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandbox.clock import Clock
from sandbox.journal import Journal
from sandbox.salesforce import relations, saving, snapshot
from sandbox.salesforce.auth import Client, Session
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.ids import IdSequence, full
from sandbox.salesforce.limits import Usage
from sandbox.salesforce.options import Options
from sandbox.salesforce.query import Cursor
from sandbox.salesforce.record import Record, Table
from sandbox.salesforce.routes import answer
from sandbox.salesforce.rules import check_named
from sandbox.salesforce.schema import FieldSpec, stock_objects
from sandbox.salesforce.stock import furnish
from sandbox.salesforce.transaction import Author, Transaction
from sandbox.wire import Request, Response

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Org:
    """An in-memory Salesforce org. ``handle`` never sleeps and never touches a socket."""

    def __init__(self, clock: Clock, journal: Journal, rng: random.Random) -> None:
        self.clock = clock
        self.journal = journal
        self.rng = rng
        self.options = Options()
        self.organization_id = ""
        self.admin_id = ""
        """The administrator: author of what the sandbox itself writes."""
        self.integration_user_id = ""
        """The user new clients log in as."""
        self.instance = "".join(rng.choices(_LETTERS, k=3))
        self.tables = {
            name: Table(spec, self.options, self.instance) for name, spec in stock_objects().items()
        }
        self.clients: dict[str, Client] = {}
        self.public_keys: dict[str, str] = {}
        """PEM public key or certificate per consumer key, for the JWT grant."""
        self.sessions: dict[str, Session] = {}
        self.refresh_tokens: dict[str, str] = {}
        self.cursors: dict[str, Cursor] = {}
        self.cursor_ids = IdSequence("01g", self.instance)
        self.calls: Counter[str] = Counter()
        """Requests by route, for instance ``POST composite``."""
        self.usage = Usage()
        self.locks: dict[str, tuple[object, float]] = {}
        self.assigned: Counter[str] = Counter()
        self.trigger_runs: Counter[str] = Counter()
        """Trigger firings by record id, repeats of a partial save included."""
        self.contact_by_email: Callable[[str], str | None] = lambda _email: None
        self._late: list[tuple[float, int, float, Record, dict[str, Any]]] = []
        self._late_count = 0
        self._shown_count: dict[str, int] = {}
        """Record id -> number of the write that readers see, while any is kept from them."""
        self._index_names()
        furnish(self)

    def _index_names(self) -> None:
        self._tables_by_name = {name.lower(): table for name, table in self.tables.items()}
        self._tables_by_prefix = {table.spec.prefix: table for table in self.tables.values()}

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        self.settle()
        return answer(self, request)

    def table(self, name: str) -> Table:
        """Return the table of an object, whatever the case of its name."""
        found = self._tables_by_name.get(name.lower())
        if found is None:
            raise not_found()
        return found

    def table_named(self, name: str) -> Table | None:
        """Return the table of an object; None when there is no such object."""
        return self._tables_by_name.get(name.lower())

    def table_of(self, record_id: str) -> Table | None:
        """Return the table an id's prefix names."""
        return self._tables_by_prefix.get(record_id[:3])

    def find(self, record_id: str) -> Record | None:
        """Return the record with this id of 15 or 18 characters, deleted or not."""
        table = self.table_of(record_id)
        return table.find(record_id) if table and full(record_id) else None

    def contact_of(self, record: Record) -> str | None:
        """Return the HubSpot contact a record belongs to, by external id, else by e-mail."""
        named = record.values.get(self.options.contact_id_field)
        if named is not None:
            return str(named)
        email = record.values.get("Email")
        return self.contact_by_email(email) if email and record.table.name != "User" else None

    def delay(self, record: Record, started: float) -> None:
        """Keep what was just written to *record* from readers for the commit delay."""
        self._late_count += 1
        due = started + self.options.commit_delay
        entry = (due, self._late_count, started, record, record.values)
        heapq.heappush(self._late, entry)

    def show(self, record: Record) -> None:
        """Take note that readers see *record* as just written; nothing older comes after it."""
        if self._late:
            self._late_count += 1
            self._shown_count[record.id] = self._late_count

    def settle(self) -> None:
        """Show the rows whose transaction has committed by now."""
        now = self.clock.timestamp()
        while self._late and self._late[0][0] <= now:
            _, number, _, record, values = heapq.heappop(self._late)
            if number > self._shown_count.get(record.id, 0):
                self._shown_count[record.id] = number
                record.shown = values
        if not self._late:
            self._shown_count.clear()

    def unsettled(self) -> list[Record]:
        """Return the records with a write that readers do not see yet."""
        return [entry[3] for entry in self._late]

    def oldest_transaction(self) -> float | None:
        """Return when the longest running transaction started."""
        return min((entry[2] for entry in self._late), default=None)

    def insert(
        self,
        sobject: str,
        fields: Mapping[str, Any],
        *,
        caller: str = "sandbox",
        bypass_rules: bool = False,
    ) -> str:
        """Create a record as somebody other than the API client; returns its 18-character id.

        With *bypass_rules* any field can be set, read-only ones included, and nothing is checked.
        """
        with self._transaction(caller, bypass=bypass_rules) as tx:
            return saving.create(tx, self.table(sobject), fields).id

    def update(
        self,
        record_id: str,
        fields: Mapping[str, Any],
        *,
        caller: str = "sandbox",
        bypass_rules: bool = False,
    ) -> None:
        """Change a record as somebody other than the API client."""
        with self._transaction(caller, bypass=bypass_rules) as tx:
            saving.update(tx, self._existing(record_id), fields)

    def delete(self, record_id: str, *, caller: str = "sandbox") -> None:
        """Put a record into the recycle bin."""
        with self._transaction(caller) as tx:
            saving.remove(tx, self._existing(record_id))

    def undelete(self, record_id: str, *, caller: str = "sandbox") -> None:
        """Take a record out of the recycle bin."""
        with self._transaction(caller) as tx:
            saving.restore(tx, self._existing(record_id))

    def merge(self, master_id: str, loser_ids: list[str], *, caller: str = "sandbox") -> None:
        """Merge up to two losers into a master of the same object."""
        with self._transaction(caller) as tx:
            losers = [self._existing(loser) for loser in loser_ids]
            relations.merge(tx, self._existing(master_id), losers)

    def convert_lead(
        self, lead_id: str, *, account_id: str | None = None, caller: str = "sandbox"
    ) -> dict[str, str]:
        """Convert a lead; returns ``contactId`` and ``accountId``."""
        with self._transaction(caller) as tx:
            contact, account = relations.convert(tx, self._existing(lead_id), account_id)
        return {"contactId": contact, "accountId": account}

    def lock(self, record_id: str, *, seconds: float) -> None:
        """Hold a record, and writes to its children, locked for a while."""
        self.locks[record_id[:15]] = (None, self.clock.timestamp() + seconds)

    def add_field(self, sobject: str, spec: FieldSpec) -> None:
        """Add or replace a field, as an administrator would."""
        table = self.table(sobject)
        table.set_spec(table.spec.with_field(spec))
        table.schema_changed = self.clock.timestamp()

    def set_options(self, mapping: Mapping[str, Any]) -> None:
        """Set the named switches; raises ``ValueError`` for what the org does not have."""
        wanted = Options()
        wanted.change(mapping)
        check_named(self, wanted, frozenset(mapping))
        self.options.change(mapping)

    def dump(self) -> dict[str, Any]:
        """Return the whole state as JSON values; sessions and cursors are not kept."""
        return snapshot.dump(self)

    def load(self, state: Mapping[str, Any]) -> None:
        """Become the org that *state* was dumped from."""
        snapshot.load(self, state)
        self._late.clear()
        self._shown_count.clear()
        self._index_names()

    def _existing(self, record_id: str) -> Record:
        record = self.find(record_id)
        if record is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        return record

    @contextmanager
    def _transaction(self, caller: str, *, bypass: bool = False) -> Iterator[Transaction]:
        """Commit what the block writes, or take all of it back where it is refused."""
        author = Author(
            caller, self.admin_id, auto_assign=False, allow_save=True, bypass=bypass, inside=True
        )
        tx = Transaction(self, author)
        try:
            yield tx
        except SalesforceError:
            tx.roll_back()
            raise
        tx.commit()
