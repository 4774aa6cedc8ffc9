"""``guestlist mapping``: what maps to what, and whether both CRMs can take it."""

import click

from console.commands.mapping_change import COMMANDS
from console.exits import Exit
from console.options import Section, of_object
from console.printer import many_of
from console.reports import FieldMappingReport, MappingProblemReport, many
from console.session import Session, pass_session
from guestlist.domain.check import MappingProblem, Severity
from schemas.mapping import ObjectMapping


@click.group(cls=Section, commands=COMMANDS)
def mapping() -> None:
    """Show, check and change what maps to what."""


@mapping.command()
@of_object
@pass_session
def show(session: Session, object_name: str | None) -> None:
    """Show the mapping that is in force."""
    name = session.object_name(object_name)
    shown = session.in_force.settings.objects[name]
    version = session.in_force.versions.get(name)
    body = _body(shown) | {"version": version}
    session.printer.show("mapping", body, lambda: _draw(session, shown, version))


def _body(shown: ObjectMapping) -> dict[str, object]:
    match = shown.match_on
    return {
        "object": shown.name,
        "hubspot_type": shown.hubspot_type,
        "hubspot_type_id": shown.hubspot_type_id,
        "salesforce_types": list(shown.salesforce_types),
        "create_as": shown.create_as,
        "external_id": shown.external_id,
        "match_on": {"hubspot": match[0], "salesforce": dict(match[1])} if match else None,
        "inclusion_list": shown.inclusion_list,
        "fields": many(FieldMappingReport, shown.fields),
    }


def _draw(session: Session, shown: ObjectMapping, version: int | None) -> None:
    printer = session.printer
    if version:
        printer.say(f"version {version} is in force; `guestlist mapping diff` has what it changed")
    types = ", ".join(shown.salesforce_types)
    printer.line(f"{shown.name}: HubSpot {shown.hubspot_type}, Salesforce {types}")
    printer.line(f"new records become a {shown.create_as}; {shown.external_id} holds the id")
    if shown.match_on:
        printer.line(f"existing ones are found by {shown.match_on[0]}")
    rows = [
        (row.hubspot, *(row.salesforce.get(each, "-") for each in shown.salesforce_types), row.rule)
        for row in shown.fields
    ]
    printer.table(("HubSpot", *shown.salesforce_types, "rule"), rows)


@mapping.command()
@of_object
@pass_session
def check(session: Session, object_name: str | None) -> Exit:
    """Hold the mapping against both CRMs' live schemas, read anew."""
    name = session.object_name(object_name)
    problems = session.connected.schemas.problems(name, refresh=True)
    errors = [each for each in problems if each.severity == Severity.ERROR]
    body = {
        "object": name,
        "ok": not errors,
        "problems": many(MappingProblemReport, problems),
    }
    session.printer.show("mapping-check", body, lambda: _draw_problems(session, problems))
    return Exit.CONFIG if errors else Exit.OK


def _draw_problems(session: Session, problems: list[MappingProblem]) -> None:
    if problems:
        rows = [("held" if each.holds else each.severity, *each[1:4]) for each in problems]
        session.printer.table(("severity", "field", "problem", "fix"), rows)
    else:
        session.printer.line("the mapping fits both CRMs")
    session.printer.say(many_of(len(problems), "problem"))
