"""The numbers of ``/metrics``: from the database and Redis, never from a process's own memory."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import redis
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from console.web import looks
from console.web.progress import progress
from console.web.vitals import lag
from guestlist.connectors.presence import Kind
from guestlist.domain.errors import SyncError
from guestlist.domain.explain import describe
from guestlist.domain.reason import Group
from guestlist.engine import follow
from guestlist.engine.follow import Following
from guestlist.engine.services import Services
from guestlist.store import halt, inclusion, overview, runs, ways
from guestlist.store.runs import LIVE
from schemas.records import Crm
from worker.settings import Loaded


class Numbers(Collector):
    """Reads everything once a scrape."""

    def __init__(
        self,
        services: Services,
        loaded: Loaded,
        size: Callable[[str], int | None] = lambda _: None,
    ) -> None:
        """*size* is what HubSpot last said of an object's list, where that is known."""
        self._services = services
        self._loaded = loaded
        self._size = size

    def collect(self) -> Iterator[Metric]:
        following = follow.status(self._services)
        yield from self._from_database()
        yield from self._of_polls(following)
        yield from self._of_accounts()
        yield from self._of_processes()
        yield self._members()

    def _from_database(self) -> Iterator[Metric]:
        now = self._services.clock()
        with self._services.database.read() as conn:
            totals = ways.totals(conn)
            calls = overview.calls(conn)
            counted = overview.open_errors(conn, since=now)
            running = runs.recent(conn, limit=100, states=LIVE)
            oldest = [overview.oldest_waiting(conn, run.id) for run in running]
            on = halt.get(conn)
        yield _gauge("guestlist_paused", "1: a person paused everything", {(): int(on is not None)})
        records = CounterMetricFamily(
            "guestlist_records",
            "Records by outcome, and the way they went",
            labels=["direction", "object", "outcome"],
        )
        for (name, outcome, way), count in totals.items():
            records.add_metric([way.value, name, outcome.value], count)
        yield records
        made = CounterMetricFamily("guestlist_api_calls", "API calls of runs", labels=["crm"])
        for crm, count in calls.items():
            made.add_metric([crm], count)
        yield made
        yield _errors(counted)
        ratio = GaugeMetricFamily(
            "guestlist_run_progress_ratio", "How far live runs are", labels=["run", "object"]
        )
        for run in running:
            percent = progress(run, now).percent
            if percent is not None:
                ratio.add_metric([run.id, run.object], percent / 100)
        yield ratio
        waiting = max(((now - at).total_seconds() for at in oldest if at), default=0.0)
        yield _gauge(
            "guestlist_waiting_seconds",
            "How long the oldest record that is due waits for a worker",
            {(): max(0.0, waiting)},
        )

    def _of_polls(self, following: list[Following]) -> Iterator[Metric]:
        now = self._services.clock()
        behind = lag(following, self._loaded.settings.polls, now)
        ages = {
            ("hubspot_to_salesforce",): behind.from_hubspot,
            ("salesforce_to_hubspot",): behind.from_salesforce,
        }
        yield _gauge(
            "guestlist_lag_seconds",
            "How old the newest change is that is known to be looked at, each way",
            {way: age.total_seconds() for way, age in ages.items() if age is not None},
            "direction",
        )
        yield _gauge(
            "guestlist_poll_age_seconds",
            "Since when nobody looked at a stream of changes that is followed",
            {
                (each.object, place.stream): (
                    now - (place.looked_at or each.follow.started_at)
                ).total_seconds()
                for each in following
                if each.follow and each.follow.on
                for place in each.places
            },
            "object",
            "stream",
        )

    def _of_accounts(self) -> Iterator[Metric]:
        """Tell what all processes together know of both accounts; it asks no CRM."""
        limiter = self._services.limiter
        left: dict[tuple[str, ...], float] = {}
        refused: dict[tuple[str, ...], float] = {}
        with suppress(SyncError):
            for crm in Crm:
                known = limiter.known(crm)
                refused[crm.value,] = int(known.refused)
                if known.day:
                    left[crm.value,] = max(0, known.day.limit - known.day.used)
        yield _gauge("guestlist_api_budget_remaining", "API calls left today", left, "crm")
        yield _gauge(
            "guestlist_credential_refused", "1: the CRM refuses our credential", refused, "crm"
        )

    def _of_processes(self) -> Iterator[Metric]:
        depth: dict[tuple[str, ...], float] = {
            (lane,): count for lane, count in self._depths().items()
        }
        yield _gauge("guestlist_queue_depth", "Messages that wait on a lane", depth, "queue")
        presence = self._services.presence
        workers, beats = presence.heard(Kind.WORKER), presence.heard(Kind.BEAT)
        yield _gauge(
            "guestlist_workers",
            "Celery workers that were heard of lately",
            {(): workers.present} if workers else {},
        )
        ages = (("worker", "any worker", workers), ("beat", "beat", beats))
        for name, words, heard in ages:
            yield _gauge(
                f"guestlist_{name}_heartbeat_age_seconds",
                f"Since when {words} was heard of last",
                {(): heard.age} if heard and heard.age is not None else {},
            )

    def _depths(self) -> dict[str, int]:
        try:
            return looks.queues(self._loaded)
        except redis.RedisError:
            return {}

    def _members(self) -> Metric:
        """Tell the size of each list: as HubSpot said last, else as it was counted last."""
        sizes: dict[tuple[str, ...], float] = {}
        held: dict[str, int | None] = {}
        with self._services.database.read() as conn:
            for name in sorted(self._loaded.settings.objects):
                choice = inclusion.get(conn, name)
                held[name] = choice.baseline.size if choice else None
        for name, counted in held.items():
            told = self._size(name)
            size = counted if told is None else told
            if size is not None:
                sizes[name,] = size
        return _gauge("guestlist_list_members", "Size of the inclusion list", sizes, "object")


def exposition(numbers: Numbers) -> bytes:
    """Return the numbers in the words of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(numbers)
    return generate_latest(registry)


def families(numbers: Numbers) -> list[dict[str, Any]]:
    """Return the numbers for programs that do not speak these words."""
    return [
        {"name": sample.name, "labels": sample.labels, "value": sample.value}
        for family in numbers.collect()
        for sample in family.samples
    ]


def _gauge(
    name: str, words: str, values: Mapping[tuple[str, ...], float], *labels: str
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=labels)
    for at, value in values.items():
        family.add_metric(at, value)
    return family


def _errors(counted: list[overview.Counted]) -> Metric:
    records: Counter[Group] = Counter()
    for each in counted:
        records[describe(each.reason).group] += each.count
    family = GaugeMetricFamily(
        "guestlist_errors_open", "Records that wait for a person", labels=["category"]
    )
    for group in Group:
        family.add_metric([group.value], records[group])
    return family
