"""``guestlist health``, ``metrics`` and ``doctor --report``, without the console."""

import re

import orjson
import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from console.cli import cli
from console.exits import Exit
from console.shareable import MASK, masked
from tests.console.conftest import Console


def test_live_asks_nothing_else(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUESTLIST_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert console.json("health", "live") == {"schema": "guestlist/health@1", "status": "ok"}
    assert console.ok("health", "live") == "ok\n"


def test_ready_needs_a_database_of_this_version_and_makes_none(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = console.json("health", "ready", code=Exit.CONFIG)
    assert told["problems"] == ["database: there is none yet"]
    console.json("errors", "ls")
    assert console.json("health", "ready")["status"] == "ok"
    assert console.ok("health", "ready") == "ok\n"
    monkeypatch.setenv("GUESTLIST_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    told = console.json("health", "ready", code=Exit.UNREACHABLE)
    assert told["status"] == "unready"
    assert "127.0.0.1" not in str(told["problems"])


def test_ready_needs_its_redis(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    console.json("errors", "ls")
    monkeypatch.setenv("GUESTLIST_LIMITS_URL", "redis://127.0.0.1:1/0")
    told = console.json("health", "ready", code=Exit.UNREACHABLE)
    assert told["problems"] == ["redis: does not answer"]


def test_metrics_are_those_of_the_console_in_both_forms(chosen: Console) -> None:
    run = chosen.json("sync", "start", "--limit", "10", "--wait", code=Exit.PARTIAL)
    created = {"direction": "hubspot_to_salesforce", "object": "contacts", "outcome": "created"}
    found = [
        sample.value
        for family in text_string_to_metric_families(chosen.ok("metrics"))
        for sample in family.samples
        if (sample.name, sample.labels) == ("guestlist_records_total", created)
    ]
    assert found == [run["outcomes"]["created"]]
    told = chosen.json("metrics")["metrics"]
    assert {"name": "guestlist_records_total", "labels": created, "value": found[0]} in told


def test_a_report_names_what_is_wrong_and_nobody(chosen: Console) -> None:
    chosen.json("sync", "start", "--limit", "30", "--wait", code=Exit.PARTIAL)
    chosen.field("salesforce/Contact/Fax", "gone")
    chosen.json("schema", "refresh")
    file = chosen.folder / "report.json"
    chosen("doctor", "--report", str(file))
    text = file.read_text()
    told = orjson.loads(text)
    assert told["schema"] == "guestlist/doctor-report@1"
    mapping = [each for each in told["checks"] if each["name"] == "mapping"]
    assert any("fax -> Contact.Fax" in each["said"] for each in mapping)
    assert told["state"]["open_errors"]
    assert told["state"]["links"] > 0
    assert {"name": "development", "value": "true"} in told["settings"]
    world = chosen.world
    held = world.credentials
    for secret in (held.hubspot_token, held.salesforce_client_secret, held.salesforce_client_id):
        assert secret not in text
    values = {
        value
        for record in world.portal.store_of("contacts").all_live()
        for name in ("email", "lastname", "phone", "company")
        if (value := record.values.get(name)) and len(value) > 4
    }
    assert len(values) > 50
    words = set(re.findall(r"[\w@.+-]+", text))
    assert not values & words
    text = text.replace("doctor-report@1", "")
    for name in ("127.0.0.1", "http", "@", str(chosen.folder), world.org.organization_id):
        assert name not in text, name
    assert str(world.portal.portal_id) not in text
    lists = chosen.json("list", "ls")["lists"]
    assert not [each["name"] for each in lists if each["name"] in text]


def test_a_report_is_made_whatever_is_down(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.json("errors", "ls")
    monkeypatch.setenv("GUESTLIST_DATABASE_URL", "postgresql+psycopg://nobody:pw@127.0.0.1:1/none")
    file = console.folder / "report.json"
    done = CliRunner().invoke(cli, ["doctor", "--report", str(file)])
    assert done.exit_code == Exit.UNREACHABLE
    told = orjson.loads(file.read_text())
    assert told["state"] == {}
    assert "127.0.0.1" not in file.read_text()
    line = ["doctor", "--only", "redis", "--report", "/nowhere/at/all.json"]
    assert CliRunner().invoke(cli, line).exit_code == Exit.USAGE


@pytest.mark.parametrize(
    "words",
    [
        "ada@example.com",
        "https://acme.my.salesforce.com/x",
        "api.hubapi.com:443",
        "connecting to 10.0.0.5:6379",
        "fd00::1 refused",
        "celery@host-7",
        "/home/ada/guestlist.toml",
        "00D5g000004XYZAEA4",
        "portal 12345678",
        "pat-na1-0000-1111-2222-3333",
    ],
)
def test_what_tells_whose_it_is_is_masked(words: str) -> None:
    left = masked(words)
    assert left != words
    assert not set(re.findall(r"[\w.@:/-]{6,}", words)) & set(
        re.findall(r"[\w.@:/-]{6,}", left)
    ) - {
        "connecting",
        "refused",
        "portal",
    }


@pytest.mark.parametrize(
    "words",
    [
        "fax -> Contact.Fax: Salesforce has no such field, or hides it from the integration user",
        "not granted: crm.objects.contacts.write, for changing contacts",
        "hubspot: 12 of 625,000 calls used today",
        "at 0016, this version needs 0017",
    ],
)
def test_what_helps_is_left_as_it_is(words: str) -> None:
    assert masked(words) == words
    assert MASK not in masked(words)
