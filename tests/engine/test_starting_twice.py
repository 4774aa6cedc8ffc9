from collections.abc import Callable
from threading import Barrier, Thread

import pytest

from guestlist.domain.errors import Misconfigured
from guestlist.engine.auditing import start_audit
from guestlist.engine.launch import start_list
from guestlist.store import runs
from guestlist.store.runs import Run
from tests.engine.conftest import Install


@pytest.mark.parametrize("begin", [start_list, start_audit])
def test_of_many_who_start_one_run_at_once_one_does(
    install: Install, begin: Callable[..., Run]
) -> None:
    here = install()
    here.contacts(3)
    everybody = [here.worker() for _ in range(4)]
    for services in everybody:
        services.inclusions.current(services.schemas.object("contacts"))
        services.schemas.compiled("contacts")
    together, refused = Barrier(len(everybody)), []

    def start(number: int) -> None:
        together.wait()
        try:
            begin(everybody[number], "contacts", by=f"person {number}")
        except Misconfigured as error:
            refused.append(str(error))

    threads = [Thread(target=start, args=(number,)) for number in range(len(everybody))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with here.services.database.read() as connection:
        assert len(runs.recent(connection)) == 1
    assert len(refused) == len(everybody) - 1
