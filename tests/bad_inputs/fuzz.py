"""Let atheris at the parsers of the CRMs' answers.

    python -m tests.bad_inputs.fuzz -max_total_time=60

Not part of the tests and not in the lock: atheris ships no wheel for every platform.  Install it
into a copy of the environment (``pip install atheris``); what it finds becomes a line of
``test_answers.ANSWERS``.
"""

import sys
from importlib import import_module
from typing import Any

STATUSES = (200, 201, 204, 207, 302, 400, 401, 403, 404, 409, 429, 477, 500, 503)


def main() -> int:
    """Fuzz until told to stop, or until something is found."""
    try:
        atheris: Any = import_module("atheris")
    except ImportError:
        sys.stderr.write("atheris is not installed: pip install atheris\n")
        return 69
    with atheris.instrument_imports(include=["guestlist.connectors"]):
        answers: Any = import_module("tests.bad_inputs.answers")
        errors: Any = import_module("guestlist.domain.errors")

    def one(data: bytes) -> None:
        """Give one call one answer; anything but an error of ours is a finding."""
        if len(data) < 2:
            return
        call = answers.CALLS[data[0] % len(answers.CALLS)]
        status = STATUSES[data[1] % len(STATUSES)]
        try:
            call.make(answers.Said(status, answers.JSON, data[2:]))
        except errors.SyncError:
            return

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
