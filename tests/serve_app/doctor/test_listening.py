from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from cluster.settings import load_settings
from serve_app.doctor.finding import Verdict
from serve_app.doctor.listening import check_ports, why_taken
from tests.ports import free_port
from tests.served_app import served


@contextmanager
def answering(path: str, content: dict[str, str]) -> Iterator[int]:
    async def answer(request: object) -> JSONResponse:
        return JSONResponse(content)

    with served(Starlette(routes=[Route(path, answer)])) as url:
        yield int(url.rpartition(":")[2])


def test_free_ports() -> None:
    findings = check_ports(load_settings(port=free_port(), dashboard_port=free_port()))
    assert [finding.verdict for finding in findings] == [Verdict.OK, Verdict.OK]
    assert all(finding.found.endswith("is free") for finding in findings)


def test_ports_that_are_ours() -> None:
    with answering("/healthz", {"status": "ok"}) as port, answering("/api/version", {"ray_version": "2"}) as dashboard:
        findings = check_ports(load_settings(port=port, dashboard_port=dashboard))
    assert [finding.verdict for finding in findings] == [Verdict.OK, Verdict.OK]
    assert [finding.found.partition(" ")[2] for finding in findings] == [
        "is that of a server that runs",
        "is that of a Ray cluster that runs",
    ]


@pytest.mark.parametrize("content", [{"status": "else"}, {}])
def test_ports_that_are_somebody_elses(content: dict[str, str]) -> None:
    with answering("/healthz", content) as port:
        findings = check_ports(load_settings(port=port, dashboard_port=port))
    assert [finding.verdict for finding in findings] == [Verdict.FAULT, Verdict.FAULT]
    assert ["GNOSIS_PORT" in findings[0].mend, "GNOSIS_DASHBOARD_PORT" in findings[1].mend] == [True, True]


def test_a_port_on_which_nothing_speaks_http() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        assert check_ports(load_settings(port=port, dashboard_port=free_port()))[0].verdict is Verdict.FAULT


def test_a_host_that_is_not_this_machine_s() -> None:
    assert why_taken("192.0.2.1", free_port()) is not None
