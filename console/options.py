"""The options every command takes, wherever on the line they stand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import click

_META = "guestlist."
SENTENCE = 200
"""Letters of a first sentence that a list of commands shows."""
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked globally."""

    env: str | None = None
    config: str | None = None
    json: bool = False
    quiet: bool = False
    verbose: int = 0
    no_color: bool = False
    yes: bool = False
    no_input: bool = False

    @classmethod
    def of(cls, meta: dict[str, Any]) -> "Asked":
        given = {name: meta.get(_META + name) for name in (each.name for each in fields(cls))}
        return cls(**{name: value for name, value in given.items() if value is not None})


class Section(click.Group):
    """A group of commands whose help cuts none of their sentences off."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        named = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, each.get_short_help_str(limit=SENTENCE)) for name, each in named if each]
            )


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value:
        context.meta[f"{_META}{parameter.name}"] = value


def _shared() -> Iterator[click.Option]:
    def option(*names: str, **how: Any) -> click.Option:
        return click.Option(names, expose_value=False, is_eager=True, callback=_remember, **how)

    yield option("--env", metavar="FOLDER", help="Work in this folder: its settings and state.")
    yield option("--config", metavar="FILE", help="Settings file instead of guestlist.toml.")
    yield option("--json", is_flag=True, help="Print one JSON object.")
    yield option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors.")
    yield option("-v", "--verbose", count=True, help="Show log lines; twice: all of them.")
    yield option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
    yield option("-y", "--yes", is_flag=True, help="Answer every question with yes.")
    yield option("--no-input", is_flag=True, help="Never ask; fail where a question is needed.")


def with_shared(command: click.Command) -> click.Command:
    """Add the global options to *command* and to all below it; an option of its own stays."""
    own = {name for parameter in command.params for name in parameter.opts}
    command.params += [each for each in _shared() if own.isdisjoint(each.opts)]
    if isinstance(command, click.Group):
        for below in command.commands.values():
            with_shared(below)
    return command


def of_object(command: F) -> F:
    """Add ``--object``: which of the mapped objects the command is about."""
    words = "Which object, e.g. contacts; not needed while there is one."
    return click.option("--object", "object_name", metavar="NAME", help=words)(command)
