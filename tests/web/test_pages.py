"""Every page shows what there is, to whoever may see it."""

import pytest

from console.web.formats import prose
from tests.web.conftest import Web

PAGES = [
    "/",
    "/?span=week",
    "/runs",
    "/errors",
    "/list",
    "/list?all=on",
    "/list/new",
    "/plans",
    "/mapping",
    "/settings",
    "/settings?changed=1",
    "/settings/alerts",
    "/audit",
    "/workers",
    "/codes",
    "/access",
    "/records",
]
LARGEST = 100_000


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_there_titled_and_small(admin: Web, path: str) -> None:
    page = admin.get(path)
    assert "<h1>" in page
    assert len(page) < LARGEST


def test_commands_in_a_sentence_are_set_apart(admin: Web) -> None:
    assert "Renew them with <code>guestlist connect</code>." in admin.get("/codes/TOKEN_EXPIRED")
    assert "`" not in admin.get("/codes")


def test_a_sentence_stays_text() -> None:
    assert prose("<b> `a<b` c") == "&lt;b&gt; <code>a&lt;b</code> c"
    assert prose("a ` b") == "a ` b"
    assert prose("") == ""


def test_a_page_below_the_settings_says_that_it_is(admin: Web) -> None:
    tabs = admin.get("/settings/alerts").partition('aria-label="Settings pages"')[2]
    assert tabs.partition("</a>")[0].endswith('aria-current="true">Settings')
