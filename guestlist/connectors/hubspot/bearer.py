"""The token that a call to HubSpot bears: a fixed one, or one that somebody keeps fresh."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from guestlist.domain.errors import SyncError
from schemas.settings import Secret

REFUSED_FOR = timedelta(minutes=1)
"""After a refusal nobody asks again for so long: only a person can change the answer."""


class Bearer(Protocol):
    """Where calls get their token from; safe to use from many threads."""

    def current(self) -> Secret:
        """Return a token that should be good; raises ``Unauthorized`` when there is none."""

    def renewed(self, stale: Secret) -> Secret | None:
        """Return another one after HubSpot refused *stale*; ``None``: there is no other."""


class FixedToken:
    """A service key or private-app token: good until a person revokes it."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def current(self) -> Secret:
        return self._token

    def renewed(self, stale: Secret) -> Secret | None:  # noqa: ARG002
        return None


class Refusals:
    """Which token HubSpot refused last; all lanes of a client share it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._last: tuple[Secret, SyncError, datetime] | None = None

    def note(self, token: Secret, error: SyncError) -> None:
        """Remember for a while that *token* was refused."""
        self._last = (token, error, self._clock() + REFUSED_FOR)

    def check(self, token: Secret) -> None:
        """Raise what was said of *token*, if that is not long ago."""
        if self._last and self._last[0] == token and self._clock() < self._last[2]:
            raise self._last[1]
