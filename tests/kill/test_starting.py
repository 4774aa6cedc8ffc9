"""``celery -A worker worker|beat|flower``, typed as anybody in the field would."""

import base64
import time
from collections.abc import Iterator

import celery
import pytest
import requests

from schemas.settings import Lane, Settings
from tests.kill.stage import Stage, stage
from tests.services.processes import free_port, wait_until
from worker.options import celery_options
from worker.publisher import CeleryPublisher

PASSWORD = "a-password"

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A worker and beat, started without any option."""
    folder = tmp_path_factory.mktemp("started")
    with stage(folder, f"sqlite:///{folder / 'state.db'}") as it:
        it.environ |= {"FLOWER_BASIC_AUTH": f"guestlist:{PASSWORD}"}
        it.start_redis()
        it.guestlist("database", "upgrade")
        it.celery("worker", "worker")
        it.celery("beat", "beat")
        yield it


def _wait_for(it: Stage, name: str, *words: str) -> None:
    wait_until(lambda: all(word in it.log(name) for word in words), what=f"{words} of {name}")


def test_a_worker_takes_all_lanes_with_threads(it: Stage) -> None:
    _wait_for(it, "worker", "ready.", "(thread)", *(f"key={lane.value}" for lane in Lane))
    ready = it.folder / "probes"
    wait_until(lambda: any(ready.glob("celery@*.ready")), what="the worker's ready file")


def test_beat_sends_its_first_sweep_and_a_worker_does_it(it: Stage) -> None:
    _wait_for(it, "beat", "Sending due task sweep")
    _wait_for(it, "worker", "Task tasks.upkeep.sweep", "succeeded")


def test_flower_answers_behind_its_password_and_shows_the_worker(it: Stage) -> None:
    port = free_port()
    it.celery("flower", "flower", "--address=127.0.0.1", f"--port={port}")
    url = f"http://127.0.0.1:{port}/workers?refresh=1"
    wait_until(lambda: _status(url) == 401, what="Flower's question for a password")
    wait_until(lambda: "celery@" in _page(url), what="the worker on Flower's page")


def test_prefork_can_be_asked_for(it: Stage) -> None:
    """Celery took it for its default and let the configured threads overrule it."""
    it.worker("children", "--pool", "prefork", "--concurrency", "1")
    _wait_for(it, "children", "ready.", "concurrency: 1 (prefork)")


def test_publishing_without_a_broker_fails_soon_and_quietly() -> None:
    """The work is in the table: whoever publishes must not hang on a broker that is gone."""
    settings = Settings(broker_url=f"redis://127.0.0.1:{free_port()}/0")
    app = celery.Celery("without a broker", set_as_current=False)
    app.conf.update(celery_options(settings))
    started = time.monotonic()
    CeleryPublisher(app).sync("r_1", ["1"], lane=Lane.BULK)
    assert time.monotonic() - started < 10


def _status(url: str) -> int:
    try:
        return requests.get(url, timeout=5).status_code
    except requests.ConnectionError:
        return 0


def _page(url: str) -> str:
    known = base64.b64encode(f"guestlist:{PASSWORD}".encode()).decode()
    return requests.get(url, headers={"Authorization": f"Basic {known}"}, timeout=10).text
