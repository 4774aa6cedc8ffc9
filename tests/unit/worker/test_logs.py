import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import structlog

from schemas.settings import HubSpotSettings, Secret, Settings
from worker.logs import configure

TOKEN = "made-up-token-value"
SETTINGS = Settings(hubspot=HubSpotSettings(token=Secret(TOKEN)), environment="test")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    trace = logging.getLogger("celery.app.trace")
    filters = trace.filters[:]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    trace.filters[:] = filters
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    configure(SETTINGS, stream=stream)
    return stream


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_an_event_is_one_json_line_with_what_is_bound(out: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(run="r1", record="501", task="t1"):
        structlog.get_logger("guestlist.engine").info("record_held", reason="NOT_IN_LIST")
    [line] = lines(out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "record_held",
        "level": "info",
        "logger": "guestlist.engine",
        "environment": "test",
        "run": "r1",
        "record": "501",
        "task": "t1",
        "reason": "NOT_IN_LIST",
    }


def test_lines_of_libraries_look_the_same_and_carry_what_is_bound(out: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(run="r1"):
        logging.getLogger("celery.worker").warning("lost %s", "jane@acme.test")
    [line] = lines(out)
    assert (line["event"], line["run"]) == ("lost [e-mail]", "r1")
    assert (line["level"], line["logger"]) == ("warning", "celery.worker")


def test_below_the_level_nothing_is_written() -> None:
    stream = io.StringIO()
    configure(replace(SETTINGS, log_level="error"), stream=stream)
    structlog.get_logger("a").warning("quiet")
    logging.getLogger("b").warning("quiet")
    assert stream.getvalue() == ""


def test_chatty_libraries_are_kept_down_and_ours_are_not() -> None:
    stream = io.StringIO()
    configure(replace(SETTINGS, log_level="debug"), stream=stream)
    logging.getLogger("urllib3.connectionpool").debug("GET /crm/v3")
    structlog.get_logger("guestlist").debug("ours")
    assert [line["event"] for line in lines(stream)] == ["ours"]


def test_an_exception_says_where_and_what_kind_but_quotes_nothing(out: io.StringIO) -> None:
    logger = structlog.get_logger("guestlist")
    try:
        try:
            int(f"Jane {TOKEN}")
        except ValueError as error:
            raise RuntimeError("contact Jane Doe is refused".upper()) from error
    except RuntimeError:
        logger.exception("sync_failed")
    [line] = lines(out)
    text = line["exception"]
    assert text.index("ValueError") < text.index("RuntimeError")
    assert "test_logs.py" in text
    assert "JANE" not in out.getvalue()
    assert "invalid literal" not in text


def test_a_connection_error_keeps_its_words(out: io.StringIO) -> None:
    error = ConnectionRefusedError(111, "Connection refused")
    logging.getLogger("x").error("no", exc_info=(type(error), error, None))
    assert "Connection refused" in lines(out)[0]["exception"]


def test_celerys_line_on_a_failed_task_quotes_nothing(out: io.StringIO) -> None:
    error = ValueError("Jane Doe")
    context = {
        "name": "tasks.sync.sync_records",
        "id": "t1",
        "description": "raised unexpected",
        "exc": repr(error),
        "traceback": "ValueError: Jane Doe",
        "args": "('Jane',)",
        "kwargs": "{}",
    }
    logging.getLogger("celery.app.trace").error(
        "Task %(name)s[%(id)s] %(description)s: %(exc)s\n%(traceback)s",
        context,
        exc_info=(type(error), error, None),
        extra={"data": context},
    )
    assert "Jane" not in out.getvalue()
    assert lines(out)[0]["event"].startswith(
        "Task tasks.sync.sync_records[t1] raised unexpected: ValueError"
    )


@pytest.mark.parametrize("canary", [TOKEN, "jane@acme.test", "pat-na1-11111111-2222"])
def test_no_way_to_log_lets_a_canary_through(canary: str, out: io.StringIO) -> None:
    ours, theirs = structlog.get_logger("guestlist"), logging.getLogger("library")
    ours.info(f"text {canary}", field=canary, nested={"a": [canary]}, obj=Exception(canary))
    ours.info("a", **{canary: 1})
    theirs.warning("text %s %r", canary, {"k": canary})
    with structlog.contextvars.bound_contextvars(record=canary):
        ours.info("bound")
    error = OSError(canary)
    ours.error("raised", exc_info=error)
    theirs.error("raised", exc_info=(OSError, error, None))
    assert len(lines(out)) == 6
    assert canary not in out.getvalue()


def test_a_value_can_not_forge_a_line(out: io.StringIO) -> None:
    logging.getLogger("x").info('a\n{"event": "forged"}')
    assert len(lines(out)) == 1


def test_a_terminal_gets_readable_lines_that_no_value_can_take_over() -> None:
    terminal = Terminal()
    configure(SETTINGS, stream=terminal)
    structlog.get_logger("guestlist").info("a\nforged", value="\x1b[2Jgone", who="jane@acme.test")
    text = terminal.getvalue()
    assert text.count("\n") == 1
    assert "\x1b[2J" not in text
    assert "a\\nforged" in text
    assert "jane" not in text
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_no_color_is_honoured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    configure(SETTINGS, stream=terminal)
    structlog.get_logger("guestlist").info("plain")
    assert "\x1b" not in terminal.getvalue()


def test_logs_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure(SETTINGS)
    structlog.get_logger("guestlist").info("hello")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "hello" in captured.err
    assert sys.stderr is not None


def test_configuring_again_does_not_double_the_lines(out: io.StringIO) -> None:
    configure(SETTINGS, stream=out)
    configure(SETTINGS, stream=out)
    logging.getLogger("x").info("once")
    assert len(lines(out)) == 1
