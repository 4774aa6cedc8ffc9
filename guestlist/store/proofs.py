"""How old the proofs of a run's writes were: a few counters on the run's row."""

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from guestlist.domain.ages import Ages, merged
from guestlist.store.tables import runs


def add(conn: Connection, run_id: str, ages: Ages) -> None:
    """Count the writes of one more batch; its run's row stays locked until the transaction ends."""
    if not ages:
        return
    query = select(runs.c.proof_ages).where(runs.c.id == run_id).with_for_update()
    together = merged(_loaded(conn.execute(query).scalar_one_or_none()), ages)
    counts = {str(age): count for age, count in sorted(together.items())}
    conn.execute(update(runs).where(runs.c.id == run_id).values(proof_ages=counts))


def get(conn: Connection, run_id: str) -> Ages:
    query = select(runs.c.proof_ages).where(runs.c.id == run_id)
    return _loaded(conn.execute(query).scalar_one_or_none())


def _loaded(counts: dict[str, int] | None) -> Ages:
    return {int(age): count for age, count in (counts or {}).items()}
