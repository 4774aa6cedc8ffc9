"""Data on standard output, talk on standard error; one JSON object where that is asked for."""

import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TextIO

import click
import orjson

from console.exits import Told

if TYPE_CHECKING:
    from rich.table import Table

WORD = 18
"""Letters of a word, such as an explain code, that a terminal's table does not break."""
LINE_EVERY_S = 5.0
"""How often progress is told where no bar can be drawn."""


class Progress(Protocol):
    """Where something long says how far it is."""

    def __call__(self, done: int, total: int | None, words: str = "") -> None:
        """Say that *done* of *total* are done; ``None``: nobody knows the total."""


class Printer:
    """How this command speaks."""

    def __init__(
        self,
        *,
        json: bool = False,
        quiet: bool = False,
        plain: bool = False,
        installation: Sequence[str] = (),
    ) -> None:
        self.json = json
        self.quiet = quiet
        self._installation = installation
        self._plain = plain or bool(os.environ.get("NO_COLOR")) or _dumb()

    def show(self, noun: str, body: Mapping[str, Any], draw: Callable[[], None]) -> None:
        """Print *body* as the one JSON object, UTF-8 anywhere, or let *draw* print it."""
        if self.json:
            click.echo(as_json(noun, body).encode())
        else:
            draw()

    def line(self, text: str = "", **style: Any) -> None:
        """Print a line of data."""
        self._echo(text, err=False, style=style)

    def say(self, text: str, **style: Any) -> None:
        """Tell the person at the terminal."""
        if not self.quiet:
            self._echo(text, err=True, style=style)

    def warn(self, text: str) -> None:
        self._echo(text, err=True, style={"fg": "yellow"})

    def suggest(self, command: str) -> None:
        """Name what is usually done next."""
        if not self.quiet and not self.json:
            self._echo(f"next: {self.typed(command)}", err=True, style={"dim": True})

    def typed(self, command: str) -> str:
        """Return *command* as it is typed to mean the installation that this one is about."""
        name, _, rest = command.partition(" ")
        if name != "guestlist" or not self._installation:
            return command
        return f"{shlex.join((name, *self._installation))} {rest}"

    def refuse(self, told: Told) -> None:
        """Print an error: to people on standard error, to programs as the one JSON object."""
        if self.json:
            click.echo(as_json("error", _error_body(told)).encode())
            return
        self._echo(f"error: {_lines(told.message)}", err=True, style={"fg": "red"})
        for problem in told.problems:
            self._echo(f"  {_lines(problem)}", err=True, style={})
        if told.fix:
            self._echo(f"fix: {_lines(told.fix)}", err=True, style={})

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print rows under headers: fitted to a terminal, whole in a pipe."""
        if not rows:
            self.line("none")
            return
        cells = [["" if cell is None else clean(str(cell)) for cell in row] for row in rows]
        if self._draws(sys.stdout):
            self._draw_table(headers, cells)
        else:
            for line in _columns([list(headers), *cells]):
                self.line(line)

    @contextmanager
    def progress(self, label: str) -> Iterator[Progress]:
        """Yield where to say how far *label* is: a bar on a terminal, lines elsewhere."""
        if self.quiet:
            yield _silent
        elif self._draws(sys.stderr):
            with _bar(label, no_color=self._plain) as update:
                yield update
        else:
            yield _Lines(label, self.say)

    def _draws(self, stream: TextIO) -> bool:
        return stream.isatty() and not _dumb()

    def _draw_table(self, headers: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
        from rich.console import Console

        console = Console(no_color=self._plain, highlight=False)
        endless = console.options.update(width=10_000)  # else all would seem to fit
        for word, gap in ((WORD, 1), (WORD, 0), (1, 0)):
            table = _table(headers, cells, word=word, gap=gap)
            if console.measure(table, options=endless).minimum < console.width:
                break
        console.print(table)

    def _echo(self, text: str, *, err: bool, style: Mapping[str, Any]) -> None:
        styled = text if self._plain or not style else click.style(text, **style)
        click.echo(styled, err=err)


def _table(
    headers: Sequence[str], cells: Sequence[Sequence[str]], *, word: int, gap: int
) -> "Table":
    """Return a table that breaks no word of so many letters, if that fits."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, gap, 0, 0))
    for header, *column in zip(headers, *cells, strict=True):
        number = all(cell.replace(",", "").isdecimal() for cell in column)
        longest = max(len(each) for cell in (header, *column) for each in cell.split() or [""])
        table.add_column(
            header,
            justify="right" if number else "left",
            overflow="fold",
            min_width=min(longest, word),
        )
    for row in cells:
        table.add_row(*map(Text, row))
    return table


def as_json(noun: str, body: Mapping[str, Any]) -> str:
    """Return one object that names its shape; within ``@1`` fields are only added."""
    whole = {"schema": f"guestlist/{noun}@1", **body}
    return orjson.dumps(whole, option=orjson.OPT_UTC_Z).decode()


def clean(text: str) -> str:
    """Return *text* so that no value of a record can move a terminal's cursor or forge a line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _lines(text: str) -> str:
    """Return the words of an error, which may be a CRM's: clean, in the lines they have."""
    return "\n".join(clean(line.expandtabs(2)) for line in text.split("\n"))


def count(number: int) -> str:
    return f"{number:,}"


def many_of(number: int, noun: str) -> str:
    """Return how many, with the noun in the right number."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def _error_body(told: Told) -> dict[str, Any]:
    return {
        "exit_code": int(told.code),
        "error": told.code.name.lower(),
        "message": told.message,
        "problems": list(told.problems),
        "fix": told.fix,
    }


def _dumb() -> bool:
    return os.environ.get("TERM") == "dumb"


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(map(str.ljust, row, widths)).rstrip()


def _silent(done: int, total: int | None, words: str = "") -> None:
    """Say nothing."""


class _Lines:
    """A line when something moved, but not more often than people read."""

    def __init__(self, label: str, say: Callable[[str], None]) -> None:
        self._label = label
        self._say = say
        self._last = ""
        self._next_at = 0.0

    def __call__(self, done: int, total: int | None, words: str = "") -> None:
        line = f"{self._label} {done:,}{f'/{total:,}' if total is not None else ''} {words}".strip()
        ended = total is not None and done >= total
        now = time.monotonic()
        if line != self._last and (ended or now >= self._next_at):
            self._say(line)
            self._last, self._next_at = line, now + LINE_EVERY_S


@contextmanager
def _bar(label: str, *, no_color: bool) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[words]}", markup=False),
    )
    with Bar(*columns, console=Console(stderr=True, no_color=no_color)) as bar:
        task = bar.add_task(label, total=None, words="")

        def update(done: int, total: int | None, words: str = "") -> None:
            bar.update(task, completed=done, total=total, words=words)

        yield update
