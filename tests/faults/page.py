"""``python -m tests.faults.page [RESULTS ...]``: the tables of faults, with what tests last showed.

Without RESULTS the figures stay those of the page.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults.catalogue import CATALOGUE, SECTIONS
from tests.parity.named import ROOT, every_test

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- catalogue: scripts/reliability -->", "<!-- end of the catalogue -->"
NONE = "not run yet"


class Row(NamedTuple):
    """One line of a table; all as it is printed."""

    id: str
    what: str
    handling: str
    tests: str
    figure: str


def named_after(fault: str) -> list[tuple[str, str]]:
    """Return path and name of every test about a fault."""
    word = re.compile(rf"_{fault}(?:_|$)", re.IGNORECASE)
    return [(path, name) for path, name in every_test() if word.search(name)]


def rows_of(page: str) -> dict[str, Row]:
    """Return the rows that a page shows, by fault."""
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines())
    return {each[0]: Row(*each) for each in cells if re.fullmatch(r"[A-E]\d+", each[0])}


def drawn(figures: Mapping[str, str]) -> str:
    """Return everything between the page's two marks."""
    tested = sum(bool(named_after(id)) for id in CATALOGUE)
    passed = sum(figures.get(id, NONE) != NONE for id in CATALOGUE)
    parts = [BEGIN, "", f"**{tested} of {len(CATALOGUE)}** faults have tests named after them; "]
    parts[-1] += f"those of **{passed} of {len(CATALOGUE)}** passed when this page was written."
    for section in SECTIONS:
        parts += ["", f"### {section.title}", ""]
        parts += ["| id | fault | what is done | tests | last figure |", "|---|---|---|---|---|"]
        for fault in section.faults:
            row = Row(*fault, _named(fault.id), figures.get(fault.id, NONE))
            parts.append(f"| {' | '.join(row)} |")
    return "\n".join([*parts, "", END])


def _named(fault: str) -> str:
    """Name the files in which a fault's tests are."""
    return ", ".join(f"`{path}`" for path in dict.fromkeys(path for path, _ in named_after(fault)))


def figures_of(results: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return what each fault's tests came to: figures they told, else how many passed."""
    return {id: figure for id in CATALOGUE if (figure := _figure(id, results))}


def _figure(fault: str, results: Sequence[Mapping[str, Any]]) -> str:
    word = re.compile(rf"_{fault}(?:_|\[|$)", re.IGNORECASE)
    ran = [each for each in results if each["outcome"] != "skipped"]
    ours = [each for each in ran if word.search(each["test"].rpartition("::")[2])]
    if not ours:
        return ""
    failed = [each["test"] for each in ours if each["outcome"] != "passed"]
    if failed:
        return f"**FAILED**: {', '.join(failed)}"
    told = list(dict.fromkeys(f for each in ours for f in each["figures"]))
    return "; ".join([f"{len(ours)} passed", *told])


def main(arguments: Sequence[str]) -> int:
    page = PAGE.read_text()
    figures = {id: row.figure for id, row in rows_of(page).items()}
    figures |= figures_of(
        [each for path in arguments for each in json.loads(Path(path).read_text())]
    )
    PAGE.write_text(replaced(page, figures))
    left_out = [id for id in CATALOGUE if figures.get(id, NONE) == NONE or "FAILED" in figures[id]]
    tell = sys.stdout.write
    tell(f"docs/reliability.md: {len(CATALOGUE) - len(left_out)} of {len(CATALOGUE)}\n")
    for line in _said(left_out, figures):
        tell(f"{line}\n")
    return 1 if left_out else 0


def replaced(page: str, figures: Mapping[str, str]) -> str:
    """Return the page with its tables drawn anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + drawn(figures) + after


def _said(left_out: Sequence[str], figures: Mapping[str, str]) -> Iterator[str]:
    for id in left_out:
        yield f"  {id}: {figures.get(id, NONE)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
