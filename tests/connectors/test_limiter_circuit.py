"""A CRM that fails again and again is left alone, and tried by one call."""

import time_machine

from guestlist.connectors.allowance import BURST, CALL, Told
from guestlist.connectors.turn import PROBE_S, PROBED_AGAIN_S, Known, Limiter
from guestlist.domain.budget import FAILURES, OPEN_LONGEST_S
from guestlist.domain.reason import Reason
from schemas.records import Crm
from tests.connectors.limits import Start, call, clock, start

__all__ = ["clock", "start"]


def fail(limiter: Limiter, times: int = 1) -> None:
    for _ in range(times):
        limiter.fail(Crm.SALESFORCE)


def test_a_crm_that_fails_again_and_again_is_left_alone_and_tried_by_one_call(
    start: Start, clock: time_machine.Traveller
) -> None:
    limiter = start()
    fail(limiter, FAILURES - 1)
    assert call(limiter).seconds == 0
    fail(limiter)

    held = call(limiter)
    assert (held.seconds, held.reason) == (5.0, Reason.RETRY_AT)
    clock.shift(5)
    probe = call(limiter)
    assert (probe.seconds, probe.doubted) == (0.0, True)
    assert call(limiter).reason == Reason.RETRY_AT
    limiter.hear(Crm.SALESFORCE, CALL, Told(), turn=probe)
    assert [call(limiter).seconds for _ in range(20)] == [0.0] * 20


def test_each_probe_that_fails_doubles_the_wait_up_to_a_minute(
    start: Start, clock: time_machine.Traveller
) -> None:
    limiter = start()
    fail(limiter, FAILURES)
    waits = []
    for _ in range(5):
        waits.append(call(limiter).seconds)
        clock.shift(waits[-1])
        assert call(limiter).seconds == 0
        fail(limiter)

    assert waits == [5.0, 10.0, 20.0, 30.0, 30.0]  # half of it each time, as the dice say here
    assert waits[-1] <= OPEN_LONGEST_S


def test_calls_under_way_when_it_was_left_alone_do_not_lengthen_the_wait(start: Start) -> None:
    limiter = start()
    fail(limiter, FAILURES + 20)

    assert call(limiter).seconds == 5.0


def test_a_call_that_fails_after_the_wait_was_over_makes_it_longer(
    start: Start, clock: time_machine.Traveller
) -> None:
    limiter = start()
    fail(limiter, FAILURES)
    clock.shift(5)
    fail(limiter)

    assert call(limiter).seconds == 10.0


def test_a_penalty_is_no_answer_that_lets_us_in_and_none_that_refuses_us(
    start: Start, clock: time_machine.Traveller
) -> None:
    limiter = start()
    fail(limiter, FAILURES - 1)
    limiter.penalise(Crm.SALESFORCE, CALL, 1)
    fail(limiter)
    clock.shift(1)

    assert call(limiter).reason == Reason.RETRY_AT
    assert limiter.known(Crm.SALESFORCE) == Known()


def test_one_good_answer_forgets_the_failures_before_it(start: Start) -> None:
    limiter = start()
    for _ in range(5):
        fail(limiter, FAILURES - 1)
        limiter.hear(Crm.SALESFORCE, CALL, Told(), turn=call(limiter))

    assert call(limiter).seconds == 0


def trying(start: Start, clock: time_machine.Traveller) -> Limiter:
    """A limiter that has just let one call go, to try out a CRM that failed."""
    limiter = start()
    fail(limiter, FAILURES)
    clock.shift(5)
    assert call(limiter).seconds == 0
    return limiter


def test_a_probe_that_never_comes_back_is_followed_by_another(
    start: Start, clock: time_machine.Traveller
) -> None:
    limiter = trying(start, clock)
    clock.shift(PROBE_S - 1)

    assert call(limiter).seconds == 1
    clock.shift(1)
    assert call(limiter).seconds == 0


def test_the_others_ask_again_soon_while_one_call_tries_a_crm_out(
    start: Start, clock: time_machine.Traveller
) -> None:
    """They once waited as long as the probe may take, though it was answered in a second."""
    limiter = trying(start, clock)

    assert call(limiter).seconds == PROBED_AGAIN_S


def test_the_other_crm_goes_on(start: Start) -> None:
    limiter = start()
    fail(limiter, FAILURES)

    assert limiter.acquire(Crm.HUBSPOT, BURST, "bulk").seconds == 0
