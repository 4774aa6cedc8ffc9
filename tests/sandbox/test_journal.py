from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.journal import Entry, Journal, Membership
from sandbox.journal_file import JournalFile, as_line, entry


def write(journal: Journal, fields: Mapping[str, Any] | None = None, **more: Any) -> None:
    given: dict[str, Any] = {
        "at": 1.5,
        "crm": "hubspot",
        "operation": "create",
        "type": "contact",
        "id": "1",
        "fields": fields or {},
        "changed": True,
        "caller": "guestlist",
        "request_id": "",
        "contact_id": "1",
    }
    journal.write(**{**given, **more})


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def file(journal: Journal) -> Iterator[JournalFile]:
    file = JournalFile(journal)
    yield file
    file.close()


def seqs(path: Path) -> list[int]:
    return [orjson.loads(line)["seq"] for line in path.read_bytes().splitlines()]


def test_entries_are_numbered_from_one(journal: Journal) -> None:
    for _ in range(3):
        write(journal)
    assert [entry.seq for entry in journal.since(0)] == [1, 2, 3]
    assert [entry.seq for entry in journal.since(2)] == [3]


def test_membership_is_that_of_the_instant(journal: Journal) -> None:
    inside = {"5": Membership(by_filter=True, evaluated=False)}
    journal.membership = lambda contact_id: inside if contact_id == "1" else {}
    write(journal)
    write(journal, contact_id="2")
    write(journal, contact_id=None)
    assert [entry.lists for entry in journal.entries] == [inside, {}, {}]


@given(
    fields=st.dictionaries(
        st.text(st.characters(codec="utf-8")),
        st.none() | st.booleans() | st.text(st.characters(codec="utf-8")),
    )
)
def test_an_entry_survives_its_line(fields: Mapping[str, Any]) -> None:
    journal = Journal()
    journal.membership = lambda _id: {"5": Membership(by_filter=True, evaluated=False)}
    write(journal, fields)
    (written,) = journal.entries
    line = as_line(written)
    assert line.count(b"\n") == 1
    assert entry(orjson.loads(line)) == written


def test_a_read_only_mapping_is_written_as_an_object(journal: Journal) -> None:
    write(journal, MappingProxyType({"city": "Graz"}))
    assert orjson.loads(as_line(journal.entries[0]))["fields"] == {"city": "Graz"}


def test_what_is_no_json_is_refused(journal: Journal) -> None:
    write(journal, {"city": object()})
    with pytest.raises(TypeError):
        as_line(journal.entries[0])


def test_the_file_begins_with_what_was_there_and_grows_at_each_flush(
    journal: Journal, file: JournalFile, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    write(journal)
    file.follow(path)
    write(journal)
    assert seqs(path) == [1]
    file.flush()
    assert seqs(path) == [1, 2]


def test_following_another_file_leaves_the_first_complete(
    journal: Journal, file: JournalFile, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    file.follow(first)
    write(journal)
    file.follow(second)
    write(journal)
    file.flush()
    assert (seqs(first), seqs(second)) == ([1], [1, 2])


def test_a_restarted_journal_restarts_its_file(
    journal: Journal, file: JournalFile, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    file.follow(path)
    write(journal)
    write(journal)
    journal.entries.clear()
    file.restart()
    write(journal)
    file.flush()
    assert seqs(path) == [1]


def test_a_closed_file_gets_no_more(journal: Journal, file: JournalFile, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    file.follow(path)
    write(journal)
    file.close()
    write(journal)
    file.flush()
    assert seqs(path) == [1]


def test_an_entry_is_a_value(journal: Journal) -> None:
    write(journal)
    assert isinstance(journal.entries[0], Entry)
    with pytest.raises(AttributeError):
        journal.entries[0].seq = 2  # type: ignore[misc]
