"""One installation that is followed, the people around it, and the diary that is kept of it all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from sqlalchemy import select

from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import WorkState
from guestlist.engine import approval
from guestlist.engine.auditing import start_audit
from guestlist.engine.follow import turn_on
from guestlist.engine.halting import halt, lift
from guestlist.engine.importing import start_import
from guestlist.engine.launch import start_list, start_records
from guestlist.engine.services import Services
from guestlist.engine.sweep import sweep
from guestlist.store import conflicts
from guestlist.store.tables import links as links_table
from guestlist.store.tables import runs as runs_table
from guestlist.store.tables import work as work_table
from sandbox.clock import Clock
from sandbox.crm import CRM
from sandbox.world import World
from tests.engine.crash import Killed, Tripwire, doomed
from tests.engine.world import ADDRESSES, LONG_AGO, NOON
from tests.model.diary import Diary
from tests.model.ending import contacts_of, rows_of
from tests.model.fields import OBJECT, settings
from tests.model.gate_oracle import Breach, misbooked
from tests.model.pair_oracle import End
from tests.model.people import FILTERS, People
from tests.model.premises import Premises
from tests.model.story import Ban, Hold, Lost, Story
from tests.producers.watcher import HUBSPOT, JOINS, LEAVES, MINUTE, SALESFORCE
from worker.settings import Loaded, load

Choice = Mapping[str, object]
"""Settings by dotted name, over those of the model."""
POLLS = (HUBSPOT, SALESFORCE, JOINS, LEAVES)
LAGS = {
    "index_lag": (CRM.HUBSPOT, 60.0),
    "list_lag": (CRM.HUBSPOT, 60.0),
    "commit_delay": (CRM.SALESFORCE, 300.0),
}
"""Option -> whose it is, and the most that the product has to live with."""
SOON_S = 35.0
"""The shortest time between two beats that both poll."""
NOBODY_CREATED: Choice = {"objects__contacts__create_in_salesforce": False}

_LEFT = select(links_table.c.key, links_table.c.left_at).where(links_table.c.left_at.is_not(None))


class Stage:
    """A world, and Guestlist at work in it."""

    def __init__(self, database_url: str, directory: Path, **choice: object) -> None:
        clock = Clock()
        clock.freeze(NOON)
        self.world = World("model", clock=clock)
        self.world.lift_limits()
        self.world.portal.options.blocklist_refuses_create = False
        self.world.set_options(CRM.SALESFORCE, {"late_commits": "inside"})
        with clock.visit(NOON - 2 * LONG_AGO):
            list_id = self.world.portal.create_list("Customers", FILTERS[0])
            handpicked = self.world.portal.create_list("Handpicked", None, processing_type="MANUAL")
        self._database_url, self._directory = database_url, directory
        self.here = Premises(self.world, self._loaded(choice))
        self.list_id = list_id
        self.people = People(self.world, list_id, handpicked)
        self.diary = Diary(self.world, list_id)
        self.here.watches.append(lambda *_: self.diary.look())
        self.choice: Choice = choice
        self.booked: list[Breach] = []
        """Who was booked wrongly, seen after each poll."""

    def _loaded(self, choice: Choice) -> Loaded:
        held = self.world.credentials
        flags = {
            "development": "true",
            "broker_url": "memory://",
            "database_url": self._database_url,
            "hubspot.base_url": ADDRESSES[CRM.HUBSPOT],
            "hubspot.token": held.hubspot_token,
            "salesforce.login_url": ADDRESSES[CRM.SALESFORCE],
            "salesforce.client_id": held.salesforce_client_id,
            "salesforce.client_secret": held.salesforce_client_secret,
            "polls.leaves_s": "240",
        }
        flags |= {name.replace("__", "."): _text(value) for name, value in choice.items()}
        return _load(tuple(sorted(flags.items())), self._directory)

    @property
    def story(self) -> Story:
        return self.diary.story

    def close(self) -> None:
        self.here.close()

    # --- what people and time do --------------------------------------------------------------

    def do(self, act: Callable[[], None]) -> None:
        """Let somebody act now, and look at the list before and after."""
        self.diary.look()
        act()
        self.diary.look()

    def soon(self, route: str, act: Callable[[], None]) -> None:
        """Let somebody act right before the next call of a route."""
        self.here.at_call(route, lambda: self.do(act))

    def filter_by(self, which: int) -> None:
        """Edit the list's filters; note whom the brake has to keep out from now on."""
        now = self.world.clock.timestamp()
        self._release(now)
        self.do(lambda: self.people.filter_by(which))
        ever = frozenset[str]().union(*(each.evaluated for each in self.story.presences[:-1]))
        newcomers = self.story.presences[-1].by_filter - ever
        if self._limit < len(newcomers):
            self.story.holds.append(Hold(now, newcomers, float("inf"), self._limit))

    @property
    def _limit(self) -> int:
        return int(str(self.choice.get("guards__brake_records", 100)))

    def _release(self, now: float) -> None:
        self.story.holds = [each._replace(until=min(each.until, now)) for each in self.story.holds]

    # --- what Guestlist does ------------------------------------------------------------------

    def decide(self, choice: Choice) -> None:
        """Let the settings be these from now on."""
        self.choice = {**self.choice, **choice}
        self.story.enters = bool(self.choice.get("objects__contacts__create_in_hubspot"))
        self._settle_on(self.choice)

    def _settle_on(self, choice: Choice) -> None:
        self.here.loaded = self._loaded(choice)
        self.here.services = self.here.worker()

    def follow(self) -> None:
        """Sync the list once, and follow both CRMs from then on."""
        turn_on(self.here.services, OBJECT, by="tester")
        self.here.run()
        self.poll()
        self.here.work()

    def poll(self, seconds: float = MINUTE) -> None:
        self.here.move(seconds)
        for each in POLLS:
            each(self.here.services)
        self.booked += misbooked(self.story, self.left())

    def pick_all(self) -> None:
        """Begin with a list that nobody can evaluate but HubSpot."""
        self.people.pick_all()
        self.people.filter_by(-1)
        self.here.choose(self.list_id)
        self.diary.look()
        self.here.move(200)

    def enumerate(self) -> None:
        """Start a list sync, and hand its members over."""
        start_list(self.here.services, OBJECT, by="tester")
        self.here.carry_out(self.here.post.waiting.pop())

    def bring_in(self, type: str) -> None:
        start_import(self.here.services, OBJECT, types=(type,), where=None, by="tester")

    def resync(self, key: str) -> None:
        start_records(self.here.services, OBJECT, [key], by="tester")

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Pause everything: nothing of ours is written until the block ends."""
        halt(self.here.services, by="tester")
        written = len(self.here.writes())
        try:
            yield
            assert len(self.here.writes()) == written, "written while everything was paused"
        finally:
            lift(self.here.services, by="tester")

    def overtaken(self, at: int) -> None:
        """Work through what waits; right before the *at*-th call another process does the rest."""
        other, left = self.here.worker(), [at]

        def overtake(*_: object) -> None:
            left[0] -= 1
            if not left[0]:
                self.here.work(other)

        self.here.watches.append(overtake)
        self.here.work()
        self.here.watches.remove(overtake)

    def killed(self, at: int, work: Callable[[Services], None]) -> None:
        """Let a process work that is killed at its *at*-th step, and start another."""
        process = doomed(self.here, Tripwire(at))
        with suppress(Killed):
            work(process)
        self.here.services = self.here.worker()

    def answer(self, *, yes: bool) -> None:
        """Answer the brake, if it is set."""
        services = self.here.services
        try:
            seen = approval.held(services, OBJECT)
            if yes:
                self._release(self.world.clock.timestamp())
                approval.approve(services, OBJECT, seen, by="tester")
            else:
                approval.reject(services, OBJECT, seen, by="tester")
        except Misconfigured:
            return

    def change_settings(self, **choice: object) -> Services:
        """Replace the settings; return the worker that still has the old ones."""
        now = self.world.clock.timestamp()
        self.story.bans = [each._replace(until=min(each.until, now)) for each in self.story.bans]
        if choice == NOBODY_CREATED:
            self.story.bans.append(Ban(now, until=float("inf")))
        old = replace(self.here.services, superseded=lambda: True)
        self._settle_on({**self.choice, **choice})
        return old

    def audit(self) -> None:
        """Compare everything on both sides."""
        start_audit(self.here.services, OBJECT, by="tester")
        self.here.settle()

    # --- the end ------------------------------------------------------------------------------

    def mend(self) -> None:
        """Let everything be as it should: no faults, no lags, nobody half-way, a list."""
        self.world.faults.clear()
        self.world.set_options(CRM.HUBSPOT, {"index_lag": 0.0, "list_lag": 0.0})
        self.world.set_options(CRM.SALESFORCE, {"commit_delay": 0.0})
        del self.here.watches[1:]
        self.do(self.people.restore_list)
        self.change_settings()
        self.here.move(700)

    def ours(self) -> int:
        return sum(1 for _ in self.story.ours())

    def tick(self) -> int:
        """Let a minute go by with all its work; how much was written."""
        before = self.ours()
        self.poll()
        self.here.settle()
        return self.ours() - before

    def quiet(self, *, ticks: int = 12) -> bool:
        """Let minutes go by until one writes nothing; ``False``: none of them did."""
        for _ in range(ticks):
            self.answer(yes=True)
            if self.tick() == 0 and not self.held:
                return True
        return False

    @property
    def held(self) -> bool:
        choice = approval.choice_of(self.here.services, OBJECT)
        return choice is not None and choice.hold is not None

    def sweep(self) -> None:
        sweep(self.here.services)

    def end(self) -> End:
        """Read what both CRMs hold, past everything."""
        self.story.lost = self._lost()
        self.diary.look()
        members = self.story.presences[-1].evaluated
        return End(contacts_of(self.world), rows_of(self.world), members)

    def _lost(self) -> frozenset[Lost]:
        with self.here.services.database.read() as connection:
            logged = conflicts.page(connection, limit=10_000)
        return frozenset(
            Lost(each.conflict.key, each.conflict.property, each.lost) for each in logged
        )

    def said(self, key: str) -> str | None:
        """Return the reason of the latest look at a record that came to its end."""
        query = (
            select(work_table.c.reason)
            .where(work_table.c.key == key, work_table.c.state == WorkState.DONE)
            .order_by(work_table.c.finished_at.desc())
            .limit(1)
        )
        with self.here.services.database.read() as connection:
            return connection.execute(query).scalar()

    def unended(self) -> list[str]:
        """Return the records without an end, in any run."""
        query = select(work_table.c.key).where(work_table.c.state != WorkState.DONE)
        with self.here.services.database.read() as connection:
            return list(connection.execute(query).scalars())

    def run_ids(self) -> list[str]:
        with self.here.services.database.read() as connection:
            return list(connection.execute(select(runs_table.c.id)).scalars())

    def left(self) -> dict[str, float]:
        """Return who is booked as having left the list, and since when."""
        with self.here.services.database.read() as connection:
            return {key: at.timestamp() for key, at in connection.execute(_LEFT)}

    def twins(self) -> list[str]:
        """Return the Salesforce ids of all links, as often as they are linked."""
        with self.here.services.database.read() as connection:
            return list(connection.execute(select(links_table.c.twin_id)).scalars())


@cache
def _load(flags: tuple[tuple[str, str], ...], directory: Path) -> Loaded:
    config = directory / "guestlist.toml"
    if not config.exists():
        config.write_text(settings())
    return load({}, flags=dict(flags), directory=directory)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
