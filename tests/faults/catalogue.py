"""The 67 faults this system has to survive, out of the table beside this file."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Fault(NamedTuple):
    """One of them, and what is done about it."""

    id: str
    what: str
    handling: str


class Section(NamedTuple):
    title: str
    faults: Sequence[Fault]


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
SECTIONS = [
    Section(title, [Fault(id, *words) for id, words in faults.items()])
    for title, faults in _TABLE.items()
]
CATALOGUE = {fault.id: fault for section in SECTIONS for fault in section.faults}
