"""A person at the console, in Debian's Chromium: with JavaScript and without, wide and narrow."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from guestlist.engine import launch
from guestlist.store import problems
from tests.console.test_brake import EVERYBODY, refilter
from tests.services.processes import missing
from tests.web import test_settings_edit
from tests.web.conftest import PASSWORD, Web
from tests.web.test_mapping_edit import change, save

pytestmark = pytest.mark.processes

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
Scheme = Literal["light", "dark"]
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
CONTRAST = {**EVERYTHING, "runOnly": ["color-contrast"]}
LOOKS: list[tuple[int, Scheme, dict[str, Any] | None]] = [
    (390, "light", EVERYTHING),
    (390, "dark", CONTRAST),
    (1440, "light", EVERYTHING),
    (1440, "dark", CONTRAST),
    (3840, "light", None),
]
"""Width, colours, and what axe looks for: dark changes nothing but colours."""


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        missing("Chromium", remedy="install chromium")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


class Person:
    """Somebody at one page of the console; whatever the page asks of other hosts is a failure."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)
        page.on("dialog", lambda dialog: dialog.accept())

    def _hear(self, message: Any) -> None:
        expected = re.search("status of 40[04]", message.text)  # not there; a form with problems
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(message.text)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith(self.url):
            self.complaints.append(f"asked for {request.url}")

    def go(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")

    def press(self, name: str, *, exact: bool = True) -> None:
        self.page.get_by_role("button", name=name, exact=exact).first.click()

    def sees(self, text: str) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text, timeout=20_000)

    def sign_in(self) -> None:
        self.go("/")
        self.page.get_by_label("Name", exact=True).fill("admin")
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.press("Sign in")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Health")


@contextmanager
def person(browser: Browser, url: str, *, scripts: bool = True, **how: Any) -> Iterator[Person]:
    context = browser.new_context(java_script_enabled=scripts, **how)
    context.set_default_timeout(20_000)
    found = Person(context.new_page(), url)
    found.sign_in()
    try:
        yield found
        assert found.complaints == []
    finally:
        context.close()


def synced(web: Web) -> str:
    """Sync the list, and return the run's id."""
    run = launch.start_list(web.site.services, "contacts", by="anna")
    return web.ended(run.id).id


def group_of(web: Web, record: str) -> str:
    with web.site.database.read() as conn:
        found = problems.get(conn, "contacts", record)
    assert found
    return found.fingerprint


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_morning_at_the_console(web: Web, browser: Browser, *, scripts: bool) -> None:
    """Make and choose a list, plan, sync, ask why one record did not sync, mend an error and
    retry it, change the mapping and a guard, import people, and answer the brake.
    """
    web.add_user("admin")
    console = web.console
    with web.serving() as url, person(browser, url, scripts=scripts) as anna:
        page = anna.page
        anna.go("/list")
        anna.sees("No list is set")
        _make_a_list(anna, scripts=scripts)
        anna.go("/list")
        anna.sees("not eligible")
        page.get_by_label("Name, or part of it").fill("Salesforce inclusion")
        anna.press("Choose")
        anna.sees("would enter")
        page.get_by_label("Type its name to confirm").fill("Salesforce inclusion")
        page.get_by_label("and plan a sync of its members then").check()
        anna.press("Choose this list")
        anna.press("Make a plan")
        _until(anna, "nothing written", scripts=scripts)
        assert not scripts or violations(page) == []
        assert console.journal() == []
        page.get_by_role("button", name="Sync ").first.click()
        _until(anna, "complete", scripts=scripts)
        anna.sees("VALIDATION_RULE")
        page.get_by_role("searchbox").first.fill(console.outside())
        anna.press("Explain")
        anna.sees("Not synced")
        anna.sees("NOT_IN_LIST")
        fixable = console.world.landmarks["fixable"]
        title = fixable["properties"]
        console.addresses.listening.call(
            lambda: console.world.portal.update("contacts", fixable["id"], title)
        )
        anna.go(f"/errors/{group_of(web, fixable['id'])}")
        anna.sees("Org automation")
        anna.press("Retry 1")
        _until(anna, "complete", scripts=scripts)
        anna.go(f"/records?q={fixable['id']}")
        anna.sees("In step")
        _change_the_mapping(anna, scripts=scripts)
        _change_a_guard(anna, scripts=scripts)
        _import(anna, scripts=scripts)
        refilter(console, EVERYBODY)
        anna.go("/list")
        anna.sees("Held")
        page.get_by_role("link", name="See who, and answer").click()
        anna.sees("would be new")
        anna.press("Let them in")
        anna.go("/list")
        expect(page.get_by_role("main")).not_to_contain_text("Held")


def _make_a_list(anna: Person, *, scripts: bool) -> None:
    """Make an active list out of a property's own operators and options."""
    page = anna.page
    page.get_by_role("link", name="Make a new list").click()
    page.get_by_label("Name", exact=True).fill("Leads of this year")
    page.get_by_label("Property").first.fill("lifecyclestage")
    anna.press("Show their operators and options")
    page.get_by_label("Operator").first.select_option("IS_ANY_OF")
    page.get_by_label("Value").first.fill("lead")
    anna.press("Make the list")
    anna.sees("Choose Leads of this year?")
    _until(anna, "would enter", scripts=False)
    assert not scripts or violations(page) == []


def _change_the_mapping(anna: Person, *, scripts: bool) -> None:
    """Change a row, look at the difference, save it, and take it back."""
    page = anna.page
    anna.go("/mapping")
    page.get_by_role("link", name="Change jobtitle").click()
    page.get_by_role("combobox", name="Rule").select_option("always_hubspot")
    anna.press("Show what changes")
    anna.sees("jobtitle.rule")
    anna.sees("some records will be refused")
    assert not scripts or violations(page) == []
    page.get_by_label("Why, for whoever reads it later").fill("marketing keeps titles")
    anna.press("Save the mapping")
    anna.sees("The mapping changed")
    anna.sees("marketing keeps titles")
    page.get_by_role("link", name="Versions").first.click()
    anna.sees("in force")
    anna.press("Show what changes")
    anna.press("Save the mapping")
    anna.sees("as in the settings file")


def _change_a_guard(anna: Person, *, scripts: bool) -> None:
    """Set a guard wrong, then right, look at the difference, save it, and take it back."""
    page = anna.page
    anna.go("/settings")
    page.get_by_role("link", name="Change guards").click()
    page.get_by_label("guards.brake_share").fill("half")
    anna.press("Show what changes")
    anna.sees("guards.brake_share: Not a valid number")
    expect(page.get_by_label("guards.brake_share")).to_have_value("half")
    assert not scripts or violations(page) == []
    page.get_by_label("guards.brake_share").fill("0.5")
    page.keyboard.press("Enter")
    anna.sees("Part of the list that may enter or leave")
    assert not scripts or violations(page) == []
    page.get_by_label("Why, for whoever reads it later").fill("a fair this week")
    anna.press("Save the settings")
    anna.sees("the brake at 50 %")
    anna.sees("a fair this week")
    page.get_by_role("link", name="Versions").click()
    anna.sees("in force")
    assert not scripts or violations(page) == []
    anna.press("Show what changes")
    anna.sees("guards.brake_share")
    anna.press("Save the settings")
    anna.sees("the brake at 20 %")
    anna.sees("nothing: as file and environment say")


def _import(anna: Person, *, scripts: bool) -> None:
    """Plan an import by a condition, and start it from the plan."""
    page = anna.page
    anna.go("/runs")
    page.get_by_role("link", name="Import from Salesforce").click()
    page.get_by_label("That meet this SOQL condition").fill("Email != null")
    page.get_by_label("At most so many records").fill("3")
    anna.press("Plan the import")
    _until(anna, "nothing written", scripts=scripts)
    page.get_by_role("button", name="Import 3 records").click()
    _until(anna, "complete", scripts=scripts)


def _until(anna: Person, text: str, *, scripts: bool) -> None:
    """With scripts the page changes by itself; without them one loads it again."""
    if scripts:
        anna.sees(text)
        return
    main = anna.page.get_by_role("main")
    for _ in range(100):
        if text in main.inner_text():
            return
        anna.page.wait_for_timeout(100)
        anna.page.reload()
    anna.sees(text)


def test_a_run_is_live_without_a_reload(admin: Web, browser: Browser) -> None:
    admin.console.workers.rest()
    with admin.serving() as url, person(browser, url) as anna:
        run = launch.start_list(admin.site.services, "contacts", by="anna")
        anna.go(f"/runs/{run.id}")
        anna.sees("running")
        anna.page.evaluate("window.sameDocument = true")
        anna.press("Pause")
        anna.sees("paused")
        anna.page.evaluate("window.sameDocument = true")
        anna.press("Resume")
        anna.page.evaluate("window.sameDocument = true")
        admin.console.workers.working = True
        anna.sees("complete")
        assert anna.page.evaluate("window.sameDocument")


def test_a_held_list_is_accessible(admin: Web, browser: Browser) -> None:
    synced(admin)
    refilter(admin.console, EVERYBODY)
    with admin.serving() as url, person(browser, url) as anna:
        anna.go("/list")
        anna.sees("Held")
        anna.page.get_by_role("link", name="See who, and answer").click()
        anna.sees("would be new")
        assert violations(anna.page) == []


def paths(web: Web, run: str) -> list[str]:
    failed = web.console.person("professor without a title")
    return [
        "/",
        "/runs",
        f"/runs/{run}",
        "/errors",
        f"/errors/{group_of(web, failed)}",
        f"/records?q={failed}",
        f"/records?q={web.console.outside()}",
        "/records?q=nobody@nowhere.test",
        "/list",
        "/list/2",
        "/list/new?property=lifecyclestage",
        "/plans",
        "/imports",
        "/mapping",
        "/mapping/fields?words=name",
        "/mapping/row?was=jobtitle",
        "/mapping/text",
        "/mapping/versions",
        "/settings",
        "/settings/alerts",
        "/settings/change/polls",
        "/settings/change/guards",
        "/settings/versions",
        "/audit",
        "/workers",
        "/codes",
        "/access",
    ]


def test_every_page_is_accessible_and_fits(admin: Web, browser: Browser) -> None:
    run = synced(admin)
    save(admin, change(admin), note="for its page")
    test_settings_edit.save(admin, test_settings_edit.change(admin, guards__brake_share="0.3"))
    admin.site.pulse.watch()
    admin.site.pulse.beat()
    found: list[Any] = []
    with admin.serving() as url:
        for width, scheme, wanted in LOOKS:
            size = {"width": width, "height": 900}
            with person(browser, url, viewport=size, color_scheme=scheme) as anna:
                for path in paths(admin, run):
                    anna.go(path)
                    if wanted:
                        told = violations(anna.page, wanted)
                        found += [(path, width, scheme, *each) for each in told]
                    across = anna.page.evaluate("document.documentElement.scrollWidth")
                    if across > width:
                        found.append((path, width, f"{across} wide"))
    assert found == []


def test_the_page_to_sign_in_is_accessible(web: Web, browser: Browser) -> None:
    with web.serving() as url:
        page = browser.new_page()
        page.goto(f"{url}/login")
        assert violations(page) == []
        page.close()


def violations(page: Page, wanted: dict[str, Any] = EVERYTHING) -> list[tuple[str, list[str]]]:
    """Return what axe finds, by rule, with a few of the elements."""
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"][:3]])
        for each in Axe().run(page, options=wanted).response["violations"]
    ]


def test_a_filtered_list_is_an_address_to_pass_on(admin: Web, browser: Browser) -> None:
    run = synced(admin)
    with admin.serving() as url, person(browser, url) as anna:
        anna.go(f"/runs/{run}")
        anna.page.get_by_label("Outcome").select_option("failed")
        anna.press("Filter")
        assert "outcome=failed" in anna.page.url
        states = anna.page.locator("#live-records tbody .state").all_inner_texts()
        assert set(states) == {"failed"}


def test_everything_can_be_reached_with_the_keyboard(admin: Web, browser: Browser) -> None:
    with admin.serving() as url, person(browser, url) as anna:
        anna.go("/")
        anna.page.keyboard.press("Tab")
        assert anna.page.evaluate("document.activeElement.textContent") == "Skip to the content"
        anna.page.keyboard.press("Enter")
        assert anna.page.evaluate("document.activeElement.id") == "main"
