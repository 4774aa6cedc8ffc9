"""``guestlist web``: it serves, tells the first password once, and gives and takes access."""

import os
import re
import socket
import sys
from pathlib import Path

import pytest
import requests

from tests.console.conftest import Console
from tests.services.processes import free_port, running, wait_until
from tests.web.conftest import CSRF

RUN = "from console.cli import main; main()"
TOLD = re.compile(r"user admin, password (\S+)")


def answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=2).status_code == 200
    except requests.ConnectionError:
        return False


@pytest.mark.processes
def test_the_first_start_tells_a_password_that_opens_the_pages(
    console: Console, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "web.log"
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, **console.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", RUN, "web", "--port", str(port)]
    with running(command, log=log, environment=environment):
        wait_until(lambda: answers(url), what="the console")
        told = TOLD.search(log.read_text())
        assert told
        with requests.Session() as session:
            entered = session.post(
                f"{url}/login",
                data={"name": "admin", "password": told[1]},
                headers={"Origin": url},
                timeout=10,
            )
            assert entered.status_code == 200
            assert "<h1>Health</h1>" in entered.text
            assert CSRF.search(entered.text)
    again = tmp_path / "again.log"
    with running(command, log=again, environment=environment):
        wait_until(lambda: answers(url), what="the console")
    assert not TOLD.search(again.read_text())


def test_it_does_not_listen_to_the_network_without_a_password(console: Console) -> None:
    told = console.json("web", "--host", "0.0.0.0", code=78)  # noqa: S104
    assert "GUESTLIST_CONSOLE_PASSWORD" in told["message"]


def test_a_port_that_somebody_else_has_is_told(console: Console) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = console.json("web", "--port", str(port), code=78)
    assert told["message"].startswith(f"can not listen on 127.0.0.1, port {port}: Address already")
    assert "--port" in told["message"]


def test_tokens_are_made_listed_and_revoked(console: Console) -> None:
    made = console.json("web", "token", "create", "ci", "--role", "operator")
    assert made["token"].startswith("gl_")
    assert console.json("web", "token", "create", "ci", code=2)["fix"]
    assert console.json("web", "token", "ls")["tokens"] == [{"name": "ci", "role": "operator"}]
    assert made["token"] not in console.ok("web", "token", "ls")
    console.json("web", "token", "revoke", "ci")
    assert console.json("web", "token", "ls")["tokens"] == []
    console.json("web", "token", "revoke", "ci", code=2)


def test_users_are_set_listed_and_removed(console: Console) -> None:
    first = console.json("web", "user", "set", "anna", "--role", "viewer")
    second = console.json("web", "user", "set", "anna", "--role", "operator")
    assert first["password"] != second["password"]
    assert console.json("web", "user", "ls")["users"] == [{"name": "anna", "role": "operator"}]
    console.json("web", "user", "remove", "anna")
    console.json("web", "user", "remove", "anna", code=2)
