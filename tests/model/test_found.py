"""What the machine found, each as a test of its own."""

from datetime import timedelta
from pathlib import Path

from guestlist.store import conflicts
from tests.producers.conftest import Followed, followed, install, logged
from tests.producers.watcher import Watcher
from tests.twoway.test_creation import ENTERS, value
from tests.twoway.test_twins import paired

__all__ = ["followed", "install", "logged"]
NOW = timedelta()
FIRST_NAME_BOTH_WAYS = """
[[objects.contacts.fields]]
hubspot = "firstname"
rule = "two_way"
"""


def met(followed: Followed, tmp_path: Path, **fields: str) -> tuple[Watcher, str, str]:
    """Let a lead new in Salesforce meet its contact, Ada, who is in no list; both ids."""
    (tmp_path / "guestlist.toml").write_text(FIRST_NAME_BOTH_WAYS)
    watcher = followed(**ENTERS)
    here = watcher.here
    outsider = here.contact("new@example.com", lifecyclestage="lead", firstname="Ada")
    here.move(10)
    lead = here.row("Lead", ago=NOW, Email="new@example.com", **fields)
    watcher.tick(3)
    return watcher, outsider, lead


def test_I2_what_a_new_lead_overwrites_at_an_outsider_is_kept_in_the_conflict_log(
    followed: Followed, tmp_path: Path
) -> None:
    """The first sync of a record that Salesforce created wrote over HubSpot's value unsaid."""
    watcher, outsider, _ = met(followed, tmp_path, FirstName="Augusta")
    here = watcher.here
    assert value(here, outsider, "firstname") == "Augusta"
    with here.services.database.read() as connection:
        (lost,) = conflicts.page(connection)
    assert (lost.conflict.property, lost.lost) == ("firstname", "Ada")


def test_I2_what_an_outsider_held_is_kept_in_the_conflict_log_when_it_comes_in(
    followed: Followed, tmp_path: Path
) -> None:
    """Found by chaos runs: it was linked with its value beside a blank, which somebody filled."""
    watcher, outsider, lead = met(followed, tmp_path)
    here = watcher.here
    assert watcher.link(outsider)
    here.world.org.update(lead, {"FirstName": "Augusta"}, caller="user")
    here.move(10)
    here.change(outsider, lifecyclestage="customer")
    watcher.tick(5)
    assert value(here, outsider, "firstname") == "Augusta"
    with here.services.database.read() as connection:
        (lost,) = conflicts.page(connection)
    assert (lost.conflict.property, lost.lost) == ("firstname", "Ada")


def test_B15_a_value_cleared_when_its_lead_was_converted_stays_cleared(
    followed: Followed, tmp_path: Path
) -> None:
    """The contact was taken for a new twin, where a value beats a blank."""
    (tmp_path / "guestlist.toml").write_text(FIRST_NAME_BOTH_WAYS)
    watcher = followed(objects__contacts__create_as="Lead")
    here = watcher.here
    contact, lead = paired(watcher, firstname="Ada")
    became = here.world.org.convert_lead(lead, account_id=None, caller="user")["contactId"]
    here.move(10)
    here.change(contact, firstname="")
    watcher.tick(3)
    assert here.values(became).get("FirstName") is None
    assert not value(here, contact, "firstname")
