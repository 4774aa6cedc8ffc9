"""The ``guestlist`` command: one table of commands, each loaded when it is used."""

import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click
from click.exceptions import NoSuchCommand
from click.shell_completion import CompletionItem

from console.exits import Exit, Told, tell
from console.options import with_shared
from console.printer import Printer
from console.session import Declined, Refusal, Session


class Entry(NamedTuple):
    """Where a command is, and its line in the help."""

    target: str
    help: str


COMMANDS = {
    "demo": Entry("console.demo.command:demo", "Sync a made-up list on this machine, with proof."),
    "init": Entry("console.commands.init:init", "Write the settings files to fill in."),
    "connect": Entry("console.commands.connect:connect", "Give and test the CRMs' credentials."),
    "disconnect": Entry("console.commands.disconnect:disconnect", "Revoke and remove credentials."),
    "keys": Entry("console.commands.keys:keys", "The keys that seal tokens in the database."),
    "doctor": Entry("console.commands.doctor:doctor", "Check everything once; say what to mend."),
    "list": Entry("console.commands.list:list_", "Choose who syncs: the inclusion list."),
    "plan": Entry("console.commands.plan:plan", "Show what a sync would do; write nothing."),
    "sync": Entry("console.commands.sync:sync", "Start, watch, pause, resume, cancel a run."),
    "import": Entry("console.commands.import_:import_", "Bring people from Salesforce in."),
    "follow": Entry("console.commands.follow:follow", "Keep it in step from now on, or stop."),
    "audit": Entry("console.commands.audit:audit", "Compare everything now, and mend the drift."),
    "audit-log": Entry("console.commands.audit_log:audit_log", "Read and verify who did what."),
    "runs": Entry("console.commands.runs:runs", "Look at runs and their records."),
    "explain": Entry("console.commands.explain:explain", "Say why a record did or did not sync."),
    "errors": Entry("console.commands.errors:errors", "Look at sync errors, retry, ignore them."),
    "conflicts": Entry("console.commands.conflicts:conflicts", "Look at lost edits; restore them."),
    "forget": Entry("console.commands.forget:forget", "Erase what is kept of one person."),
    "alerts": Entry("console.commands.alerts:alerts", "Look at alerts; send a test message."),
    "mapping": Entry("console.commands.mapping:mapping", "Show and check what maps to what."),
    "schema": Entry("console.commands.schema:schema", "Read both CRMs' fields; see what changed."),
    "config": Entry("console.commands.config:config", "Show and check the settings."),
    "database": Entry("console.commands.database:database", "Bring the database up to date."),
    "worker": Entry("console.commands.processes:worker", "Run a Celery worker."),
    "beat": Entry("console.commands.processes:beat", "Run Celery's clock; one is enough."),
    "web": Entry("console.commands.web:web", "Serve the web pages and the REST API."),
    "flower": Entry("console.commands.processes:flower", "Run Flower, to watch the workers."),
    "health": Entry("console.commands.health:health", "Is it alive, could it work: for probes."),
    "metrics": Entry("console.commands.health:metrics", "Print the numbers of /metrics."),
    "completion": Entry("console.commands.completion:completion", "Print a shell's completion."),
    "version": Entry("console.commands.version:version", "Print the version."),
}


class Root(click.Group):
    """Loads a command when it is called, and ends with the exit code of what happened."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name].target.partition(":")
            command: click.Command = getattr(import_module(module), attribute)
            self.add_command(with_shared(command), cmd_name)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as unknown:
            # Click looks for a similar name among the commands that are loaded: none, here.
            raise NoSuchCommand(unknown.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = [
            CompletionItem(name, help=entry.help)
            for name, entry in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> NoReturn:
        """Run a command line and exit."""
        line = list(sys.argv[1:] if args is None else args)
        named["standalone_mode"] = False
        _speak_everywhere()
        if any(_is_no_text(word) for word in line):
            sys.exit(_refuse(Refusal("an argument is not text: its bytes are not UTF-8"), line))
        try:
            result = super().main(line, *rest, **named)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(Exit.INTERRUPTED)
        except Exception as error:  # noqa: BLE001
            sys.exit(_refuse(error, line))
        sys.exit(result if isinstance(result, int) else Exit.OK)


def _speak_everywhere() -> None:
    """Have a terminal that is not UTF-8 show what it can not spell as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _is_no_text(word: str) -> bool:
    """Tell an argument whose bytes are no UTF-8: Python hands them on as lone surrogates."""
    return any("\ud800" <= each <= "\udfff" for each in word)


def _refuse(error: Exception, line: Sequence[str]) -> Exit:
    """Tell what went wrong, as far as possible in the way the line asked for."""
    printer = Printer(json="--json" in line, plain="--no-color" in line)
    match error:
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            return Exit.USAGE
        case Declined():
            printer.say("nothing was done")
            return Exit.PARTIAL
        case Refusal():
            told = error.told
        case click.ClickException():
            told = Told(Exit.USAGE, error.format_message(), fix=_usage(error))
        case OSError(filename=str() | Path() as file, strerror=str() as words):
            told = Told(Exit.USAGE, f"{file}: {words}")
        case OSError(errno=errno.ENOSPC, strerror=str() as words):
            told = Told(Exit.PARTIAL, f"not everything could be written: {words}")
        case _:
            told = tell(error)
            if told.code is Exit.BUG and {"-v", "-vv", "--verbose"} & set(line):
                traceback.print_exception(error)
    with suppress(OSError):  # standard output may be what is full
        printer.refuse(told)
    return told.code


def _usage(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path} --help" if context else ""


@click.group("guestlist", cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="guestlist", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Keep HubSpot and Salesforce in step for the members of one list, and nobody else."""
    context.obj = Session(context.meta, context.obj)
    context.call_on_close(context.obj.close)


with_shared(cli)


def main() -> NoReturn:
    """Be the ``guestlist`` command."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    cli.main(prog_name="guestlist")
