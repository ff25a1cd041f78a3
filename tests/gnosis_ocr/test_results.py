from __future__ import annotations

from pathlib import Path
from typing import get_args

import httpx
import pytest

from cluster.settings import FORMATS
from gnosis_ocr import FormatNotAvailable, PageFailed, ResultNotReady, ServerUnreachable, TextFormat
from gnosis_ocr.exchange import PAUSES_S
from tests.gnosis_ocr.canned_wire import LOST, Caller, Pieces, Wire, problem

PDF = b"%PDF-1.7\n" + b"x" * 100_000


def in_pieces(*pieces: bytes, fault: Exception | None = None) -> httpx.Response:
    return httpx.Response(200, stream=Pieces(*pieces, fault=fault))


def test_results(caller: Caller) -> None:
    wire = Wire(httpx.Response(200, content="Größe".encode()))
    assert caller.call(wire, "result", "j") == "Größe".encode()
    assert caller.call(wire, "result_text", "j", "txt") == "Größe"
    assert caller.call(wire, "text", "j", 3) == "Größe"
    assert caller.call(wire, "image", "j", 3) == "Größe".encode()
    paths = ("result?format=md", "result?format=txt", "pages/3/text", "pages/3/image")
    assert wire.lines == [f"GET /api/jobs/j/{path}" for path in paths]


def test_knows_every_format_of_the_server_that_is_text() -> None:
    assert {*get_args(TextFormat), "pdf"} == set(FORMATS)


def test_refusals(caller: Caller) -> None:
    with pytest.raises(ResultNotReady):
        caller.call(Wire(problem(409, "result_not_ready")), "result", "j")
    with pytest.raises(PageFailed):
        caller.call(Wire(problem(409, "page_failed")), "text", "j", 1)


def test_a_download_is_a_file_when_it_is_whole(caller: Caller, tmp_path: Path) -> None:
    path = tmp_path / "out.pdf"
    wire = Wire(in_pieces(PDF[:1000], PDF[1000:]))
    assert caller.call(wire, "download", "j", "pdf", str(path)) == path
    assert path.read_bytes() == PDF
    assert list(tmp_path.iterdir()) == [path]
    assert wire.lines == ["GET /api/jobs/j/result?format=pdf"]


def test_a_download_that_breaks_is_begun_again(caller: Caller, tmp_path: Path) -> None:
    path = tmp_path / "out.pdf"
    path.write_bytes(b"the one before")

    def again(request: httpx.Request) -> httpx.Response:
        assert path.read_bytes() == b"the one before"
        return in_pieces(PDF)

    wire = Wire(problem(503, "overloaded"), in_pieces(PDF[:1000], fault=LOST), again)
    caller.call(wire, "download", "j", "pdf", path)
    assert path.read_bytes() == PDF
    assert wire.slept == [PAUSES_S[0], PAUSES_S[0]]


def test_a_download_that_comes_to_nothing_leaves_nothing(caller: Caller, tmp_path: Path) -> None:
    broken = [in_pieces(PDF[:1000], fault=LOST) for _ in range(1 + len(PAUSES_S))]
    with pytest.raises(ServerUnreachable):
        caller.call(Wire(*broken), "download", "j", "pdf", tmp_path / "out.pdf")
    with pytest.raises(FormatNotAvailable):
        caller.call(Wire(problem(409, "format_not_available")), "download", "j", "pdf", tmp_path / "out.pdf")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        caller.call(Wire(in_pieces(PDF)), "download", "j", "pdf", tmp_path / "absent" / "out.pdf")
    with pytest.raises(IsADirectoryError):
        caller.call(Wire(in_pieces(PDF)), "download", "j", "pdf", tmp_path)
    assert list(tmp_path.iterdir()) == []
