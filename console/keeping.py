"""Keep a credential in a file of its own, and point the settings to it.

Files are replaced as a whole: whoever reads one meanwhile finds the old or the new, never half.
"""

import os
from collections.abc import Collection, Mapping
from pathlib import Path


def keep_secret(folder: Path, name: str, secret: str) -> Path:
    """Write *secret* where only its owner reads it, and return the file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    _replace(path, f"{secret}\n")
    return path


def drop_secret(folder: Path, name: str) -> bool:
    """Remove the file of a secret; ``False``: there was none."""
    path = folder / name
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def point_to(dotenv: Path, values: Mapping[str, str], *, without: Collection[str] = ()) -> None:
    """Set *values* in the ``.env`` file, and take *without*, which they replace, out of it."""
    lines = dotenv.read_text(encoding="utf-8").splitlines() if dotenv.exists() else []
    names = {*values, *without}
    kept = [line for line in lines if _name(line) not in names]
    added = [f"{name}={value}" for name, value in values.items()]
    _replace(dotenv, "\n".join([*kept, *added]) + "\n")


def _replace(path: Path, text: str) -> None:
    """Write a file anew, readable by its owner alone, and put it in the place of the old one."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as to:
        to.write(text)
        to.flush()
        os.fsync(to.fileno())
    new.replace(path)


def _name(line: str) -> str:
    """Return the variable a line sets; a comment sets none."""
    return line.partition("=")[0].strip().removeprefix("export ").strip()
