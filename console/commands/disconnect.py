"""``guestlist disconnect``: revoke a CRM's credential, and keep nothing of it."""

import click

from console.connecting import DOTENV, variable_of
from console.keeping import drop_secret, point_to
from console.session import Refusal, Session, pass_session
from guestlist.domain.errors import RetryLater, SyncError, Unauthorized, Unusable, Waiting
from guestlist.store import audit, grants
from guestlist.store.vault import Vault
from schemas.records import Crm

KEPT = {
    Crm.HUBSPOT: ("hubspot.token", "hubspot.client_secret"),
    Crm.SALESFORCE: ("salesforce.client_secret", "salesforce.private_key"),
}
PLAIN = {
    Crm.HUBSPOT: ("hubspot.client_id",),
    Crm.SALESFORCE: ("salesforce.client_id", "salesforce.username"),
}
THERE = {
    Crm.HUBSPOT: "a service key or private-app token stays good until it is deleted in HubSpot",
    Crm.SALESFORCE: "the app's secret or key stays good until the app is removed in Salesforce",
}


@click.command()
@click.argument("crm", type=click.Choice([each.value for each in Crm]))
@click.option("--anyway", is_flag=True, help="Remove it here although the CRM can not be told.")
@pass_session
def disconnect(session: Session, *, crm: str, anyway: bool) -> None:
    """Revoke what OAuth granted, and remove every credential of CRM that is kept here.

    Links, agreed values and history stay: connecting the same account goes on from there.
    """
    of = Crm(crm)
    session.insist(f"Disconnect {of}, and keep no credential of it?")
    revoked = _revoke(session, of, anyway=anyway)
    removed = _remove(session, of)
    set_elsewhere = [variable_of(name) for name in KEPT[of] if _is_set_elsewhere(session, name)]
    body = {"crm": of.value, "revoked": revoked, "removed": removed, "still_set": set_elsewhere}

    def draw() -> None:
        if revoked:
            session.printer.line(f"{of}: revoked there, removed here")
        else:
            session.printer.line(f"{of}: {'removed here' if removed else 'nothing was kept here'}")
            session.printer.say(THERE[of])

    session.printer.show("disconnected", body, draw)
    for name in set_elsewhere:
        session.printer.warn(f"{name} is set in the environment: unset it there")


def _revoke(session: Session, of: Crm, *, anyway: bool) -> bool:
    """Revoke and remove the grant; ``False``: there is none, or the CRM could not be told."""
    from console.commands.connect_oauth import oauth
    from console.keys import ring

    with session.database.read() as conn:
        account = grants.account(conn, of)
    if account is None:
        return False
    told = True
    try:
        with session.database.read() as conn:
            held = grants.get(conn, Vault(ring(session)), of)
        if held:
            oauth(session, session.loaded.settings.hubspot).revoke(held.grant.refresh)
    except Unauthorized as error:  # revoked already, or unreadable
        session.printer.warn(str(error))
        told = False
    except (RetryLater, Unusable, Waiting) as error:
        _refuse_unless(error, anyway=anyway)
        told = False
    _forget(session, of, account, told=told)
    return told


def _refuse_unless(error: SyncError, *, anyway: bool) -> None:
    if not anyway:
        fix = "try again, or --anyway and remove the app in HubSpot's settings"
        raise Refusal(f"the CRM could not be told: {error}", fix=fix)


def _forget(session: Session, of: Crm, account: str, *, told: bool) -> None:
    from worker.wiring import now

    detail = {"crm": of.value, "account": account, "revoked": told}
    with session.database.begin() as conn:
        grants.remove(conn, of)
        audit.append(conn, "credential.removed", who=session.who, now=now(), detail=detail)


def _remove(session: Session, of: Crm) -> bool:
    """Remove the files of secrets, and what ``.env`` says of them; whether there were any."""
    folder = session.loaded.settings.state_dir / "secrets"
    dropped = [drop_secret(folder, name.replace(".", "_")) for name in KEPT[of]]
    names = [variable_of(name) for name in KEPT[of]]
    gone = [*names, *(f"{name}_FILE" for name in names), *map(variable_of, PLAIN[of])]
    if (session.folder / DOTENV).exists():
        point_to(session.folder / DOTENV, {}, without=gone)
    return any(dropped)


def _is_set_elsewhere(session: Session, name: str) -> bool:
    return session.loaded.source(name).startswith("env ")
