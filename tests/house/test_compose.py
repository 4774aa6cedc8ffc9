"""docker-compose.yml and Dockerfile against the settings and commands they name."""

import dataclasses
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from schemas.settings import Secret, Settings

ROOT = Path(__file__).parents[2]
OURS = {"migrate", "worker", "beat", "flower"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def setting_names() -> set[str]:
    """Every GUESTLIST_* variable a process reads; a secret may also come from a file."""
    names = {"GUESTLIST_CONFIG"}
    for section in dataclasses.fields(Settings):
        value = getattr(Settings(), section.name)
        if not dataclasses.is_dataclass(value):
            names.add(f"GUESTLIST_{section.name.upper()}")
            continue
        for setting in dataclasses.fields(value):
            name = f"GUESTLIST_{section.name.upper()}_{setting.name.upper()}"
            secret = setting.type in (Secret, Secret | None)
            names |= {name, f"{name}_FILE"} if secret else {name}
    return names


def test_the_services_are_those_of_the_documentation(services: dict[str, Any]) -> None:
    assert set(services) == OURS | {"redis", "postgres"}


def test_every_service_that_stays_up_has_a_health_check(services: dict[str, Any]) -> None:
    without = {name for name, service in services.items() if "healthcheck" not in service}
    assert without == {"migrate"}
    assert services["migrate"]["restart"] == "no"


def test_the_broker_neither_forgets_nor_evicts(services: dict[str, Any]) -> None:
    command = services["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_every_setting_in_the_environment_is_one_we_read(services: dict[str, Any]) -> None:
    given = {
        name
        for service in OURS
        for name in services[service]["environment"]
        if name.startswith("GUESTLIST_")
    }
    assert given - setting_names() == set()


def test_every_variable_asked_of_the_shell_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
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
    assert [name for name, service in services.items() if service.get("profiles")] == ["flower"]
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_celery_commands_name_an_application_that_exists(services: dict[str, Any]) -> None:
    for name in ("worker", "beat", "flower"):
        assert services[name]["command"][:4] == ["celery", "-A", "worker", name]
    assert find_spec("worker.celery") is not None


def test_the_probe_and_the_migration_command_exist(services: dict[str, Any]) -> None:
    from console.cli import main

    assert services["worker"]["healthcheck"]["test"][1:] == [
        "python",
        "-m",
        "worker.probes",
        "live",
    ]
    assert find_spec("worker.probes") is not None
    program, *arguments = services["migrate"]["command"]
    assert program == "guestlist"
    assert CliRunner().invoke(main, [*arguments, "--help"]).exit_code == 0


def test_volumes_and_configs_are_declared(compose: dict[str, Any]) -> None:
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert used == set(compose["volumes"])
    assert set(compose["configs"]) == {"guestlist"}


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
