"""The double over HTTP: answers like the cloud's, what it refuses, and faults on order."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.cloud_storage.double import CloudDouble, Outage
from tests.cloud_storage.faults import CloudFault, FaultKind
from tests.cloud_storage.objects import crc32c
from tests.cloud_storage.server import CloudServer

OBJECTS, UPLOADS = "/storage/v1/b/bucket/o", "/upload/storage/v1/b/bucket/o"


@pytest.fixture
def http(cloud_server: CloudServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=cloud_server.url, trust_env=False) as client:
        yield client


def upload(http: httpx.Client, name: str, data: bytes, **query: Any) -> httpx.Response:
    return http.post(UPLOADS, params={"uploadType": "media", "name": name, **query}, content=data)


def names(cloud: CloudDouble) -> list[str]:
    return [found.name for found in cloud.buckets["bucket"].list("", "", 1000)[0]]


def test_a_download_says_generation_and_checksum(http: httpx.Client) -> None:
    stored = upload(http, "a/ä b", b"content").json()
    assert (stored["name"], stored["size"], stored["crc32c"]) == ("a/ä b", "7", crc32c(b"content"))
    for path in (f"{OBJECTS}/{quote('a/ä b', safe='')}", f"/download{OBJECTS}/{quote('a/ä b', safe='')}"):
        answer = http.get(path, params={"alt": "media"})
        assert answer.content == b"content"
        assert answer.headers["x-goog-generation"] == stored["generation"]
        assert answer.headers["x-goog-hash"] == f"crc32c={crc32c(b'content')}"
        assert answer.headers["x-goog-stored-content-length"] == "7"


@pytest.mark.parametrize(
    ("wanted", "status", "content", "span"),
    [
        ("0-2", 206, b"012", "bytes 0-2/10"),
        ("8-99", 206, b"89", "bytes 8-9/10"),
        ("4-", 206, b"456789", "bytes 4-9/10"),
        ("10-12", 416, b"", "bytes */10"),
    ],
)
def test_ranges(http: httpx.Client, wanted: str, status: int, content: bytes, span: str) -> None:
    upload(http, "a", b"0123456789")
    answer = http.get(f"{OBJECTS}/a", params={"alt": "media"}, headers={"Range": f"bytes={wanted}"})
    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (status, content, span)


def test_preconditions(http: httpx.Client, cloud: CloudDouble) -> None:
    first = upload(http, "a", b"1", ifGenerationMatch=0).json()["generation"]
    refused = upload(http, "a", b"2", ifGenerationMatch=0)
    assert refused.status_code == 412
    assert refused.json()["error"]["errors"][0]["reason"] == "conditionNotMet"
    assert http.delete(f"{OBJECTS}/a", params={"ifGenerationMatch": int(first) + 1}).status_code == 412
    assert http.get(f"{OBJECTS}/a", params={"ifGenerationMatch": 1}).status_code == 412
    assert http.delete(f"{OBJECTS}/a", params={"ifGenerationMatch": first}).status_code == 204
    assert http.delete(f"{OBJECTS}/a", params={"ifGenerationMatch": first}).status_code == 404
    assert names(cloud) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{OBJECTS}?ifMetagenerationMatch=1"),
        ("GET", f"{OBJECTS}/a?ifGenerationNotMatch=1"),
        ("DELETE", f"{OBJECTS}/a?userProject=p"),
        ("POST", f"{UPLOADS}?uploadType=media&name=a&ifMetagenerationMatch=1"),
    ],
)
def test_a_parameter_that_is_not_built_is_refused(http: httpx.Client, method: str, path: str) -> None:
    assert http.request(method, path).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{OBJECTS}/absent", 404),
        ("GET", "/storage/v1/b/other/o", 404),
        ("GET", "/storage/v1/b/other", 404),
        ("GET", "/storage/v1/b/bucket", 200),
        ("PATCH", f"{OBJECTS}/a", 501),
        ("POST", f"{OBJECTS}/a/compose", 405),
        ("GET", "/elsewhere", 404),
        ("GET", "/_control/absent", 404),
    ],
)
def test_what_there_is_and_what_not(http: httpx.Client, method: str, path: str, status: int) -> None:
    assert http.request(method, path).status_code == status


def multipart(properties: dict[str, Any], data: bytes) -> tuple[dict[str, str], bytes]:
    parts = [b"content-type: application/json\r\n\r\n" + json.dumps(properties).encode()]
    parts.append(b"content-type: text/plain\r\n\r\n" + data)
    body = b"".join(b"--==1==\r\n" + part + b"\r\n" for part in parts) + b"--==1==--"
    return {"content-type": 'multipart/related; boundary="==1=="'}, body


def test_a_multipart_upload(http: httpx.Client) -> None:
    data = b"--not a boundary\r\n\r\n"
    headers, body = multipart({"name": "a", "metadata": {"k": "v"}, "crc32c": crc32c(data)}, data)
    answer = http.post(UPLOADS, params={"uploadType": "multipart"}, headers=headers, content=body)
    assert answer.json()["metadata"] == {"k": "v"}
    assert answer.json()["contentType"] == "text/plain"
    assert http.get(f"{OBJECTS}/a", params={"alt": "media"}).content == data


@pytest.mark.parametrize(
    "properties", [{"name": "a", "crc32c": crc32c(b"other")}, {"name": "a", "eventBasedHold": True}]
)
def test_a_multipart_upload_that_is_refused(http: httpx.Client, cloud: CloudDouble, properties: dict[str, Any]) -> None:
    headers, body = multipart(properties, b"data")
    answer = http.post(UPLOADS, params={"uploadType": "multipart"}, headers=headers, content=body)
    assert answer.status_code == 400
    assert names(cloud) == []


def test_what_is_stored_compressed_is_decompressed_for_those_who_do_not_take_it(http: httpx.Client) -> None:
    packed = gzip.compress(b"plain")
    headers, body = multipart({"name": "a", "contentEncoding": "gzip"}, packed)
    http.post(UPLOADS, params={"uploadType": "multipart"}, headers=headers, content=body)
    plain = http.get(f"{OBJECTS}/a", params={"alt": "media"}, headers={"Accept-Encoding": "identity"})
    assert plain.content == b"plain"
    assert "content-encoding" not in plain.headers
    taken = http.get(f"{OBJECTS}/a", params={"alt": "media"}, headers={"Accept-Encoding": "gzip"})
    assert (taken.headers["content-encoding"], taken.content) == ("gzip", b"plain")


def test_a_resumable_upload(http: httpx.Client, cloud: CloudDouble) -> None:
    begun = http.post(UPLOADS, params={"uploadType": "resumable"}, json={"name": "a"})
    url = begun.headers["location"]
    assert http.put(url, headers={"Content-Range": "bytes */*"}).status_code == 308
    half = http.put(url, headers={"Content-Range": "bytes 0-262143/*"}, content=b"x" * 262144)
    assert (half.status_code, half.headers["range"]) == (308, "bytes=0-262143")
    done = http.put(url, headers={"Content-Range": "bytes 262144-262146/262147"}, content=b"end")
    assert (done.status_code, done.json()["size"]) == (200, "262147")
    again = http.put(url, headers={"Content-Range": "bytes */*"})
    assert again.json() == done.json()
    assert cloud.operations == {"start": 1, "question": 2, "chunk": 2}


def test_an_upload_is_given_up(http: httpx.Client, cloud: CloudDouble) -> None:
    url = http.post(UPLOADS, params={"uploadType": "resumable"}, json={"name": "a"}).headers["location"]
    assert http.delete(url).status_code == 499
    assert http.put(url, headers={"Content-Range": "bytes */*"}).status_code == 404


def test_too_many_writes_of_one_name(http: httpx.Client, cloud: CloudDouble) -> None:
    cloud.limit.enforced = True
    assert [upload(http, "a", b"").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert http.delete(f"{OBJECTS}/a").status_code == 429
    assert upload(http, "b", b"").status_code == 200
    writes = http.get("/_control/writes").json()
    assert writes == {"bucket/a": {"written": 3, "refused": 2}, "bucket/b": {"written": 1, "refused": 0}}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FaultKind.UNAVAILABLE, 503),
        (FaultKind.THROTTLED, 429),
        (FaultKind.FORBIDDEN, 403),
        (FaultKind.UNAUTHORIZED, 401),
        (FaultKind.RESET_BEFORE, None),
    ],
)
def test_faults_before_the_act(http: httpx.Client, cloud: CloudDouble, kind: FaultKind, status: int | None) -> None:
    cloud.fail("upload", "a*", kind)
    assert upload(http, "b", b"").status_code == 200
    if status is None:
        with pytest.raises(httpx.NetworkError):
            upload(http, "a", b"")
    else:
        assert upload(http, "a", b"").status_code == status
    assert names(cloud) == ["b"]
    assert upload(http, "a", b"").status_code == 200


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.RESET_AFTER])
def test_faults_after_the_act(http: httpx.Client, cloud: CloudDouble, kind: FaultKind) -> None:
    cloud.fail("upload", "a", kind)
    if kind is FaultKind.RESET_AFTER:
        with pytest.raises(httpx.NetworkError):
            upload(http, "a", b"")
    else:
        assert upload(http, "a", b"").status_code == 503
    assert names(cloud) == ["a"]


def test_spoilt_bodies(http: httpx.Client, cloud: CloudDouble) -> None:
    upload(http, "a", b"0123456789")
    cloud.fail("download", "a", FaultKind.CORRUPT)
    cloud.fail("download", "a", FaultKind.TRUNCATED)
    corrupt = http.get(f"{OBJECTS}/a", params={"alt": "media"})
    assert (len(corrupt.content), corrupt.content[1:]) == (10, b"123456789")
    assert corrupt.content != b"0123456789"
    with pytest.raises(httpx.RemoteProtocolError):
        http.get(f"{OBJECTS}/a", params={"alt": "media"})


@pytest.mark.parametrize("kind", [FaultKind.SLOW, FaultKind.SLOW_ANSWER])
def test_slow_answers(http: httpx.Client, cloud: CloudDouble, kind: FaultKind) -> None:
    cloud.fail("upload", "a", kind, seconds=0.1)
    begun = time.monotonic()
    upload(http, "a", b"")
    assert 0.1 <= time.monotonic() - begun < 5


def test_a_chunk_that_is_taken_in_partly(http: httpx.Client, cloud: CloudDouble) -> None:
    url = http.post(UPLOADS, params={"uploadType": "resumable"}, json={"name": "a"}).headers["location"]
    cloud.fail("chunk", "a", FaultKind.PARTIAL)
    half = http.put(url, headers={"Content-Range": "bytes 0-524287/524288"}, content=b"x" * 524288)
    assert (half.status_code, half.headers["range"]) == (308, "bytes=0-262143")


def test_faults_count_and_skip(http: httpx.Client, cloud: CloudDouble) -> None:
    fault = cloud.fail("upload", "*", FaultKind.UNAVAILABLE, 2, skip=1)
    assert [upload(http, "a", b"").status_code for _ in range(4)] == [200, 503, 503, 200]
    assert fault.hits == 2
    cloud.fail("*", "*", FaultKind.UNAVAILABLE, None)
    assert upload(http, "a", b"").status_code == 503
    cloud.faults.clear()
    assert upload(http, "a", b"").status_code == 200


@pytest.mark.parametrize("order", [("write", FaultKind.SLOW), ("list", FaultKind.CORRUPT), ("*", FaultKind.PARTIAL)])
def test_faults_that_make_no_sense_are_refused(order: tuple[str, FaultKind]) -> None:
    with pytest.raises(ValueError, match=r"operation|download|chunk"):
        CloudFault(order[0], "*", order[1])


def test_an_outage(http: httpx.Client, cloud: CloudDouble) -> None:
    cloud.outage = Outage.UNAVAILABLE
    assert upload(http, "a", b"").status_code == 503
    assert http.get(OBJECTS).status_code == 503
    cloud.outage = Outage.RESET
    with pytest.raises(httpx.NetworkError):
        upload(http, "a", b"")
    assert http.get("/_control").json()["outage"] == "reset"
    cloud.outage = None
    assert names(cloud) == []
    assert upload(http, "a", b"").status_code == 200


def test_the_log(http: httpx.Client, cloud: CloudDouble) -> None:
    generation = int(upload(http, "a", b"").json()["generation"])
    upload(http, "a", b"", ifGenerationMatch=0)
    cloud.fail("delete", "a", FaultKind.RESET_AFTER)
    with pytest.raises(httpx.NetworkError):
        http.delete(f"{OBJECTS}/a")
    entries = cloud.entries()
    assert [(entry.number, entry.operation, entry.name, entry.status) for entry in entries] == [
        (1, "upload", "a", 200),
        (2, "upload", "a", 412),
        (3, "delete", "a", 0),
    ]
    assert entries[0].generation == generation
    assert [entry["number"] for entry in http.get("/_control/log", params={"after": 1}).json()] == [2, 3]
