"""Every door but the CRMs: command, settings file, environment, REST, webhooks, list filters.

A clear error that says what to do, nothing lost, nothing leaked: never a traceback, never an exit
code or a status that says it was our own mistake.
"""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.exits import Exit
from guestlist.domain.errors import SyncError
from guestlist.domain.listfilter import parse
from schemas.variables import variables
from tests.bad_inputs.hostile import BOOLEANS, EMAILS, EVERYTHING, IDS, NUMBERS, TEXT
from tests.bad_inputs.test_answers import BODIES
from tests.console.conftest import Console
from tests.web.conftest import Web
from tests.web.test_webhooks import event, marked, send
from worker.settings import SettingsError, load

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x9b]")
NO_OPTION = [each for each in EVERYTHING if not each.startswith("-")]


def writable(value: str) -> bool:
    """Tell what an operating system takes as an argument or a variable."""
    return "\x00" not in value and value.isascii() | bool(value.encode("utf-8", "ignore"))


# --- the command ----------------------------------------------------------------------------------

LINES = [
    ("explain", "{}"),
    ("forget", "{}"),
    ("list", "use", "{}"),
    ("list", "ls", "{}"),
    ("runs", "show", "{}"),
    ("sync", "start", "--record", "{}"),
    ("sync", "pause", "{}"),
    ("errors", "show", "{}"),
    ("errors", "retry", "--fingerprint", "{}"),
    ("conflicts", "show", "{}"),
    ("import", "--where", "{}"),
    ("audit-log", "verify", "--head", "{}"),
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line[:2]))
def test_a_command_refuses_what_it_can_not_use_in_words(
    chosen: Console, line: tuple[str, ...]
) -> None:
    for value in NO_OPTION:
        done = chosen(*(part.format(value) if part == "{}" else part for part in line), "--yes")
        assert done.exit_code != Exit.BUG, (value[:50], done.output)
        assert done.exit_code in set(Exit), (value[:50], done.exit_code)
        assert "Traceback" not in done.output
        assert not CONTROL.search(done.output), value[:50]
        assert len(done.output) < 100_000
    secrets = (chosen.environ["GUESTLIST_HUBSPOT_TOKEN"],)
    assert chosen.journal() == [] or line[0] in {"sync", "import"}
    assert not [each for each in secrets if each in chosen("config", "show").output]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "line", [("plan", "--limit"), ("runs", "records", "--limit"), ("audit-log", "ls", "--limit")]
)
def test_a_number_that_is_none_is_a_matter_of_usage(
    console: Console, line: tuple[str, ...], number: str
) -> None:
    done = console(*line, number)
    if number.isascii() and number.isdigit() and 0 < int(number) < 1000:
        return
    assert done.exit_code in {Exit.USAGE, Exit.CONFIG, Exit.TRY_LATER, Exit.OK}, done.output
    assert "Traceback" not in done.output


# --- the settings ---------------------------------------------------------------------------------

TOMLS = {
    "not TOML": "[hubspot",
    "a key twice": "log_level = 'info'\nlog_level = 'debug'",
    "a table that is a value": "hubspot = 3",
    "a value that is a table": "[log_level]\nx = 1",
    "a list": "[[hubspot]]\ntoken = 'x'",
    "a date": "[polls]\nhubspot_s = 1979-05-27",
    "NaN": "[polls]\nhubspot_s = nan",
    "inf": "[flow]\nlease_s = inf",
    "0 seconds": "[polls]\nhubspot_s = 0",
    "-1 seconds": "[polls]\nhubspot_s = -1",
    "1e9 seconds": "[polls]\nhubspot_s = 1e9",
    "past 2^63": "[flow]\nin_flight = 99999999999999999999999999",
    "NUL": 'environment = "a\\u0000b"',
    "a secret": "[hubspot]\ntoken = 'pat-na1-leaked-canary'",
    "a field mapped twice": (
        "[[objects.contacts.fields]]\nhubspot='jobtitle'\nsalesforce='Title'\n"
        "[[objects.contacts.fields]]\nhubspot='city'\nsalesforce='Title'\n"
    ),
    "a rule nobody knows": (
        "[[objects.contacts.fields]]\nhubspot='jobtitle'\nsalesforce='Title'\nrule='mine'\n"
    ),
    "a field that is a query": (
        "[[objects.contacts.fields]]\nhubspot='x'\nsalesforce=\"Name FROM User --\"\n"
    ),
    "a list that is none": "[objects.contacts]\ninclusion_list = '; DROP'",
    "an object without a type": "[objects.other]\n",
    "a byte order mark in the middle": "log_level = 'info'\n\ufeffx = 1",
}


@pytest.mark.parametrize("what", TOMLS)
def test_a_settings_file_that_can_not_be_used_says_so_in_a_line(what: str, tmp_path: Path) -> None:
    (tmp_path / "guestlist.toml").write_text(TOMLS[what], encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load({}, directory=tmp_path)
    told = str(refused.value)
    assert told
    assert "canary" not in told
    assert "guestlist.toml" in told or "objects" in told or "hubspot.token" in told


def test_a_converter_nobody_knows_is_named_before_anything_is_synced(chosen: Console) -> None:
    row = "hubspot='jobtitle'\nsalesforce='Title'\nconverter='__import__'\n"
    (chosen.folder / "guestlist.toml").write_text(f"[[objects.contacts.fields]]\n{row}")
    for line in (("mapping", "check"), ("sync", "start")):
        done = chosen(*line, "--yes")
        assert done.exit_code == Exit.CONFIG, done.output
        assert "__import__" in done.output
    assert chosen.journal() == []


def test_a_settings_file_of_any_bytes_is_refused_in_words(tmp_path: Path) -> None:
    for content in (
        b"\xff\xfe\x00",
        b"\x00" * 100,
        b"=" * 10_000,
        b"[" * 5000,
        b"a." * 5000 + b"=1",
    ):
        (tmp_path / "guestlist.toml").write_bytes(content)
        with pytest.raises(SettingsError):
            load({}, directory=tmp_path)


@pytest.mark.parametrize("variable", variables(), ids=lambda each: each.name)
def test_a_variable_holds_a_setting_or_is_refused_by_its_name(
    variable: Any, tmp_path: Path
) -> None:
    canary = "canary" if variable.secret else ""
    for value in [*NUMBERS, *BOOLEANS, *TEXT, *IDS, *EMAILS]:
        given = f"{canary}{value}"
        try:
            found = load({variable.env: given}, directory=tmp_path)
        except SettingsError as refused:
            told = str(refused)
            assert variable.name.split(".")[0] in told.lower(), (value[:40], told)
            assert not canary or canary not in told
        else:
            assert "canary" not in str(found.shown()), "shown as it is"


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=200))
def test_no_text_at_all_makes_the_settings_fail_in_another_way(tmp_path: Path, text: str) -> None:
    (tmp_path / "guestlist.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load({}, directory=tmp_path)
    except SettingsError as refused:
        assert refused.problems  # noqa: PT017 - either is right


# --- REST -----------------------------------------------------------------------------------------


def test_a_body_that_is_no_json_starts_no_run(admin: Web) -> None:
    """It counted as none, and a run over the whole list was started."""
    token = admin.token()
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/xml", ""):
        headers = {**token, "Content-Type": kind}
        answer = admin.client.post("/api/v1/runs", data=b'{"records": ["1"]}', headers=headers)
        assert answer.status_code == 415, answer.text
        assert answer.content_type == "application/problem+json"
    assert admin.runs() == []


BODIES_SENT = [
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"{",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b'{"records": null}',
    b'{"records": "x"}',
    b'{"records": [null]}',
    b'{"records": [{}]}',
    b'{"limit": -1}',
    b'{"limit": 1e400}',
    b'{"limit": NaN}',
    b'{"limit": "1,5"}',
    b'{"list_id": 5, "list_id": "6"}',
    b'{"object": "../x"}',
    b'{"unknown": 1}',
    b'{"on": "yes"}',
]


def test_no_body_makes_the_api_fail(admin: Web) -> None:
    token = admin.token()
    adapter = admin.app.url_map.bind("localhost")
    for rule in admin.app.url_map.iter_rules():
        if not str(rule).startswith("/api/v1"):
            continue
        for method in sorted({"POST", "PUT", "DELETE"} & (rule.methods or set())):
            path = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "1"), method=method)
            far = re.sub(r"<[^>]+>", "9" * 30, str(rule))
            answer = admin.client.open(far, method=method, json={}, headers=token)
            assert answer.status_code < 500 or answer.status_code == 503, far
            for body in BODIES_SENT[1:]:
                headers = {**token, "Content-Type": "application/json"}
                answer = admin.client.open(path, method=method, data=body, headers=headers)
                assert answer.status_code < 500 or answer.status_code == 503, (path, body)
                if answer.status_code >= 400:
                    assert answer.content_type == "application/problem+json", (path, body)
                    assert answer.get_json()["detail"], (path, body)


def test_no_query_makes_a_view_fail(admin: Web) -> None:
    token = admin.token()
    names = ("limit", "after", "before", "q", "object", "outcome", "state", "reason", "page")
    for rule in admin.app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or set()) or "static" in rule.endpoint:
            continue
        for value in ("-1", "1e400", "NaN", "\x00", "\ud800", "' OR ''='", "x" * 3000, "٣"):
            query = dict.fromkeys(names, value.encode("utf-8", "replace").decode())
            answer = admin.client.get(str(rule), query_string=query, headers=token)
            assert answer.status_code < 500 or answer.status_code == 503, (str(rule), value[:30])
            answer.close()


def test_no_name_in_an_address_makes_a_view_fail(admin: Web) -> None:
    token = admin.token()
    for rule in admin.app.url_map.iter_rules():
        if not rule.arguments or "GET" not in (rule.methods or set()):
            continue
        for value in ("%00", "..%2f..%2fetc", "-1", "9" * 30, "%F0%9F%98%80", "%27%20OR%201=1"):
            path = re.sub(r"<[^>]+>", value, str(rule))
            answer = admin.client.get(path, headers=token)
            assert answer.status_code < 500 or answer.status_code == 503, path
            answer.close()


# --- webhooks -------------------------------------------------------------------------------------

EVENTS: list[Any] = [
    [],
    [event("1")] * 101,
    [event("1"), event("1")],
    [None],
    ["x"],
    {"objectId": 1},
    [{}],
    [event(each) for each in IDS],
    [event("1", subscriptionType="contact.unknownThing")],
    [event("1", subscriptionType={"a": 1})],
    [event("1", objectTypeId=[])],
    [event(True)],
    [event("1", eventId=None, occurredAt="soon", attemptNumber=-1)],
    b"",
    b"{",
    b"\xff",
    b"[" * 10_000,
    b'[{"objectId": 1e400}]',
    b'[{"objectId": 9007199254740993}]',
    b'[{"objectId": 1, "objectId": 2}]',
]


@pytest.mark.parametrize("number", range(len(EVENTS)))
def test_a_webhook_is_a_hint_or_a_400(hooked: Web, number: int) -> None:
    answer = send(hooked, EVENTS[number])
    assert answer.status_code in {204, 400}
    assert marked(hooked) <= 3


# --- filters of lists -----------------------------------------------------------------------------

BRANCHES: list[Any] = [
    None,
    {},
    [],
    "x",
    {"filterBranchType": "OR"},
    {"filterBranchType": "OR", "filterBranches": None, "filters": None},
    {"filterBranchType": "OR", "filterBranches": [{}], "filters": [{}]},
    {"filterBranchType": "WHAT", "filterBranches": [], "filters": []},
    {"filterBranchType": 3, "filterBranches": {"a": 1}, "filters": "x"},
]


def understood(branch: Any) -> bool:
    """Tell whether a filter was read; raises nothing but errors of ours."""
    try:
        return parse(branch) is not None
    except SyncError:
        return False


@pytest.mark.parametrize("number", range(len(BRANCHES)))
def test_a_filter_that_is_none_is_not_understood_and_fails_nothing(number: int) -> None:
    understood(BRANCHES[number])


@settings(max_examples=400, deadline=None)
@given(BODIES)
def test_no_filter_at_all_makes_the_reader_fail(branch: Any) -> None:
    understood(orjson.loads(orjson.dumps(branch)))
