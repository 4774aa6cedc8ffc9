"""The sandbox from outside: what it counted and journalled, and a person's hand in its CRMs."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import requests

from console.exits import Unreachable

Row = dict[str, Any]
PAGE = 10_000
"""Journal entries an answer."""
TIMEOUT_S = 120


class Control:
    """Speaks to a running sandbox at its HubSpot address, never through the product."""

    def __init__(self, sandbox: Mapping[str, Any]) -> None:
        self._url = sandbox["hubspot"]
        self._http = requests.Session()
        self._http.trust_env = False
        self._bearer = {"Authorization": f"Bearer {sandbox['hubspot_user_token']}"}

    def state(self) -> Row:
        """Return the world's counts, calls and options."""
        return dict(orjson.loads(self._ask("GET", "state")))

    def reset_calls(self) -> None:
        """Count calls from zero again."""
        self._ask("POST", "calls/reset")

    def journal(self, *, since: int = 0) -> list[Row]:
        """Return every write either CRM accepted after entry number *since*, oldest first."""
        entries: list[Row] = []
        while page := _lines(
            self._ask("GET", f"journal?since={since + len(entries)}&limit={PAGE}")
        ):
            entries += page
        return entries

    def records(self, crm: str, type: str) -> list[Row]:
        """Return the live records of a type, as last written."""
        return _lines(self._ask("GET", f"{crm}/{type}/records"))

    def edit(self, crm: str, type: str, verb: str, body: Mapping[str, Any]) -> Row:
        """Do what a person does on a CRM's own page, and return what it made."""
        return dict(orjson.loads(self._ask("POST", f"{crm}/{type}/{verb}", body)))

    def set_options(self, crm: str, options: Mapping[str, Any]) -> None:
        """Switch how a CRM behaves: its lags, its limits."""
        self._ask("PUT", f"options/{crm}", options)

    def move_clock(self, seconds: float) -> None:
        """Let time go by at once, for both CRMs."""
        self._ask("POST", "clock", {"move_seconds": seconds})

    def members(self, list_id: str) -> frozenset[str]:
        """Return who is in a list now, asked of HubSpot as another app than ours."""
        return frozenset(self._members(list_id))

    def _members(self, list_id: str) -> Iterator[str]:
        after = ""
        while True:
            query = f"?limit=250{f'&after={after}' if after else ''}"
            page = self._page(f"{self._url}/crm/v3/lists/{list_id}/memberships{query}")
            yield from (member["recordId"] for member in page["results"])
            after = page.get("paging", {}).get("next", {}).get("after", "")
            if not after:
                return

    def _page(self, url: str) -> Row:
        while True:
            answer = self._http.get(url, headers=self._bearer, timeout=TIMEOUT_S)
            if answer.status_code != 429:
                return dict(_checked(answer))
            time.sleep(1.0)  # its limits are real ones

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> bytes:
        url = f"{self._url}/sandbox/{path}"
        answer = self._http.request(method, url, json=body, timeout=TIMEOUT_S)
        _refuse_error(answer)
        return answer.content


def _checked(answer: requests.Response) -> Any:
    _refuse_error(answer)
    return orjson.loads(answer.content)


def _refuse_error(answer: requests.Response) -> None:
    if not answer.ok:
        message = f"the sandbox says {answer.status_code}: {answer.text[:300]}"
        raise Unreachable(message, "report this line")


def _lines(content: bytes) -> list[Row]:
    return [orjson.loads(line) for line in content.splitlines()]
