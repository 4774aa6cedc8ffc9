"""The verdict on a world that has come to rest: every invariant that does not hold."""

from collections.abc import Iterator

from tests.engine.judge import accounted
from tests.model import gate_oracle, pair_oracle, value_oracle
from tests.model.excuses import excused
from tests.model.gate_oracle import Breach
from tests.model.stage import Stage

QUIET_TICKS = 1


def judge(stage: Stage) -> list[Breach]:
    """Mend the world, let it come to rest, and return what is wrong with it or its past."""
    stage.mend()
    verdict = list(_verdict(stage))
    return [*stage.booked, *verdict]


def _verdict(stage: Stage) -> Iterator[Breach]:
    if not stage.quiet():
        yield Breach("I5", f"still writes: {stage.story.moments[-3:]}")
    yield from _converged(stage)
    yield from _unmoved(stage, QUIET_TICKS)
    yield from _replayed(stage)
    yield from _audited(stage)
    yield from _history(stage)
    yield from _books(stage)


def _converged(stage: Stage) -> Iterator[Breach]:
    """Every member is in step by now, or somebody was told why it is not (I6, I8)."""
    end = stage.end()
    for id, breach in pair_oracle.unequal(stage.story, end):
        said = stage.said(id)
        if said in {None, "SYNCED", "UNCHANGED", "CONFLICT_LOST"}:
            yield breach._replace(what=f"{breach.what}; said {said}")


def _unmoved(stage: Stage, ticks: int) -> Iterator[Breach]:
    """Nothing happens, so nothing is written (I5)."""
    for _ in range(ticks):
        if stage.tick():
            yield Breach("I5", f"wrote although quiet: {stage.story.moments[-1]}")


def _replayed(stage: Stage) -> Iterator[Breach]:
    """Every message that there ever was, once more: nothing new is written (I4)."""
    before = stage.ours()
    for message in dict.fromkeys(stage.here.post.published):
        stage.here.carry_out(message)
    stage.here.settle()
    if stage.ours() != before:
        yield Breach("I4", f"wrote for a replay: {stage.story.moments[-1]}")


def _audited(stage: Stage) -> Iterator[Breach]:
    """After an audit all members are in step, or what is said about them is true."""
    before = stage.ours()
    stage.audit()
    if stage.ours() != before and not stage.quiet():
        yield Breach("I5", f"the audit never ends: {stage.story.moments[-3:]}")
    end = stage.end()
    for id, breach in pair_oracle.unequal(stage.story, end):
        said = stage.said(id)
        if not excused(id, said, stage.story, end):
            yield breach._replace(what=f"after an audit {breach.what}; said {said}")


def _history(stage: Stage) -> Iterator[Breach]:
    story = stage.story
    for oracle in (
        gate_oracle.leaks,
        gate_oracle.entries,
        gate_oracle.held,
        gate_oracle.banned,
        gate_oracle.removals,
        value_oracle.overwritten,
        value_oracle.unsaid,
        pair_oracle.duplicates,
    ):
        yield from oracle(story)


def _books(stage: Stage) -> Iterator[Breach]:
    """Every record has its end (I8), the runs count right, and nobody is linked twice (I3)."""
    for key in stage.unended():
        yield Breach("I8", f"{key} never came to its end")
    for run_id in stage.run_ids():
        accounted(stage.here, stage.here.the_run(run_id))
    twins = stage.twins()
    for twin in {each for each in twins if twins.count(each) > 1}:
        yield Breach("I3", f"{twin} is linked twice")
