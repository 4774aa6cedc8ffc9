"""Each invariant as a count of what breaks it, with the first of them in words."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from benchmarks.proof.edits import RACE_S, disordered, lost_edits
from benchmarks.proof.evidence import Evidence, Row
from benchmarks.proof.script import FIELDS

CONVERGED_WITHIN_S = 60.0
IDENTICAL_SHARE = 0.001
"""Of all our writes, those that may set what is there already."""
EXIT_SHARE = 1 / 10_000
"""Of all our writes, those about somebody who left between the proof and the write."""
RACE_SHARE = 0.001
"""Of all edits, those that may be lost because they came between our last read and our write."""
SAME = {"email": "Email", "firstname": "FirstName", "lastname": "LastName"}
EXAMPLES = 3


class Finding(NamedTuple):
    """One invariant, and what breaks it."""

    id: str
    promise: str
    measured: str
    broken: tuple[str, ...]
    """The first violations, in words; none: it holds."""
    times: int


def judge(evidence: Evidence) -> list[Finding]:
    """Judge every invariant."""
    return [
        _finding("I1 never", "no record of whoever never was a member", never_members(evidence)),
        _finding("I1 hard", "no write without a membership as young as a proof", hard(evidence)),
        _finding("I1 lag", "the same by the list's own filter", leaks_by_filter(evidence)),
        _soft(evidence),
        _finding("I2", "no edit is lost", lost_edits(evidence)),
        _raced(evidence),
        _finding("I3", "one record, one link, one entry each", duplicates(evidence)),
        _identical(evidence),
        _finding("I5", "quiet: no write", _told(evidence.ours, after=evidence.marks.quiet_after)),
        _finding(
            "I6",
            f"both sides in step within {CONVERGED_WITHIN_S:g} s",
            apart(evidence),
            measured=f"{convergence(evidence) or 0.0:.1f} s",
        ),
        _finding("I8", "every edit is looked at, every record accounted for", silent(evidence)),
        _finding("I9", "a record's edits arrive in order", disordered(evidence)),
    ]


def _soft(evidence: Evidence) -> Finding:
    exits, writes = [*window_exits(evidence)], len(evidence.ours)
    untold = [line for key, line in exits if key not in evidence.late]
    few = len(exits) <= max(1, writes * EXIT_SHARE)
    broken = untold if few else [line for _, line in exits]
    promise = "who leaves between proof and write is told"
    return _finding("I1 soft", promise, broken, measured=f"{len(exits)} of {writes} writes")


def _raced(evidence: Evidence) -> Finding:
    raced, edits = [*lost_edits(evidence, raced=True)], len(evidence.people)
    broken = raced if len(raced) > max(1, edits * RACE_SHARE) else []
    promise = f"of edits within {RACE_S:g} s before a write of ours, few"
    return _finding("I2 race", promise, broken, measured=f"{len(raced)} of {edits} edits")


def _identical(evidence: Evidence) -> Finding:
    identical, writes = sum(not each["changed"] for each in evidence.ours), len(evidence.ours)
    told = f"{identical} of {writes} writes"
    broken = [told] if identical > writes * IDENTICAL_SHARE else []
    return _finding("I4", "no write of what is there already", broken, measured=told)


def _finding(
    id: str, promise: str, broken: Iterable[str], *, measured: str | None = None
) -> Finding:
    lines = [*broken]
    told = f"{len(lines)}" if measured is None else measured
    return Finding(id, promise, told, tuple(lines[:EXAMPLES]), len(lines))


def never_members(evidence: Evidence) -> Iterator[str]:
    """Yield Salesforce records, and writes into Salesforce, of whom no list ever held."""
    lists = evidence.lists
    for key in evidence.twins:
        if not lists.by_filter(key).ever():
            yield f"contact {key} has a record in Salesforce"
    for entry in evidence.ours:
        key = entry["contact_id"]
        if entry["crm"] == "salesforce" and not (key and lists.by_filter(key).ever()):
            yield _words(entry)


def hard(evidence: Evidence) -> Iterator[str]:
    """Yield writes about whom HubSpot's own evaluation did not hold as long as a proof is one."""
    return _leaks(evidence, lambda key: evidence.lists.as_evaluated(key).within)


def leaks_by_filter(evidence: Evidence) -> Iterator[str]:
    """Yield writes about whom the list's filter did not let in as long as a proof is one."""
    return _leaks(evidence, lambda key: evidence.lists.by_filter(key).within)


def _leaks(
    evidence: Evidence, membership: Callable[[str], Callable[[float, float], bool]]
) -> Iterator[str]:
    for entry in evidence.ours:
        key, at = entry["contact_id"], entry["at"]
        if evidence.enters(entry):
            continue
        if not key or not membership(key)(at - evidence.proof_age_s, at):
            yield _words(entry)


def window_exits(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Yield writes about whom the filter let in while the proof was young, but no more then."""
    for entry in evidence.ours:
        key, at = entry["contact_id"], entry["at"]
        if not key or evidence.enters(entry):
            continue
        truth = evidence.lists.by_filter(key)
        if not truth.at(at) and truth.within(at - evidence.proof_age_s, at):
            yield key, _words(entry)


def duplicates(evidence: Evidence) -> Iterator[str]:
    """Yield contacts with two records, and what we created twice."""
    for key, twins in evidence.twins.items():
        if len(twins) > 1:
            yield f"contact {key} has {len(twins)} records in Salesforce"
    created = [entry for entry in evidence.ours if entry["operation"] == "create"]
    into_salesforce = Counter(e["contact_id"] for e in created if e["crm"] == "salesforce")
    into_hubspot = Counter(e["fields"].get("email") for e in created if e["crm"] == "hubspot")
    for who, times in (*into_salesforce.items(), *into_hubspot.items()):
        if times > 1:
            yield f"{who} was created {times} times"


def convergence(evidence: Evidence) -> float | None:
    """Return seconds from the last edit to the last write of ours; ``None``: there was no edit."""
    if not evidence.people:
        return None
    last = evidence.people[-1]["at"]
    return max([entry["at"] - last for entry in evidence.ours if entry["at"] > last], default=0.0)


def apart(evidence: Evidence) -> Iterator[str]:
    """Yield what is not in step although it could be, and a convergence that took too long."""
    took = convergence(evidence)
    if took is None:
        yield "nobody edited anything: this proves nothing"
    elif took > CONVERGED_WITHIN_S:
        yield f"{took:.1f} s passed until the last write"
    differing = [*_differing(evidence)]
    in_step = sum(len(evidence.twins.get(key, ())) == 1 for key in evidence.members)
    if len(evidence.members) - in_step > evidence.refused:
        yield (
            f"{len(evidence.members) - in_step} members have no twin, "
            f"the last run explains {evidence.refused}"
        )
    if len(differing) > max(0, len(evidence.members) - evidence.unchanged):
        yield from differing


def _differing(evidence: Evidence) -> Iterator[str]:
    for key in sorted(evidence.members):
        contact = evidence.contacts.get(key, {})
        for twin in evidence.twins.get(key, ()):
            fields = SAME | {name: by[_type(twin)] for name, by in FIELDS.items()}
            names = [
                name
                for name, field in fields.items()
                if plain(contact.get(name)) != plain(twin["fields"].get(field))
            ]
            if names:
                yield f"contact {key} and {twin['id']} differ in {', '.join(names)}"


def silent(evidence: Evidence) -> Iterator[str]:
    """Yield runs that do not add up or have no end, and edits that no look came after."""
    for run in evidence.accounts:
        if run.enumerated != run.ended + run.waiting:
            yield f"run {run.id}: {run.enumerated} enumerated, {run.ended + run.waiting} known"
        elif run.waiting or not run.finished:
            yield f"run {run.id} has not ended: {run.waiting} wait"
    for key, at in _last_edits(evidence).items():
        if not any(evidence.looked.get(name, 0.0) >= at for name in key):
            yield f"nobody looked at {' or '.join(sorted(key))} after its last edit"


def _last_edits(evidence: Evidence) -> Mapping[frozenset[str], float]:
    """Return when each record was last edited, by all the names it may be looked at under."""
    found: dict[frozenset[str], float] = {}
    for entry in evidence.people:
        names = frozenset(name for name in (entry["contact_id"], entry["id"]) if name)
        found[names] = max(entry["at"], found.get(names, 0.0))
    return found


def _told(entries: Iterable[Row], *, after: int) -> Iterator[str]:
    return (_words(entry) for entry in entries if entry["seq"] > after)


def _words(entry: Row) -> str:
    about = entry["contact_id"] or "nobody known"
    return f"#{entry['seq']} {entry['crm']} {entry['operation']} {entry['id']} about {about}"


def _type(twin: Row) -> str:
    return "Lead" if twin["id"].startswith("00Q") else "Contact"


def plain(value: Any) -> str:
    """Return a value without what both sides may keep in their own way."""
    return " ".join(str(value or "").casefold().split())
