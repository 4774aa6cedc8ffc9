from dataclasses import replace

import pytest

from guestlist.domain.brake import Cause
from guestlist.domain.budget import Day
from guestlist.domain.trouble import Facts, Kind, Tally, troubles
from schemas.settings import AlertSettings

SETTINGS = AlertSettings(error_share=0.1, error_records=20, budget_share=0.8, silent_s=120)
WELL = Facts(
    late={"contacts": ()},
    tallies={"contacts": Tally(1000, 100)},
    days={"hubspot": Day(799, 1000), "salesforce": Day(0, 0)},
    held={},
    refused=(),
    workers_age=120,
    beat_age=None,
)


def kinds(facts: Facts) -> list[tuple[Kind, str]]:
    return [(each.kind, each.subject) for each in troubles(facts, SETTINGS)]


def test_an_installation_that_is_well_has_no_trouble() -> None:
    assert kinds(WELL) == []


@pytest.mark.parametrize(
    ("facts", "trouble"),
    [
        (WELL._replace(late={"contacts": ("hubspot", "joins:7")}), (Kind.POLL, "contacts")),
        (WELL._replace(tallies={"deals": Tally(190, 20)}), (Kind.ERRORS, "deals")),
        (WELL._replace(days={"hubspot": Day(800, 1000)}), (Kind.BUDGET, "hubspot")),
        (WELL._replace(held={"contacts": Cause.EMPTIED}), (Kind.BRAKE, "contacts")),
        (WELL._replace(refused=["salesforce"]), (Kind.CREDENTIALS, "salesforce")),
        (WELL._replace(workers_age=120.1), (Kind.WORKERS, "")),
        (WELL._replace(beat_age=500), (Kind.BEAT, "")),
    ],
)
def test_each_trouble_is_seen(facts: Facts, trouble: tuple[Kind, str]) -> None:
    assert kinds(facts) == [trouble]
    [found] = troubles(facts, SETTINGS)
    assert found.said
    assert found.fix


def test_few_failures_are_no_trouble_however_large_their_part() -> None:
    assert kinds(WELL._replace(tallies={"contacts": Tally(19, 19)})) == []


def test_what_nobody_can_know_is_no_trouble() -> None:
    facts = WELL._replace(refused=["hubspot"], unknown=frozenset({Kind.CREDENTIALS}))
    assert kinds(facts) == []


def test_the_settings_decide_how_much_is_too_much() -> None:
    strict = replace(SETTINGS, budget_share=0.5, error_share=0.05)
    found = troubles(WELL, strict)
    assert {each.kind for each in found} == {Kind.BUDGET, Kind.ERRORS}
