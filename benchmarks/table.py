"""The rows as one Markdown table, and the goals they are held against."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from benchmarks.row import Row

HEAD = (
    *("workload", "who", "records", "seconds", "CPU ms per record", "HubSpot calls per 1,000"),
    *("Salesforce calls per 1,000", "429", "peak MB", "right", "remarks"),
)

GROWTH = (
    *("workload", "size", "CPU ms per record", "HubSpot calls per 1,000"),
    *("Salesforce calls per 1,000", "peak MB"),
)


class Goal(NamedTuple):
    """One line of what is promised."""

    what: str
    workload: str
    most: float
    of: Callable[[Row], float]
    unit: str = ""
    least: bool = False
    """The number has to be at least, not at most, this."""

    def held(self, row: Row) -> bool:
        return self.of(row) >= self.most if self.least else self.of(row) <= self.most


def _more(name: str) -> Callable[[Row], float]:
    return lambda row: float(row.more[name])


def _cpu(row: Row) -> float:
    return row.cpu_ms_per_record


def _refused(row: Row) -> float:
    return row.refused


def _peak(row: Row) -> float:
    return row.peak_mb


def _hubspot(row: Row) -> float:
    return row.per_thousand(row.hubspot_calls)


def _salesforce(row: Row) -> float:
    return row.per_thousand(row.salesforce_calls)


COLD, UNCHANGED = "cold list sync", "unchanged list sync"
LIMITS, MEANWHILE = "limits on, cold", "single record during runs"
STEERED = "pause, resume, cancel"
LARGE, TURN = "list of very many, cold", "limiter: a turn through Redis"
GOALS = (
    Goal("HubSpot calls for 1,000 members, cold", COLD, 16, _hubspot),
    Goal("Salesforce calls for 1,000 members, cold", COLD, 3, _salesforce),
    Goal("CPU per member, cold", COLD, 0.35, _cpu, "ms"),
    Goal("CPU per member, unchanged", UNCHANGED, 0.2, _cpu, "ms"),
    Goal("part of HubSpot's allowance, work waiting", LIMITS, 0.95, _more("share"), least=True),
    Goal("429 caused by us", LIMITS, 0, _refused),
    Goal("429 caused by us, with single records", MEANWHILE, 0, _refused),
    Goal("a single record during runs, p95", MEANWHILE, 3, _more("p95_s"), "s"),
    Goal("a pause acts", STEERED, 2, _more("pause_s"), "s"),
    Goal("a resume acts", STEERED, 2, _more("resume_s"), "s"),
    Goal("a cancel acts", STEERED, 2, _more("cancel_s"), "s"),
    Goal("memory of a worker", LIMITS, 150, _peak, "MB"),
    Goal("memory of a worker, very many", LARGE, 150, _peak, "MB"),
    Goal("memory of Redis, very many", LARGE, 50, _more("redis_peak_mb"), "MB"),
    Goal("CPU of a limiter's turn", TURN, 0.3, _cpu, "ms"),
)


def markdown(rows: Sequence[Row]) -> str:
    """Return the table of all rows."""
    return _table(HEAD, map(_cells, rows))


def judged(rows: Sequence[Row]) -> str:
    """Return the table of goals, as far as they were measured."""
    return _table(("goal", "at most", "measured", "holds"), map(_judgement, met(rows)))


def met(rows: Sequence[Row]) -> list[tuple[Goal, Row]]:
    """Return each goal with the row of ours that it is about, the one of most records."""
    ours = {row.workload: row for row in sorted(_ours(rows), key=lambda row: row.records)}
    return [(goal, ours[goal.workload]) for goal in GOALS if goal.workload in ours]


def growth(rows: Sequence[Row]) -> str:
    """Return what a record costs at the smallest and at the largest size that were measured."""
    sizes: dict[str, list[Row]] = {}
    for row in sorted(_ours(rows), key=_size):
        sizes.setdefault(row.workload, []).append(row)
    ends = [(found[0], found[-1]) for found in sizes.values() if _size(found[0]) < _size(found[-1])]
    return _table(GROWTH, [_grown(few, many) for few, many in ends])


def _grown(few: Row, many: Row) -> tuple[str, ...]:
    costs = (_both(of, few, many) for of in (_cpu, _hubspot, _salesforce, _peak))
    return (few.workload, f"{_size(few):,} to {_size(many):,}", *costs)


def _size(row: Row) -> int:
    """Contacts of the portal where the row's records are looks at it."""
    return int(row.more.get("contacts", row.records))


def _both(of: Callable[[Row], float], few: Row, many: Row) -> str:
    return f"{of(few):.3g} to {of(many):.3g}"


def _ours(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.who == "Guestlist"]


def _judgement(pair: tuple[Goal, Row]) -> tuple[str, ...]:
    goal, row = pair
    bound = f"{'at least ' if goal.least else ''}{goal.most:g} {goal.unit}".rstrip()
    return goal.what, bound, f"{goal.of(row):.3g}", "yes" if goal.held(row) else "**no**"


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.workload,
        row.who,
        f"{row.records:,}",
        f"{row.seconds:,.1f}",
        f"{row.cpu_ms_per_record:.3f}" if row.cpu_seconds else "",
        f"{row.per_thousand(row.hubspot_calls):,.1f}" if row.hubspot_calls else "",
        f"{row.per_thousand(row.salesforce_calls):,.1f}" if row.salesforce_calls else "",
        str(row.refused) if row.hubspot_calls else "",
        f"{row.peak_mb:.0f}" if row.peak_mb else "",
        "yes" if row.correct else "**no**",
        row.note,
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
