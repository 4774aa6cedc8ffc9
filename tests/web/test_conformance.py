"""Schemathesis against the running API: no 5xx, and every answer is what the description says."""

from itertools import cycle
from typing import Any

import pytest
import schemathesis
from flask import Response, request, request_finished
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from guestlist.engine import launch
from tests.web.conftest import Web

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
]
EXAMPLES = 12


@pytest.mark.processes
def test_the_running_api_is_what_its_description_says(admin: Web) -> None:
    run = launch.start_list(admin.site.services, "contacts", by="test")
    admin.ended(run.id)
    admin.site.pulse.beat()
    header = admin.token()
    answered: dict[str, set[int]] = {}

    def note(_sender: object, response: Response, **_more: object) -> None:
        answered.setdefault(request.endpoint or "", set()).add(response.status_code)

    request_finished.connect(note, admin.app)
    with admin.serving() as url:
        schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json", headers=header)
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        assert len(operations) > 20
        real: dict[str, Any] = {
            "run_id": run.id,
            "toml": admin.get("/mapping/export.toml"),
            "list_id": admin.console.inclusion,
            "values": {"guards.brake_share": "0.3"},
        }
        for operation in operations:
            _hold(operation, header, real)
    silent = {
        name
        for name in admin.app.view_functions
        if name.startswith("api_") and not any(code < 300 for code in answered.get(name, ()))
    }
    assert silent <= {
        "api_brake.approve",
        "api_brake.reject",
        "api_brake.show",
        "api_changes.restore",
        "api_errors.retry",
        "api_lists.create",
        "api_mapping.put",
        "api_mapping.restore",
        "api_settings.restore",
        "api_records.show",
        "api_runs.act",
        "api_plans.show_plan",
        "api_plans.start",
        "api_plans.start_import",
        "api_system.revoke",
    }


def _hold(operation, header, real: dict[str, Any]) -> None:
    """Send made-up calls of one operation, and hold each answer against the description.

    Where a run or a mapping is asked for, half of the calls are about one that is there.
    """
    turn = cycle((True, False))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case) -> None:
        for sent in (case.path_parameters, case.body):
            if isinstance(sent, dict) and (known := real.keys() & sent.keys()) and next(turn):
                sent.update({name: real[name] for name in known})
        case.call_and_validate(headers=header, checks=CHECKS)

    check()
