"""Whether following both CRMs kept its promises, judged from what the CRMs accepted and now hold.

As in the first proof, nothing here comes from our own tables.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from console.demo.proof import CALLER, duplicates, was_member

FIELDS = {"phone": "Phone", "city": "MailingCity"}
"""What people edit: HubSpot property -> Salesforce field, both ``two_way`` in the demo."""

Row = Mapping[str, Any]


class Edit(NamedTuple):
    """One value that a person set on one side of a pair."""

    crm: str
    key: str
    """The contact's id."""
    twin: str
    """Its Salesforce record's id."""
    name: str
    """The HubSpot property's, whichever side it is made on."""
    value: str

    @property
    def body(self) -> Row:
        """Return what the edit says to the CRM it is made in."""
        if self.crm == "hubspot":
            return {"id": self.key, "properties": {self.name: self.value}}
        return {"id": self.twin, "fields": {FIELDS[self.name]: self.value}}


class Followed(NamedTuple):
    """Who did what while both CRMs were followed, and what the sandbox says after it."""

    list_id: str
    edits: Sequence[Edit]
    """Of members; each has to reach the other side."""
    left: Edit
    """The later edit of the contact that left the list; it has to stay where it is."""
    left_after: int
    """The journal's length when it had left."""
    entered: str
    """E-mail address of whom Salesforce created."""
    imported: Sequence[str]
    """E-mail addresses of whom the import brought in."""
    journal: Sequence[Row]
    """All entries since the following began."""
    hubspot: Sequence[Row]
    salesforce: Sequence[Row]


class TwoWay(NamedTuple):
    """The verdict in numbers."""

    edits: int
    carried: int
    """Edits whose value both sides hold now."""
    converged_seconds: float | None
    """From the last edit to the last write that it or another edit caused."""
    left_written: int
    entered: int
    entered_written: int
    """Writes about whom Salesforce created, after that contact had entered."""
    imported: int
    """Contacts the import brought in that hold the e-mail address and nothing else of theirs."""
    outside_written: int
    """Writes about contacts outside the list, but for the entries that the settings allow."""
    duplicates: int


def judge(followed: Followed) -> TwoWay:
    """Judge what was seen."""
    ours = [entry for entry in followed.journal if entry["caller"] == CALLER]
    brought = {followed.entered, *followed.imported}
    by_email = {row["fields"].get("email"): row for row in followed.hubspot}
    entered = by_email.get(followed.entered)
    imported = [by_email[email] for email in followed.imported if email in by_email]
    return TwoWay(
        edits=len(followed.edits),
        carried=sum(_carried(followed)),
        converged_seconds=_converged(followed, ours),
        left_written=sum(_about(ours, followed.left, after=followed.left_after)),
        entered=int(entered is not None and bool(entered["fields"].get("lastname"))),
        entered_written=sum(
            entry["contact_id"] == entered["id"] and not _enters(entry, brought) for entry in ours
        )
        if entered
        else 0,
        imported=sum(not row["fields"].get("lastname") for row in imported),
        outside_written=sum(
            not was_member(entry, followed.list_id) and not _enters(entry, brought)
            for entry in ours
        ),
        duplicates=duplicates(followed.salesforce, ours),
    )


def broken(verdict: TwoWay, *, imported: int) -> list[str]:
    """Return every promise that was not kept, a sentence each; empty: the proof holds."""
    found = {
        f"{verdict.edits - verdict.carried} edits did not reach the other side": (
            verdict.carried != verdict.edits or verdict.converged_seconds is None
        ),
        f"{verdict.left_written} writes concern the contact that left": verdict.left_written,
        "whom Salesforce created did not enter HubSpot": verdict.entered != 1,
        f"{verdict.entered_written} writes concern whom Salesforce created, after the entry": (
            verdict.entered_written
        ),
        f"{verdict.imported} of {imported} were imported by e-mail alone": (
            verdict.imported != imported
        ),
        f"{verdict.outside_written} writes of the following concern contacts outside the list": (
            verdict.outside_written
        ),
        f"{verdict.duplicates} contacts have two Salesforce records after the following": (
            verdict.duplicates
        ),
    }
    return [sentence for sentence, true in found.items() if true]


def caused(edits: Iterable[Edit], journal: Iterable[Row]) -> bool:
    """Tell whether each edit's record was written by us on the other side, with its value."""
    written = {
        (entry["crm"], entry["id"], value)
        for entry in journal
        if entry["caller"] == CALLER
        for value in entry["fields"].values()
    }
    return all((*_other_side(edit), edit.value) in written for edit in edits)


def _other_side(edit: Edit) -> tuple[str, str]:
    return ("salesforce", edit.twin) if edit.crm == "hubspot" else ("hubspot", edit.key)


def _carried(followed: Followed) -> Iterator[bool]:
    contacts = {row["id"]: row["fields"] for row in followed.hubspot}
    records = {row["id"]: row["fields"] for row in followed.salesforce}
    for edit in followed.edits:
        here = contacts.get(edit.key, {}).get(edit.name)
        there = records.get(edit.twin, {}).get(FIELDS[edit.name])
        yield here == there == edit.value


def _converged(followed: Followed, ours: Sequence[Row]) -> float | None:
    """Return seconds by the sandbox's clock from the last edit to the last write it asked for."""
    edited = {(edit.crm, edit.body["id"]) for edit in followed.edits}
    answers = {_other_side(edit) for edit in followed.edits}
    people: list[float] = [
        entry["at"]
        for entry in followed.journal
        if entry["caller"] != CALLER and (entry["crm"], entry["id"]) in edited
    ]
    written: list[float] = [entry["at"] for entry in ours if (entry["crm"], entry["id"]) in answers]
    if not people or not written:
        return None
    return round(max(0.0, max(written) - max(people)), 1)


def _about(entries: Iterable[Row], edit: Edit, *, after: int) -> Iterator[bool]:
    """Tell of each entry after that one whether it concerns the edited pair."""
    for entry in entries:
        concerned = entry["contact_id"] == edit.key or entry["id"] in {edit.key, edit.twin}
        yield entry["seq"] > after and concerned


def _enters(entry: Row, brought: set[str]) -> bool:
    """Tell an entry into HubSpot by Salesforce's record, which no list forbids, from a write."""
    created = entry["crm"] == "hubspot" and entry["operation"] == "create"
    return created and entry["fields"].get("email") in brought
