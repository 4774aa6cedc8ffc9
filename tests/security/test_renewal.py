"""S3, with D3 to D5: one worker renews a token, a refused one is asked for no more."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from guestlist.connectors.allowance import Allowance
from guestlist.connectors.http import Transport
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.hubspot.oauth import OAuth
from guestlist.connectors.line import Line
from guestlist.connectors.local import LocalLimiter
from guestlist.domain.errors import RetryLater, Unauthorized, Unusable
from guestlist.engine.tokens import PROBE_AFTER, GrantedTokens
from guestlist.store import grants
from guestlist.store.access_tables import grants as rows
from guestlist.store.database import Database
from guestlist.store.grants import Grant
from guestlist.store.schema import upgrade
from guestlist.store.vault import Vault
from sandbox.crm import CRM
from sandbox.faults import Kind, Rule
from sandbox.hubspot.oauth import LIFETIME, OAuthApp
from sandbox.mount import Addresses, serve
from sandbox.world import World
from schemas.keyring import SealingKey
from schemas.records import Crm
from schemas.settings import HubSpotSettings, Secret

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Office:
    """One grant of the sandbox's HubSpot, kept in a database, and workers who use it."""

    world: World
    addresses: Addresses
    database: Database
    app: OAuthApp

    @property
    def vault(self) -> Vault:
        return Vault([SealingKey("one", b"1" * 32)])

    def now(self) -> datetime:
        return self.world.clock.now()

    def move(self, seconds: float) -> None:
        self.addresses.listening.call(lambda: self.world.clock.move(timedelta(seconds=seconds)))

    def worker(self) -> GrantedTokens:
        """Another process: its own memory, the same database."""
        settings = HubSpotSettings(
            base_url=self.addresses.hubspot,
            client_id=self.app.client_id,
            client_secret=Secret(self.app.client_secret),
        )
        line = Line(
            Crm.HUBSPOT,
            Transport(timeout_s=10),
            limiter=LocalLimiter({crm: Allowance(account="test") for crm in Crm}),
            lane="interactive",
            sleep=lambda _: None,
            new_id=lambda: "request",
        )
        ids = iter(range(10**6))
        name = f"worker {id(line)}"
        return GrantedTokens(
            self.database,
            self.vault,
            OAuth(settings, line, development=True),
            clock=self.now,
            sleep=threading.Event().wait,
            new_id=lambda: f"{name} {next(ids)}",
        )

    def renewals(self) -> int:
        return self.world.portal.calls["oauth.token"]

    def held(self) -> grants.Held:
        with self.database.read() as conn:
            found = grants.get(conn, self.vault, Crm.HUBSPOT)
        assert found
        return found

    def crash_while_renewing(self) -> None:
        """A worker marks the grant, sends its request, and is killed before it keeps the answer."""
        with self.database.begin() as conn:
            until = self.now() + timedelta(seconds=60)
            assert grants.claim(conn, Crm.HUBSPOT, "gone", now=self.now(), until=until)

    def fault(self, kind: Kind, **more: object) -> None:
        rule = Rule(CRM.HUBSPOT, kind, "POST /oauth/*", **more)  # type: ignore[arg-type]
        self.addresses.listening.call(lambda: self.world.faults.add(rule))


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    upgrade(database_url)
    database = Database(database_url)
    world = World("office")
    world.clock.freeze(NOON)
    app = OAuthApp("client-1", "secret-1", "guestlist", refresh_tokens=["na1-refresh-first"])
    app.scopes = ["oauth", "crm.objects.contacts.read"]
    world.portal.oauth_apps["client-1"] = app
    with serve(world) as addresses:
        here = Office(world, addresses, database, app)
        grant = Grant(
            Crm.HUBSPOT,
            str(world.portal.portal_id),
            Secret("na1-refresh-first"),
            Secret("na1-access-first"),
            app.scopes,
            NOON,
            NOON + timedelta(seconds=LIFETIME),
            NOON,
            "ann",
        )
        with database.begin() as conn:
            grants.put(conn, here.vault, grant)
        yield here
    database.dispose()


@pytest.mark.parametrize("rotating", [False, True])
def test_S03_twelve_workers_renew_a_token_once(office: Office, rotating: bool) -> None:  # noqa: FBT001
    office.world.portal.options.rotate_refresh_tokens = rotating
    office.move(LIFETIME + 1)
    workers = [office.worker() for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        got = {token.reveal() for token in pool.map(GrantedTokens.current, workers)}
    assert office.renewals() == 1
    assert got == {office.held().grant.access.reveal()}
    assert len(office.app.refresh_tokens) == 1
    assert office.held().grant.refresh.reveal() == office.app.refresh_tokens[0]


def test_S03_a_token_is_renewed_after_four_fifths_of_its_life(office: Office) -> None:
    worker = office.worker()
    office.move(0.8 * LIFETIME - 1)
    assert worker.current().reveal() == "na1-access-first"
    assert office.renewals() == 0
    office.move(2)
    assert worker.current().reveal() != "na1-access-first"
    assert office.renewals() == 1


def test_S03_nobody_waits_for_a_renewal_while_the_old_token_is_good(office: Office) -> None:
    office.move(0.9 * LIFETIME)
    office.crash_while_renewing()
    assert office.worker().current().reveal() == "na1-access-first"


def test_S03_a_renewal_that_was_cut_off_is_tried_once_more(office: Office) -> None:
    office.move(LIFETIME + 1)
    office.crash_while_renewing()
    with pytest.raises(RetryLater, match="another worker"):
        office.worker().current()
    assert office.renewals() == 0
    office.move(61)
    assert office.worker().current().reveal() in office.world.portal.access_tokens


def test_S03_a_rotated_token_whose_answer_was_lost_ends_in_clear_words(office: Office) -> None:
    office.world.portal.options.rotate_refresh_tokens = True
    office.app.refresh_tokens[:] = ["na1-refresh-second"]
    office.move(LIFETIME + 1)
    office.crash_while_renewing()
    office.move(61)
    for _ in range(3):
        with pytest.raises(Unauthorized, match=r"cut off.*connect hubspot --oauth"):
            office.worker().current()
    assert office.renewals() == 1


def test_S03_a_revoked_token_costs_one_request_and_then_one_an_hour(office: Office) -> None:
    office.app.refresh_tokens.clear()
    office.move(LIFETIME + 1)
    for _ in range(5):
        with pytest.raises(Unauthorized, match=r"BAD_REFRESH_TOKEN.*connect hubspot --oauth"):
            office.worker().current()
    assert office.renewals() == 1
    office.move(PROBE_AFTER.total_seconds() + 1)
    with pytest.raises(Unauthorized):
        office.worker().current()
    assert office.renewals() == 2
    office.app.refresh_tokens.append("na1-refresh-first")
    office.move(PROBE_AFTER.total_seconds() + 1)
    assert office.worker().current().reveal() in office.world.portal.access_tokens
    assert office.held().refused_at is None


def test_S03_an_answer_that_comes_late_is_kept(office: Office) -> None:
    before = office.held().grant
    office.crash_while_renewing()
    with office.database.begin() as conn:
        grants.refuse(conn, Crm.HUBSPOT, why="gone", now=NOON, before=before.issued_at)
        late = before._replace(refresh=Secret("late"), issued_at=NOON + timedelta(seconds=1))
        assert grants.renewed(conn, office.vault, late, before=before.issued_at)
        assert not grants.renewed(conn, office.vault, before, before=before.issued_at)
    assert office.held().refused_at is None
    assert office.held().grant.refresh.reveal() == "late"


@pytest.mark.parametrize("kind", [Kind.STATUS, Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200])
def test_S03_an_endpoint_out_of_order_refuses_nobody(office: Office, kind: Kind) -> None:
    office.fault(kind, times=1)
    office.move(LIFETIME + 1)
    worker = office.worker()
    with pytest.raises((RetryLater, Unusable)):
        worker.current()
    assert office.held().refused_at is None
    assert worker.current().reveal() in office.world.portal.access_tokens


def test_S03_a_token_of_another_account_is_not_taken(office: Office) -> None:
    office.addresses.listening.call(lambda: setattr(office.world.portal, "portal_id", 999))
    office.move(LIFETIME + 1)
    with pytest.raises(Unauthorized, match="account 999"):
        office.worker().current()
    assert office.held().grant.access.reveal() == "na1-access-first"


def test_S03_a_call_that_hubspot_refuses_goes_out_again_with_a_new_token(office: Office) -> None:
    settings = HubSpotSettings(base_url=office.addresses.hubspot)
    client = HubSpot.connect(
        settings,
        limiter=LocalLimiter({crm: Allowance(account="test") for crm in Crm}),
        development=True,
        bearer=office.worker(),
    )
    office.move(120)
    assert client.account().portal_id == str(office.world.portal.portal_id)
    assert office.renewals() == 1
    office.addresses.listening.call(office.world.portal.access_tokens.clear)
    with pytest.raises(Unauthorized):
        client.account()
    assert office.renewals() == 1, "a token this young is not what is wrong"


def test_S03_a_row_nobody_can_open_says_what_to_do(office: Office) -> None:
    with office.database.begin() as conn:
        conn.execute(update(rows).values(key_id="lost"))
    with pytest.raises(Unauthorized, match="key lost"):
        office.worker().current()
