"""What people do, in any order; and how a world begins."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from guestlist.domain.errors import Misconfigured, SyncError
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.model.drawn import (
    ROUTES,
    THEMES,
    Act,
    addresses,
    names,
    part_of,
    stages,
    then,
    types,
    values,
    which,
)
from tests.model.opening import FirstDays, Opening
from tests.model.people import FILTERS, People
from tests.model.stage import LAGS, SOON_S, Stage
from tests.producers.watcher import MINUTE


class Acts(RuleBasedStateMachine):
    """One installation from its first day on, and the people around it."""

    first_days: ClassVar[FirstDays]
    themes: ClassVar[Sequence[str]] = THEMES
    pinned: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """What worlds begin with, instead of what is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.stage: Stage | None = None
        self.theme = "all"

    @property
    def on(self) -> Stage:
        assert self.stage
        return self.stage

    @property
    def people(self) -> People:
        return self.on.people

    @initialize(
        members=st.integers(1, 3),
        type=types,
        enters=st.booleans(),
        brake=st.booleans(),
        narrow=st.booleans(),
        picked=st.booleans(),
        lag=st.sampled_from(["", *LAGS]),
        theme=st.integers(0, 7),
    )
    def begin(self, theme: int, **drawn: Any) -> None:
        self.theme = self.themes[theme % len(self.themes)]
        self._open(**{**drawn, **self.pinned})

    def _open(
        self,
        *,
        members: int,
        type: str,
        enters: bool,
        brake: bool,
        narrow: bool,
        picked: bool,
        lag: str,
    ) -> None:
        choice = {
            "objects__contacts__create_in_hubspot": enters,
            "guards__brake_records": 1 if brake else 100,
            "lanes__changes__width": 1 if narrow else 1000,
        }
        self.stage = self.first_days.begin(Opening(members, type, picked), choice)
        if lag:
            self.set_lag(lag, full=True)

    def guarded(self, work: Act) -> None:
        """Do what a person asked for; a refusal for good reason is an answer."""
        with suppress(Misconfigured, SyncError):
            work()

    def set_lag(self, option: str, *, full: bool) -> None:
        crm, most = LAGS[option]
        self.on.world.set_options(crm, {option: most if full else 0.0})

    def act(self, *acts: Act, then: str = "") -> None:
        """Let people act one after the other, and Guestlist go on after that."""
        for each in acts:
            self.on.here.move(1)
            self.on.do(each)
        if then:
            self.on.poll(SOON_S if then == "soon" else MINUTE)
        if then in {"work", "soon"}:
            self.on.here.work()

    # --- people -------------------------------------------------------------------------------

    @part_of("values", "lives", "trouble")
    @rule(who=which, name=names, value=values, in_hubspot=st.booleans(), then=then)
    def edit(self, who: int, name: str, value: str | None, then: str, *, in_hubspot: bool) -> None:
        change = self.people.change_contact if in_hubspot else self.people.change_row
        self.act(lambda: change(who, name, value), then=then)

    @part_of("values")
    @rule(who=which, name=names, ours=values, theirs=values, then=then)
    def edit_both(
        self, who: int, name: str, ours: str | None, theirs: str | None, then: str
    ) -> None:
        self.act(
            lambda: self.people.change_contact(who, name, ours),
            lambda: self.people.change_row(who, name, theirs),
            then=then,
        )

    @part_of("list", "trouble")
    @rule(who=which, stage=stages, name=names, value=values, then=then)
    def move_through_the_list(
        self, who: int, stage: str, name: str, value: str | None, then: str
    ) -> None:
        """A form changes the stage, and something else."""
        self.act(
            lambda: self.people.change_contact(who, name, value),
            lambda: self.people.change_contact(who, "lifecyclestage", stage),
            then=then,
        )

    @part_of("values", "lives")
    @rule(who=which, address=addresses, in_hubspot=st.booleans(), then=then)
    def readdress(self, who: int, address: str, then: str, *, in_hubspot: bool) -> None:
        change = self.people.change_contact if in_hubspot else self.people.change_row
        self.act(lambda: change(who, "email", address), then=then)

    @part_of("list", "lives", "trouble")
    @rule(address=addresses, stage=stages, lastname=st.sampled_from(["x", "y", None]), then=then)
    def create_contact(self, address: str, stage: str, lastname: str | None, then: str) -> None:
        held = {"email": address, "lastname": lastname, "lifecyclestage": stage}
        self.act(lambda: self.people.create_contact(held), then=then)

    @part_of("values", "lives")
    @rule(type=types, address=st.one_of(st.none(), addresses), value=values, then=then)
    def create_row(self, type: str, address: str | None, value: str | None, then: str) -> None:
        held = {"email": address, "lastname": "z", "firstname": value}
        self.act(lambda: self.people.create_row(type, held), then=then)

    @part_of("lives")
    @rule(who=which, in_hubspot=st.booleans(), then=then)
    def remove(self, who: int, then: str, *, in_hubspot: bool) -> None:
        remove = self.people.archive if in_hubspot else self.people.delete
        self.act(lambda: remove(who), then=then)

    @part_of("lives")
    @rule(who=which, in_hubspot=st.booleans(), then=then)
    def bring_back(self, who: int, then: str, *, in_hubspot: bool) -> None:
        bring_back = self.people.restore if in_hubspot else self.people.undelete
        self.act(lambda: bring_back(who), then=then)

    @part_of("lives")
    @rule(who=which, other=which, in_hubspot=st.booleans(), then=then)
    def merge(self, who: int, other: int, then: str, *, in_hubspot: bool) -> None:
        merge = self.people.merge_contacts if in_hubspot else self.people.merge_rows
        self.act(lambda: merge(who, other), then=then)

    @part_of("lives")
    @rule(who=which, then=then)
    def convert(self, who: int, then: str) -> None:
        self.act(lambda: self.people.convert(who), then=then)

    @part_of("lives")
    @rule(who=which, then=then)
    def erase(self, who: int, then: str) -> None:
        self.act(lambda: self.people.erase(who), then=then)

    @part_of("values", "list")
    @rule(route=st.sampled_from(ROUTES), act=st.integers(0, 5), who=which, name=names, value=values)
    def act_half_way(self, route: str, act: int, who: int, name: str, value: str | None) -> None:
        """Somebody acts between two of our calls."""
        people = self.people
        acts: tuple[Act, ...] = (
            lambda: people.change_contact(who, name, value),
            lambda: people.change_row(who, name, value),
            lambda: people.change_contact(who, "lifecyclestage", "lead"),
            lambda: people.convert(who),
            lambda: people.delete(who),
            lambda: people.archive(who),
        )
        self.on.soon(route, acts[act])

    # --- the list -----------------------------------------------------------------------------

    @part_of("list")
    @rule(which=st.integers(0, len(FILTERS)), then=then)
    def filter_by(self, which: int, then: str) -> None:
        self.on.here.move(1)
        self.on.filter_by(which)
        self.act(then=then)

    @part_of("list")
    @rule(who=which, in_or_out=st.booleans(), then=then)
    def pick(self, who: int, then: str, *, in_or_out: bool) -> None:
        self.act(lambda: self.people.pick(who, in_or_out=in_or_out), then=then)

    @part_of("list")
    @rule(back=st.booleans(), then=then)
    def list_goes(self, then: str, *, back: bool) -> None:
        self.act(self.people.restore_list if back else self.people.delete_list, then=then)

    @part_of("list", "trouble")
    @rule(kind=st.sampled_from([Kind.STATUS, Kind.TRUNCATE, Kind.HTML_200]))
    def misread_the_list(self, kind: Kind) -> None:
        """The next reading of the whole list breaks off."""
        self.on.here.fault(CRM.HUBSPOT, kind, "GET */memberships", times=2)
        self.on.here.move(240)
        self.act(then="wait")

    @part_of("list")
    @rule(yes=st.booleans())
    def answer_the_brake(self, *, yes: bool) -> None:
        self.guarded(lambda: self.on.answer(yes=yes))
