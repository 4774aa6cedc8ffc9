"""How the whole installation is, in one word, and everything that is not as it should be."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from console.halted import told
from console.planning import Left
from console.printer import count
from console.web import looks
from console.web.formats import Tone
from console.web.looks import inclusion_of, mapping_of
from console.web.pulse import Pulse, Reading
from guestlist.domain.check import MappingProblem, stopping
from guestlist.domain.explain import describe
from guestlist.domain.gate import Inclusion
from guestlist.domain.outcome import RunState
from guestlist.domain.scopes import GRANT_IT, Scope
from guestlist.store.halt import Halt
from guestlist.store.runs import Run

STUCK_AFTER = timedelta(minutes=2)
NEARLY = 0.8
"""Part of a day's calls above which one is told."""


class Word(StrEnum):
    """The one word."""

    HEALTHY = "Healthy"
    ATTENTION = "Needs attention"
    STOPPED = "Not syncing"


class Finding(NamedTuple):
    """One thing that is not as it should be, and what to do about it."""

    word: Word
    said: str
    fix: str = ""
    page: str = ""
    """Endpoint of the page to look at."""


class Standing(NamedTuple):
    word: Word
    findings: Sequence[Finding]

    @property
    def tone(self) -> Tone:
        return {
            Word.HEALTHY: Tone.GOOD,
            Word.ATTENTION: Tone.WARN,
            Word.STOPPED: Tone.BAD,
        }[self.word]


class Facts(NamedTuple):
    """What the judgement rests on."""

    halt: Halt | None
    """``None``: nobody paused everything."""
    held: Sequence[str]
    """Objects whose list changed more than it may."""
    late: Sequence[tuple[str, str]]
    """(object, stream) pairs that nobody looked at for two intervals."""

    missing: Sequence[str]
    """Credentials that are not set."""
    lacking: Sequence[Scope]
    """What the mapping takes and HubSpot did not grant."""
    unusable: str
    """What is wrong with the settings files; the settings of before are in force."""
    objects: Sequence[str]
    errors: int
    running: Sequence[Run]
    oldest: datetime | None
    """Since when the longest-waiting record waits for a worker."""
    now: datetime


def judge(facts: Facts, pulse: Pulse) -> Standing:
    """Return the worst word of all findings."""
    findings = [
        *_halted(facts),
        *_connections(facts, pulse),
        *_workers(facts, pulse),
        *_lists(facts, pulse),
        *_polls(facts),
        *_mappings(facts, pulse),
        *_budgets(pulse),
        *_work(facts),
    ]
    order = list(Word)
    worst = max((order.index(each.word) for each in findings), default=0)
    return Standing(order[worst], sorted(findings, key=lambda each: -order.index(each.word)))


def _halted(facts: Facts) -> Iterator[Finding]:
    if facts.halt:
        yield Finding(Word.STOPPED, f"Nothing begins: {told(facts.halt)}.", "resume")


def _connections(facts: Facts, pulse: Pulse) -> Iterator[Finding]:
    if facts.unusable:
        said = f"The settings were changed and can not be used: {facts.unusable}"
        yield Finding(Word.STOPPED, said, "guestlist config check", "system.settings")
    for line in facts.missing:
        crm = line.partition(":")[0]
        yield Finding(Word.STOPPED, f"{crm} is not connected.", f"guestlist connect {crm.lower()}")
    for name, label in ((looks.HUBSPOT, "HubSpot"), (looks.SALESFORCE, "Salesforce")):
        if problem := _problem(pulse.get(name)):
            yield Finding(Word.STOPPED, f"{label}: {problem}", "guestlist doctor")
    for each in facts.lacking:
        said = f"HubSpot did not grant {each.name}, for {each.use}."
        yield Finding(Word.ATTENTION, said, GRANT_IT, "system.settings")


def _workers(facts: Facts, pulse: Pulse) -> Iterator[Finding]:
    if problem := _problem(pulse.get(looks.QUEUES)):
        yield Finding(Word.STOPPED, problem, "start Redis", "system.workers")
        return
    reading = pulse.get(looks.WORKERS)
    if reading is not None and not reading.value:
        word = Word.STOPPED if facts.running else Word.ATTENTION
        yield Finding(word, "No worker answers.", "guestlist worker", "system.workers")


def _lists(facts: Facts, pulse: Pulse) -> Iterator[Finding]:
    for name in facts.held:
        said = f"The list of {name} is held: it changed more than it may."
        yield Finding(
            Word.ATTENTION, said, "nobody new comes in until a person answers", "brake.show"
        )
    for name in facts.objects:
        reading = pulse.get(inclusion_of(name))
        if reading is None:
            continue
        if reading.problem:
            yield Finding(Word.STOPPED, f"The list of {name}: {reading.problem}", "", "lists.show")
        inclusion: Inclusion | None = reading.value
        if inclusion is None and not reading.problem:
            said = f"No inclusion list is set for {name}: everybody may sync."
            yield Finding(Word.ATTENTION, said, "choose a list", "lists.show")
        elif inclusion and inclusion.problem:
            told = describe(inclusion.problem)
            yield Finding(Word.STOPPED, f"{name}: {told.sentence}", told.remedy, "lists.show")


def _polls(facts: Facts) -> Iterator[Finding]:
    for name, stream in facts.late:
        said = f"Nobody has looked for changes of {name} ({stream}) for two intervals."
        yield Finding(Word.ATTENTION, said, "do a worker and beat run?", "system.workers")


def _mappings(facts: Facts, pulse: Pulse) -> Iterator[Finding]:
    for name in facts.objects:
        problems: Sequence[MappingProblem] = pulse.value(mapping_of(name), ())
        errors = len(stopping(problems))
        held = sum(each.holds is not None for each in problems)
        if held:
            fields = "1 mapped field" if held == 1 else f"{held} mapped fields"
            said = f"{fields} of {name} held: all else syncs."
            yield Finding(Word.ATTENTION, said, "look at the mapping", "mapping.show")
        if errors:
            said = f"The mapping of {name} does not fit the CRMs: {errors} errors."
            yield Finding(Word.STOPPED, said, "look at the mapping", "mapping.show")


def _budgets(pulse: Pulse) -> Iterator[Finding]:
    left: Mapping[str, Left] = pulse.value(looks.ALLOWANCES, {})
    for crm, each in left.items():
        if each.used is None or not each.limit:
            continue
        said = f"{crm.title()}: {count(each.used)} of {count(each.limit)} calls of the day are used"
        if each.used >= each.limit:
            yield Finding(Word.STOPPED, f"{said}.", "wait, or raise the allowance")
        elif each.used > NEARLY * each.limit:
            yield Finding(Word.ATTENTION, f"{said}.", "little is left for a long list")


def _work(facts: Facts) -> Iterator[Finding]:
    if facts.oldest and not facts.halt and facts.now - facts.oldest > STUCK_AFTER:
        minutes = int((facts.now - facts.oldest).total_seconds() // 60)
        said = f"Records have waited {minutes} min for a worker."
        yield Finding(Word.ATTENTION, said, "start more workers", "system.workers")
    paused = sum(run.state is RunState.PAUSED for run in facts.running)
    if paused:
        runs = "1 run is" if paused == 1 else f"{paused} runs are"
        yield Finding(Word.ATTENTION, f"{runs} paused.", "resume", "runs.index")
    if facts.errors:
        wait = "record waits" if facts.errors == 1 else "records wait"
        said = f"{count(facts.errors)} {wait} for a person."
        yield Finding(Word.ATTENTION, said, "look at the errors", "errors.index")


def _problem(reading: Reading | None) -> str:
    return reading.problem if reading else ""
