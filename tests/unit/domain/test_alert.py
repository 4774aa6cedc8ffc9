from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import notice
from guestlist.domain.alert import HOUR, Decision, Notice, State, Word, decide, quiet
from guestlist.domain.trouble import Kind, Trouble
from schemas.settings import AlertSettings

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SETTINGS = AlertSettings(after_s=60, remind_hours=24, per_hour=10)
BRAKE = Trouble(Kind.BRAKE, "contacts", "the list of contacts is held", "approve or reject")
WORKERS = Trouble(Kind.WORKERS, "", "no worker", "guestlist worker")
NIGHT = replace(SETTINGS, quiet_from="22:00", quiet_until="07:00", time_zone="Europe/Berlin")


class Told:
    """Decides again and again, and remembers what was told."""

    def __init__(self, settings: AlertSettings = SETTINGS) -> None:
        self.settings = settings
        self.states: list[State] = []
        self.messages: list[tuple[datetime, list[tuple[Word, Kind]]]] = []

    def look(
        self, at: datetime, *found: Trouble, unknown: frozenset[Kind] = frozenset()
    ) -> list[Word]:
        decided: Decision = decide(
            found,
            self.states,
            unknown=unknown,
            sent_at=[when for when, _ in self.messages],
            now=at,
            settings=self.settings,
        )
        self.states = decided.states
        if decided.notices:
            told = [(each.word, each.kind) for each in decided.notices]
            self.messages.append((at, told))
        return [each.word for each in decided.notices]


def test_a_trouble_is_told_once_it_has_lasted_and_once_more_when_it_is_over() -> None:
    told = Told()
    assert told.look(NOON, BRAKE) == []
    assert told.look(NOON + MINUTE, BRAKE) == [Word.BEGAN]
    assert told.look(NOON + 2 * MINUTE, BRAKE) == []
    assert told.look(NOON + 3 * MINUTE) == []
    assert told.look(NOON + 4 * MINUTE) == [Word.OVER]
    assert told.states == []


def test_what_comes_and_goes_within_a_minute_is_not_told() -> None:
    told = Told()
    for at in range(0, 20, 2):
        assert told.look(NOON + at * MINUTE / 4, BRAKE) == []
        assert told.look(NOON + (at + 1) * MINUTE / 4) == []
    assert told.states == []


def test_a_trouble_that_comes_back_before_its_end_was_told_is_the_same_one() -> None:
    told = Told()
    told.look(NOON, BRAKE)
    told.look(NOON + MINUTE, BRAKE)
    for at in range(2, 30):
        assert told.look(NOON + at * MINUTE, *([BRAKE] if at % 2 else [])) == []
    assert len(told.messages) == 1


def test_it_is_told_again_after_a_day_and_never_where_the_settings_say_so() -> None:
    for hours, expected in ((24.0, [Word.LASTS]), (0.0, [])):
        told = Told(replace(SETTINGS, remind_hours=hours))
        told.look(NOON, BRAKE)
        told.look(NOON + MINUTE, BRAKE)
        assert told.look(NOON + 24 * HOUR, BRAKE) == []
        assert told.look(NOON + 24 * HOUR + MINUTE, BRAKE) == expected


def test_several_troubles_are_one_message_beginnings_first() -> None:
    told = Told()
    told.look(NOON, BRAKE)
    told.look(NOON + MINUTE, BRAKE, WORKERS)
    told.look(NOON + 2 * MINUTE, WORKERS)
    told.look(NOON + 3 * MINUTE, WORKERS)
    assert [words for _, words in told.messages] == [
        [(Word.BEGAN, Kind.BRAKE)],
        [(Word.BEGAN, Kind.WORKERS)],
        [(Word.OVER, Kind.BRAKE)],
    ]


def test_in_quiet_hours_only_what_stops_all_syncing_is_told_and_the_rest_at_their_end() -> None:
    told = Told(NIGHT)
    late = datetime(2026, 3, 2, 23, tzinfo=UTC)  # midnight in Berlin
    told.look(late, BRAKE, WORKERS)
    assert told.look(late + MINUTE, BRAKE, WORKERS) == [Word.BEGAN]
    assert told.messages[-1][1] == [(Word.BEGAN, Kind.WORKERS)]
    assert told.look(late + 6 * HOUR, BRAKE, WORKERS) == []
    assert told.look(late + 7 * HOUR, BRAKE, WORKERS) == [Word.BEGAN]
    assert told.messages[-1][1] == [(Word.BEGAN, Kind.BRAKE)]


def test_what_came_and_went_in_quiet_hours_is_not_told() -> None:
    told = Told(NIGHT)
    late = datetime(2026, 3, 2, 23, tzinfo=UTC)
    told.look(late, BRAKE)
    told.look(late + MINUTE, BRAKE)
    told.look(late + 2 * MINUTE)
    assert told.look(late + 8 * HOUR) == []
    assert (told.states, told.messages) == ([], [])


@pytest.mark.parametrize(
    ("start", "end", "hour", "expected"),
    [
        ("22:00", "07:00", 22, True),
        ("22:00", "07:00", 6, True),
        ("22:00", "07:00", 7, False),
        ("12:00", "14:00", 12, True),
        ("12:00", "14:00", 14, False),
        ("", "", 0, False),
        ("08:00", "08:00", 8, False),
    ],
)
def test_quiet_hours_may_go_past_midnight(
    start: str, end: str, hour: int, *, expected: bool
) -> None:
    settings = replace(SETTINGS, quiet_from=start, quiet_until=end)
    assert quiet(NOON.replace(hour=hour), settings) is expected


def test_quiet_hours_follow_the_clock_on_the_wall_through_a_change_of_time() -> None:
    """E13: Berlin goes from UTC+1 to UTC+2 in the night of 29 March."""
    assert not quiet(datetime(2026, 3, 28, 6, 0, tzinfo=UTC), NIGHT)
    assert quiet(datetime(2026, 3, 28, 5, 59, tzinfo=UTC), NIGHT)
    assert not quiet(datetime(2026, 3, 29, 5, 0, tzinfo=UTC), NIGHT)
    assert quiet(datetime(2026, 3, 29, 4, 59, tzinfo=UTC), NIGHT)


def test_more_messages_than_may_go_in_an_hour_wait_and_become_one() -> None:
    told = Told(replace(SETTINGS, per_hour=2, after_s=0))
    many = [BRAKE._replace(subject=f"object{at}") for at in range(6)]
    for at in range(6):
        told.look(NOON + at * MINUTE, *many[: at + 1])
    assert [len(words) for _, words in told.messages] == [1, 1]
    told.look(NOON + HOUR, *many)
    assert [len(words) for _, words in told.messages] == [1, 1, 4]


def test_while_nobody_knows_nothing_begins_and_nothing_ends() -> None:
    told = Told()
    told.look(NOON, WORKERS)
    told.look(NOON + MINUTE, WORKERS)
    nobody_knows = frozenset({Kind.WORKERS})
    for at in range(2, 10):
        assert told.look(NOON + at * MINUTE, unknown=nobody_knows) == []
    assert told.look(NOON + 10 * MINUTE, WORKERS) == []
    assert told.look(NOON + 11 * MINUTE) == []
    assert told.look(NOON + 12 * MINUTE) == [Word.OVER]


LOOKS = st.lists(
    st.tuples(st.integers(1, 90), st.sets(st.sampled_from([BRAKE, WORKERS]))), max_size=60
)


@given(LOOKS, st.integers(1, 4))
def test_beginning_and_end_alternate_and_everything_is_told_in_the_end(
    looks: list[tuple[int, set[Trouble]]], per_hour: int
) -> None:
    """Whatever comes and goes: no beginning twice, no end without one, and never too many."""
    settings = replace(SETTINGS, per_hour=per_hour, remind_hours=0)
    told, now, last = Told(settings), NOON, set[Trouble]()
    for minutes, found in looks:
        now += minutes * MINUTE
        last = found
        told.look(now, *sorted(found))
    for _ in range(8):
        now += HOUR
        told.look(now, *sorted(last))
    for kind in (Kind.BRAKE, Kind.WORKERS):
        words = [word for _, message in told.messages for word, each in message if each is kind]
        assert words == [Word.BEGAN, Word.OVER] * (len(words) // 2) + [Word.BEGAN] * (
            len(words) % 2
        )
        assert bool(len(words) % 2) is (kind in {each.kind for each in last})
    times = [at for at, _ in told.messages]
    assert all(sum(at - HOUR < each <= at for each in times) <= per_hour for at in times)


def message(*words: Word) -> dict[str, object]:
    decided = [
        Notice(word, Kind.BRAKE, "contacts", "held & <b>", "approve", NOON) for word in words
    ]
    return notice.document(decided, environment="prod", url="https://sync.example", now=NOON)


def test_a_message_is_one_document_in_three_forms() -> None:
    made = message(Word.BEGAN, Word.OVER)
    assert made["schema"] == "guestlist/alert@1"
    assert notice.headline(made) == "[guestlist prod] Alert: held & <b> (and 1 more)"
    lines = notice.text(made).splitlines()
    assert lines[0] == "Alert: held & <b>. Since 2026-03-02T12:00:00Z."
    assert lines[1].strip() == "What to do: approve"
    assert lines[-1] == "guestlist, prod: https://sync.example"
    assert "held &amp; &lt;b&gt;" in notice.slack(made)["text"]


def test_no_line_of_a_headline_can_be_made_longer_by_what_is_said() -> None:
    made = notice.trial(environment="prod", url="", who="ada\r\nBcc: all@acme.test", now=NOON)
    assert "\n" not in notice.headline(made)
    assert "\r" not in notice.headline(made)
