from threading import Barrier, Thread

from guestlist.domain.errors import Misconfigured
from guestlist.engine.launch import start_list
from guestlist.store import runs
from tests.engine.conftest import Install


def test_of_many_who_start_one_list_at_once_one_does(install: Install) -> None:
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
            start_list(everybody[number], "contacts", by=f"person {number}")
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
