"""The token that a call to HubSpot bears: a fixed one, or one that somebody keeps fresh."""

from typing import Protocol

from schemas.settings import Secret


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
