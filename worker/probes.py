"""Is the worker alive, is it ready?  ``python -m worker.probes live|ready`` for container checks.

Answered from the age of a file, without a broker: a broker outage is no reason to restart workers.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

BEAT_EVERY_S = 5.0
STALE_AFTER_S = 30.0
LIVE, READY = "live", "ready"


def probe_dir(environ: Mapping[str, str]) -> Path:
    """Where this machine's or container's processes leave their files."""
    named = environ.get("GUESTLIST_PROBE_DIR", "").strip()
    return Path(named) if named else Path(tempfile.gettempdir()) / f"guestlist-{os.getuid()}"


def mark(folder: Path, node: str, kind: str) -> None:
    """Say now that *node* is alive, or ready."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / f"{node}.{kind}").touch()


def clear(folder: Path, node: str) -> None:
    for kind in (LIVE, READY):
        (folder / f"{node}.{kind}").unlink(missing_ok=True)


def problem(folder: Path, kind: str, *, now: float, node: str = "*") -> str | None:
    """Why the answer is no; ``None``: yes.  Every node that left a heartbeat has to be well."""
    beats = sorted(folder.glob(f"{node}.{LIVE}"))
    if not beats:
        return f"no heartbeat in {folder}"
    for beat in beats:
        age = now - beat.stat().st_mtime
        if age > STALE_AFTER_S:
            return f"{beat.stem}: last heartbeat {age:.0f} s ago"
        if kind == READY and not beat.with_name(f"{beat.stem}.{READY}").exists():
            return f"{beat.stem}: not ready yet"
    return None


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m worker.probes", description=__doc__)
    parser.add_argument("kind", choices=(LIVE, READY))
    parser.add_argument("--node", default="*", help="one node, e.g. celery@host; default: all here")
    given = parser.parse_args(arguments)
    why = problem(probe_dir(environ), given.kind, now=time.time(), node=given.node)
    print(why or "ok", file=sys.stderr if why else sys.stdout)
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
