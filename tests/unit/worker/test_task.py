"""What becomes of a message whose task fails."""

import sqlite3
from collections.abc import Callable
from typing import Any

import celery
import psycopg
import pytest
from celery.exceptions import Reject
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, OperationalError

from guestlist.domain.errors import RetryLater
from worker.task import AGAIN_S, SyncTask, TaskFailed


def _failing(error: Exception) -> tuple[Callable[[], Any], list[float]]:
    """Return a call of a task that fails with *error*, and how long it slept."""
    app: celery.Celery[Any] = celery.Celery(set_as_current=False, task_cls=SyncTask)
    slept: list[float] = []

    @app.task(sleep=slept.append)
    def fail() -> None:
        raise error

    return fail, slept


def _no_server() -> DBAPIError:
    return OperationalError("SELECT 1", None, psycopg.OperationalError("connection failed"))


def _sqlite(words: str, code: int) -> DBAPIError:
    cause = sqlite3.OperationalError(words)
    cause.sqlite_errorcode = code
    return OperationalError("INSERT", None, cause)


def _full() -> DBAPIError:
    return _sqlite("database or disk is full", sqlite3.SQLITE_FULL)


def _unmounted() -> DBAPIError:
    return _sqlite("unable to open database file", sqlite3.SQLITE_CANTOPEN)


def _standby() -> DBAPIError:
    """Between the end of one primary and the word of who is the next."""
    return InternalError("INSERT", None, psycopg.errors.ReadOnlySqlTransaction("read-only"))


def _pooler() -> DBAPIError:
    """What a connection pooler says for a server that is away."""
    return OperationalError("SELECT 1", None, psycopg.errors.ProtocolViolation("no server"))


def _given_up(cause: DBAPIError) -> RetryLater:
    error = RetryLater("The database did not answer in time.")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        _no_server(),
        _full(),
        _unmounted(),
        _standby(),
        _pooler(),
        _given_up(_no_server()),
    ],
    ids=repr,
)
def test_E7_a_message_goes_back_to_its_queue_while_the_database_takes_nothing(
    error: Exception,
) -> None:
    call, slept = _failing(error)
    with pytest.raises(Reject) as refused:
        call()
    rejection: Any = refused.value
    assert rejection.requeue
    assert slept == [AGAIN_S]


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT", None, psycopg.errors.UniqueViolation("ada@example.com")),
        RetryLater("HubSpot did not answer in time."),
        LookupError("ada@example.com"),
    ],
    ids=repr,
)
def test_any_other_error_ends_a_task_and_says_nothing_of_a_person(error: Exception) -> None:
    call, slept = _failing(error)
    with pytest.raises(TaskFailed, match=f"^{type(error).__name__}$"):
        call()
    assert slept == []
