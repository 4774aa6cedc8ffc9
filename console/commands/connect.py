"""``guestlist connect``: try a credential, say whose it is, and keep it if it is new."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import click

from console.connecting import ask, ask_secret, keep, uncounted
from console.exits import Exit
from console.planning import Left, salesforce_left
from console.printer import clean, count
from console.session import Refusal, Session, pass_session
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Salesforce
from guestlist.connectors.salesforce.schema import Organization
from guestlist.domain.errors import Missing, Unauthorized
from schemas.mapping import FieldMapping, SyncRule
from schemas.settings import SalesforceSettings, Secret, Settings


class Needed(NamedTuple):
    """A scope, and a call that needs it and changes nothing."""

    scope: str
    call: Callable[[HubSpot], object]


def needed(types: Sequence[str], *, owners: bool) -> Iterator[Needed]:
    """Yield what reading these object types, their lists and, if they sync, their owners takes."""
    yield Needed("crm.lists.read", lambda hubspot: hubspot.list("1"))
    if owners:
        yield Needed("crm.objects.owners.read", HubSpot.owners)
    for each in types:
        yield Needed(f"crm.schemas.{each}.read", partial(HubSpot.describe, type=each))
        one = partial(HubSpot.read, type=each, ids=["1"], properties=[])
        yield Needed(f"crm.objects.{each}.read", one)


def unseen(types: Sequence[str]) -> list[str]:
    """Return the scopes that only a write would show."""
    return [*(f"crm.objects.{each}.write" for each in types), "crm.lists.write"]


def asked_scopes(types: Sequence[str], *, owners: bool) -> list[str]:
    """Return the scopes that OAuth asks for: what the mapping takes, and no more."""
    reading = [each.scope for each in needed(types, owners=owners)]
    return sorted({"oauth", *reading, *unseen(types)})


@click.group()
def connect() -> None:
    """Give and test the CRMs' credentials.

    A credential that is set already is tested.  Otherwise it is asked for, or read from standard
    input, and kept in a file under the state folder that .env then points to.
    """


PORT = 8976
"""Of the redirect URL that OAuth comes back to."""
again_option = click.option("--again", is_flag=True, help="Ask for it although one is set.")


@connect.command()
@again_option
@click.option("--oauth", is_flag=True, help="An administrator approves an app in the browser.")
@click.option("--client-id", metavar="ID", help="With --oauth: of the app.")
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=PORT,
    show_default=True,
    help="With --oauth: where the browser comes back to, on this machine.",
)
@click.option("--paste", is_flag=True, help="With --oauth: the browser is on another machine.")
@pass_session
def hubspot(
    session: Session, *, again: bool, oauth: bool, client_id: str | None, port: int, paste: bool
) -> Exit:
    """Connect HubSpot with a service key, a private-app token, or OAuth."""
    settings = session.loaded.settings
    types = [each.hubspot_type for each in settings.objects.values()]
    owners = any(_maps_owner(row) for each in settings.objects.values() for row in each.fields)
    given = None
    if oauth:
        from console.commands.connect_oauth import granted

        scopes = asked_scopes(types, owners=owners)
        grant = granted(session, scopes, client_id=client_id, port=port, paste=paste)
        token: Secret | None = grant.access
    elif settings.hubspot.client_id:
        if again:
            fix = "guestlist disconnect hubspot"
            raise Refusal("HubSpot is connected by OAuth: disconnect it first", fix=fix)
        token = None
    else:
        if again or not settings.hubspot.token:
            given = ask_secret(session, "HubSpot service key or token")
        token = given or settings.hubspot.token
    client = session.services.hubspot if token is None else _client(settings, token)
    account, missing = client.account(), [*_missing(client, types, owners=owners)]
    if given:
        keep(session, "hubspot.token", given, {})
    body = {
        **account._asdict(),
        "missing_scopes": missing,
        "unseen_scopes": unseen(types),
        "kept": bool(given) or oauth,
    }

    def draw() -> None:
        line = session.printer.line
        line(f"HubSpot account {account.portal_id} ({account.account_type.lower()})")
        line(f"missing scopes: {', '.join(missing)}" if missing else "every scope for reading")
        line(f"only a write shows whether it has {' and '.join(unseen(types))}")

    session.printer.show("connect-hubspot", body, draw)
    session.printer.suggest("guestlist connect salesforce")
    return Exit.NOT_ALLOWED if missing else Exit.OK


def _client(settings: Settings, token: Secret) -> HubSpot:
    tried = replace(settings.hubspot, token=token)
    limiter = uncounted(settings)
    return HubSpot.connect(tried, limiter=limiter, development=settings.development)


def _maps_owner(row: FieldMapping) -> bool:
    return row.converter == "owner" and row.rule is not SyncRule.DONT_SYNC


def _missing(client: HubSpot, types: Sequence[str], *, owners: bool) -> Iterator[str]:
    for each in needed(types, owners=owners):
        try:
            each.call(client)
        except Missing:
            continue  # it was allowed to look
        except Unauthorized:
            yield each.scope


@connect.command()
@again_option
@click.option("--login-url", metavar="URL", help="The org's My Domain, for a consumer secret.")
@click.option("--client-id", metavar="KEY", help="Consumer key of the External Client App.")
@click.option("--username", help="User the JWT bearer flow acts for; then a PEM key is asked for.")
@pass_session
def salesforce(
    session: Session,
    *,
    again: bool,
    login_url: str | None,
    client_id: str | None,
    username: str | None,
) -> Exit:
    """Connect Salesforce with a consumer secret, or with a user name and a private key."""
    settings = session.loaded.settings
    named = {"login_url": login_url, "client_id": client_id, "username": username}
    plain = {name: value for name, value in named.items() if value}
    tried = _named(settings.salesforce, plain)
    kind = "private_key" if tried.username else "client_secret"
    given = None
    if again or plain or not getattr(tried, kind):
        if not tried.client_id:
            plain["client_id"] = ask(session, "consumer key (client id)", "--client-id")
        given = ask_secret(session, kind.replace("_", " "))
        tried = _with(_named(tried, plain), kind, given)
    client = Salesforce.connect(
        tried, limiter=uncounted(settings), development=settings.development
    )
    org, left = client.organization(), salesforce_left(client)
    if given:
        keep(session, f"salesforce.{kind}", given, plain)
    body = {**org._asdict(), "allowance": left._asdict(), "kept": bool(given)}
    session.printer.show("connect-salesforce", body, lambda: _draw(session, org, left))
    session.printer.suggest("guestlist doctor")
    return Exit.OK


def _draw(session: Session, org: Organization, left: Left) -> None:
    line = session.printer.line
    kind = "a Salesforce sandbox" if org.is_sandbox else "PRODUCTION"
    line(f"Salesforce org {org.id}, {clean(org.name)}, {kind}, as user {org.user_id}")
    if left.limit is not None and left.used is not None:
        line(f"API calls: {count(left.used)} of {count(left.limit)} used today")


def _named(tried: SalesforceSettings, plain: Mapping[str, Any]) -> SalesforceSettings:
    return replace(tried, **plain)


def _with(tried: SalesforceSettings, kind: str, given: Secret) -> SalesforceSettings:
    if kind == "private_key":
        return replace(tried, private_key=given, client_secret=None)
    return replace(tried, client_secret=given, private_key=None)
