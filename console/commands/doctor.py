"""``guestlist doctor``: look at everything once, and say what to mend."""

from datetime import UTC, datetime
from pathlib import Path

import click
import orjson

from console.diagnosis import CHECKS, Check, Colour, checks
from console.exits import Exit
from console.options import of_object
from console.printer import Printer, clean
from console.session import Refusal, Session, pass_session
from console.shareable import report

_STYLES = {Colour.GREEN: "green", Colour.YELLOW: "yellow", Colour.RED: "red"}


PAGES = {
    "settings": "docs/settings.md",
    "database": "docs/operating.md#upgrade",
    "redis": "docs/scaling.md#the-broker",
    "workers": "docs/cli.md#processes",
    "hubspot": "docs/connecting.md#hubspot",
    "scopes": "docs/connecting.md#hubspot",
    "salesforce": "docs/connecting.md#salesforce",
    "list": "docs/console/list.md",
    "mapping": "docs/console/mapping.md",
    "external-id": "docs/connecting.md#1-the-field-to-create",
    "budget": "docs/scaling.md#the-allowance",
}
"""What to read about each check."""


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(CHECKS)), help="Repeatable.")
@click.option(
    "--report",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep it in a file to hand on: no secret, value, name or address is in it.",
)
@of_object
@pass_session
def doctor(
    session: Session, only: tuple[str, ...], file: Path | None, object_name: str | None
) -> Exit:
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
    if file:
        _keep(session, made, file)
    return red[0].code if red else Exit.OK


def _keep(session: Session, made: list[Check], file: Path) -> None:
    found = report(session, made, datetime.now(UTC))
    whole = orjson.dumps(
        {"schema": "guestlist/doctor-report@1", **found}, option=orjson.OPT_INDENT_2
    )
    try:
        file.write_bytes(whole + b"\n")
    except OSError as error:
        raise Refusal(f"{file} can not be written: {error.strerror}") from error
    session.printer.say(f"the report is in {file}: read it before you hand it on")


def _print(printer: Printer, check: Check) -> None:
    printer.line(
        f"{check.colour:<6}  {check.name:<11}  {clean(check.said)}", fg=_STYLES[check.colour]
    )
    if check.fix:
        printer.line(f"{'':<21}fix: {clean(check.fix)}")
    if page := _page(check):
        printer.line(f"{'':<21}see: {page}")


def _page(check: Check) -> str | None:
    """Return where to read on, of what is not well."""
    return None if check.colour is Colour.GREEN else PAGES[check.name]


def _body(check: Check) -> dict[str, str | None]:
    return {
        "name": check.name,
        "colour": check.colour.value,
        "said": check.said,
        "fix": check.fix,
        "see": _page(check),
    }


def _sum(made: list[Check]) -> str:
    counts = {each: sum(check.colour is each for check in made) for each in Colour}
    return ", ".join(f"{n} {colour}" for colour, n in counts.items() if n)
