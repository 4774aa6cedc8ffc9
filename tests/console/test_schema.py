"""``guestlist schema``: what changed about the fields, and nothing kept until it is asked for."""

from pathlib import Path

from console.exits import Exit
from tests.console.conftest import Console


def changes(console: Console, *line: str, code: int = 0) -> list[tuple[str, str, bool, str]]:
    told = console.json("schema", *line, code=code)
    return [(e["type"], e["field"], e["mapped"], e["difference"]) for e in told["changes"]]


def test_a_schema_that_was_never_read_has_no_changes(console: Console) -> None:
    told = console.json("schema", "diff", "--exit-code")
    assert told["changes"] == []
    assert {each["read_before"] for each in told["schemas"]} == {None}
    assert {each["type"] for each in told["schemas"]} == {"contacts", "Contact", "Lead"}
    assert all(each["fields"] > 20 for each in told["schemas"])


def test_what_changed_is_told_mapped_fields_first_until_it_is_read_anew(console: Console) -> None:
    console.json("schema", "refresh")
    assert changes(console, "diff", "--exit-code") == []
    console.field("salesforce/Contact/AssistantName", "gone")
    console.field("salesforce/Contact/Fax", "gone")
    console.field("hubspot/contacts/jobtitle", "read_only")
    found = [
        ("contacts", "jobtitle", True, "access"),
        ("Contact", "Fax", True, "gone"),
        ("Contact", "AssistantName", False, "gone"),
    ]
    assert changes(console, "diff", "--exit-code", code=Exit.PENDING) == found
    assert changes(console, "diff", "--exit-code", code=Exit.PENDING) == found, "it was kept"
    assert changes(console, "diff") == found
    shown = console("schema", "diff")
    assert "Fax" in shown.output
    assert "guestlist schema refresh" in shown.output
    assert changes(console, "refresh") == found
    assert changes(console, "diff", "--exit-code") == []
    assert "nothing changed" in console.ok("schema", "diff")
    console.field("salesforce/Contact/Fax", "there")
    assert changes(console, "refresh") == [("Contact", "Fax", True, "added")]


def test_an_object_that_salesforce_lacks_is_named(console: Console, installation: Path) -> None:
    mapped = '[objects.contacts]\nsalesforce = ["Contact", "Leed"]\n'
    (installation / "guestlist.toml").write_text(mapped)
    for line in (("mapping", "check"), ("sync", "start"), ("doctor", "--only", "mapping")):
        told = console.json(*line, code=78)
        assert "Salesforce has no object Leed" in str(told)


def test_a_refresh_is_what_the_next_check_goes_by(console: Console) -> None:
    console.json("schema", "refresh")
    console.field("salesforce/Contact/Fax", "gone")
    console.json("schema", "refresh")
    told = console.json("doctor", "--only", "mapping")
    assert any("held (FIELD_GONE)" in each["said"] for each in told["checks"])
