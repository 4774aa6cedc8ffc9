"""How often beat asks for polls, as the settings in force say, with no restart of beat."""

from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from guestlist.store.database import Database
from schemas.settings import PollSettings
from worker.layers import VersionWatch, in_force
from worker.reload import FileWatch
from worker.settings import Loaded, SettingsError


class PollPace:
    """Tells beat when the polls are to come at another pace."""

    def __init__(self, load: Callable[[], Loaded]) -> None:
        self._load = load
        self._database: Database | None = None
        self._known: PollSettings | None = None
        self._changed: Callable[[], bool] = lambda: True

    def news(self) -> PollSettings | None:
        """Return the pace if it is another one than before; ``None``: it is not, or not known.

        Settings that can not be used leave it as it is: workers say what is wrong with them.
        """
        if not self._changed():
            return None
        try:
            polls = self._look()
        except (SettingsError, SQLAlchemyError) as error:
            structlog.get_logger().warning("pace_unread", error=type(error).__name__)
            return None
        if polls == self._known:
            return None
        self._known = polls
        return polls

    def _look(self) -> PollSettings:
        read = self._load()
        files = FileWatch(read.files)
        if self._database:
            self._database.dispose()
        self._database = Database(read.settings.database_url)
        loaded = in_force(read, self._database)
        versions = VersionWatch(loaded, self._database)
        self._changed = lambda: files.changed() or versions.changed()
        return loaded.settings.polls
