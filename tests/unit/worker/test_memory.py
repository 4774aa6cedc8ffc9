import subprocess
import sys
import textwrap

import pytest

THREADS_GROW = """
    import threading
    from worker.memory import one_heap

    assert one_heap()

    def size():
        with open("/proc/self/status") as status:
            return int(next(line for line in status if line.startswith("VmRSS")).split()[1])

    def batch():
        kept = [bytes(100_000) for _ in range(100)]  # ten megabytes, gone at the end
        started.wait()

    before = size()
    started = threading.Barrier(8)
    threads = [threading.Thread(target=batch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(size() - before)
"""


SELDOM = """
    import gc
    from celery.signals import worker_init
    from worker import memory

    memory.install()
    before = gc.get_threshold()
    worker_init.send(sender=None)
    print(gc.get_threshold()[0] > 10 * before[0], gc.get_freeze_count() > 0)
"""


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_worker_looks_for_cycles_seldom() -> None:
    assert run(SELDOM) == "True True"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux with glibc")
def test_what_eight_threads_needed_at_once_is_given_back() -> None:
    assert int(run(THREADS_GROW)) < 20_000  # of eighty thousand kilobytes
