"""Whom a plan or a run is about: the list's members, records that are named, or what changed."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from console.session import Refusal
from guestlist.domain.since import Since, read_since

F = TypeVar("F", bound=Callable[..., Any])
_NO_SINCE = "no day (2026-08-01), time with its zone (2026-08-01T09:00Z) or age (2h)"


class SinceType(click.ParamType[Since]):
    """A day, a moment or an age."""

    name = "T"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Since:
        """Return what was typed as a moment or an age."""
        since = read_since(str(value))
        if since is None:
            self.fail(f"{value!r} is {_NO_SINCE}", param, ctx)
        return since


def choosing(command: F) -> F:
    """Add ``--list``, ``--record`` and ``--limit``."""
    everybody = "Every member of the inclusion list; so it is without being said."
    whole = click.option("--list", "whole_list", is_flag=True, help=everybody)
    only = click.option(
        "--record", "records", multiple=True, metavar="RECORD", help="Only this; repeatable."
    )
    most = "Only so many members of the list."
    limit = click.option("--limit", type=click.IntRange(min=1), help=most)
    return whole(only(limit(command)))


def refuse_together(**given: object) -> None:
    """Raise ``Refusal`` where more than one of these options is given."""
    named = [f"--{name}" for name, value in given.items() if value]
    if len(named) > 1:
        raise Refusal(f"{' and '.join(named)} do not go together")
