"""Serve the console: the first password, the address to listen on, and the threads behind it."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from apiflask import APIFlask

from console.web.credentials import SHORTEST_PASSWORD, fits, hash_password, new_password
from console.web.lookout import Lookout
from console.web.marking import Marking
from console.web.site import EXTENSION, Site
from guestlist.domain.errors import Misconfigured
from guestlist.domain.role import Role
from guestlist.engine.services import Services
from guestlist.store import access
from guestlist.store.database import Database
from schemas.settings import ConsoleSettings

ADMIN = "admin"
THREADS = 8


def first_password(
    database: Database, settings: ConsoleSettings, *, who: str, now: datetime
) -> str | None:
    """Make sure that there is a user ``admin``; return the password that was made up for it.

    One that is set in the settings counts, and is set anew when it changed there.
    """
    given = settings.password.reveal()
    if given and len(given) < SHORTEST_PASSWORD:
        message = f"console.password is too short: {SHORTEST_PASSWORD} characters at least"
        raise Misconfigured(message)
    with database.read() as conn:
        admin = access.user(conn, ADMIN)
    if admin and (not given or fits(given, admin.password)):
        return None
    password = given or new_password()
    hashed = hash_password(password)
    with database.begin() as conn:
        access.put_user(conn, ADMIN, role=Role.ADMIN, password=hashed, who=who, now=now)
    return None if given else password


def refuse_open_door(settings: ConsoleSettings) -> None:
    """Raise ``Misconfigured`` rather than listen to the network without a password of one's own."""
    if is_loopback(settings.host) or settings.password:
        return
    message = (
        f"{settings.host} can be reached from elsewhere: "
        "set GUESTLIST_CONSOLE_PASSWORD, or listen on 127.0.0.1"
    )
    raise Misconfigured(message)


def refuse_taken_port(settings: ConsoleSettings) -> None:
    """Raise ``Misconfigured`` if nobody can listen there, before anything is told of it."""
    host, port = settings.host.strip("[]"), settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        message = (
            f"can not listen on {host}, port {port}: {error.strerror}; "
            "choose another with --host, --port"
        )
        raise Misconfigured(message) from None


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@contextmanager
def background(app: APIFlask) -> Iterator[None]:
    """Keep reading what the pages show, start runs for what webhooks marked, send alerts."""
    here: Site = app.extensions[EXTENSION]
    ended = Event()

    def now() -> Services:
        return here.services

    works = (here.pulse.run, Marking(now).run, Lookout(now).run)
    threads = [Thread(target=work, args=(ended,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(timeout=5)


def serve(app: APIFlask, settings: ConsoleSettings) -> None:
    """Serve until the process is asked to end."""
    import waitress

    from console.web.bodies import MOST_BYTES

    with background(app):
        waitress.serve(
            app,
            host=settings.host,
            port=settings.port,
            threads=THREADS,
            ident=None,
            max_request_body_size=MOST_BYTES,
            clear_untrusted_proxy_headers=True,
        )
