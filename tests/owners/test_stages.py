"""A lifecycle stage that a person mapped, against a HubSpot that ignores every step back."""

from pathlib import Path

import pytest

from tests.engine.conftest import Install
from tests.engine.world import Installation

ADDRESS = "ada@example.com"
ROW = """
[[objects.contacts.fields]]
hubspot = "lifecyclestage"
salesforce = "Description"
rule = "{rule}"
"""


def stage(here: Installation, contact_id: str) -> str:
    return here.world.portal.stores["0-1"].records[contact_id].values["lifecyclestage"]


@pytest.mark.parametrize("rule", ["prefer_salesforce_unless_blank", "two_way"])
def test_lif_a_step_back_in_salesforce_is_not_written_over_and_over(
    install: Install, tmp_path: Path, rule: str
) -> None:
    (tmp_path / "guestlist.toml").write_text(ROW.format(rule=rule))
    here = install()
    member = here.contact(ADDRESS)
    here.run()
    (twin,) = here.twins(member)
    assert here.values(twin)["Description"] == "customer"
    here.world.org.update(twin, {"Description": "lead"}, caller="user")
    before = here.writes()
    here.run()
    here.run()
    assert here.writes() == before
    assert (stage(here, member), here.values(twin)["Description"]) == ("customer", "lead")


def test_lif_a_step_forward_in_salesforce_comes_to_hubspot(
    install: Install, tmp_path: Path
) -> None:
    (tmp_path / "guestlist.toml").write_text(ROW.format(rule="two_way"))
    here = install()
    member = here.contact(ADDRESS)
    here.row("Contact", Email=ADDRESS, Description="evangelist")
    here.run()
    assert stage(here, member) == "evangelist"


def test_lif_02_the_built_in_mapping_leaves_the_stage_alone(install: Install) -> None:
    here = install()
    member = here.contact(ADDRESS)
    here.row("Contact", Email=ADDRESS, Description="evangelist")
    here.run()
    assert stage(here, member) == "customer"
    assert all("lifecyclestage" not in entry.fields for entry in here.writes())
