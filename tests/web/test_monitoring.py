"""docs/monitoring: every name in the dashboard and the rules is one that /metrics gives."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.core import Metric

from console.web.probes import numbers_of
from guestlist.engine import launch
from tests.web.conftest import Web

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "docs" / "monitoring"
OURS = re.compile(r"\bguestlist_\w+")
NAMES = (
    "guestlist_records_total",
    "guestlist_errors_open",
    "guestlist_api_calls_total",
    "guestlist_api_budget_remaining",
    "guestlist_lag_seconds",
    "guestlist_run_progress_ratio",
    "guestlist_queue_depth",
    "guestlist_list_members",
    "guestlist_worker_heartbeat_age_seconds",
)
"""What those who run syncs were promised."""


def rules() -> list[dict[str, Any]]:
    loaded = yaml.safe_load((MONITORING / "rules.yml").read_text())
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    return found


def expressions() -> list[str]:
    drawn = [target["expr"] for panel in panels() for target in panel["targets"]]
    return [rule["expr"] for rule in rules()] + drawn


@pytest.fixture
def families(admin: Web) -> dict[str, Metric]:
    """What /metrics gives, by name, once a run has ended, one waits, and contacts are followed."""
    admin.ended(launch.start_list(admin.site.services, "contacts", by="anna").id)
    admin.post("/follow", to="on")
    admin.console.workers.rest()
    launch.start_records(admin.site.services, "contacts", [admin.console.outside()], by="anna")
    admin.site.pulse.watch()
    admin.site.pulse.beat()
    return {
        f"{family.name}_total" if family.type == "counter" else family.name: family
        for family in numbers_of(admin.site).collect()
    }


def test_every_name_that_was_promised_is_given(families: dict[str, Metric]) -> None:
    assert set(NAMES) <= set(families)


def test_the_page_names_every_metric_and_no_other(families: dict[str, Metric]) -> None:
    page = (ROOT / "docs" / "console" / "monitoring.md").read_text()
    assert set(re.findall(r"^\| `(guestlist_\w+)`", page, flags=re.MULTILINE)) == set(families)


def test_every_name_of_the_dashboard_and_the_rules_is_given(families: dict[str, Metric]) -> None:
    named = {name for expression in expressions() for name in OURS.findall(expression)}
    assert named
    assert named <= set(families)


def test_every_label_they_use_is_one_of_that_metric(families: dict[str, Metric]) -> None:
    legends = [(t["expr"], t["legendFormat"]) for p in panels() for t in p["targets"]]
    legends += [(rule["expr"], str(rule["annotations"])) for rule in rules()]
    for expression, words in legends:
        labels = {
            label
            for name in OURS.findall(expression)
            for sample in families[name].samples
            for label in sample.labels
        }
        used = set(re.findall(r"\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}", words))
        used |= set(re.findall(r"(\w+)=~?\"", expression)) - {"job"}
        for grouped in re.findall(r"by \(([^)]*)\)", expression):
            used |= {label.strip() for label in grouped.split(",")}
        given = [name for name in OURS.findall(expression) if families[name].samples]
        assert not given or used <= labels, expression


def test_every_panel_has_its_place_and_its_source() -> None:
    taken: set[tuple[int, int]] = set()
    source = yaml.safe_load((MONITORING / "datasource.yml").read_text())["datasources"][0]
    for panel in panels():
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert panel["datasource"] == {"type": "prometheus", "uid": source["uid"]}
    assert len({panel["id"] for panel in panels()}) == len(panels())


def test_every_rule_says_what_is_wrong_and_what_to_do() -> None:
    for rule in rules():
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["what_to_do"]
        assert rule["labels"]["severity"] in {"warning", "critical"}


def test_compose_mounts_files_that_are_there_where_prometheus_and_grafana_look() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    files = {name: each["file"] for name, each in compose["configs"].items() if name != "guestlist"}
    assert {ROOT / file for file in files.values()} == set(MONITORING.iterdir())
    prometheus = compose["services"]["prometheus"]
    targets = {each["source"]: each["target"] for each in prometheus["configs"]}
    loaded = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    assert loaded["rule_files"] == [targets["rules"]]
    [job] = loaded["scrape_configs"]
    assert job["authorization"]["credentials_file"] == "/run/secrets/metrics_token"
    assert job["static_configs"][0]["targets"] == ["web:8080"]
    grafana = compose["services"]["grafana"]
    targets = {each["source"]: each["target"] for each in grafana["configs"]}
    [provider] = yaml.safe_load((MONITORING / "dashboards.yml").read_text())["providers"]
    assert Path(targets["dashboard"]).parent == Path(provider["options"]["path"])
    assert "${GRAFANA_PASSWORD:?" in grafana["environment"]["GF_SECURITY_ADMIN_PASSWORD"]
    assert grafana["environment"]["GF_AUTH_ANONYMOUS_ENABLED"] == "false"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
def test_promtool_takes_the_rules() -> None:
    command = ["promtool", "check", "rules", str(MONITORING / "rules.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
