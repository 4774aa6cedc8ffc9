"""A chaos run from its first process to the verdict."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.proof import accounts
from benchmarks.proof.judge import CONVERGED_WITHIN_S, Finding
from console.exits import Exit
from guestlist.store.database import Database
from sandbox.journal_file import as_line
from sandbox.mount import Addresses, serve
from sandbox.world import World
from tests.chaos import books, canaries, weather
from tests.chaos.agitator import Agitator, Blow, plan
from tests.chaos.annals import Annals
from tests.chaos.crowd import Crowd, Doings
from tests.chaos.ground import brake_records, environ_for, grown, write_settings
from tests.chaos.order import Order
from tests.chaos.replay import replay
from tests.chaos.scene import LOOKED_AFTER, Scene, scene
from tests.chaos.verdict import Facts, judge
from tests.model.people import FILTERS
from tests.model.story import Ban
from tests.services.processes import wait_until

LOOK_EVERY_S = 0.25
NOTICED_S = 3.0
"""From new settings to their being known everywhere."""
Tell = Callable[[str], None]


class Ran(NamedTuple):
    """What it came to."""

    order: Order
    findings: list[Finding]
    members: int
    acts: int
    writes: int
    blows: list[Blow]
    faults: dict[str, int]
    died: list[str]
    converged_s: float

    @property
    def ok(self) -> bool:
        return not any(each.broken for each in self.findings)


def run(order: Order, folder: Path, tell: Tell, *, within_s: float = CONVERGED_WITHIN_S) -> Ran:
    """Run everything in *folder*, and judge it."""
    world, people, annals = grown(order)
    with serve(world) as addresses, scene(folder, order, **environ_for(order)) as it:
        made = _Run(
            order=order,
            world=world,
            people=people,
            annals=annals,
            addresses=addresses,
            it=it,
            tell=tell,
            within_s=within_s,
        )
        return made.whole()


class _Again(NamedTuple):
    """Our writes in so many quiet cycles, and those by so many messages sent once more."""

    cycles: int = 0
    quiet: int = 0
    replayed: int = 0
    rewritten: int = 0


class _Run:
    def __init__(
        self,
        *,
        order: Order,
        world: World,
        people: Crowd,
        annals: Annals,
        addresses: Addresses,
        it: Scene,
        tell: Tell,
        within_s: float,
    ) -> None:
        self._order = order
        self._world = world
        self._annals = annals
        self._touch = addresses.listening.call
        self._scene = it
        self._tell = tell
        self._within_s = within_s
        self._people = people
        self._doings = Doings(people, annals, seed=order.seed, brake=self._brake)
        self._bans: list[Ban] = []
        self._found: list[str] = []
        self._threads: list[threading.Thread] = []
        held = world.credentials
        it.environ |= {
            "GUESTLIST_HUBSPOT_BASE_URL": addresses.hubspot,
            "GUESTLIST_HUBSPOT_TOKEN": held.hubspot_token,
            "GUESTLIST_SALESFORCE_LOGIN_URL": addresses.salesforce,
            "GUESTLIST_SALESFORCE_CLIENT_ID": held.salesforce_client_id,
            "GUESTLIST_SALESFORCE_CLIENT_SECRET": held.salesforce_client_secret,
        }
        self._secrets = [
            canaries.WORD,
            held.hubspot_token.encode(),
            held.salesforce_client_secret.encode(),
        ]

    def whole(self) -> Ran:
        """Begin, hurt, mend, wait, be quiet, do all again, judge."""
        order = self._order
        self._begin()
        database = Database(self._scene.database_url)
        agitator = Agitator(self._scene, plan(order), self._change_settings, self._tell)
        faults = self._hurt(agitator)
        ended = self._mend(agitator)
        self._settle(database)
        seconds = self._last_write() - ended
        self._tell(f"in step {seconds:.1f} s after the last blow")
        again = self._do_all_again(database)
        self._found += canaries.in_redis(self._scene.environ["GUESTLIST_BROKER_URL"], self._secrets)
        for name in LOOKED_AFTER:
            self._scene.kill_main(name, down_s=0)
        logs = [self._scene.folder / f"{name}.log" for name in LOOKED_AFTER]
        self._found += canaries.in_logs(logs, self._secrets)
        journal = map(as_line, self._world.journal.entries)
        (self._scene.folder / "journal.jsonl").write_bytes(b"".join(journal))
        facts = self._facts(database, agitator, max(0.0, seconds))
        database.dispose()
        facts = facts._replace(**again._asdict())
        return Ran(
            order=order,
            findings=judge(facts),
            members=len(self._annals.members),
            acts=self._doings.done,
            writes=self._ours(),
            blows=agitator.done,
            faults=faults,
            died=self._scene.died,
            converged_s=facts.converged_s,
        )

    # --- the beginning ------------------------------------------------------------------------

    def _begin(self) -> None:
        scene = self._scene
        write_settings(self._scene.folder, create=True)
        scene.start_redis()
        scene.serve_database()
        scene.insist("database", "upgrade")
        scene.insist("list", "use", self._annals._list_id, "--yes")
        scene.insist("follow", "on")
        for name in LOOKED_AFTER:
            scene.start(name)
        probes = scene.folder / "probes"
        wait_until(lambda: any(probes.glob("*.ready")), what="a worker is ready", patience=120)
        scene.insist("sync", "start", "--yes")
        self._tell(f"{len(self._annals.members):,} of {self._order.records:,} contacts are to sync")

    def _change_settings(self) -> Callable[[], None]:
        """Let nobody be created in Salesforce for a while."""
        write_settings(self._scene.folder, create=False)
        since = time.time() + NOTICED_S

        def undo() -> None:
            self._touch(lambda: self._annals.story.bans.append(Ban(since, until=time.time())))
            write_settings(self._scene.folder, create=True)

        return undo

    # --- the chaos ----------------------------------------------------------------------------

    def _hurt(self, agitator: Agitator) -> dict[str, int]:
        """Let people, faults and the agitator at it; how many calls each fault hit."""
        order, began = self._order, time.monotonic()
        self._touch(lambda: weather.worsen(self._world, order))
        for work in (self._edit, self._operate):
            thread = threading.Thread(target=work, args=(began,), daemon=True)
            thread.start()
            self._threads.append(thread)
        agitator.work(order.seconds, began=began)
        for thread in self._threads:
            thread.join()
        return self._touch(lambda: weather.struck(self._world))

    def _edit(self, began: float) -> None:
        """Let people act, the list's filter change, and the storms break."""
        order = self._order
        due = sorted(self._events(), key=lambda each: each[0])
        while (passed := time.monotonic() - began) < order.seconds:
            while due and due[0][0] <= passed:
                self._touch(due.pop(0)[1])
            if self._doings.done <= passed * order.rate:
                self._touch(self._doings.act)
            else:
                time.sleep(0.02)

    def _events(self) -> list[tuple[float, Callable[[], None]]]:
        seconds, dice = self._order.seconds, Random(f"{self._order.seed}/list")
        found: list[tuple[float, Callable[[], None]]] = []
        for begins, ends, status in weather.storms(self._order):
            lasts = ends - begins
            found.append(
                (begins, lambda s=status, t=lasts: weather.storm(self._world, status=s, seconds=t))  # type: ignore[misc]
            )
        for part in (0.15, 0.3, 0.5, 0.65, 0.85):
            which = dice.randrange(len(FILTERS) - 1)
            found.append((part * seconds, lambda w=which: self._doings.filter_by(w)))  # type: ignore[misc]
        gone = dice.uniform(0.4, 0.6) * seconds
        found.append((gone, self._people.delete_list))
        found.append((gone + min(8.0, seconds / 10), self._people.restore_list))
        return found

    def _operate(self, began: float) -> None:
        """Let a person at the console approve what is held, and ask for looks."""
        dice = Random(f"{self._order.seed}/operator")
        while time.monotonic() - began < self._order.seconds - 5:
            time.sleep(dice.uniform(3, 6))
            if dice.random() < 0.6:
                self._approve()
            elif contacts := self._touch(self._people.contacts):
                self._scene.command("sync", "start", "--record", dice.choice(contacts), "--yes")

    def _approve(self) -> None:
        if self._touch(lambda: bool(self._annals.story.holds)):
            self._touch(lambda: self._doings.release(self._world.clock.timestamp()))
        self._scene.command("list", "approve", "--yes")

    def _brake(self) -> int:
        return max(brake_records(self._order), int(0.2 * len(self._annals.members)) + 1)

    # --- the end ------------------------------------------------------------------------------

    def _mend(self, agitator: Agitator) -> float:
        """End faults, blows and edits; when that was, by the sandbox's clock."""
        agitator.mend()
        agitator.scene.look_after()

        def mend() -> float:
            self._world.faults.clear()
            self._people.restore_list()
            self._doings.filter_by(0)
            self._doings.release(self._world.clock.timestamp())
            self._annals.story.pauses = tuple(agitator.pauses)
            return self._world.clock.timestamp()

        ended = self._touch(mend)
        self._tell(f"{self._doings.done:,} acts, {len(agitator.done)} blows; quiet from now on")
        return ended

    def _settle(self, database: Database) -> None:
        """Let in newcomers and whom a setting kept out, and wait until nothing is left to do."""
        moment = datetime.now(UTC) + timedelta(seconds=self._order.times.lag + 1)
        until, asked, steady, listed = time.monotonic() + 4 * self._within_s, 0.0, 0, False
        while steady < 3 and time.monotonic() < until:
            self._scene.look_after()
            if time.monotonic() - asked > 10:
                self._scene.command("list", "approve", "--yes")
                # Refused while the run before it is under way.
                listed = listed or self._scene.command("sync", "start", "--yes") == Exit.OK
                asked = time.monotonic()
            time.sleep(LOOK_EVERY_S)
            looked = listed and accounts.looked_since(database, moment)
            steady = steady + 1 if looked and not accounts.busy(database) else 0

    def _do_all_again(self, database: Database) -> "_Again":
        """Count what is written while nothing happens, and when everything is asked for once more.

        Not where something never came to its end: that is the verdict then.
        """
        if accounts.busy(database):
            self._tell("not everything came to its end: it is judged as it stands")
            return _Again()
        settled = self._ours()
        self._be_quiet(database)
        quiet = self._ours() - settled
        replayed = replay(self._scene, database)
        self._scene.insist("sync", "start", "--yes", "--wait", codes=(Exit.OK, Exit.PARTIAL))
        rewritten = self._ours() - settled - quiet
        return _Again(self._order.times.cycles, quiet, replayed, rewritten)

    def _be_quiet(self, database: Database) -> None:
        for _ in range(self._order.times.cycles):
            moment = datetime.now(UTC)
            wait_until(
                lambda at=moment: accounts.looked_since(database, at),  # type: ignore[misc]
                what="a poll of every stream",
                patience=120,
            )

    def _facts(self, database: Database, agitator: Agitator, seconds: float) -> Facts:
        self._annals.look()
        kept = accounts.read(database)
        story = self._annals.story
        story.lost = frozenset((each.key, each.name, each.value) for each in kept.lost)  # type: ignore[misc]
        return Facts(
            chapters=[*self._annals.chapters()],
            kept=kept,
            said=books.said(database),
            unended=books.unended(database),
            twice=books.twice(database),
            acts=self._doings.done,
            converged_s=seconds,
            within_s=self._within_s,
            replayed=0,
            rewritten=0,
            cycles=0,
            quiet=0,
            leaked=self._found,
        )

    def _ours(self) -> int:
        return self._touch(lambda: sum(1 for _ in self._annals.story.ours()))

    def _last_write(self) -> float:
        return self._touch(
            lambda: max((each.at for each in self._annals.story.ours()), default=0.0)
        )


def body_of(ran: Ran) -> str:
    """Return what it came to as one JSON object."""
    findings = [{**each._asdict(), "holds": not each.broken} for each in ran.findings]
    blows = Counter(each.kind for each in ran.blows)
    told = {"order": ran.order._asdict(), "findings": findings, "blows": blows, "ok": ran.ok}
    return json.dumps({"schema": "guestlist/chaos@1", **ran._asdict(), **told})
