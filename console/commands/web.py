"""``guestlist web``: serve the console; its users and tokens."""

from typing import TYPE_CHECKING

import click

from console.options import Section
from console.printer import clean
from console.session import Refusal, Session, pass_session
from console.words import when
from guestlist.domain.role import Role

if TYPE_CHECKING:
    from guestlist.engine.services import Services
    from worker.settings import Loaded

ROLE = click.Choice([str(role) for role in Role])


@click.group(cls=Section, invoke_without_command=True)
@click.option("--host", metavar="ADDRESS", help="Listen there instead of console.host.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Instead of console.port.")
@click.pass_context
@pass_session
def web(session: Session, context: click.Context, host: str | None, port: int | None) -> None:
    """Serve the web pages, the REST API, webhooks and metrics.

    The first start makes up the password of the user admin and prints it, this once.
    """
    if context.invoked_subcommand is None:
        _serve(session, host, port)


def _serve(session: Session, host: str | None, port: int | None) -> None:
    from dataclasses import replace

    from console.web.app import create_app
    from console.web.serve import (
        ADMIN,
        first_password,
        refuse_open_door,
        refuse_taken_port,
        serve,
    )
    from worker.logs import configure
    from worker.wiring import now

    given = session.loaded.settings.console
    settings = replace(given, host=host or given.host, port=port or given.port)

    def as_started(loaded: "Loaded") -> "Loaded":
        return replace(loaded, settings=replace(loaded.settings, console=settings))

    def build() -> "tuple[Loaded, Services]":
        loaded = as_started(session.load())
        return loaded, session.build(loaded)

    session.patient = False
    session.loaded = as_started(session.loaded)
    refuse_open_door(settings)
    refuse_taken_port(settings)
    services = session.services
    configure(session.loaded.settings)
    made = first_password(services.database, settings, who=session.who, now=now())
    address = settings.public_url or f"http://{_in_address(settings.host)}:{settings.port}"
    session.printer.say(f"serving {address}")
    if made:
        session.printer.line(f"user {ADMIN}, password {made}")
        session.printer.say("it is not shown again; `guestlist web user set admin` makes another")
    serve(create_app(session.loaded, services, build), settings)


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@web.group(cls=Section)
def user() -> None:
    """Give people access."""


@user.command("ls")
@pass_session
def users(session: Session) -> None:
    """List who may sign in."""
    from guestlist.store import access

    with session.database.read() as conn:
        found = access.all_users(conn)
    rows = [(each.name, each.role, when(each.created_at)) for each in found]
    body = {"users": [{"name": each.name, "role": each.role.value} for each in found]}
    table = session.printer.table
    session.printer.show("users", body, lambda: table(("user", "role", "since"), rows))


@user.command("set")
@click.argument("name")
@click.option("--role", type=ROLE, default="admin", show_default=True)
@pass_session
def set_user(session: Session, name: str, role: str) -> None:
    """Add a user, or give one a new password; it is made up, and printed this once."""
    from console.web.credentials import hash_password, new_password
    from guestlist.store import access
    from worker.wiring import now

    password = new_password()
    hashed = hash_password(password)
    with session.database.begin() as conn:
        access.put_user(conn, name, role=Role(role), password=hashed, who=session.who, now=now())
    body = {"user": name, "role": role, "password": password}
    words = f"user {clean(name)}, {role}, password {password}"
    session.printer.show("user", body, lambda: session.printer.line(words))


@user.command("remove")
@click.argument("name")
@pass_session
def remove_user(session: Session, name: str) -> None:
    """Take a user's access away at once."""
    from guestlist.store import access
    from worker.wiring import now

    with session.database.begin() as conn:
        removed = access.remove_user(conn, name, who=session.who, now=now())
    _tell_removed(session, "user", name, removed=removed)


@web.group(cls=Section)
def token() -> None:
    """Give programs access to the REST API."""


@token.command("ls")
@pass_session
def tokens(session: Session) -> None:
    """List tokens; they themselves are not kept."""
    from guestlist.store import access

    with session.database.read() as conn:
        found = access.all_tokens(conn)
    rows = [(each.name, each.role, when(each.created_at), when(each.used_at)) for each in found]
    body = {"tokens": [{"name": each.name, "role": each.role.value} for each in found]}
    headers = ("token", "role", "made", "last used")
    session.printer.show("tokens", body, lambda: session.printer.table(headers, rows))


@token.command()
@click.argument("name")
@click.option("--role", type=ROLE, default="viewer", show_default=True)
@pass_session
def create(session: Session, name: str, role: str) -> None:
    """Make a token for the program NAME, and print it this once."""
    from console.web.credentials import digest, new_token
    from guestlist.store import access
    from worker.wiring import now

    made = new_token()
    with session.database.begin() as conn:
        added = access.add_token(
            conn, name, digest=digest(made), role=Role(role), who=session.who, now=now()
        )
    if not added:
        raise Refusal(
            f"there is a token {name!r} already", fix=f"guestlist web token revoke {name}"
        )
    body = {"name": name, "role": role, "token": made}
    session.printer.show("token", body, lambda: session.printer.line(made))


@token.command()
@click.argument("name")
@pass_session
def revoke(session: Session, name: str) -> None:
    """Make a token worthless at once."""
    from guestlist.store import access
    from worker.wiring import now

    with session.database.begin() as conn:
        revoked = access.revoke_token(conn, name, who=session.who, now=now())
    _tell_removed(session, "token", name, removed=revoked)


def _tell_removed(session: Session, noun: str, name: str, *, removed: bool) -> None:
    if not removed:
        raise Refusal(f"there is no {noun} {name!r}", fix=f"guestlist web {noun} ls")
    body = {noun: name, "removed": True}
    words = f"{noun} {clean(name)} is gone"
    session.printer.show(f"{noun}-removed", body, lambda: session.printer.line(words))
