"""What Prometheus and Flower see of real processes, a prefork worker among them."""

import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import celery
import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from guestlist.domain.way import Way
from tests.kill.stage import CHILDREN, Stage, stage
from tests.services.processes import free_port, wait_until
from tests.services.receiver import receiving
from worker.queues import SYNC_RECORDS

PASSWORD = "a-flower-password"
KNOWN = ("guestlist", PASSWORD)
CANARY = "canary.jane@secret.example"
RUN = "from console.cli import main; main()"

pytestmark = pytest.mark.processes


@dataclass
class Collector:
    """What a collector was sent."""

    address: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Any]:
        return [
            span
            for body in [*self.bodies]
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """A collector that takes spans, OTLP over HTTP."""
    made = Collector()

    def take(_headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        made.bodies.append(body)
        return 200, b""

    with receiving(take) as made.address:
        yield made


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Stage]:
    """Both CRMs, a prefork worker, beat, the console and Flower; a list is synced."""
    folder = tmp_path_factory.mktemp("watched")
    with stage(folder, f"sqlite:///{folder / 'state.db'}") as it:
        it.environ["GUESTLIST_OTEL_ENDPOINT"] = collector.address
        it.start_redis()
        it.start_sandbox("--contacts", "120")
        it.guestlist("database", "upgrade")
        it.guestlist("list", "use", str(it.sandbox["lists"]["inclusion"]), "--yes")
        it.environ |= {
            "FLOWER_PASSWORD": PASSWORD,
            "GUESTLIST_CONSOLE_PORT": str(free_port()),
            "FLOWER_PORT": str(free_port()),
        }
        it._run("web", [sys.executable, "-c", RUN, "web"])
        port = f"--port={it.environ['FLOWER_PORT']}"
        it._run("flower", [sys.executable, "-c", RUN, "flower", port])
        wait_until(lambda: status(flower(it, "/healthcheck")) == 200, what="Flower")
        it.worker("children", *CHILDREN)
        it.celery("beat", "beat")
        wait_until(lambda: "ready." in it.log("children"), what="the worker")
        yield it


@pytest.fixture(scope="module")
def run(it: Stage) -> dict[str, Any]:
    """A list synced to its end."""
    started = it.guestlist("sync", "start", "--wait", "--yes", code=1)
    found: dict[str, Any] = it.guestlist("runs", "show", str(started["id"]))
    return found


def flower(it: Stage, path: str) -> str:
    return f"http://127.0.0.1:{it.environ['FLOWER_PORT']}{path}"


def status(url: str, **how: Any) -> int:
    try:
        return requests.get(url, timeout=10, **how).status_code
    except requests.ConnectionError:
        return 0


def scrape(it: Stage, token: str) -> dict[tuple[str, tuple[str, ...]], float]:
    url = f"http://127.0.0.1:{it.environ['GUESTLIST_CONSOLE_PORT']}/metrics"
    answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_metrics_are_right_under_prefork(it: Stage, run: dict[str, Any]) -> None:
    """Two children did the work; the numbers are those of the run, from another process."""
    token = it.guestlist("web", "token", "create", "prometheus")["token"]
    found = scrape(it, token)
    outcomes = run["outcomes"]
    assert outcomes["created"] > 0
    for outcome, count in outcomes.items():
        ways = [
            found["guestlist_records_total", (way, "contacts", outcome)]
            for way in Way
            if ("guestlist_records_total", (way, "contacts", outcome)) in found
        ]
        assert sum(ways) == count
    to_salesforce = found["guestlist_records_total", (Way.TO_SALESFORCE, "contacts", "created")]
    assert to_salesforce == outcomes["created"]
    for crm, count in run["api_calls"].items():
        assert found["guestlist_api_calls_total", (crm,)] == count
    assert found["guestlist_api_budget_remaining", ("salesforce",)] > 0
    assert found["guestlist_credential_refused", ("hubspot",)] == 0
    assert found["guestlist_workers", ()] == 1
    assert found["guestlist_worker_heartbeat_age_seconds", ()] < 60
    assert found["guestlist_beat_heartbeat_age_seconds", ()] < 60
    assert {lane for name, lane in found if name == "guestlist_queue_depth"} == {
        ("interactive",),
        ("changes",),
        ("bulk",),
        ("upkeep",),
    }


@pytest.mark.parametrize(
    "path",
    ["/", "/tasks", "/workers", "/broker", "/api/tasks", "/api/workers", "/api/queues/length"],
)
def test_S13_flower_tells_nothing_without_the_password(it: Stage, path: str) -> None:
    assert status(flower(it, path)) == 401
    assert status(flower(it, path), auth=("guestlist", "wrong")) == 401


def test_flower_listens_on_this_machine_only_and_is_read_only(it: Stage, run: Any) -> None:
    url = flower(it, "/api/task/async-apply/tasks.upkeep.prune")
    answer = requests.post(url, json={"args": []}, auth=KNOWN, timeout=10)
    assert answer.status_code in {403, 404, 405}
    elsewhere = socket.gethostbyname(socket.gethostname())
    if not elsewhere.startswith("127."):
        assert status(f"http://{elsewhere}:{it.environ['FLOWER_PORT']}/healthcheck") == 0


def tasks(it: Stage, **query: str) -> dict[str, dict[str, Any]]:
    answer = requests.get(flower(it, "/api/tasks"), params=query, auth=KNOWN, timeout=30)
    assert answer.status_code == 200, answer.text
    found: dict[str, dict[str, Any]] = answer.json()
    return found


def until(found: Callable[[], Any], what: str) -> Any:
    kept: list[Any] = []

    def look() -> bool:
        kept[:] = [found()]
        return bool(kept[0])

    wait_until(look, what=what)
    return kept[0]


def test_flower_finds_a_run_s_tasks_by_its_id_under_readable_names(
    it: Stage, run: dict[str, Any]
) -> None:
    found = until(lambda: tasks(it, search=run["id"]), what="the run's tasks in Flower")
    names = {each["name"] for each in found.values()}
    assert names <= {SYNC_RECORDS, "tasks.producers.enumerate_list"}
    assert SYNC_RECORDS in names
    assert all(run["id"] in each["args"] for each in found.values())
    assert all(each["result"] in {None, "None"} for each in found.values())


def test_S12_nobody_s_data_is_in_flower_not_even_in_an_error(
    it: Stage, run: dict[str, Any]
) -> None:
    """A task that fails over a value passes on the kind of its error alone."""
    app = celery.Celery("canary", broker=it.environ["GUESTLIST_BROKER_URL"], set_as_current=False)
    app.send_task(SYNC_RECORDS, ([CANARY], ["1"]), queue="interactive", argsrepr="('r_canary')")
    failed = until(lambda: tasks(it, state="FAILURE"), what="the failed task in Flower")
    told = str(tasks(it))
    assert "TaskFailed" in str(failed)
    assert CANARY not in told
    people = it.rows("hubspot", "contacts")
    values = {
        value
        for each in people
        for name in ("email", "lastname", "phone")
        if (value := each["fields"].get(name)) and len(value) > 5
    }
    assert len(values) > 100
    assert [value for value in values if value in told] == []
    pages = "".join(
        requests.get(flower(it, f"/task/{id}"), auth=KNOWN, timeout=30).text for id in failed
    )
    assert "TaskFailed" in pages
    assert CANARY not in pages
    assert CANARY not in it.log("children")


def test_spans_of_prefork_children_arrive_each_under_who_published_it(
    it: Stage, run: dict[str, Any], collector: Collector
) -> None:
    def of_run(name: str) -> list[Any]:
        return [
            span
            for span in collector.spans()
            if span.name == name
            and any(
                each.key == "guestlist.run" and each.value.string_value == run["id"]
                for each in span.attributes
            )
        ]

    batches = until(lambda: of_run(SYNC_RECORDS), what="a span of a batch")
    producers = until(
        lambda: {span.span_id for span in of_run("tasks.producers.enumerate_list")},
        what="a span of the producer",
    )
    assert {span.parent_span_id for span in batches} & producers
    ids = {span.span_id for span in batches}
    calls = [span for span in collector.spans() if span.parent_span_id in ids]
    assert any(span.name.endswith("/composite") for span in calls)
    told = b"".join(collector.bodies)
    emails = [each["fields"].get("email") for each in it.rows("hubspot", "contacts")]
    assert [email for email in emails if email and email.encode() in told] == []


def test_a_worker_that_was_killed_is_missed(it: Stage, run: dict[str, Any]) -> None:
    """Its heartbeat grows old, whatever Celery's own words would be."""
    token = it.guestlist("web", "token", "create", "watcher")["token"]
    it.kill("children")
    age = ("guestlist_worker_heartbeat_age_seconds", ())
    first = scrape(it, token)[age]
    wait_until(lambda: scrape(it, token)[age] > first + 1, what="an older heartbeat")


def test_flower_does_not_start_without_a_password(it: Stage, tmp_path: Path) -> None:
    kept = it.environ.pop("FLOWER_PASSWORD")
    try:
        told = it.guestlist("flower", code=78)
    finally:
        it.environ["FLOWER_PASSWORD"] = kept
    assert "password" in str(told)
