"""``guestlist connect``: try a credential, say whose it is, and keep it if it is new."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Self

import click

from console.connecting import ask, ask_secret, keep, uncounted
from console.exits import Exit
from console.options import Section
from console.planning import Left, salesforce_left
from console.printer import clean, count
from console.session import Refusal, Session, pass_session
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Salesforce
from guestlist.connectors.salesforce.schema import Organization
from guestlist.domain.scopes import Scope, asked_scopes, lacking, scopes_for
from guestlist.engine import scopes
from schemas.mapping import ObjectMapping
from schemas.settings import SalesforceSettings, Secret, Settings


@click.group(cls=Section)
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
    settings, objects = session.loaded.settings, session.in_force.settings.objects.values()
    given = token = told = None
    if oauth:
        from console.commands.connect_oauth import granted

        asked = asked_scopes(objects)
        grant = granted(session, asked, client_id=client_id, port=port, paste=paste)
        token, told = grant.access, frozenset(grant.scopes)
    elif settings.hubspot.client_id:
        if again:
            fix = "guestlist disconnect hubspot"
            raise Refusal("HubSpot is connected by OAuth: disconnect it first", fix=fix)
        told = scopes.granted(session.services)
    else:
        if again or not settings.hubspot.token:
            given = ask_secret(session, "HubSpot service key or token")
        token = given or settings.hubspot.token
    client = session.services.hubspot if token is None else _client(settings, token)
    account = client.account()
    if not (oauth or settings.hubspot.client_id):
        told = client.scopes()
    found = _Scopes.found(client, objects, told)
    if given:
        keep(session, "hubspot.token", given, {})
    body = {**account._asdict(), **found.body(), "kept": bool(given) or oauth}

    def draw() -> None:
        kind = account.account_type.lower()
        session.printer.line(f"HubSpot account {account.portal_id} ({kind})")
        for line in found.words():
            session.printer.line(line)

    session.printer.show("connect-hubspot", body, draw)
    session.printer.suggest("guestlist connect salesforce")
    return Exit.NOT_ALLOWED if found.missing else Exit.OK


class _Scopes(NamedTuple):
    """What a credential may, held against what the mapping takes."""

    told: frozenset[str] | None
    missing: Sequence[Scope]
    unseen: Sequence[Scope]
    """Only a write would show them; none where HubSpot told."""
    without: Sequence[Scope]
    """Not granted, and not needed for what is mapped."""

    @classmethod
    def found(
        cls, client: HubSpot, objects: Collection[ObjectMapping], told: frozenset[str] | None
    ) -> Self:
        wanted = scopes_for(objects)
        lacked = {*scopes.refused(client, objects), *lacking(objects, told)}
        optional = () if told is None else (e for e in wanted if e.optional and e.name not in told)
        return cls(
            told,
            missing=[each for each in wanted if each in lacked],
            unseen=[each for each in wanted if each.writes and told is None],
            without=list(optional),
        )

    def body(self) -> dict[str, Any]:
        return {
            "scopes": None if self.told is None else sorted(self.told),
            "missing_scopes": [each.name for each in self.missing],
            "unseen_scopes": [each.name for each in self.unseen],
        }

    def words(self) -> Iterator[str]:
        told = "not told by HubSpot" if self.told is None else clean(", ".join(sorted(self.told)))
        yield f"scopes: {told}"
        for each in self.missing:
            yield f"missing scope: {each.name}, for {each.use}"
        if not self.missing:
            everything = "for reading" if self.told is None else "the mapping needs"
            yield f"every scope {everything}"
        if self.unseen:
            yield f"only a write shows whether it has {' and '.join(e.name for e in self.unseen)}"
        for each in self.without:
            yield f"without {each.name}: no {each.use}"


def _client(settings: Settings, token: Secret) -> HubSpot:
    tried = replace(settings.hubspot, token=token)
    limiter = uncounted(settings)
    return HubSpot.connect(tried, limiter=limiter, development=settings.development)


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
