"""One demo from the first process to the verdict."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from console.demo.calls import Calls, of_records, of_setup
from console.demo.following import Following
from console.demo.proof import Evidence, Proof, broken, prove
from console.demo.report import Report, body_of, draw_proof, draw_two_way, draw_verdict
from console.demo.serving import serve_until_interrupted
from console.demo.stage import Stage, staged
from console.demo.story import OBJECT, Story
from console.demo.teller import Teller
from console.demo.two_way import TwoWay, judge
from console.demo.two_way import broken as broken_two_way
from console.exits import Exit
from console.printer import count
from console.reports import outcome_totals
from console.session import Session
from guestlist.domain.outcome import Outcome
from guestlist.store.runs import Run


class _Listed(NamedTuple):
    """What is proved of the list syncs."""

    members: int
    proof: Proof
    broken: Sequence[str]


class World(NamedTuple):
    """What is made up."""

    contacts: int
    seed: str


def perform(session: Session, world: World, *, list_only: bool, serve: bool) -> Exit:
    """Run the demo, and return 0 if the proof holds, else 1."""
    began = time.monotonic()
    teller = Teller(session.printer)
    teller.say(
        f"Guestlist demo: {count(world.contacts)} made-up contacts, seed {world.seed}. "
        "Everything runs on this machine."
    )
    teller.step("Start what it takes")
    with staged(world.contacts, world.seed) as stage:
        try:
            report = _report(stage, session, teller, world, began=began, list_only=list_only)
            teller.printer.show(
                "demo", body_of(report), lambda: draw_verdict(teller.printer, report)
            )
            if serve:
                serve_until_interrupted(stage, teller)
            else:
                teller.printer.suggest("guestlist demo --serve, to look around in it")
        finally:
            session.close()
    return Exit.OK if report.ok else Exit.PARTIAL


def _report(
    stage: Stage,
    session: Session,
    teller: Teller,
    world: World,
    *,
    began: float,
    list_only: bool,
) -> Report:
    story = Story(stage, session, teller)
    stage.start_workers()
    session.prepare_database()
    stage.start_beat()
    teller.show(lambda: teller.printer.table(("what runs", "where", "process"), stage.rows()))
    teller.say(f"Settings, SQLite database and logs are in {stage.folder}.")
    first, calls, setup_calls = _first_sync(stage, story, teller)
    story.explain()
    story.mend()
    listed = _proved(stage, story, teller)
    two_way, found = (None, []) if list_only else _followed(stage, session, teller, story.list_id)
    return Report(
        **world._asdict(),
        members=listed.members,
        broker=stage.broker.name,
        first_run=first,
        calls=calls,
        setup_calls=setup_calls,
        proof=listed.proof,
        two_way=two_way,
        broken=[*listed.broken, *found],
        seconds=time.monotonic() - began,
    )


def _followed(
    stage: Stage, session: Session, teller: Teller, list_id: str
) -> tuple[TwoWay, list[str]]:
    """Follow both CRMs, and return the verdict with what does not hold."""
    followed = Following(stage, session, teller, list_id).perform()
    teller.step("Prove that, too")
    told = judge(followed)
    teller.show(lambda: draw_two_way(teller.printer, told))
    return told, broken_two_way(told, imported=len(followed.imported))


def _proved(stage: Stage, story: Story, teller: Teller) -> _Listed:
    """Sync the list again, and judge both syncs."""
    written = len(stage.control.journal())
    teller.step("Sync the same list again")
    second = story.sync()
    teller.step("Prove it, from what the CRMs accepted and now hold")
    evidence = _evidence(stage, story.list_id, written)
    proof, members = prove(evidence), len(evidence.members)
    teller.say(
        f"The sandbox's journal holds {count(len(evidence.journal))} accepted writes, each with "
        "what the list's own filter said about the contact at that instant."
    )
    teller.show(lambda: draw_proof(teller.printer, proof, members=members))
    refused = second.outcomes[Outcome.FAILED] + second.outcomes[Outcome.HELD]
    found = broken(proof, members=members, unchanged=second.unchanged, refused=refused)
    return _Listed(members, proof, found)


def _first_sync(stage: Stage, story: Story, teller: Teller) -> tuple[Run, Calls, Calls]:
    """Return the run, the calls that carried its members, and the constant ones until its end."""
    story.choose()
    made = story.plan()
    before = of_setup(stage.control.state()["calls"])
    stage.wait_for_workers()
    stage.control.reset_calls()
    teller.step("Sync the list")
    run = story.sync()
    counted = stage.control.state()["calls"]
    calls, during = of_records(counted), of_setup(counted)
    foreseen = outcome_totals(made.preview.outcomes)[Outcome.FAILED.value]
    if surprised := run.failed - foreseen:
        teller.say(f"{count(surprised)} were refused by rules of Salesforce that no plan can see.")
    teller.say(
        f"The sandbox counted {count(calls.hubspot)} HubSpot and {count(calls.salesforce)} "
        f"Salesforce API calls for {count(run.enumerated)} members."
    )
    return run, calls, before.plus(during)


def _evidence(stage: Stage, list_id: str, second_run_after: int) -> Evidence:
    control = stage.control
    return Evidence(
        list_id=list_id,
        members=control.members(list_id),
        journal=control.journal(),
        second_run_after=second_run_after,
        hubspot=control.records("hubspot", OBJECT),
        salesforce=[
            *control.records("salesforce", "Contact"),
            *control.records("salesforce", "Lead"),
        ],
    )
