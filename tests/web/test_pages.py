"""Every page shows what there is, to whoever may see it."""

import pytest

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
