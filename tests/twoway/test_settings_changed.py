"""C10: what is queued runs under the settings as they are, never as they were."""

from dataclasses import replace
from pathlib import Path

from guestlist.domain.reason import Reason
from guestlist.engine.services import Services
from tests.engine.conftest import Install
from worker.reload import LOOK_EVERY_S, Current, FileWatch


def test_C10_nothing_is_written_with_settings_that_were_replaced(install: Install) -> None:
    here = install()
    member = here.contact("ada@example.com")
    run = here.start()
    here.work(replace(here.services, superseded=lambda: True))
    row = here.rows(run)[member]
    assert here.writes() == []
    assert row.reason == Reason.SETTINGS_CHANGED
    here.settle()
    assert here.the_run(run).created == 1


def test_C10_settings_replaced_between_two_writes_stop_the_second(install: Install) -> None:
    here = install()
    here.contacts(3)
    stale = [False]
    here.at_call("composite/sobjects", lambda: stale.__setitem__(0, True), times=1)
    here.at_call("records/memberships", lambda: stale.__setitem__(0, True), times=1)
    run = here.start()
    here.work(replace(here.services, superseded=lambda: stale[0]))
    here.settle()
    assert here.the_run(run).created == 3


def test_a_changed_file_is_noticed_at_most_a_second_later(tmp_path: Path) -> None:
    now = [0.0]
    path = tmp_path / "guestlist.toml"
    watch = FileWatch([path], monotonic=lambda: now[0])
    assert not watch.changed()
    path.write_text("")
    assert not watch.changed(), "it is not looked at more often than that"
    now[0] += LOOK_EVERY_S
    assert watch.changed()
    path.unlink()
    now[0] += LOOK_EVERY_S
    assert watch.changed(), "what changed once stays changed"


def test_services_are_built_anew_once_their_settings_are_replaced(install: Install) -> None:
    here = install()
    stale = [False]
    built: list[Services] = []

    def build() -> Services:
        built.append(replace(here.worker(), superseded=lambda: stale[0]))
        stale[0] = False
        return built[-1]

    current = Current(build)
    first = current()
    assert current() is first
    stale[0] = True
    assert current() is not first
    assert len(built) == 2
