"""Take a credential from a person or a pipe, and keep it where the settings find it."""

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from console.keeping import keep_secret, point_to
from console.session import Refusal, Session
from guestlist.connectors.allowance import allowances
from guestlist.connectors.local import LocalLimiter
from schemas.settings import Secret, Settings

DOTENV = Path(".env")


def uncounted(settings: Settings) -> LocalLimiter:
    """Return a limiter of this process alone: a first try needs no Redis."""
    return LocalLimiter(allowances(settings))


def ask(session: Session, words: str, option: str) -> str:
    """Return what a person types."""
    if not session.can_ask:
        raise Refusal(f"{words} is not set", fix=f"give it with {option}")
    return str(click.prompt(words, err=True)).strip()


def ask_secret(session: Session, words: str) -> Secret:
    """Return what is typed unseen, or what standard input holds."""
    if session.can_ask:
        text = str(click.prompt(words, hide_input=True, err=True))
    else:
        text = "" if sys.stdin.isatty() else sys.stdin.read()
    if not text.strip():
        raise Refusal(f"{words}: nothing was given", fix="type it, or pass it on standard input")
    return Secret(text.strip())


def keep(session: Session, name: str, secret: Secret, plain: Mapping[str, str]) -> None:
    """Keep the secret in its file, and point ``.env`` to it; plain values go there as they are."""
    folder = session.loaded.settings.state_dir / "secrets"
    path = keep_secret(folder, name.replace(".", "_"), secret.reveal())
    variable = variable_of(name)
    section = name.partition(".")[0]
    values = {f"{variable}_FILE": str(path)}
    values |= {variable_of(f"{section}.{key}"): value for key, value in plain.items()}
    point_to(session.folder / DOTENV, values, without=[variable])
    session.printer.say(f"kept in {path} (readable by you alone)")
    session.printer.say(f".env now has {variable}_FILE={path}")
    if session.loaded.source(name).startswith("env"):
        session.printer.warn(f"{variable} is also set in the environment, which wins: unset it")


def variable_of(name: str) -> str:
    """Return the environment variable of a setting."""
    return "GUESTLIST_" + name.replace(".", "_").upper()
