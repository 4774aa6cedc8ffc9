from pathlib import Path

import pytest

from guestlist.domain.reason import Reason
from tests.console.conftest import Console


def test_a_record_outside_the_list_is_told_so_with_the_remedy(chosen: Console) -> None:
    outside = chosen.outside()
    told = chosen.json("explain", outside)
    assert told["reason"] == "NOT_IN_LIST"
    stopped = [step["question"] for step in told["path"] if step["verdict"] == "Stop"]
    assert stopped == ["it is a member"]
    assert told["would_change"]
    words = chosen.ok("explain", outside)
    assert "NOT_IN_LIST" in words
    assert "would be written if it passed" in words


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ("missing last name", Reason.REQUIRED_MISSING),
        ("two contacts", Reason.DUP_MANY_MATCHES),
        ("invalid e-mail", Reason.BAD_EMAIL),
        ("no e-mail", Reason.NO_EMAIL),
    ],
)
def test_a_plight_of_the_seeded_world_has_its_code(
    console: Console, role: str, reason: Reason
) -> None:
    told = console.json("explain", console.person(role))
    assert told["reason"] == reason
    assert told["outcome"] in {"held", "failed"}


def test_the_exit_code_tells_on_request_whether_it_is_in_step(chosen: Console) -> None:
    record = chosen.json("plan")["samples"][0]["record"]
    assert chosen("explain", record).exit_code == 0
    assert chosen("explain", record, "--exit-code").exit_code == 10
    chosen.json("sync", "start", "--record", record, "--wait")
    assert chosen("explain", record, "--exit-code").exit_code == 0


def test_a_record_answers_to_its_address_and_to_its_twin(chosen: Console) -> None:
    sample = chosen.json("plan")["samples"][0]
    email = next(c["after"] for c in sample["changes"] if c["field"] == "Email")
    chosen.json("sync", "start", "--record", email, "--wait")
    twin = chosen.json("explain", email)["twin"]["id"]
    for name in (twin, twin[:15], email.upper(), sample["record"]):
        told = chosen.json("explain", name)
        assert (told["record"], told["reason"]) == (sample["record"], "UNCHANGED")


def test_the_history_names_every_run(chosen: Console) -> None:
    record = chosen.json("plan")["samples"][0]["record"]
    runs = [chosen.json("sync", "start", "--record", record, "--wait")["id"] for _ in range(2)]
    told = chosen.json("explain", record, "--history")
    assert [row["run"] for row in told["history"]] == runs[::-1]
    assert [row["outcome"] for row in told["history"]] == ["unchanged", "created"]


def test_nobody_is_found_under_an_unknown_name(chosen: Console) -> None:
    for name in ("nobody@nowhere.example", "not a name"):
        assert chosen.json("explain", name, code=2)["error"] == "usage"


def test_explaining_writes_nothing(chosen: Console) -> None:
    for record in chosen.world.landmarks["people"].values():
        chosen("explain", record)
    assert chosen.journal() == []


def test_it_says_which_crm_has_no_such_record_yet(console: Console) -> None:
    """Of a person whom only Salesforce has it once said that Salesforce had none."""
    settings = Path(console.ok("init") and "guestlist.toml")
    settings.write_text(settings.read_text() + "\n[objects.contacts]\ncreate_in_hubspot = true\n")
    org, values = console.world.org, {"LastName": "Newcomer", "Email": "new@example.com"}
    id = console.addresses.listening.call(lambda: org.insert("Contact", values, caller="user"))
    told = console.ok("explain", id)
    assert "The other CRM has no such record yet." in told


def test_a_record_that_only_salesforce_has_is_called_by_its_own_name(chosen: Console) -> None:
    alone = chosen.insert("Contact", LastName="Alone", Email="alone@only.example")
    for name in (alone, "alone@only.example"):
        assert chosen.json("explain", name)["record"] == alone
        assert f"contacts: Salesforce {alone}, not in HubSpot" in chosen.ok("explain", name)


def test_of_several_records_with_one_address_none_is_chosen(chosen: Console) -> None:
    twins = [chosen.insert("Contact", LastName=each, Email="two@only.example") for each in "AB"]
    told = chosen.json("explain", "two@only.example", code=2)
    assert all(each in told["message"] for each in twins)
    assert chosen.json("explain", twins[1])["record"] == twins[1]


def test_a_record_that_is_not_the_twin_is_said_to_be_none(chosen: Console) -> None:
    sample = chosen.json("plan")["samples"][0]
    email = next(c["after"] for c in sample["changes"] if c["field"] == "Email")
    chosen.json("sync", "start", "--record", sample["record"], "--wait")
    other = chosen.insert("Contact", LastName="Other", Email=email)
    told = chosen.json("explain", other)
    assert told["record"] == sample["record"]
    assert told["twin"]["id"] != other
    assert told["facts"]["named"].startswith(other)
    assert "named" not in chosen.json("explain", sample["record"])["facts"]


def test_an_id_that_was_never_seen_is_no_deleted_record(chosen: Console) -> None:
    assert "99999999" in chosen.json("explain", "99999999", code=2)["message"]
    archived = chosen.person("archived")
    assert chosen.json("explain", archived)["reason"] == Reason.DELETED_HS
