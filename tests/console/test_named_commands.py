"""What pages, messages and hints tell people to type can be typed."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from console.cli import COMMANDS, cli

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"(?<![\w/.@-])guestlist((?: [\w./{}\[\]\"<>|-]+)+)")
CELERY = {"worker", "beat", "flower"}
"""Their options are Celery's."""


def texts() -> Iterator[Path]:
    yield ROOT / "README.md"
    yield from (ROOT / "docs").rglob("*.md")
    for folder in ("console", "guestlist", "worker"):
        yield from (ROOT / folder).rglob("*.py")
        yield from (ROOT / folder).rglob("*.html")


def named() -> Iterator[tuple[Path, list[str]]]:
    for path in texts():
        for found in NAMED.finditer(path.read_text()):
            words = [word.strip('".{}[]<>|') for word in found[1].split()]
            if words[0] in COMMANDS:
                yield path, words


def problem(words: list[str]) -> str | None:
    """Follow the words down to a command, and look for its options."""
    command: click.Command | None = cli
    left = list(words)
    while isinstance(command, click.Group) and left and not left[0].startswith("-"):
        below = command.get_command(click.Context(command), left[0])
        if below is None:
            break
        command = below
        left.pop(0)
    assert command
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    options = [word for word in left if word.startswith("--")]
    wrong = [each for each in options if each not in known | {"--help"}]
    return f"{command.name} has no {wrong[0]}" if wrong else None


def test_commands_are_named_at_all() -> None:
    assert len(list(named())) > 200


@pytest.mark.parametrize(
    ("path", "words"),
    [pytest.param(*each, id=" ".join(each[1])) for each in named() if each[1][0] not in CELERY],
)
def test_a_command_that_is_named_exists(path: Path, words: list[str]) -> None:
    assert problem(words) is None, path
