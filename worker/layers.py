"""What lies over the files: the versions that are in force, noticed as soon as one is added.

Every process asks for itself, so a new version holds everywhere at once.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DBAPIError

from guestlist.connectors.allowance import allowances
from guestlist.store import versions
from guestlist.store.database import Database
from schemas.settings import Settings
from schemas.variables import SECTIONS
from worker import mappings, overrides
from worker.reload import Watch
from worker.settings import Loaded

if TYPE_CHECKING:
    from guestlist.engine.services import Services

LOOK_EVERY_S = 0.2


class VersionWatch(Watch):
    """Tells whether another version than those known to *loaded* may be in force by now.

    A database that does not answer counts as a change.
    """

    def __init__(
        self,
        loaded: Loaded,
        database: Database,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._revision = loaded.revision
        self._database = database
        super().__init__(LOOK_EVERY_S, monotonic)

    def differs(self) -> bool:
        return _revision(self._database) != self._revision


def _revision(database: Database) -> int | None:
    try:
        with database.read() as conn:
            return versions.revision(conn)
    except DBAPIError as error:
        structlog.get_logger().warning("versions_unread", error=type(error).__name__)
        return None


def in_force(loaded: Loaded, database: Database) -> Loaded:
    """Return what was just loaded with the versions in force laid over what the files say.

    A database that does not answer, or is not set up yet, has none; :class:`VersionWatch` finds
    out before anything is written.  Raises ``SettingsError`` for a version that can not be used
    any more.
    """
    loaded = replace(loaded, written=loaded.settings)
    try:
        with database.read() as conn:
            revision, newest = versions.revision(conn), versions.newest(conn)
    except DBAPIError:
        return loaded
    loaded = replace(loaded, revision=revision)
    for name, version in newest.items():
        lay = overrides.laid_over if name == overrides.NAME else mappings.laid_over
        loaded = lay(loaded, version)
    return loaded


def adopt(
    loaded: Loaded, services: "Services", *, file_changed: Callable[[], bool]
) -> "tuple[Loaded, Services]":
    """Return what was loaded, and services, under the versions that are in force now.

    The ways to the CRMs stay as they are; all who share the limiter go by the new budget.
    """
    loaded = in_force(loaded, services.database)
    watch = VersionWatch(loaded, services.database)
    settings = _under(services.settings, loaded.settings)
    if settings.budget != services.settings.budget:
        services.limiter.restate(allowances(settings))
    return loaded, replace(
        services,
        settings=settings,
        settings_version=loaded.version,
        schemas=services.schemas.under(settings.objects),
        inclusions=services.inclusions.under(settings.guards),
        superseded=lambda: file_changed() or watch.changed(),
    )


def _under(settings: Settings, now: Settings) -> Settings:
    """Return *settings* with everything that a version may change as it is *now*."""
    return replace(settings, **{name: getattr(now, name) for name in ("objects", *SECTIONS)})
