"""The statements of the runs, built once: every batch and every poll needs some of them."""

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Insert,
    Select,
    String,
    Text,
    Update,
    bindparam,
    case,
    func,
    not_,
    null,
    or_,
    select,
    update,
)

from guestlist.domain.outcome import Outcome, RunState
from guestlist.store.batch import insert_into
from guestlist.store.columns import Instant
from guestlist.store.tables import runs

LIVE = (RunState.RUNNING, RunState.PAUSED)
ENDED_EARLY = (RunState.CANCELLED, RunState.STOPPED)

_RUN = bindparam("of_run", type_=String)
_TOKEN = bindparam("of_token", type_=String)
_NOW = bindparam("at_now", type_=Instant)
_ONE = runs.c.id == _RUN


@cache
def creating(dialect: str) -> Insert:
    return insert_into(runs, dialect).on_conflict_do_nothing()


@cache
def getting(*columns: str) -> Select[Any]:
    return select(*(runs.c[name] for name in columns)).where(_ONE)


@cache
def locking() -> Select[RunState]:
    return select(runs.c.state).where(_ONE).with_for_update()


@cache
def taking_producer() -> Update:
    free = or_(runs.c.producer.is_(None), runs.c.producer == _TOKEN, runs.c.producer_until <= _NOW)
    return (
        update(runs)
        .where(_ONE, runs.c.state == RunState.RUNNING, runs.c.enumerating, free)
        .values(
            producer=_TOKEN,
            producer_until=bindparam("until", type_=Instant),
            started_at=func.coalesce(runs.c.started_at, _NOW),
        )
    )


@cache
def releasing_producer() -> Update:
    free = {"producer": null(), "producer_until": null()}
    return update(runs).where(_ONE, runs.c.producer == _TOKEN).values(free)


@cache
def moving_on() -> Update:
    added = bindparam("added", type_=BigInteger)
    return (
        update(runs)
        .where(_ONE, runs.c.state.in_(LIVE))
        .values(
            cursor=bindparam("new_cursor", type_=Text),
            enumerated=runs.c.enumerated + added,
            enumerating=bindparam("new_enumerating", type_=Boolean),
        )
    )


@cache
def counting_calls() -> Update:
    hubspot = bindparam("by_hubspot", type_=BigInteger)
    salesforce = bindparam("by_salesforce", type_=BigInteger)
    return (
        update(runs)
        .where(_ONE)
        .values(
            hubspot_calls=runs.c.hubspot_calls + hubspot,
            salesforce_calls=runs.c.salesforce_calls + salesforce,
        )
    )


@cache
def counting_outcomes() -> Update:
    """Add a parameter ``more_`` and its name to the counter of each outcome."""
    moved = {
        outcome.value: runs.c[outcome.value] + bindparam(f"more_{outcome}", type_=BigInteger)
        for outcome in Outcome
    }
    return update(runs).where(_ONE).values(moved)


@cache
def finishing() -> Update:
    counted = sum((runs.c[outcome.value] for outcome in Outcome), start=0)
    return (
        update(runs)
        .where(
            _ONE,
            runs.c.finished_at.is_(None),
            not_(runs.c.enumerating),
            runs.c.enumerated == counted,
        )
        .values(
            finished_at=_NOW,
            state=case(
                (runs.c.state.in_(ENDED_EARLY), runs.c.state),
                else_=bindparam("complete", RunState.COMPLETE, runs.c.state.type),
            ),
        )
    )
