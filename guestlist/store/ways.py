"""How many records of a run ended how, and which way they went: a few rows a run."""

from collections.abc import Mapping

from sqlalchemy import literal, select, union_all
from sqlalchemy.engine import Connection
from sqlalchemy.sql import func

from guestlist.domain.outcome import Outcome
from guestlist.domain.way import Way
from guestlist.store.batch import insert_into
from guestlist.store.tables import run_ways, runs

Counts = Mapping[tuple[str, Outcome, Way], int]
"""(object, outcome, direction) -> records."""


def add(conn: Connection, run_id: str, counts: Mapping[tuple[Outcome, Way], int]) -> None:
    """Count more records of a run, whose row is locked; those that went no way are the rest."""
    rows = [
        {"run_id": run_id, "outcome": outcome, "way": way, "count": count}
        for (outcome, way), count in sorted(counts.items())
        if way is not Way.NONE
    ]
    if not rows:
        return
    insert = insert_into(run_ways, conn.dialect.name).values(rows)
    more = {"count": run_ways.c.count + insert.excluded["count"]}
    conn.execute(
        insert.on_conflict_do_update(index_elements=["run_id", "outcome", "way"], set_=more)
    )


def totals(conn: Connection) -> Counts:
    """Return the counts of all runs, every outcome of every object; read in one statement.

    What is in no row went no way, so that all of an outcome add up to the runs' own counts.
    """
    sums = [func.coalesce(func.sum(runs.c[each.value]), 0).label(each.value) for each in Outcome]
    whole = select(runs.c.object, *sums).group_by(runs.c.object).cte("whole")
    parts = (
        select(
            runs.c.object,
            run_ways.c.outcome.label("outcome"),
            run_ways.c.way.label("way"),
            func.sum(run_ways.c.count).label("count"),
        )
        .join(runs, runs.c.id == run_ways.c.run_id)
        .group_by(runs.c.object, run_ways.c.outcome, run_ways.c.way)
    )
    rests = [
        select(
            whole.c.object,
            literal(each, run_ways.c.outcome.type),
            literal(Way.NONE, run_ways.c.way.type),
            whole.c[each.value],
        )
        for each in Outcome
    ]
    counts: dict[tuple[str, Outcome, Way], int] = {}
    for name, outcome, way, count in conn.execute(union_all(*rests, parts)):
        counts[name, outcome, way] = counts.get((name, outcome, way), 0) + int(count)
        if way is not Way.NONE:
            rest = (name, outcome, Way.NONE)
            counts[rest] = counts.get(rest, 0) - int(count)
    return counts
