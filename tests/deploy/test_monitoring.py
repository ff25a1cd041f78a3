"""deploy/kubernetes/monitoring: what Prometheus' operator is given finds our pods and has our rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.deploy.kustomize import built, containers
from tests.deploy.queries import ALERTS, alert_rules

KUBERNETES = Path(__file__).resolve().parent.parent.parent / "deploy" / "kubernetes"
MONITORING = KUBERNETES / "monitoring"


def test_the_pod_monitor_finds_every_pod_of_ray_by_a_port_that_it_has() -> None:
    monitor = yaml.safe_load((MONITORING / "pod-monitor.yaml").read_text("utf-8"))["spec"]
    (endpoint,) = monitor["podMetricsEndpoints"]
    (service,) = [one for one in built(KUBERNETES / "overlays" / "gpu-l4") if one["kind"] == "RayService"]
    assert monitor["namespaceSelector"]["matchNames"] == [service["metadata"]["namespace"]]
    cluster = service["spec"]["rayClusterConfig"]
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        template = group["template"]
        assert monitor["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        (container,) = containers(template["spec"])
        assert {port["name"]: port["containerPort"] for port in container["ports"]}[endpoint["port"]] == 8080


def test_the_network_lets_in_the_namespace_that_scrapes() -> None:
    monitor = yaml.safe_load((MONITORING / "pod-monitor.yaml").read_text("utf-8"))
    (policy,) = [
        one
        for one in built(KUBERNETES / "overlays" / "cpu")
        if (one["kind"], one["metadata"]["name"]) == ("NetworkPolicy", "gnosis-ocr")
    ]
    (rule,) = [rule for rule in policy["spec"]["ingress"] if [port["port"] for port in rule.get("ports", [])] == [8080]]
    (source,) = rule["from"]
    assert source["namespaceSelector"]["matchLabels"] == {
        "kubernetes.io/metadata.name": monitor["metadata"]["namespace"]
    }


def test_the_rules_stand_under_the_head_of_a_prometheus_rule() -> None:
    """As the command in docs/operations.md puts them there."""
    rules = "".join(f"  {line}\n" for line in ALERTS.read_text("utf-8").splitlines())
    made: dict[str, Any] = yaml.safe_load((MONITORING / "rule-head.yaml").read_text("utf-8") + rules)
    assert made["kind"] == "PrometheusRule"
    assert [rule for group in made["spec"]["groups"] for rule in group["rules"]] == alert_rules()
