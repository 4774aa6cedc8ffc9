"""``guestlist doctor``: look at everything once, and say what to mend."""

import click

from console.diagnosis import CHECKS, Check, Colour, checks
from console.exits import Exit
from console.options import of_object
from console.printer import Printer, clean
from console.session import Session, pass_session

_STYLES = {Colour.GREEN: "green", Colour.YELLOW: "yellow", Colour.RED: "red"}


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(CHECKS)), help="Repeatable.")
@of_object
@pass_session
def doctor(session: Session, only: tuple[str, ...], object_name: str | None) -> Exit:
    """Check both CRMs, Redis, workers, database, list, mapping and budget."""
    printer = session.printer
    made: list[Check] = []
    for check in checks(session, object_name, set(only)):
        made.append(check)
        if not printer.json:
            _print(printer, check)
    red = [check for check in made if check.colour is Colour.RED]
    body = {"ok": not red, "checks": [_body(check) for check in made]}
    printer.show("doctor", body, lambda: printer.say(_sum(made)))
    return red[0].code if red else Exit.OK


def _print(printer: Printer, check: Check) -> None:
    printer.line(
        f"{check.colour:<6}  {check.name:<11}  {clean(check.said)}", fg=_STYLES[check.colour]
    )
    if check.fix:
        printer.line(f"{'':<21}fix: {clean(check.fix)}")


def _body(check: Check) -> dict[str, str]:
    return {
        "name": check.name,
        "colour": check.colour.value,
        "said": check.said,
        "fix": check.fix,
    }


def _sum(made: list[Check]) -> str:
    counts = {each: sum(check.colour is each for check in made) for each in Colour}
    return ", ".join(f"{n} {colour}" for colour, n in counts.items() if n)
