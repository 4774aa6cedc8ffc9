"""The settings and services that are in force: built anew when a file or a version changed."""

from collections.abc import Callable
from threading import Lock

import structlog

from console.exits import tell
from guestlist.engine.services import Services
from worker.layers import adopt
from worker.reload import FileWatch
from worker.settings import Loaded

Build = Callable[[], tuple[Loaded, Services]]
"""Loads the files and the environment again, and builds services from them."""


class Installed:
    """What every page works with; any number of threads share it.

    Settings that can not be used any more are a *problem* that Health shows; the ones before stay.
    """

    def __init__(self, loaded: Loaded, services: Services, build: Build | None = None) -> None:
        self._build = build
        self._lock = Lock()
        self._read, self._files = loaded, FileWatch(loaded.files)
        self._now = adopt(loaded, services, file_changed=self._files.changed)
        self.problem = ""

    @property
    def loaded(self) -> Loaded:
        return self._current()[0]

    @property
    def services(self) -> Services:
        return self._current()[1]

    def renew(self) -> None:
        """Take in a version that was saved just now."""
        with self._lock:
            self._now = adopt(self._read, self._now[1], file_changed=self._files.changed)

    def reconnect(self) -> None:
        """Read the files and the environment anew, and ask the CRMs for new sessions.

        Raises ``SettingsError`` when they can not be used; what was there before stays.
        """
        if self._build is None:
            self.renew()
            return
        read, services = self._build()
        with self._lock:
            self._read, self._files = read, FileWatch(read.files)
            self._now = adopt(read, services, file_changed=self._files.changed)
            self.problem = ""

    def _current(self) -> tuple[Loaded, Services]:
        now = self._now
        if not now[1].superseded():
            return now
        with self._lock:
            if self._now is now:
                self._look_again()
            return self._now

    def _look_again(self) -> None:
        services = self._now[1]
        try:
            if self._build and self._files.changed():
                self._read, services = self._build()
                self._files = FileWatch(self._read.files)
                self._now[1].database.dispose()  # whoever still uses it opens a connection anew
            self._now = adopt(self._read, services, file_changed=self._files.changed)
            self.problem = ""
        except Exception as error:  # noqa: BLE001
            told = tell(error)
            self.problem = "; ".join((told.message, *told.problems))
            structlog.get_logger().warning("settings_unusable", problems=len(told.problems))
