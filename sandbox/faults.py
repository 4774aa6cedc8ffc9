"""Faults by route and rate: which requests suffer and how, the same for the same seed."""

import fnmatch
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from sandbox import fault_bodies
from sandbox.clock import Clock
from sandbox.crm import CRM
from sandbox.delivery import PLAIN, Ending, Treatment
from sandbox.wire import Request, Response


class Kind(StrEnum):
    """What can go wrong with one request."""

    STATUS = "status"
    LOST_RESPONSE = "lost_response"
    DUPLICATE = "duplicate"
    DELAY = "delay"
    TRUNCATE = "truncate"
    HTML_200 = "html_200"
    UNAUTHORIZED = "unauthorized"
    QUOTA_SPENT = "quota_spent"


class When(StrEnum):
    """A delay is spent before the CRM applies the request (a zombie write), or after."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault: of *crm*'s requests on *route*, skip the first *after*, then hit *rate*."""

    crm: CRM
    kind: Kind
    route: str = "*"
    """Shell pattern over ``METHOD /path``, such as ``POST /crm/*/batch/*``."""
    rate: float = 1.0
    times: int | None = None
    """Hits before the rule is spent; None is without end."""
    after: int = 0
    until: float | None = None
    """Instant of the sandbox's clock (seconds since the epoch) at which the rule ends."""
    status: int = 503
    limit: fault_bodies.Limit = fault_bodies.Limit.BURST
    """Which of HubSpot's limits a 429 speaks of."""
    seconds: float = 1.0
    when: When = When.AFTER

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise ValueError(f"rate is {self.rate}: it goes from 0 to 1")
        if not 400 <= self.status <= 599:
            raise ValueError(f"status is {self.status}: a fault answers 400 to 599")
        if self.seconds < 0 or self.after < 0 or (self.times is not None and self.times < 1):
            raise ValueError("seconds and after are at least 0, times at least 1")

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> "Rule":
        """Read a rule from JSON; raises ``ValueError`` with the names it knows."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise ValueError(f"unknown keys {unknown}; a fault has {sorted(known)}")
        if missing := sorted({"crm", "kind"} - set(given)):
            raise ValueError(f"a fault needs {missing}")
        return cls(**{name: _read(name, value) for name, value in given.items()})


def _read(name: str, value: Any) -> Any:
    match name:
        case "crm":
            return CRM(value)
        case "kind":
            return Kind(value)
        case "limit":
            return fault_bodies.Limit(value)
        case "when":
            return When(value)
        case "route":
            return str(value)
        case "times" | "until" if value is None:
            return None
        case "times" | "after" | "status":
            return int(value)
        case _:
            return float(value)


class _Armed:
    """A rule with its own dice and its counts."""

    def __init__(self, number: int, rule: Rule, seed: str) -> None:
        self.number = number
        self.rule = rule
        self.seen = 0
        self.hits = 0
        self._dice = random.Random(f"{seed}/{number}/{rule.crm}/{rule.kind}/{rule.route}")
        self._route = re.compile(fnmatch.translate(rule.route))

    def strikes(self, line: str, now: float) -> bool:
        """Count the request and say whether it suffers."""
        rule = self.rule
        if not self._route.match(line) or (rule.until is not None and now >= rule.until):
            return False
        self.seen += 1
        if self.seen <= rule.after or (rule.times is not None and self.hits >= rule.times):
            return False
        if rule.rate < 1 and self._dice.random() >= rule.rate:
            return False
        self.hits += 1
        return True

    def shown(self) -> dict[str, Any]:
        return {"id": self.number, **asdict(self.rule), "seen": self.seen, "hits": self.hits}


class Faults:
    """The rules in force; the first that strikes decides."""

    def __init__(self, clock: Clock, seed: str) -> None:
        self._clock = clock
        self._seed = seed
        self._count = 0
        self._armed: list[_Armed] = []

    def add(self, rule: Rule) -> int:
        """Put *rule* in force and return its number."""
        self._count += 1
        self._armed.append(_Armed(self._count, rule, self._seed))
        return self._count

    def remove(self, number: int) -> bool:
        """End one rule; False when there is none of that number."""
        before = len(self._armed)
        self._armed = [armed for armed in self._armed if armed.number != number]
        return len(self._armed) < before

    def clear(self) -> None:
        """End every rule."""
        self._armed = []

    def shown(self) -> Iterator[dict[str, Any]]:
        """Yield each rule with its number and counts."""
        return (armed.shown() for armed in self._armed)

    def treat(self, crm: CRM, request: Request) -> Treatment:
        """Return the fate of one request."""
        if not self._armed:
            return PLAIN
        line, now = f"{request.method} {request.path}", self._clock.timestamp()
        for armed in self._armed:
            if armed.rule.crm is crm and armed.strikes(line, now):
                return _treatment(armed.rule)
        return PLAIN


def _treatment(rule: Rule) -> Treatment:
    match rule.kind:
        case Kind.LOST_RESPONSE:
            return Treatment(ending=Ending.LOST)
        case Kind.DUPLICATE:
            return Treatment(times=2)
        case Kind.DELAY if rule.when is When.BEFORE:
            return Treatment(wait=rule.seconds)
        case Kind.DELAY:
            return Treatment(hold=rule.seconds)
        case Kind.TRUNCATE:
            return Treatment(ending=Ending.CUT)
        case _:
            return Treatment(instead=_answer(rule))


def _answer(rule: Rule) -> Response:
    match rule.kind:
        case Kind.HTML_200:
            return fault_bodies.proxy_page(200)
        case Kind.UNAUTHORIZED:
            return fault_bodies.unauthorized(rule.crm)
        case Kind.QUOTA_SPENT:
            return fault_bodies.quota_spent(rule.crm)
        case _:
            return fault_bodies.error(rule.crm, rule.status, limit=rule.limit)
