"""The queries of the dashboards and the alert rules, and what they name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
DASHBOARDS = REPOSITORY / "deploy" / "grafana" / "dashboards"
ALERTS = REPOSITORY / "deploy" / "prometheus" / "alerts.yml"

_SELECTOR = re.compile(r"(ray_gnosis_\w+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"([^\"]*)\"")
_GROUPING = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")


@dataclass(frozen=True)
class Query:
    """where: the dashboard and panel, or the alert. expression: PromQL, with Grafana's variables."""

    where: str
    expression: str

    @property
    def selectors(self) -> list[tuple[str, dict[str, str]]]:
        """The series named, with what is asked of their labels."""
        return [(name, dict(_MATCHER.findall(matchers or ""))) for name, matchers in _SELECTOR.findall(self.expression)]

    @property
    def grouped_by(self) -> set[str]:
        return {
            label.strip()
            for labels in _GROUPING.findall(self.expression)
            for label in labels.split(",")
            if label.strip()
        }


def dashboards() -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))}


def panel_queries() -> Iterator[Query]:
    for name, dashboard in dashboards().items():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                yield Query(f"{name}: {panel['title']}", target["expr"])


def alert_rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alert_queries() -> Iterator[Query]:
    for rule in alert_rules():
        yield Query(rule["alert"], rule["expr"])
