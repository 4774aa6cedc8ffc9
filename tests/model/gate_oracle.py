"""I1, I7 and the brake: nothing was written for anybody whom the inclusion list did not let in."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from tests.model.story import Hold, Moment, Story

LIST_CACHE_S = 10.0
"""How long a list's definition may be used."""
SLACK_S = 1.0
"""The calls between a reading and the write that rests on it."""

Kind = Literal["by_filter", "evaluated"]


class Breach(NamedTuple):
    """An invariant that does not hold, and where."""

    invariant: str
    what: str


def leaks(story: Story) -> Iterator[Breach]:
    """Yield every write for a contact that was in the list at no instant of the last *G*.

    I1-hard goes by the list as HubSpot had evaluated it, I1-lag by its true filter; a write for
    somebody who never was a member is I1-never.
    """
    for moment in story.ours():
        if not _needs_membership(story, moment):
            continue
        if moment.contact is None:
            yield Breach("I1-never", f"written for nobody HubSpot knows: {moment}")
            continue
        family = story.family(moment.contact)
        since = moment.at - story.proof_age_s - story.late_s
        if not _inside(story, family, "evaluated", since=0.0, until=moment.at):
            yield Breach("I1-never", f"never a member: {moment}")
        elif not _inside(story, family, "evaluated", since=since, until=moment.at):
            yield Breach("I1-hard", f"not a member any more: {moment}")
        if not _inside(story, family, "by_filter", since=since, until=moment.at):
            yield Breach("I1-lag", f"the true filter keeps it out: {moment}")


def entries(story: Story) -> Iterator[Breach]:
    """Yield every HubSpot record of ours that should not be: too much, or while all is closed."""
    for moment in story.ours():
        if (moment.crm, moment.operation) != ("hubspot", "create"):
            continue
        if not story.enters and moment.sent != {"email"}:
            yield Breach("I1-never", f"an import brings the address alone: {moment}")
        states = story.during(moment.at - LIST_CACHE_S - SLACK_S, moment.at)
        if not any(state.usable for state in states):
            yield Breach("I7", f"entered although no list can decide: {moment}")


def held(story: Story) -> Iterator[Breach]:
    """Yield every newcomer that was written while the brake kept newcomers out (C6)."""
    for hold in story.holds:
        for moment in story.ours():
            if not hold.since + LIST_CACHE_S + SLACK_S < moment.at < hold.until:
                continue
            if moment.contact not in hold.newcomers or not _needs_membership(story, moment):
                continue
            if not _few_left(story, hold, moment.at):
                yield Breach("C6", f"let in although held: {moment}")


def _few_left(story: Story, hold: Hold, at: float) -> bool:
    """Tell whether so many newcomers went again that the rest are no reason to hold anybody."""
    return any(
        state.usable and len(hold.newcomers & state.by_filter) <= hold.limit
        for state in story.during(hold.since, at)
    )


def banned(story: Story) -> Iterator[Breach]:
    """Yield whoever was created although the settings had been changed to create nobody (C10)."""
    for moment in story.ours():
        if (moment.crm, moment.operation) != ("salesforce", "create"):
            continue
        if any(ban.since + story.late_s < moment.at < ban.until for ban in story.bans):
            yield Breach("C10", f"created under settings that were replaced: {moment}")


def misbooked(story: Story, left: Mapping[str, float]) -> Iterator[Breach]:
    """Yield who is booked as having left although the list had it all the time (C8)."""
    for contact, at in left.items():
        states = list(story.during(at - LIST_CACHE_S, at))
        if states and all(contact in state.evaluated for state in states):
            yield Breach("C8", f"{contact} is booked as having left at {at}")


def removals(story: Story) -> Iterator[Breach]:
    """Yield whatever we deleted: the settings of the model never say so."""
    for moment in story.ours():
        if moment.operation not in {"create", "update"}:
            yield Breach("I7", f"nothing may be removed: {moment}")


def _needs_membership(story: Story, moment: Moment) -> bool:
    if moment.crm == "salesforce":
        return True
    return moment.operation == "update" and not _first_sync(story, moment)


def _first_sync(story: Story, moment: Moment) -> bool:
    """Tell whether a record that Salesforce just created reaches its contact: once, if it may."""
    if not story.enters:
        return False
    moment = _sent_first(story, moment)
    earlier = story.moments[: story.moments.index(moment)]
    ours = [each.operation for each in earlier if each.ours and each.contact == moment.contact]
    if ours and not (story.doubtful and ours == ["create"]):
        return False
    addresses = {moment.before["email"], moment.after["email"], *_addresses(story, moment)}
    rows = [each for each in earlier if each.crm == "salesforce"]
    created = {each.id for each in rows if each.operation == "create" and not each.ours}
    return any(each.id in created and each.after["email"] in addresses for each in rows)


def _addresses(story: Story, moment: Moment) -> set[str | None]:
    """Return every address of a contact: a merge makes the other's additional ones."""
    family = story.family(moment.contact or moment.id)
    return {
        values["email"]
        for each in story.moments
        if each.crm == "hubspot" and each.id in family
        for values in (each.before, each.after)
    } - {None}


def _sent_first(story: Story, moment: Moment) -> Moment:
    """Return the write of which this is the second delivery: the same again, changing nothing.

    Networks double requests; found by a chaos run.
    """
    if not story.doubtful or moment.before != moment.after:
        return moment
    for each in story.ours():
        same = (each.id, each.operation, each.sent) == (moment.id, moment.operation, moment.sent)
        if same and each.after == moment.after and 0 <= moment.at - each.at <= story.late_s:
            return each
    return moment


def _inside(
    story: Story, family: frozenset[str], kind: Kind, *, since: float, until: float
) -> bool:
    return any(
        not family.isdisjoint(getattr(presence, kind)) for presence in story.during(since, until)
    )
