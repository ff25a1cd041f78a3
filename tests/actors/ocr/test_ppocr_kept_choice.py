from __future__ import annotations

from pathlib import Path

import pytest

from actors.ocr import ppocr_kept_choice
from actors.ocr.ppocr_kept_choice import KeptChoice


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "recognizer.onnx"
    path.write_bytes(b"weights")
    return path


def test_what_was_kept_is_read_by_the_next_life(tmp_path: Path, network: Path) -> None:
    folder = tmp_path / "not" / "there"
    assert KeptChoice(folder, 2, network).read() is None
    KeptChoice(folder, 2, network).keep("openvino")
    assert KeptChoice(folder, 2, network).read() == "openvino"
    KeptChoice(folder, 2, network).keep("onnxruntime")
    assert KeptChoice(folder, 2, network).read() == "onnxruntime"
    assert len(list(folder.iterdir())) == 1


def test_it_holds_for_the_same_situation_alone(tmp_path: Path, network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KeptChoice(tmp_path, 2, network).keep("openvino")
    assert KeptChoice(tmp_path, 3, network).read() is None
    assert KeptChoice(tmp_path, 2, network, boot="the machine's next start").read() is None
    other = network.with_name("other.onnx")
    other.write_bytes(b"weights")
    assert KeptChoice(tmp_path, 2, other).read() is None
    with monkeypatch.context() as patch:
        patch.setattr(ppocr_kept_choice, "version", lambda package: f"{package}-next")
        assert KeptChoice(tmp_path, 2, network).read() is None
    with monkeypatch.context() as patch:
        patch.setattr(ppocr_kept_choice, "_processor", lambda: "another one")
        assert KeptChoice(tmp_path, 2, network).read() is None
    with monkeypatch.context() as patch:
        patch.setattr("os.cpu_count", lambda: 1000)
        assert KeptChoice(tmp_path, 2, network).read() is None
    network.write_bytes(b"other weights")
    assert KeptChoice(tmp_path, 2, network).read() is None


def test_a_package_that_is_not_installed_is_a_situation_too(
    tmp_path: Path, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ppocr_kept_choice, "PACKAGES", ("no-such-package",))
    KeptChoice(tmp_path, 2, network).keep("onnxruntime")
    assert KeptChoice(tmp_path, 2, network).read() == "onnxruntime"


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_an_empty_file_is_none(content: bytes, tmp_path: Path, network: Path) -> None:
    choice = KeptChoice(tmp_path, 2, network)
    choice.path.write_bytes(content)
    assert choice.read() is None


def test_rubbish_is_read_in_bounds(tmp_path: Path, network: Path) -> None:
    choice = KeptChoice(tmp_path, 2, network)
    choice.path.write_bytes(b"\xff" * 5000)
    read = choice.read()
    assert read is not None
    assert len(read) <= ppocr_kept_choice.MOST_BYTES


def test_a_folder_that_can_t_be_written_is_no_failure(
    tmp_path: Path, network: Path, caplog: pytest.LogCaptureFixture
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    choice = KeptChoice(in_the_way / "folder", 2, network)
    choice.keep("openvino")
    assert choice.read() is None
    assert "could not be kept" in caplog.text


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object) -> None:
        raise OSError("the disk is full")

    folder = tmp_path / "kept"
    monkeypatch.setattr("actors.ocr.cache_folder.os.replace", full)
    KeptChoice(folder, 2, network).keep("openvino")
    assert list(folder.iterdir()) == []
