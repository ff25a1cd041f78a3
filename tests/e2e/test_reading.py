"""Real documents through a real cluster with the real engine: what a user gets, and the record on the way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest
from PIL import Image

from cluster.settings import FORMATS
from tests.actors.render import documents
from tests.e2e.live_cluster import TERMINAL, LiveCluster, live_cluster
from tests.e2e.words import recall

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCluster]:
    with live_cluster(tmp_path_factory.mktemp("store"), engines="rapidocr") as running:
        yield running


def follow(cluster: LiveCluster, job_id: str) -> list[dict[str, Any]]:
    """Every version of the record that a client sees, by long-polling."""
    seen: list[dict[str, Any]] = []
    etag = ""
    while not seen or seen[-1]["status"] not in TERMINAL:
        answer = cluster.http.get(
            f"/api/jobs/{job_id}/status", params={"wait": "20"} if etag else {}, headers={"If-None-Match": etag}
        )
        if answer.status_code == 304:
            continue
        assert answer.status_code == 200, answer.text
        etag = answer.headers["etag"]
        seen.append(answer.json())
    return seen


def text_of(cluster: LiveCluster, job_id: str, page: int) -> str:
    answer = cluster.http.get(f"/api/jobs/{job_id}/pages/{page}/text")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_single_image_makes_a_proper_record(cluster: LiveCluster, own_samples: Path) -> None:
    job_id = cluster.submit(own_samples / "letter.png")
    record = cluster.ended(job_id)
    assert (record["status"], record["percent"], record["current_step"]) == ("completed", 100, "completed")
    assert record["file_info"]["filename"] == "letter.png"
    assert record["file_info"]["file_type"] == "png"
    assert record["file_info"]["total_pages"] == 1
    page = record["pages"]["1"]
    assert (page["status"], page["image"], page["result_file"]) == (
        "completed",
        "page_001.png",
        "page_001_result.txt",
    )
    assert page["error"] is None
    assert page["processing_started_at"] <= page["processing_completed_at"]
    stored = next(cluster.store.rglob(f"{job_id}/processing.json"))
    assert stored.read_bytes() == cluster.http.get(f"/api/jobs/{job_id}/status").content


@pytest.mark.parametrize("name", ["letter", "columns", "form"])
def test_own_samples_are_read(cluster: LiveCluster, own_samples: Path, name: str) -> None:
    job_id = cluster.submit(own_samples / f"{name}.pdf")
    record = cluster.ended(job_id)
    assert record["status"] == "completed"
    read = cluster.http.get(f"/api/jobs/{job_id}/result", params={"format": "txt"}).text
    assert recall(read, (own_samples / f"{name}.txt").read_text()) >= 0.9


def test_columns_are_read_in_order_and_the_record_tells_of_the_layout_step(
    cluster: LiveCluster, own_samples: Path
) -> None:
    job_id = cluster.submit(own_samples / "columns.pdf")
    page = cluster.ended(job_id)["pages"]["1"]
    assert page["layout"].startswith("pymupdf-layout-")
    assert page["layout_ms"] > 0
    assert page["reason"] is None
    headings = ["Night trains return to the coast", "Library opens its map room", "Bees on the roof of the school"]
    for name in ("md", "txt"):
        output = cluster.http.get(f"/api/jobs/{job_id}/result", params={"format": name}).text
        places = [output.index(text) for text in (*headings, "Water level", "Notices", "The choir looks")]
        assert places == sorted(places)
        assert "The first one left Oldbridge on Saturday at 22:40 with 146 passengers" in output
        assert all(f"# {heading}\n" in output for heading in headings) is (name == "md")


def test_every_format_of_a_document(cluster: LiveCluster, own_samples: Path) -> None:
    """What each of them holds is tested apart; here, that all are made, stored and served."""
    original, truth = (own_samples / "letter.pdf").read_bytes(), (own_samples / "letter.txt").read_text()
    job_id = cluster.submit(own_samples / "letter.pdf", mode="ocr")
    record = cluster.ended(job_id)
    assert (set(record["outputs"]), record["outputs_missing"]) == (set(FORMATS), {})

    def fetched(name: str) -> bytes:
        answer = cluster.http.get(f"/api/jobs/{job_id}/result", params={"format": name})
        assert answer.status_code == 200, answer.text
        return answer.content

    pages = orjson.loads(fetched("json"))["pages"]
    assert recall(" ".join(line["text"] for page in pages for line in page["lines"]), truth) >= 0.9
    pdf = fetched("pdf")
    assert pdf.startswith(original)
    assert len(pdf) > len(original)
    assert recall(" ".join(ElementTree.fromstring(fetched("hocr")).itertext()), truth) >= 0.9
    strings = [one.get("CONTENT") or "" for one in ElementTree.fromstring(fetched("alto")).iter() if one.get("CONTENT")]
    assert recall(" ".join(strings), truth) >= 0.85, "words that are split by hyphens are so here"
    with zipfile.ZipFile(io.BytesIO(fetched("zip"))) as archive:
        assert archive.testzip() is None
        outputs = {"letter.md", "letter.txt", "letter.json", "letter.pdf", "letter.hocr", "letter.alto.xml"}
        assert set(archive.namelist()) == outputs | {"images/page_001.png", "text/page_001.txt"}
        assert archive.read("letter.pdf") == pdf


@pytest.mark.samples
def test_linn_is_read(cluster: LiveCluster, real_samples: Path) -> None:
    job_id = cluster.submit(real_samples / "linn.pdf")
    assert cluster.ended(job_id)["status"] == "completed"
    truth = (real_samples / "linn.txt").read_text()
    assert recall(text_of(cluster, job_id, 1), truth) >= 0.9
    markdown = cluster.http.get(f"/api/jobs/{job_id}/result")
    assert markdown.headers["content-type"].startswith("text/markdown")
    assert recall(markdown.text, truth) >= 0.9


@pytest.mark.samples
def test_cardinal_shows_extraction_and_reading_apart(cluster: LiveCluster, real_samples: Path) -> None:
    job_id = cluster.submit(real_samples / "cardinal.pdf")
    seen = follow(cluster, job_id)
    percents = [record["percent"] for record in seen]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert {record["current_step"] for record in seen} >= {"ocr_processing", "completed"}
    assert any(record["pages_extracted"] > record["pages_completed"] for record in seen)
    assert any(0 < record["pages_completed"] < 4 for record in seen), "each page's completion is seen"
    assert recall(text_of(cluster, job_id, 1), (real_samples / "linn.txt").read_text()) >= 0.9


@pytest.mark.samples
def test_typewriter_is_read(cluster: LiveCluster, real_samples: Path) -> None:
    job_id = cluster.submit(real_samples / "typewriter.png")
    assert cluster.ended(job_id)["status"] == "completed"
    assert "Linzensoep à la Waterman" in text_of(cluster, job_id, 1)


@pytest.mark.samples
@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("invalid.pdf", {}, "document_damaged"),
        ("libreoffice-writer-password.pdf", {}, "document_encrypted"),
        ("libreoffice-writer-password.pdf", {"password": "wrong"}, "password_wrong"),
        ("linn.pdf", {"pages": "2-3"}, "page_range_invalid"),
    ],
)
def test_bad_documents_fail_with_their_reason(
    cluster: LiveCluster, real_samples: Path, name: str, options: dict[str, str], code: str
) -> None:
    record = cluster.ended(cluster.submit(real_samples / name, **options))
    assert (record["status"], record["error"]["code"]) == ("failed", code)
    assert "password" not in str(record["options"])


@pytest.mark.samples
def test_a_password_opens_a_document_and_is_kept_nowhere(cluster: LiveCluster, real_samples: Path) -> None:
    job_id = cluster.submit(real_samples / "libreoffice-writer-password.pdf", password="openpassword")
    assert cluster.ended(job_id)["status"] == "completed"
    for path in cluster.store.rglob("*"):
        if path.is_file():
            assert b"openpassword" not in path.read_bytes()


@pytest.mark.samples
@pytest.mark.parametrize("name", ["hugemono.pdf", "poster.pdf", "enormous.pdf"])
def test_huge_pages_are_read_small_or_refused_alone(cluster: LiveCluster, real_samples: Path, name: str) -> None:
    record = cluster.ended(cluster.submit(real_samples / name))
    if record["status"] != "completed":
        assert record["pages"]["1"]["error"]["code"] == "page_too_large"


def test_a_born_digital_document_is_drawn_only_where_somebody_asks_for_a_picture(
    cluster: LiveCluster, tmp_path: Path
) -> None:
    path = tmp_path / "born-digital.pdf"
    path.write_bytes(documents.pdf(3))
    job_id = cluster.submit(path, layout="plain")
    record = cluster.ended(job_id)
    assert (record["status"], record["pages_extracted"]) == ("completed", 3)
    assert {(page["source"], page["image"]) for page in record["pages"].values()} == {("embedded", None)}
    assert text_of(cluster, job_id, 2) == "This is page 2"
    assert not list(cluster.store.rglob(f"{job_id}/page_*.png"))
    for _ in range(2):
        picture = cluster.http.get(f"/api/jobs/{job_id}/pages/2/image")
        assert picture.status_code == 200, picture.text
        assert Image.open(io.BytesIO(picture.content)).size == (834, 1250)
    assert [image.name for image in cluster.store.rglob(f"{job_id}/page_*.png")] == ["page_002.png"]
    arranged = cluster.ended(cluster.submit(path, pages="1"))
    assert arranged["pages"]["1"]["layout"].startswith("pymupdf-layout")


def test_there_is_no_other_status_file(cluster: LiveCluster) -> None:
    names = {path.name for path in cluster.store.rglob("*")}
    assert "processing.json" in names
    assert not names & {"status.json", "metadata.json"}
