"""Backups as docs/operating.md says to make and restore them, on either database."""

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from guestlist.store.backup import back_up
from tests.services.postgres_server import postgres_binaries


def copy(url: str, to: Path) -> None:
    """Back a database up."""
    if url.startswith("sqlite"):
        back_up(url, to)
    else:
        _postgres("pg_dump", "--format=custom", f"--file={to}", url=url)


def restore(url: str, copied: Path) -> None:
    """Put a backup in the place of what is there; nobody may have it open."""
    if url.startswith("sqlite"):
        file = Path(str(make_url(url).database))
        for left in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
            left.unlink(missing_ok=True)
        shutil.copyfile(copied, file)
    else:
        _postgres("pg_restore", "--clean", "--if-exists", str(copied), url=url)


def _postgres(program: str, *options: str, url: str) -> None:
    parsed, binaries = make_url(url), postgres_binaries()
    assert binaries
    where = [f"--host={parsed.query['host']}", f"--dbname={parsed.database}", "--username=postgres"]
    environ = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    command = [str(binaries / program), *where, *options]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
