"""Dashboards, alert rules and the documents name metrics that there are, with labels that these have."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from cluster.metrics import ALL, Kind, Metric, metrics_table
from tests.deploy.queries import (
    ALERTS,
    REPOSITORY,
    Query,
    alert_queries,
    alert_rules,
    dashboards,
    panel_queries,
)
from tests.test_docs import anchor_of

EXPORTED: dict[str, Metric] = {name: metric for metric in ALL for name in metric.exported}
RUNBOOK = REPOSITORY / "docs" / "operations.md"
PER_JOB = {"job", "job_id", "user", "email", "document", "page", "filename", "session"}


def labels_of(name: str) -> set[str]:
    metric = EXPORTED[name]
    return {*metric.labels, *({"le"} if name.endswith("_bucket") else ())}


@pytest.mark.parametrize("query", [*panel_queries(), *alert_queries()], ids=lambda query: query.where)
def test_a_query_names_metrics_and_labels_that_are_exported(query: Query) -> None:
    assert query.selectors, "it asks for nothing of ours"
    for name, matchers in query.selectors:
        assert name in EXPORTED, f"{name} is no metric of cluster/metrics.py"
        assert matchers.keys() <= labels_of(name), f"{name} has no such label"
    assert query.grouped_by <= {label for name, _ in query.selectors for label in labels_of(name)}


def test_every_metric_is_on_a_dashboard() -> None:
    shown = {EXPORTED[name] for query in panel_queries() for name, _ in query.selectors}
    assert {metric.name for metric in ALL} - {metric.name for metric in shown} == set()


def test_no_metric_is_labelled_by_job_or_user() -> None:
    assert not {metric.name for metric in ALL if PER_JOB & set(metric.labels)}


def test_names_are_unique_and_histograms_have_buckets() -> None:
    assert len({metric.name for metric in ALL}) == len(ALL)
    for metric in ALL:
        assert metric.name.startswith("gnosis_")
        assert (metric.kind is Kind.HISTOGRAM) == bool(metric.buckets), metric.name
        assert list(metric.buckets) == sorted(set(metric.buckets)), metric.name


@pytest.mark.parametrize("name", ["overview", "pool", "storage", "api"])
def test_a_dashboard_can_be_provisioned_beside_others(name: str) -> None:
    dashboard = dashboards()[name]
    assert dashboard["uid"] == f"gnosis-ocr-{name}"
    assert "gnosis-ocr" in dashboard["tags"]
    assert [variable["name"] for variable in dashboard["templating"]["list"]] == ["datasource"]
    ids = [panel["id"] for panel in dashboard["panels"]]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids) == len(set(places)) > 5
    for panel in dashboard["panels"]:
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    for rule in alert_rules():
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["annotations"].keys() == {"summary", "action", "runbook"}, rule["alert"]


def test_every_alert_leads_to_its_section_of_the_runbook_and_there_is_no_other() -> None:
    text = RUNBOOK.read_text("utf-8").partition("\n## Runbook\n")[2].partition("\n## ")[0]
    sections = re.findall(r"^### (\w+)$", text, re.MULTILINE)
    assert sorted(sections) == sorted(rule["alert"] for rule in alert_rules())
    for rule in alert_rules():
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{anchor_of(rule['alert'])}"


def test_panels_that_the_runbook_names_are_there() -> None:
    titles = {panel["title"] for dashboard in dashboards().values() for panel in dashboard["panels"]}
    named = set(
        re.findall(
            r"(?<!\*)\*([^*\n]+)\*(?!\*)", re.sub(r"```.*?```|`[^`]*`", "", RUNBOOK.read_text("utf-8"), flags=re.S)
        )
    )
    assert len(named) > 8
    assert named <= titles


def test_the_documented_table_is_the_code_s() -> None:
    document = (REPOSITORY / "docs" / "metrics.md").read_text("utf-8")
    assert metrics_table() in document, "print it with python -m cluster.metrics"
    for rule in alert_rules():
        assert f"`{rule['alert']}`" in document


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (apt-get install prometheus) is not installed")
@pytest.mark.parametrize("command", [["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]])
def test_promtool_accepts_the_alert_rules_and_their_tests_pass(command: list[str]) -> None:
    done = subprocess.run(["promtool", *command], cwd=ALERTS.parent, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
