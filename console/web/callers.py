"""Who asks: a person with a session, a program with a token, or nobody."""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask import g, request
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from console.web.credentials import digest, fits, new_secret
from console.web.site import Site, site
from guestlist.domain.role import Role
from guestlist.store import access
from guestlist.store.access import SignedIn

NOTE_SEEN_EVERY = timedelta(seconds=30)
CONFIRMED_FOR = timedelta(minutes=10)
"""How long after the password was given nothing asks for it again."""


class Caller(NamedTuple):
    """Whoever a request comes from, once that is known."""

    name: str
    role: Role
    session: SignedIn | None = None

    @property
    def who(self) -> str:
        """The name for runs and the audit."""
        return self.name if self.session else f"token {self.name}"


def caller() -> Caller:
    """Return who asks; only for views that :mod:`console.web.guard` let pass."""
    found: Caller = g.caller
    return found


def identify() -> Caller | None:
    """Return who asks, by token or by cookie; ``None``: nobody we know."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _by_token(site(), token.strip())
    return _by_cookie(site())


def _by_token(here: Site, token: str) -> Caller | None:
    address = f"token from {request.remote_addr}"
    refuse_hurry(here, address)
    now = here.clock()
    with here.database.read() as conn:
        found = access.token(conn, digest(token))
    if found is None:
        here.throttle.failed(address)
        return None
    here.throttle.succeeded(address)
    if found.used_at is None or now - found.used_at > NOTE_SEEN_EVERY:
        with here.database.begin() as conn:
            access.note_used(conn, found.name, now=now)
    return Caller(found.name, found.role)


def _by_cookie(here: Site) -> Caller | None:
    secret = request.cookies.get(cookie_name(here))
    if not secret:
        return None
    with here.database.read() as conn:
        found = access.session(conn, digest(secret))
    now = here.clock()
    if found is None or not _valid(here, found, now):
        return None
    if now - found.seen_at > NOTE_SEEN_EVERY:
        with here.database.begin() as conn:
            access.note_seen(conn, found.digest, now=now)
    return Caller(found.user, found.role, found)


def _valid(here: Site, found: SignedIn, now: datetime) -> bool:
    idle = timedelta(minutes=here.settings.idle_minutes)
    longest = timedelta(hours=here.settings.session_hours)
    return now - found.seen_at <= idle and now - found.created_at <= longest


def refuse_hurry(here: Site, *names: str) -> None:
    """Raise 429 while whoever goes by these names has to wait."""
    if wait := here.throttle.wait(*names):
        message = f"Too many failed tries: wait {wait} seconds."
        raise TooManyRequests(message, retry_after=wait)


def sign_in(name: str, password: str) -> str | None:
    """Return the secret of a new session; ``None``: wrong name or password."""
    here = site()
    names = f"login from {request.remote_addr}", f"user {name}"
    refuse_hurry(here, *names)
    with here.database.read() as conn:
        user = access.user(conn, name)
    if not fits(password, user.password if user else None):
        here.throttle.failed(*names)
        return None
    here.throttle.succeeded(*names)
    secret, now = new_secret(), here.clock()
    with here.database.begin() as conn:
        longest = timedelta(hours=here.settings.session_hours)
        access.close_old_sessions(conn, created_before=now - longest)
        access.open_session(conn, digest(secret), name=name, csrf=new_secret(), now=now)
    return secret


def sign_out() -> None:
    here = site()
    if session := caller().session:
        with here.database.begin() as conn:
            access.close_session(conn, session.digest)


def confirmed() -> bool:
    """Return whether the password was given a short while ago, by session or with this form."""
    session = caller().session
    if session is None:
        return False
    here = site()
    now = here.clock()
    if now - session.confirmed_at <= CONFIRMED_FOR:
        return True
    password = request.form.get("password", "")
    if not password:
        return False
    name = f"user {session.user}"
    refuse_hurry(here, name)
    with here.database.read() as conn:
        user = access.user(conn, session.user)
    if not fits(password, user.password if user else None):
        here.throttle.failed(name)
        return False
    with here.database.begin() as conn:
        access.note_confirmed(conn, session.digest, now=now)
    return True


def cookie_name(here: Site) -> str:
    """``__Host-`` ties a cookie to this one host over https; browsers refuse it over http."""
    return "__Host-guestlist" if secure(here) else "guestlist"


def secure(here: Site) -> bool:
    return here.settings.public_url.startswith("https://")


def set_cookie(response: Response, secret: str) -> None:
    here = site()
    response.set_cookie(
        cookie_name(here),
        secret,
        max_age=here.settings.session_hours * 3600,
        secure=secure(here),
        httponly=True,
        samesite="Lax",
        path="/",
    )


def drop_cookie(response: Response) -> None:
    here = site()
    response.delete_cookie(
        cookie_name(here), path="/", secure=secure(here), httponly=True, samesite="Lax"
    )
