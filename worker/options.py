"""Celery's options, from our settings."""

import ssl
from collections.abc import Sequence
from typing import Any

from schemas.settings import Lane, PollSettings, Settings
from worker.queues import (
    ALERT,
    POLL_AUDIT,
    POLL_FORMULAS,
    POLL_HUBSPOT,
    POLL_JOINS,
    POLL_LEAVES,
    POLL_SALESFORCE,
    PRUNE,
    QUEUES,
    ROUTES,
    SWEEP,
)
from worker.task import SWEEP_EVERY_S

VISIBILITY_TIMEOUT_S = 900
"""A message not acknowledged for this long is delivered again; far above any task's duration."""
TICK_S = 60.0
"""What is due seldom is asked for this often: the store knows when it is time."""
PRUNE_EVERY_S = 600.0
ALERT_EVERY_S = 30.0
"""How often it is looked for what is wrong."""


def chosen_pool(arguments: Sequence[str]) -> str:
    """Return the pool for a worker: threads, as it mostly waits, unless *arguments* say prefork.

    Celery takes ``--pool prefork`` for its default and lets the configured pool overrule it.
    """
    asked = " ".join(arguments)
    words = ("-P prefork", "--pool prefork", "-Pprefork", "--pool=prefork")
    return "prefork" if any(word in asked for word in words) else "threads"


def celery_options(settings: Settings, *, pool: str = "threads") -> dict[str, Any]:
    """Return what ``app.conf`` should hold.

    Early acknowledgement would lose what a killed worker held; a result backend would
    store a key per task that nobody reads; task events are Flower's only source.
    """
    transport: dict[str, Any] = {"visibility_timeout": VISIBILITY_TIMEOUT_S}
    if settings.broker_url.startswith(("redis", "rediss")):
        transport |= {
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_keepalive": True,
        }
    return {
        "broker_url": settings.broker_url,
        "broker_use_ssl": _tls(settings.broker_url),
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_channel_error_retry": True,
        "broker_transport_options": transport,
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": 600,
        "task_queues": QUEUES,
        "task_default_queue": Lane.UPKEEP.value,
        "task_default_exchange": "guestlist",
        "task_create_missing_queues": False,
        "task_routes": ROUTES,
        "task_send_sent_event": False,
        "worker_pool": pool,
        "worker_consumer": "worker.consumer:Consumer",
        "worker_concurrency": 8,
        "worker_prefetch_multiplier": 1,
        "worker_send_task_events": True,
        "worker_soft_shutdown_timeout": 30,
        "worker_enable_remote_control": True,
        "worker_hijack_root_logger": False,
        "beat_scheduler": "worker.heartbeat:HeartbeatScheduler",
        "beat_schedule": beat_schedule(settings.polls),
        "beat_schedule_filename": str(settings.state_dir / "beat-schedule"),
        "timezone": "UTC",
        "enable_utc": True,
    }


def beat_schedule(polls: PollSettings) -> dict[str, dict[str, Any]]:
    """Return what beat asks for, and how often; no tick outlives the next."""
    return {
        task.rpartition(".")[2]: {
            "task": task,
            "schedule": every_s,
            "options": {"expires": every_s},
        }
        for task, every_s in _ticks(polls).items()
    }


def _tls(broker: str) -> dict[str, Any] | None:
    """Return how the broker proves who it is; ``None``: it talks in plain text.

    Unless told, kombu checks no certificate of a Redis, and says so in a warning.
    """
    if broker.startswith("rediss://"):
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    if broker.startswith("amqps://"):
        return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": None}
    return None


def _ticks(polls: PollSettings) -> dict[str, float]:
    """Return how often beat asks for each task; a tick that comes too early does nothing."""
    return {
        SWEEP: SWEEP_EVERY_S,
        POLL_HUBSPOT: polls.hubspot_s,
        POLL_SALESFORCE: polls.salesforce_s,
        POLL_JOINS: polls.joins_s,
        POLL_LEAVES: min(polls.leaves_s, TICK_S),
        POLL_FORMULAS: min(polls.formulas_s, TICK_S),
        POLL_AUDIT: min(polls.audit_s, TICK_S),
        PRUNE: PRUNE_EVERY_S,
        ALERT: ALERT_EVERY_S,
    }
