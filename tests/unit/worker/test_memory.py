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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux with glibc")
def test_what_eight_threads_needed_at_once_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(THREADS_GROW)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 20_000  # of eighty thousand kilobytes
