"""One call of the command: what was asked globally, and what it works with, made when needed."""

import getpass
import os
import re
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console.exits import Exit, NotConnected, Told
from console.options import Asked
from console.printer import Printer

if TYPE_CHECKING:
    from guestlist.engine.services import Services
    from guestlist.store.database import Database
    from worker.settings import Loaded

Build = Callable[["Loaded"], "Services"]


class Refusal(click.ClickException):
    """The command does not do this, in one sentence."""

    def __init__(self, message: str, *, code: Exit = Exit.USAGE, fix: str = "") -> None:
        super().__init__(message)
        self.told = Told(code, message, fix=fix)


class Declined(Exception):
    """A person said no."""


class Session:
    """Settings, printer and services of one call; nothing is loaded before it is used."""

    def __init__(self, meta: dict[str, Any], build: Build | None = None) -> None:
        self._meta = meta
        self._build = build or self._connect
        self.patient = True
        """Whether a call waits for its turn: not in a server, where others wait behind it."""

    @property
    def asked(self) -> Asked:
        return Asked.of(self._meta)

    @cached_property
    def printer(self) -> Printer:
        asked = self.asked
        named = {"--env": asked.env, "--config": asked.config}
        installation = [word for pair in named.items() if pair[1] for word in pair if word]
        return Printer(
            json=asked.json, quiet=asked.quiet, plain=asked.no_color, installation=installation
        )

    @cached_property
    def folder(self) -> Path:
        """The installation's folder, which from now on is the current one.

        Entered for good, so that Celery and every process that is started find the same settings.
        """
        asked = self.asked
        if asked.config:
            os.environ["GUESTLIST_CONFIG"] = str(Path(asked.config).absolute())
        if asked.env:
            if not Path(asked.env).is_dir():
                fix = f"guestlist init --env {asked.env}"
                raise Refusal(f"there is no folder {asked.env!r} here", fix=fix)
            os.chdir(asked.env)
            word = re.sub(r"[^A-Za-z0-9_.-]+", "-", Path(asked.env).name)[:40]
            os.environ.setdefault("GUESTLIST_ENVIRONMENT", word)
        return Path()

    @cached_property
    def loaded(self) -> "Loaded":
        return self.load()

    def load(self) -> "Loaded":
        """Load the settings as the files and the environment say them now."""
        from worker.settings import load

        return load(os.environ, directory=self.folder)

    @cached_property
    def in_force(self) -> "Loaded":
        """The settings with the versions that people made since."""
        from dataclasses import replace

        if self.is_new:
            return replace(self.loaded, written=self.loaded.settings)
        from worker.layers import in_force

        return in_force(self.loaded, self.database)

    @cached_property
    def database(self) -> "Database":
        """The state alone, for what needs no CRM."""
        from guestlist.store.database import Database

        self.prepare_database()
        return Database(self.loaded.settings.database_url)

    @cached_property
    def services(self) -> "Services":
        """Everything the engine acts through."""
        self._log()
        self.prepare_database()
        return self.build(self.loaded)

    def build(self, loaded: "Loaded") -> "Services":
        return self._build(loaded)

    def _connect(self, loaded: "Loaded") -> "Services":
        from dataclasses import replace

        from guestlist.connectors.turn import PERSON_S
        from worker.celery import app
        from worker.publisher import CeleryPublisher
        from worker.wiring import build, surroundings_of

        around = surroundings_of(loaded.settings)
        if self.patient:
            around = replace(around, patience_s=PERSON_S)
        return build(loaded, CeleryPublisher(app), around)

    @property
    def connected(self) -> "Services":
        """The services, once the credentials of both CRMs are set."""
        from worker.settings import unconnected

        if missing := unconnected(self.loaded.settings):
            raise NotConnected(missing)
        return self.services

    @property
    def who(self) -> str:
        """Who asks, for runs and the audit."""
        try:
            return getpass.getuser()
        except (KeyError, OSError):
            return f"uid {os.getuid()}"

    def object_name(self, given: str | None) -> str:
        """Return the object a command is about; one alone need not be named."""
        names = sorted(self.loaded.settings.objects)
        if given in names:
            return given
        if given is None and len(names) == 1:
            return names[0]
        known = ", ".join(names)
        raise Refusal(f"no object {given!r}; there is: {known}" if given else f"name one: {known}")

    def confirm(self, question: str) -> bool:
        """Ask; without a person there to answer, ``--yes`` has to have been said before."""
        if self.asked.yes:
            return True
        if not self.can_ask:
            raise Refusal(f"{question} Nobody is here to ask: add --yes.")
        return click.confirm(question, err=True)

    def insist(self, question: str) -> None:
        """Ask, and go no further without a yes."""
        if not self.confirm(question):
            raise Declined

    @property
    def can_ask(self) -> bool:
        return not (self.asked.no_input or self.asked.json) and sys.stdin.isatty()

    def prepare_database(self) -> None:
        """Create the SQLite database of a new installation; any other is upgraded on demand."""
        from guestlist.store.fresh import make_if_fresh

        if self.is_new:
            self.make_state_folder()
            make_if_fresh(self.loaded.settings.database_url, self.loaded.settings.state_dir)

    def make_state_folder(self) -> None:
        folder = self.loaded.settings.state_dir
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            told = f"the folder of the state can not be made: {folder}: {error.strerror}"
            fix = "set state_dir (GUESTLIST_STATE_DIR) to one that this user may write"
            raise Refusal(told, code=Exit.CONFIG, fix=fix) from None

    @property
    def is_new(self) -> bool:
        """Whether this installation has no SQLite database yet."""
        from guestlist.store.fresh import is_fresh

        return is_fresh(self.loaded.settings.database_url)

    def close(self) -> None:
        """Return every pooled connection."""
        for name in ("database", "services"):
            made = self.__dict__.get(name)
            if made is not None:
                getattr(made, "database", made).dispose()

    def _log(self) -> None:
        from dataclasses import replace

        from worker.logs import configure

        level = {0: "warning", 1: "info"}.get(self.asked.verbose, "debug")
        level = "error" if self.asked.quiet else level
        configure(replace(self.loaded.settings, log_level=level))


pass_session = click.make_pass_decorator(Session)
