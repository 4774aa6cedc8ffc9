"""Spans of tasks and calls, what is never in them, and that nothing is made unless asked for."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.world import Installation
from worker.spans import Spans, carried, template
from worker.tracing import Traces

ROOT = Path(__file__).parents[2]
SYNC = "tasks.sync.sync_records"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    made = InMemorySpanExporter()
    yield made
    made.shutdown()


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Spans:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Spans(provider)


def work(here: Installation, spans: Spans) -> str:
    """Sync a list in a worker that makes spans, each message in the span of its task."""
    services = here.worker(spans=spans)
    run = here.start()
    traces = Traces(lambda: spans)
    number = 0
    while here.post.waiting:
        message = here.post.waiting.popleft()
        name = SYNC if message.task == "sync" else "tasks.producers.enumerate_list"
        number += 1
        arguments = (message.run_id, [*message.keys])
        with traces.task(name, id=f"task-{number}", arguments=arguments, headers={}):
            here.carry_out(message, services)
    return run.id


def named(finished: Sequence[ReadableSpan], name: str) -> list[ReadableSpan]:
    return [span for span in finished if span.name == name]


def test_a_batch_is_a_span_with_its_calls_under_it(
    install: Install, spans: Spans, exporter: InMemorySpanExporter
) -> None:
    here = install()
    here.contacts(7)
    run_id = work(here, spans)
    finished = exporter.get_finished_spans()
    batch = named(finished, SYNC)[0]
    assert batch.attributes
    assert batch.attributes["guestlist.run"] == run_id
    assert batch.attributes["guestlist.records"] == 7
    assert str(batch.attributes["guestlist.batch"]).startswith("task-")
    writes = named(finished, "POST /services/data/v67.0/composite")
    assert writes
    reads = named(finished, "POST /crm/objects/2026-09/contacts/batch/read")
    assert reads
    assert batch.context
    for call in (*writes, *reads):
        assert call.parent
        assert call.parent.span_id == batch.context.span_id
        assert call.attributes
        assert call.attributes["http.response.status_code"] == 200
        assert call.attributes["guestlist.request"]
    assert all(each.parent is None for each in named(finished, "tasks.producers.enumerate_list"))


def test_nobody_s_data_is_in_a_span(
    install: Install, spans: Spans, exporter: InMemorySpanExporter
) -> None:
    here = install()
    for number in range(5):
        email = f"canary{number}@secret.example"
        here.contact(email, firstname=f"Canary{number}", lastname="" if number else "Canary")
        here.row("Contact", Email=email, LastName="Canary")
    work(here, spans)
    here.fault(CRM.SALESFORCE, Kind.STATUS, status=400)
    work(here, spans)
    told = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert "contacts/batch/read" in told
    assert "anary" not in told
    assert "secret.example" not in told


def test_an_error_is_told_by_its_kind(spans: Spans, exporter: InMemorySpanExporter) -> None:
    with (
        pytest.raises(KeyError),
        spans.task(SYNC, id="1", arguments=("r_1", ["1"]), headers={}),
    ):
        raise KeyError("jane@secret.example")
    [span] = exporter.get_finished_spans()
    assert span.attributes
    assert span.attributes["error.type"] == "KeyError"
    assert span.status.status_code is StatusCode.ERROR
    assert "jane" not in span.to_json()


def test_a_message_bears_its_parent(spans: Spans, exporter: InMemorySpanExporter) -> None:
    assert carried() == {}
    with spans.task("tasks.producers.enumerate_list", id="1", arguments=("r_1",), headers={}):
        headers = carried()
    with spans.task(SYNC, id="2", arguments=("r_1", ["1"]), headers=headers):
        pass
    producer, batch = exporter.get_finished_spans()
    assert producer.context
    assert batch.parent
    assert batch.parent.span_id == producer.context.span_id
    assert Traces(lambda: None).carried() == {}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/crm/objects/2026-09/contacts/501", "/crm/objects/2026-09/contacts/{}"),
        ("/crm/v3/lists/12/memberships", "/crm/v3/lists/{}/memberships"),
        (
            "/services/data/v67.0/sobjects/Contact/003000000000001AAA",
            "/services/data/v67.0/sobjects/Contact/{}",
        ),
        (
            "/services/data/v67.0/sobjects/Contact/Email__c/a@b.test",
            "/services/data/v67.0/sobjects/Contact/Email__c/{}",
        ),
        ("/x/jane%40acme.test/", "/x/{}/"),
    ],
)
def test_of_an_address_only_words_and_versions_are_told(path: str, expected: str) -> None:
    assert template(path) == expected


@pytest.mark.parametrize("extra", [True, False])
def test_unless_asked_for_nothing_of_it_is_imported_and_without_the_extra_work_goes_on(
    tmp_path: Path, *, extra: bool
) -> None:
    """A worker's modules in a process of their own; the second time the extra is not installed."""
    asked = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent()) if not {extra} else None
import tasks.sync, worker.wiring, worker.tracing
from guestlist.connectors.http import Transport
services = worker.wiring.services()
line = services.hubspot._portal.line
print(type(line._transport).__name__, worker.tracing.traces.carried(),
      "worker.spans" in sys.modules)
"""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("GUESTLIST_")}
    environ |= {"PYTHONPATH": str(ROOT), "GUESTLIST_BROKER_URL": "memory://"}
    if not extra:
        environ["GUESTLIST_OTEL_ENDPOINT"] = "http://127.0.0.1:4318"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().splitlines()[-1] == "Transport {} False"
    assert extra or "guestlist[otel]" in done.stdout + done.stderr
