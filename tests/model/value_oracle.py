"""I2 and I9: no edit is lost, and nothing is written that the other side did not say."""

from collections.abc import Iterator, Sequence

from schemas.mapping import SyncRule
from tests.model.fields import RULES
from tests.model.gate_oracle import Breach
from tests.model.story import CrmName, Lost, Moment, Story

CARRIED_S = 60.0
"""From reading one side to writing the other, with all waits for answers."""

_GIVES_WAY: dict[CrmName, frozenset[SyncRule]] = {
    "hubspot": frozenset({SyncRule.PREFER_SALESFORCE, SyncRule.ALWAYS_SALESFORCE}),
    "salesforce": frozenset({SyncRule.PREFER_HUBSPOT, SyncRule.ALWAYS_HUBSPOT}),
}
"""Rules under which a CRM's value is overwritten without a word."""


def overwritten(story: Story) -> Iterator[Breach]:
    """Yield every user's edit that we wrote over, and that neither arrived nor was logged (I2)."""
    for index, moment in enumerate(story.moments):
        if not moment.ours or moment.operation != "update":
            continue
        earlier = story.moments[:index]
        for name in _changed(moment):
            edit = _edit_at_stake(story, earlier, moment, name)
            if edit is None or _logged(story, moment, name):
                continue
            if not _arrived(story, earlier, moment, name, edit.at):
                yield Breach("I2", f"{name} of {edit.at} is lost by {moment}")
            elif not _younger(story, earlier, moment, name, edit.at):
                yield Breach("I2", f"{name} of {edit.at} gave way to an older one by {moment}")


def _edit_at_stake(
    story: Story, earlier: Sequence[Moment], moment: Moment, name: str
) -> Moment | None:
    """Return somebody's edit that a write ended, if the rule protects it.

    What a merge or a conversion put together nobody typed, and an edit in the moment of the write
    has no judge.
    """
    edit = _last_edit(earlier, moment.id, name)
    if edit is None or edit.ours or edit.operation == "merge" or _converted(earlier, edit):
        return None
    if RULES[name] in _GIVES_WAY[moment.crm] or edit.at >= story.unseen_since(moment.at):
        return None
    if moment.before[name] is None and _blank_may_be_filled(story, earlier, moment, edit, name):
        return None
    return None if _taken_back(story, earlier, moment, edit, name) else edit


def unsaid(story: Story) -> Iterator[Breach]:
    """Yield every value of ours that the other side did not hold shortly before (I9)."""
    for index, moment in enumerate(story.moments):
        if not moment.ours:
            continue
        for name in _changed(moment):
            since = moment.at - CARRIED_S - story.late_s
            said = _held(story, story.moments[:index], moment, name, since)
            if moment.after[name] not in said:
                yield Breach(
                    "I9", f"{name}={moment.after[name]!r} is not what {said} says: {moment}"
                )


def _changed(moment: Moment) -> list[str]:
    return [name for name in RULES if moment.before[name] != moment.after[name]]


def _taken_back(
    story: Story, earlier: Sequence[Moment], moment: Moment, edit: Moment, name: str
) -> bool:
    """Tell whether people changed a value and changed it back before we looked: nobody can see it.

    Had we looked in between, the value would have been written to the other side.
    """
    others = _others(story, earlier, moment)
    for each in reversed(earlier):
        if each.ours and each.id in {moment.id, *others} and each.before[name] != each.after[name]:
            return False
        if each.id != edit.id or each.before[name] == each.after[name] or each.at >= edit.at:
            continue
        if each.before[name] == edit.after[name]:
            return True
    return False


def _converted(earlier: Sequence[Moment], edit: Moment) -> bool:
    """Tell whether a record came about by the conversion of a lead: in the same transaction."""
    return edit.operation == "create" and any(
        each.operation == "convert" and each.at == edit.at for each in earlier
    )


def _last_edit(earlier: Sequence[Moment], id: str, name: str) -> Moment | None:
    """Return the write that gave a record's field the value it had."""
    for each in reversed(earlier):
        if each.id == id and each.before[name] != each.after[name]:
            return each
    return None


def _blank_may_be_filled(
    story: Story, earlier: Sequence[Moment], moment: Moment, edit: Moment, name: str
) -> bool:
    """A blank that somebody made counts in a two-way field of what was a pair already."""
    if RULES[name] is not SyncRule.TWO_WAY:
        return True
    family = story.family(edit.contact or edit.id)
    now = {each.id: each.carried for each in earlier if each.crm == "salesforce"}
    then = {each.id: each.carried for each in earlier if each.id in now and each.at <= edit.at}
    twins = [moment.id] if moment.crm == "salesforce" else [id for id in now if now[id] in family]
    return not any(then.get(id) in family for id in twins)


def _arrived(
    story: Story, earlier: Sequence[Moment], moment: Moment, name: str, since: float
) -> bool:
    return moment.before[name] in _held(story, earlier, moment, name, since)


def _younger(
    story: Story, earlier: Sequence[Moment], moment: Moment, name: str, since: float
) -> bool:
    """Tell whether the value written is somebody's word on the other side from *since* on."""
    others = _others(story, earlier, moment)
    return any(
        each.id in others
        and each.at >= since
        and not each.ours
        and each.after[name] == moment.after[name]
        and (each.before[name] != each.after[name] or each.operation != "update")
        for each in earlier
    )


def _held(
    story: Story, earlier: Sequence[Moment], moment: Moment, name: str, since: float
) -> set[str | None]:
    """Return what the other side's records of the same person held from *since* on."""
    others = _others(story, earlier, moment)
    values: set[str | None] = set()
    before: dict[str, str | None] = {}
    for each in earlier:
        if each.id not in others:
            continue
        if each.at < since:
            before[each.id] = each.after[name]
        else:
            values |= {each.before[name], each.after[name]}
    return values | set(before.values())


def _others(story: Story, earlier: Sequence[Moment], moment: Moment) -> set[str]:
    """Return the ids of the records on the other side that are, or were, the same person's."""
    if moment.contact is None:
        return set()
    family = story.family(moment.contact)
    if moment.crm == "salesforce":
        return {*family}
    addresses = {moment.before["email"], moment.after["email"]} - {None}
    return {
        each.id
        for each in earlier
        if each.crm == "salesforce"
        and (each.contact in family or each.carried in family or each.after["email"] in addresses)
    }


def _logged(story: Story, moment: Moment, name: str) -> bool:
    """Tell whether it is in the conflict log; who was erased has nothing left there."""
    family = story.family(moment.contact or moment.id)
    erased = any(each.operation == "gdpr-delete" and each.id in family for each in story.moments)
    return erased or any(Lost(id, name, moment.before[name]) in story.lost for id in family)
