"""Where the logs of a process go. In a process of its own, for logging is one for all of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.conftest import REPOSITORY

SCRIPT = """
import logging
from datetime import UTC, datetime
from cluster.audit import AuditEvent, Reason, audit
from cluster.telemetry import start_logging
start_logging()
start_logging()
logging.getLogger("cluster.somewhere").info("an everyday line")
audit(AuditEvent.JOB_DELETED, datetime(2026, 1, 1, tzinfo=UTC), Reason.USER, user="u", job_id="j")
"""


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GNOSIS_")}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=REPOSITORY,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_the_audit_log_is_apart_from_all_other_lines() -> None:
    done = run()
    assert orjson.loads(done.stdout)["event"] == "job_deleted"
    assert "an everyday line" in done.stderr
    assert "job_deleted" not in done.stderr


def test_the_audit_log_is_appended_to_its_file(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    for _ in range(2):
        assert run(GNOSIS_AUDIT_LOG=str(path)).stdout == ""
    lines = path.read_text().splitlines()
    assert [orjson.loads(line)["job_id"] for line in lines] == ["j", "j"]


@pytest.mark.parametrize("level", ["WARNING", "ERROR"])
def test_a_quiet_log_keeps_its_audit_lines(level: str) -> None:
    done = run(GNOSIS_LOG_LEVEL=level)
    assert orjson.loads(done.stdout)["job_id"] == "j"
    assert done.stderr == ""


def test_lines_are_json_where_that_is_asked_for() -> None:
    line = orjson.loads(run(GNOSIS_LOG_FORMAT="json").stderr)
    assert (line["message"], line["logger"], line["level"]) == ("an everyday line", "cluster.somewhere", "INFO")


def test_an_unknown_format_stops_the_start() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run(GNOSIS_LOG_FORMAT="xml")
    assert "GNOSIS_LOG_FORMAT is 'xml'; it must be text or json." in caught.value.stderr
