"""Keep a credential in a file of its own, and point the settings to it."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path


def keep_secret(folder: Path, name: str, secret: str) -> Path:
    """Write *secret* where only its owner reads it, and return the file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as to:
        os.fchmod(to.fileno(), 0o600)
        to.write(f"{secret}\n")
    return path


def point_to(dotenv: Path, values: Mapping[str, str], *, without: Collection[str] = ()) -> None:
    """Set *values* in the ``.env`` file, and take *without*, which they replace, out of it."""
    lines = dotenv.read_text(encoding="utf-8").splitlines() if dotenv.exists() else []
    names = {*values, *without}
    kept = [line for line in lines if _name(line) not in names]
    added = [f"{name}={value}" for name, value in values.items()]
    dotenv.touch(mode=0o600)
    dotenv.write_text("\n".join([*kept, *added]) + "\n", encoding="utf-8")


def _name(line: str) -> str:
    """Return the variable a line sets; a comment sets none."""
    return line.partition("=")[0].strip().removeprefix("export ").strip()
