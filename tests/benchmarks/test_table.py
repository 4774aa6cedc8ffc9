from dataclasses import replace

import pytest

from benchmarks import machine
from benchmarks.row import Row
from benchmarks.table import GOALS, growth, judged, markdown, met
from benchmarks.workloads import holds
from benchmarks.world import SALESFORCE, person

ROW = Row("cold list sync", "Guestlist", 2000, 4.0, 0.5, hubspot_calls=30, salesforce_calls=6)


def test_a_row_tells_what_a_record_costs():
    assert ROW.cpu_ms_per_record == 0.25
    assert ROW.body()["hubspot_calls_per_1000"] == 15
    assert ROW.body()["records_per_second"] == 500


@pytest.mark.parametrize(("cpu_seconds", "holds"), [(0.5, "yes"), (0.9, "**no**")])
def test_a_goal_is_held_or_not(cpu_seconds: float, holds: str) -> None:
    row = replace(ROW, cpu_seconds=cpu_seconds)
    (line,) = [line for line in judged([row]).splitlines() if "CPU per member, cold" in line]
    assert line.endswith(f"| {holds} |")


def test_only_our_own_rows_are_held_against_goals():
    assert met([replace(ROW, who="script, batched")]) == []


def test_every_goal_names_another_thing():
    assert len({goal.what for goal in GOALS}) == len(GOALS)


def test_a_wrong_result_stands_out():
    assert "**no**" in markdown([replace(ROW, correct=False)])


def test_cpu_of_a_process_is_counted():
    before = machine.cpu_seconds(1) if machine.PROC.joinpath("1", "stat").exists() else 0.0
    assert machine.cpu_seconds(1) >= before


def member(number: int) -> dict[str, object]:
    return {"id": str(number), "fields": person(number, "customer")}


def row_of(number: int, **changed: str) -> dict[str, object]:
    held = person(number, "customer")
    fields = {field: held[name] for name, field in SALESFORCE.items()}
    return {
        "id": f"003{number}",
        "fields": {**fields, "HubSpot_Contact_Id__c": str(number)} | changed,
    }


def test_right_is_each_member_once_with_hubspots_values_and_nobody_else():
    contacts, members = [member(1), member(2)], frozenset({"1"})
    assert holds(contacts, [row_of(1)], members)
    assert not holds(contacts, [], members)
    assert not holds(contacts, [row_of(1), row_of(2)], members)
    assert not holds(contacts, [row_of(1), row_of(1)], members)
    assert not holds(contacts, [row_of(1, Title="Other")], members)


def test_growth_is_told_between_the_smallest_and_the_largest_size():
    small = replace(ROW, records=500, cpu_seconds=0.1, hubspot_calls=8, salesforce_calls=2)
    other = replace(ROW, workload="unchanged list sync")
    (line,) = growth([ROW, small, other]).splitlines()[2:]
    assert line.startswith("| cold list sync | 500 to 2,000 | 0.2 to 0.25 | 16 to 15 | 4 to 3 |")


def test_a_goal_is_about_the_largest_size():
    small = replace(ROW, records=500)
    assert {row.records for _goal, row in met([ROW, small])} == {2000}
