"""The state machine: people, time, faults and Guestlist at work, in any order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from guestlist.domain.errors import Misconfigured, SyncError
from guestlist.engine.importing import start_import
from guestlist.engine.launch import start_list, start_records
from guestlist.engine.services import Services
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.model.fields import OBJECT, RULES
from tests.model.judge import judge
from tests.model.people import ADDRESSES, FILTERS, STAGES
from tests.model.stage import Stage

which = st.integers(0, 7)
names = st.sampled_from([name for name in RULES if name not in {"email", "lastname"}])
values = st.sampled_from(["a", "b", "c", None])
addresses = st.sampled_from(ADDRESSES)
stages = st.sampled_from(STAGES)
types = st.sampled_from(["Contact", "Lead"])
ROUTES = (
    "batch/read",
    "memberships",
    "composite",
    "crm/lists",
    "search",
    "batch/update",
    "composite/sobjects",
)
FAULTS: tuple[tuple[Kind, dict[str, Any]], ...] = (
    (Kind.STATUS, {"status": 429}),
    (Kind.STATUS, {"status": 503}),
    (Kind.LOST_RESPONSE, {}),
    (Kind.DUPLICATE, {}),
    (Kind.TRUNCATE, {}),
    (Kind.HTML_200, {}),
    (Kind.DELAY, {"seconds": 20.0}),
    (Kind.DELAY, {"seconds": 45.0}),
)
Act = Callable[[], None]


class Machine(RuleBasedStateMachine):
    """One installation from its first day on; judged when all is quiet."""

    database_url: ClassVar[str]
    directory: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.stage: Stage | None = None
        self.old: Services | None = None

    @property
    def on(self) -> Stage:
        assert self.stage
        return self.stage

    @initialize(
        members=st.integers(1, 4),
        type=types,
        enters=st.booleans(),
        brake=st.booleans(),
        narrow=st.booleans(),
    )
    def begin(self, *, members: int, type: str, enters: bool, brake: bool, narrow: bool) -> None:
        self.stage = Stage(
            self.database_url,
            self.directory,
            objects__contacts__create_in_hubspot=enters,
            objects__contacts__create_as=type,
            guards__brake_records=1 if brake else 100,
            lanes__changes__width=1 if narrow else 1000,
        )
        for address in ADDRESSES[:members]:
            self.on.people.create_contact(
                {"email": address, "lastname": "x", "lifecyclestage": "customer"}
            )
        self.on.people.create_row(type, {"email": ADDRESSES[1], "lastname": "y", "city": "a"})
        self.on.follow()

    # --- people -------------------------------------------------------------------------------

    def act(self, act: Act) -> None:
        self.on.here.move(1)
        self.on.do(act)

    @rule(who=which, name=names, value=values)
    def edit_contact(self, who: int, name: str, value: str | None) -> None:
        self.act(lambda: self.on.people.change_contact(who, name, value))

    @rule(who=which, name=names, value=values)
    def edit_row(self, who: int, name: str, value: str | None) -> None:
        self.act(lambda: self.on.people.change_row(who, name, value))

    @rule(who=which, name=names, ours=values, theirs=values)
    def edit_both(self, who: int, name: str, ours: str | None, theirs: str | None) -> None:
        self.act(lambda: self.on.people.change_contact(who, name, ours))
        self.act(lambda: self.on.people.change_row(who, name, theirs))

    @rule(who=which, stage=stages)
    def move_through_the_list(self, who: int, stage: str) -> None:
        self.act(lambda: self.on.people.change_contact(who, "lifecyclestage", stage))

    @rule(who=which, address=addresses, in_hubspot=st.booleans())
    def readdress(self, who: int, address: str, *, in_hubspot: bool) -> None:
        people = self.on.people
        change = people.change_contact if in_hubspot else people.change_row
        self.act(lambda: change(who, "email", address))

    @rule(address=addresses, stage=stages, lastname=st.sampled_from(["x", "y", None]))
    def create_contact(self, address: str, stage: str, lastname: str | None) -> None:
        held = {"email": address, "lastname": lastname, "lifecyclestage": stage}
        self.act(lambda: self.on.people.create_contact(held))

    @rule(type=types, address=st.one_of(st.none(), addresses), value=values)
    def create_row(self, type: str, address: str | None, value: str | None) -> None:
        held = {"email": address, "lastname": "z", "firstname": value}
        self.act(lambda: self.on.people.create_row(type, held))

    @rule(who=which, in_hubspot=st.booleans())
    def remove(self, who: int, *, in_hubspot: bool) -> None:
        people = self.on.people
        self.act(lambda: (people.archive if in_hubspot else people.delete)(who))

    @rule(who=which, in_hubspot=st.booleans())
    def bring_back(self, who: int, *, in_hubspot: bool) -> None:
        people = self.on.people
        self.act(lambda: (people.restore if in_hubspot else people.undelete)(who))

    @rule(who=which, other=which, in_hubspot=st.booleans())
    def merge(self, who: int, other: int, *, in_hubspot: bool) -> None:
        people = self.on.people
        merge = people.merge_contacts if in_hubspot else people.merge_rows
        self.act(lambda: merge(who, other))

    @rule(who=which)
    def convert(self, who: int) -> None:
        self.act(lambda: self.on.people.convert(who))

    @rule(who=which)
    def erase(self, who: int) -> None:
        self.act(lambda: self.on.people.erase(who))

    @rule(route=st.sampled_from(ROUTES), who=which, name=names, value=values, stage=stages)
    def act_half_way(self, route: str, who: int, name: str, value: str | None, stage: str) -> None:
        """Somebody acts between two of our calls."""
        people = self.on.people
        acts: tuple[Act, ...] = (
            lambda: people.change_contact(who, name, value),
            lambda: people.change_row(who, name, value),
            lambda: people.change_contact(who, "lifecyclestage", stage),
            lambda: people.convert(who),
            lambda: people.delete(who),
            lambda: people.archive(who),
        )
        self.on.soon(route, acts[(who + len(name)) % len(acts)])

    # --- the list -----------------------------------------------------------------------------

    @rule(which=st.integers(0, len(FILTERS) - 1))
    def filter_by(self, which: int) -> None:
        self.on.here.move(1)
        self.on.filter_by(which)

    @rule(back=st.booleans())
    def list_goes(self, *, back: bool) -> None:
        people = self.on.people
        self.act(people.restore_list if back else people.delete_list)

    @rule(yes=st.booleans())
    def answer_the_brake(self, *, yes: bool) -> None:
        self.guarded(lambda: self.on.answer(yes=yes))

    # --- the CRMs misbehave -------------------------------------------------------------------

    @rule(option=st.sampled_from(["index_lag", "list_lag", "commit_delay"]), full=st.booleans())
    def lag(self, option: str, *, full: bool) -> None:
        most = {"index_lag": 60.0, "list_lag": 60.0, "commit_delay": 300.0}[option]
        crm = CRM.SALESFORCE if option == "commit_delay" else CRM.HUBSPOT
        self.on.world.set_options(crm, {option: most if full else 0.0})

    @rule(
        crm=st.sampled_from(CRM),
        fault=st.sampled_from(FAULTS),
        after=st.integers(0, 6),
        writes=st.booleans(),
    )
    def fault(
        self, crm: CRM, fault: tuple[Kind, dict[str, Any]], after: int, *, writes: bool
    ) -> None:
        kind, more = fault
        route = "*"
        if writes:
            route = "*/batch/*e" if crm is CRM.HUBSPOT else "*sobjects*"
            after %= 2
        self.on.here.fault(crm, kind, route, after=after, times=1, **more)

    # --- Guestlist at work --------------------------------------------------------------------

    def guarded(self, work: Act) -> None:
        """Do what a person asked for; a refusal for good reason is an answer."""
        try:
            work()
        except (Misconfigured, SyncError):
            return

    @rule()
    def poll_and_work(self) -> None:
        self.on.poll()
        self.on.here.work()

    @rule()
    def poll_and_wait(self) -> None:
        """The messages stay where they are."""
        self.on.poll()

    @rule()
    def settle(self) -> None:
        self.on.here.settle()

    @rule(lose=st.booleans())
    def sweep(self, *, lose: bool) -> None:
        if lose:
            self.on.here.post.lose()
        self.on.here.move(31)
        self.on.sweep()

    @rule(at=st.integers(2, 40), lose=st.booleans())
    def kill(self, at: int, *, lose: bool) -> None:
        """A worker dies in the middle; another one starts."""

        def live(process: Services) -> None:
            self.on.poll(process)
            self.on.here.work(process)

        self.on.killed(at, live)
        if lose:
            self.on.here.post.lose()
        self.on.restart()

    @rule(who=which)
    def resync(self, who: int) -> None:
        ids = [*self.on.people.contacts(), *self.on.people.rows()]
        if ids:
            key = ids[who % len(ids)]
            self.guarded(lambda: self.start_records(key))

    def start_records(self, key: str) -> None:
        start_records(self.on.here.services, OBJECT, [key], by="tester")

    @rule(stage=stages, who=which, wait=st.sampled_from([0, 29, 40]))
    def sync_the_list(self, stage: str, who: int, wait: int) -> None:
        """The list is enumerated; its members are written later, when it may be another."""

        def sync() -> None:
            start_list(self.on.here.services, OBJECT, by="tester")
            self.on.here.carry_out(self.on.here.post.waiting.pop())

        self.guarded(sync)
        self.act(lambda: self.on.people.change_contact(who, "lifecyclestage", stage))
        self.on.here.move(wait)
        self.on.here.work()

    @rule(type=types)
    def import_rows(self, type: str) -> None:
        def bring_in() -> None:
            start_import(self.on.here.services, OBJECT, types=(type,), where=None, by="tester")

        self.guarded(bring_in)

    @rule(number=st.integers(0, 40))
    def replay(self, number: int) -> None:
        """A message of before comes once more."""
        published = self.on.here.post.published
        if published:
            self.on.here.carry_out(published[number % len(published)])

    def teardown(self) -> None:
        if self.stage is None:
            return
        try:
            breaches = judge(self.stage)
        finally:
            self.stage.close()
        assert breaches == []
