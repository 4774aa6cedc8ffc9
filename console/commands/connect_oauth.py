"""``guestlist connect hubspot --oauth``: an administrator approves the app; keep the grant."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from console.approving import Doorstep, code_in, redirect_uri
from console.connecting import ask, ask_secret, keep, uncounted
from console.keys import first_key, ring
from console.session import Refusal, Session
from guestlist.connectors.http import Transport
from guestlist.connectors.hubspot.oauth import Granted, OAuth, approval_address
from guestlist.connectors.line import Line
from guestlist.store import audit, grants
from guestlist.store.grants import Grant
from guestlist.store.vault import Vault
from schemas.records import Crm
from schemas.settings import HubSpotSettings, Lane
from worker.wiring import new_id, now


def granted(
    session: Session, scopes: Sequence[str], *, client_id: str | None, port: int, paste: bool
) -> Grant:
    """Ask the administrator, exchange the code, and keep what it brings, sealed."""
    app = _app(session, client_id)
    keys = ring(session) or first_key(session)
    with session.database.read() as conn:  # before a person is asked: is there a place for it?
        before = grants.account(conn, Crm.HUBSPOT)
    code, uri, verifier = _approved(session, app, scopes, port=port, paste=paste)
    requests = oauth(session, app)
    brought = requests.exchange(code, redirect_uri=uri, verifier=verifier)
    if before and before != brought.account:
        requests.revoke(brought.refresh)
        fix = "guestlist disconnect hubspot first, if that is meant"
        named = f"HubSpot account {before}, not {brought.account}"
        raise Refusal(f"this installation is of {named}", fix=fix)
    grant = _grant(brought, scopes, who=session.who, at=now())
    with session.database.begin() as conn:
        grants.put(conn, Vault(keys), grant)
        detail = {"crm": Crm.HUBSPOT.value, "account": grant.account}
        audit.append(conn, "credential.granted", who=session.who, now=now(), detail=detail)
    return grant


def oauth(session: Session, app: HubSpotSettings) -> OAuth:
    """Return the app's requests about tokens; a first try needs no Redis."""
    settings = session.loaded.settings
    line = Line(
        Crm.HUBSPOT,
        Transport(timeout_s=app.timeout_s, public_only=not settings.development),
        limiter=uncounted(settings),
        lane=Lane.INTERACTIVE,
        sleep=lambda _: None,
        new_id=new_id,
    )
    return OAuth(app, line, development=settings.development)


def _app(session: Session, client_id: str | None) -> HubSpotSettings:
    """Return the settings with the app's id and secret, asked for if they are not set."""
    held = session.loaded.settings.hubspot
    if held.token:
        fix = "guestlist disconnect hubspot, or unset GUESTLIST_HUBSPOT_TOKEN"
        raise Refusal("a HubSpot token is set, which OAuth would stand in for", fix=fix)
    if held.client_id and client_id in {None, held.client_id}:
        return held
    named = client_id or ask(session, "client id of the HubSpot app", "--client-id")
    secret = ask_secret(session, "client secret of the HubSpot app")
    keep(session, "hubspot.client_secret", secret, {"client_id": named})
    return replace(held, client_id=named, client_secret=secret)


def _approved(
    session: Session, app: HubSpotSettings, scopes: Sequence[str], *, port: int, paste: bool
) -> tuple[str, str, str]:
    """Return the code, the redirect address it was given for, and the verifier."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    doorstep = None if paste else _doorstep(port, state)
    uri = doorstep.redirect_uri if doorstep else redirect_uri(port)
    address = approval_address(
        app,
        scopes=scopes,
        redirect_uri=uri,
        state=state,
        verifier=verifier,
        development=session.loaded.settings.development,
    )
    session.printer.say(f"the app needs this redirect URL, to the letter: {uri}")
    session.printer.say(f"open this as an administrator of the HubSpot account:\n{address}")
    if doorstep:
        return doorstep.wait(), uri, verifier
    given = ask_secret(session, "the address the browser ends up at")
    return code_in(given.reveal(), state=state), uri, verifier


def _doorstep(port: int, state: str) -> Doorstep:
    try:
        return Doorstep(port, state=state)
    except OSError as error:
        fix = "another --port, which the app's redirect URL has to name too, or --paste"
        raise Refusal(f"can not listen on port {port}: {error.strerror}", fix=fix) from error


def _grant(brought: Granted, scopes: Sequence[str], *, who: str, at: datetime) -> Grant:
    return Grant(
        Crm.HUBSPOT,
        brought.account,
        brought.refresh,
        brought.access,
        brought.scopes or tuple(scopes),
        issued_at=at,
        expires_at=at + timedelta(seconds=brought.lasts_s),
        granted_at=at,
        granted_by=who,
    )
