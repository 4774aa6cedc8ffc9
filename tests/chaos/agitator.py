"""What is done to the processes, and when: drawn from the seed before anything runs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import NamedTuple

from tests.chaos.order import Order
from tests.chaos.scene import BEAT, WEB, WORKERS, Scene
from tests.model.story import Pause


class Kind(StrEnum):
    """A blow."""

    CHILD = "child killed"
    MAIN = "main killed"
    REDIS = "Redis killed and wiped"
    DATABASE = "database killed"
    STOP = "stopped"
    DISK = "disk full"
    CLOCK = "clock jumped"
    SETTINGS = "settings changed"


SHARES = {
    Kind.CHILD: 30,
    Kind.MAIN: 25,
    Kind.REDIS: 10,
    Kind.DATABASE: 10,
    Kind.STOP: 10,
    Kind.DISK: 5,
    Kind.CLOCK: 5,
    Kind.SETTINGS: 5,
}
JUMPS_S = (-3600.0, -40.0, -5.0, 5.0, 20.0)
"""Steps of a wall clock."""


class Blow(NamedTuple):
    """One thing done to a process."""

    at: float
    """Seconds after the beginning."""
    kind: Kind
    who: str
    seconds: float
    """How long it lasts."""
    amount: float = 0.0


def plan(order: Order) -> list[Blow]:
    """Draw what will be done; each kind at least once if there is time."""
    return list(_drawn(order, Random(f"{order.seed}/agitator")))


def _drawn(order: Order, dice: Random) -> Iterator[Blow]:
    at, first = dice.uniform(*order.times.blows), [*Kind]
    dice.shuffle(first)
    prefork = [name for name, pool in WORKERS.items() if "prefork" in pool]
    while at < order.seconds - 1:
        (drawn,) = dice.choices([*SHARES], [*SHARES.values()])
        kind = first.pop() if first else drawn
        who, seconds, amount = dice.choice([*WORKERS]), dice.uniform(0.5, 2.0), 0.0
        match kind:
            case Kind.CHILD:
                who, amount = dice.choice(prefork), dice.randrange(8)
            case Kind.MAIN:
                who = dice.choice([*WORKERS, *WORKERS, *WORKERS, BEAT, WEB])
            case Kind.STOP:
                seconds = dice.uniform(*order.times.stop)
            case Kind.DATABASE | Kind.DISK:
                seconds = dice.uniform(1.0, 4.0)
            case Kind.CLOCK:
                seconds, amount = dice.uniform(2.0, 8.0), dice.choice(JUMPS_S)
            case Kind.SETTINGS:
                seconds = dice.uniform(3.0, 8.0)
        yield Blow(at, kind, who, seconds, amount)
        at += dice.uniform(*order.times.blows)


@dataclass
class Agitator:
    """Carries the blows out, ends what lasts, and lets the processes be looked after."""

    scene: Scene
    blows: list[Blow]
    change_settings: Callable[[], Callable[[], None]]
    note: Callable[[str], None]
    done: list[Blow] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    _lasting: dict[Kind, tuple[float, Callable[[], None]]] = field(default_factory=dict)

    def work(self, seconds: float, *, began: float) -> None:
        """Hurt the processes until so long after *began*."""
        waiting = [*self.blows]
        while (now := time.monotonic() - began) < seconds:
            self._end(now)
            while waiting and waiting[0].at <= now:
                self._strike(waiting.pop(0))
            self.scene.look_after()
            time.sleep(0.05)

    def mend(self) -> None:
        """End everything that lasts."""
        self._end(float("inf"))

    def _end(self, now: float) -> None:
        for kind, (until, undo) in [*self._lasting.items()]:
            if until <= now:
                del self._lasting[kind]
                undo()

    def _strike(self, blow: Blow) -> None:
        """Do it, unless one of its kind lasts still."""
        if blow.kind in self._lasting:
            return
        undo = self._done(blow)
        self.done.append(blow)
        self.note(f"{blow.at:7.1f} s  {blow.kind}: {blow.who} {blow.seconds:.1f} {blow.amount:g}")
        if undo:
            self._lasting[blow.kind] = (blow.at + blow.seconds, undo)

    def _done(self, blow: Blow) -> Callable[[], None] | None:
        scene = self.scene
        match blow.kind:
            case Kind.CHILD:
                scene.kill_one_child(blow.who, int(blow.amount))
            case Kind.MAIN:
                scene.kill_main(blow.who, down_s=blow.seconds)
            case Kind.REDIS:
                return scene.wipe_redis()
            case Kind.DATABASE:
                return None if Kind.DISK in self._lasting else scene.kill_database()
            case Kind.STOP:
                return self._paused(scene.stop(blow.who))
            case Kind.DISK:
                return None if Kind.DATABASE in self._lasting else scene.fill_disk()
            case Kind.CLOCK:
                return scene.shift_clock(blow.who, blow.amount)
            case Kind.SETTINGS:
                return self.change_settings()
        return None

    def _paused(self, go_on: Callable[[], None]) -> Callable[[], None]:
        since = time.time()

        def undo() -> None:
            go_on()
            self.pauses.append(Pause(since, time.time()))

        return undo
