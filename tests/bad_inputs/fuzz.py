"""Let atheris at the parsers of the CRMs' answers.

    python -m tests.bad_inputs.fuzz -runs=100000

Not part of the tests and not in the lock: atheris ships no wheel for every platform.  Install it
into a copy of the environment (``pip install atheris``); what it finds becomes a line of
``test_answers.ANSWERS``.
"""

import sys
from importlib import import_module
from typing import Any

from guestlist.domain.errors import SyncError
from tests.bad_inputs.answers import CALLS, JSON, Said

STATUSES = (200, 201, 204, 207, 302, 400, 401, 403, 404, 409, 429, 477, 500, 503)


def one(data: bytes) -> None:
    """Give one call one answer; anything but an error of ours is a finding."""
    if len(data) < 2:
        return
    call = CALLS[data[0] % len(CALLS)]
    status = STATUSES[data[1] % len(STATUSES)]
    try:
        call.make(Said(status, JSON, data[2:]))
    except SyncError:
        return


def main() -> int:
    """Fuzz until told to stop, or until something is found."""
    try:
        atheris: Any = import_module("atheris")
    except ImportError:
        sys.stderr.write("atheris is not installed: pip install atheris\n")
        return 69
    atheris.instrument_all()
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
