"""A field that goes is told wherever somebody looks, and named by its code."""

from console.exits import Exit
from tests.console.conftest import Console

FAX = "salesforce/Contact/Fax"


def test_a_held_field_is_told_by_mapping_check_doctor_and_explain(chosen: Console) -> None:
    record = chosen.json("plan")["samples"][0]["record"]
    chosen.json("sync", "start", "--record", record, "--wait")
    chosen.field(FAX, "gone")
    told = chosen.json("mapping", "check", code=Exit.CONFIG)
    (held,) = [each for each in told["problems"] if each["holds"]]
    assert (held["field"], held["holds"]) == ("fax -> Contact.Fax", "FIELD_GONE")
    assert "held" in chosen("mapping", "check").output
    checks = chosen.json("doctor", "--only", "mapping")["checks"]
    assert [each["colour"] for each in checks if "held (FIELD_GONE)" in each["said"]] == ["YELLOW"]
    told = chosen.json("explain", record)
    assert [(each["field"], each["reason"]) for each in told["held"]] == [
        ("fax -> Contact.Fax", "FIELD_GONE")
    ]
    assert told["reason"] == "UNCHANGED"
    assert "held, FIELD_GONE: fax -> Contact.Fax" in chosen.ok("explain", record)
    chosen.field(FAX, "there")
    assert chosen.json("mapping", "check")["ok"]
    assert chosen.json("explain", record)["held"] == []


def test_a_list_sync_goes_on_without_a_field_that_is_gone(chosen: Console) -> None:
    chosen.json("plan")
    chosen.field("hubspot/contacts/fax", "gone")
    done = chosen.json("sync", "start", "--limit", "20", "--wait", code=Exit.PARTIAL)
    assert done["outcomes"]["created"] == 10
    assert done["state"] == "complete"
    assert "FIELD_GONE" not in chosen.ok("errors", "ls")
