"""What sets an installation up: init, config, connect, doctor, the database."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.cli import cli
from sandbox.hubspot.private_apps import every
from tests.console.conftest import Console


def test_init_writes_settings_without_secrets_and_keeps_what_is_there(installation: Path) -> None:
    (installation / "guestlist.toml").write_text("# mine\n")
    done = CliRunner().invoke(cli, ["init"])
    assert done.exit_code == 0
    assert (installation / "guestlist.toml").read_text() == "# mine\n"
    assert "GUESTLIST_HUBSPOT_TOKEN=\n" in (installation / ".env.example").read_text()
    assert CliRunner().invoke(cli, ["init", "--force"]).exit_code == 0
    assert "# mine" not in (installation / "guestlist.toml").read_text()
    assert CliRunner().invoke(cli, ["config", "check"]).exit_code == 0


def test_an_environment_is_a_folder_of_its_own(installation: Path) -> None:
    assert CliRunner().invoke(cli, ["--env", "staging", "config", "show"]).exit_code == 2
    assert CliRunner().invoke(cli, ["init", "--env", "staging"]).exit_code == 0
    (installation / "staging" / "guestlist.toml").write_text('log_level = "error"\n')
    done = CliRunner().invoke(cli, ["config", "show", "--changed", "--env", "staging"])
    assert done.exit_code == 0, done.output
    assert "log_level    error    guestlist.toml" in done.stdout
    assert "staging" in done.stdout


def test_every_problem_of_the_settings_is_told_at_once(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (installation / "guestlist.toml").write_text(
        'borker_url = "redis://x"\n[hubspot]\nbatch = 1000\n[guards]\nsettle_s = "soon"\n'
    )
    monkeypatch.setenv("GUESTLIST_HUBSPOT_TOKN", "x")
    done = CliRunner().invoke(cli, ["config", "check"])
    assert done.exit_code == 78
    for wanted in ("borker_url", "hubspot.batch", "guards.settle_s", "GUESTLIST_HUBSPOT_TOKN"):
        assert wanted in done.stderr
    assert "Did you mean 'broker_url'" in done.stderr


def test_config_show_names_sources_and_masks_secrets(console: Console) -> None:
    told = console.json("config", "show")
    by_name = {row["name"]: row for row in told["settings"]}
    assert by_name["hubspot.token"]["value"] == "********"
    assert by_name["hubspot.token"]["source"] == "env GUESTLIST_HUBSPOT_TOKEN"
    assert by_name["retries.cap_s"]["source"] == "default"
    assert console.world.credentials.hubspot_token not in console.ok("config", "show")


def test_a_token_from_standard_input_is_tested_and_kept_for_its_owner(
    console: Console, installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = console.world.credentials.hubspot_token
    monkeypatch.delenv("GUESTLIST_HUBSPOT_TOKEN")
    (installation / ".env").write_text("# ours\nGUESTLIST_HUBSPOT_TOKEN=\n")
    done = console("connect", "hubspot", input=f"{token}\n")
    assert done.exit_code == 0, done.output
    assert token not in done.output
    kept = installation / "state" / "secrets" / "hubspot_token"
    assert kept.read_text().strip() == token
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert (installation / ".env").read_text().splitlines() == [
        "# ours",
        f"GUESTLIST_HUBSPOT_TOKEN_FILE={kept}",
    ]
    assert console("list", "ls").exit_code == 0


def test_a_wrong_token_is_not_kept(
    console: Console, installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GUESTLIST_HUBSPOT_TOKEN")
    done = console("connect", "hubspot", input="pat-wrong\n")
    assert done.exit_code == 77
    assert "pat-wrong" not in done.output
    assert not (installation / "state" / "secrets").exists()
    assert not (installation / ".env").exists()


def test_a_missing_scope_is_named(console: Console) -> None:
    console.fault(crm="hubspot", route="GET /crm/properties/*", kind="status", status=403)
    told = console.json("connect", "hubspot", code=77)
    assert told["missing_scopes"] == ["crm.schemas.contacts.read"]


WRITE = "crm.objects.contacts.write"


def granted_but_for(console: Console, scope: str) -> None:
    token, portal = console.world.credentials.hubspot_token, console.world.portal
    portal.scopes[token] = frozenset(every(portal) - {scope})


def test_a_private_app_tells_the_scopes_for_writing_as_well(console: Console) -> None:
    told = console.json("connect", "hubspot")
    assert WRITE in told["scopes"]
    assert (told["missing_scopes"], told["unseen_scopes"]) == ([], [])
    granted_but_for(console, WRITE)
    assert console.json("connect", "hubspot", code=77)["missing_scopes"] == [WRITE]
    assert f"missing scope: {WRITE}, for writing contacts" in console("connect", "hubspot").stdout
    granted_but_for(console, "crm.lists.write")
    assert "without crm.lists.write: no making a list" in console.ok("connect", "hubspot")


def test_a_service_key_is_tried_and_leaves_writing_open(console: Console) -> None:
    console.world.portal.options.tells_scopes = False
    told = console.json("connect", "hubspot")
    assert told["scopes"] is None
    assert told["unseen_scopes"] == [WRITE, "crm.lists.write"]
    assert "scopes: not told by HubSpot" in console.ok("connect", "hubspot")


def test_the_doctor_names_a_scope_that_the_mapping_lacks(console: Console) -> None:
    (found,) = console.json("doctor", "--only", "scopes")["checks"]
    assert found["colour"] == "GREEN"
    granted_but_for(console, WRITE)
    (found,) = console.json("doctor", "--only", "scopes", code=77)["checks"]
    assert found["said"] == f"not granted: {WRITE}, for writing contacts"
    assert "in HubSpot" in found["fix"]
    console.world.portal.options.tells_scopes = False
    (found,) = console.json("doctor", "--only", "scopes")["checks"]
    assert found["said"] == "not told by HubSpot"


def test_salesforce_says_which_org_it_is(
    console: Console, installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = console.world.credentials
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"GUESTLIST_SALESFORCE_{name}")
    line = ("connect", "salesforce", "--client-id", held.salesforce_client_id)
    done = console(*line, input=held.salesforce_client_secret)
    assert done.exit_code == 0, done.output
    assert "Acme Sandbox, a Salesforce sandbox" in done.stdout
    assert (
        f"GUESTLIST_SALESFORCE_CLIENT_ID={held.salesforce_client_id}"
        in (installation / ".env").read_text()
    )
    assert console.json("connect", "salesforce")["is_sandbox"] is True


def test_the_doctor_names_what_is_wrong_and_how_to_mend_it(
    chosen: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_LIMITS_URL", "redis://127.0.0.1:9/0")
    monkeypatch.setenv("GUESTLIST_HUBSPOT_TOKEN", "wrong")
    told = chosen.json("doctor", code=69)
    by_name = {check["name"]: check for check in told["checks"]}
    assert told["ok"] is False
    assert by_name["redis"]["colour"] == "RED"
    assert by_name["hubspot"]["colour"] == "RED"
    assert "guestlist connect" in by_name["hubspot"]["fix"]
    assert by_name["hubspot"]["see"] == "docs/connecting.md#hubspot"
    assert by_name["salesforce"]["colour"] == "GREEN"
    assert by_name["salesforce"]["see"] is None
    assert "see: docs/connecting.md#hubspot" in chosen("doctor", "--only", "hubspot").stdout
    assert by_name["database"]["colour"] == "GREEN"


def test_what_comes_next_is_named_for_the_installation_that_is_meant(
    installation: Path, console: Console
) -> None:
    assert console("init", "--env", "my prod").stderr.endswith(
        "next: guestlist --env 'my prod' connect hubspot\n"
    )
    told = console("--env", "my prod", "list", "show").stderr
    assert told.endswith("next: guestlist --env 'my prod' list ls\n")
    assert console("init").stderr.endswith("next: guestlist connect hubspot\n")


def test_the_doctor_asks_no_crm_that_is_not_connected_yet(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GUESTLIST_HUBSPOT_TOKEN")
    by_name = {check["name"]: check for check in console.json("doctor", code=77)["checks"]}
    for name in ("hubspot", "scopes", "mapping", "external-id", "budget"):
        assert by_name[name]["said"] == "not connected to HubSpot"
        assert by_name[name]["fix"] == "guestlist connect hubspot"
    assert by_name["salesforce"]["colour"] == "GREEN"


def test_the_doctor_does_not_send_people_to_the_doctor(console: Console) -> None:
    console.fault(kind="status", crm="hubspot", status=503)
    (found,) = console.json("doctor", "--only", "hubspot", code=69)["checks"]
    assert found["fix"].startswith("try again; ")
    assert "doctor" not in found["fix"]


def test_the_doctor_misses_the_external_id_field(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_OBJECTS_CONTACTS_EXTERNAL_ID", "Other_Id__c")
    told = console.json("doctor", "--only", "external-id", code=78)
    assert {(each["name"], each["colour"]) for each in told["checks"]} == {("external-id", "RED")}
    assert "Other_Id__c" in told["checks"][0]["said"]


def test_the_doctor_finds_a_deleted_list(chosen: Console) -> None:
    chosen.delete_list(chosen.inclusion)
    told = chosen.json("doctor", "--only", "list", code=78)
    assert "LIST_UNAVAILABLE" in told["checks"][0]["said"]


def test_an_old_database_says_how_to_upgrade(console: Console, installation: Path) -> None:
    console.workers.working = False
    (installation / "state").mkdir()
    (installation / "state" / "guestlist.db").touch()
    told = console.json("runs", "ls", code=78)
    assert told["fix"] == "guestlist database upgrade"
    assert console.json("doctor", "--only", "database", code=78)["ok"] is False
    assert console.json("database", "upgrade")["changed"] is True
    assert console.json("runs", "ls")["runs"] == []
    assert console.json("database", "upgrade")["changed"] is False


def test_a_backup_writes_over_no_file_and_says_where_it_can_not_write(console: Console) -> None:
    console.ok("database", "upgrade")
    assert console.json("database", "backup", "copy.db")["bytes"] > 0
    assert "is there already" in console.json("database", "backup", "copy.db", code=2)["message"]
    told = console.json("database", "backup", "nowhere/copy.db", code=2)
    assert told["message"].startswith("nowhere/copy.db can not be written")
