"""One demo from the first process to the verdict."""

import time

from console.demo.calls import Calls, of_records, of_setup
from console.demo.proof import Evidence, broken, prove
from console.demo.report import Report, body_of, draw
from console.demo.serving import serve_until_interrupted
from console.demo.stage import Stage, staged
from console.demo.story import OBJECT, Story
from console.demo.teller import Teller
from console.exits import Exit
from console.printer import count
from console.reports import outcome_totals
from console.session import Session
from guestlist.domain.outcome import Outcome
from guestlist.store.runs import Run


def perform(session: Session, *, contacts: int, seed: str, serve: bool) -> Exit:
    """Run the demo, and return 0 if the proof holds, else 1."""
    began = time.monotonic()
    teller = Teller(session.printer)
    teller.say(
        f"Guestlist demo: {count(contacts)} made-up contacts, seed {seed}. "
        "Everything runs on this machine."
    )
    teller.step("Start what it takes")
    with staged(contacts, seed) as stage:
        try:
            report = _report(stage, session, teller, contacts=contacts, seed=seed, began=began)
            teller.printer.show("demo", body_of(report), lambda: draw(teller.printer, report))
            if serve:
                serve_until_interrupted(stage, teller)
            else:
                teller.printer.suggest("guestlist demo --serve, to look around in it")
        finally:
            session.close()
    return Exit.OK if report.ok else Exit.PARTIAL


def _report(
    stage: Stage, session: Session, teller: Teller, *, contacts: int, seed: str, began: float
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
    written = len(stage.control.journal())
    teller.step("Sync the same list again")
    second = story.sync()
    teller.step("Prove it, from what the CRMs accepted and now hold")
    evidence = _evidence(stage, story.list_id, written)
    proof = prove(evidence)
    teller.say(
        f"The sandbox's journal holds {count(len(evidence.journal))} accepted writes, each with "
        "what the list's own filter said about the contact at that instant."
    )
    refused = second.outcomes[Outcome.FAILED] + second.outcomes[Outcome.HELD]
    return Report(
        seed=seed,
        contacts=contacts,
        members=len(evidence.members),
        broker=stage.broker.name,
        first_run=first,
        calls=calls,
        setup_calls=setup_calls,
        proof=proof,
        broken=broken(
            proof, members=len(evidence.members), unchanged=second.unchanged, refused=refused
        ),
        seconds=time.monotonic() - began,
    )


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
