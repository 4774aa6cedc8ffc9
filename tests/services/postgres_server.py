"""A private PostgreSQL cluster on a unix socket, tuned to forget: one a test process."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.services.processes import missing, running, wait_until

# A test's data need not survive a power cut.
FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "",
}


def postgres_binaries() -> Path | None:
    """Debian keeps the server's programs off PATH, by version."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if newest := max(versions, key=lambda path: float(path.parts[-3]), default=None):
        return newest.parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class Cluster:
    """A cluster on disk, whose server may be started, killed and started again."""

    def __init__(self, binaries: Path, directory: Path, **settings: str) -> None:
        self.directory = directory
        """Of its socket too; its superuser is `postgres`."""
        self.user = _unprivileged(directory)
        """Whose its processes are; ``None``: ours."""
        data = directory / "data"
        _initialise(binaries, data, user=self.user)
        self._command = _server(binaries, data, settings)

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the server, in a process group of its own, until the block ends."""
        log = self.directory / "log"
        with running(self._command, log=log, user=self.user, own_group=True) as process:
            wait_until(self.answers, what="PostgreSQL")
            yield process

    def answers(self) -> bool:
        return _answers(self.directory)


@contextmanager
def cluster(**settings: str) -> Iterator[Cluster]:
    """Give a fresh cluster that nobody serves yet."""
    binaries = postgres_binaries()
    if binaries is None:
        missing("PostgreSQL", remedy="install postgresql")
    # Not pytest's directory: a socket's path holds at most 107 characters.
    directory = Path(tempfile.mkdtemp(prefix="guestlist-pg-", dir="/tmp"))
    try:
        yield Cluster(binaries, directory, **settings)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def running_postgres() -> Iterator[Path]:
    """Give the socket directory of a fresh cluster; its superuser is `postgres`."""
    with cluster() as made, made.serving():
        yield made.directory


def new_database(socket_directory: Path, name: str) -> str:
    """Create an empty database; its URL."""
    _execute(socket_directory, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"postgresql+psycopg://postgres@/{name}?host={socket_directory}"


@contextmanager
def fresh_database(socket_directory: Path) -> Iterator[str]:
    """Give the URL of an empty database, dropped at the end with whoever is still connected."""
    name = f"guestlist_{uuid4().hex[:12]}"
    url = new_database(socket_directory, name)
    try:
        yield url
    finally:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        _execute(socket_directory, drop)


def _unprivileged(directory: Path) -> str | None:
    """PostgreSQL refuses to run as root; then its own system user, or nobody, gets the folder."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in known else "nobody"
    shutil.chown(directory, user)
    return user


def _initialise(binaries: Path, data: Path, *, user: str | None) -> None:
    command: list[str | Path] = [
        *(binaries / "initdb", "-D", data, "--username=postgres", "--auth=trust"),
        *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
    ]
    subprocess.run(command, check=True, capture_output=True, user=user)


def _server(binaries: Path, data: Path, settings: Mapping[str, str]) -> list[str | Path]:
    chosen = {**FORGETFUL, **settings, "unix_socket_directories": str(data.parent)}
    options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    return [binaries / "postgres", "-D", data, *options]


def _connect(socket_directory: Path) -> psycopg.Connection:
    return psycopg.connect(
        host=str(socket_directory), user="postgres", dbname="postgres", autocommit=True
    )


def _execute(socket_directory: Path, statement: sql.Composed) -> None:
    with _connect(socket_directory) as connection:
        connection.execute(statement)


def _answers(socket_directory: Path) -> bool:
    try:
        _connect(socket_directory).close()
    except psycopg.OperationalError:
        return False
    return True
