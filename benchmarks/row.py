"""One line of the table."""

from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks import machine

ALLOWED = 19.0
"""HubSpot calls a second: 190 in 10 seconds."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one program spent on one workload."""

    workload: str
    who: str
    records: int
    seconds: float
    cpu_seconds: float
    """Of all its processes and its broker; the sandbox apart."""
    hubspot_calls: int = 0
    salesforce_calls: int = 0
    refused: int = 0
    """Calls that HubSpot answered with 429."""
    peak_mb: float = 0.0
    """The largest of its processes."""
    cpu_by: dict[str, float] = field(default_factory=dict)
    correct: bool = True
    """Judged by the sandbox's journal and records, never by what the program says."""
    note: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    load: float = 0.0
    """Load average of the machine when it ended."""
    yardstick_ms: float = field(default_factory=lambda: round(machine.yardstick(), 1))
    """CPU of a fixed loop when it ended: a busy machine makes all CPU time longer."""

    @property
    def cpu_ms_per_record(self) -> float:
        return 1000 * self.cpu_seconds / self.records if self.records else 0.0

    def per_thousand(self, calls: int) -> float:
        return 1000 * calls / self.records if self.records else 0.0

    def body(self) -> dict[str, Any]:
        """Return it for JSON, with what follows from it."""
        return {
            **asdict(self),
            "records_per_second": round(self.records / self.seconds, 1) if self.seconds else None,
            "cpu_seconds_per_1000": round(self.cpu_ms_per_record, 4),
            "hubspot_calls_per_1000": round(self.per_thousand(self.hubspot_calls), 2),
            "salesforce_calls_per_1000": round(self.per_thousand(self.salesforce_calls), 2),
            "allowance_s_per_1000": round(self.per_thousand(self.hubspot_calls) / ALLOWED, 3),
        }
