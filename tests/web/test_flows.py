"""What people do on the pages without a browser: start, steer, mend, choose, export."""

import csv
import io
from datetime import timedelta

import pytest

from console.web.charts import HEIGHT, bars, curve
from console.web.formats import ago, exact, fact, prose, state, took, value
from guestlist.domain.explain import describe
from guestlist.domain.outcome import RunState
from guestlist.domain.reason import Reason
from guestlist.domain.write import Conflict, Sides
from guestlist.engine import launch
from guestlist.store import conflicts, follows, inclusion, problems
from schemas.records import Crm
from tests.console.test_brake import EVERYBODY, refilter
from tests.services.processes import wait_until
from tests.web.conftest import Web


def synced(web: Web) -> str:
    run = launch.start_list(web.site.services, "contacts", by="anna")
    return web.ended(run.id).id


def test_a_run_is_started_paused_resumed_and_cancelled(admin: Web) -> None:
    admin.console.workers.rest()
    started = admin.post("/list/sync")
    assert started.status_code == 303
    path = started.location
    [run] = admin.runs()
    assert run.requested_by == "admin"
    admin.post(f"{path}/pause")
    assert admin.runs()[0].state is RunState.PAUSED
    assert "Resume" in admin.get(path)
    assert "1 run is paused" in admin.get("/")
    admin.post("/resume")
    assert admin.runs()[0].state is RunState.PAUSED
    admin.post(f"{path}/resume")
    assert admin.runs()[0].state is RunState.RUNNING
    admin.post(f"{path}/cancel")
    assert admin.runs()[0].state is RunState.CANCELLED
    assert admin.post(f"{path}/dance").status_code == 400
    told = admin.get("/audit?what=run")
    for what in ("run.started", "run.paused", "run.running", "run.cancelled"):
        assert what in told


def test_chosen_records_are_synced_by_whatever_names_them(admin: Web) -> None:
    person = admin.console.outside()
    answer = admin.post("/runs", records=f"{person}\n{person}  ")
    run = admin.ended(answer.location.rpartition("/")[2])
    assert (run.enumerated, run.held) == (1, 1)
    assert admin.post("/runs", records="").status_code == 400
    assert admin.post("/runs", records="1 " * 101).status_code == 400
    assert admin.post("/runs", records="nobody@nowhere.test").status_code == 404


def test_a_run_shows_why_each_record_failed_in_the_crms_words(admin: Web) -> None:
    run = synced(admin)
    page = admin.get(f"/runs/{run}?outcome=failed")
    assert "Contacts in Liechtenstein need a phone number." in page
    assert "someone who edits the contact in HubSpot" in page
    assert "created</span></td>" not in page.partition('id="live-records"')[2]
    assert admin.client.get(f"/runs/{run}?outcome=dancing").status_code == 400


def test_records_are_paged_by_key(admin: Web) -> None:
    run = synced(admin)
    first = admin.get(f"/runs/{run}")
    assert "Next page" in first
    last = admin.get(f"/runs/{run}?after=98455")
    assert "Next page" not in last
    assert "First page" in last


def test_an_export_for_people_holds_no_formula(admin: Web) -> None:
    run = synced(admin)
    answer = admin.client.get(f"/runs/{run}/records.csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{run}-records.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert len(rows) == 61
    assert rows[0][0] == "record"
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    body = admin.client.get(f"/runs/{run}/records.json").get_json()
    assert body["schema"] == "guestlist/records@1"
    assert len(body["records"]) == 60
    assert admin.client.get(f"/runs/{run}/records.xml").status_code == 404


def test_errors_are_mended_retried_ignored_and_exported(admin: Web) -> None:
    synced(admin)
    assert "10 records wait for a person" in admin.get("/")
    listed = admin.get("/errors?category=Org automation")
    assert "VALIDATION_RULE" in listed
    assert "TOO_LONG" not in listed
    fixable = admin.console.world.landmarks["fixable"]
    with admin.site.database.read() as conn:
        problem = problems.get(conn, "contacts", fixable["id"])
    assert problem
    path = f"/errors/{problem.fingerprint}"
    assert "A professor needs a title." in admin.get(path)
    exported = admin.client.get(f"/errors/export.csv?fingerprint={problem.fingerprint}").text
    assert exported.count("\r\n") == 2
    admin.console.addresses.listening.call(
        lambda: admin.console.world.portal.update("contacts", fixable["id"], fixable["properties"])
    )
    retried = admin.post(f"{path}/retry").location
    admin.ended(retried.rpartition("/")[2])
    assert admin.client.get(path).status_code == 404
    assert admin.get(f"{path}?status=resolved")
    with admin.site.database.read() as conn:
        left = problems.groups(conn, "contacts")[0]
    admin.post(f"/errors/{left.fingerprint}/ignore")
    assert admin.get(f"/errors/{left.fingerprint}?status=ignored")
    assert admin.post("/errors/000000000000/retry").status_code == 409


def test_whoever_retries_a_run_gets_a_run_that_names_it(admin: Web) -> None:
    run = synced(admin)
    again = admin.post(f"/runs/{run}/retry").location.rpartition("/")[2]
    assert admin.ended(again).parent == run
    assert f"again of {run}" in admin.get("/runs")


def test_choosing_a_list_needs_its_name_and_syncs_nobody(admin: Web) -> None:
    lists = admin.console.world.landmarks["lists"]
    other = next(key for name, key in lists.items() if name not in {"inclusion", "static"})
    page = admin.get(f"/list/{other}")
    assert "would leave" in page
    assert admin.post(f"/list/{other}/use", typed="something else").status_code == 400
    name = page.partition("<strong>")[2].partition("</strong>")[0]
    assert admin.post(f"/list/{other}/use", typed=name).status_code == 303
    with admin.site.database.read() as conn:
        choice = inclusion.get(conn, "contacts")
    assert choice
    assert (choice.list_id, choice.chosen_by) == (other, "admin")
    assert admin.runs() == []


def test_a_static_list_can_not_be_chosen_and_the_page_says_why(admin: Web) -> None:
    static = admin.console.world.landmarks["lists"]["static"]
    assert "not eligible" in admin.get("/list?all=on")
    page = admin.get(f"/list/{static}")
    assert "static list" in page
    assert "Choose this list" not in page


def test_setting_no_list_has_to_be_meant(admin: Web) -> None:
    assert admin.post("/list/clear", typed="yes").status_code == 400
    assert admin.post("/list/clear", typed="everybody").status_code == 303
    assert "Every record of contacts may sync." in admin.get("/list")


def test_a_list_is_made_from_conditions(admin: Web) -> None:
    wrong = admin.post("/list/new", title="X", property="nonsense", operator="IS_KNOWN", value="")
    assert wrong.status_code == 400
    assert "no property" in wrong.text
    made = admin.post(
        "/list/new",
        title="Customers too",
        property="lifecyclestage",
        operator="IS_ANY_OF",
        value="customer",
    )
    assert made.status_code == 303
    assert "Customers too" in admin.get(made.location)
    form = admin.get("/list/new?property=lifecyclestage")
    assert '<option value="customer">' in form
    assert "is any of" in form


def test_a_plan_too_old_or_of_another_list_starts_nothing(admin: Web) -> None:
    path = admin.post("/plans").location
    wait_until(lambda: "nothing written" in admin.get(path), what="the plan")
    admin.clock.ahead += timedelta(minutes=31)
    assert admin.post(f"{path}/start").status_code == 409
    assert admin.runs() == []
    assert admin.post("/plans", limit="many").status_code == 400
    assert admin.client.get("/plans/p_gone").status_code == 404


def test_a_list_that_may_create_many_is_planned_first(admin: Web) -> None:
    guards = admin.site.services.settings.guards
    object.__setattr__(guards, "ask_above_creates", 3)
    try:
        assert admin.post("/list/sync").location == "/plans?object=contacts"
        path = admin.post("/plans").location
        wait_until(lambda: "nothing written" in admin.get(path), what="the plan")
        assert admin.post(f"{path}/start").status_code == 400
        assert admin.post(f"{path}/start", creates="on").status_code == 303
    finally:
        object.__setattr__(guards, "ask_above_creates", 500)


def test_an_object_is_followed_and_no_more(admin: Web) -> None:
    assert "not followed" in admin.get("/")
    assert admin.post("/follow", to="on").status_code == 303
    assert "read up to" in admin.get("/")
    admin.post("/follow", to="off")
    with admin.site.database.read() as conn:
        [follow] = follows.all(conn)
    assert follow.stopped_at


def test_a_value_that_lost_is_asked_back_once(admin: Web) -> None:
    person = admin.console.person("professor without a title")
    lost = Conflict(person, "city", Sides("Bern", "Thun"), None, Crm.HUBSPOT, None, None)
    with admin.site.database.begin() as conn:
        conflicts.put_many(conn, "contacts", [lost], run_id="r_1", now=admin.now())
    assert "Thun" in admin.get(f"/records?q={person}")
    assert admin.post("/conflicts/1/restore").status_code == 303
    assert "asked for by admin" in admin.get(f"/records?q={person}")
    assert admin.post("/conflicts/1/restore").status_code == 409
    assert admin.post("/conflicts/99/restore").status_code == 404


def test_an_answer_to_the_brake_is_about_what_was_shown(admin: Web) -> None:
    assert admin.client.get("/list/brake").status_code == 409
    refilter(admin.console, EVERYBODY)
    assert "its filters were changed" in admin.get("/list")
    assert "is held" in admin.get("/")
    assert admin.post("/list/sync").status_code == 409
    page = admin.get("/list/brake")
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    assert admin.post("/list/brake/approve", seen=f"{seen}0").status_code == 409
    assert admin.post("/list/brake/reject", seen=seen).status_code == 303
    assert "by admin" in admin.get("/list/brake")


def test_a_page_of_a_hostile_world_is_text(admin: Web) -> None:
    script = "<script>alert(1)</script>"
    person = admin.console.outside()
    admin.console.addresses.listening.call(
        lambda: admin.console.world.portal.update("contacts", person, {"city": script})
    )
    page = admin.get(f"/records?q={person}")
    assert script not in page
    assert "&lt;script&gt;" in page
    assert script not in admin.client.get("/records", query_string={"q": script}).text
    assert script not in admin.client.get("/audit", query_string={"what": script}).text


def test_a_crm_that_does_not_answer_is_told_and_the_rest_goes_on(admin: Web) -> None:
    admin.console.fault(crm="hubspot", route="*", kind="status", status=503)
    answer = admin.client.get("/list")
    assert answer.status_code == 503
    assert "HubSpot" in answer.text
    admin.site.pulse.watch()
    admin.site.pulse.beat()
    assert "Not syncing" in admin.get("/")
    assert admin.get("/runs")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "now"), (59, "59 s ago"), (61, "1 min ago"), (7300, "2 h ago"), (-90, "in 1 min")],
)
def test_an_age_is_told_in_its_largest_unit(web: Web, seconds: int, words: str) -> None:
    now = web.now()
    assert ago(now - timedelta(seconds=seconds), now) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1.24, "1.2 s"), (75, "1 min 15 s"), (3600, "1 h 0 s"), (90000, "1 d 1 h")],
)
def test_a_duration_is_told_in_two_units(seconds: float, words: str) -> None:
    assert took(seconds) == words


def test_values_are_shown_so_that_blanks_and_tricks_are_seen() -> None:
    assert "blank" in value(None)
    assert "blank" in value("")
    assert str(value("a<b>\x1b[31m")) == "a&lt;b&gt;\\x1b[31m"
    assert str(fact("2026-11-26T11:44:02.154800+00:00")) == str(fact("2026-11-26T12:44:02+01:00"))
    assert str(fact("2026")) == "2026"
    assert "bad" in state("failed")
    assert str(exact(None)) != ""


def test_bars_fill_the_height_and_small_ones_are_seen() -> None:
    drawn = bars([0, 1, 1000], ["a", "b", "c"])
    assert [bar.height for bar in drawn] == [0, 2, HEIGHT]


def test_a_curve_stays_inside_with_its_band() -> None:
    assert curve([(0.0, 1)], None) is None
    flat = curve([(0.0, 5), (1.0, 5)], None)
    assert flat
    assert (flat.low, flat.high, flat.height) == (5, 5, 0.0)
    drawn = curve([(0.0, 100), (0.5, 110), (1.0, 90)], (80, 120))
    assert drawn
    assert (drawn.low, drawn.high) == (90, 110)
    assert 0 < drawn.top < drawn.top + drawn.height < HEIGHT


def test_each_explain_code_has_a_page(admin: Web) -> None:
    run = launch.start_list(admin.site.services, "contacts", by="anna")
    admin.ended(run.id)
    for reason in Reason:
        assert prose(describe(reason).remedy) in admin.get(f"/codes/{reason}")
    assert "of contacts" in admin.get("/codes/TOO_LONG")
    assert admin.client.get("/codes/NONSENSE").status_code == 404


def test_one_record_of_a_run_is_found(admin: Web) -> None:
    run = launch.start_list(admin.site.services, "contacts", by="anna")
    admin.ended(run.id)
    person = admin.console.person("professor without a title")
    page = admin.get(f"/runs/{run.id}?record={person}")
    records = page[page.index('id="live-records"') :]
    assert records.count("<tr>") == 2
    assert f"q={person}" in records
    assert "No record fits" in admin.get(f"/runs/{run.id}?record={admin.console.outside()}")
