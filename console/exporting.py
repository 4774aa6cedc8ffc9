"""Write long tables to a file or to standard output, a page of the database at a time."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TextIO, TypeVar

import click
import orjson
from marshmallow import Schema

from console.session import Refusal, Session
from console.spreadsheet import write_rows

F = TypeVar("F", bound=Callable[..., Any])
CSV, JSON = "csv", "json"


class Table(NamedTuple):
    """What is exported, in both formats."""

    shape: str
    """The schema that the JSON names."""
    noun: str
    """Its list of rows."""
    headers: Sequence[str]
    cells: Callable[[Any], Sequence[object]]
    schema: type[Schema]

    def opening(self, of: Mapping[str, str]) -> str:
        """Return how the JSON begins, up to its first row; *of* is what the rows are of."""
        head = orjson.dumps({"schema": f"guestlist/{self.shape}@1", **of}).decode()
        return f'{head[:-1]},"{self.noun}":['


def with_export_options(command: F) -> F:
    """Add ``--format`` and ``--out``."""
    out = click.option(
        "--out", type=click.Path(path_type=Path, dir_okay=False), help="File; else the terminal."
    )
    form = click.option(
        "--format",
        "form",
        type=click.Choice([CSV, JSON]),
        help="csv (the default) for a spreadsheet, json for programs.",
    )
    return form(out(command))


def export(
    session: Session,
    table: Table,
    rows: Iterable[Any],
    *,
    of: Mapping[str, str],
    form: str | None,
    out: Path | None,
) -> None:
    """Write *rows*; ``--json`` asks for the json format too, and for one object in any case."""
    form = form or (JSON if session.asked.json else CSV)
    if session.asked.json and form == CSV and out is None:
        raise Refusal("--json prints an object, and csv is none", fix="name a file with --out")
    with _opened(out) as to:
        written = _write_json(to, table, rows, of) if form == JSON else _write_csv(to, table, rows)
    if out:
        said = f"{written:,} rows in {out}"
        body = {"file": str(out), "format": form, "rows": written}
        session.printer.show("export", body, lambda: session.printer.say(said))


def _write_csv(to: TextIO, table: Table, rows: Iterable[Any]) -> int:
    return write_rows(to, table.headers, map(table.cells, rows))


def _write_json(to: TextIO, table: Table, rows: Iterable[Any], of: Mapping[str, str]) -> int:
    """Write one object, its rows one after the other: they need not fit into memory."""
    schema = table.schema()
    to.write(table.opening(of))
    number = 0
    for number, row in enumerate(rows, start=1):
        to.write(("," if number > 1 else "") + orjson.dumps(schema.dump(row)).decode())
    to.write("]}\n")
    return number


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """Yield the file, readable by its owner alone: it holds values of records.

    Both are UTF-8, whatever the terminal speaks: a table is for programs, and loses nothing.
    """
    if out is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        yield sys.stdout
        return
    out.touch(mode=0o600)
    out.chmod(0o600)
    with out.open("w", encoding="utf-8", newline="") as to:
        yield to
