from pathlib import Path

import orjson
import pytest

from sandbox import snapshot
from sandbox.admission import oauth_app
from sandbox.crm import CRM
from sandbox.reading import counts, records
from sandbox.seed import seed
from sandbox.world import World
from tests.sandbox.conftest import NOON


def contents(world: World) -> dict[str, object]:
    return {
        f"{crm} {name}": list(records(world, CRM(crm), name))
        for crm, types in counts(world).items()
        for name in types
    }


def test_a_loaded_world_is_the_saved_one(world: World, tmp_path: Path) -> None:
    seed(world, contacts=120)
    world.set_options(CRM.HUBSPOT, {"list_lag": 30})
    world.portal.create("contacts", {"email": "later@example.com"})
    path = tmp_path / "world.json"
    snapshot.save(world, path)
    other = World("other")
    snapshot.load(other, path)
    assert contents(other) == contents(world)
    assert other.journal.entries == world.journal.entries
    assert other.landmarks == world.landmarks
    assert other.credentials == world.credentials
    assert other.options(CRM.HUBSPOT) == world.options(CRM.HUBSPOT)
    assert other.options(CRM.SALESFORCE) == world.options(CRM.SALESFORCE)
    assert (other.clock.now(), other.clock.frozen) == (NOON, True)


def test_a_loaded_world_goes_on_as_the_saved_one_would(world: World, tmp_path: Path) -> None:
    seed(world, contacts=50)
    snapshot.save(world, tmp_path / "world.json")
    other = World("other")
    snapshot.load(other, tmp_path / "world.json")
    for one in (world, other):
        one.portal.create("contacts", {"email": "next@example.com"})
        one.org.insert("Contact", {"LastName": "Next"})
    assert contents(other) == contents(world)
    assert other.journal.entries == world.journal.entries


def test_a_loaded_world_knows_who_is_on_the_list(world: World, tmp_path: Path) -> None:
    seed(world, contacts=100)
    snapshot.save(world, tmp_path / "world.json")
    other = World("other")
    snapshot.load(other, tmp_path / "world.json")
    ids = [record["id"] for record in records(world, CRM.HUBSPOT, "contacts")]
    held = [dict(world.portal.membership(id)) for id in ids]
    assert [dict(other.portal.membership(id)) for id in ids] == held
    assert any(membership.evaluated for lists in held for membership in lists.values())


def live(world: World) -> None:
    """Do to a seeded world whatever can happen to one."""
    portal, org = world.portal, world.org
    ids = [record["id"] for record in records(world, CRM.HUBSPOT, "contacts")]
    portal.update("contacts", ids[0], {"email": "moved@example.com", "city": "Bern"})
    portal.update("contacts", ids[0], {"city": ""})
    portal.merge("contacts", ids[1], ids[2])
    portal.archive("contacts", ids[3])
    portal.gdpr_delete("contacts", ids[4])
    portal.define_custom("2-7", "pet", "pets")
    portal.create("pets", {"name": "Rex"})
    unique = {"name": "code", "label": "Code", "type": "string", "hasUniqueValue": True}
    portal.add_property("contacts", unique)
    portal.update("contacts", ids[5], {"code": "A"})
    rule = {"object": "contacts", "requires": "state", "when": {"country": "Chile"}}
    world.set_options(CRM.HUBSPOT, {"conditional_rules": [rule], "list_lag": 30})
    world.set_options(CRM.SALESFORCE, {"commit_delay": 5})
    contacts = [record["id"] for record in records(world, CRM.SALESFORCE, "Contact")]
    org.update(contacts[0], {"Title": "Boss"})
    org.delete(contacts[1])
    org.undelete(contacts[1])
    org.merge(contacts[2], [contacts[3]])
    org.convert_lead(org.insert("Lead", {"LastName": "Lead", "Company": "Acme"}))
    oauth_app(world, {"scopes": ["oauth"]})


def test_a_world_that_has_lived_is_saved_with_its_history(world: World, tmp_path: Path) -> None:
    seed(world, contacts=120)
    live(world)
    snapshot.save(world, tmp_path / "world.json")
    other = World("other")
    snapshot.load(other, tmp_path / "world.json")
    assert contents(other) == contents(world)
    assert other.portal.dump() == world.portal.dump()
    assert other.org.dump() == world.org.dump()
    assert other.journal.entries == world.journal.entries


def test_a_running_clock_runs_on_from_its_instant(tmp_path: Path) -> None:
    world = World("x")
    world.clock.freeze(NOON)
    world.clock.thaw()
    snapshot.save(world, tmp_path / "world.json")
    other = World("y")
    snapshot.load(other, tmp_path / "world.json")
    assert not other.clock.frozen
    assert 0 <= other.clock.timestamp() - NOON.timestamp() < 60


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"{",
        orjson.dumps({"format": snapshot.FORMAT, "version": 99}),
        orjson.dumps({"format": snapshot.FORMAT, "version": snapshot.VERSION, "seed": "x"}),
    ],
)
def test_what_is_no_snapshot_of_ours_leaves_the_world_alone(
    world: World, tmp_path: Path, content: bytes
) -> None:
    world.portal.create("contacts", {"email": "a@example.com"})
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError):
        snapshot.load(world, tmp_path / "file")
    assert len(world.journal.entries) == 1


@pytest.mark.parametrize("part", ["clock", "dice", "hubspot", "salesforce", "journal"])
@pytest.mark.parametrize("instead", [None, 1, "x", [1], {"x": 1}, [{}]], ids=repr)
def test_a_damaged_part_leaves_the_world_alone(
    world: World, tmp_path: Path, part: str, instead: object
) -> None:
    seed(world, contacts=5)
    path = tmp_path / "file"
    snapshot.save(world, path)
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), part: instead}))
    before = contents(world)
    with pytest.raises(ValueError, match="is damaged"):
        snapshot.load(world, path)
    assert contents(world) == before
