import json
import os
from pathlib import Path
from typing import Any

import pytest

from sandbox.salesforce.schema import EXTERNAL_ID, stock_objects
from sandbox.salesforce.schema.reader import read_line
from tests.sandbox.salesforce.caller import Caller

ROOT = Path(__file__).parents[3]
FACTS = Path(os.environ.get("GUESTLIST_SHARED", ROOT.parent / "shared")) / "data"
OBJECTS = ["Account", "Contact", "Lead", "Opportunity", "Case", "OpportunityContactRole"]


def facts(sobject: str) -> dict[str, Any]:
    path = FACTS / f"salesforce_describe_{sobject}.json"
    if not path.exists():
        pytest.skip(f"no recorded describe at {path}")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize("sobject", OBJECTS)
def test_standard_fields_are_those_of_a_recorded_org(caller: Caller, sobject: str) -> None:
    recorded = facts(sobject)
    standard = {f["name"]: f for f in recorded["fields"] if not f["name"].endswith("__c")}
    described = caller.call("GET", f"sobjects/{sobject}/describe").body
    ours = {f["name"]: f for f in described["fields"] if not f["custom"]}
    assert list(ours) == list(standard)
    for name, fact in standard.items():
        shown = ours[name] | {"picklistValues": [v["value"] for v in ours[name]["picklistValues"]]}
        assert {key: shown[key] for key in fact} == fact, name


@pytest.mark.parametrize("sobject", OBJECTS)
def test_a_describe_has_the_attributes_of_a_recorded_one(caller: Caller, sobject: str) -> None:
    recorded = facts(sobject)
    described = caller.call("GET", f"sobjects/{sobject}/describe").body
    assert list(described["fields"][0]) == recorded["field_keys"]
    assert len(described["fields"][0]) == 57
    assert set(recorded["object_keys"]) <= set(described)
    for key in ("name", "keyPrefix", "mergeable", "replicateable"):
        assert described[key] == recorded[key]


def test_every_prefix_belongs_to_one_object() -> None:
    prefixes = [spec.prefix for spec in stock_objects().values()]
    assert len(set(prefixes)) == len(prefixes)


@pytest.mark.parametrize("sobject", ["Contact", "Lead"])
def test_the_external_id_is_unique_and_an_id_lookup(sobject: str) -> None:
    spec = stock_objects()[sobject].fields[EXTERNAL_ID.name]
    assert (spec.external_id, spec.unique, spec.id_lookup) == (True, True, True)


def test_a_table_line_with_an_unknown_column_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown extra 'colour=red'"):
        read_line("Name|Name|string 80|ncu|colour=red")
