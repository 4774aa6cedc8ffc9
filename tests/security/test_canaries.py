"""S11, S12, S13, S15: real processes, and not one e-mail address or token where none belongs.

Redis tells every command it is sent, so that what was in it for a moment only is seen as well.
"""

import base64
import os
import pickle
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest
import redis
import requests

from tests.kill.stage import QUICK, Stage, stage
from tests.services.processes import free_port, wait_until

pytestmark = pytest.mark.processes
PASSWORD = "flower-password"


@dataclass
class Spied:
    """An installation under way, and everything that its Redis was ever sent."""

    here: Stage
    flower: str
    commands: list[str] = field(default_factory=list)

    @property
    def redis(self) -> "redis.Redis":
        return redis.Redis.from_url(self.here.environ["GUESTLIST_BROKER_URL"])

    def people(self) -> set[str]:
        """Every e-mail address and last name that either CRM holds."""
        found: set[str] = set()
        for type in ("Contact", "Lead"):
            for record in self.here.records(type):
                found |= {str(record.get("Email") or ""), str(record.get("LastName") or "")}
        crm = self.here.sandbox["hubspot"]
        bearer = {"Authorization": f"Bearer {self.here.sandbox['hubspot_user_token']}"}
        after = "0"
        while after:
            page = requests.get(
                f"{crm}/crm/v3/objects/contacts",
                params={"limit": "100", "after": after, "properties": "email,lastname"},
                headers=bearer,
                timeout=30,
            ).json()
            for each in page["results"]:
                found |= {str(value or "") for value in each["properties"].values() if value}
            after = page.get("paging", {}).get("next", {}).get("after", "")
        return {each for each in found if len(each) > 7 and not re.fullmatch(r"[\d:TZ.-]+", each)}

    def secrets(self) -> set[str]:
        names = ("hubspot_token", "salesforce_client_secret", "hubspot_user_token")
        return {str(self.here.sandbox[name]) for name in names} | {PASSWORD}


@pytest.fixture(scope="module")
def spied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spied]:
    folder = tmp_path_factory.mktemp("canaries")
    port = free_port()
    with stage(
        folder, f"sqlite:///{folder / 'state.db'}", GUESTLIST_LOG_LEVEL="debug", **QUICK
    ) as here:
        here.start_redis()
        here.start_sandbox("--contacts", "150")
        spy = Spied(here, f"http://127.0.0.1:{port}")
        listening = threading.Thread(target=_listen, args=(spy,), daemon=True)
        listening.start()
        here.guestlist("database", "upgrade")
        here.guestlist("list", "use", str(here.sandbox["lists"]["inclusion"]), "--yes")
        here.guestlist("sync", "start", "--yes")
        _unsettle(here)
        here.worker("worker", "--pool", "threads", "--concurrency", "4", "-E")
        here.celery("beat", "beat")
        here.environ["FLOWER_BASIC_AUTH"] = f"guestlist:{PASSWORD}"
        here.celery("flower", "flower", "--address=127.0.0.1", f"--port={port}")
        wait_until(lambda: _answers(spy.flower), what="Flower")
        here.guestlist("sync", "watch", code=1)
        yield spy


def _unsettle(here: Stage) -> None:
    """Let the workers' calls of both CRMs go wrong in every way."""
    routes = {"hubspot": "POST /crm/*batch*", "salesforce": "* /services/data/*composite*"}
    for after, kind in enumerate(("status", "lost_response", "truncate", "html_200")):
        for crm, route in routes.items():
            rule = {"crm": crm, "kind": kind, "route": route, "times": 1, "after": after}
            answer = requests.post(f"{here.sandbox[crm]}/sandbox/faults", json=rule, timeout=30)
            assert answer.status_code == 200, answer.text


def _listen(spy: Spied) -> None:
    """Write down every command as Redis tells it, until Redis ends."""
    port = urlsplit(spy.here.environ["GUESTLIST_BROKER_URL"]).port
    with socket.create_connection(("127.0.0.1", port)) as line, line.makefile("rwb") as told:
        told.write(b"MONITOR\r\n")
        told.flush()
        with suppress(OSError):
            spy.commands.extend(each.decode("utf-8", "replace") for each in told)


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/healthcheck", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def decoded(commands: list[str]) -> str:
    """The commands, with the bodies of Celery's messages as they read."""
    text = "".join(commands)
    bodies = re.findall(r'"body\\*":\s*\\*"([A-Za-z0-9+/=]+)', text)
    return "\n".join([text, *(base64.b64decode(each).decode(errors="replace") for each in bodies)])


def found_in(text: str, canaries: set[str]) -> list[str]:
    low = text.lower()
    return sorted(each for each in canaries if each.lower() in low)


def test_S12_no_person_and_no_secret_is_ever_sent_to_redis(spied: Spied) -> None:
    sent = decoded(spied.commands)
    assert "tasks.sync" in sent
    assert "task-succeeded" in sent, "events go through Redis too"
    assert len(spied.people()) > 150
    assert found_in(sent, spied.people()) == []
    assert found_in(sent, spied.secrets()) == []


def test_S12_no_key_of_redis_holds_a_person(spied: Spied) -> None:
    with spied.redis as client:
        dump = b"\n".join(client.dump(key) or b"" for key in client.scan_iter("*"))
        names = b"\n".join(client.scan_iter("*"))
    held = (dump + names).decode("utf-8", "replace")
    assert found_in(held, spied.people() | spied.secrets()) == []


def test_S15_no_log_line_of_any_process_holds_a_person_or_a_secret(spied: Spied) -> None:
    for process in ("worker", "flower"):
        told = spied.here.log(process)
        assert told
        assert found_in(told, spied.people() | spied.secrets()) == []
    assert "batch_done" in spied.here.log("worker")


def test_S15_no_token_is_in_the_state(spied: Spied) -> None:
    folder = spied.here.folder
    files = [path for path in folder.glob("state*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    assert content
    for secret in spied.secrets():
        assert secret.encode() not in content


def test_S13_flower_asks_for_a_password_on_every_page(spied: Spied) -> None:
    for page in ("/", "/tasks", "/workers", "/broker", "/api/workers", "/api/tasks"):
        assert requests.get(f"{spied.flower}{page}", timeout=10).status_code == 401, page
        wrong = requests.get(f"{spied.flower}{page}", auth=("guestlist", "x"), timeout=10)
        assert wrong.status_code == 401, page


def test_S12_flower_shows_no_person(spied: Spied) -> None:

    def page(path: str) -> str:
        who = ("guestlist", PASSWORD)
        return requests.get(f"{spied.flower}{path}", auth=who, timeout=10).text

    wait_until(lambda: "tasks.sync" in page("/api/tasks"), what="a task in Flower")
    shown = page("/api/tasks") + page("/tasks")
    assert found_in(shown, spied.people() | spied.secrets()) == []


class _Bomb:
    """Runs a command as soon as anybody unpickles it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("kind", ["application/x-python-serialize", "pickle", "application/x-yaml"])
def test_S11_a_pickle_in_the_queue_is_refused_and_never_opened(spied: Spied, kind: str) -> None:
    marker = spied.here.folder / f"executed-{kind.replace('/', '-')}"
    body = base64.b64encode(pickle.dumps(((), {"x": _Bomb(marker)}, {}))).decode()
    id = f"bomb-{kind}"
    message = {
        "body": body,
        "content-encoding": "binary",
        "content-type": kind,
        "headers": {"lang": "py", "task": "tasks.sync.sync_records", "id": id, "root_id": id},
        "properties": {
            "correlation_id": id,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": "interactive"},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": id,
        },
    }
    before = refusals(spied)
    with spied.redis as client:
        client.lpush("interactive", orjson.dumps(message))
        wait_until(lambda: client.llen("interactive") == 0, what="the message to be taken")
    wait_until(lambda: refusals(spied) > before, what="the worker's refusal")
    assert not marker.exists()


def test_S11_the_worker_goes_on_after_it(spied: Spied) -> None:
    spied.here.guestlist("sync", "start", "--wait", "--yes", code=1)


def refusals(spied: Spied) -> int:
    told = spied.here.log("worker")
    return told.count("Can't decode message body") + told.count("ContentDisallowed")


def test_S11_the_message_would_have_done_harm(tmp_path: Path) -> None:
    """Else the test above could not fail."""
    marker = tmp_path / "executed"
    pickle.loads(pickle.dumps(_Bomb(marker)))  # noqa: S301 - our own
    assert marker.exists()
