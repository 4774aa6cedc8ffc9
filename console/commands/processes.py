"""``guestlist worker``, ``beat`` and ``flower``: the plain Celery command, printed and run."""

import os
import shlex
import sys
from collections.abc import Mapping
from typing import NoReturn

import click

from console.exits import Exit
from console.session import Refusal, Session, pass_session

FLOWER_PASSWORD = "FLOWER_PASSWORD"  # noqa: S105
FLOWER_TASKS = 10_000
"""What it keeps in memory, at 4 to 5 KB each; its own default is ten times that."""
_PASSED_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}
arguments = click.argument("rest", nargs=-1, type=click.UNPROCESSED, metavar="[CELERY OPTIONS]...")


@click.command(context_settings=_PASSED_ON)
@arguments
@pass_session
def worker(session: Session, rest: tuple[str, ...]) -> NoReturn:
    """Run a Celery worker; it takes all lanes unless -Q names some.

    For example: guestlist worker -Q interactive -c 4
    """
    _become(session, "worker", *rest)


@click.command(context_settings=_PASSED_ON)
@arguments
@pass_session
def beat(session: Session, rest: tuple[str, ...]) -> NoReturn:
    """Run Celery's clock, which finds lost and due work and asks for polls; one is enough."""
    _become(session, "beat", *rest)


@click.command(context_settings=_PASSED_ON)
@arguments
@pass_session
def flower(session: Session, rest: tuple[str, ...]) -> NoReturn:
    """Run Flower on 127.0.0.1:5555, read-only, as user guestlist with FLOWER_PASSWORD."""
    password = _password(session)
    given = {"FLOWER_BASIC_AUTH": f"guestlist:{password}", "FLOWER_READ_ONLY": "true"}
    plain = ("--address=127.0.0.1", "--port=5555", f"--max-tasks={FLOWER_TASKS}")
    _become(session, "flower", *plain, *rest, environ=given)


def _password(session: Session) -> str:
    from worker.sources import read_dotenv

    dotenv = read_dotenv(session.folder / ".env").values
    password = os.environ.get(FLOWER_PASSWORD) or dotenv.get(FLOWER_PASSWORD)
    if not password:
        fix = f"set {FLOWER_PASSWORD} in the environment or in .env"
        told = "Flower does not start without a password: it shows runs to whoever asks"
        raise Refusal(told, code=Exit.CONFIG, fix=fix)
    return password


def _become(
    session: Session, program: str, *rest: str, environ: Mapping[str, str] | None = None
) -> NoReturn:
    """Replace this process, so that signals and the exit code are Celery's own.

    What is given through the environment is not printed, and not in the list of processes.
    """
    session.prepare_database()
    plain = ["celery", "-A", "worker", program, *rest]
    session.printer.say(f"+ {shlex.join(plain)}")
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(  # noqa: S606
        sys.executable,
        [sys.executable, "-m", *plain],
        {**os.environ, **(environ or {})},
    )
