from pathlib import Path

import pytest

from schemas.mapping import SyncRule
from schemas.settings import Lane, Secret, Settings
from schemas.variables import Variable, object_variables, variables
from worker.settings import Loaded, SettingsError, load, unconnected

TOKEN = "pat-na1-made-up"


def loaded(
    tmp_path: Path,
    toml: str = "",
    *,
    env: dict[str, str] | None = None,
    dotenv: str = "",
    flags: dict[str, str] | None = None,
) -> Loaded:
    (tmp_path / "guestlist.toml").write_text(toml)
    (tmp_path / ".env").write_text(dotenv)
    return load(env or {}, flags=flags, directory=tmp_path)


def test_nothing_set_gives_the_defaults(tmp_path: Path) -> None:
    settings = load({}, directory=tmp_path).settings
    plain = Settings()
    assert settings.hubspot == plain.hubspot
    assert settings.salesforce == plain.salesforce
    assert settings.lanes == plain.lanes
    assert settings.guards == plain.guards
    assert settings.development is False


def test_flag_beats_environment_beats_dotenv_beats_file_beats_default(tmp_path: Path) -> None:
    names = ["retries.attempts", "hubspot.batch", "hubspot.timeout_s", "flow.lease_s"]
    loaded_ = loaded(
        tmp_path,
        "[retries]\nattempts = 2\n[hubspot]\nbatch = 20\ntimeout_s = 2\n[flow]\nlease_s = 200",
        dotenv="GUESTLIST_RETRIES_ATTEMPTS=3\nGUESTLIST_HUBSPOT_BATCH=30\n"
        "GUESTLIST_HUBSPOT_TIMEOUT_S=3\n",
        env={"GUESTLIST_RETRIES_ATTEMPTS": "4", "GUESTLIST_HUBSPOT_BATCH": "40"},
        flags={"retries.attempts": "5"},
    )
    settings = loaded_.settings
    assert settings.retries.attempts == 5
    assert settings.hubspot.batch == 40
    assert settings.hubspot.timeout_s == 3
    assert settings.flow.lease_s == 200
    assert [loaded_.source(name) for name in names] == [
        "flag",
        "env GUESTLIST_HUBSPOT_BATCH",
        ".env GUESTLIST_HUBSPOT_TIMEOUT_S",
        "guestlist.toml",
    ]
    assert loaded_.source("guards.settle_s") == "default"


@pytest.mark.parametrize("variable", variables(), ids=lambda v: v.name)
def test_every_setting_is_reachable_from_the_environment(
    variable: Variable, tmp_path: Path
) -> None:
    values = {
        "broker_url": "amqps://rabbit",
        "limits_url": "rediss://elsewhere/1",
        "database_url": "sqlite:///other.db",
        "state_dir": "/srv/guestlist",
        "development": "true",
        "log_level": "debug",
        "environment": "staging",
        "hubspot.base_url": "https://api-eu1.hubapi.com",
        "hubspot.api_version": "v3",
        "plain_broker": "true",
        "guards.four_eyes": "true",
        "vault_keys": f"first:{'A' * 43}=",
        "salesforce.login_url": "https://acme.my.salesforce.com",
        "salesforce.api_version": "65.0",
        "console.public_url": "https://sync.acme.example",
        "console.flower_url": "https://flower.acme.example",
        "console.edit_mapping": "false",
        "console.edit_settings": "false",
        "flow.in_flight": "5000",
        "budget.retries": "0.5",
        "budget.reads": "0.8",
        "budget.all": "0.92",
        "retries.first_s": "7",
        "retries.cap_s": "700",
        "polls.hubspot_overlap_s": "180",
        "polls.salesforce_overlap_s": "900",
        "salesforce.outbound_secret": "made-up-made-up-made-up-made-up-made-up",
        "salesforce.organization_id": "00D000000000001AAA",
        "alerts.webhook_url": "https://hooks.slack.example/services/T0/B0/made-up",
        "alerts.webhook_format": "json",
        "otel_endpoint": "http://collector:4318",
        "alerts.smtp_security": "tls",
        "alerts.mail_from": "sync@acme.example",
        "alerts.mail_to": "ops@acme.example, Ada <ada@acme.example>",
        "alerts.quiet_from": "22:00",
        "alerts.quiet_until": "07:00",
        "alerts.time_zone": "Europe/Berlin",
    }
    text = values.get(variable.name, "0.5" if variable.name.endswith("share") else "42")
    environ = {variable.env: text}
    if variable.name == "salesforce.client_secret":
        environ |= {
            "GUESTLIST_SALESFORCE_CLIENT_ID": "key",
            "GUESTLIST_SALESFORCE_LOGIN_URL": "https://acme.my.salesforce.com",
        }
    if variable.name in {"hubspot.client_id", "hubspot.client_secret"}:
        environ |= {"GUESTLIST_HUBSPOT_CLIENT_ID": "42", "GUESTLIST_HUBSPOT_CLIENT_SECRET": "42"}
    if variable.name in {"salesforce.username", "salesforce.private_key"}:
        environ |= {
            "GUESTLIST_SALESFORCE_CLIENT_ID": "key",
            "GUESTLIST_SALESFORCE_USERNAME": "42",
            "GUESTLIST_SALESFORCE_PRIVATE_KEY": "-----BEGIN made up",
        }
        text = environ[variable.env]
    mail = {"GUESTLIST_ALERTS_MAIL_FROM": "a@b.c", "GUESTLIST_ALERTS_MAIL_TO": "a@b.c"}
    alongside = {
        "salesforce.outbound_secret": {"GUESTLIST_SALESFORCE_ORGANIZATION_ID": "00D000000000001"},
        "alerts.smtp_host": mail,
        "alerts.quiet_from": {"GUESTLIST_ALERTS_QUIET_UNTIL": "07:00"},
        "alerts.quiet_until": {"GUESTLIST_ALERTS_QUIET_FROM": "22:00"},
    }
    environ |= alongside.get(variable.name, {})
    loaded_ = load(environ, directory=tmp_path)
    value = variable.value(loaded_.settings)
    given = value.reveal() if isinstance(value, Secret) else value
    assert given == (text == "true" if isinstance(given, bool) else type(given)(text))
    assert loaded_.source(variable.name) == f"env {variable.env}"


def test_the_single_values_of_an_object_are_reachable_too(tmp_path: Path) -> None:
    env = {
        "GUESTLIST_OBJECTS_CONTACTS_INCLUSION_LIST": "1274",
        "GUESTLIST_OBJECTS_CONTACTS_CREATE_AS": "Lead",
    }
    contacts = load(env, directory=tmp_path).settings.objects["contacts"]
    assert (contacts.inclusion_list, contacts.create_as) == ("1274", "Lead")
    assert {v.env for v in object_variables(["contacts"])} >= set(env)


def test_a_secret_is_read_from_the_file_named(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    loaded_ = load({"GUESTLIST_HUBSPOT_TOKEN_FILE": str(tmp_path / "token")}, directory=tmp_path)
    assert loaded_.settings.hubspot.token.reveal() == TOKEN
    source = f"{tmp_path / 'token'} (GUESTLIST_HUBSPOT_TOKEN_FILE)"
    assert loaded_.source("hubspot.token") == source


def test_a_stronger_place_wins_whether_by_value_or_by_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file")
    env = {"GUESTLIST_HUBSPOT_TOKEN_FILE": str(tmp_path / "token")}
    loaded_ = loaded(tmp_path, env=env, dotenv="GUESTLIST_HUBSPOT_TOKEN=from-dotenv")
    assert loaded_.settings.hubspot.token.reveal() == "from-file"


def test_blank_is_not_set_in_environment_and_file(tmp_path: Path) -> None:
    loaded_ = loaded(
        tmp_path,
        '[hubspot]\ndaily = ""\n[objects.contacts]\ninclusion_list = ""',
        env={"GUESTLIST_LIMITS_URL": "", "GUESTLIST_HUBSPOT_BATCH": " "},
    )
    assert loaded_.settings.hubspot.daily is None
    assert loaded_.settings.hubspot.batch == 100
    assert loaded_.settings.objects["contacts"].inclusion_list is None
    assert loaded_.source("hubspot.daily") == "default"


def test_the_file_may_be_named_by_argument_or_variable(tmp_path: Path) -> None:
    named = tmp_path / "other.toml"
    named.write_text('environment = "other"')
    by_variable = load({"GUESTLIST_CONFIG": str(named)}, directory=tmp_path)
    by_argument = load({"GUESTLIST_CONFIG": "/nowhere"}, config=named, directory=tmp_path)
    assert by_variable.settings.environment == by_argument.settings.environment == "other"
    assert by_variable.config == named


def test_a_lane_keeps_the_defaults_it_does_not_name(tmp_path: Path) -> None:
    lanes = loaded(tmp_path, "[lanes.bulk]\nwidth = 250").settings.lanes
    assert lanes[Lane.BULK].width == 250
    assert lanes[Lane.BULK].share == Settings().lanes[Lane.BULK].share
    assert lanes[Lane.CHANGES] == Settings().lanes[Lane.CHANGES]


@pytest.mark.parametrize(
    ("broker", "limits"),
    [
        ("rediss://:pw@redis:6379/0", "rediss://:pw@redis:6379/0"),
        ("rediss://redis/0", "rediss://redis/0"),
        ("redis+socket:///run/redis.sock", "unix:///run/redis.sock"),
        ("amqps://guest@rabbit//", None),
    ],
)
def test_limits_are_shared_through_the_broker_when_it_is_redis(
    broker: str, limits: str | None, tmp_path: Path
) -> None:
    assert load({"GUESTLIST_BROKER_URL": broker}, directory=tmp_path).settings.limits_url == limits


def test_state_is_a_file_in_the_state_folder_by_default(tmp_path: Path) -> None:
    settings = load({"GUESTLIST_STATE_DIR": "here"}, directory=tmp_path).settings
    assert settings.state_dir == tmp_path / "here"
    assert settings.database_url == f"sqlite:///{tmp_path / 'here' / 'guestlist.db'}"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_postgres_means_psycopg_3(scheme: str, tmp_path: Path) -> None:
    env = {"GUESTLIST_DATABASE_URL": f"{scheme}://user@db/guestlist"}
    url = load(env, directory=tmp_path).settings.database_url
    assert url == "postgresql+psycopg://user@db/guestlist"


def test_what_is_shown_holds_no_secret(tmp_path: Path) -> None:
    env = {
        "GUESTLIST_HUBSPOT_TOKEN": TOKEN,
        "GUESTLIST_BROKER_URL": "rediss://user:hidden@redis/0",
        "GUESTLIST_DATABASE_URL": "postgresql://guestlist:hidden@db/guestlist",
    }
    rows = load(env, directory=tmp_path).shown()
    by_name = {row.name: row for row in rows}
    assert TOKEN not in str(rows)
    assert "hidden" not in str(rows)
    assert by_name["hubspot.token"].value == "********"
    assert by_name["broker_url"].value == "rediss://user:********@redis/0"
    assert by_name["salesforce.client_secret"].value == ""
    assert by_name["objects.contacts.hubspot"].value == "contacts"


def test_the_version_moves_with_the_mapping_and_not_with_secrets(tmp_path: Path) -> None:
    plain = loaded(tmp_path)
    with_token = loaded(tmp_path, env={"GUESTLIST_HUBSPOT_TOKEN": TOKEN})
    other_rule = loaded(
        tmp_path, '[[objects.contacts.fields]]\nhubspot = "fax"\nrule = "dont_sync"'
    )
    assert plain.version == with_token.version != other_rule.version
    assert other_rule.settings.objects["contacts"].fields[6].rule is SyncRule.DONT_SYNC


def test_what_is_missing_to_connect_is_named(tmp_path: Path) -> None:
    env = {
        "GUESTLIST_HUBSPOT_TOKEN": TOKEN,
        "GUESTLIST_SALESFORCE_CLIENT_ID": "key",
        "GUESTLIST_SALESFORCE_CLIENT_SECRET": "secret",
        "GUESTLIST_SALESFORCE_LOGIN_URL": "https://acme.my.salesforce.com",
    }
    nothing = unconnected(load({}, directory=tmp_path).settings)
    assert [line.partition(":")[0] for line in nothing] == ["HubSpot", "Salesforce"]
    assert unconnected(load(env, directory=tmp_path).settings) == []


def test_a_dotenv_meant_for_other_programs_too_is_fine(tmp_path: Path) -> None:
    assert loaded(tmp_path, dotenv="POSTGRES_PASSWORD=x\nexport FLOWER_PASSWORD='y'").sources == {}


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can not be read"):
        load({}, config=tmp_path / "absent.toml", directory=tmp_path)
