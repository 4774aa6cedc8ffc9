from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from guestlist.store.schema import upgrade
from tests.model.machine import Machine
from tests.model.premises import close


@pytest.fixture(autouse=True)
def _silent() -> Iterator[None]:
    """The engine's log, instead of printed."""
    with capture_logs():
        yield


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[type[Machine]]:
    """The state machine on a database of its own, which every example empties."""
    url = f"sqlite:///{tmp_path / 'state.db'}"
    upgrade(url)
    yield type("Machine", (Machine,), {"database_url": url, "directory": tmp_path})
    close(url)
