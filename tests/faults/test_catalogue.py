"""Every fault of the catalogue has a test that bears its name."""

import pytest

from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.judge import nothing_is_there_twice
from tests.faults.catalogue import CATALOGUE
from tests.faults.page import named_after
from tests.parity.named import ROOT

COUNTS = {"A": 11, "B": 20, "C": 13, "D": 10, "E": 13}
FAULTS = [f"{part}{number}" for part, last in COUNTS.items() for number in range(1, last + 1)]
LOST = [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_a_test_of_its_name(fault: str) -> None:
    assert named_after(fault) != []


def test_the_catalogue_holds_all_of_them() -> None:
    assert list(CATALOGUE) == FAULTS
    assert len(FAULTS) == 67


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
