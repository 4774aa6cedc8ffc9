"""Every invariant of a chaos run, judged from the CRMs' journal by the model's oracles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from benchmarks.proof.accounts import Kept
from benchmarks.proof.judge import EXAMPLES, EXIT_SHARE, RACE_SHARE, Finding
from tests.chaos.annals import Chapter
from tests.model import gate_oracle, pair_oracle, value_oracle
from tests.model.excuses import excused
from tests.model.gate_oracle import Breach
from tests.model.story import Moment, Story

HISTORY = (
    gate_oracle.leaks,
    gate_oracle.entries,
    gate_oracle.held,
    gate_oracle.banned,
    gate_oracle.removals,
    value_oracle.unsaid,
    pair_oracle.duplicates,
)
IN_STEP = frozenset({None, "SYNCED", "UNCHANGED", "CONFLICT_LOST"})
"""Reasons that promise a pair in step."""


class Facts(NamedTuple):
    """What was seen while it ran, besides the journal."""

    chapters: Sequence[Chapter]
    kept: Kept
    said: Mapping[str, str | None]
    """Record key -> the reason of the last look at it."""
    unended: Sequence[str]
    twice: Sequence[str]
    """Salesforce ids that two links name."""
    acts: int
    converged_s: float
    within_s: float
    replayed: int
    """Messages sent once more."""
    rewritten: int
    """Our writes for those, and for a whole run more."""
    cycles: int
    quiet: int
    """Our writes in the quiet cycles."""
    leaked: Sequence[str]
    """Where a canary was found."""


def judge(facts: Facts) -> list[Finding]:
    """Judge every invariant."""
    breaches = [each for chapter in facts.chapters for each in _history(chapter.story)]
    ours = [moment for chapter in facts.chapters for moment in chapter.story.ours()]
    by_id: dict[str, list[str]] = {}
    for breach in breaches:
        by_id.setdefault(breach.invariant, []).append(breach.what)
    closed = [line for id in ("I7", "C6", "C10") for line in by_id.get(id, [])]
    apart = [*_apart(facts)]
    if facts.converged_s > facts.within_s:
        apart.append(f"{facts.converged_s:.1f} s passed until the last write")
    writes = len(ours)
    return [
        _finding("I1-never", "nobody who never was a member was written", by_id.get("I1-never")),
        _finding(
            "I1-hard", "no write without a membership as young as a proof", by_id.get("I1-hard")
        ),
        _soft(facts, ours),
        _finding("I1-lag", "the same by the list's own filter", by_id.get("I1-lag")),
        _finding("I2", "no edit is lost", by_id.get("I2")),
        _raced(facts),
        _finding(
            "I3", "one record a person, one link a pair", [*by_id.get("I3", []), *facts.twice]
        ),
        _finding(
            "I4",
            "all messages once more, and a whole run: nothing is written",
            [f"{facts.rewritten} writes"] if facts.rewritten else [],
            f"{facts.rewritten} writes for {facts.replayed} messages",
        ),
        _finding(
            "I5",
            "quiet: no write",
            [f"{facts.quiet} writes"] if facts.quiet else [],
            f"{facts.quiet} in {facts.cycles} cycles",
        ),
        _finding(
            "I6",
            f"both sides in step within {facts.within_s:g} s",
            apart,
            f"{facts.converged_s:.1f} s, {len(apart)} apart",
        ),
        _finding("I7", "what is not known keeps the gate shut", closed),
        _finding("I8", "every record ends, every run adds up", [*_silent(facts)]),
        _finding(
            "I9",
            "nothing is written that the other side did not say",
            by_id.get("I9"),
            f"{len(by_id.get('I9', []))} of {writes} writes",
        ),
        _finding("I10", "no value, no address, no secret in a log or the broker", facts.leaked),
    ]


def _finding(
    id: str, promise: str, broken: Sequence[str] | None, measured: str | None = None
) -> Finding:
    lines = list(broken or ())
    told = str(len(lines)) if measured is None else measured
    return Finding(id, promise, told, tuple(lines[:EXAMPLES]), len(lines))


def _history(story: Story) -> Iterator[Breach]:
    for oracle in HISTORY:
        yield from oracle(story)
    yield from value_oracle.overwritten(story)


def _raced(facts: Facts) -> Finding:
    """Count the edits that came between a read and our write, and got lost by that."""
    raced = []
    for chapter in facts.chapters:
        story = chapter.story
        strict = replace(story, race_s=0.0, late_s=0.0, pauses=())
        known = [*value_oracle.overwritten(story)]
        raced += [each.what for each in value_oracle.overwritten(strict) if each not in known]
    few = len(raced) <= max(2, facts.acts * RACE_SHARE)
    told = f"{len(raced)} of {facts.acts} acts"
    return _finding("I2 race", "of edits while we were writing, few", [] if few else raced, told)


def _soft(facts: Facts, ours: Sequence[Moment]) -> Finding:
    exits = [each for chapter in facts.chapters for each in _exits(chapter.story)]
    untold = [str(each) for each in exits if each.contact not in facts.kept.late]
    few = len(untold) <= max(2, len(ours) * EXIT_SHARE)  # who was killed can not tell
    told = f"{len(exits)} of {len(ours)} writes, {len(untold)} untold"
    promise = "who leaves between proof and write is told"
    return _finding("I1-soft", promise, [] if few else untold, told)


def _exits(story: Story) -> Iterator[Moment]:
    """Yield writes about whom the filter let in while the proof was young, but no more then."""
    for moment in story.ours():
        if moment.contact is None or moment.crm != "salesforce":
            continue
        family = story.family(moment.contact)
        states = [*story.during(moment.at - story.proof_age_s - story.late_s, moment.at)]
        inside = [not family.isdisjoint(state.by_filter) for state in states]
        if inside and not inside[-1] and any(inside):
            yield moment


def _apart(facts: Facts) -> Iterator[str]:
    """Yield members that are not in step, although nothing keeps them from it."""
    for story, end in facts.chapters:
        for id, breach in pair_oracle.unequal(story, end):
            said = facts.said.get(id)
            if said in IN_STEP or not excused(id, said, story, end):
                yield f"{breach.what}; said {said}"


def _silent(facts: Facts) -> Iterator[str]:
    for run in facts.kept.accounts:
        if run.enumerated != run.ended + run.waiting:
            yield f"run {run.id}: {run.enumerated} enumerated, {run.ended + run.waiting} known"
        elif run.waiting or not run.finished:
            yield f"run {run.id} has not ended: {run.waiting} wait"
    for key in facts.unended:
        yield f"{key} never came to its end"
