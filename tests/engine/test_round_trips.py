"""What a batch costs besides its calls: statements and parses go by the batch, not the record."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from sqlalchemy import event

from guestlist.connectors import http
from tests.engine.conftest import Install
from tests.engine.world import Installation


@contextmanager
def _statements(here: Installation) -> Iterator[Counter[str]]:
    """Count what is sent to the database, by its first word."""
    sent: Counter[str] = Counter()

    def count(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent[statement.split(maxsplit=1)[0]] += 1

    event.listen(here.services.database.engine, "before_cursor_execute", count)
    yield sent
    event.remove(here.services.database.engine, "before_cursor_execute", count)


def _spent(install: Install, members: int) -> tuple[Counter[str], Counter[str]]:
    """The statements of one batch of new records, and of the same batch in step."""
    here = install()
    here.contacts(members)
    here.run()  # what is read once a process is read
    here.contacts(members)

    def batch() -> Counter[str]:
        run = here.start()
        here.carry_out(here.post.waiting.popleft())
        (message,) = here.post.waiting
        here.post.waiting.clear()
        assert len(message.keys) == 2 * members
        with _statements(here) as sent:
            here.carry_out(message)
        here.settle()
        assert here.the_run(run).finished_at
        return sent

    cold, unchanged = batch(), batch()
    here.forget()
    return cold, unchanged


def test_a_batch_of_a_hundred_sends_the_statements_of_a_batch_of_ten(install: Install) -> None:
    assert _spent(install, 5) == _spent(install, 50)


def test_every_answer_is_parsed_once(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    here = install()
    here.contacts(120)
    parsed: list[bytes] = []

    def loads(content: bytes) -> Any:
        parsed.append(content)
        return orjson.loads(content)

    before = sum(here.calls().values())
    ours = SimpleNamespace(loads=loads, JSONDecodeError=orjson.JSONDecodeError)
    monkeypatch.setattr(http, "orjson", ours)
    here.run()
    assert len(here.writes()) == 120
    assert 0 < len(parsed) <= sum(here.calls().values()) - before
