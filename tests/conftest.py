import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import redis
from hypothesis import settings

from tests.services.postgres_server import fresh_database, running_postgres
from tests.services.redis_server import RedisServer, running_redis

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")

_GROUP = "processes"
_OF_A_FAULT = re.compile(r"_[A-E]\d{1,2}(?:_|\[|$)", re.IGNORECASE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--model-examples",
        type=int,
        help="play so many worlds through the model, others each time, instead of the usual ones",
    )
    parser.addoption(
        "--proof",
        action="store_true",
        help="also what takes many minutes: workers ended at every step, chaos",
    )
    parser.addoption(
        "--named-after-faults",
        action="store_true",
        help="only the tests that bear the id of a fault of the catalogue",
    )
    parser.addoption(
        "--results", type=Path, help="write how each test ended, and the figures it told, as JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results(config.getoption("--results")))


class Results:
    """Gathers what the tests came to; with xdist, where their reports come together."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._gathered: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            figures = [value for name, value in report.user_properties if name == "figure"]
            test = report.nodeid.removesuffix(f"@{_GROUP}")
            told = {"test": test, "outcome": report.outcome, "figures": figures}
            self._gathered.append(told)

    def pytest_sessionfinish(self) -> None:
        if self._path:
            self._path.write_text(json.dumps(self._gathered))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print what was measured."""
        told = [each for each in self._gathered if each["figures"]]
        if told:
            terminalreporter.section("figures")
        for each in told:
            name = str(each["test"]).rpartition("::")[2]
            terminalreporter.write_line(f"{name}: {'; '.join(map(str, each['figures']))}")


@pytest.fixture
def model_examples(pytestconfig: pytest.Config) -> int | None:
    """How many worlds were asked for; ``None``: the usual ones."""
    asked = pytestconfig.getoption("--model-examples")
    return None if asked is None else int(asked)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that start processes share one xdist worker, so that they never run side by side."""
    if not config.getoption("--proof"):
        long = [item for item in items if item.get_closest_marker("proof")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    if config.getoption("--named-after-faults"):
        others = [item for item in items if not _OF_A_FAULT.search(item.name)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]
    for item in items:
        if item.get_closest_marker("processes"):
            item.add_marker(pytest.mark.xdist_group(_GROUP))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """An empty Redis of this test's own, as a URL for redis-py and for Celery."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture(scope="session")
def postgres_socket() -> Iterator[Path]:
    with running_postgres() as directory:
        yield directory


@pytest.fixture
def postgres_url(postgres_socket: Path) -> Iterator[str]:
    """An empty PostgreSQL database of this test's own."""
    with fresh_database(postgres_socket) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of this test's own, once on each kind."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield f"sqlite:///{tmp_path / 'state.db'}"
        else:
            socket_directory: Path = request.getfixturevalue("postgres_socket")
            yield stack.enter_context(fresh_database(socket_directory))
