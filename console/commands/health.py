"""``guestlist health`` and ``guestlist metrics``: the console's probes, without the console."""

import click

from console.exits import Exit
from console.options import Section
from console.readiness import Unready, live, ready, unready
from console.session import Session, pass_session


@click.group(cls=Section)
def health() -> None:
    """Answer as /healthz and /readyz do, whether or not the console runs."""


@health.command("live")
@pass_session
def live_(session: Session) -> None:
    """Say that the command and its settings work; nothing else is asked."""
    _ = session.loaded
    session.printer.show("health", live(), lambda: session.printer.line("ok"))


@health.command("ready")
@pass_session
def ready_(session: Session) -> Exit:
    """Say whether the database, its schema and Redis are as work needs them."""
    problems = _problems(session)

    def draw() -> None:
        for each in problems:
            session.printer.line(each.said)
        if not problems:
            session.printer.line("ok")

    session.printer.show("health", ready(problems), draw)
    return problems[0].code if problems else Exit.OK


def _problems(session: Session) -> list[Unready]:
    """Look at the database as it is: a probe makes none."""
    from guestlist.store.database import Database

    if session.is_new:
        return [Unready("database: there is none yet", Exit.CONFIG)]
    database = Database(session.loaded.settings.database_url)
    try:
        return unready(database, session.loaded)
    finally:
        database.dispose()


@click.command()
@pass_session
def metrics(session: Session) -> None:
    """Print the numbers of /metrics, in the words of Prometheus; no CRM is asked."""
    from console.web.metrics import Numbers, exposition, families

    numbers = Numbers(session.services, session.loaded)
    if session.printer.json:
        session.printer.show("metrics", {"metrics": families(numbers)}, lambda: None)
    else:
        click.echo(exposition(numbers), nl=False)
