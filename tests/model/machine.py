"""The state machine: people, time, faults and Guestlist at work, in any order."""

from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from guestlist.engine.services import Services
from sandbox.crm import CRM
from sandbox.faults import Kind, When
from tests.model.acts import Acts
from tests.model.drawn import (
    FAULTS,
    LATE_S,
    THEMES,
    WHERE,
    Act,
    addresses,
    names,
    part_of,
    then,
    types,
    values,
    which,
)
from tests.model.judge import judge
from tests.model.stage import LAGS, NOBODY_CREATED
from tests.producers.watcher import HUBSPOT, JOINS, LEAVES, MINUTE, SALESFORCE, Poll


class Machine(Acts):
    """The people's acts, the CRMs' faults, and Guestlist at work; judged when all is quiet."""

    # --- the CRMs misbehave -------------------------------------------------------------------

    @part_of("values")
    @rule(option=st.sampled_from([*LAGS]), full=st.booleans())
    def lag(self, option: str, *, full: bool) -> None:
        self.set_lag(option, full=full)

    @part_of("trouble")
    @rule(
        crm=st.sampled_from(CRM),
        fault=st.sampled_from(FAULTS),
        after=st.integers(0, 6),
        where=st.integers(0, 2),
    )
    def fault(self, crm: CRM, fault: tuple[Kind, dict[str, Any]], after: int, where: int) -> None:
        kind, more = fault
        self.on.story.doubtful = True
        if more.get("when") is When.BEFORE:
            self.on.story.late_s = LATE_S
        self.on.here.fault(crm, kind, WHERE[crm][where], after=after, **more)

    @part_of("trouble")
    @rule(address=addresses, crm=st.sampled_from(CRM), fault=st.sampled_from(FAULTS))
    def come_in_trouble(self, address: str, crm: CRM, fault: tuple[Kind, dict[str, Any]]) -> None:
        """A member is created, and the calls that bring it over meet a fault."""
        self.fault(crm, fault, 1, 1)
        self.create_contact(address, "customer", "x", "work")

    # --- Guestlist at work --------------------------------------------------------------------

    @part_of(*THEMES)
    @rule(then=then)
    def poll(self, then: str) -> None:
        self.act(then=then)

    @part_of("values", "trouble")
    @rule(lose=st.booleans())
    def sweep(self, *, lose: bool) -> None:
        if lose:
            self.on.here.post.lose()
        self.on.here.settle()

    @part_of("trouble")
    @rule(
        who=which,
        name=names,
        value=st.sampled_from(["c", "d"]),
        in_hubspot=st.booleans(),
        at=st.one_of(st.integers(18, 28), st.integers(18, 28), st.integers(2, 70)),
        other=st.sampled_from([None, None, JOINS, LEAVES]),
        lose=st.booleans(),
    )
    def kill(
        self,
        who: int,
        name: str,
        value: str | None,
        at: int,
        other: Poll | None,
        *,
        in_hubspot: bool,
        lose: bool,
    ) -> None:
        """A worker dies in the middle of what it found, or did; another one starts."""
        poll = other or (HUBSPOT if in_hubspot else SALESFORCE)

        def live(process: Services) -> None:
            poll(process)
            self.on.here.work(process)

        self.edit(who, name, value, "", in_hubspot=in_hubspot)
        self.on.story.doubtful = True
        self.on.here.move(MINUTE)
        self.on.killed(at, live)
        if lose:
            self.on.here.post.lose()

    @part_of("trouble")
    @rule(who=which, name=names, value=values, in_hubspot=st.booleans(), then=then)
    def stand_still(
        self, who: int, name: str, value: str | None, then: str, *, in_hubspot: bool
    ) -> None:
        """Somebody pauses everything, somebody edits, and it goes on where it stopped."""
        with self.on.halted():
            self.edit(who, name, value, "work", in_hubspot=in_hubspot)
        self.act(then=then)

    @part_of("trouble")
    @rule(type=types, address=addresses, ours=values, theirs=values, at=st.integers(1, 8))
    def look_twice_at_once(
        self, type: str, address: str, ours: str | None, theirs: str | None, at: int
    ) -> None:
        """A new pair is looked at by both its ids, one look in the middle of the other."""
        known = {*self.people.contacts(), *self.people.rows()}
        held = {"email": address, "lastname": "x", "firstname": ours, "lifecyclestage": "customer"}
        self.act(lambda: self.people.create_contact(held))
        self.create_row(type, address, theirs, "")
        for key in sorted({*self.people.contacts(), *self.people.rows()} - known):
            self.guarded(partial(self.on.resync, key))
        self.on.overtaken(at)

    @part_of("values", "lives", "trouble")
    @rule(who=which)
    def resync(self, who: int) -> None:
        ids = [*self.people.contacts(), *self.people.rows()]
        key = ids[who % len(ids)] if ids else None
        if key:
            self.guarded(lambda: self.on.resync(key))

    @part_of("list")
    @rule(how=st.integers(0, 4), who=which, name=names, value=values, wait=st.booleans())
    def sync_the_list(
        self, how: int, who: int, name: str, value: str | None, *, wait: bool
    ) -> None:
        """The list is enumerated; its members are written later, when it may be another."""
        people = self.people
        acts: tuple[Act, ...] = (
            lambda: people.change_contact(who, "lifecyclestage", "lead"),
            people.pick_nobody,
            lambda: people.archive(who),
            lambda: people.delete(who),
            people.delete_list,
        )
        self.act(
            lambda: people.change_row(who, name, value),
            lambda: people.change_row(who + 1, "fax", "c"),
        )
        self.guarded(self.on.enumerate)
        self.act(acts[how])
        self.on.here.move(40 if wait else 0)
        self.on.here.work()

    @part_of("lives")
    @rule(type=types)
    def import_rows(self, type: str) -> None:
        self.guarded(lambda: self.on.bring_in(type))

    @part_of("trouble")
    @rule(number=st.integers(0, 40))
    def replay(self, number: int) -> None:
        """A message of before comes once more."""
        published = self.on.here.post.published
        if published:
            self.on.here.carry_out(published[number % len(published)])

    @part_of("trouble")
    @rule(create=st.booleans(), address=addresses, wait=st.booleans())
    def change_settings(self, address: str, *, create: bool, wait: bool) -> None:
        """The settings change while a worker has a batch in hand."""
        held = {"email": address, "lastname": "x", "lifecyclestage": "customer"}
        self.act(lambda: self.people.create_contact(held), then="wait" if wait else "")
        old = self.on.change_settings(**({} if create else NOBODY_CREATED))
        self.on.here.move(1)
        self.on.here.work(old)

    def teardown(self) -> None:
        if self.stage is None:
            return
        try:
            breaches = judge(self.stage)
        finally:
            self.stage.close()
        if breaches:
            raise AssertionError("\n".join(str(each) for each in breaches[:5]))
