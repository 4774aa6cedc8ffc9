"""I3 and I6: one record a person on either side, and pairs that agree once all is quiet."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.model.fields import RULES, Values, agree
from tests.model.gate_oracle import Breach
from tests.model.story import Moment, Story


@dataclass(frozen=True, slots=True)
class Row:
    """A Salesforce record at the end."""

    type: str
    values: Values
    carried: str | None
    deleted: bool = False
    converted: bool = False
    became: str | None = None
    """The record it was merged into, or the contact it was converted to."""

    @property
    def live(self) -> bool:
        return not (self.deleted or self.converted)


@dataclass(frozen=True, slots=True)
class Contact:
    """A live HubSpot contact at the end."""

    values: Values
    additional: frozenset[str] = frozenset()
    """Its additional e-mail addresses."""

    @property
    def addresses(self) -> frozenset[str]:
        email = self.values["email"]
        return self.additional | ({email} if email else set())


@dataclass(frozen=True, slots=True)
class End:
    """What both CRMs hold at the end."""

    contacts: Mapping[str, Contact]
    rows: Mapping[str, Row]
    members: frozenset[str]


def duplicates(story: Story) -> Iterator[Breach]:
    """Yield whoever we created more than once (I3), or after it was gone for good (B16, S21)."""
    created = Counter(
        moment.contact
        for moment in story.ours()
        if (moment.crm, moment.operation) == ("salesforce", "create")
        and not _unknown(story, moment)
    )
    for contact, times in created.items():
        if times > 1 or contact is None:
            yield Breach("I3", f"{contact} was created {times} times in Salesforce")
    yield from _revived(story)


def _unknown(story: Story, made: Moment) -> bool:
    """Tell whether nobody could know of a record that we made: its answer got lost, as it may
    where answers do, and people removed it before anything else of ours reached it.
    """
    if not story.doubtful:
        return False
    later = [each for each in story.moments if each.id == made.id and each.at > made.at]
    gone = [each for each in later if each.operation in {"delete", "merge"} and not each.ours]
    return bool(gone) and not any(each.ours for each in later)


def _revived(story: Story) -> Iterator[Breach]:
    """A contact that was erased or archived is not made anew by its own twin."""
    for index, moment in enumerate(story.moments):
        if not moment.ours or (moment.crm, moment.operation) != ("hubspot", "create"):
            continue
        carried: dict[str, str | None] = {}
        for each in story.moments[:index]:
            if each.crm == "salesforce" and each.after["email"] == moment.after["email"]:
                carried[each.id] = each.carried
        if carried and None not in carried.values():
            yield Breach("I3", f"made anew although its twins say whose they are: {moment}")


def unequal(story: Story, end: End) -> Iterator[tuple[str, Breach]]:
    """Yield every member without a twin, or with one that differs (I6)."""
    for id in sorted(end.members & end.contacts.keys()):
        contact = end.contacts[id]
        family = story.family(id)
        twins = {key: row for key, row in end.rows.items() if row.live and row.carried in family}
        if not twins:
            yield id, Breach("I6", f"member {id} {contact.values} has no twin")
        elif not any(_agrees(contact, row) for row in twins.values()):
            yield id, Breach("I6", f"member {id} {contact.values} differs from {twins}")


def _agrees(contact: Contact, row: Row) -> bool:
    return all(
        agree(name, contact.values[name], row.values[name])
        or (name == "email" and row.values[name] in contact.additional)
        for name in RULES
    )
