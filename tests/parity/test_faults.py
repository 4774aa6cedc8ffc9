"""Every fault of reading, of writing and of the gate has a test that bears its name."""

import re

import pytest

from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.judge import nothing_is_there_twice
from tests.parity.named import ROOT, every_test

FAULTS = [
    *(f"A{number}" for number in range(1, 12)),
    *(f"B{number}" for number in range(1, 21)),
    *(f"C{number}" for number in range(1, 14)),
]
LOST = [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200]


def of(fault: str) -> list[str]:
    """The names of the tests about a fault."""
    word = re.compile(rf"_{fault}(?:_|$)", re.IGNORECASE)
    return [name for _, name in every_test() if word.search(name)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_a_test_of_its_name(fault: str) -> None:
    assert of(fault) != []


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_B1_a_creation_in_salesforce_whose_answer_is_lost_again_and_again_is_made_once(
    install: Install, kind: Kind, number: int
) -> None:
    here = install()
    members = here.contacts(5)
    here.fault(CRM.SALESFORCE, kind, "POST */composite", after=1, times=number)
    run = here.run()
    assert run.created + run.unchanged + run.updated == len(members)
    created = [str(each.contact_id) for each in here.writes() if each.operation == "create"]
    assert sorted(created) == sorted(members)
    nothing_is_there_twice(here)


def test_B20_no_bulk_job_is_ever_made(install: Install) -> None:
    """A job waits for minutes, and no proof of membership stays fresh that long."""
    here = install()
    addresses: list[str] = []
    here.watches.append(lambda _method, url, _body: addresses.append(url))
    here.contacts(5)
    here.run()
    assert addresses
    assert [each for each in addresses if "/jobs/" in each] == []
    shipped = [*(ROOT / "guestlist").rglob("*.py")]
    assert shipped
    assert [path for path in shipped if "jobs/ingest" in path.read_text()] == []
