"""A log that nobody reads any more."""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import TextIO

import pytest
import structlog

from schemas.settings import Settings
from worker.logs import configure

LINES = 3000
PATIENCE_S = 20.0
Record = Callable[[str, object], None]


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIO]]:
    reader, writer = os.pipe()
    kept = logging.getLogger().handlers[:]
    with os.fdopen(writer, "w") as stream:
        yield reader, stream
        logging.getLogger().handlers[:] = kept
    os.close(reader)


def _told(number: int) -> float:
    """Log so many events; how long it took."""
    log, began = structlog.get_logger(), time.monotonic()
    for n in range(number):
        log.info("batch_done", records=n)
    return time.monotonic() - began


def test_E12_a_reader_that_stopped_costs_lines_and_no_time(
    pipe: tuple[int, TextIO], record_property: Record
) -> None:
    reader, stream = pipe
    configure(Settings(), stream=stream)
    took: list[float] = []
    worker = Thread(target=lambda: took.append(_told(LINES)), daemon=True)
    worker.start()
    worker.join(PATIENCE_S)
    assert took, "it waits for a reader that is gone"
    os.set_blocking(reader, False)
    read = os.read(reader, 1 << 20).decode()
    assert 0 < read.count("batch_done") < LINES
    structlog.get_logger().info("again")
    lines = [json.loads(each) for each in os.read(reader, 1 << 20).decode().splitlines()]
    dropped, again = lines
    left_out = LINES - read.count("batch_done")
    assert [dropped["event"], again["event"]] == [f"log_lines_dropped: {left_out}", "again"]
    record_property("figure", f"{LINES / took[0]:,.0f} lines a second to nobody")


def test_E12_a_line_longer_than_the_pipe_is_torn_and_the_next_one_is_whole(
    pipe: tuple[int, TextIO],
) -> None:
    reader, stream = pipe
    configure(Settings(), stream=stream)
    structlog.get_logger().info("long", words="x" * 300_000)
    os.set_blocking(reader, False)
    torn = os.read(reader, 1 << 20).decode()
    assert not torn.endswith("\n")
    structlog.get_logger().info("next")
    end, line = os.read(reader, 1 << 20).decode().split("\n", 1)
    assert end == ""
    assert json.loads(line)["event"] == "next"
