"""The doctor's findings as a file that may leave the house: no secret, value, name or address."""

import platform
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import distributions
from typing import Any

from sqlalchemy.exc import DBAPIError

from console.diagnosis import Check
from console.session import Session
from guestlist.store import overview, problems
from guestlist.store.database import Database
from worker.redaction import redacted
from worker.settings import DEFAULT, Loaded

MASK = "[...]"
_OURS = frozenset({"database", "mapping", "external-id", "scopes", "budget"})
"""Checks whose words are ours and the names of fields; the others' hold names and hosts."""
_ADDRESSES = re.compile(
    r"""
      \w+://\S+                                            # URLs
    | \S+@\S+                                              # people, and workers on their hosts
    | \b\d{1,3}(?:\.\d{1,3}){3}\b(?::\d+)?                 # IPv4
    | (?<![\w:])(?:[0-9a-f]{0,4}:){2,}[0-9a-f]{0,4}        # IPv6
    | (?<![\w.])(?!crm\.)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b(?::\d+)?   # hosts
    | (?<!\w)/[\w.-]+(?:/[\w.-]+)+                         # paths
    | \b(?=\w*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\b      # Salesforce's ids
    | \b\d{6,}\b                                           # HubSpot's
    """,
    re.VERBOSE,
)
_PLAIN = re.compile(r"true|false|-?\d{1,9}(?:\.\d+)?")
_LIBRARIES = ("celery", "kombu", "redis", "requests", "SQLAlchemy", "urllib3")


def report(session: Session, made: Sequence[Check], now: datetime) -> dict[str, Any]:
    """Return what helps to find a fault, and nothing that tells whose it is."""
    return {
        "made_at": now.isoformat(timespec="minutes"),
        "versions": _versions(),
        "system": f"{platform.system()} {platform.machine()}",
        "checks": [_check(each) for each in made],
        "settings": _settings(session.loaded),
        "state": _state(session),
    }


def masked(words: str) -> str:
    """Return *words* without secrets, people, hosts, paths and ids."""
    return _ADDRESSES.sub(MASK, redacted(words))


def _versions() -> dict[str, str]:
    wanted = {"guestlist", *(name.lower() for name in _LIBRARIES)}
    found = {each.metadata["Name"].lower(): each.version for each in distributions()}
    return {
        "python": platform.python_version(),
        **{n: found[n] for n in sorted(wanted & found.keys())},
    }


def _check(check: Check) -> dict[str, str]:
    tells = check.name in _OURS
    return {
        "name": check.name,
        "colour": check.colour.value,
        "exit": check.code.name.lower(),
        "said": masked(check.said) if tells else MASK,
        "fix": masked(check.fix),
    }


def _settings(loaded: Loaded) -> list[dict[str, str]]:
    """Name what is not the default; of values only switches and small numbers are shown."""
    changed = [each for each in loaded.shown() if each.source != DEFAULT]
    return [
        {"name": each.name, "value": each.value if _PLAIN.fullmatch(each.value) else MASK}
        for each in changed
    ]


def _state(session: Session) -> Mapping[str, Any]:
    """Count what the database holds; nothing where it can not be read."""
    try:
        return {"objects": _objects(session.loaded), **_counts(session.database)}
    except DBAPIError:
        return {}


def _objects(loaded: Loaded) -> list[dict[str, Any]]:
    """Say how objects are mapped, and which rules are in use; their names are ours to choose."""
    return [
        {
            "salesforce_types": len(each.salesforce_types),
            "rules": dict(Counter(row.rule.value for row in each.fields)),
            "create_in_salesforce": each.create_in_salesforce,
            "create_in_hubspot": each.create_in_hubspot,
            "duplicates": each.duplicates.value,
        }
        for each in loaded.settings.objects.values()
    ]


def _counts(database: Database) -> dict[str, Any]:
    with database.read() as conn:
        outcomes: Counter[str] = Counter()
        for (_, outcome), count in overview.totals(conn).items():
            outcomes[outcome.value] += count
        errors: Counter[str] = Counter()
        for group in problems.groups(conn):
            errors[group.reason.value] += group.count
        return {
            "dialect": database.dialect,
            "links": overview.link_count(conn),
            "outcomes": dict(outcomes),
            "open_errors": dict(errors),
        }
