import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.processes


@contextmanager
def sandbox(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    command = [sys.executable, "-m", "sandbox", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def control(first: dict[str, Any], method: str, route: str, given: Any = None) -> Any:
    url = f"{first['salesforce']}/sandbox/{route}"
    answer = requests.request(method, url, json=given, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer


def test_it_prints_one_line_serves_both_and_ends_on_a_signal(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with sandbox("--contacts", "60", "--seed", "9", "--journal", str(journal)) as (process, first):
        headers = {"Authorization": f"Bearer {first['hubspot_token']}"}
        url = f"{first['hubspot']}/crm/v3/objects/contacts"
        assert requests.get(url, headers=headers, timeout=10).json()["results"]
        grant = {
            "grant_type": "client_credentials",
            "client_id": first["salesforce_client_id"],
            "client_secret": first["salesforce_client_secret"],
        }
        token = requests.post(f"{first['salesforce']}/services/oauth2/token", grant, timeout=10)
        assert token.json()["instance_url"] == first["salesforce"]
        edit = {"properties": {"email": "new@example.com"}}
        control(first, "POST", "hubspot/contacts/create", edit)
        assert json.loads(journal.read_text())["caller"] == "user"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_a_snapshot_is_loaded_with_its_credentials(tmp_path: Path) -> None:
    file = tmp_path / "world.json"
    with sandbox("--contacts", "60") as (process, first):
        control(first, "POST", "snapshot", {"file": str(file)})
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    with sandbox("--load", str(file), "--no-limits") as (_, second):
        assert second["hubspot_token"] == first["hubspot_token"]
        state = control(second, "GET", "state").json()
        assert state["records"]["hubspot"]["contacts"] == 59
        assert state["options"]["hubspot"]["limits_enabled"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        ("--contacts", "-1"),
        ("--hubspot-port", "65536"),
        ("--load", "/no/such/file"),
        ("--contacts", "many"),
    ],
)
def test_bad_arguments_end_with_2_and_a_sentence(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "error:" in done.stderr


def test_a_port_in_use_ends_with_1_and_a_sentence() -> None:
    with sandbox() as (_, first):
        port = first["hubspot"].rpartition(":")[2]
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", "--salesforce-port", port],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "sandbox:" in done.stderr
