"""A person asks for a record that a long run has in its hands."""

from guestlist.engine.launch import start_records
from guestlist.engine.sync import sync
from schemas.settings import Lane
from tests.engine.conftest import Install

READ = "batch/read"


def test_who_waits_for_a_record_of_a_batch_does_not_wait_for_the_next_sweep(
    install: Install,
) -> None:
    here = install()
    ada, *_ = here.contacts(3)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    message = here.post.waiting.popleft()
    asked: list[str] = []

    def ask() -> None:
        asked.append(start_records(here.services, "contacts", [ada], by="t").id)
        here.carry_out(here.post.waiting.popleft(), here.worker())
        assert here.rows(here.the_run(asked[0]))[ada].outcome is None

    here.at_call(READ, ask)
    sync(here.services, run.id, message.keys)

    (sent,) = [each for each in here.post.waiting if each.run_id == asked[0]]
    assert (sent.task, sent.lane, [*sent.keys]) == ("sync", Lane.INTERACTIVE, [ada])
    here.work()
    assert here.the_run(asked[0]).finished_at


def test_what_no_person_waits_for_is_left_to_the_sweep(install: Install) -> None:
    here = install()
    ada, *_ = here.contacts(3)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    message = here.post.waiting.popleft()

    def ask() -> None:
        start_records(here.services, "contacts", [ada], by="t", lane=Lane.CHANGES)
        here.carry_out(here.post.waiting.popleft(), here.worker())

    here.at_call(READ, ask)
    sync(here.services, run.id, message.keys)

    assert [each for each in here.post.waiting if each.task == "sync"] == []
