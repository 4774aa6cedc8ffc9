import gc
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from guestlist.store.schema import upgrade
from tests.model.machine import Machine
from tests.model.opening import FirstDays
from tests.model.premises import close


@pytest.fixture(autouse=True)
def _silent() -> Iterator[None]:
    """The engine's log of thousands of worlds is neither printed nor kept."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module", autouse=True)
def _imported() -> Iterator[None]:
    """Whatever is loaded by now the garbage collector need not look through again and again."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[type[Machine]]:
    """The state machine on a database of its own, which every example sets back."""
    url = f"sqlite:///{tmp_path / 'state.db'}"
    upgrade(url)
    first_days = FirstDays(url, tmp_path)
    yield type("Machine", (Machine,), {"first_days": first_days})
    first_days.close()
    close(url)
