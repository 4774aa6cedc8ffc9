"""Laws of reading changes: whatever the stamps and the lags, every state is seen, and once."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.cursor import Window, covering, window
from schemas.records import Changed, ChangePage, Cursor

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
OVERLAP = 120
SECOND = timedelta(seconds=1)


class Saved(NamedTuple):
    """A record's state: when it was saved, and when a search begins to find it, in seconds."""

    id: int
    at: int
    lag: int

    @property
    def changed(self) -> Changed:
        return Changed(str(self.id), START + self.at * SECOND)


class Poll(NamedTuple):
    """A look at a second, which breaks off after so many pages."""

    at: int
    pages: int


saved = st.lists(
    st.builds(
        Saved,
        id=st.integers(1, 30),
        at=st.one_of(st.integers(0, 600), st.sampled_from([60, 61])),
        lag=st.integers(0, OVERLAP - 10),
    ),
    max_size=60,
    unique_by=lambda each: (each.id, each.at),
)
polls = st.lists(st.builds(Poll, at=st.integers(0, 900), pages=st.integers(0, 4)), max_size=12)
page_sizes = st.integers(1, 7)


class Crm:
    """What is saved, a state of a record hiding the one before, read by keyset."""

    def __init__(self, states: Iterable[Saved], page: int) -> None:
        self.states = sorted(states, key=lambda each: each.at)
        self.page = page

    def pages(self, reading: Window, now: int) -> Iterator[ChangePage]:
        latest = {each.id: each for each in self.states if each.at <= now}
        visible = [each.changed for each in latest.values() if each.at + each.lag <= now]
        rows = sorted(((each.at, each.id), each) for each in visible if each.at <= reading.until)
        start = bisect_left([place for place, _ in rows], (reading.after.at, reading.after.id))
        rows = [row for row in rows[start:] if row[0] != tuple(reading.after)]
        while rows:
            part, rows = rows[: self.page], rows[self.page :]
            place = Cursor(*part[-1][0]) if rows else reading.passed
            yield ChangePage(tuple(each for _, each in part), place, bool(rows))
        yield ChangePage((), reading.passed, more=False)


class Reader:
    """A stream's cursor, and what was queued by it."""

    def __init__(self) -> None:
        self.cursor = Cursor(START)
        self.token: str | None = None
        self.seen: dict[str, datetime] = {}
        self.queued: Counter[tuple[str, datetime]] = Counter()

    def look(self, crm: Crm, poll: Poll) -> None:
        server_time = START + poll.at * SECOND
        reading = window(self.cursor, self.token, server_time=server_time, overlap=OVERLAP * SECOND)
        if reading.empty:
            return
        pages = crm.pages(reading, poll.at)
        for _ in range(poll.pages):
            page = next(pages)
            self.take(page.changed)
            self.cursor, self.token = page.cursor, reading.token if page.more else None
            if not page.more:
                return

    def take(self, changed: Sequence[Changed]) -> None:
        for each in changed:
            if self.seen.get(each.id) != each.at:
                self.seen[each.id] = each.at
                self.queued[each.id, each.at] += 1


def read(states: Sequence[Saved], looks: Sequence[Poll], page: int) -> Reader:
    """All the looks, and at last, long after, undisturbed ones."""
    crm, reader = Crm(states, page), Reader()
    for poll in sorted(looks):
        reader.look(crm, poll)
    for late in (2000, 2060):
        reader.look(crm, Poll(late, pages=1000))
    return reader


@given(saved, polls, page_sizes)
def test_the_last_state_of_every_record_is_seen_whatever_the_stamps_and_lags(
    states: list[Saved], looks: list[Poll], page: int
) -> None:
    reader = read(states, looks, page)
    last = {each.id: each for each in sorted(states, key=lambda each: each.at)}
    assert {each.changed.id: each.changed.at for each in last.values()} == reader.seen


@given(saved, polls, page_sizes)
def test_no_state_is_queued_twice(states: list[Saved], looks: list[Poll], page: int) -> None:
    reader = read(states, looks, page)
    assert set(reader.queued.values()) <= {1}


@given(saved, page_sizes)
def test_a_look_that_breaks_off_goes_on_and_comes_to_its_end(
    states: list[Saved], page: int
) -> None:
    crm, reader = Crm(states, page), Reader()
    for tries in range(2 * len(states) + 2):
        reader.look(crm, Poll(1000 + tries, pages=1))
    assert {each.changed.id for each in states} == reader.seen.keys()


@given(
    st.timedeltas(min_value=timedelta(), max_value=timedelta(days=9000)).map(START.__add__),
    st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=1)),
)
def test_a_window_goes_on_from_its_token_as_it_was(
    server_time: datetime, behind: timedelta
) -> None:
    begun = window(Cursor(START), None, server_time=server_time, overlap=OVERLAP * SECOND)
    begun = covering(begun, begun.until - behind)
    place = Cursor(server_time, "17")
    resumed = window(
        place, begun.token, server_time=server_time + 5 * SECOND, overlap=OVERLAP * SECOND
    )
    assert resumed == begun._replace(after=place)


@given(st.integers(0, 999_999), st.integers(0, 59))
def test_nothing_saved_from_now_on_bears_a_stamp_within_the_window(micro: int, second: int) -> None:
    now = START.replace(second=second, microsecond=micro)
    until = window(Cursor(START), None, server_time=now, overlap=OVERLAP * SECOND).until
    assert until < now.replace(microsecond=0)
