"""What is asked of a chaos run, and the lengths of time that follow from it."""

from typing import Literal, NamedTuple

Database = Literal["sqlite", "postgresql"]
LONG_S = 300.0
"""From here on all is as an installation has it; a shorter run plays in smaller times."""


class Times(NamedTuple):
    """Lengths of time of a run, in seconds."""

    proof_age: float
    lease: float
    stop: tuple[float, float]
    """How long a process is stopped: longer than a proof is one."""
    poll: float
    lag: float
    """From a contact's change to the membership that follows from it."""
    patience: float
    """How long our clients wait for an answer."""
    zombie: float
    """How late a request is carried out that its client has given up."""
    blows: tuple[float, float]
    """From one blow to the next."""
    cycles: int
    """Quiet ones, in which nothing may be written."""
    width: int
    """Records that a task carries at most: narrow, there is more to meet."""


LONG = Times(30.0, 20.0, (31.0, 45.0), 2.0, 3.0, 8.0, 11.0, (1.5, 4.0), 20, 250)
SHORT = Times(6.0, 5.0, (6.5, 8.0), 1.0, 1.0, 4.0, 5.0, (0.9, 2.2), 10, 50)


class Order(NamedTuple):
    """One chaos run."""

    seconds: float
    records: int
    seed: str
    database: Database
    rate: float = 12.0
    """What people do, acts a second."""
    mutant: str | None = None
    """A seeded bug of ``tests/model/mutants.py`` for the workers to have."""

    @property
    def times(self) -> Times:
        return LONG if self.seconds >= LONG_S else SHORT
