"""What processes cost, asked of the kernel; Linux only."""

import os
import platform
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")


def described() -> str:
    """Name the machine in one line."""
    cores = os.cpu_count()
    return f"{platform.platform()}, {cores} cores, Python {platform.python_version()}"


def yardstick() -> float:
    """Return the CPU milliseconds of a fixed loop: more where other programs use the machine."""
    before = time.process_time()
    sum(number * number for number in range(1_000_000))
    return 1000 * (time.process_time() - before)


def load() -> float:
    """Return the load average of the last minute: what else this machine did."""
    return os.getloadavg()[0]


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process, its threads, and its children ended or running."""
    own = sum(_times(pid))
    return own + sum(cpu_seconds(child) for child in _children(pid))


def peak_mb(pid: int) -> float:
    """Return the largest resident size a process ever had, in megabytes."""
    return _status(pid).get("VmHWM", 0) / 1024


def now_mb(pid: int) -> float:
    return _status(pid).get("VmRSS", 0) / 1024


def total_cpu(pids: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """Return CPU seconds by name of a group of processes."""
    return {name: sum(map(cpu_seconds, group)) for name, group in pids.items()}


def _times(pid: int) -> tuple[float, ...]:
    """Fields 14 to 17: own user and system time, and those of children that were waited for."""
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return tuple(int(field) / _TICKS for field in fields[11:15])


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in (PROC / str(pid) / "task").iterdir():
        try:
            found += map(int, (task / "children").read_text().split())
        except FileNotFoundError:
            continue  # a thread that has just ended, or a kernel without the file
    return found


def _status(pid: int) -> dict[str, int]:
    lines = (PROC / str(pid) / "status").read_text().splitlines()
    pairs = (line.partition(":") for line in lines if line.endswith("kB"))
    return {name: int(value.split()[0]) for name, _, value in pairs}
