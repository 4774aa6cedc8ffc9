"""How values look on a page: numbers, times, states with the colour that goes with their word."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from flask import Flask
from markupsafe import Markup, escape

from console.printer import clean, count
from guestlist.domain.check import Severity
from guestlist.domain.outcome import Outcome, RunState, WorkState
from guestlist.domain.path import Verdict
from guestlist.store.problems import Status
from schemas.records import CRM_NAMES

BLANK = "\N{EN DASH}"
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Tone(StrEnum):
    """The colour of a state; its word always stands beside it."""

    GOOD = "good"
    BUSY = "busy"
    CALM = "calm"
    WARN = "warn"
    BAD = "bad"


_TONES: Mapping[str, Tone] = {
    Outcome.CREATED: Tone.GOOD,
    Outcome.UPDATED: Tone.GOOD,
    Outcome.UNCHANGED: Tone.CALM,
    Outcome.HELD: Tone.WARN,
    Outcome.FAILED: Tone.BAD,
    Outcome.CANCELLED: Tone.CALM,
    RunState.RUNNING: Tone.BUSY,
    RunState.PAUSED: Tone.WARN,
    RunState.COMPLETE: Tone.GOOD,
    RunState.STOPPED: Tone.BAD,
    WorkState.QUEUED: Tone.BUSY,
    WorkState.CLAIMED: Tone.BUSY,
    WorkState.WAITING: Tone.WARN,
    Severity.ERROR: Tone.BAD,
    Severity.WARNING: Tone.WARN,
    Status.OPEN: Tone.BAD,
    Status.IGNORED: Tone.CALM,
    Status.RESOLVED: Tone.GOOD,
    Verdict.PASS: Tone.GOOD,
    Verdict.STOP: Tone.BAD,
    Verdict.NOT_REACHED: Tone.CALM,
}


def tone(word: object) -> Tone:
    """Return the colour of a state, an outcome, a severity."""
    return _TONES.get(str(word), Tone.CALM)


def state(word: object, label: str = "") -> Markup:
    """Return the word of a state in its colour."""
    return Markup('<span class="state {}">{}</span>').format(tone(word), label or str(word))


def number(value: float | None) -> str:
    return BLANK if value is None else count(int(value))


def took(span: timedelta | float | None) -> str:
    """Return a duration in its two largest units: ``4 min 12 s``."""
    if span is None:
        return BLANK
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    left = int(seconds)
    parts: list[str] = []
    for size, unit in _UNITS:
        if left >= size or (parts and unit == "s"):
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2])


def ago(instant: datetime | None, now: datetime) -> str:
    """Return an age in its largest unit."""
    if instant is None:
        return "never"
    seconds = int((now - instant).total_seconds())
    if abs(seconds) < 1:
        return "now"
    size, unit = next((size, unit) for size, unit in _UNITS if abs(seconds) >= size)
    words = f"{abs(seconds) // size} {unit}"
    return f"in {words}" if seconds < 0 else f"{words} ago"


def moment(instant: datetime | None, now: datetime) -> Markup:
    """Return an age, with the exact time for whoever points at it or reads the page aloud."""
    if instant is None:
        return escape(BLANK)
    exact = f"{instant:%Y-%m-%d %H:%M:%S} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        instant.isoformat(timespec="seconds"), exact, ago(instant, now)
    )


def exact(instant: datetime | None) -> Markup:
    """Return a time to the second, UTC."""
    if instant is None:
        return escape(BLANK)
    return Markup('<time datetime="{}">{}</time>').format(
        instant.isoformat(timespec="seconds"), f"{instant:%Y-%m-%d %H:%M:%S}"
    )


def value(text: str | None) -> Markup:
    """Return a record's value so that a blank is seen and nothing in it is taken for markup."""
    if text is None or text == "":
        return Markup('<span class="blank">blank</span>')
    return escape(clean(text))


def prose(text: str) -> Markup:
    """Return a sentence of ours, its commands and settings between backticks as code."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0:
        return escape(clean(text))
    code = Markup("<code>{}</code>").format
    return Markup().join(code(each) if at % 2 else escape(each) for at, each in enumerate(parts))


def fact(text: str) -> Markup:
    """Return a fact of a decision; one that is a time is written as times are here."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return value(text)
    return exact(instant.astimezone(UTC)) if instant.tzinfo and "T" in text else value(text)


def install(app: Flask) -> None:
    filters = {
        "crm": CRM_NAMES.__getitem__,
        "tone": tone,
        "state": state,
        "number": number,
        "took": took,
        "moment": moment,
        "exact": exact,
        "value": value,
        "clean": clean,
        "fact": fact,
        "prose": prose,
    }
    app.jinja_env.filters.update(filters)
