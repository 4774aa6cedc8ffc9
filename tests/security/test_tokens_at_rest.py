"""S1 to S5: what OAuth grants is sealed, renewed once, revoked for good, and asks for little."""

import base64
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from console.approving import Doorstep, NotOurs, code_in
from guestlist.domain.errors import Misconfigured, Unauthorized
from guestlist.domain.scopes import asked_scopes
from guestlist.store import audit, grants
from guestlist.store.access_tables import grants as rows
from guestlist.store.database import Database
from guestlist.store.vault import Place, Vault
from schemas.keyring import SealingKey, ring_of, ring_problem
from schemas.records import Crm
from schemas.settings import Secret
from tests.console.conftest import Console
from tests.security.granting import SCOPES, App, every_byte, query_of, watching
from worker.settings import load

ONE, TWO = SealingKey("one", b"1" * 32), SealingKey("two", b"2" * 32)
HERE = Place(Crm.HUBSPOT, "12345678", "refresh")


@pytest.fixture
def app(console: Console, monkeypatch: pytest.MonkeyPatch) -> Any:
    with watching(monkeypatch):
        yield App(console, monkeypatch)


@pytest.fixture
def connected(app: App) -> App:
    done = app.connect()
    assert done.exit_code == 0, done.output
    return app


def database_of(app: App) -> Database:
    return Database(f"sqlite:///{app.console.folder}/state/guestlist.db")


def said_by_doctor(console: Console) -> str:
    told = console.json("doctor", "--only", "hubspot", code=77)
    return str(told["checks"][0]["said"])


def kept_ring(app: App) -> str:
    return (app.console.folder / "state" / "secrets" / "vault_keys").read_text()


# --- S1 -------------------------------------------------------------------------------------------


def test_S01_no_token_is_in_the_database_its_log_or_its_backup(connected: App) -> None:
    console = connected.console
    assert connected.tokens()
    assert console.json("doctor", "--only", "hubspot")["ok"]
    kept = every_byte(console.folder)
    assert b"credential.granted" in kept
    backup = console.folder / "backup.db"
    shutil.copy(console.folder / "state" / "guestlist.db", backup)
    for content in (kept, backup.read_bytes()):
        for token in (*connected.tokens(), connected.app.client_secret):
            assert token.encode() not in content
            assert base64.b64encode(token.encode()) not in content
    assert kept_ring(connected).strip().encode() not in kept
    secrets_folder = console.folder / "state" / "secrets"
    assert secrets_folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets_folder.iterdir())


def test_S01_a_row_that_was_swapped_or_changed_opens_nothing(connected: App) -> None:
    database = database_of(connected)
    vault = Vault(ring_of(kept_ring(connected)))
    with database.begin() as conn:
        row = conn.execute(select(rows)).one()
        assert grants.get(conn, vault, Crm.HUBSPOT)
    for changed in (
        {"refresh": row.access, "access": row.refresh},
        {"account": "87654321"},
        {"refresh": row.refresh[:-4] + ("AAAA" if row.refresh[-4:] != "AAAA" else "BBBB")},
        {"refresh": "no base64 at all"},
        {"refresh": ""},
    ):
        with database.begin() as conn:
            conn.execute(update(rows).values(changed))
            with pytest.raises(Unauthorized, match="connect again"):
                grants.get(conn, vault, Crm.HUBSPOT)
            conn.execute(update(rows).values(row._mapping))
    database.dispose()


@given(
    st.text(),
    st.sampled_from(Crm),
    st.text(alphabet="0123456789", min_size=1),
    st.sampled_from(["access", "refresh"]),
)
def test_S01_what_is_sealed_opens_in_its_own_place_only(
    text: str, crm: Crm, account: str, kind: str
) -> None:
    vault = Vault([ONE])
    if not text.isprintable():
        text = text.encode("utf-8", "replace").decode()
    sealed = vault.seal(Secret(text), HERE)
    assert vault.open(sealed, "one", HERE).reveal() == text
    assert vault.seal(Secret(text), HERE) != sealed
    elsewhere = Place(crm, account, kind)
    if elsewhere != HERE:
        with pytest.raises(Unauthorized):
            vault.open(sealed, "one", elsewhere)


def test_S01_without_a_key_nothing_is_sealed_or_opened() -> None:
    with pytest.raises(Unauthorized, match="keys rotate"):
        Vault([]).seal(Secret("x"), HERE)
    sealed = Vault([ONE]).seal(Secret("x"), HERE)
    with pytest.raises(Unauthorized, match="key one"):
        Vault([TWO]).open(sealed, "one", HERE)


@pytest.mark.parametrize(
    "ring", ["x", "id:short", ":" + "A" * 44, f"a b:{'A' * 43}=", f"a:{'A' * 43}= a:{'B' * 43}="]
)
def test_S01_a_ring_that_is_none_is_refused_without_being_repeated(ring: str) -> None:
    told = ring_problem(ring)
    assert told
    assert "AAAA" not in told
    assert "short" not in told


# --- S2 -------------------------------------------------------------------------------------------


def test_S02_a_new_key_seals_everything_and_the_old_one_opens_nothing(connected: App) -> None:
    console, old = connected.console, kept_ring(connected)
    before = every_byte(console.folder)
    told = console.json("keys", "rotate")
    assert told["resealed"] == 1
    assert told["key"] not in old
    database = database_of(connected)
    with database.read() as conn:
        with pytest.raises(Unauthorized, match="not in vault_keys"):
            grants.get(conn, Vault(ring_of(old)), Crm.HUBSPOT)
        assert grants.get(conn, Vault(ring_of(kept_ring(connected))), Crm.HUBSPOT)
        assert "keys.rotated" in {entry.what for entry in audit.recent(conn)}
    database.dispose()
    listed = console.json("keys", "ls")
    assert [key["used"] for key in listed["keys"]] == [True, False]
    assert len(console.json("keys", "retire")["keys"]) == 1
    assert [key["id"] for key in console.json("keys", "ls")["keys"]] == [told["key"]]
    assert console.json("doctor", "--only", "hubspot")["ok"]
    assert before != every_byte(console.folder)
    for line in (("keys", "ls"), ("keys", "rotate"), ("config", "show")):
        shown = console(*line).output
        assert not [key for key in kept_ring(connected).split() if key.partition(":")[2] in shown]


def test_S02_a_ring_from_elsewhere_is_left_alone(
    connected: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = kept_ring(connected).strip()
    new = f"vaulted:{base64.b64encode(b'3' * 32).decode()}"
    (connected.console.folder / ".env").unlink()
    monkeypatch.setenv("GUESTLIST_VAULT_KEYS", f"{new} {old}")
    assert connected.console.json("keys", "rotate") == {
        "schema": "guestlist/keys-rotated@1",
        "key": "vaulted",
        "resealed": 1,
    }
    assert "the ring comes from" in connected.console.json("keys", "retire", code=2)["message"]
    monkeypatch.setenv("GUESTLIST_VAULT_KEYS", new)
    assert connected.console.json("doctor", "--only", "hubspot")["ok"]


# --- S3 -------------------------------------------------------------------------------------------


def test_S03_disconnecting_revokes_there_and_keeps_nothing_here(connected: App) -> None:
    console = connected.console
    [refresh] = connected.app.refresh_tokens
    told = console.json("disconnect", "hubspot")
    assert (told["revoked"], connected.app.refresh_tokens) == (True, [])
    database = database_of(connected)
    with database.read() as conn:
        assert grants.account(conn, Crm.HUBSPOT) is None
        assert "credential.removed" in {entry.what for entry in audit.recent(conn)}
    database.dispose()
    assert (
        "not connected" in console.json("doctor", "--only", "hubspot", code=77)["checks"][0]["said"]
    )
    assert refresh.encode() not in every_byte(console.folder)
    assert console.json("disconnect", "hubspot")["revoked"] is False


def test_S03_a_crm_that_can_not_be_told_keeps_the_grant_unless_a_person_insists(
    connected: App,
) -> None:
    console = connected.console
    console.fault(crm="hubspot", kind="status", status=503, route="POST /oauth/*")
    assert "could not be told" in console.json("disconnect", "hubspot", code=2)["message"]
    assert len(connected.app.refresh_tokens) == 1
    assert console.json("disconnect", "hubspot", "--anyway")["revoked"] is False
    assert (
        "not connected" in console.json("doctor", "--only", "hubspot", code=77)["checks"][0]["said"]
    )


def test_S03_disconnecting_removes_the_files_of_secrets(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = console.environ["GUESTLIST_HUBSPOT_TOKEN"]
    monkeypatch.delenv("GUESTLIST_HUBSPOT_TOKEN")
    assert console("connect", "hubspot", input=token).exit_code == 0
    file = console.folder / "state" / "secrets" / "hubspot_token"
    assert token in file.read_text()
    assert console.json("disconnect", "hubspot")["removed"] is True
    assert not file.exists()
    assert "HUBSPOT_TOKEN" not in (console.folder / ".env").read_text()


# --- S4 -------------------------------------------------------------------------------------------


def test_S04_a_person_approves_in_the_browser(connected: App) -> None:
    told = connected.console.json("connect", "hubspot")
    assert told["portal_id"] == "12345678"
    assert told["missing_scopes"] == []


@pytest.mark.parametrize(
    "query",
    [
        "code=c0de",
        "code=c0de&state=",
        "code=c0de&state=wrong",
        "code=c0de&state=right&state=right",
        "code=&state=right",
        "code=a&code=b&state=right",
        "state=right",
        f"code={'x' * 2000}&state=right",
        "error=access_denied&state=wrong",
    ],
)
def test_S04_an_answer_to_another_question_is_a_400_and_changes_nothing(query: str) -> None:
    with pytest.raises(NotOurs):
        code_in(f"http://localhost:1/callback?{query}", state="right")
    doorstep = Doorstep(0, state="right")
    address = doorstep.redirect_uri
    doorstep._thread.start()
    try:
        assert requests.get(f"{address}?{query}", timeout=10).status_code == 400
        assert not doorstep._answered.is_set()
        good = f"{address}?code=c0de&state=right"
        assert requests.get(good, timeout=10).status_code == 200
        assert requests.get(good, timeout=10).status_code == 400, "a state is good once"
        assert doorstep._code == "c0de"
    finally:
        doorstep._server.shutdown()
        doorstep._server.server_close()
        doorstep._thread.join()


def test_S04_a_code_is_good_once_and_only_with_its_verifier(app: App) -> None:
    stolen: list[dict[str, str]] = []

    def steal(address: str) -> requests.Response:
        """Somebody reads the code on its way back, and is quicker than we are."""
        asked = query_of(address)
        assert (asked["code_challenge_method"], len(asked["state"]) > 40) == ("S256", True)
        answer = requests.get(address, allow_redirects=False, timeout=30)
        form = {
            "grant_type": "authorization_code",
            "client_id": "client-1",
            "client_secret": app.app.client_secret,
            "redirect_uri": app.app.redirect_uri,
            "code": query_of(answer.headers["location"])["code"],
        }
        token = f"{app.console.addresses.hubspot}/oauth/2026-09/token"
        refused = requests.post(token, data=form, timeout=30)
        assert (refused.status_code, refused.json()["status"]) == (400, "BAD_CODE_VERIFIER")
        stolen.append(form)
        return requests.get(answer.headers["location"], timeout=30)

    assert app.connect(visit=steal).exit_code == 0
    token = f"{app.console.addresses.hubspot}/oauth/2026-09/token"
    again = requests.post(token, data=stolen[0], timeout=30)
    assert again.json()["status"] == "BAD_AUTH_CODE"


def test_S04_who_says_no_is_told_so_and_nothing_is_kept(app: App) -> None:
    app.console.world.portal.options.consent = False
    done = app.connect("--json")
    assert done.exit_code == 78
    assert "was not connected" in done.output
    database = database_of(app)
    with database.read() as conn:
        assert grants.account(conn, Crm.HUBSPOT) is None
    database.dispose()


def test_S04_another_account_does_not_take_the_place_of_the_first(connected: App) -> None:
    connected.console.world.portal.portal_id = 999
    done = connected.connect("--json")
    assert done.exit_code == 2
    assert len(connected.app.refresh_tokens) == 1, "what came of the other one is revoked"
    assert "is of HubSpot account 12345678, not 999" in done.output


def test_S04_the_address_may_be_pasted_where_the_browser_is_elsewhere(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    import console.commands.connect_oauth as command
    from tests.security.granting import SHOWN

    def paste(_session: Any, _words: str) -> Secret:
        answer = requests.get(SHOWN.pop(), allow_redirects=False, timeout=30)
        return Secret(answer.headers["location"])

    monkeypatch.setattr(command, "ask_secret", paste)
    done = app.console("connect", "hubspot", "--oauth", "--paste", "--port", str(app.port))
    assert done.exit_code == 0, done.output


def test_S04_nobody_waits_for_ever() -> None:
    with pytest.raises(Misconfigured, match="nobody approved"):
        Doorstep(0, state="right").wait(0.05)


# --- S5 -------------------------------------------------------------------------------------------


def test_S05_oauth_asks_for_these_scopes_and_no_more() -> None:
    contacts = load({}).settings.objects["contacts"]
    assert asked_scopes([contacts]) == sorted(SCOPES)
    without = replace(contacts, fields=tuple(e for e in contacts.fields if e.converter != "owner"))
    assert "crm.objects.owners.read" not in asked_scopes([without])


def test_S05_a_scope_that_is_missing_is_named(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal, token = console.world.portal, console.environ["GUESTLIST_HUBSPOT_TOKEN"]
    portal.scopes[token] = frozenset({"crm.lists.read", "crm.objects.contacts.read"})
    told = console.json("connect", "hubspot", code=77)
    assert told["missing_scopes"] == [
        "crm.objects.owners.read",
        "crm.schemas.contacts.read",
        "crm.objects.contacts.write",
    ]
    assert told["scopes"] == ["crm.lists.read", "crm.objects.contacts.read"]


@pytest.mark.parametrize("kind", ["status", "lost_response", "truncate", "html_200", "delay"])
def test_S05_the_request_that_holds_the_token_is_never_told(console: Console, kind: str) -> None:
    token = console.environ["GUESTLIST_HUBSPOT_TOKEN"]
    more = {"seconds": 0.01, "when": "after"} if kind == "delay" else {}
    console.fault(crm="hubspot", route="POST /oauth/v2/private-apps/*", kind=kind, **more)
    said = [
        console("doctor", "--only", "scopes", "-vv"),
        console("connect", "hubspot", "-vv"),
        console("doctor", "--only", "scopes", "--json"),
    ]
    assert all("scopes" in done.output or kind in done.output for done in said[::2])
    for done in said:
        assert token not in done.output
        assert token not in repr(done.exception)
    assert token not in str(console.world.journal.entries)
    assert token.encode() not in every_byte(console.folder)


def test_S05_the_page_on_connecting_lists_the_scopes() -> None:
    page = (Path(__file__).parents[2] / "docs" / "connecting.md").read_text()
    assert [scope for scope in SCOPES if f"`{scope}`" not in page] == []
    assert "no Modify All" in page
