"""The state of a new installation: a SQLite database that is not there yet."""

from pathlib import Path


def is_fresh(url: str) -> bool:
    """Tell whether *url* names a SQLite file that is not there.  Nothing is opened for it."""
    scheme, _, path = url.partition(":///")
    return scheme.startswith("sqlite") and not Path(path).exists()


def make_if_fresh(url: str, folder: Path) -> None:
    """Create a database that is not there, and *folder*; any other is upgraded on demand."""
    if is_fresh(url):
        from guestlist.store.schema import upgrade  # noqa: PLC0415 - seldom needed, and large

        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        upgrade(url)
