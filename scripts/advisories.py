"""Hold every package of requirements.lock against the public advisories.

Ends with 1 when an advisory names a package of the lock, or one could not be looked up although
the advisories answer.  When they do not answer at all nothing was checked: it says so, loudly, and
ends with 0, so that work goes on without a network; ``--required`` ends with 69 then, as the
weekly job of CI asks for.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

import requests

ADVISORIES = "https://api.osv.dev"
UNREACHABLE = 69
NOT_CHECKED = "advisories: NOT CHECKED, {why}; run `make advisories` where they can be reached"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the lock, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--required", action="store_true", help="fail if they do not answer")
    parser.add_argument("--at", default=ADVISORIES, help="another server with the same API")
    parser.add_argument("--lock", default="requirements.lock")
    asked = parser.parse_args(arguments)
    if why := unreachable(asked.at):
        return _not_checked(why, required=asked.required)
    done = subprocess.run(
        _command(asked.at, asked.lock), capture_output=True, text=True, check=False
    )
    if done.returncode and (why := unreachable(asked.at)):
        return _not_checked(why, required=asked.required)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return 1 if done.returncode else 0


def unreachable(address: str) -> str:
    """Return why the advisories can not be asked; empty: they answer."""
    try:
        answer = requests.get(address, timeout=10, allow_redirects=False)
    except requests.RequestException as error:
        return f"{address} does not answer ({type(error).__name__})"
    return f"{address} answers {answer.status_code}" if answer.status_code >= 500 else ""


def _command(address: str, lock: str) -> list[str]:
    """Strict: a package that could not be looked up is a failure, not a line in passing."""
    audit = [sys.executable, "-m", "pip_audit", "--strict", "--progress-spinner", "off"]
    where = ["--vulnerability-service", "osv"]
    if address != ADVISORIES:
        where += ["--osv-url", f"{address}/v1/query"]
    return [*audit, *where, "--disable-pip", "--require-hashes", "--requirement", lock]


def _not_checked(why: str, *, required: bool) -> int:
    words = NOT_CHECKED.format(why=why)
    sys.stderr.write(f"{words}\n")
    if os.environ.get("GITHUB_ACTIONS"):
        sys.stdout.write(f"::warning title=advisories::{words}\n")
    return UNREACHABLE if required else 0


if __name__ == "__main__":
    sys.exit(main())
