"""MAP: what a mapping that changes does, and does not."""

from dataclasses import replace
from pathlib import Path

from guestlist.domain.outcome import RunKind
from guestlist.engine.launch import start_list
from schemas.mapping import FieldMapping
from tests.engine.conftest import Install
from tests.parity.test_rules import mapped
from tests.producers.watcher import Watcher


def test_MAP_01_a_new_row_fills_nothing_until_a_record_is_looked_at(
    install: Install, tmp_path: Path
) -> None:
    here = mapped(install, tmp_path, "dont_sync")
    ada, bob = (here.contact(f"{n}@example.com", motto="Simplify") for n in ("ada", "bob"))
    here.run()
    settings = here.loaded.settings
    contacts = settings.objects["contacts"]
    old = [each for each in contacts.fields if each.hubspot != "motto"]
    row = FieldMapping("motto", {"Contact": "Motto__c"})
    objects = {"contacts": replace(contacts, fields=(*old, row))}
    here.services = here.worker(
        loaded=replace(here.loaded, settings=replace(settings, objects=objects))
    )
    watcher = Watcher(here)
    watcher.follow()
    before = len(here.writes())
    watcher.tick(3)
    assert here.writes()[before:] == []
    here.change(ada, jobtitle="Countess")
    watcher.tick(2)
    assert {entry.contact_id for entry in here.writes()[before:]} == {ada}
    assert watcher.runs(RunKind.CHANGES)
    start_list(here.services, "contacts", by="tester")
    here.settle()
    for contact in (ada, bob):
        (twin,) = here.twins(contact)
        assert here.values(twin)["Motto__c"] == "Simplify"


def test_MAP_06_nothing_is_added_to_a_schema_unasked(install: Install) -> None:
    here = install()
    asked: list[tuple[str, str]] = []
    here.watches.append(lambda method, url, _body: asked.append((method, url)))
    here.contacts(3)
    here.run()
    schemas = ("/properties", "/schemas", "/describe", "/tooling", "/metadata")
    about = {method for method, url in asked if any(each in url for each in schemas)}
    assert about == {"GET"}
