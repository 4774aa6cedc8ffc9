"""What HubSpot's integration offers as pages and buttons, asked of the command."""

from pathlib import Path

import orjson

from tests.engine.conftest import Install
from tests.parity.conftest import Explain
from tests.twoway.test_creation import contact_of, value


def test_IMP_01_an_import_is_one_line(install: Install, explained: Explain) -> None:
    here = install()
    here.row("Lead", Email="ada@example.com", FirstName="Ada", Title="CTO")
    here.row("Lead", Email="bob@example.com", Title="CFO")
    here.row("Contact", Email="eve@example.com", Title="CTO")
    line = ("import", "--type", "Lead", "--where", "Title = 'CTO'", "--yes", "--json")
    run = orjson.loads(explained.said(here, *line))
    here.settle()
    assert here.the_run(run["id"]).enumerated == 1
    contact = contact_of(here, "ada@example.com")
    assert contact
    assert value(here, contact, "firstname") is None, "it is in no list yet"
    assert contact_of(here, "bob@example.com") is None
    assert contact_of(here, "eve@example.com") is None


def test_IMP_01_the_ids_of_a_report_are_a_file(
    install: Install, explained: Explain, tmp_path: Path
) -> None:
    here = install()
    chosen = here.row("Lead", Email="ada@example.com")
    here.row("Lead", Email="bob@example.com")
    report = tmp_path / "report.csv"
    report.write_text(f'Lead ID,Name\n"{chosen}",Ada\n')
    run = orjson.loads(explained.said(here, "import", "--ids", str(report), "--yes", "--json"))
    here.settle()
    assert here.the_run(run["id"]).enumerated == 1
    assert contact_of(here, "ada@example.com")
    assert contact_of(here, "bob@example.com") is None


def test_MAP_08_every_mapping_is_shown_with_its_rule_and_where_it_comes_from(
    install: Install, explained: Explain
) -> None:
    here = install()
    shown = orjson.loads(explained.said(here, "mapping", "show", "--json"))
    email = next(each for each in shown["fields"] if each["hubspot"] == "email")
    assert email["rule"] == "two_way"
    assert email["salesforce"] == {"Contact": "Email", "Lead": "Email"}
    assert "prefer_salesforce_unless_blank" in explained.said(here, "mapping", "show")
    assert orjson.loads(explained.said(here, "mapping", "check", "--json"))["problems"] is not None
