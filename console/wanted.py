"""Which sync errors a command is about: by kind, by explain code, by cause."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from guestlist.domain.explain import describe
from guestlist.domain.reason import Group, Reason
from guestlist.store.problems import Problem, ProblemGroup

F = TypeVar("F", bound=Callable[..., Any])
REASON = click.Choice([each.value for each in Reason], case_sensitive=False)


class Wanted(NamedTuple):
    """Which sync errors are meant."""

    category: Group | None = None
    reason: Reason | None = None
    fingerprint: str | None = None

    def holds(self, problem: Problem) -> bool:
        return self.category in {None, describe(problem.reason).group}

    def means(self, group: ProblemGroup) -> bool:
        """Tell whether a whole group is meant."""
        return (
            self.category in {None, describe(group.reason).group}
            and self.reason in {None, group.reason}
            and self.fingerprint in {None, group.fingerprint}
        )


def _slug(group: Group) -> str:
    return group.name.lower().replace("_", "-")


_GROUPS = {_slug(group): group for group in Group}


def by_reason(noun: str) -> Callable[[F], F]:
    """Return what adds the option that chooses *noun* by their explain code."""
    words = f"Only {noun} with this explain code, such as TOO_LONG."
    return click.option("--reason", type=REASON, metavar="CODE", help=words)


def which_errors(command: F) -> F:
    """Add the options that choose errors by their cause."""
    words = "Only errors of this kind."
    kind = click.option("--category", type=click.Choice(list(_GROUPS)), help=words)
    same = click.option("--fingerprint", metavar="F", help="Only errors with this one cause.")
    return kind(by_reason("errors")(same(command)))


def wanted_of(category: str | None, reason: str | None, fingerprint: str | None) -> Wanted:
    return Wanted(
        _GROUPS[category] if category else None,
        Reason(reason) if reason else None,
        fingerprint,
    )
