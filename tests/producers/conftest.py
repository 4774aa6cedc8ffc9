from typing import Protocol

import pytest

from tests.engine.conftest import Install, install, logged
from tests.producers.watcher import Watcher

__all__ = ["install", "logged"]


class Followed(Protocol):
    """Make an installation whose contacts are followed, and what plays beat for it."""

    def __call__(self, *, contacts: int = 0, **settings: object) -> Watcher: ...


@pytest.fixture
def followed(install: Install) -> Followed:
    def follow(*, contacts: int = 0, **settings: object) -> Watcher:
        watcher = Watcher(install(contacts=contacts, **settings))
        watcher.follow()
        return watcher

    return follow
