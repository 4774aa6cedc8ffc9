"""jsforce from npm, installed once outside the tree, and what it saw of the sandbox."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.services.processes import missing

HERE = Path(__file__).parent / "jsforce"
PATIENCE = 180
"""Seconds for npm to fetch a hundred small packages."""


def visit(given: Mapping[str, str]) -> dict[str, Any]:
    """Run the script of `jsforce/` against a sandbox; what each of its visits returned, by name."""
    node = shutil.which("node")
    if node is None:
        missing("Node", remedy="install nodejs and npm")
    command = [node, str(HERE / "visit.mjs"), f"{_installed()}/", json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def _installed() -> Path:
    """The folder with the locked packages; made by the first run, whole or not at all."""
    lock = (HERE / "package-lock.json").read_bytes()
    place = _cache() / f"jsforce-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=place.parent) as scratch:
            fresh = Path(scratch) / "fresh"
            _install(fresh)
            _move(fresh, place)
    return place


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "guestlist-tests"


def _install(into: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        missing("npm", remedy="install nodejs and npm")
    into.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, into)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command, cwd=into, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode != 0:
        missing("jsforce", remedy=f"let npm reach its registry: {done.stderr[-300:]}")


def _move(fresh: Path, place: Path) -> None:
    """Another test process may have been quicker; both hold the same."""
    try:
        fresh.rename(place)
    except OSError:
        if not place.exists():
            raise
