"""What every exit code means, and the one place where an error becomes a code and a sentence."""

from enum import IntEnum
from typing import NamedTuple

from guestlist.domain.errors import (
    Misconfigured,
    Missing,
    RetryLater,
    Split,
    SyncError,
    Unauthorized,
    Unusable,
    Waiting,
)


class Exit(IntEnum):
    """The command's answer to a script; 64 to 78 are those of sysexits.h."""

    OK = 0
    PARTIAL = 1
    """It ran; some records failed, the run ended early, or a person said no."""
    USAGE = 2
    """An option is wrong, or names something that is not there."""
    PENDING = 10
    """With ``--exit-code``: there is something to sync."""
    UNREACHABLE = 69
    """A CRM, Redis or the database does not answer."""
    BUG = 70
    TRY_LATER = 75
    """An allowance is used up."""
    NOT_ALLOWED = 77
    """A credential or a scope is missing."""
    CONFIG = 78
    """A setting, the mapping or the choice of list has to change."""
    INTERRUPTED = 130


class Told(NamedTuple):
    """An error as the command tells it."""

    code: Exit
    message: str
    problems: tuple[str, ...] = ()
    """More than one thing to mend, a line each."""
    fix: str = ""


class NotConnected(SyncError):
    """Credentials are not set yet; *problems* names them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems)
        self.problems = problems


class Unreachable(SyncError):
    """Something other than a CRM does not answer; *fix* says what to start."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message, fix)
        self.message = message
        self.fix = fix


def tell(error: Exception) -> Told:
    """Return the exit code and the words for *error*."""
    match error:
        case SyncError():
            return _tell_ours(error)
        case _:
            return _tell_settings(error) or _tell_library(error) or _tell_bug(error)


def _tell_ours(error: SyncError) -> Told:
    words = str(error)
    match error:
        case NotConnected():
            fix = "guestlist connect hubspot, guestlist connect salesforce"
            return Told(
                Exit.NOT_ALLOWED, "not connected to both CRMs yet", tuple(error.problems), fix
            )
        case Unreachable():
            return Told(Exit.UNREACHABLE, error.message, fix=error.fix)
        case Unauthorized():
            fix = "renew the credential with `guestlist connect`, or grant the scope it names"
            return Told(Exit.NOT_ALLOWED, words, fix=fix)
        case Misconfigured() | Split():
            return Told(Exit.CONFIG, words)
        case Waiting():
            minutes = f"try again in {error.seconds:.0f} s"
            return Told(Exit.TRY_LATER, words, fix=minutes)
        case RetryLater() | Unusable():
            return Told(Exit.UNREACHABLE, words, fix=_at_hand(words))
        case Missing():
            return Told(Exit.USAGE, words or "it is not there")
        case _:
            return _tell_bug(error)


def _at_hand(words: str) -> str:
    if "Redis" in words:
        return "start Redis, or correct GUESTLIST_BROKER_URL"
    return "try again; `guestlist doctor` looks closer"


def _tell_settings(error: Exception) -> Told | None:
    from worker.settings import SettingsError

    if not isinstance(error, SettingsError):
        return None
    count = len(error.problems)
    message = f"the settings can not be used: {count} problem{'s' if count != 1 else ''}"
    return Told(Exit.CONFIG, message, tuple(error.problems), "docs/settings.md has every setting")


def _tell_library(error: Exception) -> Told | None:
    from kombu.exceptions import OperationalError as BrokerError
    from redis.exceptions import RedisError
    from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

    match error:
        case RedisError() | BrokerError():
            fix = "start it, or correct GUESTLIST_BROKER_URL"
            return Told(Exit.UNREACHABLE, f"Redis does not answer: {error}", fix=fix)
        case OperationalError() | ProgrammingError() if _no_table(error):
            fix = "guestlist database upgrade"
            return Told(Exit.CONFIG, "the database's schema is not this version's", fix=fix)
        case DBAPIError():
            return _tell_database(error.orig)
        case _:
            return None


def _tell_database(cause: BaseException | None) -> Told:
    import sqlite3

    words = " ".join(str(cause).split())
    if isinstance(cause, sqlite3.Error):
        fix = "may this user write the file and its folder, is the disk full, is it a database?"
        return Told(Exit.UNREACHABLE, f"the SQLite database can not be used: {words}", fix=fix)
    fix = "is it running, is GUESTLIST_DATABASE_URL right?"
    return Told(Exit.UNREACHABLE, f"the database does not answer: {words}", fix=fix)


def _no_table(error: Exception) -> bool:
    words = str(error)
    missing = "no such table", "no such column", "UndefinedTable", "UndefinedColumn"
    return any(each in words for each in missing)


def _tell_bug(error: Exception) -> Told:
    message = f"this is a bug: {type(error).__name__}: {error}"
    return Told(Exit.BUG, message, fix="run it again with -v and report what it prints")
