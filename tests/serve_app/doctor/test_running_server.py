from __future__ import annotations

import httpx
import pytest

from serve_app.doctor.finding import Finding
from serve_app.doctor.running_server import check_server


def checked(
    ready: httpx.Response | None,
    info: httpx.Response | None = None,
    *,
    named: bool = False,
    url: str = "http://ocr.example",
    key: str = "k",
) -> list[Finding]:
    """None: no answer."""

    def answer(request: httpx.Request) -> httpx.Response:
        is_first = request.url.path == "/readyz"
        assert request.headers.get("Authorization") == (None if is_first else f"Bearer {key}")
        told = ready if is_first else info
        if told is None:
            raise httpx.ConnectError("refused")
        return told

    return check_server(url, named=named, key=key, transport=httpx.MockTransport(answer))


READY = {"status": "ready", "missing": [], "version": "1.2.3"}


def test_ready() -> None:
    findings = checked(httpx.Response(200, json=READY), httpx.Response(200, json={}))
    assert [(finding.check, finding.verdict.value) for finding in findings] == [("server", "ok"), ("api key", "ok")]
    assert findings[0].found == "http://ocr.example is ready, version 1.2.3"


def test_what_is_missing_is_told() -> None:
    answer = httpx.Response(503, json={**READY, "missing": ["blob store: no answer"]})
    finding = checked(answer, httpx.Response(200, json={}))[0]
    assert (finding.verdict, "blob store: no answer" in finding.found) == ("fault", True)


@pytest.mark.parametrize(("named", "verdict"), [(True, "fault"), (False, "ok")])
def test_no_answer_is_a_fault_where_one_is_expected(named: bool, verdict: str) -> None:
    assert [finding.verdict.value for finding in checked(None, named=named)] == [verdict]


@pytest.mark.parametrize(
    "answer", [httpx.Response(200, text="hello"), httpx.Response(404, json={}), httpx.Response(200, json=[])]
)
def test_somebody_elses_server(answer: httpx.Response) -> None:
    (finding,) = checked(answer)
    assert (finding.verdict, "no server of gnosis-ocr" in finding.found) == ("fault", True)


def test_a_key_that_is_not_known() -> None:
    findings = checked(httpx.Response(200, json=READY), httpx.Response(401, json={}))
    assert findings[1].verdict == "fault"
    assert "does not know the key" in findings[1].found


def test_a_server_that_fails_is_a_warning() -> None:
    assert checked(httpx.Response(200, json=READY), httpx.Response(500))[1].verdict == "warning"
    assert len(checked(httpx.Response(200, json=READY), None)) == 1


def test_a_key_that_can_not_be_sent() -> None:
    findings = checked(httpx.Response(200, json=READY), httpx.Response(200, json={}), key="clé")
    assert [(finding.check, finding.verdict.value) for finding in findings] == [("server", "ok"), ("api key", "fault")]


def test_an_address_that_is_none() -> None:
    (finding,) = checked(None, url="http://ocr\x01.example", named=True)
    assert (finding.verdict, "is not an address" in finding.found) == ("fault", True)
