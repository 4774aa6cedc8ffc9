"""Everybody who works in two large CRMs: the model's people, by the seed, at a steady rate."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from sandbox.world import World
from tests.chaos.annals import Annals
from tests.model.fields import NAMES
from tests.model.people import People
from tests.model.story import Hold

LOOK_AGAIN = 60
"""Acts after which who is there is looked up anew."""
NAMED = ("firstname", "firstname", "jobtitle", "fax", "city")
STAGES = (("customer", 30), ("lead", 45), ("opportunity", 8), ("", 17))
"""Lifecycle stages of a hundred contacts; the list is of customers, at first."""
Act = Callable[[], None]


def stage(dice: Random) -> str:
    """Draw a lifecycle stage."""
    (drawn,) = dice.choices([name for name, _ in STAGES], [share for _, share in STAGES])
    return drawn


def populate(world: World, records: int, dice: Random) -> None:
    """Fill both CRMs: contacts, and of every fifth a record that Salesforce has already."""
    for number in range(records):
        held = person(number, dice)
        world.portal.create("contacts", {name: value for name, value in held.items() if value})
        if number % 5 == 0:
            type = dice.choice(["Contact", "Lead"])
            fields: dict[str, Any] = {"Email": held["email"], "LastName": held["lastname"]}
            fields[NAMES[type]["city"]] = f"Old town {number}"
            fields |= {"Company": "Acme"} if type == "Lead" else {}
            world.org.insert(type, fields, caller="user")


def person(number: int, dice: Random) -> dict[str, str]:
    """Return what HubSpot knows of somebody; nobody else has any of it."""
    return {
        "email": f"person{number}@canary.example",
        "firstname": f"Given{number}",
        "lastname": f"Family{number}",
        "jobtitle": f"Post {number}",
        "city": f"Town {number}",
        "lifecyclestage": stage(dice),
    }


class Crowd(People):
    """People of a world in which nobody looks through everybody each time."""

    def __init__(self, world: World, list_id: str, handpicked: str) -> None:
        super().__init__(world, list_id, handpicked)
        self._kept: dict[str, list[str]] = {}
        self._left = 0

    def refresh(self) -> None:
        """Count an act; look around anew now and then."""
        self._left -= 1
        if self._left < 0:
            self._kept.clear()
            self._left = LOOK_AGAIN

    def contacts(self) -> list[str]:
        if "contacts" not in self._kept:
            self._kept["contacts"] = super().contacts()
        return self._kept["contacts"]

    def rows(self, *, deleted: bool = False) -> list[str]:
        name = "bin" if deleted else "rows"
        if name not in self._kept:
            self._kept[name] = super().rows(deleted=deleted)
        return self._kept[name]


class Doings:
    """Deals one act after the other; the same seed deals the same ones."""

    def __init__(
        self, people: Crowd, annals: Annals, *, seed: str, brake: Callable[[], int]
    ) -> None:
        self._people = people
        self._annals = annals
        self._dice = Random(f"{seed}/people")
        self._brake = brake
        self._number = 0
        self._back: list[Act] = []
        self.done = 0

    def act(self) -> None:
        """Let somebody do something, and note who is in the list before and after."""
        self._people.refresh()
        self._annals.look()
        if self._back and self._dice.random() < 0.5:
            self._back.pop(0)()
        else:
            acts = self._acts()
            (chosen,) = self._dice.choices(list(acts), list(acts.values()))
            chosen()
        self._annals.look()
        self.done += 1

    def filter_by(self, which: int) -> None:
        """Edit the list's filter; note whom the brake has to keep out from then on."""
        now = self._people.world.clock.timestamp()
        self.release(now)
        self._annals.look()
        limit = self._brake()
        ever = frozenset(self._annals.members_ever)
        self._people.filter_by(which)
        self._annals.look()
        newcomers = self._annals.passing - ever
        if len(newcomers) > limit:
            self._annals.story.holds.append(Hold(now, newcomers, until=float("inf")))

    def release(self, now: float) -> None:
        """Somebody let the newcomers in, or they are gone."""
        story = self._annals.story
        story.holds = [each._replace(until=min(each.until, now)) for each in story.holds]

    def _acts(self) -> Mapping[Act, float]:
        return {
            self._edit_contact: 27,
            self._edit_row: 25,
            self._edit_both: 5,
            self._move: 14,
            self._form: 5,
            self._flip: 4,
            self._create_contact: 5,
            self._create_row: 3,
            self._readdress: 1,
            self._archive: 0.7,
            self._restore: 0.7,
            self._delete: 0.7,
            self._undelete: 0.7,
            self._merge_contacts: 0.7,
            self._merge_rows: 0.7,
            self._convert: 2,
            self._erase: 0.3,
        }

    def _which(self) -> int:
        return self._dice.randrange(10**6)

    def _value(self, name: str) -> str | None:
        """Return a value that nobody else sets, or a blank."""
        self._number += 1
        if self._dice.random() < 0.08:
            return None
        if name == "city" and self._dice.random() < 0.1:
            return "a"
        return f"{name} canary {self._number}"

    def _address(self) -> str:
        self._number += 1
        return f"other{self._number}@canary.example"

    def _edit_contact(self) -> None:
        name = self._dice.choice(NAMED)
        self._people.change_contact(self._which(), name, self._value(name))

    def _edit_row(self) -> None:
        name = self._dice.choice(NAMED)
        self._people.change_row(self._which(), name, self._value(name))

    def _edit_both(self) -> None:
        """Two people set the same field of what may be a pair."""
        rows = self._people.rows()
        if not rows:
            return
        at, name = self._which() % len(rows), self._dice.choice(NAMED)
        self._people.change_row(at, name, self._value(name))
        found = self._people.world.org.find(rows[at])
        key = str(found.values.get("HubSpot_Contact_Id__c") or "") if found else ""
        if key in (contacts := self._people.contacts()):
            self._people.change_contact(contacts.index(key), name, self._value(name))

    def _move(self) -> None:
        self._people.change_contact(self._which(), "lifecyclestage", stage(self._dice))

    def _form(self) -> None:
        """A form sets the stage right after something else."""
        who, name = self._which(), self._dice.choice(NAMED)
        self._people.change_contact(who, name, self._value(name))
        self._people.change_contact(who, "lifecyclestage", stage(self._dice))

    def _flip(self) -> None:
        """Take somebody out, and soon back in."""
        who = self._which()
        self._people.change_contact(who, "lifecyclestage", "lead")
        self._back.append(lambda: self._people.change_contact(who, "lifecyclestage", "customer"))

    def _create_contact(self) -> None:
        self._number += 1
        self._people.create_contact(person(10**7 + self._number, self._dice))

    def _create_row(self) -> None:
        self._number += 1
        held = {"email": self._address(), "lastname": f"Late {self._number}", "firstname": "New"}
        self._people.create_row(self._dice.choice(["Contact", "Lead"]), held)

    def _readdress(self) -> None:
        change = self._dice.choice([self._people.change_contact, self._people.change_row])
        change(self._which(), "email", self._address())

    def _archive(self) -> None:
        self._people.archive(self._which())

    def _restore(self) -> None:
        self._people.restore(self._which())

    def _delete(self) -> None:
        self._people.delete(self._which())

    def _undelete(self) -> None:
        self._people.undelete(self._which())

    def _merge_contacts(self) -> None:
        self._people.merge_contacts(self._which(), self._which())

    def _merge_rows(self) -> None:
        self._people.merge_rows(self._which(), self._which())

    def _convert(self) -> None:
        self._people.convert(self._which())

    def _erase(self) -> None:
        self._people.erase(self._which())
