import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.settings import Secret
from worker.settings import SettingsError, load


def problems(tmp_path: Path, toml: str = "", env: dict[str, str] | None = None) -> list[str]:
    (tmp_path / "guestlist.toml").write_text(toml)
    with pytest.raises(SettingsError) as refused:
        load(env or {}, directory=tmp_path)
    return refused.value.problems


def test_all_problems_come_at_once_each_with_its_source(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """
        log_level = "loud"
        [hubspot]
        batch = 101
        base_url = "http://127.0.0.1:1"
        [lanes.bulk]
        widht = 3
        [objects.contacts]
        inclusion_list = "my list"
        [[objects.contacts.fields]]
        hubspot = "fax"
        rule = "twoway"
        """,
        {"GUESTLIST_RETRIES_ATTEMPTS": "many", "GUESTLIST_HUBSPOT_TOKN": "x"},
    )
    beginnings = {line.partition(":")[0] for line in found}
    assert beginnings == {
        "log_level",
        "hubspot.batch",
        "hubspot.base_url",
        "lanes.bulk.widht",
        "objects.contacts.inclusion_list",
        "objects.contacts.fields.fax.rule",
        "retries.attempts",
        "GUESTLIST_HUBSPOT_TOKN",
    }
    assert all(line.endswith(")") for line in found)


@pytest.mark.parametrize(
    ("toml", "key", "meant"),
    [
        ("devlopment = true", "devlopment", "development"),
        ("[hubspt]\nbatch = 1", "hubspt", "hubspot"),
        ("[guards]\nproof_age = 1", "guards.proof_age", "proof_age_s"),
        ("[lanes.bluk]\nwidth = 1", "lanes.bluk", "bulk"),
        ('[objects.contacts]\ncreate = "Lead"', "objects.contacts.create", "create_as"),
        (
            '[[objects.contacts.fields]]\nhubspot = "fax"\nrul = "two_way"',
            "objects.contacts.fields.fax.rul",
            "rule",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_one_probably_meant(
    toml: str, key: str, meant: str, tmp_path: Path
) -> None:
    [line] = problems(tmp_path, toml)
    assert line == f"{key}: Unknown setting. Did you mean '{meant}'? (guestlist.toml)"


def test_an_unknown_variable_is_refused_with_the_one_probably_meant(tmp_path: Path) -> None:
    [line] = problems(tmp_path, env={"GUESTLIST_SALESFORCE_CLIENTID": "x"})
    assert line.startswith("GUESTLIST_SALESFORCE_CLIENTID: Unknown setting.")
    assert "Did you mean 'GUESTLIST_SALESFORCE_CLIENT_ID'?" in line
    [line] = problems(tmp_path, env={"GUESTLIST_CONFIG_FILE": "x"})
    assert "Did you mean 'GUESTLIST_CONFIG'?" in line


@pytest.mark.parametrize(
    "name",
    [
        "GUESTLIST_SERVICE_HOST",
        "GUESTLIST_SERVICE_PORT_HTTP",
        "GUESTLIST_WEB_PORT_8080_TCP_ADDR",
        "GUESTLIST_PORT",
        "GUESTLIST_SHARED",
        "OTHER_TOKEN",
    ],
)
def test_variables_of_others_are_none_of_our_business(name: str, tmp_path: Path) -> None:
    assert load({name: "tcp://10.0.0.1"}, directory=tmp_path).sources == {}


@pytest.mark.parametrize("key", ["client_secret", "private_key"])
def test_a_secret_in_the_file_is_refused_without_repeating_it(key: str, tmp_path: Path) -> None:
    [line] = problems(tmp_path, f'[salesforce]\n{key} = "hush-hush"')
    assert line.startswith(f"salesforce.{key}: A secret does not belong in the file.")
    assert f"GUESTLIST_SALESFORCE_{key.upper()}_FILE" in line
    assert "hush" not in line


def test_no_problem_repeats_a_secret(tmp_path: Path) -> None:
    [line] = problems(tmp_path, env={"GUESTLIST_HUBSPOT_TOKEN": "two words"})
    assert line.startswith("hubspot.token: Holds characters no token has")
    assert "two" not in line


@pytest.mark.parametrize(
    ("env", "beginning"),
    [
        (
            {"CLIENT_SECRET": "s", "LOGIN_URL": "https://acme.my.salesforce.com"},
            "salesforce.client_id: Needed with",
        ),
        ({"CLIENT_SECRET": "s", "CLIENT_ID": "k"}, "salesforce.login_url: The client credentials"),
        ({"USERNAME": "u", "CLIENT_ID": "k"}, "salesforce.private_key: The JWT bearer flow"),
        ({"PRIVATE_KEY": "-----BEGIN", "CLIENT_ID": "k"}, "salesforce.username: The JWT bearer"),
        (
            {"PRIVATE_KEY": "/run/key.pem", "CLIENT_ID": "k", "USERNAME": "u"},
            "salesforce.private_key: Must be the key itself",
        ),
        (
            {"PRIVATE_KEY": "-----BEGIN", "CLIENT_ID": "k", "USERNAME": "u", "CLIENT_SECRET": "s"}
            | {"LOGIN_URL": "https://acme.my.salesforce.com"},
            "salesforce.private_key: Set this or client_secret",
        ),
    ],
)
def test_half_a_credential_is_a_problem(
    env: dict[str, str], beginning: str, tmp_path: Path
) -> None:
    given_ = {f"GUESTLIST_SALESFORCE_{name}": value for name, value in env.items()}
    [line] = problems(tmp_path, env=given_)
    assert line.startswith(beginning)


def test_value_and_file_of_one_secret_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a")
    env = {
        "GUESTLIST_HUBSPOT_TOKEN": "b",
        "GUESTLIST_HUBSPOT_TOKEN_FILE": str(tmp_path / "token"),
    }
    assert problems(tmp_path, env=env) == [
        "GUESTLIST_HUBSPOT_TOKEN: Set it or GUESTLIST_HUBSPOT_TOKEN_FILE, not both."
    ]


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_secret_file_that_gives_no_secret_is_a_problem(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    [line] = problems(tmp_path, env={"GUESTLIST_HUBSPOT_TOKEN_FILE": str(path)})
    assert line.startswith(f"GUESTLIST_HUBSPOT_TOKEN_FILE: {path}")


@pytest.mark.parametrize(
    ("toml", "beginning"),
    [
        ("hubspot = 3", "hubspot: "),
        ("objects = 3", "objects: "),
        ("lanes = []", "lanes: "),
        ("[objects]\ncontacts = 3", "objects.contacts: "),
        ("[objects.contacts]\nfields = 3", "objects.contacts.fields: Must be rows"),
        ("[[objects.contacts.fields]]\nrule = 1", "objects.contacts.fields row 1: Names no"),
        ("[objects.contacts]\ndefaults = 1", "objects.contacts.defaults: Must be true or false"),
        ("[retries]\nfirst_s = 100\ncap_s = 10", "retries.cap_s: Must not be less"),
        ("[flow]\nin_flight = 10", "flow.in_flight: Must not be less"),
        ("[budget]\nretries = 0.95", "budget.retries: Must not be more than reads"),
        ("[budget]\nall = 0.5", "budget.reads: Must not be more than all"),
        ("[guards]\nproof_age_s = nan", "guards.proof_age_s: "),
        ("[guards]\nproof_age_s = 0", "guards.proof_age_s: "),
        ("[lanes.bulk]\nshare = 1.1", "lanes.bulk.share: "),
        ("[hubspot]\napi_version = 2026", "hubspot.api_version: "),
        ("[salesforce]\napi_version = 40.0", "salesforce.api_version: Must be 41.0"),
        ("[hubspot]\nbatch = 1.5", "hubspot.batch: Not a valid integer."),
        ('[salesforce]\napi_version = "v67"', "salesforce.api_version: Must be 41.0 or later, w"),
        ("this is not toml", "{config}: is not TOML"),
    ],
)
def test_what_does_not_fit_is_said_in_a_line(toml: str, beginning: str, tmp_path: Path) -> None:
    found = problems(tmp_path, toml)
    assert len(found) == 1
    assert found[0].startswith(beginning.format(config=tmp_path / "guestlist.toml"))


def test_the_environment_can_not_reach_into_a_section_that_is_no_table(tmp_path: Path) -> None:
    [line] = problems(tmp_path, "hubspot = 3", {"GUESTLIST_HUBSPOT_BATCH": "50"})
    assert line.startswith("hubspot: ")


def test_the_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(SettingsError(["a", "b"])))  # noqa: S301 - our own bytes
    assert error.problems == ["a", "b"]
    assert str(error) == "a\nb"


@given(st.text(min_size=1))
def test_a_secret_prints_masked_however_it_is_printed(value: str) -> None:
    secret = Secret(value)
    shown = f"{secret} {secret!r} {[secret]}"
    assert shown == "******** Secret('********') [Secret('********')]"
    assert secret.reveal() == value
    assert secret == Secret(value)
    assert secret != value


@pytest.mark.parametrize(
    ("env", "name"),
    [
        ({"SALESFORCE_OUTBOUND_SECRET": "short"}, "salesforce.outbound_secret"),
        ({"SALESFORCE_OUTBOUND_SECRET": "x" * 40}, "salesforce.organization_id"),
        ({"SALESFORCE_ORGANIZATION_ID": "003000000000001"}, "salesforce.organization_id"),
        ({"ALERTS_WEBHOOK_URL": "hooks.slack.com/services/x"}, "alerts.webhook_url"),
        ({"ALERTS_WEBHOOK_URL": "https://me:secret@hooks.example/x"}, "alerts.webhook_url"),
        ({"ALERTS_SMTP_HOST": "mail.example"}, "alerts.mail_to"),
        ({"ALERTS_MAIL_TO": "ops"}, "alerts.mail_to"),
        ({"ALERTS_MAIL_FROM": "a@b.c, d@e.f"}, "alerts.mail_from"),
        (
            {"ALERTS_SMTP_PASSWORD": "made-up", "ALERTS_SMTP_SECURITY": "none"},
            "alerts.smtp_security",
        ),
        ({"ALERTS_QUIET_FROM": "22:00"}, "alerts.quiet_until"),
        ({"ALERTS_QUIET_FROM": "24:00", "ALERTS_QUIET_UNTIL": "07:00"}, "alerts.quiet_from"),
        ({"ALERTS_TIME_ZONE": "Mars/Olympus"}, "alerts.time_zone"),
        ({"ALERTS_TIME_ZONE": "../etc"}, "alerts.time_zone"),
        ({"ALERTS_ERROR_SHARE": "0"}, "alerts.error_share"),
    ],
)
def test_an_alert_that_could_not_be_told_and_a_hook_that_could_be_guessed_are_refused(
    env: dict[str, str], name: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as refused:
        load({f"GUESTLIST_{key}": value for key, value in env.items()}, directory=tmp_path)
    assert name in str(refused.value)
    assert not [value for value in env.values() if "secret@" in value and value in str(refused)]
