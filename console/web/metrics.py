"""The numbers of ``/metrics``: from the database and Redis, never from a process's own memory."""

from collections import Counter
from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from console.planning import Left
from console.web import looks
from console.web.looks import inclusion_of
from console.web.progress import progress
from console.web.site import Site
from guestlist.domain.explain import describe
from guestlist.domain.reason import Group
from guestlist.engine import follow
from guestlist.store import overview, runs
from guestlist.store.runs import LIVE


class Numbers(Collector):
    """Reads everything once a scrape."""

    def __init__(self, here: Site) -> None:
        self._site = here

    def collect(self) -> Iterator[Metric]:
        yield from self._from_database()
        yield from self._from_pulse()

    def _from_database(self) -> Iterator[Metric]:
        here, now = self._site, self._site.clock()
        with here.database.read() as conn:
            totals = overview.totals(conn)
            calls = overview.calls(conn)
            counted = overview.open_errors(conn, since=now)
            running = runs.recent(conn, limit=100, states=LIVE)
            oldest = [overview.oldest_waiting(conn, run.id) for run in running]
        records = CounterMetricFamily(
            "guestlist_records", "Records by outcome", labels=["object", "outcome"]
        )
        for (name, outcome), count in totals.items():
            records.add_metric([name, outcome.value], count)
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
        yield self._poll_ages()
        waiting = max(((now - at).total_seconds() for at in oldest if at), default=0.0)
        lag = GaugeMetricFamily(
            "guestlist_lag_seconds", "How long the oldest record that is due waits for a worker"
        )
        lag.add_metric([], max(0.0, waiting))
        yield lag

    def _poll_ages(self) -> Metric:
        family = GaugeMetricFamily(
            "guestlist_poll_age_seconds",
            "Since when nobody looked at a stream of changes that is followed",
            labels=["object", "stream"],
        )
        now = self._site.clock()
        for each in follow.status(self._site.services):
            if each.follow and each.follow.on:
                for place in each.places:
                    looked_at = place.looked_at or each.follow.started_at
                    family.add_metric(
                        [each.object, place.stream], (now - looked_at).total_seconds()
                    )
        return family

    def _from_pulse(self) -> Iterator[Metric]:
        pulse = self._site.pulse
        left: Mapping[str, Left] = pulse.value(looks.ALLOWANCES, {})
        budget = GaugeMetricFamily(
            "guestlist_api_budget_remaining", "API calls left today", labels=["crm"]
        )
        for crm, each in left.items():
            if each.used is not None and each.limit is not None:
                budget.add_metric([crm], max(0, each.limit - each.used))
        yield budget
        depth = GaugeMetricFamily(
            "guestlist_queue_depth", "Messages that wait on a lane", labels=["queue"]
        )
        queues: Mapping[str, int] = pulse.value(looks.QUEUES, {})
        for lane, count in queues.items():
            depth.add_metric([lane], count)
        yield depth
        members = GaugeMetricFamily(
            "guestlist_list_members", "Size of the inclusion list", labels=["object"]
        )
        for name in self._site.objects:
            inclusion = pulse.value(inclusion_of(name))
            if inclusion and inclusion.definition and inclusion.definition.size is not None:
                members.add_metric([name], inclusion.definition.size)
        yield members
        workers = GaugeMetricFamily("guestlist_workers", "Celery workers that answered last")
        workers.add_metric([], len(pulse.value(looks.WORKERS, ())))
        yield workers
        age = GaugeMetricFamily(
            "guestlist_worker_heartbeat_age_seconds", "Since when the workers were last asked"
        )
        if reading := pulse.get(looks.WORKERS):
            age.add_metric([], max(0.0, (self._site.clock() - reading.at).total_seconds()))
        yield age


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
