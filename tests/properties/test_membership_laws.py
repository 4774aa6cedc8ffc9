"""Laws of the list's book: only a whole, verified reading of the list takes anybody out of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from guestlist.domain.membership import TOLERANCE, TOLERATED, doubt, gone, joiners
from guestlist.store import members
from guestlist.store.database import Database
from guestlist.store.schema import upgrade
from schemas.records import ListDefinition, ListProcessing, Member

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OF = ("contacts", "42")
LIST = ListDefinition(
    "42", "Customers", "0-1", ListProcessing.DYNAMIC, "COMPLETE", 3, 0, None, None
)

keys = st.sampled_from("123456789")
lists = st.frozensets(st.sampled_from(["41", "42"]))
times = st.sampled_from([None, NOW, NOW - timedelta(days=1)])
sizes = st.integers(0, 2_000_000)


class Reading(NamedTuple):
    """The list as it was, read by pages of two, to its end or not."""

    inside: frozenset[str]
    pages: int | None

    @property
    def whole(self) -> bool:
        return self.pages is None or 2 * self.pages >= len(self.inside)

    @property
    def seen(self) -> list[str]:
        ordered = sorted(self.inside)
        return ordered if self.pages is None else ordered[: 2 * self.pages]


readings = st.lists(
    st.builds(Reading, st.frozensets(keys), st.one_of(st.none(), st.integers(0, 4))), max_size=6
)


@given(size=sizes, seen=sizes, known=sizes, version=st.integers(1, 3))
def test_an_enumeration_far_from_the_lists_size_is_never_believed(
    size: int, seen: int, known: int, version: int
) -> None:
    believed = doubt(replace(LIST, size=size), version=version, seen=seen, known=known) is None
    if believed:
        assert version == LIST.version
        assert abs(seen - size) <= max(TOLERATED, size * TOLERANCE)
        assert seen or not known


@given(size=st.integers(1, 2_000_000), known=sizes)
def test_an_exact_count_of_a_settled_list_is_believed(size: int, known: int) -> None:
    definition = replace(LIST, size=size)
    assert doubt(definition, version=3, seen=size, known=known) is None
    rebuilt = replace(definition, processing_status="PROCESSING")
    assert doubt(rebuilt, version=3, seen=size, known=known) is not None


@given(
    st.lists(keys, unique=True), st.dictionaries(keys, st.frozensets(st.sampled_from(["41", "42"])))
)
def test_nobody_who_is_in_the_list_is_gone(
    absent: list[str], memberships: dict[str, frozenset[str]]
) -> None:
    out = gone(absent, memberships, "42")
    inside = {key for key, lists in memberships.items() if "42" in lists}
    assert set(out) == set(absent) - inside


@given(entered=st.lists(st.builds(Member, keys, times)), known=st.booleans())
def test_who_was_there_before_never_joined_a_list_read_for_the_first_time(
    *, entered: list[Member], known: bool
) -> None:
    found = joiners(entered, since=NOW, known=known)
    expected = [each.record_id for each in entered if known or each.joined_at == NOW]
    assert found == expected


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path: Path = tmp_path_factory.mktemp("members") / "state.db"
    upgrade(f"sqlite:///{path}")
    opened = Database(f"sqlite:///{path}")
    yield opened
    opened.dispose()


@given(done=readings)
def test_only_whole_readings_change_the_book_and_they_make_it_right(
    database: Database, done: Sequence[Reading]
) -> None:
    with database.engine.connect() as conn:
        believed: frozenset[str] = frozenset()
        for generation, reading in enumerate(done, start=1):
            shift = read(conn, reading, generation)
            if reading.whole:
                assert {each.record_id for each in shift.entered} == reading.inside - believed
                assert set(shift.left) == believed - reading.inside
                believed = reading.inside
            assert set(members.page(conn, *OF)) == believed
        conn.rollback()


def read(conn: Connection, reading: Reading, generation: int) -> members.Shift:
    """Do what reading the list does; one that breaks off ends nowhere."""
    found = [Member(key, NOW) for key in reading.seen]
    for start in range(0, len(found), 2):
        members.mark(conn, *OF, found[start : start + 2], generation=generation)
    if not reading.whole:
        return members.Shift([], [])
    absent = members.absent(conn, *OF, generation=generation)
    return members.complete(conn, *OF, generation=generation, left=absent, now=NOW)
