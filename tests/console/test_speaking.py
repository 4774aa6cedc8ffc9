"""How the command speaks: data, talk, one JSON object, colours, exit codes."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.cli import COMMANDS, cli
from console.exits import Exit, Unreachable, tell
from console.printer import Printer, clean
from guestlist.domain.errors import (
    Misconfigured,
    Missing,
    RetryLater,
    Split,
    Unauthorized,
    Unusable,
    Waiting,
)
from guestlist.domain.reason import Reason
from guestlist.domain.write import Refused
from tests.console.conftest import Console

ESCAPE = "\x1b["

LINES = (
    ("version",),
    ("config", "show"),
    ("config", "check"),
    ("mapping", "show"),
    ("mapping", "check"),
    ("list", "ls"),
    ("list", "show"),
    ("plan",),
    ("sync", "start", "--limit", "3", "--wait"),
    ("runs", "ls"),
    ("runs", "show"),
    ("runs", "records"),
    ("runs", "export"),
    ("errors", "ls"),
    ("errors", "export"),
    ("database", "upgrade"),
    ("connect", "hubspot"),
    ("connect", "salesforce"),
    ("doctor", "--only", "hubspot", "--only", "budget"),
)


def test_json_is_one_object_that_names_its_schema_and_nothing_else(chosen: Console) -> None:
    for line in LINES:
        for verbose in ((), ("-vv",)):
            done = chosen(*line, "--json", *verbose)
            assert done.exit_code in {0, 1}, done.output
            assert len(done.stdout.splitlines()) == 1, line
            assert json.loads(done.stdout)["schema"].startswith("guestlist/"), line


@pytest.mark.parametrize("line", [("--json", "nope"), ("sync", "--json", "start", "--bogus")])
def test_json_also_tells_a_usage_error(installation: Path, line: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli, line)
    told = json.loads(done.stdout)
    assert (done.exit_code, told["exit_code"]) == (2, 2)
    assert told["schema"] == "guestlist/error@1"
    assert done.stderr == ""


@pytest.mark.parametrize(("line", "meant"), [("sycn start", "sync"), ("sync strat", "start")])
def test_a_slip_of_the_pen_is_seen(installation: Path, line: str, meant: str) -> None:
    assert f"Did you mean '{meant}'?" in CliRunner().invoke(cli, line.split()).stderr


def test_completion_is_one_object_too(installation: Path) -> None:
    told = json.loads(CliRunner().invoke(cli, ["completion", "bash", "--json"]).stdout)
    assert told["schema"] == "guestlist/completion@1"
    assert f"{told['script']}\n" == CliRunner().invoke(cli, ["completion", "bash"]).stdout


def test_the_version_is_asked_for_in_either_way(installation: Path) -> None:
    long, short = (CliRunner().invoke(cli, [line]).stdout for line in ("version", "--version"))
    assert long.startswith(f"{short.strip()},")


def test_global_options_stand_anywhere_on_the_line(installation: Path) -> None:
    for line in (("--json", "mapping", "show"), ("mapping", "--json", "show")):
        done = CliRunner().invoke(cli, line)
        assert json.loads(done.stdout)["schema"] == "guestlist/mapping@1"


def test_errors_go_to_standard_error_for_people(console: Console) -> None:
    done = console("sync", "start")
    assert done.stdout == ""
    assert done.stderr.startswith("error: no inclusion list is set")


def test_talk_is_not_data_and_quiet_ends_it(chosen: Console) -> None:
    loud = chosen("plan")
    assert "nothing is written" in loud.stderr
    assert "nothing is written" not in loud.stdout
    assert chosen("plan", "--quiet").stderr == ""


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_colours_gets_none(
    installation: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    assert ESCAPE not in CliRunner().invoke(cli, ["nope"], color=True).output


def test_a_pipe_gets_no_colours(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    assert ESCAPE not in CliRunner().invoke(cli, ["nope"], color=False).output


def test_a_terminal_gets_colours(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    assert ESCAPE in CliRunner().invoke(cli, ["nope"], color=True).stderr
    assert ESCAPE not in CliRunner().invoke(cli, ["--no-color", "nope"], color=True).stderr


def test_a_terminal_that_is_not_utf_8_gets_escapes_and_programs_get_utf_8(
    chosen: Console,
) -> None:
    name = "Zoé 張"
    record = chosen.json("plan")["samples"][0]["record"]
    chosen.edit(record, lastname=name)
    narrow = CliRunner(charset="latin-1")
    line = ["plan", "--record", record]
    shown = narrow.invoke(cli, line, obj=chosen.workers.employ)
    assert shown.exit_code == 0
    assert r"'Zoé \u5f35'" in shown.stdout_bytes.decode("latin-1")
    told = narrow.invoke(cli, [*line, "--json"], obj=chosen.workers.employ)
    changes = json.loads(told.stdout_bytes)["samples"][0]["changes"]
    assert name in [each["after"] for each in changes]


def test_no_value_of_a_record_moves_the_cursor() -> None:
    assert clean("a\x1b[2Jb\r\n\u202ec") == r"a\x1b[2Jb\r\n\u202ec"
    assert clean("Zoé 齋藤 🦊") == "Zoé 齋藤 🦊"


def test_a_table_in_a_pipe_cuts_nothing_off(capsys: pytest.CaptureFixture[str]) -> None:
    Printer().table(("name", "value"), [("x" * 300, "y"), ("z", None)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"{'x' * 300}  y"
    assert lines[2] == "z"


def test_a_command_is_named_with_its_settings_file() -> None:
    printer = Printer(installation=("--config", "my own.toml"))
    assert printer.typed("guestlist plan") == "guestlist --config 'my own.toml' plan"
    assert printer.typed("docs/console/alerts.md") == "docs/console/alerts.md"
    assert Printer().typed("guestlist plan") == "guestlist plan"


def test_a_table_of_nothing_says_so(installation: Path) -> None:
    assert CliRunner().invoke(cli, ["config", "versions"]).stdout == "none\n"
    told = CliRunner().invoke(cli, ["config", "versions", "--json"]).stdout
    assert json.loads(told)["versions"] == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Missing("x"), 2),
        (RetryLater("x"), 69),
        (Unusable("x"), 69),
        (Split(Refused("X", "x")), 78),
        (Unreachable("x", "y"), 69),
        (Waiting(9.0, Reason.BUDGET_HELD), 75),
        (Unauthorized("x"), 77),
        (Misconfigured("x"), 78),
        (RuntimeError("x"), 70),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_its_exit_code(error: Exception, code: int) -> None:
    assert tell(error).code == Exit(code)


def test_a_salesforce_that_does_not_answer_is_unreachable(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_SALESFORCE_LOGIN_URL", "http://127.0.0.1:9")
    told = console.json("mapping", "check", code=69)
    assert told["error"] == "unreachable"


def test_a_refused_token_is_not_allowed(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUESTLIST_HUBSPOT_TOKEN", "wrong")
    told = console.json("list", "ls", code=77)
    assert "connect" in told["fix"]
    assert "wrong" not in json.dumps(told)


def test_a_spent_day_is_for_later(console: Console) -> None:
    console.fault(crm="hubspot", route="*", kind="quota_spent")
    assert console.json("list", "ls", code=75)["error"] == "try_later"


def test_without_credentials_it_says_what_to_connect(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GUESTLIST_HUBSPOT_TOKEN")
    monkeypatch.delenv("GUESTLIST_SALESFORCE_CLIENT_SECRET")
    told = console.json("plan", code=77)
    assert len(told["problems"]) == 2
    assert console("runs", "ls").exit_code == 0


def test_every_command_of_the_table_has_help(installation: Path) -> None:
    for name in COMMANDS:
        if name == "demo":
            continue
        done = CliRunner().invoke(cli, [name, "--help"])
        assert done.exit_code == 0, name
        assert "--json" in done.stdout
        assert r"\b" not in done.stdout
        assert not re.search(r"\w\.\.\.\n", done.stdout), "a sentence is cut off"


def test_every_exit_code_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "exit-codes.md").read_text()
    assert [code for code in Exit if f"| {int(code)} |" not in page] == []


def test_every_command_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
    assert [name for name in COMMANDS if f"guestlist {name}" not in page] == []
