from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from tests.services.postgres_server import fresh_database, running_postgres
from tests.services.redis_server import RedisServer, running_redis


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--model-examples",
        type=int,
        help="play so many worlds through the model, others each time, instead of the usual few",
    )
    parser.addoption(
        "--seeded-bugs",
        action="store_true",
        help="seed bugs one by one, which the model has to find: some ten minutes",
    )


@pytest.fixture
def model_examples(pytestconfig: pytest.Config) -> int | None:
    """How many worlds were asked for; ``None``: the usual ones."""
    asked = pytestconfig.getoption("--model-examples")
    return None if asked is None else int(asked)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that start processes share one xdist worker, so that they never run side by side.

    Seeded bugs take their time and are looked for on request only.
    """
    seeded = [item for item in items if item.path.name == "test_mutants.py"]
    if seeded and not config.getoption("--seeded-bugs"):
        config.hook.pytest_deselected(items=seeded)
        items[:] = [item for item in items if item not in seeded]
    for item in items:
        if item.get_closest_marker("processes"):
            item.add_marker(pytest.mark.xdist_group("processes"))


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
