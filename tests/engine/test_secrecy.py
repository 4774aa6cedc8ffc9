"""Nothing a person wrote, and no credential, is in a message or in a log line."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
import structlog

from guestlist.engine.explain import explain
from guestlist.engine.launch import start_records
from guestlist.engine.preview import preview_list
from sandbox.crm import CRM
from sandbox.faults import Kind
from sandbox.salesforce.options import ValidationRule
from tests.engine.conftest import Install
from tests.engine.world import Installation
from worker import logs

CANARY = "Kanarienvogel"
EMAIL = f"{CANARY}@canary-bird.example".lower()


@pytest.fixture
def lines(logged: list[object]) -> Iterator[io.StringIO]:
    """Everything that is logged, at the lowest level, as a process of ours would."""
    del logged
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _configure(here: Installation, lines: io.StringIO) -> None:
    logs.configure(here.loaded.settings, stream=lines)


def _people(here: Installation) -> list[str]:
    """One for every way a record can end, each with a canary in every value."""
    rule = ValidationRule("Contact", f"{CANARY} is refused", {"Salutation": "Prof."}, "Title")
    here.world.org.set_options({"validation_rules": [rule]})
    here.row("Contact", Email=f"two.{EMAIL}", LastName=CANARY)
    here.row("Contact", Email=f"two.{EMAIL}", LastName=CANARY)
    here.row("Contact", Email=f"known.{EMAIL}", LastName=CANARY)
    return [
        here.contact(EMAIL, lastname=CANARY, firstname=CANARY, jobtitle=CANARY),
        here.contact(f"known.{EMAIL}", lastname="Other", company=CANARY),
        here.contact(f"two.{EMAIL}", lastname=CANARY),
        here.contact(f"no name {EMAIL}", lastname=CANARY),
        here.contact(f"long.{EMAIL}", lastname=CANARY * 20),
        here.contact(f"prof.{EMAIL}", lastname=CANARY, salutation="Prof."),
        here.contact(f"left.{EMAIL}", lastname=CANARY, lifecyclestage="lead"),
    ]


@pytest.mark.parametrize("level", ["info", "debug"])
def test_a_log_line_names_the_run_and_the_record_that_failed(
    install: Install, lines: io.StringIO, level: str
) -> None:
    here = install(log_level=level)
    _configure(here, lines)
    new, *_, long, _, outside = _people(here)
    run = start_records(here.services, "contacts", [new, long, outside], by="tester")
    here.settle()
    told = [orjson.loads(line) for line in lines.getvalue().splitlines()]
    said = {(e["event"], e["record"], e["reason"]) for e in told if e.get("record")}
    every = {("record_done", new, "SYNCED"), ("record_done", outside, "NOT_IN_LIST")}
    failed = {("record_failed", long, "TOO_LONG")}
    assert said == (failed | every if level == "debug" else failed)
    assert {e["run"] for e in told if e.get("record")} == {run.id}


@pytest.mark.parametrize("kind", [None, *Kind])
def test_no_value_and_no_credential_is_in_a_message_or_a_log(
    install: Install, lines: io.StringIO, kind: Kind | None
) -> None:
    here = install(log_level="debug", lanes__bulk__width=3, retries__attempts=2)
    _configure(here, lines)
    keys = _people(here)
    run = here.start()
    if kind:
        for crm in CRM:
            here.fault(crm, kind, after=2, times=3, seconds=90)
    here.settle()
    preview_list(here.services, "contacts")
    explain(here.services, "contacts", keys[0])
    told = lines.getvalue()
    assert "batch_done" in told
    assert run.id in {message.run_id for message in here.post.published}
    sent = "\n".join(message.body for message in here.post.published)
    for text in (told, sent):
        assert CANARY.lower() not in text.lower()
        assert "canary-bird" not in text.lower()
        for secret in _secrets(here):
            assert secret not in text


def test_a_fault_of_our_own_is_logged_without_its_words(
    install: Install, lines: io.StringIO
) -> None:
    here = install(log_level="debug", retries__attempts=1)
    _configure(here, lines)
    (key,) = [here.contact(EMAIL)]

    def strike(_method: str, url: str, _body: bytes) -> None:
        if "batch/read" in url:
            raise ValueError(f"what {EMAIL} has is no number")

    here.watches.append(strike)
    here.start()
    here.settle(unexpected=ValueError)
    problem = here.problem(key)
    assert problem
    assert "ValueError" in lines.getvalue()
    assert "canary-bird" not in lines.getvalue().lower()
    assert "canary-bird" not in problem.message


def _secrets(here: Installation) -> list[str]:
    held = here.world.credentials
    return [held.hubspot_token, held.salesforce_client_secret, *here.world.org.sessions]
