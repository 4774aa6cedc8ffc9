"""docker-compose.yml and Dockerfile against the settings and commands they name."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from worker.settings import load, unconnected

ROOT = Path(__file__).parents[2]
REFERENCE = re.compile(r"\$\{(\w+):[-?][^}]*\}")
FILLED_IN = {
    "POSTGRES_PASSWORD": "s3/cr@t%41#",
    "GUESTLIST_HUBSPOT_TOKEN": "pat-na1-made-up",
    "GUESTLIST_SALESFORCE_LOGIN_URL": "https://acme.my.salesforce.com",
    "GUESTLIST_SALESFORCE_CLIENT_ID": "made-up",
    "GUESTLIST_SALESFORCE_CLIENT_SECRET": "made-up",
}
OURS = {"migrate", "worker", "beat", "web", "flower"}
MONITOR = {"flower", "prometheus", "grafana"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def test_the_services_are_those_of_the_documentation(services: dict[str, Any]) -> None:
    assert set(services) == OURS | MONITOR | {"redis", "postgres"}


def test_every_service_that_stays_up_has_a_health_check(services: dict[str, Any]) -> None:
    without = {name for name, service in services.items() if "healthcheck" not in service}
    assert without == {"migrate"}
    assert services["migrate"]["restart"] == "no"


def test_the_broker_neither_forgets_nor_evicts(services: dict[str, Any]) -> None:
    command = services["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_service_of_ours_starts_with_settings_that_load(
    services: dict[str, Any], name: str, tmp_path: Path
) -> None:
    environment = {
        key: REFERENCE.sub(lambda found: FILLED_IN.get(found[1], ""), value)
        for key, value in services[name]["environment"].items()
        if key != "GUESTLIST_CONFIG"
    }
    settings = load(environment, directory=tmp_path).settings
    assert settings.broker_url == "redis://redis:6379/0"
    assert settings.database_url == "postgresql+psycopg://guestlist@postgres/guestlist"
    assert environment["PGPASSWORD"] == FILLED_IN["POSTGRES_PASSWORD"]
    assert unconnected(settings) == []


def test_every_variable_asked_of_the_shell_is_in_the_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    asked = set(REFERENCE.findall(text))
    asked |= {each["environment"] for each in yaml.safe_load(text)["secrets"].values()}
    example = (ROOT / ".env.example").read_text()
    assert asked == set(re.findall(r"^(\w+)=", example, flags=re.MULTILINE))


def test_workers_start_after_the_migrations(services: dict[str, Any]) -> None:
    for name in ("worker", "beat"):
        needs = services[name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert needs["redis"]["condition"] == "service_healthy"
        assert needs["postgres"]["condition"] == "service_healthy"


def test_workers_scale_because_none_claims_a_name_or_a_port(services: dict[str, Any]) -> None:
    assert not {"container_name", "ports", "hostname"} & set(services["worker"])


def test_flower_is_asked_for_has_a_password_and_stays_on_loopback(
    services: dict[str, Any],
) -> None:
    flower = services["flower"]
    assert flower["profiles"] == ["monitor"]
    assert "${FLOWER_PASSWORD:?" in flower["environment"]["FLOWER_BASIC_AUTH"]
    assert {name for name, service in services.items() if service.get("profiles")} == MONITOR
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_celery_commands_name_an_application_that_exists(services: dict[str, Any]) -> None:
    for name in ("worker", "beat", "flower"):
        assert services[name]["command"][:4] == ["celery", "-A", "worker", name]
    assert find_spec("worker.celery") is not None


def test_the_probe_and_the_migration_command_exist(services: dict[str, Any]) -> None:
    from console.cli import cli

    assert services["worker"]["healthcheck"]["test"][1:] == [
        "python",
        "-m",
        "worker.probes",
        "live",
    ]
    assert find_spec("worker.probes") is not None
    program, *arguments = services["migrate"]["command"]
    assert program == "guestlist"
    assert CliRunner().invoke(cli, [*arguments, "--help"]).exit_code == 0


def test_the_console_stays_on_loopback_and_has_a_password(services: dict[str, Any]) -> None:
    web = services["web"]
    assert "${GUESTLIST_CONSOLE_PASSWORD:?" in web["environment"]["GUESTLIST_CONSOLE_PASSWORD"]
    assert web["ports"] == ["127.0.0.1:8080:8080"]
    assert "/healthz" in web["healthcheck"]["test"][-1]


def test_volumes_and_configs_are_declared(compose: dict[str, Any]) -> None:
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert used == set(compose["volumes"])
    given = {
        each if isinstance(each, str) else each["source"]
        for service in compose["services"].values()
        for each in service.get("configs", [])
    }
    assert given == set(compose["configs"])
    secrets = {
        each for service in compose["services"].values() for each in service.get("secrets", [])
    }
    assert secrets == set(compose["secrets"])


def test_the_image_is_built_from_the_lock_and_runs_without_privileges() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes" in dockerfile
    assert "requirements.lock" in dockerfile
    users = re.findall(r"^USER (\S+)", dockerfile, flags=re.MULTILINE)
    assert users == ["guestlist"]
    assert dockerfile.rindex("USER") > dockerfile.rindex("FROM")


def test_the_build_context_holds_every_package_and_no_secret() -> None:
    let_in = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE)
    pyproject = (ROOT / "pyproject.toml").read_text()
    listed = re.search(r"^packages = \[(.*)\]$", pyproject, flags=re.MULTILINE)
    assert listed is not None
    assert set(re.findall(r'"(\w+)"', listed[1])) <= set(let_in)
    assert ".env" not in let_in
