"""What people do in both CRMs while these are followed: the same for the same seed and cast."""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from random import Random
from typing import Any, NamedTuple

FIELDS = {
    "phone": {"Contact": "Phone", "Lead": "Phone"},
    "city": {"Contact": "MailingCity", "Lead": "City"},
    "zip": {"Contact": "MailingPostalCode", "Lead": "PostalCode"},
}
"""What both sides edit: HubSpot property -> Salesforce field by type, all ``two_way``."""
INSIDE, OUTSIDE = "customer", "other"
"""Lifecycle stages that put a contact into the list and out of it."""


class Pair(NamedTuple):
    """A contact and its Salesforce record."""

    key: str
    type: str
    twin: str


class Cast(NamedTuple):
    """Who is there when the edits begin."""

    pairs: Sequence[Pair]
    """Members whose twin holds the same."""
    outsiders: Sequence[str]
    """Ids of contacts that are not in the list."""
    strangers: Sequence[Pair]
    """Salesforce records that nothing links yet to their contacts, which are outside."""


class Act(NamedTuple):
    """One request that a person makes in a CRM."""

    crm: str
    type: str
    verb: str
    who: str
    """The record's id, or the name under which this or an earlier act creates one."""
    fields: dict[str, Any]


class Script:
    """Deals acts of either side, for as long as anybody asks."""

    def __init__(self, cast: Cast, *, seed: str) -> None:
        self._dice = Random(f"{seed}/load")
        self._pairs = [*cast.pairs]
        self._inside = [pair.key for pair in cast.pairs]
        self._outside = [*cast.outsiders]
        self._strangers = [*cast.strangers]
        self._left: list[Pair] = []
        self._pair_of = {pair.key: pair for pair in cast.pairs}
        self._back: deque[Act] = deque()
        self._created: list[tuple[str, str]] = []
        self._last: tuple[Pair, str] | None = None
        self._number = count(1)

    def hubspot(self) -> Act:
        """Return the next act in HubSpot."""
        if self._back:
            return self._back.popleft()
        return self._drawn(
            (0.70, self._edit_member),
            (0.06, self._leave),
            (0.06, self._join),
            (0.05, self._flip),
            (0.10, self._edit_outsider),
            (0.03, self._create_member),
        )

    def salesforce(self) -> Act:
        """Return the next act in Salesforce."""
        return self._drawn(
            (0.76, self._edit_twin),
            (0.04, self._contradict),
            (0.08, self._edit_left),
            (0.05, self._edit_stranger),
            (0.04, self._create_person),
            (0.03, self._edit_created),
        )

    def _drawn(self, *choices: tuple[float, Callable[[], Act]]) -> Act:
        weights = [weight for weight, _ in choices]
        (chosen,) = self._dice.choices([act for _, act in choices], weights)
        return chosen()

    # --- HubSpot ------------------------------------------------------------------------------

    def _edit_member(self) -> Act:
        key, name = self._dice.choice(self._inside), self._name()
        if key in self._pair_of:
            self._last = self._pair_of[key], name
        return _contact(key, {name: self._value(name)})

    def _leave(self) -> Act:
        """Take a member out; some with an edit in the same request, which must stay there."""
        key = _taken(self._inside, self._dice)
        self._outside.append(key)
        if key in self._pair_of:
            self._left.append(self._pair_of[key])
        more = {"phone": self._value("phone")} if self._dice.random() < 0.4 else {}
        return _contact(key, {"lifecyclestage": OUTSIDE, **more})

    def _join(self) -> Act:
        key = _taken(self._outside, self._dice)
        self._inside.append(key)
        self._left = [pair for pair in self._left if pair.key != key]
        return _contact(key, {"lifecyclestage": INSIDE})

    def _flip(self) -> Act:
        """Take a member out and, with the next act, back in."""
        key = self._dice.choice(self._inside)
        self._back.append(_contact(key, {"lifecyclestage": INSIDE}))
        return _contact(key, {"lifecyclestage": OUTSIDE})

    def _edit_outsider(self) -> Act:
        name = self._name()
        return _contact(self._dice.choice(self._outside), {name: self._value(name)})

    def _create_member(self) -> Act:
        name = f"joined{next(self._number)}"
        held = {"email": f"{name}@load.example", "lastname": name, "lifecyclestage": INSIDE}
        self._inside.append(name)
        return Act("hubspot", "contacts", "create", name, held)

    # --- Salesforce ---------------------------------------------------------------------------

    def _edit_twin(self) -> Act:
        return self._change(self._dice.choice(self._pairs), self._name())

    def _contradict(self) -> Act:
        """Set the field that was just set in HubSpot to something else."""
        return self._change(*self._last) if self._last else self._edit_twin()

    def _edit_left(self) -> Act:
        if not self._left:
            return self._edit_twin()
        return self._change(self._dice.choice(self._left), self._name())

    def _edit_stranger(self) -> Act:
        if not self._strangers:
            return self._edit_twin()
        return self._change(self._dice.choice(self._strangers), self._name())

    def _create_person(self) -> Act:
        name = f"entered{next(self._number)}"
        type = self._dice.choice(["Contact", "Lead"])
        held = {"LastName": name, "Email": f"{name}@load.example"}
        if type == "Lead":
            held["Company"] = "Load Ltd"
        self._created.append((type, name))
        return Act("salesforce", type, "insert", name, held)

    def _edit_created(self) -> Act:
        if not self._created:
            return self._create_person()
        type, name = self._dice.choice(self._created)
        return Act("salesforce", type, "update", name, {"Title": f"Title {next(self._number)}"})

    def _change(self, pair: Pair, name: str) -> Act:
        field = FIELDS[name][pair.type]
        return Act("salesforce", pair.type, "update", pair.twin, {field: self._value(name)})

    def _name(self) -> str:
        return self._dice.choice([*FIELDS])

    def _value(self, name: str) -> str:
        """Return a value that nobody else sets: whoever meets it again knows where it is from."""
        number = next(self._number)
        return {"phone": f"+1 555 {number:07}", "city": f"City {number}", "zip": f"Z{number}"}[name]


def _contact(key: str, properties: dict[str, Any]) -> Act:
    return Act("hubspot", "contacts", "update", key, properties)


def _taken(keys: list[str], dice: Random) -> str:
    """Take one out, whichever; the order of the others does not matter."""
    at = dice.randrange(len(keys))
    keys[at], keys[-1] = keys[-1], keys[at]
    return keys.pop()
