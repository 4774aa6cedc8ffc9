"""The kill matrix: every named step, with every way to end a worker there, on both databases.

Real prefork workers, a real Redis, both CRMs over HTTP.  In each act one thing happens to the
workers at five steps, once at each, while people edit both CRMs; after it the journal is judged.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from guestlist.failpoint import POINTS, Action
from tests.kill.theatre import Theatre, theatre
from tests.services.postgres_server import fresh_database

ACTS = (
    (
        "poll.page_fetched",
        "poll.rows_inserted",
        "poll.watermark_committed",
        "drain.claimed",
        "drain.intent_committed",
    ),
    (
        "gate.proof_received",
        "write.sent",
        "write.between",
        "write.response_received",
        "write.recorded",
    ),
    (
        "write.result_committed",
        "ack.before",
        "token.response",
        "token.committed",
        "settings.read_anew",
    ),
    (
        "run.page_committed",
        "sweep.stamped",
        "list.page_k",
        "list.swap",
        "reconcile.page_k",
    ),
)
CELLS = [(action, act, point) for action in Action for act in ACTS for point in act]

pytestmark = [pytest.mark.processes, pytest.mark.proof]


class Played(NamedTuple):
    """What came of an act."""

    hit: set[str]
    complaints: list[str]


class Season:
    """Plays each act once, when its first cell asks for it."""

    def __init__(self, here: Theatre) -> None:
        self.here = here
        self.of = cache(self._play)

    def _play(self, action: Action, act: tuple[str, ...]) -> Played:
        return Played(*self.here.play(action, act))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def season(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Season]:
    folder = tmp_path_factory.mktemp(f"matrix-{request.param}")
    if request.param == "sqlite":
        with theatre(folder, f"sqlite:///{folder / 'state.db'}") as here:
            yield Season(here)
        return
    socket: Path = request.getfixturevalue("postgres_socket")
    with fresh_database(socket) as url, theatre(folder, url) as here:
        yield Season(here)


@pytest.mark.parametrize(
    ("action", "act", "point"), CELLS, ids=[f"{point}-{action}" for action, _, point in CELLS]
)
def test_E1_E2_E3_work_goes_on_after_a_worker_ended_at_a_step(
    season: Season, action: Action, act: tuple[str, ...], point: str
) -> None:
    played = season.of(action, act)
    assert point in played.hit, f"nobody came to {point}: {POINTS[point]}"
    assert played.complaints == []


def test_after_all_of_it_ten_more_rounds_write_nothing(season: Season) -> None:
    assert season.here.quiet_rounds(10) == []


def test_every_registered_step_has_a_cell_for_every_way_and_every_database() -> None:
    assert {point for _, _, point in CELLS} == set(POINTS)
    assert len(CELLS) * 2 == len(POINTS) * len(Action) * 2 == 160
