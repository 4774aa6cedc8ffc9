"""Long tables as files, sent a page of the database at a time."""

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from flask import Response, stream_with_context
from werkzeug.exceptions import NotFound

from console.exporting import CSV, JSON, Table
from console.spreadsheet import write_rows

AT_ONCE = 500
TYPES = {CSV: "text/csv; charset=utf-8", JSON: "application/json"}


def download(
    table: Table, rows: Iterable[Any], *, of: Mapping[str, str], form: str, name: str
) -> Response:
    """Return the rows as a file: csv for people, json for programs."""
    if form not in TYPES:
        raise NotFound("There is csv and json.")
    parts = _csv(table, rows) if form == CSV else _json(table, rows, of)
    disposition = f'attachment; filename="{name}.{form}"'
    answer = Response(stream_with_context(parts), content_type=TYPES[form])
    answer.headers["Content-Disposition"] = disposition
    return answer


def _csv(table: Table, rows: Iterable[Any]) -> Iterator[str]:
    yield _written(table, [], headers=True)
    for part in _parts(rows):
        yield _written(table, part, headers=False)


def _written(table: Table, rows: Iterable[Any], *, headers: bool) -> str:
    to = io.StringIO(newline="")
    write_rows(to, table.headers, map(table.cells, rows))
    text = to.getvalue()
    return text if headers else text.partition("\r\n")[2]


def _json(table: Table, rows: Iterable[Any], of: Mapping[str, str]) -> Iterator[str]:
    schema = table.schema()
    yield table.opening(of)
    first = True
    for part in _parts(rows):
        text = ",".join(orjson.dumps(schema.dump(row)).decode() for row in part)
        yield text if first else f",{text}"
        first = False
    yield "]}\n"


def _parts(rows: Iterable[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part
