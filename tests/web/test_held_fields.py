"""Health, Mapping and the record's page say which field is held, and that all else syncs."""

from tests.web.conftest import Web


def test_a_held_field_needs_attention_and_stops_nothing(admin: Web) -> None:
    record = admin.console.json("plan")["samples"][0]["record"]
    admin.console.field("salesforce/Contact/Fax", "gone")
    admin.console("mapping", "check")
    page = admin.get("/mapping?object=contacts")
    assert "1 held" in page
    assert "all else syncs" in page
    assert "nothing syncs" not in page
    admin.site.pulse.watch()
    admin.site.pulse.beat()
    assert "1 mapped field of contacts held: all else syncs." in admin.get("/")
    page = admin.get(f"/records?q={record}&object=contacts")
    assert "FIELD_GONE" in page
    assert "fax -&gt; Contact.Fax" in page
