"""What the views work with, kept on the Flask application."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, request

from console.exits import NotConnected
from console.web.installed import Installed
from console.web.plans import Plans
from console.web.pulse import Pulse
from console.web.scopes import Scopes, scopes_of
from console.web.tallies import Tallies
from console.web.throttle import Throttle
from guestlist.domain.errors import Missing
from guestlist.engine.services import Services
from guestlist.store.database import Database
from schemas.settings import ConsoleSettings
from worker.settings import Loaded, unconnected

EXTENSION = "guestlist"


@dataclass(frozen=True, slots=True)
class Site:
    """One console; any number of threads share it."""

    installed: Installed
    pulse: Pulse
    plans: Plans
    throttle: Throttle
    tallies: Tallies

    @property
    def loaded(self) -> Loaded:
        return self.installed.loaded

    @property
    def services(self) -> Services:
        return self.installed.services

    @property
    def database(self) -> Database:
        return self.services.database

    @property
    def settings(self) -> ConsoleSettings:
        return self.loaded.settings.console

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.services.clock

    @property
    def connected(self) -> Services:
        """The services, once the credentials of both CRMs are set."""
        if missing := unconnected(self.loaded.settings):
            raise NotConnected(missing)
        return self.services

    @property
    def scopes(self) -> Scopes:
        return scopes_of(self.pulse, self.loaded.settings.objects.values())

    @property
    def objects(self) -> list[str]:
        return sorted(self.loaded.settings.objects)

    def object(self) -> str:
        """Return the object this request is about: the one it names, else the first."""
        return self.named(request.values.get("object"))

    def named(self, named: str | None) -> str:
        """Return the object of that name; without one the first."""
        if not named:
            return "contacts" if "contacts" in self.objects else self.objects[0]
        if named not in self.objects:
            known = ", ".join(self.objects)
            raise Missing(f"no object {named!r}; there is: {known}")
        return named


def site() -> Site:
    return cast("Site", current_app.extensions[EXTENSION])
