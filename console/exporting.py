"""Write long tables to a file or to standard output, a page of the database at a time."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TextIO, TypeVar

import click
import orjson
from marshmallow import Schema

from console.session import Session
from console.spreadsheet import write_rows

F = TypeVar("F", bound=Callable[..., Any])
CSV, JSON = "csv", "json"


class Table(NamedTuple):
    """What is exported, in both formats."""

    noun: str
    headers: Sequence[str]
    cells: Callable[[Any], Sequence[object]]
    schema: type[Schema]


def with_export_options(command: F) -> F:
    """Add ``--format`` and ``--out``."""
    out = click.option(
        "--out", type=click.Path(path_type=Path, dir_okay=False), help="File; else the terminal."
    )
    form = click.option(
        "--format", "form", type=click.Choice([CSV, JSON]), help="csv for people, else json."
    )
    return form(out(command))


def export(
    session: Session, table: Table, rows: Iterable[Any], *, form: str | None, out: Path | None
) -> None:
    """Write *rows*; ``--json`` asks for the json format too."""
    as_json = (form or (JSON if session.asked.json else CSV)) == JSON
    with _opened(out) as to:
        written = _write_json(to, table, rows) if as_json else _write_csv(to, table, rows)
    if out:
        session.printer.say(f"{written:,} rows in {out}")


def _write_csv(to: TextIO, table: Table, rows: Iterable[Any]) -> int:
    return write_rows(to, table.headers, map(table.cells, rows))


def _write_json(to: TextIO, table: Table, rows: Iterable[Any]) -> int:
    """Write one object, its rows one after the other: they need not fit into memory."""
    schema = table.schema()
    to.write(f'{{"schema":"guestlist/{table.noun}@1","{table.noun}":[')
    number = 0
    for number, row in enumerate(rows, start=1):
        to.write(("," if number > 1 else "") + orjson.dumps(schema.dump(row)).decode())
    to.write("]}\n")
    return number


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """Yield the file, readable by its owner alone: it holds values of records."""
    if out is None:
        yield sys.stdout
        return
    out.touch(mode=0o600)
    out.chmod(0o600)
    with out.open("w", encoding="utf-8", newline="") as to:
        yield to
