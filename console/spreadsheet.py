"""CSV that a person opens in a spreadsheet: no cell of it is ever taken for a formula."""

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\x00")


def inert(cell: object) -> str:
    """Return a cell's text, with ``'`` before what a spreadsheet would calculate."""
    text = "" if cell is None else str(cell)
    risky = text.startswith(_STARTS_A_FORMULA) or text.lstrip().startswith(("=", "+", "-", "@"))
    return f"'{text}" if risky else text


def write_rows(to: TextIO, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a table row by row, and return how many rows it has."""
    writer = csv.writer(to, lineterminator="\r\n")
    writer.writerow(headers)
    written = 0
    for row in rows:
        writer.writerow([inert(cell) for cell in row])
        written += 1
    return written
