"""Whether every edit of a member's field got somewhere, and whether they arrived in order."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from benchmarks.proof.evidence import CALLER, Evidence, Lost, Row, settings_of
from benchmarks.proof.script import FIELDS

SIDES = ("hubspot", "salesforce")


RACE_S = 2.0
"""An edit this shortly before a write of ours may be written over: it came after the last read,
and neither CRM compares before it sets."""


class Set(NamedTuple):
    """A value set on one side."""

    seq: int
    at: float
    value: str | None


class Field:
    """What people and we set in one field of one pair, by side, oldest first."""

    def __init__(self) -> None:
        self.people: dict[str, list[Set]] = {side: [] for side in SIDES}
        self.ours: dict[str, list[Set]] = {side: [] for side in SIDES}

    def add(self, entry: Row, value: str | None) -> None:
        found = self.ours if entry["caller"] == CALLER else self.people
        found[entry["crm"]].append(Set(entry["seq"], entry["at"], value))

    def arrived(self, side: str) -> bool:
        """Tell whether *side*'s last edit was carried over and knowingly overruled there."""
        edit, later = self.people[side][-1], self.people[_other(side)]
        written = self.ours[_other(side)]
        carried = [each.seq for each in written if each.seq > edit.seq and each.value == edit.value]
        return bool(carried and later) and later[-1].seq > carried[0]

    def raced(self, side: str) -> bool:
        """Tell whether *side*'s last edit was written over before we could know of it."""
        edit = self.people[side][-1]
        over = next((each for each in self.ours[side] if each.seq > edit.seq), None)
        return over is not None and over.at - edit.at <= RACE_S

    def words(self) -> str:
        """Tell what was set, oldest first."""
        sets = [
            (each.seq, f"#{each.seq} {who} set {each.value!r} in {side}")
            for who, by_side in (("people", self.people), ("we", self.ours))
            for side, values in by_side.items()
            for each in values
        ]
        return "; ".join(words for _, words in sorted(sets))


Fields = Mapping[tuple[str, str], Field]


def lost_edits(evidence: Evidence, *, raced: bool = False) -> Iterator[str]:
    """Yield last edits of a member's field whose value is nowhere: neither held, nor overruled by
    a later edit that knew it, nor in the conflict log.

    *raced*: those of them that were made between our read and our write; else all the others.
    """
    for (key, name), field in fields_of(evidence).items():
        twins = evidence.twins.get(key, ())
        if key not in evidence.members or len(twins) != 1:
            continue
        type = "Lead" if twins[0]["id"].startswith("00Q") else "Contact"
        held = {
            "hubspot": evidence.contacts.get(key, {}).get(name),
            "salesforce": twins[0]["fields"].get(FIELDS[name][type]),
        }
        for side in SIDES:
            if not field.people[side] or field.arrived(side):
                continue
            value = field.people[side][-1].value
            if set(held.values()) == {value} or Lost(key, name, value) in evidence.lost:
                continue
            if field.raced(side) is raced:
                yield f"{name} of {key}: {side}'s {value!r} is lost; {field.words()}"


def disordered(evidence: Evidence) -> Iterator[str]:
    """Yield fields into which an older edit was carried after a younger one of the same side."""
    for (key, name), field in fields_of(evidence).items():
        for side in SIDES:
            order = {edit.value: edit.seq for edit in field.people[side]}
            arrived = [
                order[each.value] for each in field.ours[_other(side)] if each.value in order
            ]
            if arrived != sorted(arrived):
                yield f"{name} of contact {key}: edits of {side} arrived as {arrived}"


def fields_of(evidence: Evidence) -> Fields:
    """Return every field that was set while both sides were followed, by contact and name."""
    found: dict[tuple[str, str], Field] = {}
    for entry in evidence.journal:
        if entry["seq"] <= evidence.marks.edits_after or not entry["contact_id"]:
            continue
        for name, value in settings_of(entry):
            found.setdefault((entry["contact_id"], name), Field()).add(entry, value)
    return found


def _other(side: str) -> str:
    return "salesforce" if side == "hubspot" else "hubspot"
